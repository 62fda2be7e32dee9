"""What a line tells of what changed, value by value, and what it never tells."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from grants.accounts.models import Person
from grants.accounts.rights import HOLDERS, Right, Role
from grants.desk.trail import contents, filters, queries, rules
from grants.desk.trail.contents import Change
from grants.desk.trail.things import THINGS
from grants.foundation.records import audit
from grants.foundation.records.acts import OfficeAct, all_acts
from grants.foundation.records.audit import AuditLine, HistoryValue
from grants.foundation.records.db import Base, db, transaction
from grants.foundation.records.office import Office
from grants.foundation.values.statuses import Status
from grants.payments.models import ReturnFile
from grants.payments.returns.contents import FIELDS
from tests.support import factories, life
from tests.support import payments_factories as payments
from tests.support.client import Client
from tests.support.payments_factories import ACCOUNT

SignIn = Callable[[Person], Client]


def _changes(person: Person, **values: tuple[Any, Any]) -> tuple[Change, ...]:
    """What is told of a line with these values, of a kind that is open to whoever reads the trail."""
    with transaction():
        line = audit.record(actor=factories.TESTS, verb=OfficeAct.SET_OFFICE, kind="office", changes=values)
    (told,) = contents.tell(person, [line])
    return told.changes


@pytest.fixture
def auditor(app: Any) -> Person:
    with app.test_request_context("/audit"):
        yield factories.auditor()  # type: ignore[misc]


@pytest.mark.parametrize(
    ("field", "before", "after", "words"),
    [
        ("amount_pence", 540_000, 9_600, "Amount: from £5,400.00 to £96.00"),
        ("status", "draft", "submitted", "Status: from draft to submitted"),
        ("required", False, True, "Required: from no to yes"),
        ("ends_on", "2027-07-15", "2027-08-12", "Ends: from 15 July 2027 to 12 August 2027"),
        ("locked_at", None, "2026-11-26T18:25:00.000000+00:00", "Locked: 6:25pm on 26 November 2026"),
        ("role", "auditor", "", "Role: no longer Auditor"),
        (
            "lines",
            [],
            [["Youth workers", 532_000], ["Taxi fund", 46_599]],
            "Lines: Youth workers, £5,320.00; Taxi fund, £465.99",
        ),
        ("criterion 3", [None, ""], [4, "It shows."], "Criterion 3: 4, It shows."),
        ("email", "", "sam@example.org", "E-mail address: sam@example.org"),
        ("member", "", "person:4711", "Member: 4711"),
        ("topics", "CSE", "CSE; Knife crime", "Topics: from CSE to CSE; Knife crime"),
        ("text", "", "a " * 300, "Text: " + ("a " * 99) + "a…"),
        ("answer_by", "", "2026-02-31", "Answer by: 2026-02-31"),
        ("answer_by", "", "2027-01-31", "Answer by: 31 January 2027"),
        ("award_date", "by 2015-06-29", "2015-06-30", "Award date: from by 29 June 2015 to 30 June 2015"),
        ("selection", "", {"since": "2027-01-30"}, "Selection: since: 30 January 2027"),
        ("exported_at", None, "2026-11-26T18:25:00.000000+00:00", "Sent to be paid: 6:25pm on 26 November 2026"),
    ],
)
def test_value_is_told_in_words(auditor: Person, field: str, before: Any, after: Any, words: str) -> None:
    (change,) = _changes(auditor, **{field: (before, after)})

    assert str(change).replace("\N{NO-BREAK SPACE}", " ") == words


def test_things_are_told_by_name(auditor: Person) -> None:
    one, other = factories.organisation("Northside Youth"), factories.organisation("Southside Youth")
    topic = factories.topic("Knife crime")

    changes = _changes(
        auditor,
        organisation_id=(one.id, other.id),
        checked_by_id=(None, auditor.id),
        topics=([], [topic.id]),
    )

    assert [str(change) for change in changes] == [
        f"Checked by: {auditor.name}",
        "Group: from Northside Youth to Southside Youth",
        "Topics: Knife crime",
    ]


@pytest.mark.parametrize("field", sorted(rules.NEVER_SHOWN | contents.NOT_TOLD))
def test_what_is_secret_or_says_nothing_is_not_told(auditor: Person, field: str) -> None:
    assert _changes(auditor, **{field: ("before", "after")}) == ()


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [(kind, before, after) for kind, thing in THINGS.items() for before, after in pairwise(thing.statuses or ())],
)
def test_status_is_told_as_the_screens_say_it(auditor: Person, kind: str, before: Status, after: Status) -> None:
    with transaction():
        changes = {"status": (before.value, after.value)}
        line = audit.record(actor=factories.TESTS, verb=OfficeAct.SET_OFFICE, kind=kind, changes=changes)

    (told,) = contents.tell(auditor, [line])

    assert str(*told.changes) == f"Status: from {before.label} to {after.label}"


def test_every_kind_that_has_a_status_has_the_words_of_it() -> None:
    have = {kind for kind, thing in THINGS.items() if thing.id is not None and hasattr(thing.id.class_, "status")}
    assert have == {kind for kind, thing in THINGS.items() if thing.statuses}


SETTINGS = [
    *(("office", name) for name in sorted({column.name for column in Office.__table__.columns} - {"id", "version"})),
    *(("return_words", name) for name in FIELDS),
]


@pytest.mark.parametrize(("kind", "field"), SETTINGS)
def test_every_setting_that_was_changed_is_told(auditor: Person, kind: str, field: str) -> None:
    with transaction():
        changes = {field: ("one", "other")}
        line = audit.record(actor=factories.TESTS, verb=OfficeAct.SET_OFFICE, kind=kind, changes=changes)

    (told,) = contents.tell(auditor, [line])

    assert [(change.before, change.after) for change in told.changes] == [("one", "other")]


def test_reference_of_the_thing_itself_is_not_told_again(auditor: Person) -> None:
    with transaction():
        line = audit.record(
            actor=factories.TESTS,
            verb=OfficeAct.SET_OFFICE,
            kind="awards",
            reference="OLD-9",
            changes={"reference": ("", "OLD-9")},
        )

    assert contents.tell(auditor, [line])[0].changes == ()


def test_return_file_is_called_what_its_page_calls_it_with_its_number(auditor: Person) -> None:
    payment = payments.settled()

    (line,) = db.session.scalars(select(AuditLine).where(AuditLine.kind == "return_files"))
    (told,) = contents.tell(auditor, [line])

    assert payment.paid_on
    assert told.about is not None
    (file,) = db.session.scalars(select(ReturnFile))
    assert told.about.name == f"{file.name} ({file.id})"


def test_no_account_number_stands_in_the_trail(clock: Any, sign_in: SignIn) -> None:
    """The risk: the trail outlives the keys that everything else is sealed with."""
    grant = life.whole_life(clock)
    browser = sign_in(factories.auditor())

    words = "\n".join(f"{value.before} {value.after}" for value in db.session.scalars(select(HistoryValue)))
    words += "\n".join(f"{line.why} {line.reference} {line.digests}" for line in db.session.scalars(select(AuditLine)))
    words += browser.get("/audit.csv").get_data(as_text=True)

    assert grant.reference in words
    assert ACCOUNT.number not in words
    assert ACCOUNT.number[:4] not in browser.get("/audit?kind=bank_details").main


@pytest.mark.parametrize("kind", sorted(THINGS))
def test_changes_are_for_who_may_read_all_of_that_kind(kind: str, app: Any) -> None:
    reads = THINGS[kind].reads
    for role in Role:
        person = factories.person(role)
        may = all(role in HOLDERS[right] for right in reads)
        assert bool(rules.can_see_changes(person, kind, is_tied=False)) is may
        assert not rules.can_see_changes(person, kind, is_tied=True)


def test_changes_of_an_unknown_kind_are_told_to_nobody(app: Any) -> None:
    assert not rules.can_see_changes(factories.auditor(), "something_new", is_tied=False)


def test_auditor_sees_the_changes_of_every_kind(app: Any) -> None:
    auditor = factories.auditor()
    assert all(rules.can_see_changes(auditor, kind, is_tied=False) for kind in THINGS)
    assert auditor.may(Right.READ_AUDIT_TRAIL)


def test_kinds_are_tables_or_files() -> None:
    tables = {table.name for table in Base.metadata.sorted_tables}
    assert {kind for kind in THINGS if not kind.endswith(".csv")} <= tables


def test_every_kind_of_a_whole_life_has_its_words(clock: Any, app: Any) -> None:
    life.whole_life(clock)
    kinds = set(db.session.scalars(select(AuditLine.kind).distinct()))
    assert kinds - {""} <= THINGS.keys()
    assert len(kinds) > 9


def test_every_act_can_be_asked_for_by_its_room(app: Any) -> None:
    offered = [value for _room, acts in filters.acts_by_room() for value, _words in acts]
    assert sorted(offered) == sorted([*all_acts(), *filters.SEVERAL])


def test_thing_that_is_gone_is_named_by_what_the_line_says(auditor: Person) -> None:
    with transaction():
        line = audit.record(
            actor=factories.TESTS, verb=OfficeAct.SET_OFFICE, kind="awards", reference="OLD-9", changes={}
        )

    (told,) = contents.tell(auditor, [line])

    assert str(told.about) == "Award OLD-9"
    assert told.about is not None
    assert told.about.door is None


def test_nothing_is_asked_where_there_are_no_lines(auditor: Person) -> None:
    assert contents.tell(auditor, []) == []
    assert queries.meant() == queries.Meant()
