"""Named reads of whom an award may go to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select

from grants.accounts.models import FormerName, Membership, Organisation
from grants.accounts.organisations.queries import MOST_FOUND, is_named, people_of
from grants.awards.models import AwardSnapshot
from grants.foundation.records.db import db


def recipients_like(words: str, *, but: int) -> Sequence[Any]:
    """The groups whose name or number holds these words, by name, with their awards and people counted, and where and
    when they were awarded last. One query. `but` is the group that holds the award now.
    """
    of_group = AwardSnapshot.organisation_id == Organisation.id
    awards = select(func.count()).where(of_group).scalar_subquery()
    last = (AwardSnapshot.award_last.desc(), AwardSnapshot.award_id.desc())
    place, day = (
        select(column).where(of_group).order_by(*last).limit(1).scalar_subquery()
        for column in (AwardSnapshot.districts, AwardSnapshot.award_day)
    )
    return db.session.execute(
        select(
            Organisation,
            awards.label("awards"),
            people_of().label("people"),
            place.label("districts"),
            day.label("last_award"),
        )
        .where(is_named(words), Organisation.id != but)
        .order_by(Organisation.name_key, Organisation.id)
        .limit(MOST_FOUND)
    ).all()


def recipients_named(keys: Collection[str]) -> dict[str, int]:
    """Which groups the names of a file mean, without case. One that bears the name goes before one that bore it.

    Of several of one name it is the oldest; of several that bore it, the one that had it last. A group that somebody
    registered and that was never awarded anything is not meant: whoever takes a name first gets nothing by it.
    """
    found: dict[str, int] = {}
    for model, order in ((Organisation, Organisation.id.desc()), (FormerName, FormerName.id)):
        wanted = set(keys) - found.keys()
        if wanted:
            named = select(model.name_key, Organisation.id).where(model.name_key.in_(wanted), _is_of_the_records())
            if model is FormerName:
                named = named.join(Organisation, Organisation.id == FormerName.organisation_id)
            found |= {key: number for key, number in db.session.execute(named.order_by(order))}  # noqa: C416
    return found


def _is_of_the_records() -> ColumnElement[bool]:
    """Whether the organisation of the surrounding query holds an award, or nobody acts for it."""
    has_people = exists().where(Membership.organisation_id == Organisation.id)
    holds = exists().where(AwardSnapshot.organisation_id == Organisation.id)
    return or_(~has_people.correlate(Organisation), holds.correlate(Organisation))
