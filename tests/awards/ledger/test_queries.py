"""The named reads of the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as entries
from grants.awards.ledger import queries
from grants.awards.models import AwardChange, AwardDistrict, ChangedField, LedgerEntry
from grants.foundation.records.db import db
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.support import factories
from tests.support.factories import TESTS

TICK = timedelta(microseconds=1)


def _change(award: Any, field: ChangedField, value: Any) -> None:
    corrections.change_field(actor=TESTS, award=award, field=field, value=value, reason="Misread.")


def _award(**more: Any) -> Any:
    return factories.award(source="A list", **more)


def _in_force(day: str, known_by: datetime | None = None) -> dict[str, tuple[int, int, bool]]:
    found = queries.in_force(as_at=date.fromisoformat(day), known_by=known_by).c
    rows = db.session.execute(select(found.reference, found.awarded_pence, found.returned_pence, found.is_unknown))
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def test_award_is_in_force_with_what_had_taken_effect_until_it_is_withdrawn(app: Flask) -> None:
    award = _award(reference="A-1", amount=500_000, award_day="2016-03-03")
    _award(reference="A-2", amount=None, award_day="2016-03-04")
    about: dict[str, Any] = {"actor": TESTS, "award": award, "reason": "It ended."}
    entries.record_repayment(**about, amount=Pence(1_000), effective=Day.parse("2016-12-01"))
    entries.withdraw(**about, effective=Day.parse("2017-02-01"))

    whole, unknown = (500_000, 0, False), (0, 0, True)
    assert _in_force("2016-03-02") == {}
    assert _in_force("2016-03-03") == {"A-1": whole}
    assert _in_force("2016-11-30") == {"A-1": whole, "A-2": unknown}
    assert _in_force("2016-12-01") == {"A-1": (500_000, 1_000, False), "A-2": unknown}
    assert _in_force("2017-02-01") == {"A-2": unknown}


def test_award_is_known_from_the_instant_of_its_record(app: Flask) -> None:
    at = datetime(2020, 5, 1, tzinfo=UTC)
    award = _award(reference="A-1", amount=500_000, award_day="2016-03-03", recorded_at=at)
    corrections.change_field(
        actor=TESTS, award=award, field=ChangedField.TITLE, value="After", reason="Misread.", recorded_at=at + TICK
    )

    def title(known_by: datetime) -> str | None:
        return db.session.scalar(select(queries.in_force(as_at=date(2026, 3, 2), known_by=known_by).c.title))

    assert _in_force("2016-03-03", at - TICK) == {}
    assert _in_force("2016-03-03", at) == {"A-1": (500_000, 0, False)}
    assert (title(at), title(at + TICK)) == ("Safe evenings", "After")


def test_what_an_award_is_changes_from_the_day_of_each_change(app: Flask) -> None:
    before, after = (
        {
            ChangedField.FUND: factories.fund(name, f"The fund of {name}"),
            ChangedField.RECIPIENT: factories.organisation(),
            ChangedField.TOPICS: [factories.topic(name), factories.topic("hate crime")],
            ChangedField.TITLE: name,
        }
        for name in ("FGM", "CSE")
    )
    award, _ = (
        _award(
            award_day="2016-03-03",
            of=before[ChangedField.FUND],
            organisation=before[ChangedField.RECIPIENT],
            topics=before[ChangedField.TOPICS],
            title="FGM",
        )
        for _ in range(2)
    )
    day = Day.parse("2018-01-02")
    corrections.change_fields(actor=TESTS, award=award, values=after, reason="It moved.", effective=day)

    def held(day: date) -> tuple[Any, ...]:
        found = queries.in_force(as_at=day).c
        columns = (found.fund_id, found.organisation_id, found.primary_topic_id, found.title, found.award_last)
        return tuple(db.session.execute(select(*columns).where(found.award_id == award.id)).one())

    def expected(of: Any) -> tuple[Any, ...]:
        fund, group, topics, title = of.values()
        return fund.id, group.id, topics[0].id, title, date(2016, 3, 3)

    assert held(date(2018, 1, 1)) == expected(before)
    assert held(date(2018, 1, 2)) == expected(after)
    of_topics = queries.topics_of(queries.in_force(as_at=date(2018, 1, 2)))
    assert {row[1:] for row in db.session.execute(of_topics) if row[0] == award.id} == {
        (topic.id, position) for position, topic in enumerate(after[ChangedField.TOPICS])
    }


def test_day_of_an_award_is_that_of_its_last_correction(app: Flask) -> None:
    award = _award(award_day="2016-03")
    corrections.correct_award_date(actor=TESTS, award=award, award_day=Day.parse("2016-02"), reason="Misread.")

    found = queries.in_force(as_at=date(2026, 3, 2)).c
    assert db.session.execute(select(found.award_day, found.award_last)).one() == (
        Day.parse("2016-02"),
        date(2016, 2, 29),
    )


def test_award_is_found_by_its_reference_with_the_length_of_its_story(app: Flask) -> None:
    award, other = _award(reference="A-1"), _award(reference="A-2")
    _change(award, ChangedField.TITLE, "After")
    _change(award, ChangedField.TITLE, "Again")

    def seen(reference: str) -> tuple[int, int] | None:
        found = queries.award_seen(reference)
        return (found.snapshot.award_id, found.story_length) if found else None

    assert (seen("A-1"), seen("A-2"), seen("A-3")) == ((award.id, 3), (other.id, 1), None)


def test_topics_and_districts_of_an_award_are_those_that_its_own_last_change_made(app: Flask) -> None:
    first, second, third = (factories.topic(name) for name in ("FGM", "CSE", "hate crime"))
    leeds, bradford = factories.district("Leeds"), factories.district("Bradford")
    other, award = (_award(topics=[second, first], districts=[bradford, leeds]) for _ in range(2))
    topics, districts = ChangedField.TOPICS, ChangedField.DISTRICTS

    assert queries.held_ids(award.id, topics) == [second.id, first.id]
    _change(award, topics, [third])
    _change(award, topics, [third, first])
    _change(award, ChangedField.TITLE, "Another")

    assert queries.held_ids(award.id, topics) == [third.id, first.id]
    assert queries.held_ids(award.id, districts) == [bradford.id, leeds.id]
    assert queries.held_ids(other.id, topics) == [second.id, first.id]
    _change(award, districts, [leeds])
    assert queries.held_ids(award.id, districts) == [leeds.id]
    awards = queries.in_force(as_at=date(2026, 3, 2))
    held = select(AwardDistrict.award_id, AwardDistrict.district_id).join(awards, queries.is_served_by(awards))
    assert sorted(db.session.execute(held).all()) == sorted(
        [(other.id, leeds.id), (other.id, bradford.id), (award.id, leeds.id)]
    )


def test_title_of_an_award_is_that_of_its_last_change(app: Flask) -> None:
    award = _award(title="Before", topics=[factories.topic("FGM")])
    _change(award, ChangedField.TITLE, "After")
    _change(award, ChangedField.TOPICS, [factories.topic("CSE")])

    assert db.session.scalar(select(queries.in_force(as_at=date(2026, 3, 2)).c.title)) == "After"


def test_head_of_the_ledger_moves_with_every_entry_change_and_award(app: Flask) -> None:
    assert queries.ledger_head() == (0, 0, 0)
    award, latest = _award(), _award()
    _change(award, ChangedField.TITLE, "After")

    lines = db.session.scalars(select(LedgerEntry.id)).all()
    (change,) = db.session.scalars(select(AwardChange.id))
    assert queries.ledger_head() == (max(lines), change, latest.id)


def test_story_of_an_award_is_as_long_as_its_entries_and_changes(app: Flask) -> None:
    award, _ = _award(), _award()
    _change(award, ChangedField.TITLE, "After")

    assert queries.story_length(award.id) == 2
