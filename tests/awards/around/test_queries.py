"""Who is around an award: the lists leave out what the rules refuse, for everybody who has a tie or took a step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grants.applications.apart.rules import GrantStep, is_another, stands_apart
from grants.awards.around.queries import apart_from, around, untouched_by
from grants.awards.models import Award, AwardSnapshot
from grants.awards.offers.queries import offers_ending
from grants.foundation.records.db import db
from grants.foundation.values import clock
from tests.support import award_factories as awards
from tests.support.near import PEOPLE, scored_bid


@pytest.mark.parametrize("who", PEOPLE)
def test_lists_leave_out_what_the_rules_refuse(app: Flask, who: str) -> None:
    award = awards.offered_award(of=scored_bid())
    person = PEOPLE[who](award)
    (near,) = around([award.id]).values()

    def is_listed(*conditions: Any) -> bool:
        found = select(Award.id).join(AwardSnapshot, AwardSnapshot.award_id == Award.id).where(*conditions)
        return db.session.scalars(found).first() is not None

    assert is_listed(*apart_from(person)) is bool(stands_apart(person, near.ties))
    for step in GrantStep:
        assert is_listed(*untouched_by(person, step)) is bool(is_another(person, step, near.hands)), step
    ending = db.session.execute(offers_ending(person, by=clock.now() + timedelta(days=400))).first()
    assert (ending is not None) is bool(stands_apart(person, near.ties))
