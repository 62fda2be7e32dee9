"""Whom the office pays, in which batches, and what its bank did. See the modules for each."""

from .bank import HOLD, BankDetails, BankStatus, CheckMethod, Compared
from .batch import (
    LONGEST_WHY,
    MOST_PAYMENTS,
    Batch,
    BatchCounter,
    BatchFile,
    BatchStatus,
    FileKind,
    Payment,
    PaymentStatus,
)
from .returns import LONGEST_FINANCE_REFERENCE, MOST_RETURN_LINES, ReturnFile, ReturnLine, ReturnOutcome, ReturnWords
from .reversal import Reversal, ReversalKind, ReversalStatus
from .taken import TakenAward, TakenState

__all__ = [
    "HOLD",
    "LONGEST_FINANCE_REFERENCE",
    "LONGEST_WHY",
    "MOST_PAYMENTS",
    "MOST_RETURN_LINES",
    "BankDetails",
    "BankStatus",
    "Batch",
    "BatchCounter",
    "BatchFile",
    "BatchStatus",
    "CheckMethod",
    "Compared",
    "FileKind",
    "Payment",
    "PaymentStatus",
    "ReturnFile",
    "ReturnLine",
    "ReturnOutcome",
    "ReturnWords",
    "Reversal",
    "ReversalKind",
    "ReversalStatus",
    "TakenAward",
    "TakenState",
]
