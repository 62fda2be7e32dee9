"""Codes: how they are written and told apart. Pure."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from pyotp import TOTP, random_base32
from pyotp.exceptions import OTPVerificationError

from grants.accounts.models import BrowserSession
from grants.accounts.rights import Role

from .models import RECOVERY_CODES

PROOF_HOLDS = TIME_TO_PROVE = timedelta(minutes=15)
"""So long nobody is asked again, after they proved that it is them, and so long the second step waits for somebody who
gave their password."""
DRIFT = 1
"""A code counts 30 seconds before and after its time too: clocks differ, and people type slowly (RFC 6238, 5.2)."""

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""What a recovery code is made of: nothing that looks like another letter."""


def new_secret() -> str:
    """A secret for an authenticator app: 160 bits in base32."""
    return random_base32()


def address_of(secret: str, *, email: str, office: str) -> str:
    """What the picture for an authenticator app says (otpauth://)."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=office.replace(":", " "))


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """Which 30 seconds since 1970 a code is for, where it is one of about now."""
    digits = "".join(code.split())
    if not digits.isascii():
        return None
    try:
        return TOTP(secret).verify_and_get_timecode(digits, for_time=at, valid_window=DRIFT)
    except OTPVerificationError:
        return None


def new_codes() -> list[str]:
    """A set of recovery codes: 24 letters each, 118 bits, in groups of four. So long a secret needs no slow hash."""
    return ["-".join(_letters(4) for _ in range(6)) for _ in range(RECOVERY_CODES)]


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def tidy_code(text: str) -> str:
    """A recovery code however it is typed: without hyphens, blanks and capitals.

    >>> tidy_code(" ABCD efgh-jkmn PQRS ")
    'abcdefghjkmnpqrs'
    """
    return "".join(letter for letter in text.lower() if letter.isalnum())


def must_prove(session: BrowserSession, roles: frozenset[Role]) -> bool:
    """Whether a session needs the second step: its person has one, or has one of the `roles` that need it."""
    return session.needs_proof or bool(session.person.roles & roles)


def is_waited_for(session: BrowserSession, *, at: datetime) -> bool:
    """Whether the second step may still be given to a session whose person gave their password."""
    return at < session.made_at + TIME_TO_PROVE


def is_half(session: BrowserSession, roles: frozenset[Role]) -> bool:
    """Whether only the password was given in a session that needs more: it opens nothing yet."""
    return session.proved_at is None and must_prove(session, roles)


def asks_again(session: BrowserSession, roles: frozenset[Role], *, at: datetime) -> bool:
    """Whether somebody has to prove again that it is them, before something that counts."""
    if not must_prove(session, roles):
        return False
    return session.proved_at is None or at >= session.proved_at + PROOF_HOLDS
