"""Rows that a test puts there by itself are as those of an older version: no line of the trail holds them."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from grants.foundation.records import audit, db, held

ROOT = Path(__file__).parents[2]
_TESTS, _CODE = str(ROOT / "tests"), str(ROOT / "grants")


def leave_as_found() -> None:
    """Let what a test stores without a line of the trail be. What the rooms store gets its line from the rooms."""
    event.listen(Session, "before_commit", _leave, insert=True)


def _leave(session: Session) -> None:
    session.flush()
    if held.is_waiting(session) and audit.LAST_ACTOR not in session.info and is_by_a_test():
        held.take(session)


def is_by_a_test() -> bool:
    """Whether the transaction that ends now was begun in a file of the tests."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        name = frame.f_code.co_filename
        if name.startswith((_TESTS, _CODE)) and name not in {__file__, db.__file__}:
            return name.startswith(_TESTS)
    return False
