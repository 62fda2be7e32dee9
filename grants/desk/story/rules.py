"""Who reads a grant's story, and which parts of it. Pure: it asks the rules of the rooms that the parts come from."""

from __future__ import annotations

from dataclasses import dataclass

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications.models import Application
from grants.applications.rules import can_view
from grants.awards.models import Award
from grants.foundation.records.lifecycle import YES, Ruling, no
from grants.payments.rules import can_export
from grants.review.models import ScoreSheet
from grants.review.rules import can_see_scores, stands_apart


@dataclass(frozen=True)
class Visibility:
    """What of a story somebody sees: the bid and its review, the scoring, the payments."""

    bid: bool
    scores: bool
    payments: bool

    def sees(self, kind: str) -> bool:
        """Whether the audit lines of a kind of thing are among it."""
        match kind:
            case "applications" | "clarifications":
                return self.bid
            case "score_sheets":
                return self.scores
            case "bank_details" | "batches" | "return_files":
                return self.payments
            case "awards" | "decision_notices" | "reports":
                return True  # whoever reads the story reads these
        return False


def can_read_story(person: Person, application: Application, award: Award | None) -> Ruling:
    """Whether the person reads the story: who reads the bid, and finance once there is an award; never an own one."""
    if not person.may(Right.READ_STORIES):
        return no("Stories are for the office.")
    if not (answer := stands_apart(person, application)):
        return answer
    if can_view(person, application):
        return YES
    if person.may(Right.READ_STORIES_OF_AWARDS) and award is not None:
        return YES
    return no("There is nothing of this for you to read yet.")


def visibility_of(person: Person, application: Application, sheet: ScoreSheet | None) -> Visibility:
    """Which parts the person sees, as on the pages of the rooms."""
    bid = bool(can_view(person, application))
    return Visibility(
        bid=bid, scores=bid and bool(can_see_scores(person, application, sheet)), payments=bool(can_export(person))
    )
