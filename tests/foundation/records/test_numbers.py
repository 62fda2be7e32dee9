"""Numbers that run without a gap."""

from __future__ import annotations

import pytest
from flask import Flask

from grants.awards.models import NoticeYear
from grants.foundation.records.db import Refused, transaction
from grants.foundation.records.numbers import next_number, next_of_year
from grants.payments.models import BatchCounter
from tests.support import factories


def test_each_year_is_numbered_from_one_and_each_thing_for_itself(app: Flask) -> None:
    with transaction():
        given = [next_of_year(NoticeYear, year) for year in (2026, 2026, 2027, 2026)]
        other = next_of_year(BatchCounter, 2026)

    assert (given, other) == ([1, 2, 1, 3], 1)


def test_number_is_taken_back_with_its_transaction(app: Flask) -> None:
    with pytest.raises(Refused):
        _fail_after_a_number()

    with transaction():
        assert next_of_year(NoticeYear, 2026) == 1


def _fail_after_a_number() -> None:
    with transaction():
        next_of_year(NoticeYear, 2026)
        raise Refused("No.")


def test_row_gives_the_number_after_its_last(app: Flask) -> None:
    a_round = factories.open_round()
    with transaction() as session:
        held = session.merge(a_round)
        first = held.last_number

        assert [next_number(held), next_number(held)] == [first + 1, first + 2]
