"""What of the trail somebody wants to see, read from the address. What is not known is refused in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import request

from grants.foundation.records.actors import ANYONE, NOBODY
from grants.foundation.records.acts import Act, all_acts
from grants.foundation.values.days import long_date
from grants.foundation.web.filters import BadFilter, choice_filter, clean_filter, echo
from grants.foundation.web.tables import url_with

from . import queries
from .queries import MOST_PEOPLE, Meant, TrailFilters
from .things import THINGS

NAMES = ("who", "verb", "kind", "since", "until", "grant")

WITHOUT_ACCOUNT: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "nobody": ("Nobody who was signed in", (ANYONE.key,)),
    "system": ("The system", ("command:", NOBODY.key)),
}
"""Words in place of a name, for what is done without an account."""

ROOMS: Mapping[str, str] = {
    "accounts": "Accounts and signing in",
    "funds": "Funds and rounds",
    "applications": "Applications",
    "review": "Review",
    "awards": "Decisions and awards",
    "payments": "Bank details and payments",
    "outcomes": "Reports",
    "desk": "Stories and the trail",
    "foundation": "The office and its records",
}
"""What the acts of a room are about, in the order of the page."""


@dataclass(frozen=True)
class TrailAsked:
    """What was asked for: the filters, and as it was typed, to be shown again."""

    filters: TrailFilters
    typed: Mapping[str, str]
    who: str = ""

    def in_words(self) -> list[tuple[str, str, str]]:
        """The filters in use as (label, value, address without it)."""
        filters, typed = self.filters, self.typed
        words = [
            ("Who", self.who, "who"),
            ("What", act.told if (act := all_acts().get(filters.verb)) else "", "verb"),
            ("About", THINGS[filters.kind].words if filters.kind else "", "kind"),
            ("From", long_date(filters.since) if filters.since else "", "since"),
            ("To", long_date(filters.until) if filters.until else "", "until"),
            ("Grant", filters.grant.references[0] if filters.grant else "", "grant"),
        ]
        return [(label, value, url_with(**{name: None, "after": None})) for label, value, name in words if typed[name]]


def acts_by_room() -> list[tuple[str, list[tuple[str, str]]]]:
    """The acts that one can ask for, as (value, words), by what they are about."""
    found: dict[str, list[tuple[str, str]]] = {room: [] for room in ROOMS}
    for act in all_acts().values():
        if (room := _room_of(act)) in found:
            found[room].append((act.value, act.told))
    return [(ROOMS[room], sorted(acts, key=lambda act: act[1])) for room, acts in found.items() if acts]


def _room_of(act: Act) -> str:
    return type(act).__module__.split(".")[1]


def kinds() -> list[tuple[str, str]]:
    """The kinds of things that one can ask for, as (value, words)."""
    return sorted(((name, thing.words) for name, thing in THINGS.items()), key=lambda one: one[1])


def read_filters() -> TrailAsked:
    """Read the address. Raises BadFilter. At most one query."""
    typed = {name: clean_filter(request.args.get(name), name=f"The filter “{name}”") for name in NAMES}
    known = {act.value: act for act in all_acts().values() if _room_of(act) in ROOMS}
    act = choice_filter(typed["verb"], known, name="The deed")
    since, until = _day(typed["since"], "since"), _day(typed["until"], "until")
    if since and until and since > until:
        raise BadFilter("The first day is after the last one. Change one of them.", "since")
    said, actors = WITHOUT_ACCOUNT.get(typed["who"].casefold(), ("", ()))
    meant = _meant("" if actors else typed["who"], typed["grant"])
    filters = TrailFilters(
        people=tuple(meant.people),
        actors=actors,
        verb=act.value if act else "",
        has_detail=bool(act and act.detail),
        kind=typed["kind"] if choice_filter(typed["kind"], THINGS, name="The kind of thing") else "",
        since=since,
        until=until,
        grant=meant if typed["grant"] else None,
    )
    if _number(typed["who"]) is not None:
        said = ", ".join(meant.people.values())
    return TrailAsked(filters, typed, said or typed["who"])


def _number(who: str) -> int | None:
    """The number of a person, where one was given in place of a name."""
    return int(who) if re.fullmatch("[0-9]{1,18}", who) else None


def _meant(who: str, reference: str) -> Meant:
    """Whom and which grant the words mean. A number is that of a person. Raises BadFilter."""
    number = _number(who)
    meant = queries.meant(words=who if number is None else "", number=number, reference=reference)
    if who and not meant.people:
        raise BadFilter(f"Nobody has “{echo(who)}” in their name or e-mail address. Type less of it.", "who")
    if len(meant.people) > MOST_PEOPLE:
        raise BadFilter(f"“{echo(who)}” fits more than {MOST_PEOPLE} people. Type more of the name.", "who")
    if reference and not meant.references:
        raise BadFilter(
            f"There is no application and no award “{echo(reference)}”. Give one like SCF-21-0008.", "grant"
        )
    return meant


def _day(text: str, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadFilter(f"“{echo(text)}” is not a day. Give one like 2026-11-27.", name) from None
