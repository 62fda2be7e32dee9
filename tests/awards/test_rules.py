"""What the ledger may hold and what may be done to an award, tried at the last amount that is allowed and the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from grants.awards import rules
from grants.awards.models import Account, AwardStatus, EntryKind, LedgerEntry, Offer, OfferStatus
from grants.awards.rules import Worth
from grants.foundation.records.lifecycle import Ruling
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.foundation.web.pages import deadline
from grants.funds.models import Round

FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
AMOUNTS = st.integers(0, 6)


def entry(
    kind: EntryKind,
    amount: int | None,
    day: date = FIRST,
    *,
    account: Account = Account.AWARDED,
    project: int = 0,
    unknown: int = 0,
    at: datetime = NOON,
    corrects: LedgerEntry | None = None,
) -> LedgerEntry:
    """One line of a ledger that is in no database."""
    return LedgerEntry(
        kind=kind,
        account=account,
        amount_pence=amount,
        project_delta=project,
        unknown_delta=unknown,
        effective_last=day,
        recorded_at=at,
        corrects=corrects,
    )


def award(amount: int | None = 5, day: date = FIRST, *, at: datetime = NOON) -> LedgerEntry:
    """The line that an award begins with."""
    return entry(EntryKind.AWARD, amount, day, project=1, unknown=int(amount is None), at=at)


def committed(amount: int, day: date = FIRST) -> LedgerEntry:
    """What is taken into a payment, in pence."""
    return entry(EntryKind.COMMITMENT, amount, day, account=Account.COMMITTED)


def paid(amount: int, day: date = FIRST) -> LedgerEntry:
    """What is paid, in pence."""
    return entry(EntryKind.PAYMENT, amount, day, account=Account.PAID)


def came_back(amount: int, day: date = FIRST) -> LedgerEntry:
    """What comes back, in pence."""
    return entry(EntryKind.REPAYMENT, -amount, day, account=Account.RETURNED)


def withdrawal(amount: int | None = 5, day: date = SECOND) -> LedgerEntry:
    """The line that ends an award."""
    return entry(EntryKind.WITHDRAWAL, -amount if amount else None, day, project=-1, unknown=-int(amount is None))


def said(ruling: Ruling) -> str:
    """The beginning of the reason, or nothing where it is allowed."""
    return "" if ruling else ruling.reason


# Sums


def test_worth_adds_up_each_account_by_itself() -> None:
    held = [award(9), committed(5), paid(4), came_back(3), award(None)]

    sums = rules.worth(held)

    assert sums == Worth(projects=2, awarded=9, unknown=1, returned=3, committed=5, paid=4)
    assert (sums.to_commit, sums.to_pay) == (4, 1)


def test_worth_counts_a_day_and_an_instant_with_what_stands_at_them() -> None:
    held = [award(5, SECOND, at=LATER)]

    assert rules.worth(held, as_at=SECOND).projects == rules.worth(held, known_by=LATER).projects == 1
    assert rules.worth(held, as_at=FIRST) == rules.worth(held, known_by=NOON) == Worth()


def test_in_force_is_nothing_once_an_award_is_withdrawn() -> None:
    held = [award(), committed(2), withdrawal()]

    assert rules.in_force(held, as_at=FIRST) == Worth(projects=1, awarded=5, committed=2)
    assert rules.in_force(held, as_at=SECOND) == rules.in_force(held) == Worth()
    assert rules.in_force([award(at=LATER)], known_by=NOON) == Worth()


def test_report_is_due_a_year_and_some_days_on_where_the_end_is_not_known() -> None:
    assert rules.report_due_on(FIRST, THIRD, 2) == THIRD
    assert rules.report_due_on(None, FIRST, 1) == date(2027, 3, 2)


# Where an award is in its life


@pytest.mark.parametrize(
    ("sums", "offer", "past", "state"),
    [
        (Worth(), None, AwardStatus.AWARDED, AwardStatus.WITHDRAWN),
        (Worth(projects=-1), None, AwardStatus.AWARDED, AwardStatus.WITHDRAWN),
        (Worth(projects=1), None, AwardStatus.AWARDED, AwardStatus.AWARDED),
        (Worth(projects=1), None, AwardStatus.PAID, AwardStatus.AWARDED),
        (Worth(projects=1), None, AwardStatus.COMPLETE, AwardStatus.COMPLETE),
        (Worth(projects=1), Offer(status=OfferStatus.MADE), AwardStatus.AWARDED, AwardStatus.OFFERED),
        (Worth(projects=1), Offer(status=OfferStatus.LAPSED), AwardStatus.AWARDED, AwardStatus.AWARDED),
        (Worth(projects=1), Offer(status=OfferStatus.ACCEPTED), AwardStatus.AWARDED, AwardStatus.ACCEPTED),
        (Worth(1, 2, paid=1), Offer(status=OfferStatus.ACCEPTED), AwardStatus.AWARDED, AwardStatus.ACCEPTED),
        (Worth(1, 2, paid=2), Offer(status=OfferStatus.ACCEPTED), AwardStatus.AWARDED, AwardStatus.PAID),
        (Worth(1, 1, paid=2), Offer(status=OfferStatus.ACCEPTED), AwardStatus.AWARDED, AwardStatus.PAID),
        (Worth(1), Offer(status=OfferStatus.ACCEPTED, completed_at=NOON), AwardStatus.PAID, AwardStatus.COMPLETE),
    ],
)
def test_state_follows_from_the_sums_and_the_latest_offer(
    sums: Worth, offer: Offer | None, past: AwardStatus, state: AwardStatus
) -> None:
    assert rules.state_of(sums, offer, past=past) is state


# What a ledger may hold


@pytest.mark.parametrize(
    ("held", "why"),
    [
        ([], ""),
        ([award()], ""),
        ([award(None)], ""),
        ([award(), award()], "The award would count twice."),
        ([award(), entry(EntryKind.VARIATION, -6)], "The award would be worth less than nothing."),
        ([award(), entry(EntryKind.VARIATION, -5)], ""),
        ([award(), came_back(-1)], "Less than nothing would have been returned."),
        ([award(), withdrawal(), came_back(-1, THIRD)], "Less than nothing would have been returned."),
        ([award(day=SECOND), entry(EntryKind.VARIATION, 0)], ""),
        ([award(), committed(1), paid(-1)], "More would be paid than is committed."),
        ([award(), committed(1), paid(2)], "More would be paid than is committed."),
        ([award(), committed(2), paid(2)], ""),
        ([award(None), committed(1)], "The amount awarded is not known"),
        ([award(None), came_back(1)], "The amount awarded is not known"),
        ([award(), committed(5)], ""),
        ([award(), committed(6)], "More would be committed to payments (£0.06) than is awarded (£0.05)."),
        ([award(), came_back(5)], ""),
        ([award(), came_back(6)], "More would have come back (£0.06) than was awarded (£0.05)."),
        ([entry(EntryKind.CORRECTION, 0, project=-1)], "The award would end before it begins."),
        ([award(), withdrawal()], ""),
        ([award(), withdrawal(4)], "An award that does not count would still be worth something."),
        ([award(None), withdrawal(None)], ""),
        ([entry(EntryKind.CORRECTION, None, unknown=1)], "An award that does not count would still be worth"),
        ([award(day=SECOND), committed(1), paid(1)], "Money would be committed to payments before the day"),
        ([award(), committed(1), withdrawal()], "£0.01 is in a payment that is not paid yet."),
        ([award(), committed(1), paid(1), withdrawal()], ""),
        ([award(None), entry(EntryKind.CORRECTION, None, unknown=1)], "The amount would be unknown twice."),
        ([award(), entry(EntryKind.CORRECTION, 0, unknown=-1)], "The amount would be unknown twice."),
    ],
)
def test_ledger_holds_what_makes_sense(held: Sequence[LedgerEntry], why: str) -> None:
    assert said(rules.ledger_holds(held)).startswith(why)
    assert bool(rules.ledger_holds(held)) is not bool(why)


def test_ledger_makes_sense_on_every_day_not_on_the_last_alone() -> None:
    held = [award(), committed(6), entry(EntryKind.VARIATION, 1, THIRD)]

    assert not rules.ledger_holds(held)
    assert rules.ledger_holds([award(), committed(6, THIRD), entry(EntryKind.VARIATION, 1, THIRD)])


def test_ledger_makes_sense_as_it_was_known_at_every_instant() -> None:
    raised = entry(EntryKind.VARIATION, 1, at=LATER)

    assert said(rules.ledger_holds([award(), committed(6), raised])).startswith("More would be committed")
    assert rules.ledger_holds([award(), committed(5), raised])


@pytest.mark.parametrize("back", [2, 3])
def test_no_more_comes_back_to_a_ledger_than_was_paid_here(back: int) -> None:
    held = [award(), committed(2), paid(2), came_back(back)]

    assert rules.ledger_holds(held)
    why = "" if back == 2 else "More would have come back (£0.03) than was paid (£0.02)."
    assert said(rules.ledger_holds(held, paid_here=True)) == why


def test_without_withdrawals_leaves_out_what_corrects_one() -> None:
    first, end = award(), withdrawal()
    undone = entry(EntryKind.CORRECTION, 5, SECOND, project=1, corrects=end)
    other = entry(EntryKind.CORRECTION, 1, SECOND, corrects=first)

    assert rules.without_withdrawals([first, end, undone, other]) == [first, other]


def test_most_awarded_is_the_most_of_any_day() -> None:
    assert rules.most_awarded([award(), entry(EntryKind.VARIATION, 2, SECOND), withdrawal(7, THIRD), paid(9)]) == 7
    assert rules.most_awarded([]) == 0


# What may be done


def test_largest_grant_is_the_most_that_a_round_awards() -> None:
    the_round = Round(code="SCF-1", largest_grant_pence=Pence(500))

    assert rules.within_largest_grant(the_round, 500)
    assert said(rules.within_largest_grant(the_round, 501)) == "The largest grant of SCF-1 is £5."
    assert rules.within_largest_grant(Round(code="SCF-1", largest_grant_pence=None), 501)
    assert rules.within_largest_grant(None, 501)


@time_machine.travel(NOON, tick=False)
def test_entry_takes_effect_today_and_not_tomorrow() -> None:
    assert rules.can_take_effect(Day.exactly(FIRST))
    assert said(rules.can_take_effect(Day.exactly(SECOND))) == "The day is in the future."


@given(amount=st.integers(-3, 3) | st.none())
def test_award_is_more_than_nothing_or_not_known(amount: int | None) -> None:
    assert bool(rules.can_be_amount(None if amount is None else Pence(amount))) is (amount is None or amount > 0)


@given(awarded=AMOUNTS, settled=AMOUNTS, before=AMOUNTS, amount=AMOUNTS)
def test_no_more_comes_back_than_was_paid_or_awarded(awarded: int, settled: int, before: int, amount: int) -> None:
    held = [award(awarded), committed(settled), paid(settled), came_back(before)]

    assert bool(rules.can_come_back(held, amount)) is (before + amount <= awarded)
    assert bool(rules.can_come_back(held, amount, paid_here=True)) is (before + amount <= settled)


def test_what_comes_back_beyond_the_most_is_named_with_it() -> None:
    why = said(rules.can_come_back([award(), came_back(2)], 4))

    assert why == "More would have come back (£0.06) than was awarded (£0.05)."


def test_nothing_comes_back_of_an_amount_that_is_not_known_unless_it_was_withdrawn() -> None:
    assert said(rules.can_come_back([award(None)], 1)).startswith("The amount awarded is not known")
    assert rules.can_come_back([award(), withdrawal()], 5)
    assert said(rules.can_come_back([award(None), withdrawal(None)], 1)).startswith("More would have come back")
    assert rules.can_come_back([award(None), entry(EntryKind.WITHDRAWAL, None, project=-1)], 0)


@pytest.mark.parametrize(("amount", "paid_here", "yes"), [(5, True, True), (5, False, False), (None, True, False)])
def test_only_a_known_amount_that_was_decided_here_is_offered(amount: int | None, paid_here: bool, yes: bool) -> None:
    known = None if amount is None else Pence(amount)

    assert bool(rules.can_be_offered(known, paid_here=paid_here)) is yes


@given(amount=AMOUNTS, by=st.integers(-7, 7))
def test_variation_changes_the_amount_and_leaves_some(amount: int, by: int) -> None:
    assert bool(rules.can_vary(Pence(amount), by)) is (by != 0 and amount + by > 0)
    assert said(rules.can_vary(None, by)) == "The amount awarded is not known. Correct it first."


def test_award_is_withdrawn_from_its_first_possible_day() -> None:
    month = Day.parse("2026-03")

    assert rules.can_withdraw(month, Day.exactly(FIRST))
    why = said(rules.can_withdraw(month, Day.exactly(FIRST - timedelta(days=1))))
    assert why == "The award cannot be withdrawn before the day on which it was awarded."
    assert rules.can_withdraw(Day.parse("by 2026-03-01"), Day.exactly(date(2020, 1, 1)))


@given(awarded=AMOUNTS, taken=AMOUNTS, settled=AMOUNTS, amount=AMOUNTS)
def test_no_more_is_committed_than_awarded_nor_paid_than_committed(
    awarded: int, taken: int, settled: int, amount: int
) -> None:
    sums = Worth(1, awarded, committed=taken, paid=settled)

    assert bool(rules.can_commit(sums, Pence(amount), "A-1")) is (taken + amount <= awarded)
    assert bool(rules.can_settle(sums, Pence(amount), "A-1")) is (settled + amount <= taken)
    assert bool(rules.can_complete(sums)) is (taken == settled)


def test_what_is_left_is_named_with_the_award() -> None:
    sums = Worth(1, 900, committed=700, paid=400)

    assert said(rules.can_commit(sums, Pence(201), "A-1")) == "Only £2 of A-1 is not in a payment yet."
    assert said(rules.can_settle(sums, Pence(301), "A-1")) == "Only £3 of A-1 is committed and not paid."


# The offer


def test_offer_is_in_time_until_its_last_instant_and_lapses_after_it() -> None:
    offer = Offer(expires_at=NOON)

    assert rules.is_in_time(offer, NOON)
    until = deadline(NOON, zone=True)
    assert said(rules.can_lapse(offer, NOON)) == f"The group can still accept until {until}."
    after = NOON + timedelta(microseconds=1)
    assert said(rules.is_in_time(offer, after)) == f"This offer had to be accepted by {until}."
    assert rules.can_lapse(offer, after)


@time_machine.travel(NOON, tick=False)
def test_offer_is_extended_to_a_later_day_within_a_year() -> None:
    lapsing = Offer(expires_at=NOON)

    assert said(rules.can_extend(lapsing, FIRST - timedelta(days=1))).startswith("Give today or a later day")
    assert rules.can_extend(lapsing, FIRST)
    assert rules.can_extend(lapsing, date(2027, 3, 1))
    assert said(rules.can_extend(lapsing, date(2027, 3, 2))) == "Give a day within the next 365 days."


@time_machine.travel(NOON, tick=False)
def test_offer_is_not_extended_to_the_end_that_it_has() -> None:
    offer = Offer(expires_at=clock.end_of_day(SECOND))

    until = deadline(offer.expires_at, zone=True)
    assert said(rules.can_extend(offer, SECOND)) == f"The group has until {until} already. Give a later day."
    assert rules.can_extend(offer, THIRD)


# The table


def test_verb_that_is_not_possible_is_refused_in_words() -> None:
    assert rules.can_move(AwardStatus.AWARDED, "vary")
    assert said(rules.can_move(AwardStatus.WITHDRAWN, "withdraw")) == "This award is withdrawn already."
    assert said(rules.can_move(AwardStatus.PAID, "pay")) == "This award is paid already."
    assert said(rules.can_move(AwardStatus.OFFERED, "vary")) == "This award is offered: you cannot vary it now."
    assert said(rules.can_move(AwardStatus.WITHDRAWN, "record repayment")) == ""


def test_rule_of_a_verb_is_asked_where_the_table_has_the_verb() -> None:
    assert rules.allows(AwardStatus.AWARDED, "vary", Pence(5), 1)
    assert said(rules.allows(AwardStatus.AWARDED, "vary", Pence(5), 0)).startswith("A variation changes the amount")
    assert said(rules.allows(AwardStatus.OFFERED, "vary", Pence(5), 1)).startswith("This award is offered")


def test_verb_leads_only_where_the_table_says() -> None:
    assert rules.can_lead(AwardStatus.ACCEPTED, "pay", AwardStatus.PAID)
    assert said(rules.can_lead(AwardStatus.ACCEPTED, "pay", AwardStatus.COMPLETE)).startswith("This would make the")
    assert said(rules.can_lead(AwardStatus.AWARDED, "pay", AwardStatus.PAID)).startswith("This award is awarded")


@pytest.mark.parametrize(
    ("known_by", "began", "known"),
    [
        (2, None, True),
        (2, 3, True),
        (3, 3, False),
        (4, 3, False),
        (5, 3, True),
    ],
)
def test_what_was_entered_counts_from_when_the_system_began_and_what_was_recorded_before(
    known_by: int, began: int | None, known: bool
) -> None:
    """A line that a file says was recorded on day 1 and that was entered on day 5."""

    def at(day: int) -> datetime:
        return datetime(2026, 1, day, tzinfo=UTC)

    line = LedgerEntry(recorded_at=at(1), entered_at=at(5))

    assert rules.is_known(line, at(known_by), at(began) if began else None) is known
