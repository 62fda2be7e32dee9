"""Where the walks take place: the demonstration's people and open round, and another group's application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from grants.accounts.models import Organisation, OrganisationKind, Person
from grants.accounts.organisations.operations import make_organisation
from grants.accounts.people.operations import make_person
from grants.accounts.rights import Role
from grants.desk.demo import operations as demo
from grants.desk.demo.bids import Cast, DemoBid
from grants.foundation.records import office
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.funds import operations as funds
from grants.funds.models import Round
from grants.funds.queries import fund_by_code
from grants.outcomes.announced.imports import import_reference
from tests.support import factories
from tests.support.factories import TESTS

REFERENCE, OTHER = "SCF-21-0001", "SCF-21-0002"
ROUND = "/rounds/scf-21"
GROUP, TITLE = "Northside Youth Project", "Safe evenings on the estate"
APPLICANT, PASSWORD = "nadia@example.org", "three green kettles"
PANEL = ("panel1", "panel2", "panel3")
OTHER_SCORES = ([2, 2, 3, 2], [3, 2, 2, 2], [2, 3, 2, 3])


@dataclass
class Stage:
    """Everybody, by the name of their demonstration account, the content of the round, and the days of the project."""

    people: dict[str, Person]
    content: dict[str, Any]
    other: DemoBid
    first_day: date
    last_day: date

    @property
    def questions(self) -> list[str]:
        """The questions of the round, in their order."""
        return [question["text"] for question in self.content["round_questions"]["questions"]]

    @property
    def criteria(self) -> list[str]:
        """What the panel scores, in its order."""
        return [criterion["title"] for criterion in self.content["round_questions"]["criteria"]]


def build(*, illustrative: bool) -> Stage:
    """The installation as a demonstration has it, but for its past: one round that closes in a week."""
    content = demo.read("demonstration")
    office.set_office(actor=TESTS, why="tests", **content["office"])
    import_reference(demo.DATA, actor=TESTS)
    people = {
        email.partition("@")[0]: make_person(
            actor=TESTS, email=email, name=name, roles=[Role(role) for role in roles], password=factories.PASSWORD
        )
        for email, name, roles in content["people"]
    }
    a_round = _round(content, illustrative=illustrative)
    group = make_organisation(
        actor=TESTS, name="Southside Friends", kind=OrganisationKind.GROUP, members=[people["applicant2"]]
    )
    first_day = clock.today() + timedelta(days=60)
    return Stage(people, content, _other(people, group, a_round), first_day, first_day + timedelta(days=150))


def _round(content: dict[str, Any], *, illustrative: bool) -> Round:
    settings, asked = content["rounds"]["open"], content["round_questions"]
    fund = fund_by_code(settings["fund"])
    assert fund is not None
    made = funds.make_round(
        actor=TESTS,
        fund=fund,
        code=settings["code"],
        plan=funds.make_plan(actor=TESTS, **content["plan"]),
        opens_at=clock.now() - timedelta(days=7),
        closes_at=clock.now() + timedelta(days=7),
        largest_grant_pence=Pence(settings["largest_grant_pence"]),
        pot_pence=Pence(settings["pot_pence"]),
        summary=settings["summary"],
        most_months=12,
        illustrative=illustrative,
    )
    for question in asked["eligibility"]:
        words = {"text": question["text"], "hint": question["hint"], "advice": question["advice"]}
        funds.add_eligibility_question(actor=TESTS, a_round=made, good_answer=question["good"], **words)
    for question in asked["questions"]:
        funds.add_question(actor=TESTS, a_round=made, **question)
    for criterion in asked["criteria"]:
        funds.add_criterion(actor=TESTS, a_round=made, **criterion)
    return funds.open_round(actor=TESTS, a_round=made)


def _other(people: dict[str, Person], group: Organisation, a_round: Round) -> DemoBid:
    """A weaker application of another group: it gets the same treatment, and is declined."""
    row = {
        **demo.read("demonstration_bids_awarded")[0],
        "group": "other",
        "scores": [[name, scores] for name, scores in zip(PANEL, OTHER_SCORES, strict=True)],
    }
    cast = Cast(
        {person.email: person for person in people.values()},
        {"other": group},
        reasons=demo.read("demonstration_scores"),
        rounds={"open": a_round},
    )
    return DemoBid(cast, "open", row, 0)
