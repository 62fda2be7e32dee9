"""Named reads of the trail: the lines that were asked for, and in two queries all that is told of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, literal, or_, select, union_all

from grants.accounts.models import Person
from grants.accounts.queries import people
from grants.applications.models import Application
from grants.awards.models import Award, AwardChange, AwardSnapshot, ChangedField, Decision, Variation, VariationStatus
from grants.desk.story.queries import shared_things
from grants.foundation.records.actors import ANYONE, NOBODY
from grants.foundation.records.audit import AuditLine, HistoryValue
from grants.foundation.records.db import db
from grants.foundation.values import clock
from grants.payments.models import BankDetails

from .things import named

MOST_PEOPLE = 200
"""So many people a name may fit."""
LINES_AT_A_TIME = 500

ORDER = [(AuditLine.id, True)]


@dataclass(frozen=True)
class Meant:
    """What words of the filters mean: people by number and name, the references of a grant and of what came of it,
    and what several grants share, by kind and number.
    """

    people: Mapping[int, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    things: Mapping[str, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class TrailFilters:
    """Which lines: by whom or about whose account, by what acts without one, of which verb and kind, between two days
    in London, about a grant; empty means all.
    """

    people: Collection[int] = ()
    actors: tuple[str, ...] = ()
    verb: str = ""
    has_detail: bool = False
    kind: str = ""
    since: date | None = None
    until: date | None = None
    grant: Meant | None = None


def lines(filters: TrailFilters) -> Select[AuditLine]:
    """The lines that were asked for. Order is the caller's."""
    return select(AuditLine).where(*_conditions(filters))


def _conditions(filters: TrailFilters) -> Iterator[ColumnElement[bool]]:
    if filters.people:
        keys = [f"person:{number}" for number in filters.people]
        about = and_(AuditLine.kind == Person.__tablename__, AuditLine.thing_id.in_(filters.people))
        yield or_(AuditLine.actor.in_(keys), about)
    if filters.actors:
        yield or_(*(AuditLine.actor.startswith(actor) for actor in filters.actors))
    if filters.verb:
        is_it = AuditLine.verb == filters.verb
        yield or_(is_it, AuditLine.verb.startswith(f"{filters.verb} ")) if filters.has_detail else is_it
    if filters.kind:
        yield AuditLine.kind == filters.kind
    if filters.since:
        yield AuditLine.at >= clock.start_of_day(filters.since)
    if filters.until:
        yield AuditLine.at <= clock.end_of_day(filters.until)
    if filters.grant:
        yield or_(*_about(filters.grant))


def _about(grant: Meant) -> Iterator[ColumnElement[bool]]:
    yield AuditLine.reference.in_(grant.references)
    for kind, numbers in grant.things.items():
        yield and_(AuditLine.kind == kind, AuditLine.thing_id.in_(numbers))


def meant(*, words: str = "", number: int | None = None, reference: str = "") -> Meant:
    """The people whose name or address holds some words or who have a number, one more than a filter takes at most;
    and the grant of a reference, however it is typed. One query, or none where nothing is asked.
    """
    asked: list[Any] = []
    if words:
        asked.append(people(words=words).with_only_columns(_PEOPLE, Person.id, Person.name).limit(MOST_PEOPLE + 1))
    if number is not None:
        asked.append(select(_PEOPLE, Person.id, Person.name).where(Person.id == number))
    if reference:
        asked += _parts_of({reference, reference.upper()})
    if not asked:
        return Meant()
    found: dict[str, dict[int, str]] = defaultdict(dict)
    references = []
    for kind, its_number, name in db.session.execute(union_all(*(select(one.subquery()) for one in asked))):
        if kind:
            found[kind][its_number] = name
        else:
            references.append(name)
    named_people = found.pop(Person.__tablename__, {})
    return Meant(named_people, tuple(references), {kind: frozenset(numbers) for kind, numbers in found.items()})


_PEOPLE = literal(Person.__tablename__).label("kind")


def _parts_of(known: Collection[str]) -> Iterator[Any]:
    """The bid, the award and its variations by reference, and what they share with others by number: also the bank
    details of each group that holds the award, held it, or is to hold it, whether or not anything was paid to them.
    """
    award = select(Award.id).where(Award.reference.in_(known)).scalar_subquery()
    bid = select(Application.id).where(Application.reference.in_(known)).scalar_subquery()
    decision = select(Decision.id).where(Decision.application_id == bid).scalar_subquery()
    for thing, is_it in (
        (Application, Application.reference.in_(known)),
        (Award, Award.reference.in_(known)),
        (Variation, Variation.award_id == award),
    ):
        yield select(literal("").label("kind"), thing.id, thing.reference.label("name")).where(is_it)
    of_holders = select(BankDetails.id).where(BankDetails.organisation_id.in_(_holders_of(award)))
    for kind, numbers in (*shared_things(decision, award).items(), (BankDetails.__tablename__, of_holders)):
        number = numbers.subquery()
        yield select(literal(kind).label("kind"), number.c[0].label("id"), literal("").label("name")).distinct()


def _holders_of(award: Any) -> CompoundSelect[tuple[int]]:
    """The groups that hold an award, held it, or are to take it over."""
    waits = Variation.status == VariationStatus.WAITING
    return union_all(
        select(AwardSnapshot.organisation_id).where(AwardSnapshot.award_id == award),
        select(Award.organisation_id).where(Award.id == award),
        select(AwardChange.organisation_id).where(
            AwardChange.award_id == award, AwardChange.field == ChangedField.RECIPIENT
        ),
        select(Variation.to_group_id).where(Variation.award_id == award, Variation.to_group_id.is_not(None), waits),
    )


def last_number() -> int:
    """The number of the last line."""
    return db.session.scalar(select(func.max(AuditLine.id))) or 0


def some_at_a_time(filters: TrailFilters, *, up_to: int) -> Iterator[Sequence[AuditLine]]:
    """The lines that were asked for, the newest first, as far as there were any up to a number."""
    asked = lines(filters).order_by(AuditLine.id.desc()).limit(LINES_AT_A_TIME)
    found = db.session.scalars(asked.where(AuditLine.id <= up_to)).all()
    while found:
        yield found
        found = db.session.scalars(asked.where(AuditLine.id < found[-1].id)).all()


# What is told of lines


@dataclass(frozen=True)
class Named:
    """What a thing is called, what the address of its page names, and whether the reader is tied to it."""

    kind: str
    id: int
    key: str
    name: str
    more: str
    is_tied: bool


@dataclass
class Names:
    """The things that are to be named, by kind; and once they are, their names by number and by key."""

    ids: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    keys: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    found: dict[tuple[str, int | str], Named] = field(default_factory=dict)

    def of(self, kind: str, number: int | None, key: str = "") -> Named | None:
        """What is known of a thing: by its number where there is one, else by its key."""
        return self.found.get((kind, key.lower() if number is None else number))

    def read(self, person: Person) -> None:
        """Ask for all of them. One query."""
        kinds = sorted({*self.ids, *self.keys})
        asked = [
            query
            for kind in kinds
            if (query := named(kind, self.ids.get(kind, ()), self.keys.get(kind, ()), person)) is not None
        ]
        if not asked:
            return
        for row in db.session.execute(union_all(*asked)):
            is_tied = row.is_barred or not person.tied_ids.isdisjoint({row.group_id, row.other_id})
            one = Named(row.kind, row.id, row.key, row.name or "", row.more or "", is_tied)
            self.found[one.kind, one.id] = self.found[one.kind, one.key.lower()] = one


class KeptValue(NamedTuple):
    """What is still kept of a field of a line."""

    line_id: int
    field: str
    before: str
    after: str


def kept_of(found: Sequence[AuditLine]) -> Mapping[int, Sequence[KeptValue]]:
    """The values that are still kept of lines, by the line's number. One query."""
    of = HistoryValue
    ids = [line.id for line in found]
    asked = select(of.line_id, of.field, of.before, of.after).where(of.line_id.in_(ids)).order_by(of.line_id, of.id)
    kept: dict[int, list[KeptValue]] = defaultdict(list)
    for row in db.session.execute(asked):
        kept[row.line_id].append(KeptValue(*row))
    return kept


OUTSIDE = {ANYONE.key: "Somebody who was not signed in", NOBODY.key: "The system"}
"""Who has no account, as a page calls them."""
