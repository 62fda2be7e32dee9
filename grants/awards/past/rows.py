"""One line of a file of past awards: read strictly, or refused column by column."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select

from grants.accounts.models import LONGEST_NAME, name_key
from grants.awards.models.award import LONGEST_TITLE
from grants.foundation.documents.cells import Cells
from grants.foundation.documents.rows import CellProblem, TableRow, nearest
from grants.foundation.records.db import db
from grants.foundation.values import money
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.funds.models import District, Fund, Round, Topic, TopicName

COLUMNS = (
    "reference",
    "fund",
    "round",
    "award_date",
    "organisation",
    "project",
    "districts",
    "topics",
    "amount_gbp",
    "source",
)
OPTIONAL = ("withdrawn_on", "repaid_gbp", "repaid_on", "recorded_on", "withdrawn_recorded_on", "repaid_recorded_on")
RECORDED = ("recorded_on", "withdrawn_recorded_on", "repaid_recorded_on")
"""Columns that say nothing where they are blank."""
LONGEST_SOURCE = 1000
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

T = TypeVar("T")


@dataclass(frozen=True)
class PastAward:
    """A line that holds: its values, and `content`, what each of its columns says in the words of the records."""

    line: int
    reference: str
    fund: Fund
    round: Round | None
    award_day: Day
    organisation: str
    title: str
    districts: Sequence[District]
    topics: Sequence[Topic]
    amount: Pence | None
    source: str
    withdrawn: Day | None
    repaid: Pence | None
    repaid_day: Day | None
    recorded: Day | None
    withdrawn_recorded: Day | None
    repaid_recorded: Day | None
    cells: Mapping[str, str]
    content: dict[str, str] = field(default_factory=dict)

    @property
    def illustrative(self) -> bool:
        """Whether the row is made up, which its source says with its first word."""
        return is_illustrative(self.source)

    def as_json(self) -> str:
        """The content as it is kept."""
        return json.dumps(self.content, ensure_ascii=False, sort_keys=True)


def is_illustrative(source: str) -> bool:
    """Whether a source says that the row is made up."""
    return source.casefold().startswith("illustrative")


class Words:
    """The funds, rounds, districts and topics that a row may name, by any of their names; read once per file."""

    def __init__(self) -> None:
        session = db.session
        self.funds = {fund.code: fund for fund in session.scalars(select(Fund))}
        self.rounds = {a_round.code: a_round for a_round in session.scalars(select(Round))}
        self.districts = {district.name: district for district in session.scalars(select(District))}
        topics = {topic.id: topic for topic in session.scalars(select(Topic))}
        self.topics = {topic.name: topic for topic in topics.values()}
        self.topics |= {row.name: topics[row.topic_id] for row in session.scalars(select(TopicName))}
        known: list[dict[str, Any]] = [self.funds, self.rounds, self.districts, self.topics]
        self._without_case = {id(words): {name.casefold(): each for name, each in words.items()} for words in known}

    def find(self, known: dict[str, T], text: str) -> T | None:
        """What a word of one of the dictionaries stands for, in any case."""
        found: T | None = self._without_case[id(known)].get(text.casefold())
        return found


class _Reader(Cells):
    """Takes the cells of one row, and notes what is wrong with them."""

    def __init__(self, row: TableRow, words: Words) -> None:
        super().__init__(row)
        self.words = words

    def reference(self) -> str:
        text = self.text("reference", 40, required=True)
        if text and not _REFERENCE.fullmatch(text):
            self.refuse("reference", "must begin with a letter or digit and hold only letters, digits, - _ and .")
        return text

    def one(self, column: str, known: dict[str, T]) -> T | None:
        text = self.cell(column)
        found = self.words.find(known, text)
        if text and found is None:
            self.refuse(column, nearest(text, known, column))
        return found

    def several(self, column: str, known: dict[str, T]) -> list[T]:
        found: dict[int, T] = {}
        for part in filter(None, map(str.strip, self.cell(column).split(";"))):
            thing = self.words.find(known, part)
            if thing is None:
                self.refuse(column, nearest(part, known, column.removesuffix("s")), part)
            else:
                found[id(thing)] = thing
        return list(found.values())


def read_past_award(row: TableRow, words: Words) -> PastAward | list[CellProblem]:
    """The award that a row describes, or all that is wrong with it."""
    reader = _Reader(row, words)
    reference = reader.reference()
    fund = reader.one("fund", words.funds)
    if not reader.cell("fund"):
        reader.refuse("fund", "is required")
    a_round = reader.one("round", words.rounds)
    if fund and a_round and a_round.fund_id != fund.id:
        reader.refuse("round", f"is not a round of {fund.code}")
    award_day = _award_day(reader, a_round)
    organisation = reader.text("organisation", LONGEST_NAME, required=True)
    title = reader.text("project", LONGEST_TITLE)
    districts = reader.several("districts", words.districts)
    topics = reader.several("topics", words.topics)
    amount = reader.pence("amount_gbp")
    source = reader.text("source", LONGEST_SOURCE, required=True)
    withdrawn = reader.day("withdrawn_on")
    repaid, repaid_day = _repaid(reader, amount)
    _in_order(reader, award_day, withdrawn=withdrawn, repaid=repaid_day)
    recorded = reader.day("recorded_on")
    withdrawn_recorded = _recorded(reader, "withdrawn_recorded_on", "withdrawn_on")
    repaid_recorded = _recorded(reader, "repaid_recorded_on", "repaid_on")
    if reader.problems:
        return reader.problems
    assert fund is not None  # noqa: S101 - or there would be a problem
    assert award_day is not None  # noqa: S101
    values = PastAward(
        line=row.line,
        reference=reference,
        fund=fund,
        round=a_round,
        award_day=award_day,
        organisation=organisation,
        title=title,
        districts=districts,
        topics=topics,
        amount=amount,
        source=source,
        withdrawn=withdrawn,
        repaid=repaid,
        repaid_day=repaid_day,
        recorded=recorded,
        withdrawn_recorded=withdrawn_recorded,
        repaid_recorded=repaid_recorded,
        cells=row.cells,
    )
    values.content.update(_content(values, row))
    return values


def _award_day(reader: _Reader, a_round: Round | None) -> Day | None:
    if reader.cell("award_date"):
        return reader.day("award_date")
    if a_round and a_round.awarded_day:
        return a_round.awarded_day
    knows = "the round has no award date to take" if a_round else "there is no round to take it from"
    if not reader.cell("round") or a_round:
        reader.refuse("award_date", f"is blank, and {knows}")
    return None


def _repaid(reader: _Reader, amount: Pence | None) -> tuple[Pence | None, Day | None]:
    repaid, day = reader.pence("repaid_gbp"), reader.day("repaid_on")
    if reader.cell("repaid_gbp") and not reader.cell("repaid_on"):
        reader.refuse("repaid_on", "is required where something was repaid")
    if reader.cell("repaid_on") and not reader.cell("repaid_gbp"):
        reader.refuse("repaid_gbp", "is required where there is a day of repayment")
    if repaid and not reader.cell("amount_gbp"):
        reader.refuse("repaid_gbp", "cannot be held against an award whose amount is not known")
    if repaid and amount and repaid > amount:
        reader.refuse("repaid_gbp", f"is more than the {money.pounds(amount)} that was awarded")
    return repaid, day


def _in_order(reader: _Reader, award_day: Day | None, **others: Day | None) -> None:
    first = award_day.first if award_day else None
    for name, day in others.items():
        if first and day and day.last < first:
            reader.refuse(f"{name}_on", f"is before the award of {award_day}")


def _recorded(reader: _Reader, column: str, event: str) -> Day | None:
    if reader.cell(column) and not reader.cell(event):
        reader.refuse(column, f"is given without {event}")
    return reader.day(column)


def _content(values: PastAward, row: TableRow) -> dict[str, str]:
    content = {
        "fund": values.fund.code,
        "round": values.round.code if values.round else "",
        "award_date": values.award_day.text,
        "organisation": values.organisation,
        "project": values.title,
        "districts": in_words(values.districts, first_counts=False),
        "topics": in_words(values.topics, first_counts=True),
        "amount_gbp": money.plain(values.amount),
        "source": values.source,
        "withdrawn_on": values.withdrawn.text if values.withdrawn else "",
        "repaid_gbp": money.plain(values.repaid),
        "repaid_on": values.repaid_day.text if values.repaid_day else "",
        "recorded_on": values.recorded.last.isoformat() if values.recorded else "",
        "withdrawn_recorded_on": values.withdrawn_recorded.last.isoformat() if values.withdrawn_recorded else "",
        "repaid_recorded_on": values.repaid_recorded.last.isoformat() if values.repaid_recorded else "",
    }
    return {
        column: text for column, text in content.items() if column in row.cells and (text or column not in RECORDED)
    }


def in_words(things: Sequence[District] | Sequence[Topic], *, first_counts: bool) -> str:
    """Names in an order that does not depend on how they were typed; of topics the first is the primary one."""
    names = [thing.name for thing in things]
    return "; ".join([*names[:1], *sorted(names[1:])] if first_counts else sorted(names))


def same_content(column: str, one: str, other: str) -> bool:
    """Whether two values of a column say the same: a name does in any case."""
    return name_key(one) == name_key(other) if column == "organisation" else one == other
