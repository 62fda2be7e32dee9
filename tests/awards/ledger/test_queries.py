"""The named reads of the ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select

from grants.awards.corrections import operations as corrections
from grants.awards.ledger import queries
from grants.awards.models import AwardChange, ChangedField, LedgerEntry
from grants.foundation.records.db import db
from tests.support import factories
from tests.support.factories import TESTS


def _change(award: Any, field: ChangedField, value: Any) -> None:
    corrections.change_field(actor=TESTS, award=award, field=field, value=value, reason="Misread.")


def _award(**more: Any) -> Any:
    return factories.award(source="A list", **more)


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
    held = queries.districts_of(queries.in_force(as_at=date(2026, 3, 2)))
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

    entries = db.session.scalars(select(LedgerEntry.id)).all()
    (change,) = db.session.scalars(select(AwardChange.id))
    assert queries.ledger_head() == (max(entries), change, latest.id)


def test_story_of_an_award_is_as_long_as_its_entries_and_changes(app: Flask) -> None:
    award, _ = _award(), _award()
    _change(award, ChangedField.TITLE, "After")

    assert queries.story_length(award.id) == 2
