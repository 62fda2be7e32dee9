"""What the office offers for an award, and the agreement that comes of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Person
from grants.foundation.db import Id, Model, Versioned, one_of, pence_check
from grants.foundation.money import Pence

from .award import Award


class OfferStatus(StrEnum):
    """What became of an offer."""

    MADE = "made"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"


class Offer(Versioned, Model):
    """An offer of an award to its group. `expires_at` is the instant (UTC) by which it is accepted, or lapses.

    The latest offer of an award counts. `completed_at` is when the office found that nothing is left to do.
    """

    __tablename__ = "offers"

    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), index=True)
    status: Mapped[str]
    amount_pence: Mapped[Pence]
    conditions: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    signatory_name: Mapped[str] = mapped_column(default="")
    signatory_position: Mapped[str] = mapped_column(default="")
    why: Mapped[str] = mapped_column(default="")
    completed_at: Mapped[datetime | None]

    award: Mapped[Award] = relationship()
    answered_by: Mapped[Person | None] = relationship()

    __table_args__ = (
        one_of("status", OfferStatus),
        pence_check("amount_pence", least=1),
        CheckConstraint("(status = 'made') = (answered_at IS NULL)", name="is_answered_if_not_open"),
        CheckConstraint(
            "status <> 'accepted' OR (signatory_name <> '' AND answered_by_id IS NOT NULL)",
            name="has_signatory_if_accepted",
        ),
        CheckConstraint("completed_at IS NULL OR status = 'accepted'", name="accepted_if_completed"),
        CheckConstraint("made_at < expires_at", name="expires_after_it_is_made"),
        Index(
            "uq_offers_one_live_offer", "award_id", unique=True,
            sqlite_where=text("status IN ('made', 'accepted')"),
            postgresql_where=text("status IN ('made', 'accepted')"),
        ),
    )  # fmt: skip
