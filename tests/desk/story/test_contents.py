"""What of a story is told to whom: its letters, its money and its place in time. Without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grants.applications.acts import ApplicationAct
from grants.applications.models import Application
from grants.awards.acts import AwardAct
from grants.awards.models import Account
from grants.desk.story.contents import Item, Link, Story, StoryMoney, _foot, _letters, _place, _with_ledger, net, tell
from grants.desk.story.queries import Beside, Subject, TrailLine
from grants.desk.story.rules import Visibility
from grants.foundation.records.audit import AuditLine, HistoryValue
from grants.outcomes.acts import OutcomeAct
from grants.payments.acts import PaymentAct
from grants.review.acts import ReviewAct

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SEES = {
    "all": Visibility(bid=True, scores=True, payments=True),
    "the bid": Visibility(bid=True, scores=False, payments=False),
    "the payments": Visibility(bid=False, scores=False, payments=True),
    "the award alone": Visibility(bid=False, scores=False, payments=False),
}


def _letter(about: str, **more: Any) -> Beside:
    given: dict[str, Any] = {"id": 1, "at": AT, "kind": about, "text": f"About {about}", "more": "sent"}
    return Beside(**{"source": "letter", "pence": None, "day": None, **given, **more})


def _entry(at: datetime, pence: int | None, account: str = Account.AWARDED) -> Beside:
    return Beside(source="ledger", id=1, at=at, kind="award", text="", more=account, pence=pence, day=None)


def _file(kind: str, batch: str, sha256: str) -> Beside:
    return Beside(source="file", id=1, at=AT, kind=kind, text=batch, more=sha256, pence=None, day=None)


def _line(number: int, verb: str, who: str = "Sam", *, of: str = "applications A-1", why: str = "") -> TrailLine:
    """A line of the trail, as many minutes after twelve as its number says."""
    kind, reference = of.split()
    at = AT + timedelta(minutes=number)
    line = AuditLine(id=number, at=at, actor=f"person:{who}", kind=kind, verb=verb, reference=reference, why=why)
    return TrailLine(line, who, None)


def _told(who: str, *trail: TrailLine, others: Sequence[Beside] = (), **more: Any) -> Story:
    application = Application(reference="A-1", requested_pence=600_000)
    about = Subject(application, None, None, 550_000, None, None, None, None)
    return tell(about, SEES[who], trail, others, **{"wrong": {}, "kept": {}, **more})


def _deed(at: datetime, kind: str = "awards", number: int = 7) -> Item:
    line = AuditLine(id=number, at=at, actor="command:tests", kind=kind, verb="enter award", reference="A-1")
    return Item(at, "Deed", "Sam", (TrailLine(line, None, None),))


@pytest.mark.parametrize(
    ("who", "known"),
    [
        ("all", {"application:1", "award:2", "payment:3", "bank_details:4"}),
        ("the bid", {"application:1", "award:2"}),
        ("the payments", {"award:2", "payment:3", "bank_details:4"}),
        ("the award alone", {"award:2"}),
    ],
)
def test_letter_is_known_to_whom_its_thing_is(who: str, known: set[str]) -> None:
    """The risk: who must not read the bid, or must not see payments, learns of it from the subject of a letter."""
    others = [_letter(about) for about in ("application:1", "award:2", "payment:3", "bank_details:4")]

    assert {item.what for item in _letters(SEES[who], others)} == {f"Letter: About {about}" for about in known}


def test_letter_to_several_people_is_told_once_and_says_what_became_of_it() -> None:
    later = AT + timedelta(seconds=1)
    others = [
        _letter("award:2"),
        _letter("award:2", id=2, at=AT.replace(microsecond=9)),
        _letter("award:2", id=3, at=later, more="failed"),
        _entry(AT, 1),
    ]

    told = list(_letters(SEES["all"], others))

    assert [(item.at, item.details) for item in told] == [
        (AT, ("It is sent.",)),
        (later, ("It could not be sent.",)),
    ]


def test_letter_stands_after_the_deed_of_its_moment_and_else_at_its_own_time() -> None:
    deeds = [AT]
    moment = timedelta(seconds=5)

    assert _place(Item(AT - moment, "Letter", ""), deeds) == (AT, True, 0)
    assert _place(Item(AT, "Letter", ""), deeds) == (AT, True, 0)
    early, late = AT - moment - timedelta(microseconds=1), AT + timedelta(microseconds=1)
    assert _place(Item(early, "Letter", ""), deeds) == (early, True, 0)
    assert _place(Item(late, "Letter", ""), deeds) == (late, True, 0)
    two = Item(AT, "Deed", "Sam", (*_deed(AT, number=7).lines, *_deed(AT, number=8).lines))
    assert _place(two, deeds) == (AT, False, 7)


def test_entry_of_the_ledger_stands_with_the_next_deed_about_the_award() -> None:
    letter = Item(AT, "Letter", "")
    items = [letter, _deed(AT), _deed(AT + timedelta(hours=1), "applications"), _deed(AT + timedelta(hours=2))]

    found = _with_ledger(items, [_entry(AT, 540_000), _entry(AT + timedelta(seconds=1), 10_000)])

    assert [item.money.approved for item in found] == [None, 540_000, None, 10_000]


def test_entry_without_a_later_deed_stands_by_itself() -> None:
    (_, alone) = _with_ledger([_deed(AT)], [_entry(AT + timedelta(seconds=1), -20_000, Account.RETURNED)])

    assert (alone.what, alone.who, alone.money) == ("Entered in the ledger", "", StoryMoney(returned=20_000))


def test_entry_without_an_amount_is_told_in_words_alone() -> None:
    (alone,) = _with_ledger([], [_entry(AT, None)])

    assert (alone.money, alone.details) == (StoryMoney(), ("Ledger: award, not known",))


def test_foot_adds_up_what_moved_and_repeats_what_was_said() -> None:
    items = [
        Item(AT, "", "", money=StoryMoney(asked=600_000, approved=540_000)),
        Item(AT, "", "", money=StoryMoney(asked=590_000, paid=300_000, returned=0)),
        Item(AT, "", "", money=StoryMoney(recommended=0, paid=200_000, returned=50_000)),
    ]

    foot = _foot(items)

    assert foot == StoryMoney(asked=590_000, recommended=0, approved=540_000, paid=500_000, returned=50_000)
    assert net(foot) == 450_000
    assert (net(StoryMoney(paid=5)), net(StoryMoney(returned=5)), net(StoryMoney())) == (5, -5, 0)


def test_numbers_of_an_item_are_those_of_its_lines() -> None:
    one, other = _deed(AT, number=12).lines[0], _deed(AT, number=17).lines[0]

    assert [Item(AT, "", "", lines).numbers for lines in ((), (one,), (one, other))] == ["", "12", "12–17"]


def test_saves_that_follow_each_other_are_one_item_for_each_person_and_thing() -> None:
    story = _told(
        "all",
        _line(1, ApplicationAct.SAVE_PROJECT),
        _line(2, ApplicationAct.SAVE_BUDGET, "Kim"),
        _line(3, ApplicationAct.SAVE_DATES, "Kim"),
        _line(4, OutcomeAct.SAVE_STORY_OF_REPORT, "Kim", of="reports A-1"),
        _line(5, ApplicationAct.START_APPLICATION, "Kim"),
        _line(6, ApplicationAct.START_APPLICATION, "Kim", why="Again."),
    )

    assert [(item.what, item.who, item.numbers, item.at.minute, item.details) for item in story.items] == [
        ("Wrote the application", "Sam", "1", 1, ()),
        ("Wrote the application", "Kim", "2–3", 3, ("2 times",)),
        ("Wrote the report", "Kim", "4", 4, ()),
        ("Started the application", "Kim", "5", 5, ()),
        ("Started the application", "Kim", "6", 6, ("Again.",)),
    ]
    assert story.checked == 6


DEEDS = (
    _line(1, ApplicationAct.SUBMIT_APPLICATION),
    _line(2, ReviewAct.RECOMMEND),
    _line(3, AwardAct.SIGN_DECISION_NOTICE, of="decision_notices DN-1"),
    _line(4, AwardAct.ACCEPT_OFFER, of="awards A-1"),
    _line(5, PaymentAct.APPROVE_BATCH, of="batches B-1"),
    _line(6, OutcomeAct.SUBMIT_REPORT, of="reports A-1"),
    _line(7, OutcomeAct.SUBMIT_REPORT, of="reports A-1"),
)


def test_deed_has_its_document_and_its_money() -> None:
    story = _told("all", *DEEDS)

    assert [(item.what, item.links, item.money) for item in story.items] == [
        (
            "Submitted the application",
            (Link("The application (PDF)", "applications.pdf", {"reference": "A-1"}),),
            StoryMoney(asked=600_000),
        ),
        ("Recommended it to the decision maker", (), StoryMoney(recommended=550_000)),
        (
            "Signed the decision notice DN-1",
            (Link("The decision notice (PDF)", "awards.notice_pdf", {"number": "DN-1"}),),
            StoryMoney(),
        ),
        ("Accepted the offer", (Link("The agreement (PDF)", "awards.agreement", {"reference": "A-1"}),), StoryMoney()),
        ("Approved the batch B-1", (Link("The batch", "payments.batch", {"number": "B-1"}),), StoryMoney()),
        *(
            (
                "Sent the report",
                (Link("The report (PDF)", "outcomes.report_pdf", {"reference": "A-1", "number": number}),),
                StoryMoney(),
            )
            for number in (1, 2)
        ),
    ]
    assert story.columns == ["asked", "recommended"]
    assert story.foot == StoryMoney(asked=600_000, recommended=550_000)


def test_reader_learns_of_the_parts_that_they_see_and_of_changes_behind_these_alone() -> None:
    wrong = dict.fromkeys(range(1, 8), "its content was changed")

    found = {who: _told(who, *DEEDS, wrong=wrong) for who in SEES}

    assert {who: [item.numbers for item in story.items] for who, story in found.items()} == {
        "all": ["1", "2", "3", "4", "5", "6", "7"],
        "the bid": ["1", "2", "3", "4", "6", "7"],
        "the payments": ["3", "4", "5", "6", "7"],
        "the award alone": ["3", "4", "6", "7"],
    }
    assert all(
        [str(number) for number in story.wrong] == [one.numbers for one in story.items] for story in found.values()
    )


def test_what_stands_beside_the_trail_has_its_place_in_the_story() -> None:
    at = {number: AT + timedelta(minutes=number) for number in range(9)}
    others = [
        _letter("application:1", at=at[1] - timedelta(seconds=1)),
        _letter("award:2", at=at[3] + timedelta(seconds=1)),
        _entry(at[4] - timedelta(seconds=1), 540_000),
        _entry(at[8], 9, Account.COMMITTED),
        _letter("person:1", text="B-1"),
        *(_file(*file) for file in (("csv", "B-1", "c0ffee"), ("xlsx", "B-1", "decade"), ("csv", "B-2", "facade"))),
    ]

    story = _told("all", *DEEDS, others=others)

    assert [(item.what.split()[0], item.numbers, item.details) for item in story.items] == [
        ("Submitted", "1", ()),
        ("Letter:", "", ("It is sent.",)),
        ("Recommended", "2", ()),
        ("Signed", "3", ()),
        ("Letter:", "", ("It is sent.",)),
        ("Accepted", "4", ("Ledger: award, £5,400.00",)),
        ("Approved", "5", ("CSV file, SHA-256 c0ffee", "XLSX file, SHA-256 decade")),
        ("Sent", "6", ()),
        ("Sent", "7", ()),
        ("Entered", "", ("Ledger: award, £0.09",)),
    ]
    assert (story.columns, story.foot.approved) == (["asked", "recommended", "approved"], 540_000)


@pytest.mark.parametrize(
    ("verb", "kept", "words"),
    [
        (AwardAct.DECIDE, {"outcome": "approved", "amount_pence": "540000"}, ("Approved: £5,400.00",)),
        (AwardAct.DECIDE, {"outcome": "approved"}, ("Approved",)),
        (AwardAct.DECIDE, {"outcome": "declined", "amount_pence": "0"}, ("Declined",)),
        (AwardAct.DECIDE, {}, ()),
        (ReviewAct.RECOMMEND, {"amount_pence": "540000"}, ()),
        (ReviewAct.DECLARE_INTEREST, {"has_conflict": "False"}, ("They have none.",)),
    ],
)
def test_deed_says_what_it_came_to_as_far_as_that_is_kept(
    verb: str, kept: dict[str, str], words: Sequence[str]
) -> None:
    values = [HistoryValue(line_id=1, field=field, before="", after=after) for field, after in kept.items()]

    (item,) = _told("all", _line(1, verb), kept={1: values}).items

    assert item.details == words
