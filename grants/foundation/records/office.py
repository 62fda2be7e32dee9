"""The office that runs the fund: its name, its titles, its powers. Settings, never constants."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from grants.foundation.values import colours

from . import audit
from .actors import Actor
from .acts import OfficeAct
from .db import Id, Model, db, transaction


class Office(Model):
    """One row.

    `publisher_prefix` is issued by 360Giving; `is_test_prefix` says that it is only a trial one. The two `keep_…_years`
    say how long the personal data of an application is kept. `vat_treatment` is what finance books grants under;
    `how_to_repay` tells groups where unspent money goes.
    """

    __tablename__ = "office"

    id: Mapped[Id]
    name: Mapped[str]
    service: Mapped[str]
    department: Mapped[str]
    decision_maker: Mapped[str]
    legal_power: Mapped[str]
    organisation_identifier: Mapped[str]
    publisher_prefix: Mapped[str]
    is_test_prefix: Mapped[bool]
    area: Mapped[str]
    contact_email: Mapped[str]
    contact_phone: Mapped[str]
    website: Mapped[str]
    brand_colour: Mapped[str]
    link_colour: Mapped[str]
    keep_refused_years: Mapped[int]
    keep_awarded_years: Mapped[int]
    vat_treatment: Mapped[str]
    how_to_repay: Mapped[str]

    __table_args__ = (CheckConstraint("id = 1", name="there_is_one_office"),)


DEFAULTS: dict[str, Any] = {
    "name": "The grants office",
    "service": "Community grants",
    "department": "Grants",
    "decision_maker": "Decision maker",
    "legal_power": "",
    "organisation_identifier": "",
    "publisher_prefix": "",
    "is_test_prefix": False,
    "area": "the area",
    "contact_email": "",
    "contact_phone": "",
    "website": "",
    "brand_colour": colours.PLUM,
    "link_colour": colours.LINK,
    "keep_refused_years": 2,
    "keep_awarded_years": 7,
    "vat_treatment": "Outside the scope",
    "how_to_repay": "",
}

COLOURS = {"brand_colour": "main colour", "link_colour": "colour of links"}


def the_office() -> Office:
    """The office's settings; a new installation has plain ones."""
    return db.session.get(Office, 1) or Office(id=1, **DEFAULTS)


def whom_to_ask(office: Office) -> str:
    """Whom somebody outside asks, as a part of a sentence: the office, with how to reach it where that is known."""
    ways = " or ".join(part for part in (office.contact_email, office.contact_phone) if part)
    return f"{office.name} ({ways})" if ways else office.name


def signature(office: Office) -> str:
    """How every mail ends: who wrote it, and how to reach them, as far as the office says that."""
    ways = [("Write to us: ", office.contact_email), ("Ring us: ", office.contact_phone)]
    reached = [f"{how}{where}" for how, where in ways if where]
    return "\n".join(dict.fromkeys(part for part in (office.service, office.name, *reached) if part))


def set_office(*, actor: Actor, why: str = "", **values: Any) -> Office:
    """Change settings of the office. Raises KeyError for an unknown one, BadColour for a colour too light to read."""
    unknown = set(values) - set(DEFAULTS)
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    for name in COLOURS.keys() & values:
        values[name] = colours.check(values[name], thing=COLOURS[name])
    with transaction() as session:
        office = session.get(Office, 1)
        if office is None:
            office = Office(id=1, **DEFAULTS)
            session.add(office)
        for name, value in values.items():
            setattr(office, name, value)
        audit.record(actor=actor, verb=OfficeAct.SET_OFFICE, thing=office, why=why)
        return office
