"""The count above a list is that of its rows, whoever asks for whatever; and an index finds what a queue asks for."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.listing.queries import ListFilters, count, is_told_as, listed
from grants.applications.models import Application, ApplicationDistrict, ApplicationStatus, ApplicationTopic, Bar
from grants.foundation.records.db import db, transaction
from grants.foundation.values import clock
from tests.support import factories
from tests.support.queries import plan_of

S = ApplicationStatus
PLACES = (("Leeds", "CSE"), ("York", "Fraud"))
STATES = (S.DRAFT, S.SUBMITTED, S.ELIGIBLE, S.RECOMMENDED, S.DECIDED, S.DECIDED)


@pytest.fixture
def people(app: Flask) -> list[int]:
    """Two officers, one of a group that applied, and an auditor, among applications of two groups in two rounds."""
    north, south = (factories.organisation(name) for name in ("North Youth", "South Mill"))
    rounds = [factories.open_round(code=code) for code in ("SCF-21", "SCF-22")]
    officer, of_north = (factories.person(Role.OFFICER, member_of=of) for of in (None, north))
    places = [(factories.district(place).id, factories.topic(about).id) for place, about in PLACES]
    for at, status in enumerate(STATES * 2):
        place, about = places[at % 3 % 2]
        made = factories.application(
            status,
            in_round=rounds[at % 5 % 2],
            organisation=(north, south)[at % 2],
            title=f"Safe {'boats' if at % 4 else 'nights'}",
            districts=[ApplicationDistrict(district_id=place)],
            topics=[ApplicationTopic(topic_id=about, position=0)],
        )
        if at % 4 == 3:
            with transaction() as session:
                session.add(Bar(application_id=made.id, person_id=officer.id, barred_at=clock.now()))
    return [officer.id, of_north.id, factories.auditor().id]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    who=st.integers(0, 2),
    filters=st.builds(
        ListFilters,
        q=st.sampled_from(["", "boats", "safe mill", "scf-21", "100%"]),
        status=st.sampled_from(["", *sorted(set(STATES))]),
        round=st.sampled_from(["", "scf-21", "scf-22"]),
        district=st.sampled_from(["", "Leeds", "York"]),
        topic=st.sampled_from(["", "CSE", "Fraud"]),
    ),
)
def test_count_is_that_of_the_rows_and_each_row_has_the_status_that_is_asked_for(
    people: list[int], who: int, filters: ListFilters
) -> None:
    person = db.session.get_one(Person, people[who])
    rows = db.session.execute(listed(person, filters)).all()

    assert count(person, filters) == len(rows), asdict(filters)
    assert {row.status for row in rows} <= ({filters.status} if filters.status else set(S))


def test_every_row_is_found_under_the_one_status_that_it_is_told_with(people: list[int]) -> None:
    for number in people:
        person = db.session.get_one(Person, number)
        every = db.session.execute(listed(person, ListFilters())).all()
        told = [count(person, ListFilters(status=status)) for status in S]
        assert (sum(told), len(every) > 3) == (len(every), True)


def test_index_finds_a_status_that_is_asked_for(people: list[int]) -> None:
    of_north = db.session.get_one(Person, people[1])
    for status in (S.DECIDED, S.RECOMMENDED):
        plan = plan_of(select(Application.id).where(is_told_as(of_north, status)))
        assert "ix_applications_status_submitted_at" in plan, plan
