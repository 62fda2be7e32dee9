"""One grant's whole life in a real browser: from the first question to the totals that the public reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from grants.accounts.models import Person
from grants.foundation.records import audit

from . import applying, closing, judging, paying
from .office import Office
from .stage import GROUP, PANEL, Stage, build
from .walking import DESK, PHONE, NewPage, Walker, reading

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def days() -> Iterator[time_machine.Traveller]:
    """A clock that runs on from now, and can be moved to a later day."""
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        yield traveller


def test_one_grants_whole_life(new_page: NewPage, days: time_machine.Traveller, runner: Any) -> None:
    stage = build(illustrative=True)

    def at_desk(name: str) -> Walker:
        return Walker(new_page(stage.people[name], width=DESK))

    group = Walker(new_page(width=PHONE))
    applying.reads_and_asks(group, stage)
    applying.registers(group)
    applying.starts_and_leaves(group)
    applying.fills_in(group, stage)
    applying.submits(group)
    _another_applies(stage)
    days.shift(timedelta(days=8))
    judging.asks(at_desk("officer"))
    applying.answers(group)
    judging.checks(at_desk("officer"))
    _panel(stage, at_desk)
    judging.recommends(at_desk("officer"))
    maker = at_desk("decision")
    judging.decides(maker)
    judging.nobody_knows(group, Walker(new_page(width=DESK)))
    notice = judging.signs(maker)
    days.shift(timedelta(days=3))
    paying.reads_and_accepts(group)
    paying.gives_bank_details(group)
    batch = paying.verifies_and_prepares(at_desk("finance1"))
    paying.approves(at_desk("finance2"), batch)
    paying.takes_the_return(at_desk("finance1"))
    paying.exports(at_desk("finance2"), notice)
    days.shift(timedelta(days=220))
    closing.reports(group)
    closing.accepts_the_report(at_desk("officer"))
    closing.records_the_repayment(at_desk("finance1"))
    anyone = Walker(new_page(width=DESK))
    closing.the_public_reads(anyone, notice)
    assert closing.open_data(anyone) == []
    auditor = at_desk("auditor")
    closing.the_auditor_reads(auditor)
    line = _the_trail_holds(runner)
    closing.change_a_line_unseen(line)
    broken = runner.invoke(args=["audit", "verify"])
    assert broken.exit_code == 1
    assert str(line) in broken.output
    closing.the_auditor_sees_the_change(auditor)


def _another_applies(stage: Stage) -> None:
    """Another group's application stands beside the first one."""
    with reading():
        stage.other.start()
        stage.other.write()
        stage.other.submit()


def _panel(stage: Stage, at_desk: Any) -> None:
    """The panel reads both; one of its members has an interest in the first."""
    with reading():
        stage.other.check()
        for turn in range(len(PANEL)):
            stage.other.score(turn)
    judging.has_an_interest(at_desk("panel4"))
    for number, name in enumerate(PANEL):
        judging.scores(at_desk(name), stage, number)


def _the_trail_holds(runner: Any) -> int:
    """The trail proves itself, and names nobody in its reasons. Gives the line of the submission."""
    with reading() as session:
        names = set(session.scalars(select(Person.name)))
        lines = list(session.scalars(select(audit.AuditLine)))
        assert not [line for line in lines if any(name in line.why for name in names)]
        submitted = next(line.id for line in lines if line.verb == "submit application")
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    return submitted


def test_group_needs_no_javascript(new_page: NewPage, days: time_machine.Traveller) -> None:
    """The same life with a browser that runs no scripts; the office's part is done by its verbs.

    The round is not marked illustrative, so its award is in the open data.
    """
    stage = build(illustrative=False)
    group = Walker(new_page(width=PHONE, scripts=False), scripts=False)
    applying.reads_and_asks(group, stage)
    applying.registers(group)
    applying.starts_and_leaves(group)
    applying.fills_in(group, stage)
    applying.submits(group)
    days.shift(timedelta(days=8))
    office = Office(stage)
    office.asks()
    applying.answers(group)
    office.decides()
    days.shift(timedelta(days=3))
    paying.reads_and_accepts(group)
    paying.gives_bank_details(group)
    office.pays()
    days.shift(timedelta(days=220))
    closing.reports(group)
    office.closes()
    (grant,) = closing.open_data(group)
    assert (grant["amountAwarded"], grant["recipientOrganization"][0]["name"]) == (5400, GROUP)
