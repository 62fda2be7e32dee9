"""A line about an award that is known: what it says otherwise than the records, and how that becomes corrections."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grants.awards.corrections import operations as corrections
from grants.awards.corrections.operations import current_value
from grants.awards.entries import operations as entries
from grants.awards.ledger.operations import Book, current_changes, entries_of
from grants.awards.models import Award, AwardSnapshot, ChangedField
from grants.foundation.documents.rows import CellProblem
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, db
from grants.foundation.values import clock, money
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence

from .rows import PastAward, in_words, is_illustrative, same_content

FIELDS = {
    "fund": ChangedField.FUND,
    "round": ChangedField.ROUND,
    "organisation": ChangedField.RECIPIENT,
    "project": ChangedField.TITLE,
    "districts": ChangedField.DISTRICTS,
    "topics": ChangedField.TOPICS,
    "source": ChangedField.SOURCE,
}
WITHDRAWAL = {"withdrawn_on", "withdrawn_recorded_on"}
RETURNS = {"repaid_gbp", "repaid_on", "repaid_recorded_on"}


@dataclass(frozen=True)
class Difference:
    """One column in which a line says otherwise than the records."""

    line: int
    reference: str
    column: str
    known: str
    given: str
    typed: str

    def __str__(self) -> str:
        """For the person who corrects."""
        return f"line {self.line}, {self.column}: {self.reference}: {self.known or 'blank'} → {self.given or 'blank'}"

    def refused(self) -> CellProblem:
        """For the person who did not ask to correct."""
        reason = f"{self.reference} is known with {self.known or 'a blank'}; --correct enters a dated correction"
        return CellProblem(self.line, self.column, self.typed, reason)


def differences(row: PastAward, award: Award, said: Mapping[str, str]) -> list[Difference]:
    """What a line says that is neither what the files last said of the award nor what the records hold."""
    news = {column: text for column, text in row.content.items() if said.get(column) != text}
    if not news:
        return []
    known = known_content(award)
    return [
        Difference(row.line, row.reference, column, known[column], text, row.cells[column])
        for column, text in news.items()
        if not same_content(column, known[column], text)
    ]


def last_said(content: str | None) -> dict[str, str]:
    """What the files last said of an award: column to value."""
    said: dict[str, str] = json.loads(content) if content else {}
    return said


def known_content(award: Award) -> dict[str, str]:
    """What the records hold of an award, in the words of a file."""
    snapshot = db.session.get_one(AwardSnapshot, award.id, populate_existing=True)
    chosen = current_changes(award)
    book = Book(entries_of(award))
    returned = -sum(book.amount_of(entry) or 0 for entry in book.returns)
    last = book.returns[-1] if book.returns else None
    return {
        "fund": snapshot.fund_code,
        "round": snapshot.round_code,
        "award_date": snapshot.award_day.text,
        "organisation": snapshot.organisation_name,
        "project": snapshot.title,
        "districts": in_words(current_value(award, ChangedField.DISTRICTS, chosen), first_counts=False),
        "topics": in_words(current_value(award, ChangedField.TOPICS, chosen), first_counts=True),
        "amount_gbp": money.plain(book.amount_of(book.award_entry)),
        "source": current_value(award, ChangedField.SOURCE, chosen),
        "withdrawn_on": book.withdrawal.effective_day.text if book.withdrawal else "",
        "repaid_gbp": money.plain(returned) if returned else "",
        "repaid_on": last.effective_day.text if last else "",
        "recorded_on": _london_day(book.recorded_of(book.award_entry)),
        "withdrawn_recorded_on": _london_day(book.withdrawal.recorded_at) if book.withdrawal else "",
        "repaid_recorded_on": _london_day(last.recorded_at) if last else "",
    }


def correct(
    award: Award, row: PastAward, found: list[Difference], *, actor: Actor, organisation: Any
) -> list[CellProblem]:
    """Turn differences into dated entries, with the line's source as their reason; returns what cannot be.

    A correction counts as recorded when the line says that it was, else now.
    """
    columns = {each.column: each for each in found}
    deed: dict[str, Any] = {"actor": actor, "award": award, "reason": row.source, "source": row.source}
    when = clock.end_of_day(row.recorded.last) if row.recorded and "recorded_on" in columns else None
    book = Book(entries_of(award))
    try:
        if "source" in columns and is_illustrative(columns["source"].known) != row.illustrative:
            raise Refused("a made-up award stays made up, and a real one real: give the other a reference of its own")
        if columns.keys() == {"recorded_on"} and when:
            corrections.correct_recorded(**deed, recorded_at=when)
        if columns.keys() & WITHDRAWAL and book.withdrawal:
            corrections.reinstate(**deed, recorded_at=_taken_back(columns, "withdrawn", book.withdrawal.recorded_at))
        if columns.keys() & RETURNS and book.returns:
            corrections.reverse_returns(
                **deed, recorded_at=_taken_back(columns, "repaid", book.returns[-1].recorded_at)
            )
        if "award_date" in columns:
            corrections.correct_award_date(**deed, award_day=row.award_day, recorded_at=when)
        if "amount_gbp" in columns:
            corrections.correct_amount(**deed, amount=row.amount, recorded_at=when)
        values = {FIELDS[column]: _value(row, column, organisation) for column in columns if column in FIELDS}
        if values:
            corrections.change_fields(**deed, values=values, recorded_at=when)
        _enter_again(award, row, columns.keys(), book, deed)
    except Refused as refusal:
        first = found[0]
        return [CellProblem(row.line, first.column, first.typed, f"cannot be corrected: {refusal}")]
    return []


def _enter_again(award: Award, row: PastAward, columns: Any, book: Book, deed: dict[str, Any]) -> None:
    if columns & RETURNS and row.repaid and row.repaid_day:
        when = _recorded(row.repaid_recorded, row.repaid_day, award, was_there=bool(book.returns))
        entries.record_repayment(**deed, amount=Pence(row.repaid), effective=row.repaid_day, recorded_at=when)
    if columns & WITHDRAWAL and row.withdrawn:
        when = _recorded(row.withdrawn_recorded, row.withdrawn, award, was_there=book.withdrawal is not None)
        entries.withdraw(**deed, effective=row.withdrawn, recorded_at=when)


def _recorded(given: Day | None, event: Day, award: Award, *, was_there: bool) -> datetime | None:
    """When the records took an event in: as given, else now where it replaces another, else on its own day."""
    if given:
        return clock.end_of_day(given.last)
    return None if was_there else max(clock.end_of_day(event.last), award.recorded_at)


def _taken_back(columns: Mapping[str, Difference], event: str, recorded: datetime) -> datetime | None:
    """An entry of which only the recording was wrong is taken back as of that recording; any other is now."""
    return recorded if columns.keys() & {f"{event}_on", f"{event}_gbp"} == set() else None


def _value(row: PastAward, column: str, organisation: Any) -> Any:
    names = {"project": "title"}
    return organisation if column == "organisation" else getattr(row, names.get(column, column))


def _london_day(instant: datetime) -> str:
    return clock.london(instant).date().isoformat()
