"""What of a story is told to whom: its letters, its money and its place in time. Without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grants.awards.models import Account
from grants.desk.story.contents import A_MOMENT, Item, StoryMoney, _foot, _letters, _place, _with_ledger, net
from grants.desk.story.queries import Beside, TrailLine
from grants.desk.story.rules import Visibility
from grants.foundation.records.audit import AuditLine

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

    assert _place(Item(AT - A_MOMENT, "Letter", ""), deeds) == (AT, True, 0)
    assert _place(Item(AT, "Letter", ""), deeds) == (AT, True, 0)
    early, late = AT - A_MOMENT - timedelta(microseconds=1), AT + timedelta(microseconds=1)
    assert _place(Item(early, "Letter", ""), deeds) == (early, True, 0)
    assert _place(Item(late, "Letter", ""), deeds) == (late, True, 0)
    assert _place(_deed(AT, number=7), deeds) == (AT, False, 7)


def test_entry_of_the_ledger_stands_with_the_next_deed_about_the_award() -> None:
    items = [_deed(AT), _deed(AT + timedelta(hours=1), "applications"), _deed(AT + timedelta(hours=2))]

    found = _with_ledger(items, [_entry(AT, 540_000), _entry(AT + timedelta(seconds=1), 10_000)])

    assert [item.money.approved for item in found] == [540_000, None, 10_000]


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
