"""What of an award that was decided here is changed afterwards, and who agreed to it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Person
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, Versioned, one_of
from grants.foundation.values.statuses import Status

from .award import Award


class VariationKind(StrEnum):
    """What a variation does."""

    CHANGE = "change"
    WITHDRAWAL = "withdrawal"
    REINSTATEMENT = "reinstatement"

    @property
    def label(self) -> str:
        """What it does, on a page."""
        return {
            "change": "Change the award",
            "withdrawal": "Withdraw the award",
            "reinstatement": "Take the withdrawal back",
        }[self.value]

    @property
    def told(self) -> str:
        """What it did, once it is in force."""
        return {
            "change": "the award was changed",
            "withdrawal": "the award was withdrawn",
            "reinstatement": "the withdrawal was taken back",
        }[self.value]


class VariationStatus(Status):
    """Where a variation is in its life."""

    WAITING = "waiting", "To be approved", "wait"
    IN_FORCE = "in force", "In force", "yes"
    REFUSED = "refused", "Refused", "no"
    CANCELLED = "cancelled", "Taken back", "quiet"


class Level(StrEnum):
    """Whose approval a variation needs."""

    OFFICER = "officer"
    DECISION_MAKER = "decision maker"

    @property
    def label(self) -> str:
        """Whose approval, as a sentence ends."""
        return {"officer": "a second grants officer", "decision maker": "the decision maker"}[self.value]


class Variation(Versioned, Model):
    """A change of an award that was decided here: begun by an officer, approved by another.

    `content` is canonical JSON of what it was before and is after, under its SHA-256. It takes effect when it is
    approved. `to_group_id` is the group that takes the award over, where it is another: nobody of it deals with the
    award from then on. Where it `needs_agreement`, nothing is paid until the group has agreed: `agreement` is frozen
    then.
    """

    __tablename__ = "variations"

    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"))
    number: Mapped[int]
    reference: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    level: Mapped[str]
    status: Mapped[str]
    to_group_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    reason: Mapped[str]
    content: Mapped[str]
    sha256: Mapped[str]
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    judged_at: Mapped[datetime | None]
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    why: Mapped[str] = mapped_column(default="")
    needs_agreement: Mapped[bool] = mapped_column(default=False)
    agreed_at: Mapped[datetime | None]
    agreed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    agreement: Mapped[str] = mapped_column(default="")
    agreement_sha256: Mapped[str] = mapped_column(default="")

    award: Mapped[Award] = relationship()
    begun_by: Mapped[Person] = relationship(foreign_keys=[begun_by_id])
    judged_by: Mapped[Person | None] = relationship(foreign_keys=[judged_by_id])
    agreed_by: Mapped[Person | None] = relationship(foreign_keys=[agreed_by_id])

    __table_args__ = (
        one_of("kind", VariationKind),
        one_of("level", Level),
        one_of("status", VariationStatus),
        UniqueConstraint("award_id", "number"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("length(sha256) = 64", name="sha256_is_whole"),
        CheckConstraint("(status = 'waiting') = (judged_at IS NULL)", name="judged_if_not_waiting"),
        CheckConstraint("(judged_at IS NULL) = (judged_by_id IS NULL)", name="judged_by_somebody"),
        CheckConstraint("status <> 'in force' OR judged_by_id <> begun_by_id", name="approved_by_another"),
        CheckConstraint("status <> 'refused' OR why <> ''", name="has_reason_if_refused"),
        CheckConstraint("NOT needs_agreement OR status = 'in force'", name="in_force_if_to_be_agreed"),
        CheckConstraint("agreed_at IS NULL OR needs_agreement", name="agreed_only_if_asked"),
        CheckConstraint(
            "(agreed_at IS NULL) = (agreed_by_id IS NULL) AND (agreed_at IS NULL) = (agreement = '')",
            name="agreed_by_somebody_with_its_words",
        ),
        Index(
            "uq_variations_one_waiting",
            "award_id",
            unique=True,
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_variations_status_begun_at_id", "status", "begun_at", "id"),
    )

    @property
    def state(self) -> VariationStatus:
        """The status as what it is."""
        return VariationStatus(self.status)

    @property
    def what(self) -> VariationKind:
        """What it does."""
        return VariationKind(self.kind)

    @property
    def whose(self) -> Level:
        """Whose approval it needs."""
        return Level(self.level)

    @property
    def is_to_be_agreed(self) -> bool:
        """Whether the group has still to agree, before anything more is paid."""
        return self.needs_agreement and self.agreed_at is None


append_only(Variation.__table__)
