"""Totals as they were announced, to hold the records against."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, pence_check
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.funds.models import Fund, Topic


class PublishedFigure(Model):
    """One announced total: what was said, how exact it was, and who said it."""

    __tablename__ = "published_figures"

    id: Mapped[Id]
    as_at_day: Mapped[Day]
    as_at_last: Mapped[date]
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"), index=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), index=True)
    scope: Mapped[str]
    figure_kind: Mapped[str]
    amount_pence: Mapped[Pence | None]
    amount_quality: Mapped[str]
    count: Mapped[int | None]
    count_unit: Mapped[str]
    source: Mapped[str]

    fund: Mapped[Fund] = relationship(lazy="joined")
    topic: Mapped[Topic | None] = relationship(lazy="joined")

    __table_args__ = (
        UniqueConstraint("as_at_day", "fund_id", "scope", "figure_kind"),
        pence_check("amount_pence"),
    )


append_only(PublishedFigure.__table__)
