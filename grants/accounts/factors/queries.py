"""What a person has to prove with that it is them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, or_, select

from grants.accounts.models import Person
from grants.foundation.records.db import db

from .models import AuthenticatorApp, Passkey, RecoveryCode


def has_any(person: Person) -> bool:
    """Whether the person has an app or a passkey. Recovery codes alone are for when these are lost."""
    return bool(
        db.session.scalar(
            select(
                or_(
                    select(AuthenticatorApp.person_id).where(AuthenticatorApp.person_id == person.id).exists(),
                    select(Passkey.id).where(Passkey.person_id == person.id).exists(),
                )
            )
        )
    )


def who_has_any(person_ids: Collection[int]) -> frozenset[int]:
    """Which of these people have an app or a passkey. One query."""
    apps = select(AuthenticatorApp.person_id).where(AuthenticatorApp.person_id.in_(person_ids))
    passkeys = select(Passkey.person_id).where(Passkey.person_id.in_(person_ids))
    return frozenset(db.session.scalars(apps.union(passkeys)))


def app_of(person: Person, *, lock: bool = False) -> AuthenticatorApp | None:
    """The person's authenticator app."""
    query = select(AuthenticatorApp).where(AuthenticatorApp.person_id == person.id)
    query = query.execution_options(populate_existing=True)
    return db.session.scalars(query.with_for_update() if lock else query).one_or_none()


def passkeys_of(person: Person) -> Sequence[Passkey]:
    """The person's passkeys, the oldest first: at most MOST_PASSKEYS."""
    return db.session.scalars(select(Passkey).where(Passkey.person_id == person.id).order_by(Passkey.id)).all()


def passkey_of(person: Person, credential_id: str, *, lock: bool = False) -> Passkey | None:
    """One of the person's passkeys, by what its device calls it."""
    query = select(Passkey).where(Passkey.person_id == person.id, Passkey.credential_id == credential_id)
    query = query.execution_options(populate_existing=True)
    return db.session.scalars(query.with_for_update() if lock else query).one_or_none()


def passkey_by_id(person: Person, passkey_id: int) -> Passkey | None:
    """One of the person's passkeys, by its number."""
    return db.session.scalars(
        select(Passkey).where(Passkey.person_id == person.id, Passkey.id == passkey_id)
    ).one_or_none()


def recovery_code(person: Person, digest: str) -> RecoveryCode | None:
    """A recovery code of the person that was not used, locked."""
    query = select(RecoveryCode).where(
        RecoveryCode.person_id == person.id, RecoveryCode.digest == digest, RecoveryCode.used_at.is_(None)
    )
    return db.session.scalars(query.execution_options(populate_existing=True).with_for_update()).one_or_none()


def had_codes(person: Person) -> bool:
    """Whether recovery codes were made for the person before, used or not."""
    made = select(RecoveryCode.id).where(RecoveryCode.person_id == person.id).limit(1)
    return db.session.scalar(made) is not None


def codes_left(person: Person) -> int:
    """How many recovery codes the person can still use."""
    query = select(func.count()).where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query) or 0
