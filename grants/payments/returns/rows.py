"""Reading a return file: each line becomes what it says of a payment, or the reason why it cannot be read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wtforms import ValidationError

from grants.foundation.documents.cells import Cells
from grants.foundation.documents.limits import UPLOADED
from grants.foundation.documents.rows import CellProblem, TableRow, read, sha256_of
from grants.foundation.records.db import Refused
from grants.foundation.records.files import why_not_seal
from grants.foundation.records.kinds import Upload
from grants.foundation.values.account_numbers import without_accounts
from grants.foundation.values.days import BadDay, exact_day
from grants.foundation.values.money import BadAmount, Pence, parse_typed
from grants.foundation.values.words import count_characters
from grants.payments.models import LONGEST_FINANCE_REFERENCE, LONGEST_WHY, MOST_RETURN_LINES, PaymentStatus

COLUMNS = ("reference", "date", "finance reference", "amount", "status")
OPTIONAL = ("reason",)
LONGEST_REFERENCE = 200
LIMITS = replace(UPLOADED, rows=MOST_RETURN_LINES)
NOTHING = Pence(0)
STATUSES = {"paid": PaymentStatus.PAID, "failed": PaymentStatus.FAILED, "bounced": PaymentStatus.BOUNCED}
OWN_HEADINGS = {"Payment reference": "reference", "Amount (£)": "amount"}
"""The headings of our own payment file, which finance may send back as it is with more columns."""
USUAL_STATUSES = {"rejected": PaymentStatus.FAILED, "returned": PaymentStatus.BOUNCED}
"""What banks call it, unless finance has said that they mean something else."""
LONGEST_CELL = 200
"""Characters of a cell that are kept as they were written."""


@dataclass(frozen=True)
class FinanceWords:
    """What finance calls things: its other headings of our columns, and its words for what became of a payment."""

    headings: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, PaymentStatus] = field(default_factory=dict)

    def status(self, word: str) -> PaymentStatus | None:
        """What a word says of a payment, or None where nobody has said it."""
        known = {**USUAL_STATUSES, **{key.casefold(): status for key, status in self.statuses.items()}, **STATUSES}
        return known.get(word.casefold())


OUR_WORDS = FinanceWords()


@dataclass(frozen=True)
class Said:
    """What one line says of a payment. `problem` is why it cannot be read, and then nothing else counts.

    `cells` is what stands in its columns as it was written, the first characters of each.
    """

    line: int
    reference: str
    status: PaymentStatus = PaymentStatus.WAITING
    amount: Pence = NOTHING
    day: date = date.min
    finance_reference: str = ""
    reason: str = ""
    problem: str = ""
    cells: Mapping[str, str] = field(default_factory=dict, compare=False)


class NoReturnFile(Refused, ValidationError):
    """The file as a whole is no return file; a form tells it beside its field."""


@dataclass(frozen=True)
class Brought:
    """A return file that was read: nothing of it is parsed while anything is locked."""

    upload: Upload
    sha256: str
    said: tuple[Said, ...]


def bring(upload: Upload, words: FinanceWords = OUR_WORDS) -> Brought:
    """Read a file that was sent, by the words of finance, after a virus scan. Raises NoReturnFile."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / upload.name
        upload.stream.seek(0)
        with path.open("wb") as copy:
            shutil.copyfileobj(upload.stream, copy)
        if reason := why_not_seal(path):
            raise NoReturnFile(reason)
        return Brought(upload, sha256_of(path), tuple(lines_of(path, words)))


def lines_of(path: Path, words: FinanceWords = OUR_WORDS) -> list[Said]:
    """Every line of a CSV or XLSX file. Raises NoReturnFile."""
    said: list[Said] = []
    problems: list[CellProblem] = []
    is_table = False
    for row in read(path, COLUMNS, OPTIONAL, limits=LIMITS, headings={**OWN_HEADINGS, **words.headings}):
        if isinstance(row, TableRow):
            is_table = True
            said.append(_said(row, words))
        else:
            problems.append(row)
    if whole := [problem for problem in problems if problem.column == "file"] or ([] if is_table else problems):
        raise NoReturnFile("The file is no return file. " + "; ".join(_shown(problem) for problem in whole[:5]) + ".")
    said += [Said(problem.line, "", problem=f"{problem.column}: {problem.reason}") for problem in _first(problems)]
    return sorted(said, key=lambda one: one.line)


def _first(problems: list[CellProblem]) -> Iterator[CellProblem]:
    """The first problem of each line."""
    seen: set[int] = set()
    for problem in problems:
        if problem.line not in seen:
            seen.add(problem.line)
            yield problem


def _shown(problem: CellProblem) -> str:
    return f"Line {problem.line}, {problem.column}: {problem.reason}"


class ReturnCells(Cells):
    """The cells of one line. Each reason is a whole sentence, because the page shows the first of them alone."""

    def __init__(self, row: TableRow, words: FinanceWords = OUR_WORDS) -> None:
        super().__init__(row)
        self.words = words

    def short(self, column: str, longest: int) -> str:
        """FinanceWords that have to be there."""
        text = self.cell(column)
        if not text:
            self.refuse(column, f"The {column} is missing.")
        elif count_characters(text) > longest:
            self.refuse(column, f"The {column} must be {longest} characters or fewer.")
        return text

    def status(self) -> PaymentStatus:
        """What became of the payment."""
        text = self.cell("status")
        found = self.words.status(text)
        if found is None:
            self.refuse(
                "status", f"The status “{text[:40]}” must be paid, failed or bounced, or a word that finance has set."
            )
        return found or PaymentStatus.WAITING

    def typed_amount(self) -> Pence:
        """Pounds as people write them."""
        text = self.cell("amount")
        try:
            return parse_typed(text)
        except BadAmount as error:
            self.refuse("amount", f"The amount “{text[:40]}” {error}.")
            return NOTHING

    def typed_day(self) -> date:
        """A day as 2026-12-04 or 4/12/2026; a spreadsheet's date may have a time, which does not count."""
        text = self.cell("date")
        try:
            if found := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", text):
                return date(int(found[3]), int(found[2]), int(found[1]))
            timed = re.fullmatch(r"([0-9-]{10})[ T][0-9:.]+", text)
            return exact_day(timed[1] if timed else text)
        except (BadDay, ValueError):
            self.refuse("date", f"The date “{text[:40]}” must be like 2026-12-04 or 4/12/2026.")
            return date.min


def plain_reference(text: str) -> str:
    """A reference as we write it, whatever case, spaces and dashes finance has put in.

    >>> plain_reference(" scf-21 -0042–1 ")
    'SCF-21-0042-1'
    """
    return re.sub("[‐‑‒–—−]", "-", "".join(text.split())).upper()


def bounce_of(cells: Mapping[str, str]) -> dict[str, Any]:
    """What a line says of a payment that came back, as the form by which an officer records that."""
    line = ReturnCells(TableRow(0, dict(cells)))
    return {
        "day": line.typed_day(),
        "finance_reference": line.cell("finance reference"),
        "reason": line.cell("reason"),
    }


def _said(row: TableRow, words: FinanceWords) -> Said:
    row = TableRow(
        row.line, {name: cell if name in COLUMNS else without_accounts(cell) for name, cell in row.cells.items()}
    )
    line, cells = ReturnCells(row, words), {name: cell[:LONGEST_CELL] for name, cell in row.cells.items()}
    status, trace, reference = line.status(), line.cell("finance reference"), plain_reference(line.cell("reference"))
    if trace or status == PaymentStatus.PAID:
        line.short("finance reference", LONGEST_FINANCE_REFERENCE)
    said = Said(
        row.line,
        plain_reference(line.short("reference", LONGEST_REFERENCE)),
        status,
        line.typed_amount(),
        line.typed_day(),
        trace,
        line.cell("reason")[:LONGEST_WHY],
        cells=cells,
    )
    if line.problems:
        return Said(row.line, reference[:LONGEST_REFERENCE], problem=line.problems[0].reason, cells=cells)
    return said
