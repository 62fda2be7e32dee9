"""Named reads of what happened to people and their roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, case, cast, func, literal, select
from sqlalchemy.orm import aliased

from grants.accounts.acts import AccountAct
from grants.accounts.models import Person
from grants.accounts.rights import titles_of
from grants.foundation.records.audit import AuditLine, HistoryValue
from grants.foundation.records.db import db

MOST_CHANGES = 20
"""Changes of roles that a page shows, the newest first."""


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
        RoleChange(at, number, name, titles_of(after), titles_of(before), by_name or actor)
        for at, number, name, after, before, by_name, actor in db.session.execute(found)
    ]
