"""The verbs of a score sheet: declare, save, lock. All raise Refused."""

from __future__ import annotations

from collections.abc import Mapping

from grants.accounts.models import Person
from grants.applications.models import Application, Bar
from grants.applications.queries import criteria_of, locked
from grants.foundation.records import audit
from grants.foundation.records.db import LostUpdate, Refused, transaction
from grants.foundation.values import clock
from grants.funds.models import LARGEST_SCORE
from grants.review import queries, rules
from grants.review.acts import ReviewAct
from grants.review.models import Score, ScoreSheet

Marks = Mapping[int, tuple[int | None, str]]
"""A criterion's number to its score, or None where there is none yet, and the reason."""


def declare(*, person: Person, application: Application, has_conflict: bool, note: str = "") -> ScoreSheet:
    """Say whether one has an interest, before reading. With one, the application stays closed to the person."""
    with transaction() as session:
        current = locked(application.id)
        sheet = queries.sheet_of(current.id, person)
        rules.can_declare(person, current, sheet, queries.hands_of([current.id])[current.id]).or_refuse()
        sheet = ScoreSheet(
            application_id=current.id,
            person_id=person.id,
            has_conflict=has_conflict,
            conflict_note=note if has_conflict else "",
            declared_at=clock.now(),
        )
        session.add(sheet)
        if has_conflict:
            session.add(Bar(application_id=current.id, person_id=person.id, barred_at=clock.now()))
        audit.record(actor=person.actor, verb=ReviewAct.DECLARE_INTEREST, thing=sheet, reference=current.reference)
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
        audit.record(actor=person.actor, verb=ReviewAct.LOCK_SCORES, thing=sheet, reference=current.reference)
        return sheet


def _open_sheet(person: Person, application: Application) -> tuple[Application, ScoreSheet]:
    current = locked(application.id)
    sheet = queries.sheet_of(current.id, person)
    rules.can_score(person, current, sheet, queries.hands_of([current.id])[current.id]).or_refuse()
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
    audit.record(
        actor=person.actor, verb=ReviewAct.SAVE_SCORES, thing=sheet, reference=application.reference, changes=changes
    )
