"""What a decision notice says: the data of its document, which is what its SHA-256 is taken of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from grants.applications import contents as bids
from grants.awards.models import DecisionNotice
from grants.foundation.documents.pdf import canonical, in_words, letterhead, printable, typst_pdf, unprintable
from grants.foundation.records.audit import as_text
from grants.foundation.records.frozen import Content, Kind
from grants.foundation.records.office import Office
from grants.foundation.values.clock import london
from grants.foundation.values.days import long_date
from grants.foundation.values.money import Pence, pounds, pounds_exact
from grants.foundation.web.pages import instant, plural
from grants.funds.models import Round
from grants.review.rules import Pot

from .queries import Signable

NOTICE: Kind[Content] = Kind("decision notice", form=1)

TEMPLATE = "decision_notice"


def content_of(
    *,
    reference: str,
    title: str,
    a_round: Round,
    office: Office,
    announced: Sequence[tuple[Pence, str]],
    lines: Sequence[Signable],
    interests: str,
    signature: str,
    signed_at: datetime,
) -> dict[str, Any]:
    """Everything that a notice publishes, ready for its document. Amounts stand in pence and in words.

    `announced` is what is awarded in the round before: see `announced_approvals`.
    A group whose bid was declined is not named, and neither is anything that it wrote: see docs/decisions.md.
    """
    approved = [line for line in lines if line.is_approved]
    declined = [line.application.reference for line in lines if not line.is_approved]
    total = sum(line.decision.amount_pence for line in approved)
    return {
        "form": NOTICE.form,
        "reference": reference,
        "title": title,
        "office": letterhead(office),
        "date": long_date(london(signed_at).date()),
        "fund": a_round.fund.name,
        "round": a_round.code,
        "department": office.department,
        "decision_maker": office.decision_maker,
        "legal_power": office.legal_power,
        "illustrative": any(line.application.illustrative for line in lines),
        "approved": [_approved(line) for line in approved],
        "approved_count": plural(len(approved), "project"),
        "total": pounds_exact(total),
        "total_pence": total,
        "pot": _pot(a_round, announced, approved),
        "declined": declined,
        "declined_count": plural(len(declined), "application"),
        "interests": interests,
        "signature": signature,
        "signed_at": as_text(signed_at),
        "signed": instant(signed_at, zone=True),
    }


def _approved(line: Signable) -> dict[str, Any]:
    application, decision, bid = line.application, line.decision, bids.of_submission(line.submission)
    return {
        "reference": application.reference,
        "decision": decision.reference,
        "recipient": application.organisation.name,
        "charity_number": application.organisation.charity_number,
        "company_number": application.organisation.company_number,
        "project": application.title,
        "purpose": bid.summary,
        "requested": pounds_exact(decision.requested_pence),
        "requested_pence": decision.requested_pence,
        "amount": pounds_exact(decision.amount_pence),
        "amount_pence": decision.amount_pence,
        "reasons": decision.reasons,
        "conditions": decision.conditions,
    }


def _pot(a_round: Round, announced: Sequence[tuple[Pence, str]], approved: Sequence[Signable]) -> dict[str, Any]:
    """The round's pot, and by how much what is announced is over it, with why.

    What is decided and not announced is no part of it: the notice is public.
    """
    if a_round.pot_pence is None:
        return {"words": "", "reasons": []}
    now = [(line.decision.amount_pence, line.decision.over_pot_reason) for line in approved]
    pot = Pot(a_round.pot_pence, Pence(sum(amount for amount, _ in [*announced, *now])))
    words = (
        f"The pot of the round is {pounds(pot.pot)}. So far, this notice included, {pounds(pot.approved)} is approved"
    )
    words += f", which is {pounds(pot.excess())} more than the pot." if pot.excess() else "."
    reasons = [why for _, why in ([*announced, *now] if pot.excess() else now) if why]
    return {"words": words, "reasons": list(dict.fromkeys(reasons))}


def frozen(content: dict[str, Any]) -> tuple[str, str, bytes]:
    """The canonical JSON of a notice, its SHA-256, and the document, which has the SHA-256 in its foot.

    Raises Unprintable.
    """
    return *NOTICE.freeze(printable(content)), typst_pdf(TEMPLATE, content, is_signed=True)


def cannot_be_printed(lines: Sequence[Signable]) -> dict[str, str]:
    """What to say, by reference, of approvals that hold letters which no font of ours has: they cannot be signed."""
    texts = {line.application.reference: canonical(_approved(line)) for line in lines if line.is_approved}
    missing = unprintable("\n".join(texts.values()))
    found = {reference: [each for each in missing if each in text] for reference, text in texts.items()}
    return {reference: in_words(characters) for reference, characters in found.items() if characters}


def of_notice(notice: DecisionNotice) -> Content:
    """What a notice publishes, as it was signed. Raises UnknownForm."""
    return NOTICE.read(notice.content)


@NOTICE.reader(1)
def _first_form(content: Content) -> Content:
    return content


def total_of(lines: Sequence[Signable]) -> Pence:
    """What the approvals among them come to, in pence."""
    return Pence(sum(line.decision.amount_pence for line in lines))
