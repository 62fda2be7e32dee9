"""The verbs of a draft: start, and save by section.

Saving takes `seen`, the fingerprint of the section as the form was opened with it; where the section
changed since then it raises LostUpdate. Amounts are pence, times UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NotRequired, TypedDict, Unpack

from grants.accounts.models import Person
from grants.accounts.rights import GroupRight
from grants.accounts.rules import is_for
from grants.applications import queries, rules
from grants.applications.acts import ApplicationAct
from grants.applications.models import (
    Answer,
    Application,
    ApplicationDistrict,
    ApplicationStatus,
    ApplicationTopic,
    BudgetLine,
)
from grants.foundation.records import audit
from grants.foundation.records import drafts as records
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.drafts import Content
from grants.foundation.records.numbers import next_number
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.funds.models import Question, Round

from . import contents


class OverLimit(Refused):
    """The budget adds up to more than the round's largest grant."""


def start(*, person: Person, a_round: Round, organisation_id: int, at: datetime | None = None) -> Application:
    """Start a group's application in a round, or take up the one that was started and not filled in. Raises Refused."""
    at = at or clock.now()
    with transaction() as session:
        a_round = queries.locked_round(a_round.id)
        rules.can_start(person, a_round, at).or_refuse()
        otherwise = "You can apply only for a group that you belong to."
        is_for(person, GroupRight.WRITE_APPLICATIONS, organisation_id, otherwise).or_refuse()
        draft = queries.draft_of(organisation_id, a_round)
        count = queries.live_count(organisation_id, a_round)
        if draft is not None and (draft.saved_at == draft.started_at or count >= a_round.bids_each):
            return draft
        if count >= a_round.bids_each:
            raise Refused("Your group has applied in this round already. You can read its application on your desk.")
        application = Application(
            reference=f"{a_round.slug.upper()}-{next_number(a_round):04}",
            round=a_round,
            organisation_id=organisation_id,
            started_by_id=person.id,
            status=ApplicationStatus.DRAFT,
            started_at=at,
            saved_at=at,
            illustrative=a_round.illustrative,
        )
        session.add(application)
        audit.record(actor=person.actor, verb=ApplicationAct.START_APPLICATION, thing=application)
        return application


class SavingBid(TypedDict):
    """Who saves a section of which application: `seen` is what the form was opened with, `at` when it arrived (UTC)."""

    person: Person
    application: Application
    seen: str
    at: NotRequired[datetime | None]


def save_project(*, title: str, summary: str, **how: Unpack[SavingBid]) -> Application:
    """Save the title and the summary, however long they are. Raises Refused and LostUpdate."""

    def write(draft: Application) -> None:
        draft.title, draft.summary = title, summary

    new = {"title": title, "summary": summary}
    return _save(ApplicationAct.SAVE_PROJECT, contents.project, new, write, **how)


def save_dates(*, starts_on: date | None, ends_on: date | None, **how: Unpack[SavingBid]) -> Application:
    """Save the first and the last day. Raises Refused and LostUpdate."""

    def write(draft: Application) -> None:
        draft.starts_on, draft.ends_on = starts_on, ends_on

    new = {
        "starts_on": starts_on.isoformat() if starts_on else "",
        "ends_on": ends_on.isoformat() if ends_on else "",
    }
    return _save(ApplicationAct.SAVE_DATES, contents.dates, new, write, **how)


def save_people(*, people_helped: int | None, district_ids: Sequence[int], **how: Unpack[SavingBid]) -> Application:
    """Save how many people are helped, and where. Raises Refused and LostUpdate."""

    def write(draft: Application) -> None:
        draft.people_helped = people_helped
        wanted = set(district_ids)
        kept = [row for row in draft.districts if row.district_id in wanted]
        added = wanted - {row.district_id for row in kept}
        draft.districts = kept + [ApplicationDistrict(district_id=number) for number in sorted(added)]

    new = {"people_helped": people_helped, "districts": sorted(set(district_ids))}
    return _save(ApplicationAct.SAVE_PEOPLE, contents.people, new, write, **how)


def save_aims(*, topic_ids: Sequence[int], priority_id: int | None, **how: Unpack[SavingBid]) -> Application:
    """Save the topics, the primary one first, and the priority. Raises Refused and LostUpdate."""
    wanted = list(dict.fromkeys(topic_ids))

    def write(draft: Application) -> None:
        rows = {row.topic_id: row for row in draft.topics}
        draft.topics = [rows.get(number) or ApplicationTopic(topic_id=number, position=0) for number in wanted]
        for position, row in enumerate(draft.topics):
            row.position = position
        draft.priority_id = priority_id

    new = {"topics": wanted, "priority": priority_id}
    return _save(ApplicationAct.SAVE_AIMS, contents.aims, new, write, **how)


def save_answer(*, question: Question, text: str, **how: Unpack[SavingBid]) -> Application:
    """Save what was written to a question, however long it is. Raises Refused and LostUpdate."""
    if question.round_id != how["application"].round_id:
        raise Refused("This question is not asked in this round.")

    def read(draft: Application) -> Content:
        kept = db.session.get(Answer, (draft.id, question.id))
        return contents.answer(kept.text if kept else "")

    def write(draft: Application) -> None:
        kept = db.session.get(Answer, (draft.id, question.id))
        if kept is None:
            kept = Answer(application_id=draft.id, question_id=question.id, text=text)
            db.session.add(kept)
        kept.text = text

    return _save(ApplicationAct.SAVE_ANSWER, read, contents.answer(text), write, of=question.key, **how)


def save_budget(*, lines: Sequence[tuple[str, Pence]], **how: Unpack[SavingBid]) -> Application:
    """Save the lines of the budget. Raises OverLimit above the round's largest grant, Refused and LostUpdate."""
    if message := rules.over_limit(sum(amount for _, amount in lines), how["application"].round):
        raise OverLimit(message)

    def write(draft: Application) -> None:
        for position, (item, amount) in enumerate(lines):
            if position < len(draft.budget_lines):
                line = draft.budget_lines[position]
                line.position, line.item, line.amount_pence = position, item, amount
            else:
                draft.budget_lines.append(BudgetLine(position=position, item=item, amount_pence=amount))
        del draft.budget_lines[len(lines) :]
        draft.requested_pence = Pence(sum(amount for _, amount in lines))

    new = {"lines": [[item, amount] for item, amount in lines]}
    return _save(ApplicationAct.SAVE_BUDGET, contents.budget, new, write, **how)


def _save(
    act: ApplicationAct,
    read: Callable[[Application], Content],
    new: Content,
    write: Callable[[Application], None],
    *,
    of: str = "",
    person: Person,
    application: Application,
    seen: str,
    at: datetime | None = None,
) -> Application:
    at = at or clock.now()
    with transaction():
        draft = queries.locked(application.id)
        rules.can_edit(person, draft, at).or_refuse()
        changed = records.save(draft, seen=seen, new=new, read=read, write=write, at=at)
        if changed:
            audit.record(actor=person.actor, verb=act, of=of, thing=draft, changes=changed)
        return draft
