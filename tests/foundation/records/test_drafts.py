"""What two people who write at once can lose: nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from grants.foundation.records.db import LostUpdate, transaction
from grants.foundation.records.drafts import Content, Problem, fingerprint, missing_by_section, save

AT = datetime(2027, 1, 5, 12, tzinfo=UTC)


def _read(draft: Any) -> Content:
    return {"title": draft.title, "summary": draft.summary}


def _save(draft: Any, seen: str, **new: str) -> dict[str, tuple[Any, Any]]:
    def write(draft: Any) -> None:
        draft.__dict__.update(new)

    with transaction():
        return save(draft, seen=seen, new={**_read(draft), **new}, read=_read, write=write, at=AT)


@pytest.fixture
def draft(app: Any) -> Any:
    return SimpleNamespace(title="Safe evenings", summary="Sessions.", saved_at=None, version=1)


def test_save_says_what_it_changed_and_counts_on(draft: Any) -> None:
    changes = _save(draft, fingerprint(_read(draft)), title="Safer evenings")

    assert changes == {"title": ("Safe evenings", "Safer evenings")}
    assert (draft.title, draft.saved_at, draft.version) == ("Safer evenings", AT, 2)


def test_save_of_what_is_there_is_no_deed_whatever_was_seen(draft: Any) -> None:
    assert _save(draft, "", title="Safe evenings") == {}
    assert (draft.saved_at, draft.version) == (None, 1)


def test_save_over_what_somebody_else_saved_is_a_lost_update(draft: Any) -> None:
    seen = fingerprint(_read(draft))
    _save(draft, seen, summary="Other sessions.")

    with pytest.raises(LostUpdate):
        _save(draft, seen, title="Mine")
    assert (draft.title, draft.summary) == ("Safe evenings", "Other sessions.")


def test_fingerprint_is_that_of_the_content_whatever_its_order() -> None:
    assert fingerprint({"a": 1, "b": "x"}) == fingerprint({"b": "x", "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})
    assert len(fingerprint({})) == 16


def test_problems_are_gathered_by_section_in_their_order() -> None:
    first, second, third = Problem("aims", "a", "A"), Problem("budget", "b", "B"), Problem("aims", "c", "C")

    assert missing_by_section([first, second, third]) == {"aims": [first, third], "budget": [second]}
