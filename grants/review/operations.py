"""The verbs of review: check, declare, save scores, lock, recommend. Amounts are pence; all raise Refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from grants.accounts.models import Person
from grants.applications import operations as applications
from grants.applications.models import Application, Bar
from grants.applications.queries import criteria_of, locked
from grants.foundation import audit, clock
from grants.foundation.db import LostUpdate, Refused, db, transaction
from grants.foundation.money import Pence, pounds
from grants.foundation.words import count_characters
from grants.funds.models import LARGEST_SCORE, Round

from . import queries, rules
from .models import (
    LONGEST_REASON,
    Check,
    Recommendation,
    RecommendationDraft,
    RecommendationSet,
    Score,
    ScoreSheet,
)
from .ranking import pot_use


class BadGrant(Refused):
    """The amount is not one that may be granted; it is told beside the amount."""


class OverPot(Refused):
    """The recommendations take the round over its pot, and nobody said yet why that may be."""


Marks = Mapping[int, tuple[int | None, str]]
"""A criterion's number to its score, or None where there is none yet, and the reason."""


def check(*, person: Person, application: Application, passed: bool, reason: str = "") -> Check:
    """Pass an application to the panel, or fail it with the reason."""
    with transaction() as session:
        current = locked(application.id)
        rules.can_check(person, current).or_refuse()
        if not passed and not reason.strip():
            raise Refused("Enter the reason why the application is not eligible.")
        made = Check(
            application_id=current.id, officer_id=person.id, passed=passed, reason=reason, checked_at=clock.now()
        )
        session.add(made)
        applications.step(current, "pass" if passed else "fail")
        audit.record(actor=person.actor, verb="check application", thing=current)
        return made


def declare(*, person: Person, application: Application, has_conflict: bool, note: str = "") -> ScoreSheet:
    """Say whether one has an interest, before reading. With one, the application stays closed to the person."""
    with transaction() as session:
        current = locked(application.id)
        sheet = queries.sheet_of(current.id, person)
        rules.can_declare(person, current, sheet, queries.check_of(current.id)).or_refuse()
        sheet = ScoreSheet(
            application_id=current.id, person_id=person.id, has_conflict=has_conflict,
            conflict_note=note if has_conflict else "", declared_at=clock.now(),
        )  # fmt: skip
        session.add(sheet)
        if has_conflict:
            session.add(Bar(application_id=current.id, person_id=person.id, barred_at=clock.now()))
        audit.record(actor=person.actor, verb="declare interest", thing=sheet, reference=current.reference)
        return sheet


def save_scores(*, person: Person, application: Application, seen: int, marks: Marks) -> ScoreSheet:
    """Keep scores and reasons as a draft, as far as they go. `seen` is the sheet's version. Raises LostUpdate too."""
    with transaction():
        current, sheet = _open_sheet(person, application)
        _keep(person, sheet, current, seen, marks)
        return sheet


def lock(
    *, person: Person, application: Application, seen: int | None = None, marks: Marks | None = None
) -> ScoreSheet:
    """Lock the sheet, all of whose criteria have a score and a reason; with `marks`, keep these first."""
    with transaction():
        current, sheet = _open_sheet(person, application)
        if marks is not None and seen is not None:
            _keep(person, sheet, current, seen, marks)
        rules.can_lock(sheet, criteria_of(current)).or_refuse()
        sheet.locked_at = sheet.saved_at = clock.now()
        sheet.version += 1
        audit.record(actor=person.actor, verb="lock scores", thing=sheet, reference=current.reference)
        return sheet


@dataclass(frozen=True)
class Line:
    """What is recommended for one application that the caller holds locked. No amount (0) is to decline it."""

    application: Application
    amount: Pence
    reason: str


def recommend(
    *, person: Person, application: Application, amount: Pence, reason: str, over_pot_reason: str = ""
) -> RecommendationSet:
    """Recommend an amount to the decision maker, or nothing to decline it, with the reason. Raises OverPot too."""
    with transaction():
        current = locked(application.id)
        rules.can_recommend(person, current, locked=queries.locked_count(current.id)).or_refuse()
        return recommend_together(
            person=person, a_round=current.round, lines=[Line(current, amount, reason)], over_pot_reason=over_pot_reason
        )


def recommend_together(
    *, person: Person, a_round: Round, lines: Sequence[Line], over_pot_reason: str = ""
) -> RecommendationSet:
    """Recommend for applications of one round that the caller may recommend, held together against its pot.

    Raises Refused, BadGrant, and OverPot where the round goes over its pot and nobody said why it may.
    """
    with transaction() as session:
        for line in lines:
            check_line(line.application, line.amount, line.reason)
        total = Pence(sum(line.amount for line in lines))
        excess = _excess(a_round, total, over_pot_reason)
        made = RecommendationSet(
            round_id=a_round.id, officer_id=person.id, recommended_at=clock.now(), total_pence=total,
            excess_pence=excess, excess_reason=over_pot_reason if excess else "",
        )  # fmt: skip
        session.add(made)
        session.flush()
        for line in lines:
            _recommend(person, made, line)
        session.execute(
            delete(RecommendationDraft).where(
                RecommendationDraft.application_id.in_([line.application.id for line in lines])
            )
        )
        audit.record(
            actor=person.actor, verb="recommend together", thing=made, reference=a_round.code,
            changes={
                "applications": ("", [line.application.reference for line in lines]),
                "total_pence": (None, total),
                "excess_pence": (None, excess),
                "excess_reason": ("", made.excess_reason),
            },
        )  # fmt: skip
        return made


def check_line(application: Application, amount: Pence, reason: str) -> None:
    """Hold one recommendation against the bid and its round. Raises BadGrant, and Refused for the reason."""
    check_amount(application, amount)
    if not reason.strip():
        raise Refused("Enter the reason for the recommendation.")
    if count_characters(reason) > LONGEST_REASON:
        raise Refused(f"Shorten the reason to {LONGEST_REASON:,} characters or fewer.")


def check_amount(application: Application, amount: Pence) -> None:
    """Hold an amount against what was asked for and the round's largest grant. Raises BadGrant."""
    if amount > application.requested_pence:
        raise BadGrant(f"The amount must be {pounds(application.requested_pence)} or less: that is what was asked for.")
    largest = application.round.largest_grant_pence
    if largest is not None and amount > largest:
        raise BadGrant(f"The amount must be {pounds(largest)} or less: that is the largest grant of this round.")


def _excess(a_round: Round, total: Pence, over_pot_reason: str) -> Pence:
    """By how much the round is over its pot with this total; a recommendation to decline takes nothing from it."""
    db.session.execute(select(Round.id).where(Round.id == a_round.id).with_for_update())
    excess = pot_use(a_round).excess(total) if total else Pence(0)
    if excess and not over_pot_reason.strip():
        raise OverPot(
            f"With this the round would be {pounds(excess)} over its pot of {pounds(a_round.pot_pence)}. "
            "Enter why that is right, or recommend less."
        )
    if count_characters(over_pot_reason) > LONGEST_REASON:
        raise OverPot(f"Shorten the reason to {LONGEST_REASON:,} characters or fewer.")
    return excess


def _recommend(person: Person, together: RecommendationSet, line: Line) -> None:
    application = line.application
    db.session.add(
        Recommendation(
            application_id=application.id,
            set_id=together.id,
            officer_id=person.id,
            amount_pence=line.amount,
            reason=line.reason,
            recommended_at=together.recommended_at,
        )
    )
    applications.step(application, "recommend")
    audit.record(
        actor=person.actor, verb="recommend", thing=application,
        changes={**audit.diff(application), "recommended_pence": (None, line.amount)},
    )  # fmt: skip


def _open_sheet(person: Person, application: Application) -> tuple[Application, ScoreSheet]:
    current = locked(application.id)
    sheet = queries.sheet_of(current.id, person)
    rules.can_score(person, current, sheet).or_refuse()
    assert sheet is not None  # noqa: S101 - can_score says no without one
    return current, sheet


def _keep(person: Person, sheet: ScoreSheet, application: Application, seen: int, marks: Marks) -> None:
    kept = {score.criterion_id: score for score in sheet.scores}
    changes = {}
    for criterion in criteria_of(application):
        old = kept.get(criterion.id)
        before = (old.score, old.reason) if old else (None, "")
        after = marks.get(criterion.id, before)
        if before == after:
            continue
        if after[0] is not None and not 0 <= after[0] <= LARGEST_SCORE:
            raise Refused(f"The score for “{criterion.title}” must be from 0 to {LARGEST_SCORE}.")
        changes[f"criterion {criterion.id}"] = (before, after)
        if old is None:
            sheet.scores.append(Score(criterion_id=criterion.id, score=after[0], reason=after[1]))
        else:
            old.score, old.reason = after
    if not changes:
        return
    if sheet.version != seen:
        raise LostUpdate(seen, sheet.version)
    sheet.saved_at = clock.now()
    sheet.version += 1
    audit.record(actor=person.actor, verb="save scores", thing=sheet, reference=application.reference, changes=changes)
