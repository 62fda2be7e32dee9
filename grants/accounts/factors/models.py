"""What somebody proves with that it is them, besides the password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from grants.foundation.records.db import Id, Model

LONGEST_LABEL = 60
MOST_PASSKEYS = 10
RECOVERY_CODES = 10


class AuthenticatorApp(Model):
    """An app that shows a new code every 30 seconds (TOTP, RFC 6238). A person has at most one.

    Its secret is sealed under a key made from SECRET_KEY. `last_step` is that of the code that was used last: no code
    is taken twice, and none older than one that was taken.
    """

    __tablename__ = "authenticator_apps"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    sealed: Mapped[str]
    last_step: Mapped[int]
    made_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("last_step >= 0", name="step_is_counted"),)


class Passkey(Model):
    """A key that a phone, a computer or a stick keeps (WebAuthn). Here is its public half: it opens nothing.

    `credential_id` and `public_key` are base64url. A device counts its uses, unless it says 0 always.
    """

    __tablename__ = "passkeys"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    label: Mapped[str]
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[str]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("sign_count >= 0", name="uses_are_counted"),)


class RecoveryCode(Model):
    """A code on paper, for the day on which a phone is lost. Each works once; only digests are kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
