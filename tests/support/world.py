"""One small world in which everybody exists: who may open what is tried in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from grants.accounts import tokens
from grants.accounts.factors.models import Passkey
from grants.accounts.models import Invitation, Organisation, Person, TokenPurpose
from grants.accounts.rights import MemberRole, Role
from grants.accounts.sessions import operations as sessions
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.records.db import transaction
from grants.foundation.values import clock
from grants.funds.models import Round

from . import applications_factories, decision_factories, factories
from .kept import kept


class Who(StrEnum):
    """Everybody, as far as access goes."""

    ANYONE = "signed out"
    STRANGER = "signed in, without a role or an organisation"
    OTHER = "of another organisation"
    OWNER = "owner of the organisation itself"
    EDITOR = "editor of it"
    READER = "reader of it"
    OFFICER = "officer"
    PANEL = "panel"
    DECISION_MAKER = "decision-maker"
    FINANCE = "finance"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


MEMBERS = {Who.OWNER: MemberRole.OWNER, Who.EDITOR: MemberRole.EDITOR, Who.READER: MemberRole.READER}
"""The people of the group, and what they are in it."""

STAFF = (Who.OFFICER, Who.PANEL, Who.DECISION_MAKER, Who.FINANCE, Who.AUDITOR, Who.ADMINISTRATOR)


class World:
    """People of every kind, and what they deal with, made when asked for."""

    def __init__(self, group: Organisation, other_group: Organisation, people: dict[Who, Person]) -> None:
        self.group, self.other_group, self.people = group, other_group, people

    @property
    def owner(self) -> Person:
        """Somebody of the group."""
        return self.people[Who.OWNER]

    def round(self) -> Round:
        """An open round."""
        return factories.open_round(code="SCF-21")

    def application(self, status: ApplicationStatus) -> Application:
        """The group's application, and one of the other group beside it."""
        in_round = self.round()
        made = factories.application(status, in_round=in_round, organisation=self.group, by=self.owner)
        factories.application(in_round=in_round, organisation=self.other_group, by=self.people[Who.OTHER])
        return made

    def invitation(self) -> tuple[Invitation, str]:
        """An invitation to the group, and the secret of its link."""
        secret, now = "s" * 43, clock.now()
        with transaction() as session:
            made = Invitation(
                organisation_id=self.group.id,
                email="new@example.org",
                role=MemberRole.EDITOR,
                digest=tokens.digest(secret),
                invited_by_id=self.owner.id,
                made_at=now,
                expires_at=now + timedelta(days=7),
            )
            session.add(made)
        return made, secret

    def token(self, purpose: TokenPurpose) -> str:
        """The secret of a link that was mailed to the owner."""
        return tokens.issue(self.owner, purpose).partition("?")[0].rpartition("/")[2]


Thing = Callable[[World], dict[str, Any]]
"""Makes what a rule's address names; returns the values for its arguments."""


def world_with(thing: Thing | None = None) -> tuple[World, dict[str, Any]]:
    """A world, with a thing in it where one is asked for, and the values for the thing's address."""

    def make() -> tuple[Everybody, dict[str, Any]]:
        everybody = _everybody()
        return everybody, thing(World(*everybody)) if thing else {}

    everybody, values = kept(("world", thing), make)
    return World(*everybody), values


Everybody = tuple[Organisation, Organisation, dict[Who, Person]]


def _everybody() -> Everybody:
    group = factories.organisation("Northside Youth Project")
    other_group = factories.organisation("Southside Friends")
    people: dict[Who, Person] = {
        Who.STRANGER: factories.person(name="Sasha Stranger"),
        Who.OTHER: factories.applicant(other_group, name="Otto Other"),
        Who.OWNER: factories.applicant(group, name="Oona Owner"),
        Who.EDITOR: factories.person(name="Edie Editor", member_of=group, as_=MemberRole.EDITOR),
        Who.READER: factories.person(name="Reese Reader", member_of=group, as_=MemberRole.READER),
        **{who: factories.person(Role(who.value), name=f"Sam {who.name.title()}") for who in STAFF},
    }
    return group, other_group, people


def a_member(world: World) -> dict[str, Any]:
    """A member of the group."""
    return {"organisation_id": world.group.id, **a_member_alone(world)}


def a_member_alone(world: World) -> dict[str, Any]:
    """The same, by their number alone."""
    return {"member_id": world.people[Who.READER].id}


def a_round(world: World) -> dict[str, Any]:
    """A round that is open."""
    return {"slug": world.round().slug}


@cache
def an_application(status: ApplicationStatus, **more: Any) -> Thing:
    """The group's application in a state."""

    def make(world: World) -> dict[str, Any]:
        return {"reference": world.application(status).reference, **more}

    return make


def a_clarification(world: World) -> dict[str, Any]:
    """A question to the group about its application."""
    made = world.application(ApplicationStatus.SUBMITTED)
    return {"reference": made.reference, "number": applications_factories.clarification(made).number}


@cache
def a_sheet(**more: Any) -> Thing:
    """The group's application with the panel, whose member has declared no interest."""

    def make(world: World) -> dict[str, Any]:
        made = world.application(ApplicationStatus.ELIGIBLE)
        factories.score_sheet(made, world.people[Who.PANEL], score=None, locked=False)
        return {"reference": made.reference, **more}

    return make


def an_award(_world: World) -> dict[str, Any]:
    """An award in the ledger."""
    return {"reference": factories.award().reference}


def a_notice(_world: World) -> dict[str, Any]:
    """A decision notice that was signed."""
    return {"number": decision_factories.sign(factories.decision()).reference}


def a_person(world: World) -> dict[str, Any]:
    """Somebody else's account."""
    return {"person_id": world.people[Who.STRANGER].id}


def an_officer(world: World) -> dict[str, Any]:
    """The account of somebody with a role, and the role."""
    return {"person_id": world.people[Who.OFFICER].id, "role": Role.OFFICER.value}


def an_organisation(world: World) -> dict[str, Any]:
    """The group."""
    return {"organisation_id": world.group.id}


def an_invitation(world: World) -> dict[str, Any]:
    """An invitation to the group, by number."""
    return {"organisation_id": world.group.id, "invitation_id": world.invitation()[0].id}


def a_passkey(world: World) -> dict[str, Any]:
    """One of the owner's own passkeys."""
    with transaction() as session:
        made = Passkey(
            person_id=world.owner.id,
            label="My phone",
            credential_id=f"aa{world.owner.id}",
            public_key="aa",
            sign_count=0,
            made_at=clock.now(),
        )
        session.add(made)
        session.flush()
        return {"passkey_id": made.id}


def a_session(world: World) -> dict[str, Any]:
    """One of the owner's own sessions."""
    return {"session_id": sessions.begin(world.owner).id}


def an_invitation_link(world: World) -> dict[str, Any]:
    """An invitation to the group, by its secret."""
    return {"token": world.invitation()[1]}


@cache
def a_mailed_link(purpose: TokenPurpose) -> Thing:
    """A link that was mailed."""
    return lambda world: {"token": world.token(purpose)}
