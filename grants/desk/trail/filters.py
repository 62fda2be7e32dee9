"""What of the trail somebody wants to see, read from the address. What is not known is refused in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from flask import request

from grants.foundation.records.actors import ANYONE, NOBODY
from grants.foundation.records.acts import Act, all_acts
from grants.foundation.values.days import long_date
from grants.foundation.values.words import tidy, without_hidden
from grants.foundation.web.filters import LONGEST_FILTER, BadFilter, choice_filter, clean_filter, echo, name_filter
from grants.foundation.web.forms import FormError
from grants.foundation.web.tables import url_with
from grants.payments.acts import PaymentAct

from . import queries
from .queries import MOST_GROUPS, MOST_PEOPLE, Meant, TrailFilters
from .things import THINGS

T = TypeVar("T")

MOST_TOLD = 3
"""So many groups that words mean are named; of more it is said how many."""

NAMES = ("who", "verb", "group", "grant", "kind", "since", "until")
MORE = ("kind", "since", "until")
"""Those that are asked for less often: the form folds them away."""

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


SEVERAL: Mapping[str, tuple[str, str, tuple[Act, ...]]] = {
    "see bank details": (
        "payments",
        "Saw bank details (any way)",
        (
            PaymentAct.SHOW_BANK_DETAILS,
            PaymentAct.OPEN_PROOF_OF_BANK_DETAILS,
            PaymentAct.DOWNLOAD_PAYMENT_FILE_XLSX,
            PaymentAct.DOWNLOAD_PAYMENT_FILE_CSV,
            PaymentAct.DOWNLOAD_RETURN_FILE,
        ),
    ),
}
"""What one choice means of several acts: the room that offers it, its words, and the acts."""


@dataclass(frozen=True)
class TrailAsked:
    """What was asked for: the filters, what is wrong with any by its name, and as it was typed, to be shown again.

    `who` and `group` say whom words mean. Where anything is wrong, `filters` mean nothing.
    """

    filters: TrailFilters
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    who: str = ""
    group: str = ""

    def or_refuse(self) -> TrailFilters:
        """The filters. Raises BadFilter where anything is wrong."""
        for name, sentence in self.errors.items():
            raise BadFilter(sentence, name)
        return self.filters

    def errors_in_order(self) -> list[FormError]:
        """What is wrong, in the order of the page."""
        return [FormError(name, self.errors[name]) for name in NAMES if name in self.errors]

    @property
    def is_unfolded(self) -> bool:
        """Whether the form shows the filters that it folds away: one is in use, or wrong."""
        return any(self.typed[name] or name in self.errors for name in MORE)

    def in_words(self) -> list[tuple[str, str, str]]:
        """The filters in use as (label, value, address without it)."""
        if self.errors:
            return []
        filters, typed = self.filters, self.typed
        words = [
            ("Who", self.who, "who"),
            ("What", _words_of_acts().get(typed["verb"], ""), "verb"),
            ("Group", self.group, "group"),
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
    for value, (room, words, _acts) in SEVERAL.items():
        found[room].append((value, words))
    return [(ROOMS[room], sorted(acts, key=lambda act: act[1])) for room, acts in found.items() if acts]


def _words_of_acts() -> dict[str, str]:
    return {value: words for _room, acts in acts_by_room() for value, words in acts}


def _room_of(act: Act) -> str:
    return type(act).__module__.split(".")[1]


def kinds() -> list[tuple[str, str]]:
    """The kinds of things that one can ask for, as (value, words)."""
    return sorted(((name, thing.words) for name, thing in THINGS.items()), key=lambda one: one[1])


class _Reading:
    """The address as it is read: what is wrong with a filter is kept by its name, for the page to say beside it."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}
        given = {name: without_hidden(tidy(request.args.get(name, ""))) for name in NAMES}
        self.typed = {name: text[:LONGEST_FILTER] for name, text in given.items()}

    def read(self, name: str, of: Callable[[str], T]) -> T | None:
        """What a filter means, or None where it means nothing or is left empty."""
        try:
            text = clean_filter(request.args.get(name), name=f"The filter “{name}”")
            return of(text) if text else None
        except BadFilter as wrong:
            self.errors[name] = str(wrong)
            return None


def read_filters() -> TrailAsked:
    """Read the address: what means nothing is told by the name of its filter. At most one query."""
    reading = _Reading()
    acts = reading.read("verb", _acts) or ()
    kind = reading.read("kind", lambda text: name_filter(text, lambda: THINGS, name="The kind of thing"))
    since, until = (reading.read(name, _day) for name in ("since", "until"))
    if since and until and since > until:
        reading.errors["since"] = "The first day is after the last one. Change one of them."
    who, group, grant = (reading.read(name, str) or "" for name in ("who", "group", "grant"))
    said, actors = WITHOUT_ACCOUNT.get(who.casefold(), ("", ()))
    meant = _meant(reading, "" if actors else who, group, grant)
    filters = TrailFilters(
        people=tuple(meant.people),
        actors=actors,
        verbs=tuple(act.value for act in acts),
        has_detail=any(act.detail for act in acts),
        kind=kind or "",
        since=since,
        until=until,
        grant=meant.of_grant if grant else None,
        group=meant.of_groups if group else None,
    )
    if _number(who) is not None:
        said = ", ".join(meant.people.values())
    names = list(meant.groups.values())
    groups = ", ".join(names) if len(names) <= MOST_TOLD else f"{len(names)} groups like “{group}”"
    return TrailAsked(filters, reading.typed, reading.errors, said or who, groups)


def _acts(text: str) -> tuple[Act, ...]:
    known = {act.value: (act,) for act in all_acts().values() if _room_of(act) in ROOMS}
    several = {value: acts for value, (_room, _words, acts) in SEVERAL.items()}
    return choice_filter(text, known | several, name="The deed") or ()


def _number(who: str) -> int | None:
    """The number of a person, where one was given in place of a name."""
    return int(who) if re.fullmatch("[0-9]{1,18}", who) else None


def _meant(reading: _Reading, who: str, group: str, reference: str) -> Meant:
    """Whom, which groups and which grant the words mean. A number is that of a person."""
    number = _number(who)
    meant = queries.meant(words=who if number is None else "", number=number, group=group, reference=reference)
    if who and not meant.people:
        reading.errors["who"] = f"Nobody has “{echo(who)}” in their name or e-mail address. Type less of it."
    if len(meant.people) > MOST_PEOPLE:
        reading.errors["who"] = f"“{echo(who)}” fits more than {MOST_PEOPLE} people. Type more of the name."
    if group and not meant.groups:
        reading.errors["group"] = f"No group has “{echo(group)}” in its name or number. Type less of it."
    if len(meant.groups) > MOST_GROUPS:
        reading.errors["group"] = f"“{echo(group)}” fits more than {MOST_GROUPS} groups. Type more of the name."
    if reference and not meant.of_grant.references:
        sentence = f"There is no application and no award “{echo(reference)}”. Give one like SCF-21-0008."
        reading.errors["grant"] = sentence
    return meant


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadFilter(f"“{echo(text)}” is not a day. Give one like 2026-11-27.") from None
