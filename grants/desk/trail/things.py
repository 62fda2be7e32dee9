"""The kinds of things that the trail is about: what each is called, where its page is, and who reads what it holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Boolean, Select, Text, cast, exists, false, literal, null, or_, select

from grants.accounts.models import Invitation, Organisation, Person
from grants.accounts.rights import Right
from grants.applications.models import Application, ApplicationStatus, Bar, Clarification
from grants.awards.models import Award, AwardSnapshot, AwardStatus, DecisionNotice, Variation, VariationStatus
from grants.foundation.records.office import Office
from grants.foundation.values.statuses import Status
from grants.funds.models import (
    Criterion,
    District,
    EligibilityQuestion,
    Fund,
    Plan,
    Priority,
    Question,
    Round,
    RoundStatus,
    Topic,
)
from grants.outcomes.reports.models import Report, ReportStatus
from grants.payments.models import (
    BankDetails,
    BankStatus,
    Batch,
    BatchStatus,
    Payment,
    PaymentStatus,
    ReturnFile,
    Reversal,
    ReversalStatus,
)
from grants.review.models import RecommendationSet, ScoreSheet

Joins = tuple[tuple[Any, Any], ...]
"""What is joined, and on what."""

OF_BIDS = (Right.READ_APPLICATIONS, Right.READ_DRAFTS)


@dataclass(frozen=True)
class ThingKind:
    """A kind of thing: its words, the columns that name one, its page, and the rights that what it holds asks for.

    `key` is what the address of the `page` names, by default the number; `opens` is the right that the page asks for.
    `more` is told beside the name to whoever is not tied to it: `group`, `other` and `bid` say who is. A kind
    that nobody `reads` keeps what changed in it to itself. `statuses` has the words of its status.
    """

    word: str
    words: str
    id: Any = None
    name: Any = None
    key: Any = None
    more: Any = None
    joins: Joins = ()
    group: Any = None
    other: Any = None
    bid: Any = None
    page: tuple[str, str] | None = None
    opens: Right | None = None
    reads: tuple[Right, ...] = ()
    statuses: type[Status] | None = None


OPEN = (Right.READ_AUDIT_TRAIL,)
_OF_AWARD: Joins = ((AwardSnapshot, AwardSnapshot.award_id == Award.id),)
_ROUND_PAGE: dict[str, Any] = {"page": ("applications.round_progress", "slug"), "opens": Right.FOLLOW_ROUNDS}


def _of_round(model: Any) -> dict[str, Any]:
    return {"id": model.id, "name": Round.code, "key": Round.slug, "joins": ((Round, Round.id == model.round_id),)}


def _of_bid(model: Any) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": Application.reference,
        "key": Application.reference,
        "more": Application.title,
        "joins": () if model is Application else ((Application, Application.id == model.application_id),),
        "group": Application.organisation_id,
        "bid": Application.id,
        "page": ("applications.application", "reference"),
        "opens": Right.READ_APPLICATIONS,
    }


def _of_award(*joins: tuple[Any, Any]) -> dict[str, Any]:
    return {
        "more": AwardSnapshot.title,
        "joins": (*joins, *_OF_AWARD),
        "group": AwardSnapshot.organisation_id,
        "other": Award.organisation_id,
        "bid": Award.application_id,
    }


THINGS: Mapping[str, ThingKind] = {
    "people": ThingKind(
        "Person",
        "People",
        id=Person.id,
        name=Person.name,
        more=Person.email,
        page=("accounts.person", "person_id"),
        opens=Right.MANAGE_PEOPLE,
        reads=OPEN,
    ),
    "organisations": ThingKind("Group", "Groups", id=Organisation.id, name=Organisation.name, reads=OPEN),
    "invitations": ThingKind(
        "Invitation",
        "Invitations to a group",
        id=Invitation.id,
        name=Organisation.name,
        joins=((Organisation, Organisation.id == Invitation.organisation_id),),
        reads=OPEN,
    ),
    "funds": ThingKind("Fund", "Funds", id=Fund.id, name=Fund.code, reads=OPEN),
    "plans": ThingKind("Plan", "Plans", id=Plan.id, name=Plan.name, reads=OPEN),
    "priorities": ThingKind("Priority", "Priorities", id=Priority.id, name=Priority.name, reads=OPEN),
    "topics": ThingKind("Topic", "Topics", id=Topic.id, name=Topic.name, reads=OPEN),
    "districts": ThingKind("District", "Districts", id=District.id, name=District.name, reads=OPEN),
    "rounds": ThingKind(
        "Round",
        "Rounds",
        id=Round.id,
        name=Round.code,
        key=Round.slug,
        reads=OPEN,
        statuses=RoundStatus,
        **_ROUND_PAGE,
    ),
    "questions": ThingKind("Question", "Questions of a round", reads=OPEN, **_of_round(Question), **_ROUND_PAGE),
    "eligibility_questions": ThingKind(
        "Eligibility question",
        "Eligibility questions of a round",
        reads=OPEN,
        **_of_round(EligibilityQuestion),
        **_ROUND_PAGE,
    ),
    "criteria": ThingKind("Criterion", "Criteria of a round", reads=OPEN, **_of_round(Criterion), **_ROUND_PAGE),
    "applications": ThingKind(
        "Application", "Applications", reads=OF_BIDS, statuses=ApplicationStatus, **_of_bid(Application)
    ),
    "clarifications": ThingKind("Question to a group", "Questions to groups", reads=OF_BIDS, **_of_bid(Clarification)),
    "score_sheets": ThingKind("Scores", "Scores and interests", reads=(Right.READ_SCORES,), **_of_bid(ScoreSheet)),
    "recommendation_sets": ThingKind(
        "Recommendations",
        "Recommendations made together",
        reads=(Right.READ_SCORES,),
        page=("review.ranked", "slug"),
        opens=Right.READ_RANKING,
        **_of_round(RecommendationSet),
    ),
    "decision_notices": ThingKind(
        "Decision notice",
        "Decision notices",
        id=DecisionNotice.id,
        name=DecisionNotice.reference,
        key=DecisionNotice.reference,
        page=("awards.notice", "number"),
        reads=(Right.READ_OFFERS,),
    ),
    "awards": ThingKind(
        "Award",
        "Awards",
        id=Award.id,
        name=Award.reference,
        key=Award.reference,
        page=("register.award", "reference"),
        reads=(Right.READ_OFFERS,),
        statuses=AwardStatus,
        **_of_award(),
    ),
    "variations": ThingKind(
        "Variation",
        "Variations of awards",
        id=Variation.id,
        name=Variation.reference,
        key=Variation.reference,
        page=("awards.variation", "reference"),
        opens=Right.READ_VARIATIONS,
        reads=(Right.READ_VARIATIONS,),
        statuses=VariationStatus,
        **_of_award((Award, Award.id == Variation.award_id)),
    ),
    "reports": ThingKind(
        "Report",
        "Reports",
        id=Report.id,
        name=Award.reference,
        key=Award.reference,
        page=("outcomes.report", "reference"),
        opens=Right.READ_REPORTS,
        reads=(Right.READ_REPORTS,),
        statuses=ReportStatus,
        **_of_award((Award, Award.id == Report.award_id)),
    ),
    "bank_details": ThingKind(
        "Bank details",
        "Bank details",
        id=BankDetails.id,
        name=Organisation.name,
        joins=((Organisation, Organisation.id == BankDetails.organisation_id),),
        group=BankDetails.organisation_id,
        page=("payments.details", "details_id"),
        opens=Right.READ_PAYMENTS,
        reads=(Right.READ_PAYMENTS,),
        statuses=BankStatus,
    ),
    "batches": ThingKind(
        "Batch of payments",
        "Batches of payments",
        id=Batch.id,
        name=Batch.number,
        key=Batch.number,
        page=("payments.batch", "number"),
        opens=Right.READ_PAYMENTS,
        reads=(Right.READ_PAYMENTS,),
        statuses=BatchStatus,
    ),
    "payments": ThingKind(
        "Payment",
        "Payments",
        id=Payment.id,
        name=Payment.reference,
        key=Payment.reference,
        page=("payments.payment", "reference"),
        opens=Right.READ_PAYMENTS,
        reads=(Right.READ_PAYMENTS,),
        statuses=PaymentStatus,
        **_of_award((Award, Award.id == Payment.award_id)),
    ),
    "reversals": ThingKind(
        "Payment put right",
        "Payments put right",
        id=Reversal.id,
        name=Payment.reference,
        page=("payments.reversal", "reversal_id"),
        opens=Right.READ_PAYMENTS,
        reads=(Right.READ_PAYMENTS,),
        statuses=ReversalStatus,
        **_of_award((Payment, Payment.id == Reversal.payment_id), (Award, Award.id == Payment.award_id)),
    ),
    "return_files": ThingKind(
        "Return file",
        "Return files of the bank",
        id=ReturnFile.id,
        name=ReturnFile.name.concat(" (").concat(cast(ReturnFile.id, Text)).concat(")"),
        page=("payments.return_file", "return_id"),
        opens=Right.READ_PAYMENTS,
        reads=(Right.READ_PAYMENTS,),
    ),
    "taken_awards": ThingKind("Awards for finance", "Awards for finance", reads=(Right.READ_PAYMENTS,)),
    "return_words": ThingKind("Words of return files", "Words of return files", reads=(Right.READ_PAYMENTS,)),
    "office": ThingKind("Office", "The office", id=Office.id, name=Office.name, reads=OPEN),
    "audit_lines": ThingKind("The audit trail", "The audit trail", reads=OPEN),
    **{
        f"{name}.csv": ThingKind(f"File of {words}", f"Files of {words}", reads=OPEN)
        for name, words in {
            "funds": "funds",
            "plans": "plans",
            "districts": "districts",
            "topics": "topics",
            "rounds": "rounds",
            "published_figures": "announced figures",
        }.items()
    },
}
"""Every kind by its name in the trail: that of its table, or of the file that brought it."""


def named(kind: str, ids: Collection[int], keys: Collection[str], person: Person) -> Select[*tuple[Any, ...]] | None:
    """The things of a kind with these numbers or keys: what each is called, and what ties the person to it."""
    thing = THINGS.get(kind)
    if thing is None or thing.id is None:
        return None
    key = thing.id if thing.key is None else thing.key
    barred = (
        false() if thing.bid is None else exists().where(Bar.application_id == thing.bid, Bar.person_id == person.id)
    )
    found: Select[*tuple[Any, ...]] = select(
        literal(kind).label("kind"),
        cast(thing.id, BigInteger).label("id"),
        cast(key, Text).label("key"),
        cast(thing.name, Text).label("name"),
        cast(null() if thing.more is None else thing.more, Text).label("more"),
        cast(null() if thing.group is None else thing.group, BigInteger).label("group_id"),
        cast(null() if thing.other is None else thing.other, BigInteger).label("other_id"),
        cast(barred, Boolean).label("is_barred"),
    ).select_from(thing.id.class_)
    for joined, on in thing.joins:
        found = found.outerjoin(joined, on)
    if thing.key is None or not keys:
        return found.where(thing.id.in_(ids))
    return found.where(or_(thing.id.in_(ids), key.in_({*keys, *(one.lower() for one in keys)})))
