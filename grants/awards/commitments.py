"""What payments tell the ledger: an amount is committed to a payment, released from it, or paid. Amounts in pence.

The room of payments calls these, in its own deeds; the audit line of each says what the ledger took in.
"""

from __future__ import annotations

from grants.foundation import audit, clock
from grants.foundation.actors import Actor
from grants.foundation.days import Day
from grants.foundation.db import Refused, transaction
from grants.foundation.money import Pence, pounds

from . import rules
from .ledger import Ledger
from .models import Account, Award, EntryKind, LedgerEntry
from .rules import Worth


def commit(*, actor: Actor, award: Award, amount: Pence, reason: str) -> LedgerEntry:
    """Commit an amount to a payment from today on: an award never varies below it. Raises Refused.

    `reason` names the payment, like "batch B-2026-0001".
    """
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason)
        sums = _may(ledger, "commit", amount)
        if amount > sums.to_commit:
            raise Refused(f"Only {pounds(sums.to_commit)} of {award.reference} is not in a payment yet.")
        entry = ledger.add(
            EntryKind.COMMITMENT, amount, Day.exactly(clock.today()), ledger.now, account=Account.COMMITTED
        )
        return _closed(ledger, entry, "commit", amount)


def release(*, actor: Actor, award: Award, amount: Pence, reason: str) -> LedgerEntry:
    """Take an amount back that was committed and will not be paid. Raises Refused."""
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason)
        sums = _may(ledger, "release", amount)
        if amount > sums.to_pay:
            raise Refused(f"Only {pounds(sums.to_pay)} of {award.reference} is committed and not paid.")
        entry = ledger.add(
            EntryKind.COMMITMENT, -amount, Day.exactly(clock.today()), ledger.now, account=Account.COMMITTED
        )
        return _closed(ledger, entry, "release", amount)


def record_payment(
    *, actor: Actor, award: Award, amount: Pence, paid_on: Day, reason: str, source: str = ""
) -> LedgerEntry:
    """Record what was really paid of an award, on a day that has come. Never more than is committed. Raises Refused.

    A payment that finance dates before it was committed counts from the day of the commitment.
    """
    rules.can_take_effect(paid_on).or_refuse()
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason, source=source)
        sums = _may(ledger, "pay", amount)
        if amount > sums.to_pay:
            raise Refused(f"Only {pounds(sums.to_pay)} of {award.reference} is committed and not paid.")
        committed = [e.effective_last for e in ledger.entries if e.account == Account.COMMITTED]
        entry = ledger.add(
            EntryKind.PAYMENT, amount, paid_on, ledger.now, account=Account.PAID, last=max(paid_on.last, *committed)
        )
        return _closed(ledger, entry, "pay", amount)


def _may(ledger: Ledger, verb: str, amount: Pence) -> Worth:
    if amount <= 0:
        raise Refused("An amount to pay is more than £0.")
    ledger.may(verb)
    return rules.worth(ledger.entries)


def _closed(ledger: Ledger, entry: LedgerEntry, verb: str, amount: Pence) -> LedgerEntry:
    ledger.close(verb)
    changes = {"amount_pence": (None, amount), "reason": ("", ledger.reason)}
    audit.record(actor=ledger.actor, verb=_NOTED[verb], thing=ledger.award, changes=changes)
    return entry


_NOTED = {"commit": "commit to payment", "release": "release from payment", "pay": "record payment"}
"""The verbs of the table as the audit trail names them."""
