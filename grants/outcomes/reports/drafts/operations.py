"""The group's verbs of a report: open, save (by section), submit.

Saving takes `seen`, the fingerprint of the section as the form was opened with it; where the section
changed since then it raises LostUpdate. Amounts are pence, times UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from grants.accounts.models import Person
from grants.applications import contents as bids
from grants.awards.models import Award
from grants.foundation.records import audit
from grants.foundation.records import drafts as records
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.drafts import Content, Incomplete
from grants.foundation.records.lifecycle import take_step
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.outcomes.acts import OutcomeAct
from grants.outcomes.reports import contents as told
from grants.outcomes.reports import letters, queries, rules
from grants.outcomes.reports.contents import SpentLine
from grants.outcomes.reports.models import Report, ReportLine, ReportStatus, ReportSubmission
from grants.outcomes.reports.rules import ReportCase

from . import contents


def open_report(*, person: Person, award: Award) -> Report:
    """Begin the group's report of an award, or take up the one that is there. Raises Refused."""
    with transaction():
        case = queries.locked_case(award.id)
        rules.can_open(person, case).or_refuse()
        return case.report or make_report(case, actor=person.actor)


def make_report(case: ReportCase, *, actor: Actor) -> Report:
    """The report of a locked case, empty, with the lines of the bid's budget, in the caller's deed."""
    assert case.due_on is not None  # noqa: S101 - it is reportable
    now = clock.now()
    report = Report(
        award_id=case.award.id,
        status=ReportStatus.DRAFT,
        due_on=case.due_on,
        made_at=now,
        saved_at=now,
        lines=[
            ReportLine(position=at, item=line.item, asked_pence=line.amount_pence)
            for at, line in enumerate(bids.of_submission(case.submission).budget)
        ],
    )
    db.session.add(report)
    audit.record(actor=actor, verb=OutcomeAct.OPEN_REPORT, thing=report, reference=case.award.reference)
    return report


@dataclass(frozen=True)
class Spent:
    """What was spent on one line of the budget, in pence (None: not said yet), and why it differs."""

    pence: Pence | None
    reason: str = ""


class SavingReport(TypedDict):
    """Who saves a section of the report of which award: `seen` is what the form was opened with."""

    person: Person
    award: Award
    seen: str


def save_people(
    *,
    people_helped: int | None,
    people_estimated: bool | None,
    volunteers: int | None,
    sessions: int | None,
    **how: Unpack[SavingReport],
) -> Report:
    """Save how many were helped and took part. Raises Refused and LostUpdate."""
    new: Content = {
        "people_helped": people_helped,
        "people_estimated": people_estimated,
        "volunteers": volunteers,
        "sessions": sessions,
    }
    return _save(OutcomeAct.SAVE_PEOPLE_OF_REPORT, contents.people, new, _set(new), **how)


def save_difference(*, difference: str, changed: str, **how: Unpack[SavingReport]) -> Report:
    """Save what came of it, however long. Raises Refused and LostUpdate."""
    new: Content = {"difference": difference, "changed": changed}
    return _save(OutcomeAct.SAVE_DIFFERENCE_OF_REPORT, contents.difference, new, _set(new), **how)


def save_spending(*, lines: Sequence[Spent], other_money: str, **how: Unpack[SavingReport]) -> Report:
    """Save what was spent on each line of the budget as it holds now, in its order. Raises Refused and LostUpdate."""
    with transaction():
        case = queries.locked_case(how["award"].id)
        rules.can_edit(how["person"], case).or_refuse()
        planned = case.told.lines
        items = (line.item for line in planned[: len(lines)])

        def write(report: Report) -> None:
            if len(lines) != len(planned):
                raise Refused("The page was not complete when it was sent. Check what you entered and send it again.")
            _write_lines(report, planned, lines)
            report.other_money = other_money

        new: Content = {
            "lines": [[next(items, ""), spent.pence, spent.reason] for spent in lines],
            "other_money": other_money,
        }
        return _save(
            OutcomeAct.SAVE_SPENDING_OF_REPORT, lambda _report: contents.spending(case.told), new, write, **how
        )


def _write_lines(report: Report, planned: Sequence[SpentLine], lines: Sequence[Spent]) -> None:
    """The lines of the budget with what was spent on them, in place of those that the report had."""
    for at, (line, spent) in enumerate(zip(planned, lines, strict=True)):
        if at == len(report.lines):
            report.lines.append(ReportLine(position=at))
        kept = report.lines[at]
        kept.item, kept.asked_pence = line.item, line.asked_pence
        kept.spent_pence, kept.reason = spent.pence, spent.reason
    del report.lines[len(planned) :]
    report.spent_pence = Pence(sum(spent.pence or 0 for spent in lines))


def save_story(*, story: str, story_consent: bool, **how: Unpack[SavingReport]) -> Report:
    """Save the story for the public and whether it may be published. Raises Refused and LostUpdate."""
    new: Content = {"story": story, "story_consent": story_consent}
    return _save(OutcomeAct.SAVE_STORY_OF_REPORT, contents.story, new, _set(new), **how)


def submit(*, person: Person, award: Award, declared_name: str, at: datetime | None = None) -> ReportSubmission:
    """Freeze the report under its SHA-256 and queue its receipt; an earlier version stays. However late.

    Raises Refused (not theirs, with the office already) and Incomplete.
    """
    at = at or clock.now()
    with transaction() as session:
        case = queries.locked_case(award.id)
        rules.can_submit(person, case).or_refuse()
        report = case.report
        assert report is not None  # noqa: S101 - or it could not be sent
        if not declared_name.strip():
            raise Refused("Enter your full name under the declaration.")
        the_report = case.told
        if found := rules.problems(the_report):
            raise Incomplete(found)
        before = queries.last_version(report)
        number = before.number + 1 if before else 1
        content, sha256 = told.freeze(
            the_report,
            number=number,
            declared_name=declared_name,
            submitted_at=audit.as_text(at),
            bid_sha256=case.submission.sha256,
        )
        submission = ReportSubmission(
            report_id=report.id,
            number=number,
            content=content,
            sha256=sha256,
            submitted_at=at,
            submitted_by_id=person.id,
        )
        session.add(submission)
        step(report, "submit")
        report.submitted_at = at
        audit.record(
            actor=person.actor,
            verb=OutcomeAct.SUBMIT_REPORT,
            thing=report,
            reference=case.award.reference,
            why=f"version {number}, SHA-256 {sha256}",
        )
        letters.receipt(person, case, the_report, submission)
        return submission


def step(report: Report, verb: str) -> None:
    """Move a locked report along its table, in the caller's deed. Raises Refused where the table has no row."""
    report.status = take_step(rules.REPORT_STEPS, ReportStatus(report.status), verb, thing="report")
    report.version += 1


def _set(new: Content) -> Callable[[Report], None]:
    def write(report: Report) -> None:
        for name, value in new.items():
            setattr(report, name, value)

    return write


def _save(
    act: OutcomeAct,
    read: Callable[[Report], Content],
    new: Content,
    write: Callable[[Report], None],
    *,
    person: Person,
    award: Award,
    seen: str,
) -> Report:
    with transaction():
        case = queries.locked_case(award.id)
        rules.can_edit(person, case).or_refuse()
        report = case.report
        assert report is not None  # noqa: S101 - or it could not be edited
        changed = records.save(report, seen=seen, new=new, read=read, write=write, at=clock.now())
        if changed:
            reference = case.award.reference
            audit.record(actor=person.actor, verb=act, thing=report, reference=reference, changes=changed)
        return report
