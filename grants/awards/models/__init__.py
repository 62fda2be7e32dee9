"""The tables of awards: decisions, the awards themselves, their ledger, their offers, and how each stands now."""

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
from .ledger import Account, EntryKind, LedgerEntry
from .offer import Agreement, Offer, OfferStatus
from .standing import AwardStanding

__all__ = [
    "FROM_THE_START",
    "LONGEST_REASON",
    "PUBLIC_STATUSES",
    "Account",
    "Agreement",
    "Award",
    "AwardChange",
    "AwardDistrict",
    "AwardStanding",
    "AwardStatus",
    "AwardTopic",
    "ChangedField",
    "Decision",
    "EntryKind",
    "ImportedRow",
    "LedgerEntry",
    "Offer",
    "OfferStatus",
    "Outcome",
]
