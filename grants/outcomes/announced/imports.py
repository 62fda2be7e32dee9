"""Announced totals from a file, and the whole reference folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import select

from grants.foundation.documents.cells import Cells
from grants.foundation.documents.rows import nearest
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import db
from grants.funds.imports import TableReport, import_tables
from grants.funds.models import Fund, Topic, TopicName
from grants.funds.rows import LONGEST_TEXT, LONGEST_WORD, TABLES, Table, Values

from .models import PublishedFigure


class PublishedFigures(Table):
    """`published_figures.csv`. Its scope is `all`, or `topic:` and the name of a topic."""

    file = "published_figures.csv"
    columns = ("as_at", "fund", "scope", "figure_kind", "amount_gbp", "amount_quality", "count", "count_unit", "source")
    named: ClassVar = {
        "amount_pence": "amount_gbp",
        "amount_quality": "amount_quality",
        "count": "count",
        "count_unit": "count_unit",
        "source": "source",
    }

    def __init__(self) -> None:
        self.funds = {fund.code: fund.id for fund in db.session.scalars(select(Fund))}
        self.topics = {topic.name: topic.id for topic in db.session.scalars(select(Topic))}
        self.topics |= {row.name: row.topic_id for row in db.session.scalars(select(TopicName))}

    def read(self, cells: Cells) -> Values:
        """An announced total by its day, fund, scope and kind."""
        day = cells.day("as_at")
        if not cells.cell("as_at"):
            cells.refuse("as_at", "is required")
        if not cells.cell("fund"):
            cells.refuse("fund", "is required")
        fund = cells.known("fund", self.funds, "fund")
        amount, count = cells.pence("amount_gbp"), cells.whole("count")
        if not cells.cell("amount_gbp") and not cells.cell("count"):
            cells.refuse("amount_gbp", "is blank, and so is count: the row announces nothing")
        return {
            "as_at_day": day,
            "as_at_last": day.last if day else None,
            "fund_id": self.funds.get(fund),
            "topic_id": self._topic(cells),
            "scope": cells.text("scope", LONGEST_WORD, required=True),
            "figure_kind": cells.text("figure_kind", LONGEST_WORD, required=True),
            "amount_pence": amount,
            "amount_quality": cells.text("amount_quality", LONGEST_WORD),
            "count": count,
            "count_unit": cells.text("count_unit", LONGEST_WORD),
            "source": cells.text("source", LONGEST_TEXT, required=True),
        }

    def _topic(self, cells: Cells) -> int | None:
        scope = cells.cell("scope")
        if scope in {"", "all"}:
            return None
        kind, _, name = scope.partition(":")
        if kind != "topic":
            cells.refuse("scope", "must be all, or topic: and the name of a topic")
        elif name not in self.topics:
            cells.refuse("scope", nearest(name, self.topics, "topic"))
        return self.topics.get(name)

    def key(self, values: Values) -> Any:
        """Its day, fund, scope and kind."""
        day = values["as_at_day"]
        return (day.text if day else "", values["fund_id"], values["scope"], values["figure_kind"])

    def known(self) -> dict[Any, Any]:
        """Every announced total."""
        return {
            (row.as_at_day.text, row.fund_id, row.scope, row.figure_kind): row
            for row in db.session.scalars(select(PublishedFigure))
        }

    def make(self, values: Values) -> Any:
        """A new announced total."""
        return PublishedFigure(**values)


def import_reference(folder: Path, *, actor: Actor, check: bool = False, correct: bool = False) -> list[TableReport]:
    """Bring in funds, districts, topics, rounds and announced totals, whichever are in a folder, all or nothing.

    Raises Refused where a line is refused (`ReferenceRefused`) or no file is there, and OSError.
    """
    return import_tables(folder, [*TABLES, PublishedFigures], actor=actor, check=check, correct=correct)
