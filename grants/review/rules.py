"""Who checks, reads, scores and recommends, and who sees whose scores. Pure.

The rules hold per grant, whoever the person is: nobody judges a bid of their own group, or one
in which they declared an interest, or does two steps on the same bid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean, median

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications.apart import rules as apart
from grants.applications.apart.rules import GrantStep, Hands, is_another, ties_of
from grants.applications.models import Application, ApplicationStatus
from grants.applications.rules import APPLICATION_STEPS, does
from grants.foundation.records.lifecycle import YES, Ruling, find_step, no
from grants.foundation.values.money import Pence
from grants.foundation.values.words import count_words, some
from grants.funds.models import LARGEST_SCORE, Criterion

from .models import LONGEST_REASON_WORDS, WIDE_STEPS, ScoreSheet

ALMOST = 1e-9
"""What two shares that are the same may differ by, because they are no whole numbers."""

NOTHING = Pence(0)

RANKED = frozenset(ApplicationStatus) - {
    ApplicationStatus.DRAFT,
    ApplicationStatus.SUBMITTED,
    ApplicationStatus.INELIGIBLE,
    ApplicationStatus.WITHDRAWN,
}
"""What stands in the ranking of its round: all that is with the panel or further."""


def stands_apart(person: Person, application: Application) -> Ruling:
    """Whether the person has no tie to the bid: neither of its group, now or before, nor with an interest declared."""
    return apart.stands_apart(person, ties_of(application))


def may_take(person: Person, application: Application, step: GrantStep, hands: Hands) -> Ruling:
    """Whether the person has no tie to the bid, and did no step on it that never meets this one."""
    return stands_apart(person, application) and is_another(person, step, hands)


def can_check(person: Person, application: Application, hands: Hands) -> Ruling:
    """Whether the person may pass or fail it against the rules of its round."""
    if not (answer := does(person, "pass", application, "Only a grants officer checks applications.")):
        return answer
    if not (answer := may_take(person, application, GrantStep.CHECK, hands)):
        return answer
    step = find_step(APPLICATION_STEPS, application.status, "pass")
    return step.allows() if step else no("This application does not wait for a check.")


def can_declare(person: Person, application: Application, sheet: ScoreSheet | None, hands: Hands) -> Ruling:
    """Whether the person may declare whether they have an interest, which comes before reading."""
    if not person.may(Right.SCORE_APPLICATIONS):
        return no("Only a panel member scores applications.")
    if not (answer := may_take(person, application, GrantStep.SCORE, hands)):
        return answer
    if sheet is not None:
        return no("You have declared already.")
    return YES if application.status == ApplicationStatus.ELIGIBLE else no("This application is not with the panel.")


def can_read(person: Person, application: Application, sheet: ScoreSheet | None) -> Ruling:
    """Whether a panel member may read the bid: after declaring that they have no interest."""
    if not person.may(Right.SCORE_APPLICATIONS):
        return no("Only a panel member reads an application here.")
    if not (answer := stands_apart(person, application)):
        return answer
    if sheet is None:
        return no("Say first whether you have an interest in this application.")
    return no("You declared an interest in this application.") if sheet.has_conflict else YES


def can_score(person: Person, application: Application, sheet: ScoreSheet | None, hands: Hands) -> Ruling:
    """Whether the person may write scores on their sheet now."""
    if not (answer := can_read(person, application, sheet) and is_another(person, GrantStep.SCORE, hands)):
        return answer
    if sheet is not None and sheet.locked_at is not None:
        return no("Your scores are locked, so they cannot be changed.")
    return (
        YES
        if application.status == ApplicationStatus.ELIGIBLE
        else no("This application is not with the panel any more.")
    )


def can_lock(sheet: ScoreSheet, criteria: Sequence[Criterion]) -> Ruling:
    """Whether every criterion has a score and a reason that is not too long."""
    done = {score.criterion_id: score for score in sheet.scores if score.score is not None and score.reason}
    missing = [criterion.title for criterion in criteria if criterion.id not in done]
    if missing:
        return no(f"Give a score and a reason for: {'; '.join(missing)}.")
    for criterion in criteria:
        if count_words(done[criterion.id].reason) > LONGEST_REASON_WORDS:
            return no(f"Shorten the reason for “{criterion.title}” to {some(LONGEST_REASON_WORDS, 'word')} or fewer.")
    return YES


def can_see_scores(person: Person, application: Application, sheet: ScoreSheet | None) -> Ruling:
    """Whether the person sees the locked scores of others.

    A panel member does after locking their own; whoever could still score the bid does not, whatever else they are.
    """
    if not (answer := stands_apart(person, application)):
        return answer
    if sheet is not None and sheet.locked_at is not None:
        return YES
    if person.may(Right.SCORE_APPLICATIONS) and application.status == ApplicationStatus.ELIGIBLE:
        return no("You see the scores of others after you have locked your own.")
    return YES if person.may(Right.READ_SCORES) else no("Scores are for the panel and the office.")


def can_see_ranking(person: Person, *, left: int) -> Ruling:
    """Whether the person sees the ranking of a round; `left` is how many of its bids they can still score.

    Which bids stand in it is held for each of them by `can_see_scores`.
    """
    if person.may(Right.READ_SCORES):
        return YES
    if not person.may(Right.SCORE_APPLICATIONS):
        return no("The ranking is for the panel and the office.")
    if left:
        return no(f"You see the ranking once you have locked your scores: {some(left, 'application')} left to score.")
    return YES


def can_export_scores(person: Person) -> Ruling:
    """Whether the person may take every score and comment away as a file."""
    if person.may(Right.EXPORT_SCORES):
        return YES
    return no("Only a grants officer or an auditor takes the scores away as a file.")


def can_draft(person: Person) -> Ruling:
    """Whether the person may prepare recommendations; each bid in them is held by `can_recommend`."""
    return YES if person.may(Right.RECOMMEND) else no("Only a grants officer recommends.")


def can_recommend(person: Person, application: Application, *, locked: int, hands: Hands) -> Ruling:
    """Whether the person may recommend an amount; `locked` is the number of locked score sheets."""
    if not (answer := does(person, "recommend", application, "Only a grants officer recommends.")):
        return answer
    if not (answer := may_take(person, application, GrantStep.RECOMMEND, hands)):
        return answer
    step = find_step(APPLICATION_STEPS, application.status, "recommend")
    return step.allows(application, locked) if step else no("This application does not wait for a recommendation.")


@dataclass(frozen=True)
class Result:
    """What the locked sheets of one bid say, as shares of the most points that there are (0 to 100)."""

    sheets: int
    mean: float
    median: float
    low: float
    high: float

    @property
    def is_wide(self) -> bool:
        """Whether its lowest and highest sheet disagree widely: by some steps of the scale or more."""
        return self.high - self.low > 100 * WIDE_STEPS / LARGEST_SCORE - ALMOST


def share(points: Sequence[tuple[int, int]]) -> float:
    """One sheet's weighted score as a share of the most points; `points` are (score, weight).

    >>> share([(5, 1), (0, 1)])
    50.0
    """
    most = sum(LARGEST_SCORE * weight for _, weight in points)
    return 100 * sum(score * weight for score, weight in points) / most if most else 0.0


def result(shares: Sequence[float]) -> Result | None:
    """Mean, median and range of the sheets' shares, or None where nothing is locked."""
    if not shares:
        return None
    return Result(len(shares), mean(shares), median(shares), min(shares), max(shares))


def result_of(sheets: Sequence[ScoreSheet]) -> Result | None:
    """What locked sheets say together."""
    return result([share_of(sheet) for sheet in sheets])


def share_of(sheet: ScoreSheet) -> float:
    """A sheet's weighted score as a share of the most points."""
    return share([(score.score or 0, score.criterion.weight) for score in sheet.scores])


@dataclass(frozen=True)
class Pot:
    """A round's pot in pence and what goes against it: what is approved, and what is recommended and not decided.

    `approved` is what approvals take today. `freed` is what they once took and no longer do, since a grant was
    withdrawn, declined by its group, lapsed or became smaller: it can be awarded again. A pot is not a hard ceiling.
    """

    pot: Pence | None
    approved: Pence
    recommended: Pence = NOTHING
    freed: Pence = NOTHING

    @property
    def decided(self) -> Pot:
        """The pot without what is only recommended: that does not count against a decision."""
        return replace(self, recommended=NOTHING)

    @property
    def used(self) -> Pence:
        """What is approved or recommended, in pence."""
        return Pence(self.approved + self.recommended)

    def excess(self, more: int = 0) -> Pence:
        """By how much it and `more` go over the pot, in pence; 0 where they do not, or where no pot is known."""
        return Pence(max(0, self.used + more - self.pot)) if self.pot is not None else Pence(0)

    def left(self, more: int = 0) -> Pence:
        """What it and `more` leave of the pot, in pence; 0 where they are over it."""
        return Pence(max(0, self.pot - self.used - more)) if self.pot is not None else Pence(0)
