"""The projection of the ledger for lists: each award in one row, as everything that is recorded makes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, insert, select, update

from grants.accounts.models import Organisation
from grants.awards.models import (
    Account,
    Award,
    AwardChange,
    AwardDistrict,
    AwardSnapshot,
    AwardStatus,
    AwardTopic,
    ChangedField,
    LedgerEntry,
    Offer,
)
from grants.awards.rules import report_due_on
from grants.foundation.records.db import db, transaction
from grants.funds.models import District, Fund, Round, Topic

BATCH = 500
"""Awards that are computed at once: bounds the memory of a rebuild."""

REPORT_DAYS = 30
"""Days after its project's end in which a group reports, for an award outside of any round."""

Rows = Sequence[Row[Any]]


def refresh_snapshot(award: Award) -> AwardSnapshot:
    """Make the row of one award again, in the caller's transaction."""
    with transaction() as session:
        session.flush()
        (values,) = compute([award.id])
        row = session.get_one(AwardSnapshot, award.id, populate_existing=True)
        for name, value in values.items():
            setattr(row, name, value)
        session.flush()
        return row


def add_snapshots(award_ids: Sequence[int]) -> None:
    """Make the rows of awards that are stored and have none yet."""
    with transaction() as session:
        values = compute(award_ids)
        if values:
            table: Any = AwardSnapshot.__table__  # without the unit of work: as many rows as a file has
            session.execute(insert(table), values)


def renew_snapshots(award_ids: Sequence[int]) -> None:
    """Make the rows of some awards again, while the session flushes: by statements, and what is loaded is read anew."""
    table: Any = AwardSnapshot.__table__
    its_row = update(table).where(table.c.award_id == bindparam("its_id"))
    for start in range(0, len(award_ids), BATCH):
        made = compute(award_ids[start : start + BATCH])
        for values in made:
            values["its_id"] = values.pop("award_id")
        if made:
            db.session.execute(its_row, made)
    loaded = {thing.award_id for thing in db.session.identity_map.values() if isinstance(thing, AwardSnapshot)}
    for award_id in loaded.intersection(award_ids):
        db.session.get(AwardSnapshot, award_id, populate_existing=True)


def renew_of(column: Any, numbers: Collection[int]) -> None:
    """Make the rows again of the awards that have one of these numbers in a column of a snapshot, topic or district."""
    found = select(column.class_.award_id).where(column.in_(numbers)).distinct().order_by(column.class_.award_id)
    renew_snapshots(db.session.scalars(found).all())


def rebuild_snapshots() -> int:
    """Make every row again from the ledger; returns how many there are."""
    count = 0
    with transaction() as session:
        session.execute(delete(AwardSnapshot))
        for ids in _batches():
            add_snapshots(ids)
            count += len(ids)
    return count


def _batches() -> Iterator[list[int]]:
    last = 0
    while ids := list(
        db.session.scalars(select(Award.id).where(Award.id > last).order_by(Award.id).limit(BATCH)).all()
    ):
        yield ids
        last = ids[-1]


def compute(award_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The values of the snapshots of some awards, from the ledger alone. Amounts in pence, instants UTC."""
    awards = _rows(select(*Award.__table__.columns).where(Award.id.in_(award_ids)).order_by(Award.id))
    entries = _by_award(LedgerEntry, award_ids)
    changes = _by_award(AwardChange, award_ids)
    completed = _completed(award_ids)
    topics = _by_award(AwardTopic, award_ids)
    districts = _by_award(AwardDistrict, award_ids)
    names = _Names(awards, [change for rows in changes.values() for change in rows])
    return [
        _snapshot(
            award,
            names,
            entries=entries[award.id],
            chosen=latest(changes[award.id]),
            topics=topics[award.id],
            districts=districts[award.id],
            completed=completed.get(award.id),
        )
        for award in awards
    ]


def latest(changes: Iterable[Any]) -> dict[str, Any]:
    """The change of each field that holds: the last to take effect, and of those of one day the last entered."""
    ordered = sorted(changes, key=lambda change: (change.effective_last, change.id))
    return {change.field: change for change in ordered}


class _Names:
    """The words behind the numbers, read once for a batch."""

    def __init__(self, awards: Rows, changes: Sequence[Any]) -> None:
        self.funds = _words(select(Fund.id, Fund.code))
        rounds = db.session.execute(select(Round.id, Round.code, Round.report_days)).all()
        self.rounds = {row.id: row.code for row in rounds}
        self.report_days = {row.id: row.report_days for row in rounds}
        self.topics = _words(select(Topic.id, Topic.name))
        self.districts = _words(select(District.id, District.name))
        wanted = {award.organisation_id for award in awards} | {change.organisation_id for change in changes}
        self.organisations = {
            row.id: row
            for row in db.session.execute(
                select(Organisation.id, Organisation.name, Organisation.name_key).where(
                    Organisation.id.in_(wanted - {None})
                )
            )
        }


def _words(statement: Select[int, str]) -> dict[int, str]:
    return {number: word for number, word in db.session.execute(statement)}  # noqa: C416 - rows are not tuples


def _snapshot(
    award: Any,
    names: _Names,
    *,
    entries: Rows,
    chosen: dict[str, Any],
    topics: Rows,
    districts: Rows,
    completed: datetime | None,
) -> dict[str, Any]:
    fund_id = _of(chosen, ChangedField.FUND, "fund_id", award.fund_id)
    round_id = _of(chosen, ChangedField.ROUND, "round_id", award.round_id)
    organisation = names.organisations[_of(chosen, ChangedField.RECIPIENT, "organisation_id", award.organisation_id)]
    date_change = chosen.get(ChangedField.AWARD_DATE)
    topic_names = [names.topics[row.topic_id] for row in _held(topics, chosen.get(ChangedField.TOPICS))]
    district_names = [names.districts[row.district_id] for row in _held(districts, chosen.get(ChangedField.DISTRICTS))]
    values: dict[str, Any] = {
        "award_id": award.id,
        "reference": award.reference,
        "fund_id": fund_id,
        "round_id": round_id,
        "organisation_id": organisation.id,
        "primary_topic_id": _of(chosen, ChangedField.TOPICS, "topic_id", award.primary_topic_id),
        "priority_id": _of(chosen, ChangedField.PRIORITY, "priority_id", award.priority_id),
        "fund_code": names.funds[fund_id],
        "round_code": names.rounds[round_id] if round_id else "",
        "organisation_name": organisation.name,
        "organisation_key": organisation.name_key,
        "title": _of(chosen, ChangedField.TITLE, "after", award.title),
        "purpose": _of(chosen, ChangedField.PURPOSE, "after", award.purpose),
        "conditions": _of(chosen, ChangedField.CONDITIONS, "after", award.conditions),
        "starts_on": _day_of(chosen, ChangedField.STARTS_ON, award.starts_on),
        "ends_on": _day_of(chosen, ChangedField.ENDS_ON, award.ends_on),
        "primary_topic": topic_names[0] if topic_names else "",
        "other_topics": "; ".join(topic_names[1:]),
        "districts": "; ".join(district_names),
        "award_day": date_change.effective_day if date_change else award.award_day,
        "award_last": date_change.award_last if date_change else award.award_last,
        "requested_pence": award.requested_pence,
        "illustrative": award.illustrative,
        "first_published_at": award.entered_at,
        "last_changed_at": max(
            completed or award.entered_at,
            *(row.entered_at for row in (award, *entries, *chosen.values()) if _is_public(row)),
        ),
    }
    values |= _sums(award, entries)
    values["report_due_on"] = _report_due(values, names.report_days.get(round_id))
    values["search"] = _search(values)
    return values


def _sums(award: Any, entries: Rows) -> dict[str, Any]:
    projects = sum(entry.project_delta for entry in entries)
    awarded, returned = _sum(entries, Account.AWARDED), -_sum(entries, Account.RETURNED)
    # None where the award comes from older records: what was paid of it is not known here
    here = award.decision_id is not None
    payments = {
        "committed_pence": _sum(entries, Account.COMMITTED) if here else None,
        "paid_pence": _sum(entries, Account.PAID) if here else None,
    }
    if projects <= 0:
        nothing = {"is_project": False, "awarded_pence": 0, "returned_pence": 0}
        return {"status": AwardStatus.WITHDRAWN, **nothing, **payments}
    unknown = sum(entry.unknown_delta for entry in entries) > 0
    return {
        "status": AwardStatus.AWARDED if award.status == AwardStatus.WITHDRAWN else AwardStatus(award.status).public,
        "is_project": True,
        "awarded_pence": None if unknown else awarded,
        "returned_pence": returned,
        **payments,
    }


def _completed(award_ids: Sequence[int]) -> dict[int, datetime]:
    """When the awards that are complete were found to be."""
    found = select(Offer.award_id, Offer.completed_at).where(
        Offer.award_id.in_(award_ids), Offer.completed_at.is_not(None)
    )
    return {award_id: at for award_id, at in db.session.execute(found) if at is not None}


def _is_public(row: Any) -> bool:
    """A commitment is between the office and its bank: the register says nothing of it."""
    return getattr(row, "account", None) != Account.COMMITTED


def _report_due(values: dict[str, Any], report_days: int | None) -> date | None:
    if not values["paid_pence"] or not values["is_project"]:
        return None
    return report_due_on(values["ends_on"], values["award_last"], report_days or REPORT_DAYS)


def _sum(entries: Rows, account: Account) -> int:
    return sum(entry.amount_pence or 0 for entry in entries if entry.account == account)


def _search(values: dict[str, Any]) -> str:
    fields = (
        "reference",
        "organisation_name",
        "title",
        "purpose",
        "primary_topic",
        "other_topics",
        "districts",
        "fund_code",
        "round_code",
    )
    return " ".join(" ".join(values[field] for field in fields).split()).casefold()


def _of(chosen: dict[str, Any], field: ChangedField, column: str, first: Any) -> Any:
    return getattr(chosen[field], column) if field in chosen else first


def _day_of(chosen: dict[str, Any], field: ChangedField, first: date | None) -> date | None:
    if field not in chosen:
        return first
    return date.fromisoformat(chosen[field].after) if chosen[field].after else None


def _held(rows: Rows, change: Any) -> list[Any]:
    wanted = change.id if change else None
    return [row for row in rows if row.change_id == wanted]


def _rows(statement: Select[Any]) -> Rows:
    return db.session.execute(statement).all()


def _by_award(model: Any, award_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    columns = model.__table__.columns
    order = ("position", "id") if "position" in columns else ("id",)
    statement = select(*columns).where(columns["award_id"].in_(award_ids)).order_by(*(columns[name] for name in order))
    for row in _rows(statement):
        grouped[row.award_id].append(row)
    return grouped
