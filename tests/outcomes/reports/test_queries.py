"""The count above the list of reports is that of its rows, whatever is asked for."""

from __future__ import annotations

from itertools import product

from flask import Flask

from grants.applications.models import Bar
from grants.foundation.records.db import db, transaction
from grants.foundation.values import clock
from grants.outcomes.reports.queries import STATES, ReportFilters, count, listed
from tests.support import factories
from tests.support.outcomes_factories import accepted_report, draft_report, paid_award, sent_report


def test_count_is_that_of_the_rows_in_every_state_and_round(app: Flask) -> None:
    groups = [factories.organisation(name=name) for name in ("North Youth", "South Mill", "East Side", "West End")]
    awards = [paid_award(group) for group in groups]
    for make, award in zip((draft_report, sent_report, accepted_report), awards, strict=False):
        make(award)
    factories.award(reference="Elsewhere-1")
    officer = factories.officer()
    with transaction() as session:
        session.add(Bar(application_id=awards[1].application_id, person_id=officer.id, barred_at=clock.now()))

    found = {}
    for state, code, words in product(["", *STATES], ["", "SCF-21"], ["", "youth", "e"]):
        filters = ReportFilters(q=words, state=state, round=code)
        rows = db.session.execute(listed(officer, filters)).all()
        assert count(officer, filters) == len(rows), filters
        found[state, code, words] = len(rows)
    assert (found["", "", ""], found["sent", "", ""], found["accepted", "", ""], found["owing", "", ""]) == (3, 0, 1, 1)
