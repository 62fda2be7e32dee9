"""Who reads the trail is let in by its right; this says what of a line they see. Pure."""

from __future__ import annotations

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.foundation.records.lifecycle import YES, Ruling, no

from .things import THINGS

NEVER_SHOWN = frozenset(
    {"sealed", "account_digest", "proof_key", "password_hash", "session_key", "digest", "browser_digest"}
)
"""Fields that hold a secret, or what one could be found by: no line should keep them, and none shows them."""


def can_see_changes(person: Person, kind: str, *, is_tied: bool) -> Ruling:
    """Whether the person reads what changed in a thing: who may read all of that kind, and has no tie to this one."""
    if is_tied:
        return no("You are tied to this grant, so what changed is not shown to you.")
    if kind == "score_sheets" and person.may(Right.SCORE_APPLICATIONS):
        return no("You score applications, so the scores of others are not shown to you here.")
    reads = THINGS[kind].reads if kind in THINGS else ()
    if not reads:
        return no("What changed in such a thing is not shown here.")
    if all(person.may(right) for right in reads):
        return YES
    return no("What changed is for people with another role.")
