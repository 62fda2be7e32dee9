"""The acts of the audit trail as a story tells them: their words stand with the acts of each room."""

from __future__ import annotations

from grants.awards.acts import AwardAct
from grants.foundation.records.acts import act_of
from grants.review.acts import ReviewAct

SAID: dict[tuple[str, str, str], str] = {
    (ReviewAct.CHECK_APPLICATION, "status", "eligible"): "It may go on to the panel.",
    (ReviewAct.CHECK_APPLICATION, "status", "ineligible"): "It is not eligible.",
    (ReviewAct.DECLARE_INTEREST, "has_conflict", "True"): "They have an interest: it stays closed to them.",
    (ReviewAct.DECLARE_INTEREST, "has_conflict", "False"): "They have none.",
    (AwardAct.DECIDE, "outcome", "approved"): "Approved",
    (AwardAct.DECIDE, "outcome", "declined"): "Declined",
}
"""What a deed came to, by its verb, a value that was changed, and what it was changed to."""


def told(verb: str) -> str:
    """A verb of the trail as a story tells it. What no room does today stands as the trail names it.

    >>> told("lock scores"), told("save answer need"), told("do something new")
    ('Locked their scores', 'Answered a question', 'Do something new')
    """
    act = act_of(verb)
    return act.told if act else verb[:1].upper() + verb[1:]


def run_of(verb: str) -> str:
    """What a story says of several saves in a row by one person, for a verb that is a save; else "".

    >>> run_of("save budget"), run_of("save people of report"), run_of("decide")
    ('Wrote the application', 'Wrote the report', '')
    """
    act = act_of(verb)
    return act.run if act else ""


def only_gives(verb: str) -> bool:
    """Whether somebody was only given something to read: the trail says so, a story does not.

    >>> only_gives("download application"), only_gives("decide")
    (True, False)
    """
    act = act_of(verb)
    return act is not None and act.only_gives
