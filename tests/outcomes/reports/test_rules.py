"""Who may do what with a report, and what it still lacks: each rule with its answer, without a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from grants.accounts.models import Membership, Person, RoleGrant
from grants.accounts.rights import MemberRole, Role
from grants.applications.apart.rules import Ties
from grants.applications.models import Application, Bar, Submission
from grants.awards.models import Award, AwardSnapshot, AwardStatus
from grants.foundation.records.lifecycle import YES, Ruling
from grants.foundation.values.money import Pence
from grants.funds.models import Round
from grants.outcomes.reports import rules
from grants.outcomes.reports.contents import SpentLine, Told
from grants.outcomes.reports.models import Report, ReportStatus
from grants.outcomes.reports.rules import ReportCase, ReportMoney

GROUP, APPLICANTS, OTHERS = 2, 3, 4
DUE = date(2027, 7, 30)


def _person(*roles: Role, of: int = OTHERS) -> Person:
    return Person(
        id=1,
        grants=[RoleGrant(role=role) for role in roles],
        memberships=[Membership(organisation_id=of, role=MemberRole.OWNER)],
    )


MEMBER = _person(of=GROUP)
OFFICER, FINANCE = _person(Role.OFFICER), _person(Role.FINANCE)


def _case(
    report: ReportStatus | None = ReportStatus.ACCEPTED,
    *,
    award: AwardStatus = AwardStatus.PAID,
    paid: int | None = 540_000,
    spent: int = 520_000,
    returned: int = 0,
    waived: int = 0,
    bars: tuple[int, ...] = (),
) -> ReportCase:
    """A paid award of a group whose bid another group had made; £200 is to come back."""
    return ReportCase(
        Award(status=award),
        AwardSnapshot(organisation_id=GROUP, paid_pence=paid, returned_pence=returned, report_due_on=date(2027, 6, 30)),
        Application(
            organisation_id=APPLICANTS,
            bars=[Bar(person_id=number) for number in bars],
            round=Round(waivable_pence=20_000),
        ),
        Submission(),
        None if report is None else Report(status=report, due_on=DUE, spent_pence=spent, waived_pence=waived),
        Ties(frozenset({GROUP, APPLICANTS}), frozenset(bars)),
        (),
    )


def test_money_of_a_report_is_that_of_the_ledger_and_of_its_lines() -> None:
    assert _case(returned=5_000, waived=1_000).money == ReportMoney(*map(Pence, (540_000, 5_000, 520_000, 1_000)))
    assert _case(None, paid=None).money == ReportMoney(*map(Pence, (0, 0, 0, 0)))


@pytest.mark.parametrize(
    ("money", "unspent", "outstanding"),
    [
        ((540_000, 5_000, 520_000, 1_000), 20_000, 14_000),
        ((540_000, 20_000, 520_000, 0), 20_000, 0),
        ((540_000, 30_000, 520_000, 0), 20_000, 0),
        ((540_000, 0, 539_999, 0), 1, 1),
        ((540_000, 0, 600_000, 0), 0, 0),
    ],
)
def test_what_must_come_back_is_unspent_and_neither_returned_nor_let_go(
    money: tuple[int, ...], unspent: int, outstanding: int
) -> None:
    found = ReportMoney(*map(Pence, money))

    assert (found.unspent, found.outstanding) == (unspent, outstanding)


def test_report_is_due_on_its_own_day_and_before_it_is_begun_on_that_of_the_award() -> None:
    assert (_case().due_on, _case(None).due_on) == (DUE, date(2027, 6, 30))


@pytest.mark.parametrize(
    ("report", "today", "is_overdue"),
    [
        (ReportStatus.DRAFT, DUE, False),
        (ReportStatus.DRAFT, date(2027, 7, 31), True),
        (ReportStatus.RETURNED, date(2027, 7, 31), True),
        (ReportStatus.SUBMITTED, date(2027, 7, 31), False),
        (ReportStatus.ACCEPTED, date(2027, 7, 31), False),
        (None, date(2027, 7, 1), True),
    ],
)
def test_report_is_overdue_after_its_day_unless_the_office_has_it(
    report: ReportStatus | None, today: date, is_overdue: bool
) -> None:
    assert rules.is_overdue(_case(report), today) is is_overdue


def test_nothing_is_overdue_where_nothing_is_due() -> None:
    case = _case(None)

    assert rules.is_overdue(replace(case, snapshot=AwardSnapshot(report_due_on=None)), DUE) is False


OWN = "This is an award of your own group, so others deal with it."
BARRED = "You declared an interest in this application, so it stays closed to you."
WITHDRAWN = "This award is withdrawn, so there is nothing to report."
UNPAID = "Nothing of this award is paid yet. You report once it is."
NOT_OF_THE_GROUP = "Only the group itself writes its report."
UNSETTLED = "The report is not accepted yet, so what must come back is not settled."
UNACCEPTED = "The report of this award is not accepted yet."
TAKEN_BACK = {"award": AwardStatus.WITHDRAWN}
S = ReportStatus

ANSWERS: list[tuple[Callable[[Person, ReportCase], Ruling], Person, dict[str, Any], str]] = [
    (rules.can_view, MEMBER, {}, ""),
    (rules.can_view, OFFICER, {}, ""),
    (rules.can_view, _person(of=APPLICANTS), {}, "This report is not yours to read."),
    (rules.can_view, OFFICER, {"bars": (5, 1)}, BARRED),
    (rules.can_open, MEMBER, {"report": None}, ""),
    (rules.can_open, OFFICER, {"report": None}, NOT_OF_THE_GROUP),
    (rules.can_open, MEMBER, TAKEN_BACK, WITHDRAWN),
    (rules.can_open, MEMBER, {"paid": 0}, UNPAID),
    (rules.can_open, MEMBER, {"award": AwardStatus.OFFERED}, UNPAID),
    (rules.can_edit, MEMBER, {"report": S.DRAFT}, ""),
    (rules.can_edit, MEMBER, {"report": S.RETURNED}, ""),
    (rules.can_edit, MEMBER, {"report": S.SUBMITTED}, "This report is with the office, so it cannot be changed."),
    (rules.can_edit, MEMBER, {"report": None}, "Start the report first."),
    (rules.can_edit, OFFICER, {"report": S.DRAFT}, NOT_OF_THE_GROUP),
    (rules.can_submit, MEMBER, {"report": S.DRAFT}, ""),
    (rules.can_submit, MEMBER, {"report": None}, "Start the report first."),
    (rules.can_extend, OFFICER, {"report": None}, ""),
    (rules.can_extend, OFFICER, {"report": S.RETURNED}, ""),
    (rules.can_extend, OFFICER, {"report": S.SUBMITTED}, "This report is with the office: you cannot do that now."),
    (rules.can_extend, OFFICER, {"report": S.SUBMITTED, **TAKEN_BACK}, WITHDRAWN),
    (rules.can_extend, FINANCE, {"report": S.DRAFT}, "Only a grants officer gives more time."),
    (rules.can_answer, OFFICER, {"report": S.SUBMITTED}, ""),
    (rules.can_answer, OFFICER, {"report": S.DRAFT}, "This report is not sent yet: you cannot do that now."),
    (rules.can_answer, OFFICER, {"report": S.RETURNED}, "This report is with the group again: you cannot do that now."),
    (rules.can_answer, OFFICER, {}, "This report is accepted: you cannot do that now."),
    (rules.can_answer, OFFICER, {"report": None}, "The group has not sent its report yet."),
    (rules.can_answer, OFFICER, {"report": None, **TAKEN_BACK}, WITHDRAWN),
    (rules.can_answer, FINANCE, {"report": S.SUBMITTED}, "Only a grants officer accepts a report."),
    (rules.can_answer, _person(Role.OFFICER, of=GROUP), {"report": S.SUBMITTED}, OWN),
    (rules.can_answer, _person(Role.OFFICER, of=APPLICANTS), {"report": S.SUBMITTED}, OWN),
    (rules.can_answer, OFFICER, {"report": S.SUBMITTED, "bars": (1,)}, BARRED),
    (rules.can_record_repayment, FINANCE, {}, ""),
    (rules.can_record_repayment, FINANCE, {"returned": 20_000}, "Nothing must come back."),
    (rules.can_record_repayment, FINANCE, {"report": S.SUBMITTED}, UNSETTLED),
    (rules.can_record_repayment, FINANCE, {"report": None}, UNSETTLED),
    (
        rules.can_record_repayment,
        FINANCE,
        TAKEN_BACK,
        "This award is withdrawn: record what came back among its corrections.",
    ),
    (rules.can_record_repayment, OFFICER, {}, "Only a finance officer records money."),
    (rules.can_waive, OFFICER, {}, ""),
    (rules.can_waive, OFFICER, {"returned": 20_000}, "Nothing must come back."),
    (
        rules.can_waive,
        OFFICER,
        {"spent": 519_999},
        "In this round up to £200 may be let go, and £200.01 is outstanding.",
    ),
    (rules.can_waive, FINANCE, {}, "Only a grants officer decides that."),
    (rules.can_close, OFFICER, {"waived": 20_000}, ""),
    (rules.can_close, OFFICER, {}, "£200 must still come back."),
    (rules.can_close, OFFICER, {"waived": 20_000, "award": AwardStatus.ACCEPTED}, "Not all of this award is paid yet."),
    (rules.can_close, OFFICER, {"waived": 20_000, "award": AwardStatus.COMPLETE}, "This award is complete already."),
    (rules.can_close, OFFICER, {"report": S.SUBMITTED}, UNACCEPTED),
    (rules.can_close, OFFICER, {"report": None}, UNACCEPTED),
    (rules.can_close, FINANCE, {"waived": 20_000}, "Only a grants officer closes an award."),
]


@pytest.mark.parametrize(("rule", "person", "facts", "reason"), ANSWERS)
def test_rule_says_yes_to_what_it_names_and_why_not_to_all_else(
    rule: Callable[[Person, ReportCase], Ruling], person: Person, facts: dict[str, Any], reason: str
) -> None:
    assert rule(person, _case(**facts)) == Ruling(not reason, reason)


def test_award_is_done_when_its_report_is_accepted_and_nothing_is_to_come_back() -> None:
    assert rules.is_done(_case(waived=20_000)) == YES
    for report in (None, S.SUBMITTED):
        assert rules.is_done(_case(report, spent=540_000)).reason == UNACCEPTED


LINE = SpentLine("Hall", Pence(10_000), Pence(10_000), Pence(10_000), "")
WHOLE = Told(
    reference="A-1",
    organisation="Northside",
    title="Nights",
    people_planned=70,
    people_helped=0,
    people_estimated=False,
    volunteers=0,
    sessions=0,
    difference="Fewer calls.",
    changed="",
    lines=(LINE,),
    other_money="",
    story="",
    story_consent=False,
    awarded_pence=Pence(10_000),
    paid_pence=Pence(10_000),
    spent_pence=Pence(10_000),
)


def _spent(pence: int | None, **more: Any) -> dict[str, Any]:
    return {"lines": (LINE, replace(LINE, spent_pence=pence, **more))}


def _words(count: int) -> str:
    return " ".join(["word"] * count)


LACKS: list[tuple[dict[str, Any], list[tuple[str, str, bool]]]] = [
    ({}, []),
    ({"people_helped": None}, [("people_helped", "Enter how many people the project helped", True)]),
    ({"people_helped": None, "people_estimated": None}, [("people_helped", "Enter how many people the", True)]),
    ({"people_estimated": None}, [("counted", "Select whether you counted the people", True)]),
    ({"volunteers": None}, [("volunteers", "Enter how many volunteers took part", True)]),
    ({"sessions": None}, [("sessions", "Enter how many sessions there were", True)]),
    ({"difference": ""}, [("difference", "Enter what difference the project made", True)]),
    ({"difference": _words(500), "changed": _words(300)}, []),
    (
        {"difference": _words(501)},
        [("difference", "What difference the project made must be 500 words or fewer. It has 501", False)],
    ),
    ({"changed": _words(301)}, [("changed", "What changed must be 300 words or fewer. It has 301", False)]),
    (_spent(None), [("lines-1-spent", "Enter what you spent on Hall, or 0", True)]),
    (
        _spent(11_001),
        [("lines-1-reason", "You spent £10.01 more on Hall than planned. Enter the reason, as it is over 10%", False)],
    ),
    (_spent(8_999), [("lines-1-reason", "You spent £10.01 less on Hall than planned.", False)]),
    (_spent(1, planned_pence=Pence(0)), [("lines-1-reason", "You spent £0.01 more on Hall than planned.", False)]),
    (_spent(8_999, reason="x" * 500), []),
    (_spent(10_000, reason="x" * 501), [("lines-1-reason", "The reason must be 500 characters or fewer", False)]),
    (
        {"spent_pence": Pence(12_000)},
        [("other_money", "You spent £20 more than we paid. Enter where that money came from", False)],
    ),
    ({"spent_pence": Pence(12_000), "other_money": "x" * 500}, []),
    (
        {"other_money": "x" * 501},
        [("other_money", "Where other money came from must be 500 characters or fewer", False)],
    ),
    ({"story": _words(300), "story_consent": True}, []),
    ({"story": "A boy found friends."}, [("story_consent", "Confirm that the story may be published, or", True)]),
    (
        {"story": _words(301), "story_consent": True},
        [("story", "The story must be 300 words or fewer. It has 301", False)],
    ),
]


@pytest.mark.parametrize(("told", "lacks"), LACKS)
def test_report_that_lacks_something_is_told_what_and_where(
    told: dict[str, Any], lacks: list[tuple[str, str, bool]]
) -> None:
    found = rules.problems(replace(WHOLE, **told))

    assert [(problem.field, problem.missing) for problem in found] == [(field, missing) for field, _, missing in lacks]
    assert all(problem.message.startswith(words) for problem, (_, words, _) in zip(found, lacks, strict=True))
