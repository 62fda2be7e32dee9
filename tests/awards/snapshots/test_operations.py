"""What the snapshot of an award holds, and that it is made again as the ledger makes it."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as entries
from grants.awards.models import Account, Award, AwardSnapshot, AwardStatus, ChangedField
from grants.awards.offers import operations as offers
from grants.awards.rules import report_due_on
from grants.awards.snapshots import operations as snapshots
from grants.foundation.records.db import db, transaction
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.conftest import MovedClock
from tests.support import award_factories as awards
from tests.support import factories
from tests.support.factories import TESTS


def _snapshot(award: Any) -> AwardSnapshot:
    return db.session.get_one(AwardSnapshot, award.id, populate_existing=True)


# Its sums


def _entry(amount: int | None, account: Account = Account.AWARDED, *, project: int = 0, unknown: int = 0) -> Any:
    return SimpleNamespace(amount_pence=amount, account=account, project_delta=project, unknown_delta=unknown)


def _sums(status: AwardStatus, *lines: Any, here: bool = True) -> dict[str, Any]:
    return snapshots._sums(SimpleNamespace(status=status, decision_id=1 if here else None), lines)


BEGINNING = _entry(500, project=1)
MOVED = (_entry(300, Account.COMMITTED), _entry(200, Account.PAID), _entry(-50, Account.RETURNED))


def test_sums_are_those_of_each_account() -> None:
    assert _sums(AwardStatus.PAID, BEGINNING, *MOVED) == {
        "status": AwardStatus.PAID.public,
        "is_project": True,
        "awarded_pence": 500,
        "returned_pence": 50,
        "committed_pence": 300,
        "paid_pence": 200,
    }


def test_what_was_paid_of_an_older_award_is_not_known() -> None:
    found = _sums(AwardStatus.COMPLETE, BEGINNING, *MOVED, here=False)

    assert (found["committed_pence"], found["paid_pence"], found["awarded_pence"]) == (None, None, 500)


def test_amount_that_is_not_known_is_none_and_a_known_one_beside_it_is_not_told() -> None:
    assert _sums(AwardStatus.AWARDED, _entry(None, project=1, unknown=1))["awarded_pence"] is None
    assert _sums(AwardStatus.AWARDED, _entry(None, project=1, unknown=1), _entry(7))["awarded_pence"] is None
    assert _sums(AwardStatus.AWARDED, _entry(None, project=1, unknown=1), _entry(7, unknown=-1))["awarded_pence"] == 7


def test_award_that_ended_is_worth_nothing_and_what_was_paid_of_it_stays() -> None:
    assert _sums(AwardStatus.PAID, BEGINNING, *MOVED, _entry(-500, project=-1)) == {
        "status": AwardStatus.WITHDRAWN,
        "is_project": False,
        "awarded_pence": 0,
        "returned_pence": 0,
        "committed_pence": 300,
        "paid_pence": 200,
    }


def test_award_that_counts_again_is_withdrawn_no_more() -> None:
    assert _sums(AwardStatus.WITHDRAWN, BEGINNING)["status"] == AwardStatus.AWARDED


# Its words


def test_snapshot_says_what_the_award_began_with(app: Flask) -> None:
    topics = [factories.topic(name) for name in ("FGM", "CSE", "hate crime")]
    award = factories.award(
        reference="A-1",
        title="Safe  evenings",
        award_day="2016-03",
        source="A list",
        organisation=factories.organisation("Genesis"),
        topics=topics,
        districts=[factories.district("Leeds"), factories.district("Bradford")],
    )

    found = _snapshot(award)

    assert (found.primary_topic, found.primary_topic_id, found.other_topics) == ("FGM", topics[0].id, "CSE; hate crime")
    assert (found.districts, found.fund_code, found.round_code) == ("Leeds; Bradford", "SCF", "")
    assert (found.award_day, found.award_last) == (Day.parse("2016-03"), date(2016, 3, 31))
    assert found.search == "a-1 genesis safe evenings fgm cse; hate crime leeds; bradford scf"
    assert found.first_published_at == found.last_changed_at == award.entered_at
    assert _snapshot(factories.award(topics=[], source="A list")).primary_topic == ""


def test_snapshot_says_what_the_last_change_of_each_field_made(app: Flask, clock: MovedClock) -> None:
    award = factories.award(award_day="2016-03", source="A list", organisation=factories.organisation("Genesis"))
    group, topics = factories.organisation("The successor"), [factories.topic("hate crime"), factories.topic("FGM")]
    about: dict[str, Any] = {"actor": TESTS, "award": award, "reason": "Misread."}
    clock.shift(timedelta(hours=1))
    corrections.change_fields(**about, values={ChangedField.TITLE: "Before", ChangedField.TOPICS: topics[1:]})
    values = {ChangedField.TITLE: "After", ChangedField.TOPICS: topics, ChangedField.RECIPIENT: group}
    corrections.change_fields(**about, values=values)
    corrections.correct_award_date(**about, award_day=Day.parse("2016-02"))

    found = _snapshot(award)

    assert (found.title, found.organisation_id, found.organisation_name) == ("After", group.id, "The successor")
    assert (found.primary_topic, found.primary_topic_id, found.other_topics) == ("hate crime", topics[0].id, "FGM")
    assert (found.award_day, found.award_last) == (Day.parse("2016-02"), date(2016, 2, 29))
    assert found.last_changed_at == found.first_published_at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("chosen", "day"),
    [
        ({}, date(2027, 6, 30)),
        ({ChangedField.STARTS_ON: SimpleNamespace(after="2027-01-01")}, date(2027, 6, 30)),
        ({ChangedField.ENDS_ON: SimpleNamespace(after="2027-09-30")}, date(2027, 9, 30)),
        ({ChangedField.ENDS_ON: SimpleNamespace(after="")}, None),
    ],
)
def test_day_is_that_of_the_change_that_holds(chosen: dict[str, Any], day: date | None) -> None:
    assert snapshots._day_of(chosen, ChangedField.ENDS_ON, date(2027, 6, 30)) == day


def test_award_of_a_round_has_its_code(app: Flask) -> None:
    assert _snapshot(awards.decided_award()).round_code.startswith("SCF-")


def test_award_changed_when_it_was_paid_and_completed_and_not_as_money_was_committed(
    app: Flask, clock: MovedClock
) -> None:
    award = awards.accepted_award()
    before = _snapshot(award).last_changed_at
    about: dict[str, Any] = {"actor": TESTS, "award": award, "amount": Pence(540_000), "reason": "Batch 1"}

    def changed() -> timedelta:
        clock.shift(timedelta(minutes=1))
        return _snapshot(award).last_changed_at - before

    clock.shift(timedelta(minutes=1))
    entries.commit(**about)
    assert changed() == timedelta(0)
    entries.record_payment(**about, paid_on=Day.parse("2026-11-22"))
    assert changed() == timedelta(minutes=2)
    offers.complete(actor=TESTS, award=award, reason="The report is accepted.")
    assert changed() == timedelta(minutes=3)


# Its report


def test_report_is_due_so_many_days_after_the_project_as_its_round_or_else_the_office_says() -> None:
    values = {"paid_pence": 1, "is_project": True, "ends_on": date(2027, 6, 30), "award_last": date(2026, 12, 1)}

    assert snapshots._report_due(values, 10) == date(2027, 7, 10)
    assert snapshots._report_due(values, None) == date(2027, 7, 30)
    assert snapshots._report_due({**values, "paid_pence": 0}, 10) is None
    assert snapshots._report_due({**values, "is_project": False}, 10) is None


def test_report_is_due_once_something_is_paid(clock: Any, app: Any) -> None:
    award = awards.accepted_award()
    assert _snapshot(award).report_due_on is None

    awards.pay(award, 1)

    assert award.ends_on == date(2027, 6, 30)
    assert _snapshot(award).report_due_on == award.ends_on + timedelta(days=award.round.report_days)


def test_report_of_a_withdrawn_award_is_due_on_no_day(clock: Any, app: Any) -> None:
    """The risk: a group is reminded of a report for a grant that it no longer has."""
    award = awards.paid_award()
    assert _snapshot(award).report_due_on is not None

    awards.withdraw(award)

    snapshot = _snapshot(award)
    assert (snapshot.status, snapshot.paid_pence, snapshot.is_project) == (AwardStatus.WITHDRAWN, 540_000, False)
    assert snapshot.report_due_on is None


def test_report_of_a_project_without_an_end_is_due_after_a_year() -> None:
    assert report_due_on(None, date(2024, 2, 29), 1) == date(2025, 3, 1)
    assert report_due_on(date(2024, 2, 29), date(2024, 1, 1), 0) == date(2024, 2, 29)


# Made again


def _spoilt(count: int) -> list[tuple[Award, AwardSnapshot]]:
    """Awards with their snapshots, loaded, of which each has a title that the ledger does not make."""
    made = [
        factories.award(title=f"Safe {number}", source="A list", organisation=factories.organisation())
        for number in range(count)
    ]
    with transaction() as session:
        session.execute(update(AwardSnapshot.__table__).values(title="Spoilt"))  # type: ignore[arg-type]
    return [(award, _snapshot(award)) for award in made]


def test_row_of_one_award_is_made_again_with_what_is_not_stored_yet(app: Flask) -> None:
    ((award, row),) = _spoilt(1)
    title = select(AwardSnapshot.__table__.c.title)

    with transaction():
        award.status = AwardStatus.COMPLETE
        made = snapshots.refresh_snapshot(award)

        assert (made is row, made.title, made.status) == (True, "Safe 0", AwardStatus.COMPLETE)
        assert db.session.scalar(title) == "Safe 0"


def test_row_that_another_changed_is_made_again(app: Flask) -> None:
    award = factories.award(title="Safe 0", source="A list")
    row = _snapshot(award)
    with transaction() as session:
        session.execute(update(AwardSnapshot.__table__).values(title="Spoilt"))  # type: ignore[arg-type]

    with transaction():
        snapshots.refresh_snapshot(award)

    assert db.session.scalar(select(AwardSnapshot.__table__.c.title)) == row.title == "Safe 0"


def test_every_row_is_made_again_batch_by_batch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "BATCH", 2)
    spoilt = _spoilt(5)

    assert snapshots.rebuild_snapshots() == 5
    assert [_snapshot(award).title for award, _ in spoilt] == [f"Safe {number}" for number in range(5)]


def test_rows_of_some_awards_are_made_again_and_read_anew(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "BATCH", 2)
    spoilt = _spoilt(4)

    with transaction():
        snapshots.renew_snapshots([])
        snapshots.renew_snapshots([award.id for award, _ in spoilt[:3]])

    assert [row.title for _, row in spoilt] == ["Safe 0", "Safe 1", "Safe 2", "Spoilt"]
    assert _snapshot(spoilt[3][0]).title == "Spoilt"


def test_rows_that_name_something_are_made_again(app: Flask) -> None:
    (first, row), (_, other) = _spoilt(2)

    with transaction():
        snapshots.renew_of(AwardSnapshot.organisation_id, {first.organisation_id})

    assert (row.title, other.title) == ("Safe 0", "Spoilt")
