"""What the office offers for an award, and the agreement that comes of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Person
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, Versioned, one_of, pence_check
from grants.foundation.values.money import Pence
from grants.foundation.values.statuses import Status

from .award import Award


class OfferStatus(Status):
    """What became of an offer."""

    MADE = "made", "Waiting for the group", "wait"
    ACCEPTED = "accepted", "Accepted", "yes"
    DECLINED = "declined", "Declined", "no"
    LAPSED = "lapsed", "Lapsed", "no"
    VOID = "void", "Parameters back", "no"


class Offer(Versioned, Model):
    """An offer of an award to its group. It can be accepted until `expires_at` (UTC); then the office may lapse it.

    The latest offer of an award counts. Amount, conditions and terms stay as they were offered. An offer is void
    where its award was withdrawn before the group answered. `why` is what the group said when it declined.
    `completed_at` is when the office found that nothing is left to do.
    """

    __tablename__ = "offers"

    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), index=True)
    status: Mapped[str]
    amount_pence: Mapped[Pence]
    conditions: Mapped[str]
    terms: Mapped[str]
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
            "uq_offers_one_live_offer",
            "award_id",
            unique=True,
            sqlite_where=text("status IN ('made', 'accepted')"),
            postgresql_where=text("status IN ('made', 'accepted')"),
        ),
    )


append_only(Offer.__table__)


class Agreement(Model):
    """What office and group agreed to: frozen when the offer was accepted. `content` is canonical JSON."""

    __tablename__ = "agreements"

    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"), primary_key=True)
    content: Mapped[str]
    sha256: Mapped[str]
    agreed_at: Mapped[datetime]

    offer: Mapped[Offer] = relationship()

    __table_args__ = (CheckConstraint("length(sha256) = 64", name="sha256_is_whole"),)


append_only(Agreement.__table__)
