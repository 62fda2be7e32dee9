"""A story, told: its items in their order, each with its money at the right edge, and the sums at the foot."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count, groupby
from typing import Any

from grants.awards.models import Account, Outcome
from grants.foundation.records.audit import HistoryValue
from grants.foundation.records.outbox import MailStatus
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence, pounds_exact
from grants.foundation.values.words import some

from .queries import Beside, Kept, Subject, TrailLine
from .rules import Visibility
from .words import SAID, only_gives, run_of, told

COLUMNS = ("asked", "recommended", "approved", "paid", "returned")
"""The money of a grant, always in this order."""

_ACCOUNTS = {Account.AWARDED: "approved", Account.PAID: "paid", Account.RETURNED: "returned"}
A_MOMENT = timedelta(seconds=5)
"""A deed is done within it, its letters and all."""
_MAIL = {
    MailStatus.QUEUED: "is to be sent",
    MailStatus.SENDING: "is being sent",
    MailStatus.SENT: "is sent",
    MailStatus.FAILED: "could not be sent",
    MailStatus.VOID: "was taken back before it was sent",
}


@dataclass(frozen=True)
class StoryMoney:
    """Amounts in pence, each None where there is none."""

    asked: int | None = None
    recommended: int | None = None
    approved: int | None = None
    paid: int | None = None
    returned: int | None = None

    def of(self, column: str) -> int | None:
        """The amount of a column."""
        amount: int | None = getattr(self, column)
        return amount

    def plus(self, column: str, pence: int) -> StoryMoney:
        """The same with an amount added to a column."""
        return replace(self, **{column: (self.of(column) or 0) + pence})


@dataclass(frozen=True)
class Link:
    """A document of the story: its words, and the page that answers for it."""

    words: str
    endpoint: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Item:
    """One thing that happened: when (UTC), what, by whom; its audit lines, details, documents and money."""

    at: datetime
    what: str
    who: str
    lines: tuple[TrailLine, ...] = ()
    details: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    money: StoryMoney = field(default_factory=StoryMoney)

    @property
    def numbers(self) -> str:
        """The numbers of its audit lines, like 12 or 12–17."""
        if not self.lines:
            return ""
        first, last = self.lines[0].line.id, self.lines[-1].line.id
        return str(first) if first == last else f"{first}–{last}"


@dataclass(frozen=True)
class Story:
    """One grant's story as somebody may read it. `wrong` are lines that were changed behind the trail's back."""

    subject: Subject
    visibility: Visibility
    items: tuple[Item, ...]
    foot: StoryMoney
    wrong: dict[int, str]

    @property
    def columns(self) -> list[str]:
        """The columns of money that hold something."""
        return [name for name in COLUMNS if any(item.money.of(name) is not None for item in self.items)]

    @property
    def checked(self) -> int:
        """How many audit lines it is made of."""
        return sum(len(item.lines) for item in self.items)


def tell(
    subject: Subject,
    visibility: Visibility,
    trail: Sequence[TrailLine],
    others: Sequence[Beside],
    *,
    wrong: dict[int, str],
    kept: Kept,
) -> Story:
    """The story out of its facts, as far as the reader's visibility goes."""
    seen = [one for one in trail if visibility.sees(one.line.kind) and not only_gives(one.line.verb)]
    versions = count(1)
    items = [_with_files(_item(subject, run, versions, kept), others) for run in _runs(seen)]
    items = _with_ledger(items, [one for one in others if one.source == "ledger"])
    items = [*items, *_letters(visibility, others)]
    deeds = sorted(item.at for item in items if item.lines)
    items.sort(key=lambda item: _place(item, deeds))
    shown = {one.line.id for one in seen}
    return Story(
        subject,
        visibility,
        tuple(items),
        _foot(items),
        {number: why for number, why in wrong.items() if number in shown},
    )


def _place(item: Item, deeds: Sequence[datetime]) -> tuple[datetime, bool, int]:
    """Where an item stands. A letter is queued a moment before the line of the deed that sends it, and comes after."""
    if item.lines:
        return item.at, False, item.lines[0].line.id
    deed = bisect_left(deeds, item.at)
    with_it = deed < len(deeds) and deeds[deed] - item.at <= A_MOMENT
    return deeds[deed] if with_it else item.at, True, 0


def _runs(trail: Sequence[TrailLine]) -> Iterator[tuple[TrailLine, ...]]:
    """The lines, saves by one person that follow each other together."""
    return (tuple(run) for _, run in groupby(trail, key=_told_together))


def _told_together(one: TrailLine) -> tuple[str, str | int]:
    """The same for saves of one thing by one person, and for no two other lines."""
    kind = run_of(one.line.verb)
    return (kind, one.line.actor) if kind else ("", one.line.id)


def _item(subject: Subject, run: tuple[TrailLine, ...], versions: Iterator[int], kept: Kept) -> Item:
    last = run[-1]
    verb = last.line.verb
    if kind := run_of(verb):
        return Item(last.line.at, kind, last.who, run, (some(len(run), "time"),) if len(run) > 1 else ())
    named = last.line.reference if last.line.kind in {"decision_notices", "batches"} else ""
    return Item(
        last.line.at,
        f"{told(verb)} {named}".strip(),
        last.who,
        run,
        tuple(filter(None, [_said(verb, kept.get(last.line.id, [])), last.line.why])),
        tuple(_links(subject, last, versions)),
        _money(subject, verb),
    )


def _said(verb: str, kept: Sequence[HistoryValue]) -> str:
    """What a deed came to, in words, as far as its values are still kept."""
    after = {value.field: value.after for value in kept}
    words = next((SAID[verb, name, value] for name, value in after.items() if (verb, name, value) in SAID), "")
    pence = after.get("amount_pence", "") if after.get("outcome") == Outcome.APPROVED else ""
    return f"{words}: {pounds_exact(int(pence))}" if pence else words


def _money(subject: Subject, verb: str) -> StoryMoney:
    if verb == "submit application":
        return StoryMoney(asked=subject.application.requested_pence)
    return StoryMoney(recommended=subject.recommended) if verb == "recommend" else StoryMoney()


def _links(subject: Subject, one: TrailLine, versions: Iterator[int]) -> Iterator[Link]:
    reference, verb = subject.reference, one.line.verb
    if verb == "submit application":
        yield Link("The application (PDF)", "applications.pdf", {"reference": reference})
    elif verb == "sign decision notice":
        yield Link("The decision notice (PDF)", "awards.notice_pdf", {"number": one.line.reference})
    elif verb == "accept offer":
        yield Link("The agreement (PDF)", "awards.agreement", {"reference": reference})
    elif verb == "submit report":
        yield Link("The report (PDF)", "outcomes.report_pdf", {"reference": reference, "number": next(versions)})
    elif verb == "approve batch":
        yield Link("The batch", "payments.batch", {"number": one.line.reference})


def _with_ledger(items: list[Item], entries: Sequence[Beside]) -> list[Item]:
    """Put each entry of the ledger to the deed that made it: the next audit line about the award."""
    found = list(items)
    deeds = [at for at, item in enumerate(found) if any(one.line.kind == "awards" for one in item.lines)]
    for entry in entries:
        place = next((at for at in deeds if found[at].at >= entry.at), None)
        if place is None:
            found.append(_entered(Item(entry.at, "Entered in the ledger", ""), entry))
        else:
            found[place] = _entered(found[place], entry)
    return found


def _entered(item: Item, entry: Beside) -> Item:
    """The item with an entry: its amount in its column, or in words where it has none."""
    column, money = _ACCOUNTS.get(Account(entry.more)), item.money
    if column and entry.pence is not None:
        money = money.plus(column, -entry.pence if entry.more == Account.RETURNED else entry.pence)
    day = f" from {Day.parse(entry.day)}" if entry.day else ""
    words = f"Ledger: {entry.kind}, {pounds_exact(entry.pence)}{day}{f'. {entry.text}' if entry.text else ''}"
    return replace(item, money=money, details=(*item.details, words))


def _letters(visibility: Visibility, others: Sequence[Beside]) -> Iterator[Item]:
    """The letters that the reader may know of, each with what became of it; one that went to several people is one.

    It never says to whom. Letters about a bid are for those who read it.
    """
    seen: set[tuple[str, str, datetime]] = set()
    for one in others:
        key = (one.kind, one.text, one.at.replace(microsecond=0))
        if one.source == "letter" and key not in seen and _may_know(visibility, one.kind.partition(":")[0]):
            seen.add(key)
            yield Item(one.at, f"Letter: {one.text}", "", details=(f"It {_MAIL[MailStatus(one.more)]}.",))


def _may_know(visibility: Visibility, about: str) -> bool:
    payments = visibility.payments
    known = {"award": True, "application": visibility.bid, "payment": payments, "bank_details": payments}
    return known.get(about, False)


def _with_files(item: Item, others: Sequence[Beside]) -> Item:
    """The approval of a batch with the fingerprints of the files that it froze."""
    approved = {one.line.reference for one in item.lines if one.line.verb == "approve batch"}
    files = [one for one in others if one.source == "file" and one.text in approved]
    return replace(item, details=(*item.details, *(f"{one.kind.upper()} file, SHA-256 {one.more}" for one in files)))


def _foot(items: Sequence[Item]) -> StoryMoney:
    """What the columns come to. Asked and recommended are said and not added up."""
    foot = StoryMoney()
    for item in items:
        for name in COLUMNS:
            amount = item.money.of(name)
            if amount is None:
                continue
            foot = replace(foot, **{name: amount}) if name in {"asked", "recommended"} else foot.plus(name, amount)
    return foot


def net(foot: StoryMoney) -> Pence:
    """What was paid and did not come back, in pence."""
    return Pence((foot.paid or 0) - (foot.returned or 0))
