"""Named reads of organisations: whom a name or a number may mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select

from grants.accounts.models import FormerName, Membership, Organisation, name_key
from grants.foundation.records.db import db
from grants.foundation.web.tables import contains

SILENT = (" ", "-", "'", "\N{RIGHT SINGLE QUOTATION MARK}", ".", ",", "(", ")", "/")
"""What two names may differ in and still be taken for each other."""

MOST_LIKE = 5
"""Organisations like another that are named."""

MOST_FOUND = 20
"""Organisations that a search shows."""


def sound_of(name: str) -> str:
    """A name without case, blanks and marks; "and" for "&": two that sound alike are taken for each other.

    >>> sound_of("St. Mary's & Friends") == sound_of("ST MARYS AND FRIENDS")
    True
    """
    return reduce(lambda text, mark: text.replace(mark, ""), SILENT, name_key(name).replace("&", "and"))


def _sound() -> ColumnElement[str]:
    and_written = func.replace(Organisation.name_key, "&", "and")
    return reduce(lambda column, mark: func.replace(column, mark, ""), SILENT, and_written)


def like(
    name: str, numbers: Collection[str], *, but: int | None = None, most: int = MOST_LIKE
) -> Sequence[Organisation]:
    """The organisations that have a name like this, or one of these numbers of charity or company. One query."""
    given = sorted(number for number in numbers if number)
    asked = or_(
        and_(literal(bool(sound_of(name))), _sound() == sound_of(name)),
        Organisation.charity_number.in_(given),
        Organisation.company_number.in_(given),
    )
    found = select(Organisation).where(asked).order_by(Organisation.id).limit(most)
    return db.session.scalars(found.where(Organisation.id != but) if but is not None else found).all()


def people_of() -> ColumnElement[int]:
    """How many people act for the organisation of the surrounding query."""
    people = select(func.count()).where(Membership.organisation_id == Organisation.id)
    return people.correlate(Organisation).scalar_subquery()


def is_named(words: str) -> ColumnElement[bool]:
    """Whether an organisation has these words in its name, in one that it had, or in a number."""
    columns: Sequence[Any] = (Organisation.name, Organisation.charity_number, Organisation.company_number)
    bore = exists().where(FormerName.organisation_id == Organisation.id, contains(FormerName.name, words))
    return or_(bore.correlate(Organisation), *(contains(column, words) for column in columns))


def by_number(text: str | None) -> Organisation | None:
    """The organisation whose number an address or a form names, or None where it names none."""
    return db.session.get(Organisation, int(text)) if text and text.isdecimal() and len(text) < 18 else None
