"""The tables of awards: decisions, their notices, the awards, their ledger, their offers, and how each stands now."""

from __future__ import annotations

from .award import (
    FROM_THE_START,
    PUBLIC_STATUSES,
    Award,
    AwardChange,
    AwardDistrict,
    AwardStatus,
    AwardTopic,
    ChangedField,
    ImportedRow,
)
from .decision import LONGEST_REASON, Decision, Outcome
from .ledger import LONGEST_BANK_REFERENCE, Account, EntryKind, LedgerEntry
from .notice import LONGEST_NOTICE_TITLE, MOST_IN_NOTICE, DecisionNotice, NoticeDecision, NoticeYear
from .offer import Agreement, Offer, OfferStatus
from .request import RequestStatus, VariationRequest
from .snapshot import AwardSnapshot, known_returned
from .variation import Level, Variation, VariationKind, VariationStatus

__all__ = [
    "FROM_THE_START",
    "LONGEST_BANK_REFERENCE",
    "LONGEST_NOTICE_TITLE",
    "LONGEST_REASON",
    "MOST_IN_NOTICE",
    "PUBLIC_STATUSES",
    "Account",
    "Agreement",
    "Award",
    "AwardChange",
    "AwardDistrict",
    "AwardSnapshot",
    "AwardStatus",
    "AwardTopic",
    "ChangedField",
    "Decision",
    "DecisionNotice",
    "EntryKind",
    "ImportedRow",
    "LedgerEntry",
    "Level",
    "NoticeDecision",
    "NoticeYear",
    "Offer",
    "OfferStatus",
    "Outcome",
    "RequestStatus",
    "Variation",
    "VariationKind",
    "VariationRequest",
    "VariationStatus",
    "known_returned",
]
