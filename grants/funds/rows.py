"""The lines of the files of funds, districts, topics and rounds: how each becomes a row of its table."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from sqlalchemy import select

from grants.foundation.documents.cells import Cells
from grants.foundation.records import audit
from grants.foundation.records.db import db
from grants.foundation.values import money
from grants.foundation.values.days import BadDay, Day, exact_day

from .models import District, Fund, Round, RoundStatus, Topic, TopicName

LONGEST_WORD = 100
LONGEST_TEXT = 1000

Values = dict[str, Any]


class Table:
    """How the rows of one file become rows of one table. `named` gives the column of each field that is compared.

    A field of an `optional` column is left out of the values, and so stays as it is, where the file has no such column.
    """

    file: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    optional: ClassVar[tuple[str, ...]] = ()
    named: ClassVar[dict[str, str]]

    def read(self, cells: Cells) -> Values:
        """The values of a row; what is wrong is noted in `cells`."""
        raise NotImplementedError

    def key(self, values: Values) -> Any:
        """By what a row is known."""
        raise NotImplementedError

    def known(self) -> dict[Any, Any]:
        """What is there already, by key."""
        raise NotImplementedError

    def make(self, values: Values) -> Any:
        """A new row of the table."""
        raise NotImplementedError

    def change(self, thing: Any, values: Values) -> None:
        """Give a row its new values."""
        for name, value in values.items():
            setattr(thing, name, value)

    def held(self, thing: Any, name: str) -> Any:
        """What a row holds in a field."""
        return getattr(thing, name)

    def word(self, name: str, value: Any) -> str:
        """A value as a file writes it."""
        if name.endswith("_pence"):
            return money.plain(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "; ".join(value) if isinstance(value, list) else audit.as_text(value)

    def can_change(self, thing: Any) -> str:
        """Why a row cannot be corrected from a file, if it cannot."""
        del thing
        return ""


class Funds(Table):
    """`funds.csv`."""

    file = "funds.csv"
    columns = ("fund", "name", "funding_source", "open_call", "largest_grant_is_set_by", "description")
    named: ClassVar = {name: name for name in columns[1:]}

    def read(self, cells: Cells) -> Values:
        """A fund by its code."""
        return {
            "code": cells.text("fund", 20, required=True),
            "name": cells.text("name", LONGEST_WORD, required=True),
            "funding_source": cells.text("funding_source", LONGEST_WORD),
            "open_call": cells.yes("open_call"),
            "largest_grant_is_set_by": cells.choice("largest_grant_is_set_by", ("round", "award")),
            "description": cells.text("description", LONGEST_TEXT),
        }

    def key(self, values: Values) -> Any:
        """Its code."""
        return values["code"]

    def known(self) -> dict[Any, Any]:
        """Every fund."""
        return {fund.code: fund for fund in db.session.scalars(select(Fund))}

    def make(self, values: Values) -> Any:
        """A new fund."""
        return Fund(**values)


class Districts(Table):
    """`districts.csv`."""

    file = "districts.csv"
    columns = ("code", "name", "kind")
    named: ClassVar = {"name": "name", "kind": "kind"}

    def __init__(self) -> None:
        self.taken = {district.name.casefold(): district.code for district in db.session.scalars(select(District))}

    def read(self, cells: Cells) -> Values:
        """A district by its GSS code."""
        code, name = cells.text("code", 20, required=True), cells.text("name", LONGEST_WORD, required=True)
        _refuse_separator(cells, "name", name)
        if (holder := self.taken.setdefault(name.casefold(), code)) != code:
            cells.refuse("name", f"is the name of {holder} already")
        return {
            "code": code,
            "name": name,
            "kind": cells.text("kind", LONGEST_WORD, required=True),
        }

    def key(self, values: Values) -> Any:
        """Its code."""
        return values["code"]

    def known(self) -> dict[Any, Any]:
        """Every district."""
        return {district.code: district for district in db.session.scalars(select(District))}

    def make(self, values: Values) -> Any:
        """A new district."""
        return District(**values)


def _refuse_separator(cells: Cells, column: str, name: str) -> None:
    """A name that holds the sign between names would be found, in a list of several, as two others."""
    if ";" in name:
        cells.refuse(column, "holds a “;”, which stands between the names of several")


class Topics(Table):
    """`topics.csv`."""

    file = "topics.csv"
    columns = ("topic", "other_names")
    optional = ("wording",)
    named: ClassVar = {"other_names": "other_names", "wording": "wording"}

    def __init__(self) -> None:
        topics = {topic.id: topic.name for topic in db.session.scalars(select(Topic))}
        self.taken = {name.casefold(): name for name in topics.values()}
        self.taken |= {row.name.casefold(): topics[row.topic_id] for row in db.session.scalars(select(TopicName))}

    def read(self, cells: Cells) -> Values:
        """A topic with the other names that count as it, and perhaps how a sentence names projects about it."""
        others = [part.strip() for part in cells.text("other_names", LONGEST_TEXT).split(";") if part.strip()]
        name = cells.text("topic", LONGEST_WORD, required=True)
        _refuse_separator(cells, "topic", name)
        for word in (name, *others):
            if self.taken.setdefault(word.casefold(), name) != name:
                column = "topic" if word == name else "other_names"
                cells.refuse(column, f"is a name of the topic {self.taken[word.casefold()]} already", word)
        wording = {"wording": cells.text("wording", LONGEST_WORD)} if "wording" in cells.row.cells else {}
        return {"name": name, "other_names": sorted(set(others) - {name}), **wording}

    def key(self, values: Values) -> Any:
        """Its name."""
        return values["name"]

    def known(self) -> dict[Any, Any]:
        """Every topic."""
        return {topic.name: topic for topic in db.session.scalars(select(Topic))}

    def make(self, values: Values) -> Any:
        """A new topic."""
        others = [TopicName(name=name) for name in values["other_names"]]
        return Topic(name=values["name"], wording=values.get("wording", ""), other_names=others)

    def change(self, thing: Any, values: Values) -> None:
        """Give a topic other names, or another wording."""
        if "other_names" in values:
            thing.other_names = [TopicName(name=name) for name in values["other_names"]]
        thing.wording = values.get("wording", thing.wording)

    def held(self, thing: Any, name: str) -> Any:
        """Its other names in order, or its wording."""
        return sorted(row.name for row in thing.other_names) if name == "other_names" else getattr(thing, name)


class Rounds(Table):
    """`rounds.csv`: rounds of the past, complete, with days as exact as they are known."""

    file = "rounds.csv"
    columns = (
        "fund",
        "round",
        "max_grant_gbp",
        "pot_advertised_gbp",
        "opens",
        "closes",
        "closes_at_noon",
        "awarded_on",
        "awarded_by",
        "awards",
        "awarded_gbp",
        "awarded_quality",
        "applications",
        "requested_gbp",
        "note",
    )
    named: ClassVar = {
        "fund_id": "fund",
        "largest_grant_pence": "max_grant_gbp",
        "pot_pence": "pot_advertised_gbp",
        "opens_day": "opens",
        "closes_day": "closes",
        "closes_at_noon": "closes_at_noon",
        "awarded_day": "awarded_on",
        "announced_awards": "awards",
        "announced_pence": "awarded_gbp",
        "announced_quality": "awarded_quality",
        "announced_applications": "applications",
        "announced_requested_pence": "requested_gbp",
        "note": "note",
    }

    def __init__(self) -> None:
        self.funds = {fund.code: fund.id for fund in db.session.scalars(select(Fund))}
        self.taken = {a_round.slug: a_round.code for a_round in db.session.scalars(select(Round))}

    def read(self, cells: Cells) -> Values:
        """A round by its code."""
        code = cells.text("round", LONGEST_WORD, required=True)
        if not slug_of(code) or self.taken.setdefault(slug_of(code), code) != code:
            cells.refuse("round", "needs letters or digits that make an address of its own")
        fund = cells.known("fund", self.funds, "fund")
        if not fund:
            cells.refuse("fund", "is required")
        opens, closes = cells.day("opens", future=True), cells.day("closes", future=True)
        if opens and closes and opens.first and closes.last < opens.first:
            cells.refuse("closes", "is before the round opens")
        return {
            "fund_id": self.funds.get(fund),
            "code": code,
            "largest_grant_pence": cells.pence("max_grant_gbp"),
            "pot_pence": cells.pence("pot_advertised_gbp"),
            "opens_day": opens,
            "closes_day": closes,
            "closes_at_noon": cells.yes("closes_at_noon"),
            "awarded_day": cells.day("awarded_on") or _awarded_by(cells),
            "announced_awards": cells.whole("awards"),
            "announced_pence": cells.pence("awarded_gbp"),
            "announced_quality": cells.text("awarded_quality", LONGEST_WORD),
            "announced_applications": cells.whole("applications"),
            "announced_requested_pence": cells.pence("requested_gbp"),
            "note": cells.text("note", LONGEST_TEXT),
        }

    def key(self, values: Values) -> Any:
        """Its code."""
        return values["code"]

    def known(self) -> dict[Any, Any]:
        """Every round."""
        return {a_round.code: a_round for a_round in db.session.scalars(select(Round))}

    def make(self, values: Values) -> Any:
        """A new round that is complete."""
        return Round(**values, slug=slug_of(values["code"]), status=RoundStatus.COMPLETE)

    def word(self, name: str, value: Any) -> str:
        """A fund by its code, and the rest as a file writes it."""
        if name == "fund_id":
            return next((code for code, number in self.funds.items() if number == value), "")
        return super().word(name, value)

    def can_change(self, thing: Any) -> str:
        """A round that this system runs is changed on its own pages."""
        return "is a round that is run here: change it on its pages" if thing.opens_at else ""


TABLES: tuple[type[Table], ...] = (Funds, Districts, Topics, Rounds)


def slug_of(code: str) -> str:
    """A round's part of an address.

    >>> slug_of("SCF Covid-19")
    'scf-covid-19'
    """
    return re.sub(r"[^a-z0-9]+", "-", code.casefold()).strip("-")


def _awarded_by(cells: Cells) -> Day | None:
    text = cells.cell("awarded_by")
    if not text:
        return None
    try:
        return Day.parse(f"by {exact_day(text).isoformat()}")
    except BadDay as error:
        cells.refuse("awarded_by", str(error))
        return None
