"""What finance has taken of an award for its own system."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model
from grants.foundation.values.money import Pence
from grants.foundation.values.statuses import Status


class TakenState(Status):
    """How an award stands to what finance has taken of it."""

    NEW = "new", "New", "wait"
    CHANGED = "changed", "Changed", "wait"
    TAKEN = "taken", "Taken", "quiet"


class TakenAward(Model):
    """An award as finance took it, to commit its money. The latest of an award is what finance knows."""

    __tablename__ = "taken_awards"

    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), index=True)
    taken_at: Mapped[datetime]
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    is_project: Mapped[bool]
    awarded_pence: Mapped[Pence | None]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    title: Mapped[str]
    fund_code: Mapped[str]
    round_code: Mapped[str]


append_only(TakenAward.__table__)
