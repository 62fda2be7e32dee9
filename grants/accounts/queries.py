"""Named reads about people and organisations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import joinedload, selectinload

from grants.foundation.records.actors import Actor
from grants.foundation.records.db import db
from grants.foundation.values import clock
from grants.foundation.web.tables import contains

from .models import (
    BrowserSession,
    Invitation,
    Membership,
    Organisation,
    Person,
    RoleGrant,
    Token,
    TokenPurpose,
)
from .rights import HOLDERS, MemberRole, Right, Role

_WHOLE = (joinedload(Person.grants), joinedload(Person.memberships), joinedload(Person.former_memberships))
"""A person with roles and memberships, also those that ended, in one query."""


def browser_session(digest: str) -> BrowserSession | None:
    """A session that was not ended, with its person, their roles and memberships, in one query."""
    whose = joinedload(BrowserSession.person)
    query = (
        select(BrowserSession)
        .join(BrowserSession.person)
        .where(
            BrowserSession.digest == digest,
            BrowserSession.ended_at.is_(None),
            BrowserSession.person_key == Person.session_key,
        )
        .options(
            whose.joinedload(Person.grants),
            whose.joinedload(Person.memberships),
            whose.joinedload(Person.former_memberships),
        )
    )
    return db.session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()


SESSIONS_ORDER = ((BrowserSession.seen_at, True), (BrowserSession.id, True))


def open_sessions(person: Person, *, longest: timedelta, idle: timedelta | None) -> Select[BrowserSession]:
    """Where a person is signed in: sessions that were not ended, are not too old and were not left alone too long."""
    now = clock.now()
    query = select(BrowserSession).where(
        BrowserSession.person_id == person.id,
        BrowserSession.ended_at.is_(None),
        BrowserSession.person_key == person.session_key,
        BrowserSession.made_at > now - longest,
    )
    return query.where(BrowserSession.seen_at > now - idle) if idle else query


def session_of(person: Person, session_id: int) -> BrowserSession | None:
    """One of a person's sessions."""
    query = select(BrowserSession).where(BrowserSession.id == session_id, BrowserSession.person_id == person.id)
    return db.session.scalars(query.with_for_update()).one_or_none()


def has_used(person: Person, device_digest: str) -> bool | None:
    """Whether somebody was signed in with this browser before. None where they never were with any."""
    used = select(
        select(BrowserSession.id).where(BrowserSession.person_id == person.id).exists(),
        select(BrowserSession.id)
        .where(BrowserSession.person_id == person.id, BrowserSession.device_digest == device_digest)
        .exists(),
    )
    ever, here = db.session.execute(used).one()
    return bool(here) if ever else None


def person_by_id(person_id: int) -> Person | None:
    """A person with roles and memberships."""
    return _one(select(Person).where(Person.id == person_id).options(*_WHOLE))


def who_did(actor: Actor) -> Person | None:
    """The person who does a deed; None where a command does it."""
    return person_by_id(actor.person_id) if actor.person_id else None


def person_by_email(email: str) -> Person | None:
    """The person with an address, however it is typed."""
    key = email.strip().lower()
    if not key.isascii() or not key.isprintable():
        return None
    return _one(select(Person).where(Person.email == key).options(*_WHOLE))


def _one(query: Select[Person]) -> Person | None:
    return db.session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()


USABLE = (Person.disabled_at.is_(None), Person.email_confirmed_at.is_not(None))
"""Whose account may be used."""

PEOPLE_ORDER = ((Person.name, False), (Person.id, False))


def people(*, role: Role | None = None, words: str = "") -> Select[Person]:
    """Everybody with an account and their roles, or those with a role, or with these words in name or address."""
    query = select(Person).options(selectinload(Person.grants))
    if role:
        query = query.where(Person.grants.any(RoleGrant.role == role))
    if words:
        query = query.where(or_(contains(Person.name, words), contains(Person.email, words)))
    return query


def people_by_email(emails: Sequence[str]) -> list[Person]:
    """The people with these addresses and their roles and organisations, in the order in which they were made."""
    query = select(Person).where(Person.email.in_(emails)).options(*_WHOLE).order_by(Person.id)
    return list(db.session.scalars(query).unique())


def administrators() -> Sequence[Person]:
    """The administrators whose accounts are open."""
    query = select(Person).join(RoleGrant, RoleGrant.person_id == Person.id)
    return db.session.scalars(
        query.where(RoleGrant.role == Role.ADMINISTRATOR, Person.disabled_at.is_(None)).order_by(Person.id)
    ).all()


def others_who_may(right: Right, person: Person) -> list[Person]:
    """Everybody else with a right whose account may be used, with roles and memberships. One query."""
    holds = select(RoleGrant.person_id).where(RoleGrant.role.in_(sorted(HOLDERS[right])))
    query = (
        select(Person)
        .where(
            Person.id.in_(holds),
            Person.id != person.id,
            *USABLE,
        )
        .options(*_WHOLE)
        .order_by(Person.id)
    )
    return list(db.session.scalars(query).unique())


def organisation_of(person: Person, organisation_id: int) -> Organisation | None:
    """An organisation with its people, where this person belongs to it."""
    query = select(Organisation).join(Membership, Membership.organisation_id == Organisation.id)
    return (
        db.session.scalars(
            query.where(Organisation.id == organisation_id, Membership.person_id == person.id).options(
                joinedload(Organisation.memberships).joinedload(Membership.person)
            )
        )
        .unique()
        .one_or_none()
    )


def locked_organisation(organisation_id: int) -> Organisation:
    """An organisation with its people as they stand now, held until the end of the transaction."""
    query = select(Organisation).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    db.session.execute(query.with_only_columns(Organisation.id)).one()
    people = selectinload(Organisation.memberships).joinedload(Membership.person)
    anew = {"populate_existing": True}
    return db.session.scalars(
        select(Organisation).where(Organisation.id == organisation_id).options(people).execution_options(**anew)
    ).one()


def owners_of(organisation_id: int) -> Sequence[str]:
    """The names of the owners of an organisation whose accounts may be used, the first at the top."""
    query = select(Person.name).join(Membership, Membership.person_id == Person.id)
    query = query.where(Membership.organisation_id == organisation_id, Membership.role == MemberRole.OWNER, *USABLE)
    return db.session.scalars(query.order_by(Membership.made_at, Person.id)).all()


def members_of(*organisation_ids: int) -> list[Person]:
    """Whom mail to these groups goes to: every member of one whose account may be used. One query."""
    of_one = select(Membership.person_id).where(Membership.organisation_id.in_(organisation_ids))
    return list(db.session.scalars(select(Person).where(Person.id.in_(of_one), *USABLE).order_by(Person.id)))


def without_owner(person: Person, *, but: Person | None = None) -> Sequence[Organisation]:
    """The organisations of a person that have no owner who can sign in, or none `but` that one, with their people."""
    if not person.organisation_ids:
        return []
    owner = exists().where(
        Membership.organisation_id == Organisation.id,
        Membership.role == MemberRole.OWNER,
        Membership.person_id == Person.id,
        *USABLE,
    )
    owner = owner.where(Person.id != but.id) if but else owner
    query = select(Organisation).where(Organisation.id.in_(sorted(person.organisation_ids)), ~owner)
    people = joinedload(Organisation.memberships).joinedload(Membership.person)
    return db.session.scalars(query.options(people).order_by(Organisation.id)).unique().all()


def owned_alone(person: Person) -> list[Organisation]:
    """The organisations of which a person is the only owner who can sign in, with their people."""
    owned = {number for number, role in person.standing if role == MemberRole.OWNER}
    return [one for one in without_owner(person, but=person) if one.id in owned and person.is_active]


def open_invitations(organisation: Organisation) -> Sequence[Invitation]:
    """The invitations of an organisation that can still be accepted, oldest first."""
    query = select(Invitation).where(Invitation.organisation_id == organisation.id, Invitation.closed_at.is_(None))
    return db.session.scalars(query.where(Invitation.expires_at > clock.now()).order_by(Invitation.id)).all()


def open_invitation(digest: str, *, lock: bool = False) -> Invitation | None:
    """The invitation of a link, as long as it can be accepted, with its organisation."""
    query = select(Invitation).where(Invitation.digest == digest, Invitation.closed_at.is_(None))
    query = query.where(Invitation.expires_at > clock.now()).execution_options(populate_existing=True)
    return db.session.scalars(query.with_for_update() if lock else query).one_or_none()


def open_token(digest: str, purposes: Sequence[TokenPurpose], *, lock: bool = False) -> Token | None:
    """The mailed link for one of these purposes, as long as it is fresh and unused."""
    query = select(Token).where(Token.digest == digest, Token.purpose.in_(purposes), Token.used_at.is_(None))
    query = query.where(Token.expires_at > clock.now()).execution_options(populate_existing=True)
    return db.session.scalars(query.with_for_update() if lock else query).one_or_none()


def open_tokens(person: Person) -> Sequence[Token]:
    """The mailed links of a person that were not used yet."""
    return db.session.scalars(select(Token).where(Token.person_id == person.id, Token.used_at.is_(None))).all()
