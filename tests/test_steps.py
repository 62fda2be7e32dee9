"""Who is refused: each row of each life cycle, tried by every kind of person whom its table does not name.

It grows with the tables. A verb without its guard here fails, and so does a new role or right that a guard lets in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from docs.draw import CYCLES
from grants.accounts.models import Membership, Organisation, Person, RoleGrant
from grants.accounts.rights import HOLDERS, DoneBy, Right, Role
from grants.applications import rules as applications
from grants.applications.models import Application, ApplicationStatus, Bar
from grants.awards.decisions import rules as decisions
from grants.awards.models import Award, AwardSnapshot, AwardStatus, Offer
from grants.awards.notices import rules as notices
from grants.awards.offers import rules as offers
from grants.foundation.records.lifecycle import (
    YES,
    AmbiguousStepError,
    Ruling,
    Step,
    find_step,
    no,
    steps_from,
    who_does,
)
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.funds.models import Round, RoundStatus
from grants.outcomes.reports import rules as reports
from grants.outcomes.reports.models import Report, ReportStatus
from grants.payments import rules as payments
from grants.payments.models import BankDetails, Batch
from grants.review import rules as review
from tests.access_table import TABLE, Who

GROUP_ID, OTHER_ID = 1, 2
INTERESTED_ID = 99
A_DAY = timedelta(days=1)

Guard = Callable[[Person, Any], Ruling]
"""What decides whether a person may do a verb to a thing that is in the state which the row begins with."""


# Everybody


def _person(*roles: Role, of: int = 0, number: int = 1) -> Person:
    memberships = [Membership(organisation_id=of)] if of else []
    return Person(id=number, grants=[RoleGrant(role=role) for role in roles], memberships=memberships)


EVERYBODY: dict[str, Person] = {
    "a stranger": _person(),
    "of another group": _person(of=OTHER_ID),
    "of the group": _person(of=GROUP_ID),
    **{role.value: _person(role) for role in Role},
    "every role and of the group": _person(*Role, of=GROUP_ID),
    "every role and an interest": _person(*Role, number=INTERESTED_ID),
}

UNTIED_TO_GROUP = {
    "A round": "it is of no group",
    "An award": {
        *("vary", "record repayment", "correct amount", "withdraw", "reinstate"),  # what the ledger says of the past
        *("commit", "release", "pay"),  # follow from a batch, whose approval is tied
    },
    "A batch of payments": {"cancel", "export", "settle", "reconcile"},  # its approval is tied
}
"""The verbs of the office that somebody of the group may do to its own thing, and why. Any other is refused them."""

UNTIED_TO_INTEREST = {
    "A round": "it is no bid",
    "An award": {
        *("vary", "record repayment", "correct amount", "withdraw", "reinstate", "commit", "release", "pay"),
        *("offer again", "extend offer", "lapse offer"),  # tied by the operation, which looks the bid up
    },
    "A set of bank details": "they are of a group, not of a bid",
    "A batch of payments": "it pays what was decided",
}
"""The verbs that somebody with an interest in the bid may do, and why. Any other is refused them."""


def _named(cycle: str, step: Step[DoneBy]) -> set[str]:
    """Whom the table names for a row."""
    if not isinstance(step.who, Right):
        return {"of the group", "every role and of the group"}
    named = {role.value for role in HOLDERS[step.who]}
    for who, untied in (
        ("every role and of the group", UNTIED_TO_GROUP),
        ("every role and an interest", UNTIED_TO_INTEREST),
    ):
        verbs = untied.get(cycle, set())
        if isinstance(verbs, str) or step.verb in verbs:
            named.add(who)
    return named


# What they do it to


def _round(status: str = RoundStatus.OPEN) -> Round:
    now = clock.now()
    return Round(
        code="SCF-21", status=status, opens_at=now - A_DAY, closes_at=now + A_DAY, scores_needed=1, waivable_pence=0
    )


def _application(status: str) -> Application:
    return Application(
        id=1,
        reference="SCF-21-001",
        organisation_id=GROUP_ID,
        status=status,
        round=_round(),
        bars=[Bar(person_id=INTERESTED_ID)],
        submitted_at=clock.now(),
        approved_pence=Pence(1),
    )


def _case(status: str) -> reports.ReportCase:
    snapshot = AwardSnapshot(organisation_id=GROUP_ID, paid_pence=Pence(2), returned_pence=Pence(0))
    report = Report(status=status, spent_pence=Pence(1), waived_pence=Pence(0))
    application: Any = _application(ApplicationStatus.AWARDED)
    return reports.ReportCase(Award(status=AwardStatus.PAID), snapshot, application, None, report)  # type: ignore[arg-type]


def _details(status: str) -> BankDetails:
    return BankDetails(id=1, organisation_id=GROUP_ID, status=status, proof_id="f", held_until=None, changes_id=None)


def _batch(status: str) -> Batch:
    return Batch(number="B-1", status=status, prepared_by_id=50, payments=[])


THINGS: dict[str, Callable[[str], Any]] = {
    "A round": _round,
    "An application": _application,
    "An award": lambda status: status,
    "A report": _case,
    "A set of bank details": _details,
    "A batch of payments": _batch,
}


# What decides


def _page(method: str, rule: str) -> Guard:
    """A verb whose guard is its page alone: `tests/test_access.py` holds the page to its row of the table of access."""
    (row,) = (row for row in TABLE if (row.method, row.rule) == (method, rule))
    allowed = {role for role in Role if Who(role.value) in row.who}
    return lambda person, _: YES if person.roles & allowed else no("It is not there.")


def _decide(person: Person, of: Application) -> Ruling:
    return decisions.can_decide(person, of, locked=1, checked_by=None, scored=False)


def _sign(person: Person, of: Application) -> Ruling:
    return notices.can_sign(person, of, is_announced=False, checked_by=None, scored=False)


def _sign_award(person: Person, _: str) -> Ruling:
    """An offer is made by signing the notice of what is decided."""
    return _sign(person, _application(ApplicationStatus.DECIDED))


def _office(verb: str) -> Guard:
    return lambda person, status: offers.can_manage_offer(person, GROUP_ID, status, verb)


def _accept(person: Person, status: str) -> Ruling:
    now = clock.now()
    return offers.can_accept(person, GROUP_ID, status, Offer(expires_at=now + A_DAY), now)


def _verify(person: Person, details: BankDetails) -> Ruling:
    return payments.can_verify(person, details, None, clock.now())


def _verify_others(person: Person, _: BankDetails) -> Ruling:
    """Those in force are replaced by verifying others."""
    return _verify(person, _details("given"))


def _approve(person: Person, batch: Batch) -> Ruling:
    return payments.can_approve(person, batch, [(_details("verified"), GROUP_ID)])


def _returns(person: Person, _: Any) -> Ruling:
    return payments.can_take_return(person)


def _correct(kind: str) -> Guard:
    return _page("POST", f"/awards/<string:reference>/corrections/{kind}")


PREPARE = _page("POST", "/payments/batches/new")

GUARDS: dict[str, dict[str, Guard]] = {
    "A round": {
        "open": _page(
            "POST", "/rounds/<string:slug>/close"
        ),  # by a command of the office's own machine, on no page yet
        "close": _page("POST", "/rounds/<string:slug>/close"),
        "complete": lambda person, of: applications.can_complete_round(person, of, unfinished=0),
    },
    "An application": {
        "submit": lambda person, of: applications.can_submit(person, of, clock.now()),
        "withdraw": applications.can_withdraw,
        "pass": review.can_check,
        "fail": review.can_check,
        "recommend": lambda person, of: review.can_recommend(person, of, locked=1),
        "decide": _decide,
        "award": _sign,
        "decline": _sign,
    },
    "An award": {
        "offer": _sign_award,
        **{verb: _office(verb) for verb in ("offer again", "extend offer", "lapse offer")},
        "vary": _correct("amount"),  # on no page of its own
        "record repayment": _correct("repayment"),
        "correct amount": _correct("amount"),
        "withdraw": _correct("withdrawal"),
        "reinstate": _correct("reinstatement"),
        "accept offer": _accept,
        "decline offer": lambda person, status: offers.can_decline(person, GROUP_ID, status),
        "commit": PREPARE,
        "release": PREPARE,
        "pay": _returns,
        "complete": lambda person, _: reports.can_close(person, _case(ReportStatus.ACCEPTED)),
    },
    "A report": {
        "submit": reports.can_submit,
        "extend": reports.can_extend,
        "return": reports.can_answer,
        "accept": reports.can_answer,
        "record repayment": reports.can_record_repayment,
        "waive": reports.can_waive,
        "close": reports.can_close,
    },
    "A set of bank details": {
        "give proof": payments.can_prove,
        "verify": _verify,
        "refuse": payments.can_refuse,
        "give others": lambda person, _: payments.can_give(person, Organisation(id=GROUP_ID, name="A"), accepted=True),
        "verify others": _verify_others,
    },
    "A batch of payments": {
        "approve": _approve,
        "cancel": payments.can_cancel,
        "export": payments.can_download,
        "settle": _returns,
        "reconcile": _returns,
    },
}

Row = tuple[str, Step[DoneBy]]
ROWS: list[Row] = [(title, step) for title, _, _, steps in CYCLES for step in steps]


def _id(row: Row) -> str:
    return f"{row[0]}: {row[1].start} {row[1].verb} {row[1].end}"


def _answers(row: Row) -> Iterator[tuple[str, Ruling]]:
    cycle, step = row
    for who, person in EVERYBODY.items():
        yield who, GUARDS[cycle][step.verb](person, THINGS[cycle](step.start))


@pytest.mark.parametrize("row", ROWS, ids=_id)
def test_step_is_refused_to_whomever_its_table_does_not_name(row: Row) -> None:
    named = _named(*row)
    assert [who for who, answer in _answers(row) if answer and who not in named] == []


@pytest.mark.parametrize("row", ROWS, ids=_id)
def test_step_is_refused_to_whomever_its_table_names_for_another_reason_only(row: Row) -> None:
    """So the tables name no one whom the guards do not know: what is said to a stranger is not said to them."""
    answers, named = dict(_answers(row)), _named(*row)
    stranger = answers["a stranger"]
    assert stranger.reason
    assert [who for who in named if answers[who] == stranger] == []


@pytest.mark.parametrize(("title", "steps"), [(title, steps) for title, _, _, steps in CYCLES])
def test_every_verb_has_its_guard_and_one_who_does_it(title: str, steps: tuple[Step[DoneBy], ...]) -> None:
    verbs = {step.verb for step in steps}
    assert set(GUARDS[title]) == verbs
    assert all(who_does(steps, verb) for verb in verbs)


@pytest.mark.parametrize(("title", "steps"), [(title, steps) for title, _, _, steps in CYCLES])
def test_step_is_found_by_where_it_begins_its_verb_and_where_it_ends(
    title: str, steps: tuple[Step[DoneBy], ...]
) -> None:
    for step in steps:
        assert find_step(steps, step.start, step.verb, step.end) is step
        rows = steps_from(steps, step.start, step.verb)
        assert {row.may for row in rows} == {step.may}, "the rows of a verb from one state ask one rule"
        if len(rows) > 1:
            with pytest.raises(AmbiguousStepError):
                find_step(steps, step.start, step.verb)
    assert find_step(steps, steps[0].start, "dance") is None


def test_verb_that_nobody_does_is_no_verb() -> None:
    with pytest.raises(LookupError):
        who_does(CYCLES[0][3], "dance")
