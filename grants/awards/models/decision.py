"""What was decided on an application."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Person
from grants.applications.models import Application
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, one_of, pence_check
from grants.foundation.values.money import Pence

LONGEST_REASON = 4000
"""Characters of a reason that is published or kept in the ledger."""


class Outcome(StrEnum):
    """What was decided."""

    APPROVED = "approved"
    DECLINED = "declined"


class Decision(Model):
    """What the decision maker decided on one application, with the reasons that the law asks to publish.

    `requested_pence` is what was asked for, `less_reason` why less is approved, `feedback` what the panel said that the
    group may read. `content` is canonical JSON: the decision with what it was decided on, under its SHA-256.
    """

    __tablename__ = "decisions"

    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), unique=True)
    reference: Mapped[str] = mapped_column(unique=True)
    outcome: Mapped[str]
    requested_pence: Mapped[Pence]
    amount_pence: Mapped[Pence]
    reasons: Mapped[str]
    less_reason: Mapped[str]
    feedback: Mapped[str]
    conditions: Mapped[str]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    decided_at: Mapped[datetime]
    decision_maker: Mapped[str]
    department: Mapped[str]
    legal_power: Mapped[str]
    interests: Mapped[str]
    over_pot_reason: Mapped[str]
    content: Mapped[str]
    sha256: Mapped[str]

    application: Mapped[Application] = relationship()
    decided_by: Mapped[Person] = relationship()

    __table_args__ = (
        one_of("outcome", Outcome),
        pence_check("amount_pence"),
        CheckConstraint("(outcome = 'approved') = (amount_pence > 0)", name="has_amount_if_approved"),
        pence_check("requested_pence"),
        CheckConstraint("amount_pence <= requested_pence", name="not_more_than_was_asked"),
        CheckConstraint(
            "outcome = 'declined' OR amount_pence = requested_pence OR less_reason <> ''", name="has_reason_if_less"
        ),
        CheckConstraint("reasons <> ''", name="has_reasons"),
    )


append_only(Decision.__table__)
