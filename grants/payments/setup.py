"""What the room of payments wants done with the app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from sqlalchemy import ScalarSelect, func, select

from grants.accounts.models import Person
from grants.accounts.people.queries import tell_work
from grants.foundation.records import proof
from grants.foundation.values.settings import BadSetting
from grants.foundation.web import pages

from . import sealing
from .models import Batch, BatchStatus
from .rules import can_export
from .sums import queries as sums


def faults(config: Mapping[str, Any]) -> Iterator[str]:
    """The keys of bank details, where they are missing or none."""
    try:
        sealing.keys_of(config)
    except BadSetting as bad:
        yield str(bad)


def init_app(app: Flask) -> None:
    """Take the keys of bank details, and put the room into the navigation of those who work in it."""
    sealing.init_app(app)
    proof.compare(app, "payments", sums.payments_that_differ)
    proof.compare(app, "batches", sums.batches_that_differ)
    proof.compare(app, "batch_files", sums.files_that_differ)
    proof.compare(app, "return_files", sums.return_files_that_differ)
    prepared = "batch of payments that waits for approval", "batches of payments that wait for approval"
    tell_work(app, (*prepared, _open_batches))
    pages.add_tab(app, "Payments", "payments.payments", order=48, shown=_reads)


def _open_batches(person: Person) -> ScalarSelect[int]:
    """How many batches somebody prepared that another has not approved yet."""
    prepared = select(func.count()).select_from(Batch).where(Batch.prepared_by_id == person.id)
    return prepared.where(Batch.status == BatchStatus.PREPARED).scalar_subquery()


def _reads(person: Person | None) -> bool:
    return person is not None and bool(can_export(person))
