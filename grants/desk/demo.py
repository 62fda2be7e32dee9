"""The demonstration: the fund's real past, fictional people, and one open round. Everything made up says so."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import exists, select

from grants.accounts.demo import PASSWORD
from grants.accounts.models import OrganisationKind, Person, Role
from grants.accounts.operations import make_organisation, make_person
from grants.awards.imports import import_awards
from grants.foundation import clock, office
from grants.foundation.actors import Actor
from grants.foundation.db import Refused, db, transaction
from grants.foundation.money import Pence
from grants.funds import operations as funds
from grants.funds.models import Plan, Round
from grants.funds.queries import fund_by_code
from grants.outcomes.imports import import_reference

DATA = Path(__file__).parent / "data"

ACTOR = Actor.command("demo load")
OPEN_FOR = timedelta(weeks=5)


def is_loaded() -> bool:
    """Whether the demonstration's people are here."""
    return bool(db.session.scalar(select(exists().where(Person.email == "officer@example.org"))))


def load() -> None:
    """Load the demonstration into an empty installation, all or nothing. Raises Refused where anybody is in it."""
    if db.session.scalar(select(exists().where(Person.id.is_not(None)))):
        raise Refused("The demonstration goes into an empty installation only: this one has people in it.")
    content = json.loads((DATA / "demonstration.json").read_text("utf-8"))
    with transaction():
        office.set_office(actor=ACTOR, why="demonstration", **content["office"])
        load_history(content["replaced_by_illustrative"])
        people = _people(content["people"])
        for group in content["groups"]:
            make_organisation(
                actor=ACTOR,
                name=group["name"],
                kind=OrganisationKind(group["kind"]),
                members=[people[group["member"]]],
            )
        _open_round(content["round"], _plan(content["plan"]))


def load_history(leave_out: Collection[str]) -> None:
    """The published past, with the illustrative CSE rows in place of the published awards that they stand for."""
    import_reference(DATA, actor=ACTOR)
    import_awards(DATA / "awards_published.csv", actor=ACTOR, leave_out=leave_out)
    import_awards(DATA / "cse_2014_2017_illustrative.csv", actor=ACTOR)


def _people(rows: list[Any]) -> dict[str, Person]:
    return {
        email: make_person(actor=ACTOR, email=email, name=name, password=PASSWORD, roles=[Role(role) for role in roles])
        for email, name, roles in rows
    }


def _plan(content: dict[str, Any]) -> Plan:
    return funds.make_plan(actor=ACTOR, name=content["name"], priorities=content["priorities"])


def _open_round(content: dict[str, Any], plan: Plan) -> Round:
    fund = fund_by_code(content["fund"])
    if fund is None:
        raise Refused(f"The demonstration needs the fund {content['fund']}.")
    opens_at, closes_at = dates()
    made = funds.make_round(
        actor=ACTOR,
        fund=fund,
        code=content["code"],
        plan=plan,
        opens_at=opens_at,
        closes_at=closes_at,
        largest_grant_pence=Pence(content["largest_grant_pence"]),
        pot_pence=Pence(content["pot_pence"]),
        summary=content["summary"],
        most_months=12,
        illustrative=True,
    )
    for question in content["eligibility"]:
        funds.add_eligibility_question(
            actor=ACTOR,
            a_round=made,
            text=question["text"],
            hint=question["hint"],
            good_answer=question["good"],
            advice=question["advice"],
        )
    for question in content["questions"]:
        funds.add_question(actor=ACTOR, a_round=made, **question)
    for criterion in content["criteria"]:
        funds.add_criterion(actor=ACTOR, a_round=made, **criterion)
    return funds.open_round(actor=ACTOR, a_round=made)


def dates() -> tuple[datetime, datetime]:
    """When the demonstration's round opens and closes (UTC): a week ago, and at 12 noon on a Friday weeks ahead."""
    opens = clock.today() - timedelta(days=7)
    closes = opens + OPEN_FOR
    closes += timedelta(days=(4 - closes.weekday()) % 7)
    if (closes.month, closes.day) >= (12, 22) or (closes.month, closes.day) <= (1, 3):
        closes += timedelta(weeks=2)  # nobody is in over Christmas
    return _at(opens, time(9)), _at(closes, time(12))


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=clock.LONDON).astimezone(clock.now().tzinfo)
