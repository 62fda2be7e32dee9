"""Bank details of organisations: sealed, never edited in place."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Organisation, Person
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, Versioned, one_of
from grants.foundation.records.files import StoredFile
from grants.foundation.values.statuses import Status

HOLD = timedelta(hours=48)
"""How long a change of details that are in force waits before anybody can verify it."""


class BankStatus(Status):
    """Where a set of bank details is in its life."""

    GIVEN = "given", "To be verified", "wait"
    VERIFIED = "verified", "Verified", "yes"
    REFUSED = "refused", "Refused", "no"
    BLOCKED = "blocked", "Blocked", "no"
    REPLACED = "replaced", "Replaced", "quiet"


class CheckMethod(StrEnum):
    """How a finance officer found that details are right."""

    PROOF = "proof"
    CALL = "call"
    BOTH = "both"

    @property
    def label(self) -> str:
        """The method as a choice on a form."""
        return {
            "proof": "They agree with the bank statement or letter",
            "call": "Somebody of the group confirmed them when I rang the number on file",
            "both": "Both: the proof agrees, and I rang the number on file",
        }[self.value]


class Compared(StrEnum):
    """What a finance officer compared with the proof."""

    NAME = "name"
    SORT_CODE = "sort code"
    NUMBER = "account number"
    DATE = "date of the proof"

    @property
    def label(self) -> str:
        """What was compared as a choice on a form."""
        return {
            "name": "The name on the account",
            "sort code": "The sort code",
            "account number": "The account number",
            "date of the proof": "The date of the proof: it is no older than three months",
        }[self.value]


class BankDetails(Versioned, Model):
    """One set of details as a group gave it. Others are another row; of a group at most one is in force.

    `sealed` holds name, numbers and telephone, encrypted: see `sealing`. `last_digits` is all that lists show.
    `changes_id` is the set in force, or blocked, that this one would replace; then it cannot be verified before
    `held_until` (UTC).
    `account_digest` is a keyed digest of sort code and number, by which the same account is found under another group;
    `shared_why` is why that is right. The proof is a stored file, encrypted under a key of its own, which is sealed in
    `proof_key`.
    """

    __tablename__ = "bank_details"

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    status: Mapped[str]
    sealed: Mapped[str]
    last_digits: Mapped[str]
    account_digest: Mapped[str] = mapped_column(index=True)
    given_at: Mapped[datetime]
    given_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    changes_id: Mapped[int | None] = mapped_column(ForeignKey("bank_details.id"), index=True)
    held_until: Mapped[datetime | None]
    proof_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"), index=True)
    proof_key: Mapped[str] = mapped_column(default="")
    proof_name: Mapped[str] = mapped_column(default="")
    proof_media_type: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    method: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    compared: Mapped[str] = mapped_column(default="")
    shared_why: Mapped[str] = mapped_column(default="")
    supplier_number: Mapped[str] = mapped_column(default="")
    why: Mapped[str] = mapped_column(default="")

    organisation: Mapped[Organisation] = relationship()
    given_by: Mapped[Person] = relationship(foreign_keys=[given_by_id])
    checked_by: Mapped[Person | None] = relationship(foreign_keys=[checked_by_id])
    changes: Mapped[BankDetails | None] = relationship(remote_side="BankDetails.id")
    proof: Mapped[StoredFile | None] = relationship()

    __table_args__ = (
        one_of("status", BankStatus),
        CheckConstraint("length(last_digits) = 4", name="shows_four_digits"),
        CheckConstraint("(changes_id IS NULL) = (held_until IS NULL)", name="held_if_change"),
        CheckConstraint("held_until IS NULL OR held_until > given_at", name="held_after_given"),
        CheckConstraint("status <> 'given' OR checked_at IS NULL", name="not_checked_while_given"),
        CheckConstraint("(checked_at IS NULL) = (checked_by_id IS NULL)", name="checked_by_somebody"),
        CheckConstraint(
            "status <> 'verified' OR (checked_at IS NOT NULL AND proof_id IS NOT NULL AND method <> '')",
            name="proven_if_verified",
        ),
        CheckConstraint("status <> 'verified' OR compared <> ''", name="says_what_was_compared_if_verified"),
        CheckConstraint(
            "status <> 'verified' OR changes_id IS NULL OR (note <> '' AND checked_at >= held_until)",
            name="change_is_called_back_after_its_hold",
        ),
        CheckConstraint("status <> 'refused' OR (checked_at IS NOT NULL AND why <> '')", name="has_reason_if_refused"),
        CheckConstraint("(proof_id IS NULL) = (proof_key = '')", name="proof_is_sealed"),
        Index("ix_bank_details_organisation_id_id", "organisation_id", "id"),
        Index("ix_bank_details_status_given_at_id", "status", "given_at", "id"),
        *(
            Index(
                f"uq_bank_details_one_{status}",
                "organisation_id",
                unique=True,
                sqlite_where=text(f"status = '{status}'"),
                postgresql_where=text(f"status = '{status}'"),
            )
            for status in ("given", "verified", "blocked")
        ),
    )

    @property
    def state(self) -> BankStatus:
        """The status as what it is."""
        return BankStatus(self.status)

    @property
    def ending(self) -> str:
        """All that a list shows of it: "ending 4321"."""
        return f"ending {self.last_digits}"


append_only(BankDetails.__table__)
