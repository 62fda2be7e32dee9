"""The verbs of preparing recommendations: keep drafts, and recommend the chosen ones. Amounts are pence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from grants.accounts.models import Person
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.funds.models import Round
from grants.review import rules
from grants.review.acts import ReviewAct
from grants.review.models import MOST_AT_ONCE, RecommendationDraft, RecommendationSet
from grants.review.queries import hands_of, locked_counts

from .operations import BadGrant, RecommendationLine, check_amount, recommend_together


@dataclass(frozen=True)
class DraftRow:
    """What was typed for one application. `seen` is the version of its draft, 0 where there was none."""

    application_id: int
    seen: int
    amount: Pence | None
    reason: str
    chosen: bool

    @property
    def content(self) -> tuple[Pence | None, str, bool]:
        """What a draft holds."""
        return self.amount, self.reason, self.chosen


class BadRows(Refused):
    """Some rows cannot be kept so; `errors` is application to (field, message)."""

    def __init__(self, errors: Mapping[int, tuple[Literal["amount", "reason"], str]]) -> None:
        super().__init__("Some recommendations are not complete.")
        self.errors = errors


class NotWaiting(Refused):
    """Some applications do not wait for a recommendation any more; `reasons` is application to a sentence."""

    def __init__(self, reasons: Mapping[int, str]) -> None:
        super().__init__(" ".join(reasons.values()))
        self.reasons = reasons


class Overtaken(Refused):
    """Somebody else changed some drafts since they were opened; `drafts` is application to what stands now."""

    def __init__(self, drafts: Mapping[int, RecommendationDraft]) -> None:
        super().__init__("Somebody else changed some of these since you opened the page.")
        self.drafts = drafts


def save_drafts(*, person: Person, a_round: Round, rows: Sequence[DraftRow]) -> None:
    """Keep what is about to be recommended, all of it or nothing. A row that holds nothing and never did is left out.

    Raises NotWaiting, BadRows and Overtaken.
    """
    rules.can_draft(person).or_refuse()
    rows = list({row.application_id: row for row in rows}.values())
    with transaction() as session:
        held = _hold(person, a_round, [row.application_id for row in rows])
        drafts = _drafts_of(held)
        changed = [row for row in rows if row.content != _content(drafts.get(row.application_id))]
        _refuse_bad(changed, held)
        _refuse_overtaken(changed, drafts)
        changes = {}
        for row in changed:
            draft = drafts.get(row.application_id)
            changes[held[row.application_id].reference] = (_content(draft), row.content)
            if draft is None:
                draft = RecommendationDraft(application_id=row.application_id, version=0)
                session.add(draft)
            draft.amount_pence, draft.reason, draft.chosen = row.content
            draft.officer_id, draft.saved_at = person.id, clock.now()
            draft.version += 1
        if changes:
            audit.record(
                actor=person.actor,
                verb=ReviewAct.DRAFT_RECOMMENDATIONS,
                thing=a_round,
                reference=a_round.code,
                changes=changes,
            )


def recommend_chosen(
    *, person: Person, a_round: Round, listed: Sequence[tuple[int, int]], over_pot_reason: str = ""
) -> RecommendationSet:
    """Recommend what was listed for the person to confirm, as (application, version of its draft), all or nothing.

    Raises Refused, NotWaiting where something is not as it was listed, BadGrant, and OverPot.
    """
    rules.can_draft(person).or_refuse()
    if not listed:
        raise Refused("Choose at least one application to recommend.")
    if len(listed) > MOST_AT_ONCE:
        raise Refused(f"Recommend at most {MOST_AT_ONCE} applications at once.")
    with transaction():
        held = _hold(person, a_round, [application_id for application_id, _seen in listed])
        drafts = _drafts_of(held)
        changed = {
            application_id: f"{held[application_id].reference} was changed since the list was shown."
            for application_id, seen in listed
            if not _is_as_listed(drafts.get(application_id), seen)
        }
        if changed:
            raise NotWaiting(changed)
        lines = [
            RecommendationLine(held[draft.application_id], draft.amount_pence or Pence(0), draft.reason)
            for draft in (drafts[application_id] for application_id, _seen in listed)
        ]
        return recommend_together(person=person, a_round=a_round, lines=lines, over_pot_reason=over_pot_reason)


def not_waiting(person: Person, a_round: Round, ids: Collection[int]) -> dict[int, str]:
    """Which of these applications do not wait for a recommendation of the person, with a sentence for each."""
    return _reasons(person, _found(a_round, ids), ids)


def _hold(person: Person, a_round: Round, ids: Collection[int]) -> dict[int, Application]:
    """The applications, held until the end of the transaction. Raises NotWaiting."""
    found = _found(a_round, ids, hold=True)
    if reasons := _reasons(person, found, ids):
        raise NotWaiting(reasons)
    return found


def _found(a_round: Round, ids: Collection[int], *, hold: bool = False) -> dict[int, Application]:
    """The applications of the round, always in the same order, so that nobody waits for each other in a ring."""
    asked = (
        select(Application)
        .where(Application.id.in_(ids), Application.round_id == a_round.id)
        .options(selectinload(Application.bars))
        .order_by(Application.id)
        .execution_options(populate_existing=True)
    )
    found = db.session.scalars(asked.with_for_update(of=Application) if hold else asked)
    return {application.id: application for application in found}


def _reasons(person: Person, found: Mapping[int, Application], ids: Collection[int]) -> dict[int, str]:
    counts, hands = locked_counts(found.keys()), hands_of(found.keys())
    reasons = {}
    for wanted in ids:
        application = found.get(wanted)
        if application is None or not rules.stands_apart(person, application):
            reasons[wanted] = "An application is not in this list any more."
        elif not (
            answer := rules.can_recommend(person, application, locked=counts.get(wanted, 0), hands=hands[wanted])
        ):
            reasons[wanted] = f"{application.reference}: {_why_not(application, answer.reason)}"
    return reasons


def _why_not(application: Application, reason: str) -> str:
    if application.status == ApplicationStatus.ELIGIBLE:
        return reason
    return f"it does not wait for a recommendation any more. Its status is now “{application.state.label}”."


def _drafts_of(held: Collection[int]) -> dict[int, RecommendationDraft]:
    rows = db.session.scalars(
        select(RecommendationDraft)
        .where(RecommendationDraft.application_id.in_(held))
        .options(joinedload(RecommendationDraft.officer))
        .order_by(RecommendationDraft.application_id)
        .with_for_update(of=RecommendationDraft)
        .execution_options(populate_existing=True)
    )
    return {draft.application_id: draft for draft in rows}


def _content(draft: RecommendationDraft | None) -> tuple[Pence | None, str, bool]:
    return (draft.amount_pence, draft.reason, draft.chosen) if draft else (None, "", False)


def _is_as_listed(draft: RecommendationDraft | None, seen: int) -> bool:
    return draft is not None and draft.chosen and draft.version == seen


def _refuse_bad(rows: Sequence[DraftRow], held: Mapping[int, Application]) -> None:
    errors: dict[int, tuple[Literal["amount", "reason"], str]] = {}
    for row in rows:
        application = held[row.application_id]
        try:
            if row.amount is not None:
                check_amount(application, row.amount)
            elif row.chosen:
                raise BadGrant("Enter the amount to recommend, or 0 to recommend that it is declined.")
        except BadGrant as refused:
            errors[row.application_id] = ("amount", f"{application.reference}: {refused}")
            continue
        if row.chosen and not row.reason.strip():
            errors[row.application_id] = ("reason", f"{application.reference}: Enter the reason for it.")
    if errors:
        raise BadRows(errors)


def _refuse_overtaken(rows: Sequence[DraftRow], drafts: Mapping[int, RecommendationDraft]) -> None:
    overtaken = {
        row.application_id: draft
        for row in rows
        if (draft := drafts.get(row.application_id)) is not None and draft.version != row.seen
    }
    if overtaken:
        raise Overtaken(overtaken)
