"""What of payments waits for a person: bank details to give or verify, batches to prepare, approve, send, hear of."""

from __future__ import annotations

from flask import url_for

from grants.accounts.models import Person, Role
from grants.foundation import clock
from grants.foundation.money import pounds
from grants.foundation.pages import instant, plural
from grants.payments.models import Batch, BatchStatus
from grants.payments.queries import waiting
from grants.payments.queries.waiting import Missing, Verifiable

from .waiting import MOST_SHOWN, Heap, Task

_VERBS = {
    BatchStatus.PREPARED: "Approve batch",
    BatchStatus.APPROVED: "Send batch",
    BatchStatus.EXPORTED: "Take in the return file of batch",
}


def payment_heaps(person: Person) -> list[Heap]:
    """What waits for a person because of payments; no heap where nothing does."""
    heaps = []
    if person.organisation_ids:
        missing = [_to_give(one) for one in waiting.details_missing(person, most=MOST_SHOWN)]
        heaps.append(Heap("To be paid", missing, len(missing), url_for("desk.desk"), ""))
    if Role.FINANCE in person.roles:
        heaps.append(_finance(person))
    return [heap for heap in heaps if heap.tasks]


def _to_give(one: Missing) -> Task:
    verb = "Send proof of your bank details for" if one.given else "Give your bank details for"
    url = url_for("payments.own_details", organisation_id=one.organisation_id)
    return Task(verb, one.reference, f"{one.organisation} is paid when we have verified them", url, None)


def _finance(person: Person) -> Heap:
    details, count = waiting.to_verify(person, most=MOST_SHOWN)
    batches, ready = waiting.batches_waiting(person, most=MOST_SHOWN)
    tasks = [_to_verify(one) for one in details] + [_of_batch(one) for one in batches]
    if ready:
        text = f"{plural(ready, 'award')} can be paid"
        tasks.append(
            Task("Prepare a batch:", text, "accepted, with verified bank details", url_for("payments.new_batch"), None)
        )
    return Heap("Payments", tasks, len(tasks) + count - len(details), url_for("payments.payments"), "")


def _to_verify(one: Verifiable) -> Task:
    held = one.held_until is not None and one.held_until > clock.now()
    what = f"a change, held until {instant(one.held_until)}: ring the number on file" if held else "with their proof"
    url = url_for("payments.details", details_id=one.id)
    return Task("Verify the bank details of", one.organisation, what, url, one.given_at)


def _of_batch(one: Batch) -> Task:
    what = f"{plural(one.payment_count, 'payment')} of {pounds(one.total_pence)}"
    since = one.exported_at or one.approved_at or one.prepared_at
    return Task(_VERBS[one.state], one.number, what, url_for("payments.batch", number=one.number), since)
