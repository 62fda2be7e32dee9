"""What the desks want done with the app."""

from __future__ import annotations

from flask import Flask

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.foundation.web import pages


def init_app(app: Flask) -> None:
    """Put the audit trail into the navigation of those who read it."""
    pages.add_tab(app, "Audit trail", "desk.audit", order=75, shown=_reads_trail)


def _reads_trail(person: Person | None) -> bool:
    return person is not None and person.may(Right.READ_AUDIT_TRAIL)
