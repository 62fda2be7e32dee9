"""Past awards from a file: every line is in, or nothing is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from grants.accounts.models import Organisation, OrganisationKind, name_key
from grants.awards.acts import AwardAct
from grants.awards.corrections.queries import recipients_named
from grants.awards.entries.operations import recorded_when
from grants.awards.models import (
    Account,
    Award,
    AwardDistrict,
    AwardStatus,
    AwardTopic,
    EntryKind,
    ImportedRow,
    LedgerEntry,
)
from grants.awards.snapshots.operations import add_snapshots
from grants.foundation.documents.rows import CellProblem, Kept, Problems, TableRow, Watch, unwatched
from grants.foundation.records import audit
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, db, let_go, reading, trial
from grants.foundation.records.held import insert_rows
from grants.foundation.values import clock
from grants.foundation.values.days import Day

from .differences import Difference, correct, differences, last_said
from .rows import COLUMNS, OPTIONAL, PastAward, Words, read_past_award

BATCH = 500
"""Lines that are held at once."""


@dataclass
class ImportReport:
    """What an import found and did. `differences` are what `correct` turned, or would turn, into corrections."""

    rows: int = 0
    new: int = 0
    unchanged: int = 0
    corrected: int = 0
    problems: Problems = field(default_factory=Problems)
    differences: list[Difference] = field(default_factory=list)
    sha256: str = ""


class ImportRefused(Refused):
    """A file with at least one refused line: nothing was changed. `report` says which lines, and why."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__("Nothing was imported: " + "; ".join(report.problems))
        self.report = report


@dataclass(frozen=True)
class _Known:
    award_id: int
    said: dict[str, str]


def import_awards(
    path: Path,
    *,
    actor: Actor,
    check: bool = False,
    correct_known: bool = False,
    leave_out: Collection[str] = (),
    watch: Watch = unwatched,
) -> ImportReport:
    """Enter the awards of a CSV or XLSX file, all or none; with `check` only report.

    A line about a known award changes nothing where it says what is known. What it says otherwise is refused, or
    with `correct_known` becomes dated correction entries. `leave_out` are references to pass over.
    Raises ImportRefused, and OSError where the file cannot be read.
    """
    with Kept(path, COLUMNS, OPTIONAL, watch=watch) as lines:
        run = _Run(lines.sha256, actor, correct_known=correct_known, leave_out=leave_out)
        return _enter(run, lines, watch, check=check)


def _enter(run: _Run, lines: Kept, watch: Watch, *, check: bool) -> ImportReport:
    with reading():
        run.go_through(watch(lines, "Checking", len(lines)), write=False)
    let_go()
    if run.report.problems:
        raise ImportRefused(run.report)
    if not run.report.differences and (check or not run.report.new):
        return run.report
    run.report = ImportReport(sha256=run.report.sha256)
    with trial(check=check):
        run.now = clock.now()
        run.go_through(watch(lines, "Trying" if check else "Writing", len(lines)), write=True)
        if run.report.problems:
            raise ImportRefused(run.report)
        if not check:
            run.record()
    return run.report


class _Run:
    """One file on its way in."""

    def __init__(self, sha256: str, actor: Actor, *, correct_known: bool, leave_out: Collection[str]) -> None:
        self.actor = actor
        self.correct_known, self.leave_out = correct_known, leave_out
        self.report = ImportReport(sha256=sha256)
        self.now = clock.now()

    def record(self) -> None:
        """One audit line for the file; each correction has one of its own."""
        if self.report.new or self.report.corrected:
            done = {"awards": (0, self.report.new), "corrected": (0, self.report.corrected)}
            audit.record(
                actor=self.actor, verb=AwardAct.IMPORT_AWARDS, kind="awards", reference=self.report.sha256, changes=done
            )

    def go_through(self, lines: Iterable[TableRow | CellProblem], *, write: bool) -> None:
        words, seen = Words(), dict[str, int]()
        rest = iter(lines)
        while batch := list(islice(rest, BATCH)):
            good = [row for row in (self._read(line, words, seen) for line in batch) if row]
            known = _known([row.reference for row in good])
            self._new([row for row in good if row.reference not in known], write=write)
            for row in good:
                if row.reference in known:
                    self._known(row, known[row.reference], write=write)

    def _read(self, line: TableRow | CellProblem, words: Words, seen: dict[str, int]) -> PastAward | None:
        if isinstance(line, CellProblem):
            self.report.problems.add([line])
            return None
        if line.cells["reference"] in self.leave_out:
            return None
        self.report.rows += 1
        row = read_past_award(line, words)
        if not isinstance(row, PastAward):
            self.report.problems.add(row)
            return None
        first = seen.setdefault(row.reference, row.line)
        if first != row.line:
            repeated = CellProblem(row.line, "reference", row.reference, f"stands in line {first} of this file already")
            self.report.problems.add([repeated])
            return None
        return row

    def _known(self, row: PastAward, known: _Known, *, write: bool) -> None:
        if all(known.said.get(column) == text for column, text in row.content.items()):
            self.report.unchanged += 1
            return
        award = db.session.get_one(Award, known.award_id)
        if award.is_paid_here:
            decided = CellProblem(row.line, "reference", row.reference, "was decided here, so no file changes it")
            self.report.problems.add([decided])
            return
        found = differences(row, award, known.said)
        if not found:
            self.report.unchanged += 1
        elif not self.correct_known:
            self.report.problems.add([found[0].refused()])
        else:
            self.report.corrected += 1
            self.report.differences += found
            if write:
                self._correct(row, award, found, known.said)

    def _correct(self, row: PastAward, award: Award, found: list[Difference], said: dict[str, str]) -> None:
        organisation = db.session.get_one(Organisation, self._organisations([row])[name_key(row.organisation)])
        wrong = correct(award, row, found, actor=self.actor, organisation=organisation)
        self.report.problems.add(wrong)
        row.content.update(said | row.content)
        insert_rows(ImportedRow, [self._imported(award.id, row)])

    def _new(self, rows: Sequence[PastAward], *, write: bool) -> None:
        self.report.new += len(rows)
        if not rows or not write or self.report.problems:
            return
        organisations = self._organisations(rows)
        insert_rows(Award, [self._award(row, organisations[name_key(row.organisation)]) for row in rows])
        ids = _ids([row.reference for row in rows])
        both = [(ids[row.reference], row) for row in rows]
        insert_rows(
            AwardTopic,
            [
                {"award_id": award_id, "topic_id": topic.id, "position": position}
                for award_id, row in both
                for position, topic in enumerate(row.topics)
            ],
        )
        insert_rows(
            AwardDistrict,
            [
                {"award_id": award_id, "district_id": district.id}
                for award_id, row in both
                for district in row.districts
            ],
        )
        insert_rows(LedgerEntry, [entry for award_id, row in both for entry in self._entries(award_id, row)])
        insert_rows(ImportedRow, [self._imported(award_id, row) for award_id, row in both])
        add_snapshots(list(ids.values()))

    def _organisations(self, rows: Sequence[PastAward]) -> dict[str, int]:
        """The organisations of some rows by name without case; those that are not there yet are made."""
        names = {name_key(row.organisation): row.organisation for row in reversed(rows)}
        found = recipients_named(names)
        new = [
            {
                "name": name,
                "name_key": key,
                "kind": OrganisationKind.UNKNOWN,
                "charity_number": "",
                "company_number": "",
                "made_at": self.now,
                "version": 1,
            }
            for key, name in names.items()
            if key not in found
        ]
        if new:
            insert_rows(Organisation, new)
            found |= recipients_named(names.keys() - found.keys())
        return found

    def _award(self, row: PastAward, organisation_id: int) -> dict[str, Any]:
        return {
            "reference": row.reference,
            "status": AwardStatus.WITHDRAWN if row.withdrawn else AwardStatus.AWARDED,
            "fund_id": row.fund.id,
            "round_id": row.round.id if row.round else None,
            "organisation_id": organisation_id,
            "primary_topic_id": row.topics[0].id if row.topics else None,
            "title": row.title,
            "purpose": "",
            "reasons": "",
            "conditions": "",
            "award_day": row.award_day,
            "award_last": row.award_day.last,
            "illustrative": row.illustrative,
            "source": row.source,
            "recorded_at": self._recorded(row.award_day, row.recorded),
            "entered_at": self.now,
        }

    def _entries(self, award_id: int, row: PastAward) -> list[dict[str, Any]]:
        """A withdrawn or repaid award is two entries, each with its own dates."""
        recorded = self._recorded(row.award_day, row.recorded)
        unknown = int(row.amount is None)

        def entry(kind: EntryKind, amount: int | None, day: Day, given: Day | None, **more: Any) -> dict[str, Any]:
            when = self._recorded(day, given)
            return {
                "award_id": award_id,
                "kind": kind,
                "account": Account.AWARDED,
                "amount_pence": amount,
                "project_delta": 0,
                "unknown_delta": 0,
                "effective_day": day,
                "effective_last": max(day.last, row.award_day.last),
                "recorded_at": when if given else max(when, recorded),
                "entered_at": self.now,
                "entered_by": self.actor.key,
                "reason": "" if kind is EntryKind.AWARD else row.source,
                "source": row.source,
                "bank_reference": "",
            } | more

        entries = [
            entry(EntryKind.AWARD, row.amount, row.award_day, row.recorded, project_delta=1, unknown_delta=unknown)
        ]
        if row.repaid and row.repaid_day:
            returned = {"account": Account.RETURNED}
            entries.append(entry(EntryKind.REPAYMENT, -row.repaid, row.repaid_day, row.repaid_recorded, **returned))
        if row.withdrawn:
            amount = None if row.amount is None else -row.amount
            gone = {"project_delta": -1, "unknown_delta": -unknown}
            entries.append(entry(EntryKind.WITHDRAWAL, amount, row.withdrawn, row.withdrawn_recorded, **gone))
        return entries

    def _imported(self, award_id: int, row: PastAward) -> dict[str, Any]:
        return {
            "award_id": award_id,
            "file_sha256": self.report.sha256,
            "line": row.line,
            "content": row.as_json(),
            "entered_at": self.now,
        }

    def _recorded(self, day: Day, given: Day | None) -> Any:
        return recorded_when(day, now=self.now, given=clock.end_of_day(given.last) if given else None)


def _known(references: Sequence[str]) -> dict[str, _Known]:
    """The awards that are here already, with what the files last said of them."""
    latest = select(func.max(ImportedRow.id)).where(ImportedRow.award_id == Award.id).correlate(Award).scalar_subquery()
    awards = db.session.execute(
        select(Award.reference, Award.id, ImportedRow.content)
        .outerjoin(ImportedRow, ImportedRow.id == latest)
        .where(Award.reference.in_(references))
    )
    return {row.reference: _Known(row.id, last_said(row.content)) for row in awards}


def _ids(references: Sequence[str]) -> dict[str, int]:
    rows = db.session.execute(select(Award.reference, Award.id).where(Award.reference.in_(references)))
    return {row.reference: row.id for row in rows}
