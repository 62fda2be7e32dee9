"""What the snapshot of an award holds beside its sums."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from grants.awards.models import AwardSnapshot, AwardStatus
from grants.awards.rules import report_due_on
from grants.foundation.records.db import db
from tests.support import award_factories as awards


def _snapshot(award: Any) -> AwardSnapshot:
    return db.session.get_one(AwardSnapshot, award.id, populate_existing=True)


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
