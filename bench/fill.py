"""Made-up awards by the hundred thousand, written straight into the tables."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert, select
from tqdm import tqdm

from grants.accounts.models import Organisation, name_key
from grants.awards.models import Account, Award, AwardDistrict, AwardStatus, AwardTopic, EntryKind, LedgerEntry
from grants.awards.snapshots.operations import rebuild_snapshots
from grants.foundation.records.db import db, transaction
from grants.foundation.values.days import Day
from grants.funds.models import District, Fund, Round, Topic

SEED = 2014
GROUPS = 20_000
BATCH = 5_000
ENTERED = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
WORDS = [
    "Safe",
    "Evening",
    "Youth",
    "Boxing",
    "Garden",
    "Mentoring",
    "Night",
    "Hub",
    "Voices",
    "Pathways",
    "Together",
    "Estate",
    "Sport",
    "Film",
    "Kitchen",
]


def fill(awards: int) -> None:
    """Add made-up awards to the database of the app, always the same ones."""
    chance = random.Random(SEED)
    with transaction() as session:
        groups = list(_groups(chance))
        session.connection().execute(insert(Organisation.__table__), groups)
        first_group = _ids(Organisation)[-len(groups)]
        known = {"fund": _ids(Fund), "round": _ids(Round), "topic": _ids(Topic), "district": _ids(District)}
        first = (max(_ids(Award), default=0)) + 1
        numbers = range(first, first + awards)
        for some in _batches(tqdm(numbers, desc="Made-up awards", unit="award", disable=None)):
            made = [_award(number, chance, known, first_group + chance.randrange(GROUPS)) for number in some]
            _insert(session, Award, made)
            _insert(session, AwardTopic, [_topic(award) for award in made])
            _insert(session, AwardDistrict, [_district(award, chance, known) for award in made])
            _insert(session, LedgerEntry, [_entry(award, chance) for award in made])
        rebuild_snapshots()


def _batches(numbers: Any) -> Iterator[list[int]]:
    rest = iter(numbers)
    return iter(lambda: list(islice(rest, BATCH)), [])


def _insert(session: Any, model: Any, rows: list[dict[str, Any]]) -> None:
    columns = set(model.__table__.columns.keys())
    known = [{key: row[key] for key in row if key in columns} for row in rows]
    session.connection().execute(insert(model.__table__), known)


def _ids(model: Any) -> list[int]:
    return list(db.session.scalars(select(model.id).order_by(model.id)))


def _groups(chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(GROUPS):
        name = f"{chance.choice(WORDS)} {chance.choice(WORDS)} Group {number}"
        yield {
            "name": name,
            "name_key": name_key(name),
            "kind": "voluntary group",
            "charity_number": "",
            "company_number": "",
            "made_at": ENTERED,
            "version": 1,
        }


def _award(number: int, chance: random.Random, known: dict[str, list[int]], organisation: int) -> dict[str, Any]:
    day = date(2014, 1, 1) + timedelta(days=chance.randrange(4_600))
    words = " ".join(chance.sample(WORDS, 3))
    return {
        "id": number,
        "reference": f"BENCH-{number:06}",
        "status": AwardStatus.AWARDED,
        "fund_id": chance.choice(known["fund"]),
        "round_id": chance.choice(known["round"]),
        "organisation_id": organisation,
        "primary_topic_id": chance.choice(known["topic"]),
        "title": f"{words} {number}",
        "purpose": f"Sessions for young people: {words.lower()}.",
        "reasons": "It should make the area safer.",
        "conditions": "For the agreed purpose only.",
        "award_day": Day.exactly(day),
        "award_last": day,
        "requested_pence": None,
        "starts_on": None,
        "ends_on": None,
        "decision_id": None,
        "application_id": None,
        "priority_id": None,
        "illustrative": True,
        "source": "bench",
        "recorded_at": ENTERED,
        "entered_at": ENTERED,
    }


def _topic(award: dict[str, Any]) -> dict[str, Any]:
    return {"award_id": award["id"], "change_id": None, "topic_id": award["primary_topic_id"], "position": 0}


def _district(award: dict[str, Any], chance: random.Random, known: dict[str, list[int]]) -> dict[str, Any]:
    return {"award_id": award["id"], "change_id": None, "district_id": chance.choice(known["district"])}


def _entry(award: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    unknown = chance.random() < 0.05
    return {
        "award_id": award["id"],
        "kind": EntryKind.AWARD,
        "account": Account.AWARDED,
        "amount_pence": None if unknown else chance.randrange(50_000, 800_000),
        "project_delta": 1,
        "unknown_delta": int(unknown),
        "effective_day": award["award_day"],
        "effective_last": award["award_last"],
        "recorded_at": ENTERED,
        "entered_at": ENTERED,
        "entered_by": "command:bench",
        "reason": "",
        "source": "bench",
        "corrects_id": None,
    }
