"""The funds, districts, topics and rounds of the past from a folder of CSV files: every line, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grants.foundation.documents.cells import Cells
from grants.foundation.documents.rows import CellProblem, Kept, Problems, TableRow
from grants.foundation.records import audit
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, db, trial
from grants.funds.acts import FundAct

from .rows import Table, Values


@dataclass
class TableReport:
    """What the import of one file found and did."""

    file: str
    new: int = 0
    unchanged: int = 0
    corrected: int = 0
    problems: Problems = field(default_factory=Problems)
    differences: list[str] = field(default_factory=list)


class ReferenceRefused(Refused):
    """A folder with at least one refused line: nothing was changed. `reports` says which lines, and why."""

    def __init__(self, reports: Sequence[TableReport]) -> None:
        super().__init__("; ".join(f"{each.file}: {line}" for each in reports for line in each.problems))
        self.reports = reports


def import_tables(
    folder: Path, tables: Iterable[type[Table]], *, actor: Actor, check: bool = False, correct: bool = False
) -> list[TableReport]:
    """Bring in whichever of the files are in a folder, in the order of `tables`, all or nothing.

    A row that is known and says the same changes nothing; one that says otherwise is refused, or with `correct`
    changes what is known, with an audit line. Raises ReferenceRefused, Refused and OSError.
    """
    there = [table for table in tables if (folder / table.file).is_file()]
    if not there:
        raise Refused(f"{folder} holds none of {', '.join(table.file for table in tables)}.")
    with ExitStack() as files:
        brought = [
            (table, files.enter_context(Kept(folder / table.file, table.columns, table.optional))) for table in there
        ]
        return _enter(brought, actor=actor, check=check, correct=correct)


def _enter(
    brought: Sequence[tuple[type[Table], Kept]], *, actor: Actor, check: bool, correct: bool
) -> list[TableReport]:
    reports = []
    with trial(check=check) as session:
        for table, lines in brought:
            reports.append(_import_table(table(), lines, actor=actor, correct=correct))
            session.flush()
        if any(report.problems for report in reports):
            raise ReferenceRefused(reports)
    return reports


def _import_table(table: Table, lines: Kept, *, actor: Actor, correct: bool) -> TableReport:
    report = TableReport(table.file)
    known, seen = table.known(), dict[Any, int]()
    for row in lines:
        values = _values(row, table, seen, report)
        if isinstance(row, CellProblem) or values is None:
            continue
        thing = known.get(table.key(values))
        if thing is None:
            report.new += 1
            db.session.add(table.make(values))
        else:
            _compare(thing, values, row.line, table, report, actor=actor if correct else None)
    if not report.problems and (report.new or report.corrected):
        audit.record(
            actor=actor,
            verb=FundAct.IMPORT_REFERENCE,
            kind=table.file,
            reference=lines.sha256,
            changes={"new": (0, report.new), "corrected": (0, report.corrected)},
        )
    return report


def _values(row: TableRow | CellProblem, table: Table, seen: dict[Any, int], report: TableReport) -> Values | None:
    if isinstance(row, CellProblem):
        report.problems.add([row])
        return None
    cells = Cells(row)
    values = table.read(cells)
    first = seen.setdefault(table.key(values), row.line)
    if not cells.problems and first != row.line:
        cells.refuse(table.columns[0], f"stands in line {first} of this file already")
    report.problems.add(cells.problems)
    return None if cells.problems else values


def _compare(thing: Any, values: Values, line: int, table: Table, report: TableReport, *, actor: Actor | None) -> None:
    changes = {
        name: (table.held(thing, name), values[name])
        for name in table.named
        if name in values and table.held(thing, name) != values[name]
    }
    if not changes:
        report.unchanged += 1
        return
    name, (before, after) = next(iter(changes.items()))
    refusal = (
        table.can_change(thing)
        if actor
        else f"is known with {table.word(name, before) or 'a blank'}; --correct changes it"
    )
    if refusal or actor is None:
        report.problems.add([CellProblem(line, table.named[name], table.word(name, after), refusal)])
        return
    report.corrected += 1
    report.differences += [
        f"line {line}, {table.named[each]}: {table.word(each, old) or 'blank'} → {table.word(each, new) or 'blank'}"
        for each, (old, new) in changes.items()
    ]
    table.change(thing, {each: new for each, (_old, new) in changes.items()})
    audit.record(actor=actor, verb=FundAct.CORRECT_REFERENCE, thing=thing, changes=changes)
