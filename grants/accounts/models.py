"""People, the organisations that they belong to, and the roles that they hold."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Connection, ForeignKey, UniqueConstraint, event, insert
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, validates

from grants.foundation.records import held
from grants.foundation.records.actors import Actor
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, Versioned, one_of
from grants.foundation.values import clock

from .rights import GroupRight, MemberRole, Right, Role, Standing, groups_where, rights_of

LONGEST_NAME = 200
SHORTEST_PASSWORD = 12
LONGEST_STAFF_SESSION = timedelta(hours=12)
"""How long somebody of the office stays signed in, however busy."""
LONGEST_SESSION = timedelta(hours=24)
"""How long anybody else stays signed in; closing the browser ends it too."""
SEEN_EVERY = timedelta(minutes=5)
"""A session that is used notes it so often."""
SESSIONS_KEPT = timedelta(days=400)
"""So long a browser is known again, and a session that ended stays."""


class OrganisationKind(StrEnum):
    """What sort of body an organisation is. Councils and small groups apply too: no number can be required."""

    GROUP = "voluntary group"
    CHARITY = "charity"
    COMPANY = "company or CIC"
    COUNCIL = "council"
    AGENCY = "public agency"
    UNKNOWN = "not recorded"

    @property
    def label(self) -> str:
        """The kind as a choice on a form."""
        return self.value[:1].upper() + self.value[1:]


class Person(Versioned, Model):
    """Somebody with an account. `session_key` changes with the password: sessions with another key have ended."""

    __tablename__ = "people"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    session_key: Mapped[str] = mapped_column(default=lambda: secrets.token_urlsafe(16))
    email_confirmed_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    grants: Mapped[list[RoleGrant]] = relationship(
        foreign_keys="RoleGrant.person_id", order_by="RoleGrant.role", cascade="all, delete-orphan"
    )
    memberships: Mapped[list[Membership]] = relationship(back_populates="person", order_by="Membership.organisation_id")
    former_memberships: Mapped[list[FormerMembership]] = relationship(viewonly=True, order_by="FormerMembership.id")

    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that the person holds now."""
        return frozenset(Role(grant.role) for grant in self.grants)

    @property
    def rights(self) -> frozenset[Right]:
        """What the person may do by their roles now."""
        return rights_of(self.roles)

    def may(self, right: Right) -> bool:
        """Whether one of the person's roles has this right."""
        return right in self.rights

    @property
    def organisation_ids(self) -> frozenset[int]:
        """The organisations that the person belongs to."""
        return frozenset(membership.organisation_id for membership in self.memberships)

    def groups_where(self, right: GroupRight) -> frozenset[int]:
        """The organisations for which the person may do this, by what they are there."""
        return groups_where(self.standing, right)

    @property
    def standing(self) -> Standing:
        """What the person is in each of their organisations."""
        return frozenset((membership.organisation_id, membership.role) for membership in self.memberships)

    @property
    def tied_ids(self) -> frozenset[int]:
        """The organisations that the person belongs or ever belonged to: others deal with what is theirs."""
        return self.organisation_ids | {former.organisation_id for former in self.former_memberships}

    @property
    def actor(self) -> Actor:
        """The person as the one who does a deed."""
        return Actor.person(self.id)

    @property
    def is_active(self) -> bool:
        """Whether the account may be used."""
        return self.disabled_at is None and self.email_confirmed_at is not None


class BrowserSession(Model):
    """That somebody is signed in with a browser. The cookie holds a secret, the table its digest: it opens nothing.

    It ends when it is ended, when the person's key is another, some hours after it was made (the longest sessions
    stand above), and for people of the office when nothing was asked for a while. `device_digest` knows the browser
    again next time, `browser` says in words what it called itself. `seen_at` may lag by SEEN_EVERY.

    A session that `needs_proof` opens nothing until its person proved by a second step that it is them; `proved_at` is
    when they did so last. `challenge` is what a passkey has to answer next, once.
    """

    __tablename__ = "browser_sessions"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    person_key: Mapped[str]
    device_digest: Mapped[str]
    browser: Mapped[str]
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    needs_proof: Mapped[bool]
    proved_at: Mapped[datetime | None]
    challenge: Mapped[str] = mapped_column(default="")

    person: Mapped[Person] = relationship()
    secret: str = ""
    """What the cookie holds: known while it is made, and of the session that a request came with."""

    __table_args__ = (CheckConstraint("made_at <= seen_at", name="seen_after_it_was_made"),)

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_anonymous = False
    is_active = True

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.secret


class RoleGrant(Model):
    """A role that a person holds."""

    __tablename__ = "role_grants"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)

    __table_args__ = (one_of("role", Role),)


class Organisation(Versioned, Model):
    """A body that applies, or that was awarded. `name_key` is the name without case, by which imports match."""

    __tablename__ = "organisations"

    id: Mapped[Id]
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    charity_number: Mapped[str]
    company_number: Mapped[str]
    made_at: Mapped[datetime]

    memberships: Mapped[list[Membership]] = relationship(back_populates="organisation", order_by="Membership.person_id")

    __table_args__ = (one_of("kind", OrganisationKind),)

    def __init__(self, **values: Any) -> None:
        values.setdefault("kind", OrganisationKind.UNKNOWN)
        values.setdefault("charity_number", "")
        values.setdefault("company_number", "")
        super().__init__(**values)

    @validates("name")
    def _key_follows(self, _column: str, name: str) -> str:
        """A name never stands beside the key of another."""
        self.name_key = name_key(name)
        return name


class FormerName(Model):
    """A name that an organisation had until it was renamed here: whoever writes it still means that organisation."""

    __tablename__ = "former_names"

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(index=True)
    until: Mapped[datetime]


append_only(FormerName.__table__)


class Membership(Model):
    """That a person acts for an organisation, and what they are there: without a role they may do nothing."""

    __tablename__ = "memberships"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True, index=True)
    role: Mapped[str]
    made_at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(back_populates="memberships", lazy="joined")

    __table_args__ = (one_of("role", MemberRole),)

    @property
    def what(self) -> MemberRole:
        """What the person is in the organisation."""
        return MemberRole(self.role)


class FormerMembership(Model):
    """That a person acted for an organisation until then: written when a membership is deleted, whoever deletes it."""

    __tablename__ = "former_memberships"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime]

    __table_args__ = (CheckConstraint("since <= until", name="ends_after_it_begins"),)


append_only(FormerMembership.__table__)


@event.listens_for(Membership, "after_delete")
def _remember(_mapper: Any, connection: Connection, ended: Membership) -> None:
    made = connection.execute(
        insert(FormerMembership).values(
            person_id=ended.person_id, organisation_id=ended.organisation_id, since=ended.made_at, until=clock.now()
        )
    )
    session = object_session(ended)
    if session is not None:
        held.note(session, FormerMembership.__table__, made.inserted_primary_key or ())


class TokenPurpose(StrEnum):
    """What a link in a mail is for."""

    CONFIRM = "confirm"
    CHANGE_EMAIL = "change-email"
    RESET = "reset"
    INVITE = "invite"

    @property
    def lasts(self) -> timedelta:
        """How long such a link works."""
        return _LASTS[self]


_LASTS = {
    TokenPurpose.CONFIRM: timedelta(days=3),
    TokenPurpose.CHANGE_EMAIL: timedelta(days=3),
    TokenPurpose.RESET: timedelta(hours=2),
    TokenPurpose.INVITE: timedelta(days=14),
}

INVITATION_LASTS = timedelta(days=14)


class Token(Model):
    """A single-use link that was mailed to `email`. Only its digest is kept, so the table opens nothing.

    `browser_digest` knows the browser that asked for it, where that matters.
    """

    __tablename__ = "tokens"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    purpose: Mapped[str]
    email: Mapped[str]
    digest: Mapped[str]
    browser_digest: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    __table_args__ = (UniqueConstraint("digest"), one_of("purpose", TokenPurpose))


class Invitation(Model):
    """A link that was mailed to somebody to join an organisation. Closed once accepted, replaced or undone."""

    __tablename__ = "invitations"

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    email: Mapped[str]
    role: Mapped[str]
    digest: Mapped[str]
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()

    __table_args__ = (
        UniqueConstraint("digest"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        one_of("role", MemberRole),
    )

    @property
    def what(self) -> MemberRole:
        """What who accepts it is in the organisation."""
        return MemberRole(self.role)


def fresh_session_key() -> str:
    """A new key for a person's sessions: those with the old one have ended."""
    return secrets.token_urlsafe(16)


def name_key(name: str) -> str:
    """A name as it is matched: without case and with single spaces.

    >>> name_key("SKY  Positive Minds")
    'sky positive minds'
    """
    return " ".join(name.split()).casefold()
