"""The verbs of an application: start, save (by section), submit, withdraw.

Saving takes `seen`, the fingerprint of the section as the form was opened with it; where the section
changed since then it raises LostUpdate. Amounts are pence, times UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from flask import current_app

from grants.accounts.models import Person
from grants.foundation import audit, clock, outbox
from grants.foundation.db import LostUpdate, Refused, db, transaction
from grants.foundation.lifecycle import take_step
from grants.foundation.money import Pence, pounds
from grants.foundation.pages import instant
from grants.funds.models import Question, Round

from . import bid as bids
from . import contents, queries, rules
from .contents import Content
from .models import (
    Answer,
    Application,
    ApplicationDistrict,
    ApplicationStatus,
    ApplicationTopic,
    BudgetLine,
    Submission,
)
from .rules import Problem


class Incomplete(Exception):
    """The application cannot be submitted yet; `problems` says why, each with its section and field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = list(problems)


class OverLimit(Refused):
    """The budget adds up to more than the round's largest grant."""


def start(*, person: Person, a_round: Round, organisation_id: int, at: datetime | None = None) -> Application:
    """Start a group's application in a round, or take up the one that was started and not filled in. Raises Refused."""
    at = at or clock.now()
    with transaction() as session:
        a_round = queries.locked_round(a_round.id)
        rules.can_start(person, a_round, at).or_refuse()
        if organisation_id not in person.organisation_ids:
            raise Refused("You can apply only for a group that you belong to.")
        draft = queries.draft_of(organisation_id, a_round)
        count = queries.live_count(organisation_id, a_round)
        if draft is not None and (draft.saved_at == draft.started_at or count >= a_round.bids_each):
            return draft
        if count >= a_round.bids_each:
            raise Refused("Your group has applied in this round already. You can read its application on your desk.")
        a_round.last_number += 1
        application = Application(
            reference=f"{a_round.slug.upper()}-{a_round.last_number:04}", round=a_round,
            organisation_id=organisation_id, started_by_id=person.id, status=ApplicationStatus.DRAFT,
            started_at=at, saved_at=at, illustrative=a_round.illustrative,
        )  # fmt: skip
        session.add(application)
        audit.record(actor=person.actor, verb="start application", thing=application)
        return application


def save_project(
    *, person: Person, application: Application, seen: int, title: str, summary: str, at: datetime | None = None
) -> Application:
    """Save the title and the summary, however long they are. Raises Refused and LostUpdate."""

    def write(draft: Application) -> None:
        draft.title, draft.summary = title, summary

    new = {"title": title, "summary": summary}
    return _save(person, application, section="project", seen=seen, new=new, read=contents.project, write=write, at=at)


def save_dates(
    *,
    person: Person,
    application: Application,
    seen: int,
    starts_on: date | None,
    ends_on: date | None,
    at: datetime | None = None,
) -> Application:
    """Save the first and the last day. Raises Refused and LostUpdate."""

    def write(draft: Application) -> None:
        draft.starts_on, draft.ends_on = starts_on, ends_on

    new = {
        "starts_on": starts_on.isoformat() if starts_on else "",
        "ends_on": ends_on.isoformat() if ends_on else "",
    }
    return _save(person, application, section="dates", seen=seen, new=new, read=contents.dates, write=write, at=at)


def save_people(
    *,
    person: Person,
    application: Application,
    seen: int,
    people_helped: int | None,
    district_ids: Sequence[int],
    at: datetime | None = None,
) -> Application:
    """Save how many people are helped, and where. Raises Refused and LostUpdate."""

    def write(draft: Application) -> None:
        draft.people_helped = people_helped
        wanted = set(district_ids)
        kept = [row for row in draft.districts if row.district_id in wanted]
        added = wanted - {row.district_id for row in kept}
        draft.districts = kept + [ApplicationDistrict(district_id=number) for number in sorted(added)]

    new = {"people_helped": people_helped, "districts": sorted(set(district_ids))}
    return _save(person, application, section="people", seen=seen, new=new, read=contents.people, write=write, at=at)


def save_aims(
    *,
    person: Person,
    application: Application,
    seen: int,
    topic_ids: Sequence[int],
    priority_id: int | None,
    at: datetime | None = None,
) -> Application:
    """Save the topics, the primary one first, and the priority. Raises Refused and LostUpdate."""
    wanted = list(dict.fromkeys(topic_ids))

    def write(draft: Application) -> None:
        rows = {row.topic_id: row for row in draft.topics}
        draft.topics = [rows.get(number) or ApplicationTopic(topic_id=number, position=0) for number in wanted]
        for position, row in enumerate(draft.topics):
            row.position = position
        draft.priority_id = priority_id

    new = {"topics": wanted, "priority": priority_id}
    return _save(person, application, section="aims", seen=seen, new=new, read=contents.aims, write=write, at=at)


def save_answer(
    *, person: Person, application: Application, seen: int, question: Question, text: str, at: datetime | None = None
) -> Application:
    """Save what was written to a question, however long it is. Raises Refused and LostUpdate."""
    if question.round_id != application.round_id:
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

    return _save(
        person,
        application,
        section=f"answer {question.key}",
        seen=seen,
        new=contents.answer(text),
        read=read,
        write=write,
        at=at,
    )


def save_budget(
    *,
    person: Person,
    application: Application,
    seen: int,
    lines: Sequence[tuple[str, Pence]],
    at: datetime | None = None,
) -> Application:
    """Save the lines of the budget. Raises OverLimit above the round's largest grant, Refused and LostUpdate."""
    if message := rules.over_limit(sum(amount for _, amount in lines), application.round):
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
    return _save(person, application, section="budget", seen=seen, new=new, read=contents.budget, write=write, at=at)


def submit(*, person: Person, application: Application, declared_name: str, at: datetime | None = None) -> Submission:
    """Freeze the application under its SHA-256 and queue its receipt. `at` is when the application received it.

    Raises Refused (not theirs, not a draft, after the closing time) and Incomplete.
    """
    at = at or clock.now()
    with transaction() as session:
        draft = queries.locked(application.id)
        rules.can_submit(person, draft, at).or_refuse()
        if not declared_name.strip():
            raise Refused("Enter your full name under the declaration.")
        the_bid = queries.draft_bid(draft)
        if found := rules.problems(the_bid, draft.round):
            raise Incomplete(found)
        content, sha256 = bids.freeze(
            the_bid, declared_name=declared_name, submitted_at=audit.as_text(at),
            questions_sha256=draft.round.questions_sha256,
        )  # fmt: skip
        submission = Submission(application_id=draft.id, content=content, sha256=sha256, submitted_at=at)
        session.add(submission)
        step(draft, "submit")
        draft.submitted_at, draft.submitted_by_id, draft.declared_name = at, person.id, declared_name
        audit.record(actor=person.actor, verb="submit application", thing=draft, why=f"SHA-256 {sha256}")
        _queue_receipt(person, draft, submission)
        return submission


def withdraw(*, person: Person, application: Application, why: str = "") -> Application:
    """Withdraw an application that is not decided. Raises Refused."""
    with transaction():
        current = queries.locked(application.id)
        rules.can_withdraw(person, current).or_refuse()
        step(current, "withdraw")
        audit.record(
            actor=person.actor, verb="withdraw application", thing=current,
            changes={**audit.diff(current), "reason": ("", why)},
        )  # fmt: skip
        return current


def step(application: Application, verb: str) -> None:
    """Move a locked application along its table, in the caller's deed. Raises Refused where the table has no row."""
    status = take_step(rules.APPLICATION_STEPS, ApplicationStatus(application.status), verb, thing="application")
    application.status = status
    application.version += 1


def _save(
    person: Person,
    application: Application,
    *,
    section: str,
    seen: int,
    new: Content,
    read: Callable[[Application], Content],
    write: Callable[[Application], None],
    at: datetime | None,
) -> Application:
    at = at or clock.now()
    with transaction() as session:
        draft = queries.locked(application.id)
        rules.can_edit(person, draft, at).or_refuse()
        before = read(draft)
        if before == new:
            return draft
        current = contents.fingerprint(before)
        if current != seen:
            raise LostUpdate(seen, current)
        write(draft)
        draft.saved_at = at
        draft.version += 1
        session.flush()
        changed = {name: (before[name], new[name]) for name in new if before[name] != new[name]}
        audit.record(actor=person.actor, verb=f"save {section}", thing=draft, changes=changed)
        return draft


def _queue_receipt(person: Person, application: Application, submission: Submission) -> None:
    outbox.queue(
        to=person.email,
        subject=f"We have your application {application.reference}",
        body=(
            f"Thank you. We received the application “{application.title}” from {application.organisation.name} "
            f"at {instant(submission.submitted_at, zone=True)}.\n\n"
            f"Its reference is {application.reference}. It asks for {pounds(application.requested_pence)}.\n\n"
            f"You can read it and keep it as a PDF here:\n\n{_pdf_address(application)}\n\n"
            "What happens next: an officer checks it and may ask you a question, a panel scores it, "
            "and then it is decided. We write to you with the result and the reasons, whatever the result is.\n\n"
            f"The fingerprint (SHA-256) of what you sent is {submission.sha256}.\n"
        ),
        purpose="receipt",
        about=f"application:{application.id}",
    )


def _pdf_address(application: Application) -> str:
    return f"{current_app.config['PUBLIC_URL']}/applications/{application.reference}/application.pdf"
