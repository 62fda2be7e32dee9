"""What an award is before and after a variation, as plain values; frozen, and compared line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from grants.accounts.models import Organisation
from grants.awards.models import Award, AwardSnapshot, AwardStatus, Variation, VariationKind
from grants.foundation.records import audit
from grants.foundation.records.frozen import Content, Kind, fill
from grants.foundation.values.money import Pence, pounds_exact

VARIATION: Kind[Content] = Kind("variation", form=1)


@dataclass(frozen=True)
class Terms:
    """What of an award a variation can change. The amount is pence; 0 while it is withdrawn."""

    amount_pence: int
    organisation_id: int
    organisation: str
    title: str
    purpose: str

    @property
    def facts(self) -> dict[str, str]:
        """The terms as people read them."""
        return {
            "Grant": pounds_exact(Pence(self.amount_pence)),
            "Group": self.organisation,
            "Project": self.title,
            "Purpose": self.purpose,
        }


def terms_of(snapshot: AwardSnapshot) -> Terms:
    """What holds now."""
    return Terms(
        amount_pence=snapshot.awarded_pence or 0,
        organisation_id=snapshot.organisation_id,
        organisation=snapshot.organisation_name,
        title=snapshot.title,
        purpose=snapshot.purpose,
    )


def changed(before: Terms, *, amount: Pence, group: Organisation, title: str, purpose: str) -> Terms:
    """The terms with what somebody typed in place of what holds."""
    return replace(
        before,
        amount_pence=amount,
        organisation_id=group.id,
        organisation=group.name,
        title=" ".join(title.split()),
        purpose=purpose.strip(),
    )


def freeze(award: Award, kind: VariationKind, status: AwardStatus, before: Terms, after: Terms) -> tuple[str, str]:
    """The canonical JSON of a variation and its SHA-256."""
    return VARIATION.freeze(
        {
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
    return fill(Terms, content["before"]), fill(Terms, content["after"])


def differences(before: Terms, after: Terms) -> Iterator[tuple[str, str, str]]:
    """What differs, as (what, before, after) in words."""
    for what, was in before.facts.items():
        if was != (now := after.facts[what]):
            yield what, was, now


@VARIATION.reader(1)
def _first_form(content: Content) -> Content:
    return content


def audited(before: Terms, after: Terms) -> dict[str, tuple[Any, Any]]:
    """What changes, for the audit trail: by numbers where there are such."""
    old, new = asdict(before), asdict(after)
    return {name: (old[name], new[name]) for name in old if name != "organisation" and old[name] != new[name]}
