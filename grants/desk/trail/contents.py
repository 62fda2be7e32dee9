"""Lines of the trail as somebody may read them: who, what, about what, and what changed, in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from grants.accounts.models import Person
from grants.accounts.rights import titles_of
from grants.desk.story.words import SAID, told
from grants.foundation.records import held
from grants.foundation.records.acts import act_of
from grants.foundation.records.audit import AuditLine
from grants.foundation.values.days import BadDay, Day
from grants.foundation.values.money import pounds_exact
from grants.foundation.values.words import count_characters, some
from grants.foundation.web.pages import day, instant

from . import queries, rules
from .queries import KeptValue, Named, Names
from .things import THINGS

LONGEST_SHOWN = 200
"""Characters of a value that are shown: the thing itself has the whole of it."""

NOT_TOLD = frozenset({"slug", "name_key", "key", "version", "saved_at", "application_id", "award_id", "proof_id"})
"""Fields that say again what stands beside them, or nothing to a reader; so does the line's own reference."""

FIELDS: Mapping[str, str] = {
    "organisation": "group",
    "organisation_id": "group",
    "to_group_id": "group",
    "person_id": "person",
    "started_by_id": "started by",
    "most_words": "most words",
    "illustrative": "illustrative",
    "email": "e-mail address",
    "email_confirmed_at": "address confirmed",
    "disabled_at": "closed",
    "made_at": "made",
    "exported_at": "sent to be paid",
    "exported_by_id": "sent to be paid by",
}
"""What a field is called, where its own name does not say it."""

NAMED_BY = {
    "organisation_id": "organisations",
    "to_group_id": "organisations",
    "person_id": "people",
    "topics": "topics",
    "districts": "districts",
    "priority": "priorities",
    "priority_id": "priorities",
    "fund_id": "funds",
    "round_id": "rounds",
    "plan_id": "plans",
}
"""The kind of thing whose number, or whose numbers, a field holds; so does one that ends in `by_id`, of people."""


@dataclass(frozen=True)
class Door:
    """The page of somebody or something. Its address is made where it is shown: a file shows none."""

    endpoint: str
    values: Mapping[str, Any]

    @property
    def url(self) -> str:
        """Its address."""
        return url_for(self.endpoint, **self.values)


@dataclass(frozen=True)
class Who:
    """Who did it: their name and address, and their page, or where the reader may not open that, all that they did."""

    name: str
    door: Door | None = None
    email: str = ""


@dataclass(frozen=True)
class About:
    """What it was done to: the kind in words, what it is called, its page where the reader may open it."""

    kind: str
    name: str = ""
    more: str = ""
    door: Door | None = None

    def __str__(self) -> str:
        return " ".join(filter(None, [self.kind, self.name]))


@dataclass(frozen=True)
class Change:
    """What a field held before and after, in words; nothing is an empty text."""

    field: str
    before: str
    after: str

    def __str__(self) -> str:
        if self.before and self.after:
            return f"{self.field}: from {self.before} to {self.after}"
        return f"{self.field}: {self.after}" if self.after else f"{self.field}: no longer {self.before}"


@dataclass(frozen=True)
class ToldLine:
    """One line. `unseen` says why the reader does not see what changed, or that it is not kept any more."""

    line_number: int
    at: datetime
    who: Who
    what: str
    about: About | None
    changes: tuple[Change, ...]
    unseen: str
    why: str
    hash: str

    @property
    def email(self) -> str:
        """The address of who did it, by which two people of one name differ; "" for what is done without an account."""
        return self.who.email

    @property
    def changed(self) -> str:
        """All that changed, in one text."""
        return " | ".join([*map(str, self.changes), *([self.unseen] if self.unseen else [])])


def tell(person: Person, lines: Sequence[AuditLine]) -> list[ToldLine]:
    """The lines as the person may read them. Two queries, whatever they are about."""
    if not lines:
        return []
    kept = queries.kept_of(lines)
    names = Names()
    for line in lines:
        _want(names, line, kept.get(line.id, ()))
    names.read(person)
    return [_told(person, line, kept.get(line.id, ()), names) for line in lines]


def _want(names: Names, line: AuditLine, kept: Sequence[KeptValue]) -> None:
    """Note what has to be named for a line: who did it, the thing, and what its values speak of by number."""
    if number := _number_of(line.actor):
        names.ids["people"].add(number)
    if line.thing_id is not None:
        names.ids[line.kind].add(line.thing_id)
    elif line.reference:
        names.keys[line.kind].add(line.reference)
    for value in kept:
        kind, numbers = _numbers_in(value)
        names.ids[kind].update(numbers)


def _number_of(actor: str) -> int | None:
    kind, _, number = actor.partition(":")
    return int(number) if kind == "person" and number.isdecimal() else None


def _numbers_in(value: KeptValue) -> tuple[str, set[int]]:
    """The kind of things that a value speaks of by number, and their numbers."""
    if value.field == "member":
        return "people", {number for text in (value.before, value.after) if (number := _number_of(text))}
    kind = NAMED_BY.get(value.field) or ("people" if value.field.endswith("by_id") else "")
    if not kind:
        return "people", set()
    texts = [value.before, value.after]
    return kind, {int(found) for text in texts if _IS_NUMBERS.fullmatch(text) for found in re.findall(r"\d+", text)}


_IS_NUMBERS = re.compile(r"\d{1,15}|\[[\d, ]*\]")


def _told(person: Person, line: AuditLine, kept: Sequence[KeptValue], names: Names) -> ToldLine:
    thing = names.of(line.kind, line.thing_id, line.reference)
    ruling = rules.can_see_changes(person, line.kind, is_tied=thing is not None and thing.is_tied)
    has_changes = bool(kept) or bool(_fields_of(line))
    changes = tuple(_changes(line, kept, names)) if ruling else ()
    unseen = str(ruling.reason) if has_changes and not ruling else _erased(line, kept)
    return ToldLine(
        line_number=line.id,
        at=line.at,
        who=_who(person, line.actor, names),
        what=_what(line, kept if ruling else ()),
        about=_about(person, line, thing),
        changes=changes,
        unseen=unseen,
        why=line.why,
        hash=line.hash,
    )


def _fields_of(line: AuditLine) -> set[str]:
    return set(json.loads(line.digests)) - {held.ROWS}


def _erased(line: AuditLine, kept: Sequence[KeptValue]) -> str:
    gone = len(_fields_of(line) - {value.field for value in kept})
    return f"{some(gone, 'value')} no longer kept" if gone else ""


def _what(line: AuditLine, kept: Sequence[KeptValue]) -> str:
    """The deed as a story tells it, with its detail and what it came to."""
    act = act_of(line.verb)
    detail = line.verb.removeprefix(act.value).strip() if act and act.detail else ""
    after = {(value.field, value.after) for value in kept}
    came_to = next((words for (verb, *said), words in SAID.items() if verb == line.verb and tuple(said) in after), "")
    words = f"{told(line.verb)}: {detail.replace('_', ' ')}" if detail else told(line.verb)
    return f"{words}. {came_to}" if came_to else words


def _who(person: Person, actor: str, names: Names) -> Who:
    if number := _number_of(actor):
        found = names.of("people", number)
        name = found.name if found else f"Somebody who was forgotten ({number})"
        return Who(name, _door(person, found) if found else _all_of(number), found.more if found else "")
    kind, _, rest = actor.partition(":")
    return Who(f"The system ({rest})" if kind == "command" else queries.OUTSIDE.get(actor, actor))


def _about(person: Person, line: AuditLine, found: Named | None) -> About | None:
    if not line.kind:
        return None
    thing = THINGS.get(line.kind)
    if thing is None:
        return About(line.kind.replace("_", " ").capitalize(), line.reference)
    if line.thing_id is None and not line.reference:
        return About(thing.words)
    if found is None:
        return About(thing.word, "" if thing.id is None or ":" in line.reference else line.reference)
    return About(thing.word, found.name, "" if found.is_tied else found.more, _door(person, found))


def _door(person: Person, found: Named) -> Door | None:
    """The page of a thing where the person may open it, else none; of somebody at least what they did."""
    thing = THINGS[found.kind]
    if thing.page is None or (thing.opens and not person.may(thing.opens)):
        return _all_of(found.id) if found.kind == Person.__tablename__ else None
    if found.is_tied and thing.bid is not None and found.kind != "awards":
        return None
    endpoint, argument = thing.page
    return Door(endpoint, {argument: found.key})


def _all_of(person_id: int) -> Door:
    return Door("desk.audit", {"who": person_id})


# What changed


def _changes(line: AuditLine, kept: Sequence[KeptValue], names: Names) -> Iterator[Change]:
    for value in kept:
        if value.field in NOT_TOLD or value.field in rules.NEVER_SHOWN or _says_again(line, value):
            continue
        before, after = (_in_words(line.kind, value, text, names) for text in (value.before, value.after))
        if before != after:
            yield Change(_field(value.field), before, after)


def _says_again(line: AuditLine, value: KeptValue) -> bool:
    return value.field == "reference" and value.after == line.reference


def _field(name: str) -> str:
    words = FIELDS.get(name) or re.sub(r"_(pence|at|on|id)$", "", name).replace("_", " ")
    return words[:1].upper() + words[1:]


def _in_words(of: str, value: KeptValue, text: str, names: Names) -> str:
    """A kept value as somebody reads it: amounts in pounds, days, instants and statuses in words, things by name."""
    kind, numbers = _numbers_in(value)
    if numbers and (text.isdecimal() or text.startswith(("[", "person:"))):
        here = [int(found) for found in re.findall(r"\d+", text)]
        return _cut(", ".join(one.name if (one := names.of(kind, number)) else str(number) for number in here))
    if value.field == "status":
        return _status(of, text)
    if value.field.endswith("_pence") and re.fullmatch(r"-?\d{1,15}", text):
        return pounds_exact(int(text))
    return _cut(_timed(text) or _plain(value.field, text))


def _status(of: str, text: str) -> str:
    known = THINGS[of].statuses if of in THINGS else None
    words = {status.value: status.label for status in known} if known else {}
    return words.get(text) or _cut(text)


def _timed(text: str) -> str:
    """An instant or a day in words, or "" where a text is neither."""
    if _IS_INSTANT.fullmatch(text):
        return instant(datetime.fromisoformat(text))
    try:
        return day(Day.parse(text)) if _IS_DAY.fullmatch(text) else ""
    except BadDay:
        return ""


_IS_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
_IS_DAY = re.compile(r"(by )?\d{4}-\d\d-\d\d")
_PLAIN = {"True": "yes", "False": "no", "[]": "", "{}": "", "None": ""}


def _plain(field: str, text: str) -> str:
    if field in {"role", "roles"}:
        return titles_of(text)
    if text in _PLAIN:
        return _PLAIN[text]
    if text.startswith(("[", "{")):
        try:
            return _flat(json.loads(text), is_money=field == "lines")
        except ValueError:
            return text
    return text


def _flat(value: Any, *, is_money: bool) -> str:
    """What lists and tables hold, in one line."""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_flat(one, is_money=is_money)}" for name, one in value.items())
    if isinstance(value, list):
        parts = [_flat(one, is_money=is_money) for one in value]
        deep = any(isinstance(one, list) for one in value)
        return ("; " if deep else ", ").join(part for part in parts if part)
    if value is None:
        return ""
    return str(pounds_exact(value)) if is_money and isinstance(value, int) else _timed(str(value)) or str(value)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if count_characters(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1].rstrip() + "…"
