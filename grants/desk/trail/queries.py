"""Named reads of the trail: the lines that were asked for, and in two queries all that is told of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, literal, or_, select, union_all

from grants.accounts.models import Invitation, Organisation, Person
from grants.accounts.organisations.queries import is_named
from grants.accounts.queries import people
from grants.applications.models import Application
from grants.awards.models import Award, AwardChange, AwardSnapshot, ChangedField, Decision, Variation, VariationStatus
from grants.desk.story.queries import shared_things
from grants.foundation.records.actors import ANYONE, NOBODY
from grants.foundation.records.audit import AuditLine, HistoryValue
from grants.foundation.records.db import db
from grants.foundation.values import clock
from grants.payments.models import BankDetails, Payment, ReturnLine, Reversal

from .things import named

MOST_PEOPLE = 200
"""So many people a name may fit."""
MOST_GROUPS = 20
"""So many groups a name may fit."""
LINES_AT_A_TIME = 500

ORDER = [(AuditLine.id, True)]


@dataclass(frozen=True)
class Belongings:
    """What belongs to a grant or to groups: by reference, and what several share by kind and number."""

    references: tuple[str, ...] = ()
    things: Mapping[str, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Meant:
    """What words of the filters mean: people and groups by number and name, and what belongs to a grant or to them."""

    people: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    of_grant: Belongings = field(default_factory=Belongings)
    of_groups: Belongings = field(default_factory=Belongings)


@dataclass(frozen=True)
class TrailFilters:
    """Which lines: by whom or about whose account, by what acts without one, of which verbs and kind, between two days
    in London, about a grant, about groups; empty means all.
    """

    people: Collection[int] = ()
    actors: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    has_detail: bool = False
    kind: str = ""
    since: date | None = None
    until: date | None = None
    grant: Belongings | None = None
    group: Belongings | None = None


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
    if filters.verbs:
        with_detail = [AuditLine.verb.startswith(f"{verb} ") for verb in filters.verbs if filters.has_detail]
        yield or_(AuditLine.verb.in_(filters.verbs), *with_detail)
    if filters.kind:
        yield AuditLine.kind == filters.kind
    if filters.since:
        yield AuditLine.at >= clock.start_of_day(filters.since)
    if filters.until:
        yield AuditLine.at <= clock.end_of_day(filters.until)
    for part in (filters.grant, filters.group):
        if part:
            yield or_(*_about(part))


def _about(part: Belongings) -> Iterator[ColumnElement[bool]]:
    yield AuditLine.reference.in_(part.references)
    for kind, numbers in part.things.items():
        yield and_(AuditLine.kind == kind, AuditLine.thing_id.in_(numbers))


def meant(*, words: str = "", number: int | None = None, reference: str = "", group: str = "") -> Meant:
    """The people whose name or address holds some words or who have a number, and the groups that words name, of each
    one more than a filter takes at most; and the grant of a reference, however it is typed. One query, or none where
    nothing is asked.
    """
    asked: list[Any] = []
    if words:
        found = people(words=words).with_only_columns(_PEOPLE, Person.id, Person.name).limit(MOST_PEOPLE + 1)
        asked.append((PEOPLE, found))
    if number is not None:
        asked.append((PEOPLE, select(_PEOPLE, Person.id, Person.name).where(Person.id == number)))
    if reference:
        asked += ((GRANT, one) for one in _parts_of({reference, reference.upper()}))
    if group:
        asked += ((GROUP, one) for one in _parts_of_groups(group))
    parts = (select(literal(part).label("part"), *one.subquery().c) for part, one in asked)
    return _sorted_out(db.session.execute(union_all(*parts))) if asked else Meant()


PEOPLE, GRANT, GROUP = "people", "grant", "group"
_PEOPLE = literal(Person.__tablename__).label("kind")


def _sorted_out(rows: Iterable[Any]) -> Meant:
    names: dict[str, dict[int, str]] = {PEOPLE: {}, Organisation.__tablename__: {}}
    references: dict[str, list[str]] = {GRANT: [], GROUP: []}
    things: dict[str, dict[str, set[int]]] = {GRANT: defaultdict(set), GROUP: defaultdict(set)}
    for part, kind, number, name in rows:
        if part == PEOPLE:
            names[part][number] = name
        elif kind:
            things[part][kind].add(number)
        else:
            references[part].append(name)
        if kind == Organisation.__tablename__:
            names[kind][number] = name
    parts = {
        part: Belongings(tuple(references[part]), {kind: frozenset(numbers) for kind, numbers in found.items()})
        for part, found in things.items()
    }
    return Meant(names[PEOPLE], names[Organisation.__tablename__], parts[GRANT], parts[GROUP])


def _parts_of(known: Collection[str]) -> Iterator[Any]:
    """The bid, the award and its variations by reference, and what they share with others by number: also the bank
    details of each group that holds the award, held it, or is to hold it, whether or not anything was paid to them.
    """
    award = select(Award.id).where(Award.reference.in_(known)).scalar_subquery()
    bid = select(Application.id).where(Application.reference.in_(known)).scalar_subquery()
    decision = select(Decision.id).where(Decision.application_id == bid).scalar_subquery()
    yield _references(Application, Application.reference.in_(known))
    yield _references(Award, Award.reference.in_(known))
    yield _references(Variation, Variation.award_id == award)
    for kind, numbers in shared_things(decision, award).items():
        yield _numbers(kind, numbers)
    of_holders = BankDetails.organisation_id.in_(_holders_of(award))
    yield _numbers(BankDetails.__tablename__, select(BankDetails.id).where(of_holders))


def _parts_of_groups(words: str) -> Iterator[Any]:
    """The groups that words name, their bids, what they hold, held or are to hold, their invitations and bank details,
    and what holds these: the batches and the return files that they were paid by.
    """
    found = select(Organisation.id, Organisation.name).where(is_named(words)).order_by(Organisation.id)
    few = found.limit(MOST_GROUPS + 1).cte("few")
    yield select(literal(Organisation.__tablename__).label("kind"), few.c.id, few.c.name)
    groups = select(few.c.id)
    awards = union_all(
        select(AwardSnapshot.award_id).where(AwardSnapshot.organisation_id.in_(groups)),
        select(Award.id).where(Award.organisation_id.in_(groups)),
        select(AwardChange.award_id).where(AwardChange.organisation_id.in_(groups)),
        select(Variation.award_id).where(Variation.to_group_id.in_(groups), _WAITS),
    )
    yield _references(Application, Application.organisation_id.in_(groups))
    yield _references(Award, Award.id.in_(awards))
    yield _references(Variation, Variation.award_id.in_(awards))
    own = BankDetails.organisation_id.in_(groups)
    paid = Payment.bank_details_id.in_(select(BankDetails.id).where(own))
    of_payment = (Payment, Payment.id == ReturnLine.payment_id)
    yield _numbers("invitations", select(Invitation.id).where(Invitation.organisation_id.in_(groups)))
    yield _numbers("bank_details", select(BankDetails.id).where(own))
    yield _numbers("batches", select(Payment.batch_id).where(paid))
    yield _numbers("return_files", select(ReturnLine.return_file_id).join(*of_payment).where(paid))
    yield _numbers("reversals", select(Reversal.id).join(Payment, Payment.id == Reversal.payment_id).where(paid))


_WAITS = Variation.status == VariationStatus.WAITING


def _references(thing: Any, is_it: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(literal("").label("kind"), thing.id, thing.reference.label("name")).where(is_it)


def _numbers(kind: str, numbers: Select[Any]) -> Select[*tuple[Any, ...]]:
    number = numbers.subquery()
    return select(literal(kind).label("kind"), number.c[0].label("id"), literal("").label("name")).distinct()


def _holders_of(award: Any) -> CompoundSelect[tuple[int]]:
    """The groups that hold an award, held it, or are to take it over."""
    return union_all(
        select(AwardSnapshot.organisation_id).where(AwardSnapshot.award_id == award),
        select(Award.organisation_id).where(Award.id == award),
        select(AwardChange.organisation_id).where(
            AwardChange.award_id == award, AwardChange.field == ChangedField.RECIPIENT
        ),
        select(Variation.to_group_id).where(Variation.award_id == award, Variation.to_group_id.is_not(None), _WAITS),
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
