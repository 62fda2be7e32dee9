"""The demonstration: the fund's real past, fictional people, a round that is open and one that has closed.

Everything made up says so. What happened in the two rounds was done by the verbs of the rooms, each deed at a time
of its own in the weeks before the day of loading, in the order of those times."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import exists, select

from grants.accounts.demo import PASSWORD
from grants.accounts.models import OrganisationKind, Person
from grants.accounts.organisations.operations import add_member, make_organisation
from grants.accounts.people.operations import make_person
from grants.accounts.rights import MemberRole, Role
from grants.awards.past.imports import import_awards
from grants.foundation.records import office, outbox
from grants.foundation.records.actors import Actor
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.funds import operations as funds
from grants.funds.models import Plan
from grants.funds.queries import fund_by_code
from grants.outcomes.announced.imports import import_reference

from . import courses, timetable, visits
from .bids import Cast, DemoBid
from .courses import DemoEvent
from .timetable import Dates

DATA = Path(__file__).parents[1] / "data"

ACTOR = Actor.command("demo load")

BIDS = {"closed": ("demonstration_bids_awarded", "demonstration_bids_others"), "open": ("demonstration_bids_open",)}
"""The files with the bids of each round."""


def is_loaded() -> bool:
    """Whether the demonstration's people are here."""
    return bool(db.session.scalar(select(exists().where(Person.email == "officer@example.org"))))


def load() -> None:
    """Load the demonstration into an empty installation, all or nothing.

    Raises Refused where anything was done in it before: no deed that is loaded may be older than one that stands
    before it in the audit trail.
    """
    if db.session.scalar(select(exists().where(Person.id.is_not(None)))):
        raise Refused("The demonstration goes into an empty installation only: this one has people in it.")
    if db.session.scalar(select(exists().where(AuditLine.id.is_not(None)))):
        raise Refused("The demonstration goes into an empty installation only: this one has records in it.")
    content = read("demonstration")
    dates = {"closed": timetable.closed_round(), "open": timetable.open_round()}
    with transaction(), clock.pretending(timetable.days_before(dates["closed"], 2)) as pretence:
        office.set_office(actor=ACTOR, why="demonstration", **content["office"])
        load_history(content["replaced_by_illustrative"])
        for event in sorted(_events(content, dates), key=lambda event: event.instant):
            pretence.go_to(event.instant)
            event.deed()
        outbox.count_as_sent()


def load_history(leave_out: Collection[str]) -> None:
    """The published past, with the illustrative CSE rows in place of the published awards that they stand for."""
    import_reference(DATA, actor=ACTOR)
    import_awards(DATA / "awards_published.csv", actor=ACTOR, leave_out=leave_out)
    import_awards(DATA / "cse_2014_2017_illustrative.csv", actor=ACTOR)


def read(name: str) -> Any:
    """One of the demonstration's files."""
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


def _events(content: dict[str, Any], dates: dict[str, Dates]) -> Iterator[DemoEvent]:
    """Everything that happens in the two rounds, each with its instant, in no order."""
    plan = funds.make_plan(actor=ACTOR, name=content["plan"]["name"], priorities=content["plan"]["priorities"])
    cast = _cast(content["people"], read("demonstration_groups"))
    for name, its_dates in dates.items():
        settings = {**content["rounds"][name], **content["round_questions"]}
        yield DemoEvent(
            timetable.days_before(its_dates, 1), partial(_make_round, cast, name, settings, plan, its_dates)
        )
        rows = sorted((row for file in BIDS[name] for row in read(file)), key=itemgetter("group"))
        bids = [DemoBid(cast, name, row, number) for number, row in enumerate(rows)]
        yield from courses.events(name, bids, its_dates)
    yield DemoEvent(timetable.after_closing(dates["closed"]), partial(_close, cast))
    yield from (DemoEvent(*visit) for visit in visits.visits(cast, dates["closed"]))


def _cast(staff: list[Any], company: dict[str, Any]) -> Cast:
    people = {
        email: make_person(
            actor=ACTOR,
            email=email,
            name=name,
            password=PASSWORD,
            password_is_public=True,
            roles=[Role(role) for role in roles],
        )
        for email, name, roles in [*staff, *company["members"]]
    }
    groups = {
        group["key"]: make_organisation(
            actor=ACTOR, name=group["name"], kind=OrganisationKind(group["kind"]), members=[people[group["member"]]]
        )
        for group in company["groups"]
    }
    for group in company["groups"]:
        for email, role in group.get("others", {}).items():
            add_member(actor=ACTOR, person=people[email], organisation=groups[group["key"]], role=MemberRole(role))
    return Cast(people, groups, reasons=read("demonstration_scores"))


def _make_round(cast: Cast, name: str, content: dict[str, Any], plan: Plan, dates: Dates) -> None:
    fund = fund_by_code(content["fund"])
    if fund is None:
        raise Refused(f"The demonstration needs the fund {content['fund']}.")
    made = funds.make_round(
        actor=ACTOR,
        fund=fund,
        code=content["code"],
        plan=plan,
        opens_at=dates.opens_at,
        closes_at=dates.closes_at,
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
    cast.rounds[name] = funds.open_round(actor=ACTOR, a_round=made)


def _close(cast: Cast) -> None:
    funds.close_round(actor=cast.person("officer").actor, a_round=cast.rounds["closed"])
