"""The verbs of the ledger: what each adds, and what it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as entries
from grants.awards.ledger import queries
from grants.awards.models import Award, AwardSnapshot, ChangedField, LedgerEntry
from grants.awards.snapshots import operations as snapshots
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import Refused, db
from grants.foundation.values.clock import end_of_day
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.support import factories
from tests.support.factories import TESTS

PAST = "https://example.org/announcement"


def past_award(amount: int | None = 500_000, day: str = "2016-03-03", **more: object) -> Award:
    return factories.award(amount=amount, award_day=day, source=PAST, **more)


def figures(as_at: str, known_by: datetime | None = None) -> tuple[int, int, int, int]:
    """Projects, pence awarded, pence returned and unknown amounts."""
    rows = queries.in_force(as_at=date.fromisoformat(as_at), known_by=known_by)
    sums = (func.count(), func.sum(rows.c.awarded_pence), func.sum(rows.c.returned_pence))
    projects, awarded, returned = db.session.execute(select(*sums).select_from(rows)).one()
    unknown = db.session.scalar(select(func.count()).select_from(rows).where(rows.c.is_unknown))
    return projects, awarded or 0, returned or 0, unknown or 0


def snapshot(award: Award) -> AwardSnapshot:
    return db.session.get_one(AwardSnapshot, award.id, populate_existing=True)


def topic_at(as_at: str) -> int | None:
    """The primary topic of the one award."""
    return db.session.scalar(select(queries.in_force(as_at=date.fromisoformat(as_at)).c.primary_topic_id))


def test_award_counts_from_its_day_on(app: Flask) -> None:
    past_award(500_000, "2016-03-03")

    assert figures("2016-03-02") == (0, 0, 0, 0)
    assert figures("2016-03-03") == (1, 500_000, 0, 0)


def test_award_of_an_inexact_day_counts_from_the_last_possible_one(app: Flask) -> None:
    past_award(500_000, "2016-03")

    assert figures("2016-03-30") == (0, 0, 0, 0)
    assert figures("2016-03-31") == (1, 500_000, 0, 0)


def test_award_of_unknown_amount_is_a_project_without_an_amount(app: Flask) -> None:
    award = past_award(None)

    assert figures("2020-01-01") == (1, 0, 0, 1)
    assert snapshot(award).awarded_pence is None


def test_past_award_counts_as_recorded_on_its_day(app: Flask) -> None:
    past_award(500_000, "2016-03-03")

    assert figures("2020-01-01", end_of_day(date(2016, 3, 2))) == (0, 0, 0, 0)
    assert figures("2020-01-01", end_of_day(date(2016, 3, 3))) == (1, 500_000, 0, 0)


def test_award_writes_one_audit_line(app: Flask) -> None:
    award = past_award()

    lines = db.session.scalars(select(AuditLine).where(AuditLine.reference == award.reference)).all()

    assert [line.verb for line in lines] == ["enter award"]


def test_award_in_the_future_is_refused(app: Flask) -> None:
    with pytest.raises(Refused, match="future"):
        past_award(500_000, "2999-01-01")


def test_award_of_nothing_is_refused(app: Flask) -> None:
    with pytest.raises(Refused, match="more than £0"):
        past_award(0)


def test_live_award_above_the_largest_grant_is_refused(app: Flask) -> None:
    a_round = factories.open_round()

    with pytest.raises(Refused, match="largest grant"):
        factories.award(amount=(a_round.largest_grant_pence or 0) + 1, a_round=a_round, of=a_round.fund)


def test_past_award_above_the_largest_grant_of_its_round_is_entered(app: Flask) -> None:
    a_round = factories.open_round()

    past_award((a_round.largest_grant_pence or 0) + 1, a_round=a_round, of=a_round.fund)

    assert figures("2020-01-01")[0] == 1


def test_withdrawal_takes_the_award_out_from_its_day_on(app: Flask) -> None:
    award = past_award(500_000)

    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-12-01"), reason="It never started.")

    assert figures("2016-11-30") == (1, 500_000, 0, 0)
    assert figures("2016-12-01") == (0, 0, 0, 0)
    assert award.status == "withdrawn"
    assert not snapshot(award).is_project


def test_withdrawal_is_not_known_before_it_was_recorded(app: Flask) -> None:
    award = past_award(500_000)

    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-12-01"), reason="It never started.")

    assert figures("2020-01-01", end_of_day(date(2020, 1, 1))) == (1, 500_000, 0, 0)


def test_withdrawn_award_with_a_repayment_adds_nothing_at_all(app: Flask) -> None:
    award = past_award(500_000)
    entries.record_repayment(
        actor=TESTS, award=award, amount=Pence(20_000), effective=Day.parse("2016-08-01"), reason="Underspent."
    )

    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-12-01"), reason="It ended.")

    assert figures("2016-08-01") == (1, 500_000, 20_000, 0)
    assert figures("2016-12-01") == (0, 0, 0, 0)


def test_withdrawal_takes_back_a_variation_after_it(app: Flask) -> None:
    award = past_award(500_000)
    entries.vary(actor=TESTS, award=award, by=50_000, effective=Day.parse("2017-01-01"), reason="More sessions.")

    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-12-01"), reason="It never started.")
    corrections.reinstate(actor=TESTS, award=award, reason="It was another group.")

    assert figures("2016-12-31") == (1, 500_000, 0, 0)
    assert figures("2017-01-01") == (1, 550_000, 0, 0)


def test_award_date_moved_after_a_late_withdrawal_leaves_the_withdrawal_where_it_was(app: Flask) -> None:
    award = past_award(500_000)
    entries.vary(actor=TESTS, award=award, by=50_000, effective=Day.parse("2017-01-01"), reason="More sessions.")
    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-12-01"), reason="It never started.")

    corrections.correct_award_date(actor=TESTS, award=award, award_day=Day.parse("2016-04-01"), reason="Misread.")
    corrections.reinstate(actor=TESTS, award=award, reason="It was another group.")

    assert figures("2016-03-31") == (0, 0, 0, 0)
    assert figures("2016-12-31") == (1, 500_000, 0, 0)
    assert figures("2017-01-01") == (1, 550_000, 0, 0)


def test_withdrawal_of_an_inexact_award_keeps_its_day_when_the_award_turns_out_earlier(app: Flask) -> None:
    award = past_award(500_000, "by 2017-12-31")
    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2017-06-01"), reason="It ended.")

    corrections.correct_award_date(actor=TESTS, award=award, award_day=Day.parse("2017-03-01"), reason="Found.")

    assert figures("2017-05-31") == (1, 500_000, 0, 0)
    assert figures("2017-06-01") == (0, 0, 0, 0)


def test_withdrawal_of_a_varied_award_whose_amount_is_not_known_after_all_takes_the_variation_too(app: Flask) -> None:
    award = past_award(500_000)
    entries.vary(actor=TESTS, award=award, by=20_000, effective=Day.parse("2016-06-01"), reason="More sessions.")
    corrections.correct_amount(actor=TESTS, award=award, amount=None, reason="The list was of another round.")

    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-12-01"), reason="It ended.")

    assert figures("2016-11-30") == (1, 20_000, 0, 1)
    assert figures("2016-12-01") == (0, 0, 0, 0)


def test_withdrawal_before_the_award_is_refused(app: Flask) -> None:
    award = past_award(500_000)

    with pytest.raises(Refused, match="before the day"):
        entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-03-02"), reason="Wrong.")


def test_withdrawal_twice_is_refused(app: Flask) -> None:
    award = past_award(500_000)
    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-12-01"), reason="It ended.")

    with pytest.raises(Refused, match="already"):
        entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-12-02"), reason="It ended.")


def test_withdrawal_of_an_award_known_by_a_later_day_never_counts_it_below_nothing(app: Flask) -> None:
    award = past_award(500_000, "by 2017-12-31")

    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2017-06-01"), reason="It ended.")

    assert figures("2017-06-01") == (0, 0, 0, 0)
    assert figures("2018-01-01") == (0, 0, 0, 0)


def test_repayment_in_full_leaves_the_project(app: Flask) -> None:
    award = past_award(500_000)

    entries.record_repayment(
        actor=TESTS, award=award, amount=Pence(500_000), effective=Day.parse("2017-01-01"), reason="Not spent."
    )

    assert figures("2017-01-01") == (1, 500_000, 500_000, 0)


@pytest.mark.parametrize("amount", [0, -1, 500_001])
def test_repayment_outside_what_was_awarded_is_refused(app: Flask, amount: int) -> None:
    award = past_award(500_000)

    with pytest.raises(Refused):
        entries.record_repayment(
            actor=TESTS, award=award, amount=Pence(amount), effective=Day.parse("2017-01-01"), reason="Not spent."
        )


def test_repayments_together_above_what_was_awarded_are_refused(app: Flask) -> None:
    award = past_award(500_000)
    back = {"actor": TESTS, "award": award, "effective": Day.parse("2017-01-01"), "reason": "Not spent."}
    entries.record_repayment(amount=Pence(300_000), **back)

    with pytest.raises(Refused, match="More would have come back"):
        entries.record_recovery(amount=Pence(200_001), **back)


def test_repayment_of_an_unknown_amount_is_refused(app: Flask) -> None:
    award = past_award(None)

    with pytest.raises(Refused, match="not known"):
        entries.record_repayment(
            actor=TESTS, award=award, amount=Pence(1), effective=Day.parse("2017-01-01"), reason="Not spent."
        )


def test_found_amount_counts_from_the_day_of_the_award_but_is_known_only_now(app: Flask) -> None:
    award = past_award(None)

    corrections.correct_amount(actor=TESTS, award=award, amount=Pence(448_000), reason="Found in the minutes.")

    assert figures("2016-03-03") == (1, 448_000, 0, 0)
    assert figures("2016-03-03", end_of_day(date(2020, 1, 1))) == (1, 0, 0, 1)
    assert snapshot(award).awarded_pence == 448_000


def test_found_amount_of_a_withdrawn_award_counts_only_until_its_withdrawal(app: Flask) -> None:
    award = past_award(None)
    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-12-01"), reason="It ended.")

    corrections.correct_amount(actor=TESTS, award=award, amount=Pence(448_000), reason="Found in the minutes.")

    assert figures("2016-11-30") == (1, 448_000, 0, 0)
    assert figures("2016-12-01") == (0, 0, 0, 0)


def test_amount_corrected_below_what_came_back_is_refused(app: Flask) -> None:
    award = past_award(500_000)
    entries.record_repayment(
        actor=TESTS, award=award, amount=Pence(300_000), effective=Day.parse("2017-01-01"), reason="Not spent."
    )

    with pytest.raises(Refused, match="More would have come back"):
        corrections.correct_amount(actor=TESTS, award=award, amount=Pence(299_999), reason="Misread.")


def test_correction_is_not_recorded_before_what_it_corrects(app: Flask) -> None:
    award = past_award(500_000)
    first, second = datetime(2020, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC)
    corrections.correct_amount(actor=TESTS, award=award, amount=Pence(400_000), reason="Misread.", recorded_at=first)

    corrections.correct_amount(actor=TESTS, award=award, amount=Pence(550_000), reason="Misread.", recorded_at=second)

    assert figures("2026-01-01", datetime(2019, 1, 1, tzinfo=UTC)) == (1, 500_000, 0, 0)
    assert figures("2026-01-01") == (1, 550_000, 0, 0)


@pytest.mark.parametrize("other", ["2015-06-29", "2016-09-01"])
def test_award_date_is_corrected_by_reversal_and_re_entry(app: Flask, other: str) -> None:
    award = past_award(500_000)

    corrections.correct_award_date(actor=TESTS, award=award, award_day=Day.parse(other), reason="Misread.")

    day = date.fromisoformat(other)
    assert figures(date.fromordinal(day.toordinal() - 1).isoformat()) == (0, 0, 0, 0)
    assert figures(other) == (1, 500_000, 0, 0)
    assert [entry.project_delta for entry in award.entries] == [1, -1, 1]
    assert snapshot(award).award_last == day
    rows = queries.in_force(as_at=date(2026, 1, 1))
    assert db.session.scalar(select(rows.c.award_last)) == day


def test_award_date_twice_corrected_is_the_last(app: Flask) -> None:
    award = past_award(500_000)
    corrections.correct_award_date(actor=TESTS, award=award, award_day=Day.parse("2018-01-01"), reason="Misread.")

    corrections.correct_award_date(actor=TESTS, award=award, award_day=Day.parse("2015-01-01"), reason="Misread.")

    assert figures("2014-12-31") == (0, 0, 0, 0)
    assert figures("2015-01-01") == (1, 500_000, 0, 0)
    rows = queries.in_force(as_at=date(2026, 1, 1))
    assert db.session.execute(select(rows.c.award_last, rows.c.award_day)).one() == (
        date(2015, 1, 1),
        Day.parse("2015-01-01"),
    )


def test_topic_corrected_before_the_date_holds_from_the_corrected_date(app: Flask) -> None:
    award = past_award(500_000)
    right = factories.topic("FGM")
    corrections.change_field(
        actor=TESTS, award=award, field=ChangedField.TOPICS, value=[right], reason="The office's list says so."
    )

    corrections.correct_award_date(actor=TESTS, award=award, award_day=Day.parse("2015-01-01"), reason="Misread.")

    rows = queries.in_force(as_at=date(2015, 6, 1))
    assert db.session.scalar(select(rows.c.primary_topic_id)) == right.id
    assert db.session.execute(queries.topics_of(rows)).all() == [(award.id, right.id, 0)]


def test_topic_correction_is_not_known_before_it_was_recorded(app: Flask) -> None:
    wrong, right = factories.topic("CSE"), factories.topic("FGM")
    award = past_award(500_000, topics=[wrong])

    corrections.change_field(
        actor=TESTS, award=award, field=ChangedField.TOPICS, value=[right, wrong], reason="Misread."
    )

    then, now = (
        queries.in_force(as_at=date(2026, 1, 1), known_by=end_of_day(date(2020, 1, 1))),
        queries.in_force(as_at=date(2026, 1, 1)),
    )
    assert db.session.scalar(select(then.c.primary_topic_id)) == wrong.id
    assert db.session.execute(queries.topics_of(then)).all() == [(award.id, wrong.id, 0)]
    assert db.session.scalar(select(now.c.primary_topic_id)) == right.id
    assert (snapshot(award).primary_topic, snapshot(award).other_topics) == ("FGM", "CSE")


def test_topic_that_changed_on_a_day_holds_from_that_day(app: Flask) -> None:
    before, after, right = factories.topic("CSE"), factories.topic("FGM"), factories.topic("hate crime")
    award = past_award(500_000, topics=[before])
    change = {"actor": TESTS, "award": award, "field": ChangedField.TOPICS, "reason": "They agreed it."}

    corrections.change_field(value=[after], effective=Day.parse("2016-06-01"), **change)
    corrections.change_field(value=[right], **change)

    assert topic_at("2016-05-31") == before.id
    assert topic_at("2016-06-01") == right.id


def test_change_before_another_change_of_the_same_is_refused(app: Flask) -> None:
    award = past_award(500_000)
    change = {"actor": TESTS, "award": award, "field": ChangedField.TITLE, "reason": "They agreed it."}
    corrections.change_field(value="Second", effective=Day.parse("2016-06-01"), **change)

    with pytest.raises(Refused, match="changed once more"):
        corrections.change_field(value="Third", effective=Day.parse("2016-05-01"), **change)


def test_topic_put_right_between_two_corrections_of_the_date_holds_from_the_start(app: Flask) -> None:
    award = past_award(500_000, topics=[factories.topic("CSE")])
    second, third = factories.topic("FGM"), factories.topic("hate crime")
    about = {"actor": TESTS, "award": award, "reason": "Misread."}
    corrections.change_field(field=ChangedField.TOPICS, value=[second], **about)
    corrections.correct_award_date(award_day=Day.parse("2015-01-01"), **about)

    corrections.change_field(field=ChangedField.TOPICS, value=[third], **about)

    assert {topic_at(day) for day in ("2015-01-01", "2016-03-02", "2016-03-03")} == {third.id}


def test_round_of_another_fund_is_refused(app: Flask) -> None:
    award = past_award(500_000)
    other = factories.open_round(of=factories.fund("PEG"))

    with pytest.raises(Refused, match="another fund"):
        corrections.change_field(actor=TESTS, award=award, field=ChangedField.ROUND, value=other, reason="Misread.")

    assert snapshot(award).round_id is None


def test_correction_without_a_reason_is_refused(app: Flask) -> None:
    award = past_award(500_000)

    with pytest.raises(Refused, match="reason"):
        corrections.correct_amount(actor=TESTS, award=award, amount=Pence(1), reason="  ")


def test_recording_corrected_counts_from_the_other_instant(app: Flask) -> None:
    award = past_award(500_000)

    corrections.correct_recorded(
        actor=TESTS, award=award, recorded_at=end_of_day(date(2018, 1, 10)), reason="The ledger of the office."
    )

    assert figures("2026-01-01", end_of_day(date(2018, 1, 9))) == (0, 0, 0, 0)
    assert figures("2026-01-01", end_of_day(date(2018, 1, 10))) == (1, 500_000, 0, 0)


def test_every_entry_keeps_the_instant_of_this_system(app: Flask, clock: object) -> None:
    past_award(500_000, recorded_at=datetime(2016, 5, 1, tzinfo=UTC))

    entered = db.session.scalars(select(LedgerEntry.entered_at)).one()

    assert entered == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_rebuild_makes_the_same_snapshots(app: Flask) -> None:
    award = past_award(500_000)
    corrections.correct_amount(actor=TESTS, award=award, amount=Pence(448_000), reason="Misread.")
    before = {column.name: getattr(snapshot(award), column.name) for column in AwardSnapshot.__table__.columns}

    count = snapshots.rebuild_snapshots()

    assert count == 1
    assert {column.name: getattr(snapshot(award), column.name) for column in AwardSnapshot.__table__.columns} == before
