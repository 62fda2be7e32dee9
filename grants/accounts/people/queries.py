"""Named reads of what happened to people and their roles, and of what somebody leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app
from sqlalchemy import ScalarSelect, Text, case, cast, func, literal, select
from sqlalchemy.orm import aliased, joinedload

from grants.accounts.acts import AccountAct
from grants.accounts.models import Membership, Organisation, Person, RoleGrant
from grants.accounts.queries import USABLE
from grants.accounts.rights import Role, titles_of
from grants.accounts.rules import is_usable_owner
from grants.foundation.records.audit import AuditLine, HistoryValue
from grants.foundation.records.db import db

MOST_CHANGES = 20
"""Changes of roles that a page shows, the newest first."""


_WORK = "work that somebody leaves behind"

Work = tuple[str, str, Callable[[Person], ScalarSelect[int]]]
"""What one piece of a kind of open work is called, and several, and a count of what a person holds of it."""


def tell_work(app: Flask, *kinds: Work) -> None:
    """Say which work of the office a person may hold that nobody else goes on with. A later room says its own."""
    app.extensions.setdefault(_WORK, []).extend(kinds)


@dataclass(frozen=True)
class LeftBehind:
    """What stands still when an account is closed: groups without an owner, groups that no mail reaches, roles that
    nobody else holds, and of open work how much, what one is called, and several.
    """

    ownerless: Sequence[Organisation]
    unreached: Sequence[Organisation]
    roles: Sequence[Role]
    work: Sequence[tuple[int, str, str]]


def left_behind(person: Person) -> LeftBehind:
    """What a person would leave behind whose account is closed. Three queries."""
    people = joinedload(Organisation.memberships).joinedload(Membership.person)
    query = select(Organisation).where(Organisation.id.in_(sorted(person.organisation_ids))).order_by(Organisation.id)
    groups = db.session.scalars(query.options(people)).unique().all() if person.organisation_ids else []
    others = {group.id: [one for one in group.memberships if one.person_id != person.id] for group in groups}
    mine = {group.id: next(one for one in group.memberships if one.person_id == person.id) for group in groups}
    return LeftBehind(
        ownerless=[
            group
            for group in groups
            if is_usable_owner(mine[group.id]) and not any(map(is_usable_owner, others[group.id]))
        ],
        unreached=[group for group in groups if not any(one.person.is_active for one in others[group.id])],
        roles=_held_alone(person),
        work=_open_work(person),
    )


def _held_alone(person: Person) -> list[Role]:
    if not person.roles:
        return []
    others = select(RoleGrant.role).join(Person, Person.id == RoleGrant.person_id)
    held = set(db.session.scalars(others.where(Person.id != person.id, *USABLE).distinct()))
    return sorted(person.roles - held)


def _open_work(person: Person) -> list[tuple[int, str, str]]:
    kinds: list[Work] = current_app.extensions[_WORK]
    counts = db.session.execute(select(*(count(person) for _one, _many, count in kinds))).one()
    return [(count, one, many) for (one, many, _), count in zip(kinds, counts, strict=True) if count]


@dataclass(frozen=True)
class RoleChange:
    """That somebody got or lost roles, as the audit trail says it: when (UTC), who, which, and by whom."""

    at: datetime
    person_id: int
    name: str
    got: str
    lost: str
    by: str


def role_changes(person_id: int | None = None) -> list[RoleChange]:
    """The last changes of the roles of a person, or of everybody. One query."""
    by = aliased(Person)
    number = case(
        (AuditLine.actor.startswith("person:"), func.substr(AuditLine.actor, len("person:") + 1)), else_=literal("0")
    )
    found = (
        select(AuditLine.at, Person.id, Person.name, HistoryValue.after, HistoryValue.before, by.name, AuditLine.actor)
        .join(HistoryValue, HistoryValue.line_id == AuditLine.id)
        .join(Person, Person.id == AuditLine.thing_id)
        .outerjoin(by, cast(by.id, Text) == number)
        .where(
            AuditLine.kind == Person.__tablename__,
            AuditLine.verb.in_([AccountAct.GRANT_ROLE, AccountAct.REVOKE_ROLE, AccountAct.MAKE_ACCOUNT]),
            HistoryValue.field.in_(["role", "roles"]),
            HistoryValue.after != HistoryValue.before,
        )
        .order_by(AuditLine.id.desc())
        .limit(MOST_CHANGES)
    )
    if person_id is not None:
        found = found.where(Person.id == person_id)
    return [
        RoleChange(at, number, name, titles_of(after), titles_of(before), by_name or _spoken(actor))
        for at, number, name, after, before, by_name, actor in db.session.execute(found)
    ]


def _spoken(actor: str) -> str:
    return "a command" if actor.startswith("command:") else actor
