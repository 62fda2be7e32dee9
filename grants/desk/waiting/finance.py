"""What waits for finance officers: bank details, batches, return files, awards to enter, money to come back."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from grants.accounts.models import Person
from grants.foundation.values import clock
from grants.foundation.values.money import pounds
from grants.foundation.web.pages import instant, plural
from grants.payments.exports.queries import to_enter
from grants.payments.models import BatchStatus
from grants.payments.waiting import queries as payments

from .tasks import Line, Task, TaskSource

_VERBS = {
    BatchStatus.PREPARED.value: "Approve batch",
    BatchStatus.APPROVED.value: "Send batch",
    BatchStatus.EXPORTED.value: "Take in the return file of batch",
}


def sources_of_finance(person: Person) -> Iterator[TaskSource]:
    """What a finance officer may do now."""
    yield TaskSource(
        "Bank details",
        payments.to_verify(person),
        {"name": "organisation_name", "at": "given_at", "until": "held_until", "number": "id"},
        ("at", "number"),
        _to_verify,
        url_for("payments.bank_details"),
    )
    yield TaskSource(
        "Batches",
        payments.batches_waiting(person),
        {"reference": "number", "state": "status", "at": "since", "pence": "total_pence", "number": "payment_count"},
        ("reference",),
        _of_batch,
        url_for("payments.batches"),
    )
    yield from _wrong(person)
    yield TaskSource(
        "To pay",
        payments.ready_to_pay(person),
        {"number": "ready"},
        ("number",),
        _to_prepare,
        url_for("payments.new_batch"),
    )
    yield TaskSource(
        "Awards to enter",
        to_enter(),
        {"reference": "round_code", "number": "awards"},
        ("reference",),
        _to_enter,
        url_for("payments.awards"),
        "Finance has taken every award as it stands.",
    )


def _wrong(person: Person) -> Iterator[TaskSource]:
    """What of payments is not as it was recorded."""
    yield TaskSource(
        "To put right",
        payments.to_put_right(person),
        {"reference": "reference", "name": "payee", "at": "recorded_at", "number": "id"},
        ("at", "number"),
        _to_put_right,
        url_for("payments.reversals"),
    )
    yield TaskSource(
        "Came back",
        payments.to_record(person),
        {"reference": "reference", "name": "payee", "at": "received_at", "number": "id"},
        ("at", "number"),
        _to_record,
        url_for("payments.returns"),
    )


def _to_verify(line: Line) -> Task:
    held = line.until is not None and line.until > clock.now()
    what = f"a change, held until {instant(line.until)}: ring the number on file" if held else "with their proof"
    where = url_for("payments.details", details_id=line.number)
    return Task("Verify the bank details of", line.name, what, where, line.at)


def _of_batch(line: Line) -> Task:
    what = f"{plural(line.number, 'payment')} of {pounds(line.pence)}"
    return Task(_VERBS[line.state], line.reference, what, url_for("payments.batch", number=line.reference), line.at)


def _to_put_right(line: Line) -> Task:
    where, what = url_for("payments.reversal", reversal_id=line.number), f"{line.name}: another officer recorded it"
    return Task("Approve or refuse putting right payment", line.reference, what, where, line.at)


def _to_record(line: Line) -> Task:
    where = url_for("payments.record_bounce", reference=line.reference)
    what = f"{line.name}, as a return file says"
    return Task("Record that a payment came back:", line.reference, what, where, line.at)


def _to_prepare(line: Line) -> Task:
    text, where = f"{plural(line.number, 'award')} can be paid", url_for("payments.new_batch")
    return Task("Prepare a batch:", text, "accepted, with verified bank details", where, None)


def _to_enter(line: Line) -> Task:
    what = f"{plural(line.number, 'new or changed award')} for the finance system"
    where = url_for("payments.awards", round=line.reference or None, entry="due")
    return Task("Enter", line.reference or "awards without a round", what, where, None)
