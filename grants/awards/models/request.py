"""What a group asks to be changed of its grant, before anybody begins a variation of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Person
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, Versioned, one_of
from grants.foundation.values.statuses import Status

from .award import Award
from .variation import Variation


class RequestStatus(Status):
    """What became of a request."""

    OPEN = "open", "To be answered", "wait"
    TAKEN_UP = "taken up", "Taken up", "yes"
    DECLINED = "declined", "Not taken up", "no"
    TAKEN_BACK = "taken back", "Taken back", "quiet"


class VariationRequest(Versioned, Model):
    """What a group asks to be changed of its grant, in its own words, and what the office answered.

    One that is taken up names the variation that an officer began for it.
    """

    __tablename__ = "variation_requests"

    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), index=True)
    status: Mapped[str]
    wish: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    answer: Mapped[str] = mapped_column(default="")
    variation_id: Mapped[int | None] = mapped_column(ForeignKey("variations.id"), index=True)

    award: Mapped[Award] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])
    variation: Mapped[Variation | None] = relationship()

    __table_args__ = (
        one_of("status", RequestStatus),
        CheckConstraint("wish <> ''", name="has_wish"),
        CheckConstraint("(status = 'open') = (answered_at IS NULL)", name="answered_if_not_open"),
        CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name="answered_by_somebody"),
        CheckConstraint("status <> 'declined' OR answer <> ''", name="has_answer_if_declined"),
        CheckConstraint("(status = 'taken up') = (variation_id IS NOT NULL)", name="has_variation_if_taken_up"),
        Index(
            "uq_variation_requests_one_open",
            "award_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_variation_requests_status_asked_at_id", "status", "asked_at", "id"),
    )

    @property
    def state(self) -> RequestStatus:
        """The status as what it is."""
        return RequestStatus(self.status)


append_only(VariationRequest.__table__)
