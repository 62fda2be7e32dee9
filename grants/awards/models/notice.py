"""Decision notices: what was decided, as the decision maker signed and published it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Person
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, pence_check
from grants.foundation.records.numbers import YearNumbering
from grants.foundation.values.money import Pence
from grants.funds.models import Round

from .decision import Decision

MOST_IN_NOTICE = 200
"""Decisions in one notice: no more than a person can read before they sign."""

LONGEST_NOTICE_TITLE = 200


class NoticeYear(YearNumbering, Model):
    """The last number that a notice of a year has. Its row is held while one is signed, so that none is missed."""

    __tablename__ = "decision_notice_years"


class DecisionNotice(Model):
    """A notice as it was signed: public, frozen, with its number. `number` runs without a gap in its `year`.

    `content` is the canonical JSON that its SHA-256 is taken of, and holds only what may be published; `pdf` is the
    document that was made of it. A notice that corrects another points at it, and the old one stays.
    """

    __tablename__ = "decision_notices"

    id: Mapped[Id]
    year: Mapped[int]
    number: Mapped[int]
    reference: Mapped[str] = mapped_column(unique=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("decision_notices.id"), unique=True)
    title: Mapped[str]
    signed_at: Mapped[datetime]
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    approved_count: Mapped[int]
    approved_pence: Mapped[Pence]
    declined_count: Mapped[int]
    content: Mapped[str]
    sha256: Mapped[str]
    pdf: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    round: Mapped[Round] = relationship()
    signed_by: Mapped[Person] = relationship()
    corrects: Mapped[DecisionNotice | None] = relationship(remote_side="DecisionNotice.id")

    __table_args__ = (
        UniqueConstraint("year", "number"),
        CheckConstraint("number > 0", name="number_is_positive"),
        CheckConstraint("corrects_id < id", name="corrects_an_earlier_one"),
        CheckConstraint("approved_count >= 0 AND declined_count >= 0", name="counts_are_not_negative"),
        CheckConstraint("(approved_count = 0) = (approved_pence = 0)", name="has_total_if_approved"),
        pence_check("approved_pence"),
    )


class NoticeDecision(Model):
    """That a decision was announced by a notice: by one, and for good."""

    __tablename__ = "notice_decisions"

    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("decision_notices.id"), index=True)

    decision: Mapped[Decision] = relationship()
    notice: Mapped[DecisionNotice] = relationship()


append_only(DecisionNotice.__table__)
append_only(NoticeDecision.__table__)
