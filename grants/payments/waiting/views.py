"""The start page of the room."""

from __future__ import annotations

from flask import render_template

from grants.accounts.access import current_person, needs
from grants.accounts.rights import Right
from grants.payments.blueprint import bp

from . import queries


@bp.get("/payments")
@needs(Right.READ_PAYMENTS)
def payments() -> str:
    """What waits, where everything is, and the files for finance."""
    person = current_person()
    return render_template(
        "payments/waiting/start.html", counts=queries.counts(person), may=person.may(Right.PREPARE_PAYMENTS)
    )
