"""What an award is before and after a variation, as plain values; frozen, and compared line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from grants.accounts.models import Organisation
from grants.applications.contents import BidLine, of_submission
from grants.applications.models import Submission
from grants.awards.models import Award, AwardSnapshot, AwardStatus, Variation, VariationKind
from grants.foundation.records import audit
from grants.foundation.records.frozen import Content, Kind, fill
from grants.foundation.values.days import long_date
from grants.foundation.values.money import Pence, pounds_exact, shares
from grants.foundation.values.words import tidy_line

VARIATION: Kind[Content] = Kind("variation", form=2)
BUDGET = "Budget"
"""What the lines of a budget are called. They are not for the public."""


@dataclass(frozen=True)
class Terms:
    """What of an award a variation can change. The amount is pence; 0 while it is withdrawn."""

    amount_pence: int
    organisation_id: int
    organisation: str
    title: str
    purpose: str
    conditions: str
    starts_on: date | None
    ends_on: date | None
    budget: tuple[BidLine, ...]

    @property
    def facts(self) -> dict[str, str]:
        """The terms as people read them."""
        return {
            "Grant": pounds_exact(Pence(self.amount_pence)),
            "Group": self.organisation,
            "Project": self.title,
            "Purpose": self.purpose,
            "Conditions": self.conditions,
            "First day": _day(self.starts_on),
            "Last day": _day(self.ends_on),
            BUDGET: in_words(self.budget),
        }


@dataclass(frozen=True)
class Wanted:
    """What somebody wants of an award to be otherwise; None stays as it is. The amount is pence."""

    amount: Pence | None = None
    group: Organisation | None = None
    title: str | None = None
    purpose: str | None = None
    conditions: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    budget: tuple[BidLine, ...] | None = None

    def of(self, before: Terms) -> Terms:
        """The terms with this in place of what holds. A budget that nobody touched follows the amount."""
        other: dict[str, Any] = {
            name: value.strip() if isinstance(value, str) else value
            for name in ("purpose", "conditions", "starts_on", "ends_on")
            if (value := getattr(self, name)) is not None
        }
        if self.title is not None:
            other["title"] = tidy_line(self.title)
        if self.amount is not None:
            other["amount_pence"] = self.amount
        if self.group is not None:
            other |= {"organisation_id": self.group.id, "organisation": self.group.name}
        after = replace(before, **other)
        if self.budget is None or self.budget == before.budget:
            return replace(after, budget=shared_out(before.budget, after.amount_pence))
        return replace(after, budget=self.budget)


def terms_of(snapshot: AwardSnapshot, budget: Sequence[BidLine]) -> Terms:
    """What holds now; `budget` is that of the award, which the amount is shared out over."""
    return Terms(
        amount_pence=snapshot.awarded_pence or 0,
        organisation_id=snapshot.organisation_id,
        organisation=snapshot.organisation_name,
        title=snapshot.title,
        purpose=snapshot.purpose,
        conditions=snapshot.conditions,
        starts_on=snapshot.starts_on,
        ends_on=snapshot.ends_on,
        budget=shared_out(budget, snapshot.awarded_pence or 0),
    )


def shared_out(budget: Sequence[BidLine], amount: int) -> tuple[BidLine, ...]:
    """An amount in pence over the lines of a budget, as they are to each other."""
    parts = shares([line.amount_pence for line in budget], amount)
    return tuple(BidLine(line.item, part) for line, part in zip(budget, parts, strict=True))


def budget_of(submission: Submission, changed: str | None) -> tuple[BidLine, ...]:
    """The budget of an award: of the content of the last change that is in force, or of its bid. Raises UnknownForm."""
    lines = _terms(VARIATION.read(changed)["after"]).budget if changed else ()
    return lines or of_submission(submission).budget


def in_words(budget: Sequence[BidLine]) -> str:
    """The lines of a budget, each on a line of its own."""
    return "\n".join(f"{line.item}: {pounds_exact(line.amount_pence)}" for line in budget)


def freeze(
    award: Award, kind: VariationKind, status: AwardStatus, before: Terms, after: Terms, **begun: object
) -> tuple[str, str]:
    """The canonical JSON of a variation and its SHA-256. `begun` is its reference, its reason, when (UTC), and why the
    decision maker approves it.
    """
    return VARIATION.freeze(
        {
            **begun,
            "award": award.reference,
            "kind": kind,
            "status": status,
            "before": asdict(before),
            "after": asdict(after),
            "decision_sha256": award.decision.sha256 if award.decision else "",
            "awarded_at": audit.as_text(award.entered_at),
        }
    )


def before_and_after(variation: Variation) -> tuple[Terms, Terms]:
    """What was frozen. Raises UnknownForm."""
    content = VARIATION.read(variation.content)
    return _terms(content["before"]), _terms(content["after"])


def why_the_decision_maker(variation: Variation) -> list[str]:
    """Why a second officer cannot approve it, in sentences. Raises UnknownForm."""
    because: list[str] = VARIATION.read(variation.content)["because"]
    return because


def differences(before: Terms, after: Terms) -> Iterator[tuple[str, str, str]]:
    """What differs, as (what, before, after) in words."""
    for what, was in before.facts.items():
        if was != (now := after.facts[what]):
            yield what, was, now


def audited(before: Terms, after: Terms) -> dict[str, tuple[Any, Any]]:
    """What changes, for the audit trail: by numbers where there are such."""
    old, new = (asdict(terms) | {"budget": in_words(terms.budget)} for terms in (before, after))
    return {name: (old[name], new[name]) for name in old if name != "organisation" and old[name] != new[name]}


@VARIATION.reader(1)
def _first_form(content: Content) -> Content:
    """The first form held no budget, and did not say why the decision maker approves."""
    return {"because": [], **content, **{when: {**content[when], "budget": []} for when in ("before", "after")}}


@VARIATION.reader(2)
def _second_form(content: Content) -> Content:
    return content


def _terms(values: Mapping[str, Any]) -> Terms:
    days = {name: date.fromisoformat(values[name]) if values[name] else None for name in ("starts_on", "ends_on")}
    return fill(Terms, values, **days, budget=tuple(fill(BidLine, line) for line in values["budget"]))


def _day(day: date | None) -> str:
    return long_date(day) if day else ""
