"""Who is refused: each row of each life cycle, tried by every kind of person whom its table does not name.

It grows with the tables. A verb without its guard here fails, and so does a new role or right that a guard lets in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from docs.draw import CYCLES
from grants.accounts.models import FormerMembership, Membership, Organisation, Person, RoleGrant
from grants.accounts.rights import GROUP_HOLDERS, HOLDERS, DoneBy, MemberRole, Right, Role
from grants.applications import rules as applications
from grants.applications.apart.rules import GrantStep, Hands, Ties, never_meet
from grants.applications.models import Application, ApplicationStatus, Bar
from grants.awards.corrections import rules as corrections
from grants.awards.decisions import rules as decisions
from grants.awards.models import Award, AwardSnapshot, AwardStatus, Level, Offer, Variation, VariationRequest
from grants.awards.notices import rules as notices
from grants.awards.offers import rules as offers
from grants.awards.requests import rules as requests
from grants.awards.rules import Around
from grants.awards.variations import rules as variations
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
from grants.payments.models import BankDetails, Batch, Payment, PaymentStatus, Reversal, ReversalStatus
from grants.payments.reversals import rules as reversals
from grants.review import rules as review
from tests.access_table import TABLE, Who

GROUP_ID, OTHER_ID, FORMER_ID = 1, 2, 3
INTERESTED_ID = 99
A_DAY = timedelta(days=1)

Guard = Callable[[Person, Any], Ruling]
"""What decides whether a person may do a verb to a thing that is in the state which the row begins with."""


# Everybody


def _person(*roles: Role, of: int = 0, as_: MemberRole = MemberRole.OWNER, once_of: int = 0, number: int = 1) -> Person:
    person = Person(id=number, grants=[RoleGrant(role=role) for role in roles], former_memberships=[], memberships=[])
    if of:
        person.memberships.append(Membership(organisation_id=of, role=as_))
    if once_of:
        person.former_memberships.append(FormerMembership(organisation_id=once_of))
    return person


TIED: dict[str, dict[str, int]] = {
    "every role and once of the group": {"once_of": GROUP_ID},
    "every role and of the group that held it": {"of": FORMER_ID},
    "every role and once of the group that held it": {"once_of": FORMER_ID},
    "every role and an interest": {"number": INTERESTED_ID},
}
"""Whoever has every right, and a tie: they do nothing. Of the group itself, they do what is the group's."""

NO_ROLE: Any = None

EVERYBODY: dict[str, Person] = {
    "a stranger": _person(),
    "of another group": _person(of=OTHER_ID),
    **{f"{role} of the group": _person(of=GROUP_ID, as_=role) for role in MemberRole},
    "without a role in the group": _person(of=GROUP_ID, as_=NO_ROLE),
    **{role.value: _person(role) for role in Role},
    "every role and of the group": _person(*Role, of=GROUP_ID),
    **{who: _person(*Role, **tie) for who, tie in TIED.items()},
}

HELD_IT = {who for who, tie in TIED.items() if FORMER_ID in tie.values()}


def _named(cycle: str, step: Step[DoneBy]) -> set[str]:
    """Whom the table names for a row."""
    if not isinstance(step.who, Right):
        named = {f"{role} of the group" for role in GROUP_HOLDERS[step.who]}
        return named | {"every role and of the group"}
    named = {role.value for role in HOLDERS[step.who]}
    if cycle == "A round":  # is of no group, and no bid
        return named | {"every role and of the group", *TIED}
    if cycle == "An application" or step.verb == "offer":  # nobody can have held it before it was awarded
        return named | HELD_IT
    return named


# What they do it to


AROUND = Around(GROUP_ID, Ties(frozenset({GROUP_ID, FORMER_ID}), frozenset({INTERESTED_ID})), {})


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
    nothing: Any = None
    return reports.ReportCase(Award(status=AwardStatus.PAID), snapshot, application, nothing, report, AROUND.ties, ())


def _details(status: str) -> BankDetails:
    return BankDetails(id=1, organisation_id=GROUP_ID, status=status, proof_id="f", held_until=None, changes_id=None)


def _batch(status: str) -> Batch:
    return Batch(number="B-1", status=status, prepared_by_id=50, payments=[])


def _reversal(status: str = ReversalStatus.RECORDED) -> Reversal:
    return Reversal(status=status, recorded_by_id=50)


def _variation(status: str, level: Level = Level.OFFICER) -> Variation:
    return Variation(status=status, level=level, begun_by_id=50, needs_agreement=status == "in force", agreed_at=None)


THINGS: dict[str, Callable[[str], Any]] = {
    "A round": _round,
    "An application": _application,
    "An award": lambda status: status,
    "A request for a change": lambda status: VariationRequest(status=status),
    "A variation": _variation,
    "A report": _case,
    "A set of bank details": _details,
    "A batch of payments": _batch,
    "A reversal of a payment": _reversal,
}


# What decides


def _page(method: str, rule: str) -> Guard:
    """A verb whose guard is its page alone: `tests/test_access.py` holds the page to its row of the table of access."""
    (row,) = (row for row in TABLE if (row.method, row.rule) == (method, rule))
    allowed = {role for role in Role if Who(role.value) in row.who}
    return lambda person, _: YES if person.roles & allowed else no("It is not there.")


def _decide(person: Person, of: Application) -> Ruling:
    return decisions.can_decide(person, of, locked=1, hands={})


def _sign(person: Person, of: Application) -> Ruling:
    return notices.can_sign(person, of, is_announced=False, hands={})


def _sign_award(person: Person, _: str) -> Ruling:
    """An offer is made by signing the notice of what is decided."""
    return _sign(person, _application(ApplicationStatus.DECIDED))


def _office(verb: str) -> Guard:
    return lambda person, status: offers.can_manage_offer(person, AROUND.ties, status, verb)


def _accept(person: Person, status: str) -> Ruling:
    now = clock.now()
    return offers.can_accept(person, GROUP_ID, status, Offer(expires_at=now + A_DAY), now)


def _verify(person: Person, details: BankDetails) -> Ruling:
    return payments.can_verify(person, details, None, clock.now(), AROUND)


def _verify_others(person: Person, _: BankDetails) -> Ruling:
    """Those in force are replaced by verifying others."""
    return _verify(person, _details("given"))


def _payee() -> payments.Payee:
    return payments.Payee(_details("verified"), AROUND)


def _of_batch(rule: Callable[[Person, Batch, payments.Payees], Ruling]) -> Guard:
    return lambda person, batch: rule(person, batch, [_payee()])


def _settle(person: Person, batch: Batch) -> Ruling:
    return payments.can_settle(person, batch, AROUND)


def _record_reversal(person: Person, _: Any) -> Ruling:
    return reversals.can_record(person, Payment(reference="P-1", status=PaymentStatus.PAID), AROUND)


def _approve_reversal(person: Person, _: Any) -> Ruling:
    return reversals.can_approve(person, _reversal(), AROUND)


def _refuse_reversal(person: Person, _: Any) -> Ruling:
    return reversals.can_refuse(person, _reversal(), AROUND)


def _vary(person: Person, _: str) -> Ruling:
    """An amount is varied by approving a variation of it."""
    return variations.can_approve(person, _variation("waiting"), AROUND)


def _decide_variation(person: Person, _: Variation) -> Ruling:
    return variations.can_approve(person, _variation("waiting", Level.DECISION_MAKER), AROUND)


def _of_variation(rule: Callable[[Person, Variation, Around], Ruling]) -> Guard:
    return lambda person, variation: rule(person, variation, AROUND)


def _correct(person: Person, _: str) -> Ruling:
    return corrections.can_correct(person, AROUND.ties)


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
        "pass": lambda person, of: review.can_check(person, of, {}),
        "fail": lambda person, of: review.can_check(person, of, {}),
        "recommend": lambda person, of: review.can_recommend(person, of, locked=1, hands={}),
        "decide": _decide,
        "award": _sign,
        "decline": _sign,
    },
    "An award": {
        "offer": _sign_award,
        **{verb: _office(verb) for verb in ("offer again", "extend offer", "lapse offer")},
        "vary": _vary,
        "record repayment": _correct,
        "correct amount": _correct,
        "withdraw": _correct,
        "reinstate": _correct,
        "accept offer": _accept,
        "decline offer": lambda person, status: offers.can_decline(person, GROUP_ID, status),
        "commit": lambda person, _: payments.can_prepare(person, _payee()),
        "release": lambda person, _: payments.can_cancel(person, _batch("prepared"), [_payee()]),
        "pay": lambda person, _: _settle(person, _batch("exported")),
        "reverse payment": _approve_reversal,
        "complete": lambda person, _: reports.can_close(person, _case(ReportStatus.ACCEPTED)),
    },
    "A request for a change": {
        "take up": lambda person, of: requests.can_take_up(person, of, AROUND),
        "give back": lambda person, of: requests.can_give_back(person, of, AROUND),
        "decline": lambda person, of: requests.can_decline(person, of, AROUND),
        "take back": lambda person, of: requests.can_take_back(person, of, AROUND),
    },
    "A variation": {
        "approve": _of_variation(variations.can_approve),
        "decide": _decide_variation,
        "refuse": _of_variation(variations.can_refuse),
        "take back": _of_variation(variations.can_take_back),
        "agree": _of_variation(variations.can_agree),
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
        "refuse": lambda person, details: payments.can_refuse(person, details, AROUND),
        "give others": lambda person, _: payments.can_give(person, Organisation(id=GROUP_ID, name="A"), accepted=True),
        "verify others": _verify_others,
        "block": _record_reversal,
        "unblock": _refuse_reversal,
    },
    "A batch of payments": {
        "approve": _of_batch(payments.can_approve),
        "cancel": _of_batch(payments.can_cancel),
        "export": _of_batch(payments.can_download),
        "settle": _settle,
        "reconcile": _settle,
        "reopen": _approve_reversal,
    },
    "A reversal of a payment": {
        "approve": lambda person, of: reversals.can_approve(person, of, AROUND),
        "refuse": lambda person, of: reversals.can_refuse(person, of, AROUND),
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


# Two steps on one grant


def _step_guards() -> dict[GrantStep, Callable[[Person, Hands], Ruling]]:
    """What decides whether a person may take each step, given who did the others."""
    submitted, eligible = _application(ApplicationStatus.SUBMITTED), _application(ApplicationStatus.ELIGIBLE)
    decided = _application(ApplicationStatus.DECIDED)
    given, verified = _details("given"), _details("verified")

    def around(hands: Hands) -> Around:
        return Around(GROUP_ID, Ties(), hands)

    def payee(hands: Hands) -> payments.Payee:
        verified.checked_by_id = next(iter(hands.get(GrantStep.VERIFY, ())), None)
        return payments.Payee(verified, around(hands))

    def batch(hands: Hands) -> Batch:
        made = _batch("prepared")
        made.prepared_by_id = next(iter(hands.get(GrantStep.PREPARE, ())), 50)
        return made

    return {
        GrantStep.CHECK: lambda person, hands: review.can_check(person, submitted, hands),
        GrantStep.SCORE: lambda person, hands: review.can_declare(person, eligible, None, hands),
        GrantStep.RECOMMEND: lambda person, hands: review.can_recommend(person, eligible, locked=1, hands=hands),
        GrantStep.DECIDE: lambda person, hands: decisions.can_decide(person, eligible, locked=1, hands=hands),
        GrantStep.SIGN: lambda person, hands: notices.can_sign(person, decided, is_announced=False, hands=hands),
        GrantStep.VERIFY: lambda person, hands: payments.can_verify(person, given, None, clock.now(), around(hands)),
        GrantStep.PREPARE: lambda person, hands: payments.can_prepare(person, payee(hands)),
        GrantStep.APPROVE: lambda person, hands: payments.can_approve(person, batch(hands), [payee(hands)]),
    }


@pytest.mark.parametrize(("done", "step"), [(done, step) for done in GrantStep for step in GrantStep if done != step])
def test_step_is_refused_to_whoever_did_one_that_it_never_meets(done: GrantStep, step: GrantStep) -> None:
    both, other = _person(*Role, number=7), _person(*Role, number=8)
    may = _step_guards()[step]

    assert may(other, {done: [both.id]})
    assert bool(may(both, {done: [both.id]})) is not never_meet(done, step)
