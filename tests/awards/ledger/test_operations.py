"""What the ledger of one award takes, and from when it counts as recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as entries
from grants.awards.ledger.operations import Book, Ledger, checked_reason, close_offer, entries_of, latest_offer, lock
from grants.awards.models import LONGEST_REASON, Account, AwardSnapshot, EntryKind, LedgerEntry, Offer, OfferStatus
from grants.foundation.records.db import Refused, transaction
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.conftest import MovedClock
from tests.support import award_factories as awards
from tests.support import factories
from tests.support.factories import TESTS

FIRST, BETWEEN, LATER = (datetime(year, 5, 1, tzinfo=UTC) for year in (2016, 2017, 2018))


def _award_of_8000(**more: Any) -> Any:
    """£5,000 as recorded first, and put right to £8,000 two years later."""
    award = factories.award(amount=500_000, award_day="2016-03-03", source="A list", recorded_at=FIRST, **more)
    corrections.correct_amount(actor=TESTS, award=award, amount=Pence(800_000), reason="Misread.", recorded_at=LATER)
    return award


def _repay(award: Any, amount: int) -> LedgerEntry:
    return entries.record_repayment(
        actor=TESTS,
        award=award,
        amount=Pence(amount),
        effective=Day.parse("2016-12-01"),
        reason="Unspent.",
        recorded_at=BETWEEN,
    )


def test_entry_that_needs_what_was_recorded_later_is_recorded_with_it(app: Flask) -> None:
    """The risk: as known in 2017, more came back than had been awarded."""
    assert _repay(_award_of_8000(), 600_000).recorded_at == LATER


def test_entry_that_needs_nothing_later_keeps_the_instant_of_its_record(app: Flask) -> None:
    assert _repay(_award_of_8000(), 500_000).recorded_at == BETWEEN


def test_entry_that_makes_no_sense_at_any_instant_is_refused(app: Flask) -> None:
    award = _award_of_8000()

    with pytest.raises(Refused):
        _repay(award, 800_001)


def test_nothing_is_recorded_in_the_future(app: Flask, clock: Any) -> None:
    award = _award_of_8000()

    entry = entries.vary(
        actor=TESTS,
        award=award,
        by=1,
        effective=Day.parse("2016-12-01"),
        reason="More.",
        recorded_at=datetime(2030, 1, 1, tzinfo=UTC),
    )

    assert entry.recorded_at == entry.entered_at == datetime(2026, 11, 22, 12, tzinfo=UTC)


def _withdraw(award: Any, day: str) -> LedgerEntry:
    return entries.withdraw(actor=TESTS, award=award, effective=Day.parse(day), reason="It ended.")


def _vary(award: Any, by: int, day: str = "2016-12-01") -> None:
    entries.vary(actor=TESTS, award=award, by=by, effective=Day.parse(day), reason="Agreed.")


def _reinstate(award: Any) -> None:
    corrections.reinstate(actor=TESTS, award=award, reason="It did not end.")


def _lines(award: Any) -> list[tuple[str, int | None, int, int, date]]:
    return [
        (entry.kind, entry.amount_pence, entry.project_delta, entry.unknown_delta, entry.effective_last)
        for entry in entries_of(award)
    ]


def test_withdrawal_takes_back_later_variations_and_adds_no_line_for_other_days(app: Flask) -> None:
    award = factories.award(amount=500_000, award_day="2016-03-03", source="A list")
    _vary(award, 2_000, "2017-02-01")
    _repay(award, 1_000)

    made = _withdraw(award, "2016-04-01")

    assert made.effective_last == date(2016, 4, 1)
    assert _lines(award)[3:] == [
        ("withdrawal", -500_000, -1, 0, date(2016, 4, 1)),
        ("correction", -2_000, 0, 0, date(2017, 2, 1)),
    ]


def test_withdrawal_of_an_unknown_amount_is_taken_back_with_it(app: Flask) -> None:
    award = factories.award(amount=None, award_day="2016-03-03", source="A list")
    _withdraw(award, "2016-12-01")

    _reinstate(award)

    assert _lines(award)[1:] == [
        ("withdrawal", None, -1, -1, date(2016, 12, 1)),
        ("correction", 0, 1, 1, date(2016, 12, 1)),
    ]


def test_verb_asks_the_rule_that_the_table_names_for_it(app: Flask) -> None:
    ledger = Ledger(factories.award(amount=500_000), actor=TESTS, reason="It ended.")

    ledger.allow("vary", Pence(500_000), -499_999)
    with pytest.raises(Refused, match="leaves more than £0"):
        ledger.allow("vary", Pence(500_000), -500_000)


def test_withdrawal_that_is_none_is_not_taken_back(app: Flask) -> None:
    award = factories.award(amount=500_000)

    with pytest.raises(Refused, match="you cannot take a withdrawal of it back now"):
        _reinstate(award)


def test_withdrawal_of_an_award_worth_nothing_is_known_to_take_nothing(app: Flask) -> None:
    award = factories.award(amount=500_000, award_day="2016-03-03", source="A list")
    _vary(award, -400_000)
    corrections.correct_amount(actor=TESTS, award=award, amount=Pence(400_000), reason="Misread.")
    _withdraw(award, "2017-01-01")

    _reinstate(award)

    assert _lines(award)[3:] == [
        ("withdrawal", 0, -1, 0, date(2017, 1, 1)),
        ("correction", 0, 1, 0, date(2017, 1, 1)),
    ]


def _ledger(award: Any, *amounts: int) -> Ledger:
    """The ledger of an award with variations that nobody has stored yet."""
    ledger = Ledger(award, actor=TESTS, reason="Agreed.")
    for amount in amounts:
        ledger.add(EntryKind.VARIATION, amount, Day.parse("2016-12-01"), ledger.now)
    return ledger


def test_award_of_older_records_rises_above_the_largest_grant(app: Flask) -> None:
    a_round = factories.open_round(largest_grant_pence=500_000)
    award = factories.award(amount=500_000, award_day="2016-03-03", a_round=a_round, of=a_round.fund, source="A list")

    with transaction():
        assert _ledger(award, 1).close().awarded_pence == 500_001


def test_award_made_here_does_not_rise_above_the_largest_grant_but_keeps_what_it_has(app: Flask) -> None:
    a_round = factories.open_round(largest_grant_pence=500_000)
    award = factories.award(amount=500_000, award_day="2016-03-03", a_round=a_round, of=a_round.fund)

    with transaction():
        with pytest.raises(Refused, match="largest grant"):
            _ledger(award, 1).close()
        a_round.largest_grant_pence = Pence(400_000)
        assert _ledger(award, -1).close().awarded_pence == 499_999


def test_deed_that_leads_where_its_verb_does_not_is_refused(app: Flask) -> None:
    award = factories.award(source="A list")

    with transaction():
        ledger = Ledger(award, actor=TESTS, reason="It ended.")
        ledger.withdraw(Day.parse("2026-03-02"), ledger.now)
        with pytest.raises(Refused, match="make the award withdrawn"):
            ledger.close("vary")


def test_entries_of_an_award_that_were_read_before_a_deed_are_read_again_after_it(app: Flask) -> None:
    award = factories.award(source="A list")
    before = len(award.entries)

    _vary(award, 1, "2026-03-02")

    assert (before, len(award.entries)) == (1, 2)


def test_lock_reads_what_another_has_written_meanwhile(app: Flask) -> None:
    award = factories.award(source="A list", title="Before")

    with transaction() as session:
        known = session.get_one(AwardSnapshot, award.id)
        session.connection().execute(update(AwardSnapshot).values(title="After"))

        assert known.title == "Before"
        assert lock(award).title == "After"


def test_offer_is_closed_with_what_became_of_it_and_when(app: Flask, clock: MovedClock) -> None:
    award = awards.offered_award()
    version = awards.offer_of(award).version

    with transaction():
        ledger = Ledger(award, actor=TESTS, reason="It ended.")
        closed = close_offer(ledger, OfferStatus.DECLINED)

    assert closed is awards.offer_of(award)
    assert (closed.status, closed.answered_at, closed.version) == (OfferStatus.DECLINED, ledger.now, version + 1)


def test_latest_offer_is_read_as_another_has_left_it(app: Flask) -> None:
    award = factories.award(source="A list")

    with transaction() as session:
        known = Offer(award_id=award.id, status="made", amount_pence=1, conditions="", terms="", made_at=FIRST)
        known.expires_at = LATER
        session.add(known)
        session.flush()
        session.connection().execute(update(Offer).values(why="After"))

        assert known.why != "After"
        assert latest_offer(award) is known
        assert known.why == "After"


def test_reason_is_asked_for_and_kept_without_white_space() -> None:
    assert checked_reason(" Misread.\n") == "Misread."
    assert checked_reason("x" * LONGEST_REASON) == "x" * LONGEST_REASON
    for bad in ("", " \n", "x" * (LONGEST_REASON + 1)):
        with pytest.raises(Refused):
            checked_reason(bad)


_numbers = iter(range(1, 1000))
FAR = datetime(2999, 1, 1, tzinfo=UTC)


def _line(kind: EntryKind, amount: int | None, day: int, **more: Any) -> LedgerEntry:
    given: dict[str, Any] = {"project_delta": 0, "unknown_delta": 0, "recorded_at": FIRST, "account": Account.AWARDED}
    return LedgerEntry(
        id=next(_numbers), kind=kind, amount_pence=amount, effective_last=date(2016, 3, day), **{**given, **more}
    )


def test_withdrawal_that_holds_is_the_last_that_was_not_taken_back() -> None:
    award = _line(EntryKind.AWARD, 500, 1, project_delta=1)
    first = _line(EntryKind.WITHDRAWAL, -500, 2, project_delta=-1)
    back = _line(EntryKind.CORRECTION, 500, 2, project_delta=1, corrects_id=first.id)
    second = _line(EntryKind.WITHDRAWAL, -500, 3, project_delta=-1)

    assert Book([award]).withdrawal is None
    assert Book([award, first]).withdrawal is first
    assert Book([award, first, back]).withdrawal is None
    assert Book([award, first, back, second]).withdrawal is second
    assert Book([award, first, back, second]).award_entry is award


def test_returns_that_were_taken_back_do_not_hold() -> None:
    award = _line(EntryKind.AWARD, 500, 1, project_delta=1)
    repaid = _line(EntryKind.REPAYMENT, -200, 2, account=Account.RETURNED)
    taken = _line(EntryKind.RECOVERY, -100, 3, account=Account.RETURNED)
    back = _line(EntryKind.CORRECTION, 200, 2, account=Account.RETURNED, corrects_id=repaid.id)
    varied = _line(EntryKind.VARIATION, 50, 2)

    assert Book([award, taken, repaid]).returns == [repaid, taken]
    assert Book([award, repaid, taken, back]).returns == [taken]
    assert Book([award, repaid, taken, back, varied]).later == [varied, taken]
    assert Book([award]).later == []


def test_amount_of_an_entry_is_what_it_comes_to_with_its_corrections() -> None:
    unknown = _line(EntryKind.AWARD, None, 1, project_delta=1, unknown_delta=1)
    found = _line(EntryKind.CORRECTION, 700, 1, unknown_delta=-1, corrects_id=unknown.id)
    other = _line(EntryKind.VARIATION, 50, 2)

    assert Book([unknown, other]).amount_of(unknown) is None
    assert Book([unknown, other, found]).amount_of(unknown) == 700
    assert Book([unknown, other, found]).amount_of(other) == 50


def test_entry_counts_from_the_day_to_which_it_was_moved() -> None:
    award = _line(EntryKind.AWARD, 500, 5, project_delta=1)
    back = _line(EntryKind.CORRECTION, -500, 5, project_delta=-1, corrects_id=award.id)
    again = _line(EntryKind.CORRECTION, 500, 9, project_delta=1, corrects_id=award.id)

    assert Book([award]).held_from(award) == date(2016, 3, 5)
    assert Book([award, back, again]).held_from(award) == date(2016, 3, 9)
    assert Book([award, back]).held_from(award) == date(2016, 3, 5), "one that nothing is left of keeps its own"


def test_entry_of_no_amount_counts_by_its_project() -> None:
    award = _line(EntryKind.AWARD, None, 5, project_delta=1, unknown_delta=1)
    back = _line(EntryKind.CORRECTION, 0, 5, project_delta=-1, unknown_delta=-1, corrects_id=award.id)
    again = _line(EntryKind.CORRECTION, 0, 9, project_delta=1, unknown_delta=1, corrects_id=award.id)

    assert Book([award, back, again]).held_from(award) == date(2016, 3, 9)


def test_entry_was_recorded_when_its_corrections_say() -> None:
    award = _line(EntryKind.AWARD, 500, 5, project_delta=1, recorded_at=BETWEEN)
    back = _line(EntryKind.CORRECTION, -500, 5, project_delta=-1, corrects_id=award.id, recorded_at=BETWEEN)
    again = _line(EntryKind.CORRECTION, 500, 5, project_delta=1, corrects_id=award.id, recorded_at=LATER)
    varied = _line(EntryKind.VARIATION, 50, 6, recorded_at=FIRST)

    assert Book([award, varied]).recorded_of(award) == BETWEEN
    assert Book([award, back, again]).recorded_of(award) == LATER
    assert Book([award, varied]).recorded_of(varied) == FIRST
    assert Book([award, varied]).last_recorded == BETWEEN


def test_withdrawal_takes_what_is_known_of_the_amount_and_counts_from_the_day_of_the_award(app: Flask) -> None:
    worthless = [_line(EntryKind.AWARD, 500, 1, project_delta=1), _line(EntryKind.VARIATION, -500, 2)]
    unknown = _line(EntryKind.AWARD, None, 1, project_delta=1, unknown_delta=1)
    cases = [
        (worthless, 0, 0),
        ([_line(EntryKind.AWARD, 500, 1, project_delta=1)], -500, 0),
        ([unknown], None, -1),
        ([unknown, _line(EntryKind.VARIATION, 50, 2)], -50, -1),
    ]
    ledger = Ledger(factories.award(source="A list"), actor=TESTS, reason="It ended.")

    for held, amount, no_more_unknown in cases:
        ledger.entries, ledger.new = held, []
        made = ledger.withdraw(Day.parse("2016-03-04"), FAR)

        assert ledger.new == [made]
        assert (made.amount_pence, made.project_delta, made.unknown_delta) == (amount, -1, no_more_unknown)
        assert (made.effective_last, made.recorded_at) == (ledger.snapshot.award_last, ledger.now)
