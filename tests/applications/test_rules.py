"""Who may do what with an application, and what it still lacks: each rule with its answer, without a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from grants.accounts.models import Membership, Person, RoleGrant
from grants.accounts.rights import MemberRole, Role
from grants.applications import rules
from grants.applications.contents import Bid
from grants.applications.models import Application, ApplicationStatus, Bar, Clarification, ClarificationAnswer
from grants.foundation.records.lifecycle import Ruling
from grants.foundation.values.money import Pence
from grants.funds.kinds.kind import GivenAnswer
from grants.funds.models import Round, RoundStatus

S = ApplicationStatus
GROUP, OTHERS = 2, 3
CLOSES = datetime(2026, 12, 4, 12, tzinfo=UTC)
IN_TIME = CLOSES - timedelta(days=1)


def _person(*roles: Role, of: int | None = OTHERS) -> Person:
    memberships = [] if of is None else [Membership(organisation_id=of, role=MemberRole.OWNER)]
    return Person(id=1, grants=[RoleGrant(role=role) for role in roles], memberships=memberships)


MEMBER, OFFICER, AUDITOR = _person(of=GROUP), _person(Role.OFFICER), _person(Role.AUDITOR)


def _round(status: RoundStatus = RoundStatus.OPEN, **more: Any) -> Round:
    times = {"opens_at": CLOSES - timedelta(days=30), "closes_at": CLOSES}
    return Round(status=status, scores_needed=3, largest_grant_pence=600_000, **times, **more)


def _bid(status: ApplicationStatus = S.SUBMITTED, *, bars: tuple[int, ...] = (), **more: Any) -> Application:
    given = {"approved_pence": None, "submitted_at": None if status == S.DRAFT else IN_TIME, **more}
    return Application(
        status=status,
        organisation_id=GROUP,
        round=_round(),
        bars=[Bar(person_id=number) for number in bars],
        **given,
    )


OPEN = Clarification(reply=None)
ANSWERED = Clarification(reply=ClarificationAnswer())
CLOSED = "This round closed at 12\xa0noon, Friday 4\xa0December\xa02026 (UK\xa0time,\xa0GMT)."
BARRED = "You declared an interest in this application, so it stays closed to you."
NOT_YOURS = "This application is not yours to read."
NO_QUESTIONS = "This application does not take questions now."
DECIDED = "This application has been decided, so the question needs no answer any more."


def _edit(at: datetime) -> Callable[[Person, Application], Ruling]:
    return lambda person, bid: rules.can_edit(person, bid, at)


def _submit(at: datetime) -> Callable[[Person, Application], Ruling]:
    return lambda person, bid: rules.can_submit(person, bid, at)


def _ask(*asked: Clarification) -> Callable[[Person, Application], Ruling]:
    return lambda person, bid: rules.can_ask(person, bid, asked)


def _answer(asked: Clarification) -> Callable[[Person, Application], Ruling]:
    return lambda person, bid: rules.can_answer(person, bid, asked)


ANSWERS: list[tuple[Callable[[Person, Application], Ruling], Person, Application, str]] = [
    (rules.can_view, MEMBER, _bid(S.DRAFT), ""),
    (rules.can_view, AUDITOR, _bid(S.DRAFT), ""),
    (rules.can_view, OFFICER, _bid(), ""),
    (rules.can_view, OFFICER, _bid(S.DRAFT), NOT_YOURS),
    (rules.can_view, _person(Role.FINANCE), _bid(), NOT_YOURS),
    (rules.can_view, MEMBER, _bid(bars=(5, 1)), BARRED),
    (rules.can_view, MEMBER, _bid(bars=(5,)), ""),
    (_edit(IN_TIME), MEMBER, _bid(S.DRAFT), ""),
    (_edit(CLOSES), MEMBER, _bid(S.DRAFT), CLOSED),
    (_edit(IN_TIME), MEMBER, _bid(), "This application is not a draft any more, so it cannot be changed."),
    (_edit(IN_TIME), OFFICER, _bid(S.DRAFT), "Only the group itself can change its application."),
    (_submit(IN_TIME), MEMBER, _bid(S.DRAFT), ""),
    (_submit(CLOSES), MEMBER, _bid(S.DRAFT), CLOSED),
    (_submit(IN_TIME), MEMBER, _bid(), "This application was submitted already."),
    (_submit(IN_TIME), OFFICER, _bid(S.DRAFT), "Only the group itself can submit its application."),
    (rules.can_withdraw, MEMBER, _bid(S.DECIDED), ""),
    (rules.can_withdraw, MEMBER, _bid(S.AWARDED), "This application is closed, so it cannot be withdrawn."),
    (
        rules.can_withdraw,
        MEMBER,
        _bid(S.WITHDRAWN),
        "This application was withdrawn already, so it cannot be withdrawn again.",
    ),
    (rules.can_withdraw, OFFICER, _bid(), "Only the group itself can withdraw its application."),
    (_ask(), OFFICER, _bid(), ""),
    (_ask(ANSWERED), OFFICER, _bid(S.ELIGIBLE), ""),
    (
        _ask(OPEN, ANSWERED),
        OFFICER,
        _bid(),
        "A question is open already. When the group has answered it, you can ask the next one.",
    ),
    (_ask(), OFFICER, _bid(S.RECOMMENDED), NO_QUESTIONS),
    (_ask(), OFFICER, _bid(S.DRAFT), NO_QUESTIONS),
    (_ask(), OFFICER, _bid(bars=(1,)), BARRED),
    (
        _ask(),
        _person(Role.OFFICER, of=GROUP),
        _bid(),
        "This is an application of your own group, so others deal with it.",
    ),
    (_ask(), AUDITOR, _bid(), "Only a grants officer asks questions about an application."),
    (_answer(OPEN), MEMBER, _bid(), ""),
    (_answer(OPEN), MEMBER, _bid(S.ELIGIBLE), ""),
    (_answer(OPEN), MEMBER, _bid(S.RECOMMENDED), ""),
    (_answer(OPEN), MEMBER, _bid(S.DECIDED), ""),
    (_answer(ANSWERED), MEMBER, _bid(), "This question was answered already. An answer cannot be changed."),
    (_answer(OPEN), OFFICER, _bid(), "Only the group itself can answer a question about its application."),
    (
        _answer(OPEN),
        MEMBER,
        _bid(S.WITHDRAWN),
        "Your group has withdrawn this application, so the question needs no answer any more.",
    ),
    *((_answer(OPEN), MEMBER, _bid(status), DECIDED) for status in (S.INELIGIBLE, S.AWARDED, S.DECLINED)),
    (_answer(OPEN), MEMBER, _bid(S.DRAFT), "This application does not take answers any more."),
]


@pytest.mark.parametrize(("rule", "person", "bid", "reason"), ANSWERS)
def test_rule_says_yes_to_what_it_names_and_why_not_to_all_else(
    rule: Callable[[Person, Application], Ruling], person: Person, bid: Application, reason: str
) -> None:
    assert rule(person, bid) == Ruling(not reason, reason)


def test_application_is_started_by_somebody_with_a_group_while_the_round_is_open() -> None:
    assert rules.can_start(MEMBER, _round(), IN_TIME)
    assert rules.can_start(MEMBER, _round(), CLOSES).reason == CLOSED
    assert rules.can_start(_person(of=None), _round(), IN_TIME).reason == "Tell us about your group first."


def test_panel_is_done_when_as_many_locked_their_scores_as_the_round_asks_for() -> None:
    assert rules.enough_scores(_bid(), 3)
    assert rules.enough_scores(_bid(), 2).reason == (
        "2 of 3 panel members have locked their scores. It can go on when all 3 have."
    )


@pytest.mark.parametrize(
    ("pence", "approved", "declined"),
    [
        (540_000, "", "This application is not declined."),
        (0, "This application is not approved.", ""),
        (None, "This application is not approved.", "This application is not declined."),
    ],
)
def test_decision_is_one_of_two_or_not_made(pence: int | None, approved: str, declined: str) -> None:
    bid = _bid(S.DECIDED, approved_pence=pence)

    assert rules.is_approved(bid) == Ruling(not approved, approved)
    assert rules.is_declined(bid) == Ruling(not declined, declined)


def test_group_is_told_of_a_decision_when_it_is_announced_and_the_office_at_once() -> None:
    bid = _bid(S.DECIDED)

    assert (rules.told_status(MEMBER, bid), rules.told_status(OFFICER, bid)) == (bid.state_told, S.DECIDED)
    assert bid.state_told != S.DECIDED


def test_round_is_completed_by_an_officer_when_nothing_waits() -> None:
    closed = _round(RoundStatus.CLOSED)

    assert rules.can_complete_round(OFFICER, closed, unfinished=0)
    assert "1 application waits" in rules.can_complete_round(OFFICER, closed, unfinished=1).reason
    assert rules.can_complete_round(OFFICER, _round(), unfinished=0).reason == (
        "Only a round that is closed and being decided can be completed."
    )
    assert rules.can_complete_round(AUDITOR, closed, unfinished=0).reason == "Only a grants officer completes a round."


ANSWER = GivenAnswer("need", "Why?", 3, required=True, text="For the young.")
WHOLE = Bid(
    reference="A-1",
    round="SCF 21",
    organisation="Northside",
    organisation_kind="group",
    charity_number="",
    company_number="",
    title="Nights",
    summary="Open nights.",
    starts_on=date(2027, 1, 11),
    ends_on=date(2027, 7, 10),
    people_helped=70,
    districts=("Leeds",),
    topics=("CSE",),
    priority="Safety",
    plan="Plan",
    answers=(ANSWER,),
    budget=(),
    requested_pence=Pence(600_000),
)


def _answered(text: str, *, required: bool = True) -> dict[str, Any]:
    return {"answers": (ANSWER, replace(ANSWER, text=text, required=required))}


LACKS: list[tuple[dict[str, Any], list[tuple[str, str, bool]]]] = [
    ({}, []),
    ({"title": ""}, [("title", "Enter a project title", True)]),
    ({"title": "x" * 120, "summary": "word " * 75}, []),
    ({"title": "x" * 121}, [("title", "The project title must be 120 characters or fewer", False)]),
    ({"summary": ""}, [("summary", "Enter a summary of the project", True)]),
    ({"summary": "word " * 76}, [("summary", "The summary must be 75 words or fewer.", False)]),
    ({"starts_on": None}, [("starts_on", "Enter the day the project starts", True)]),
    ({"ends_on": None}, [("ends_on", "Enter the day the project ends", True)]),
    ({"ends_on": date(2027, 1, 11)}, []),
    ({"ends_on": date(2027, 1, 10)}, [("ends_on", "The end date must be on or after the start date", False)]),
    ({"ends_on": date(2027, 7, 11)}, [("ends_on", "The project must last 6 months or less", False)]),
    ({"people_helped": None}, [("people_helped", "Enter how many people the project will help", True)]),
    ({"districts": ()}, [("districts", "Select where the project will work", True)]),
    ({"topics": ()}, [("topic", "Select what the project is mainly about", True)]),
    ({"topics": tuple("abcde")}, []),
    ({"topics": tuple("abcdef")}, [("other_topics", "Select 4 other topics or fewer", False)]),
    ({"priority": ""}, [("priority", "Select the priority of the plan that the project serves", True)]),
    (_answered(""), [("text", "Answer the question “Why?”", True)]),
    (_answered("", required=False), []),
    (_answered("One two three four"), [("text", "The answer to “Why?” must be 3 words or fewer.", False)]),
    ({"requested_pence": Pence(0)}, [("lines-0-item", "Enter at least one line of the budget", True)]),
    (
        {"requested_pence": Pence(600_001)},
        [
            (
                "lines-0-amount",
                "The budget adds up to £6,000.01. The largest grant in this round is £6,000: take off £0.01",
                False,
            )
        ],
    ),
]


@pytest.mark.parametrize(("bid", "lacks"), LACKS)
def test_bid_that_lacks_something_is_told_what_and_where(
    bid: dict[str, Any], lacks: list[tuple[str, str, bool]]
) -> None:
    found = rules.problems(replace(WHOLE, **bid), _round(most_months=6))

    assert [(problem.field, problem.missing) for problem in found] == [(field, missing) for field, _, missing in lacks]
    assert all(problem.message.startswith(words) for problem, (_, words, _) in zip(found, lacks, strict=True))


def test_round_without_a_limit_sets_none() -> None:
    unlimited = Round(largest_grant_pence=None, most_months=None)

    assert rules.problems(replace(WHOLE, ends_on=date(2037, 1, 1), requested_pence=Pence(10**9)), unlimited) == []
