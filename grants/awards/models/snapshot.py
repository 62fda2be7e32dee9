"""How an award stands now, in one row for lists."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from grants.foundation.records.db import Model, one_of, pence_check
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence

from .award import PUBLIC_STATUSES


class AwardSnapshot(Model):
    """An award as it stands now, in one row for lists: derived from the ledger, never typed into.

    `status` is the public one. `awarded_pence` is NULL where the amount is not known, `committed_pence` and
    `paid_pence` where this system holds no record of its payments. `search` is what a person may look for, without
    case. `report_due_on` is the day by which its group reports, NULL until something is paid. The row is stored with
    every deed of the ledger, so its CHECKs hold the sums of the ledger too.
    """

    __tablename__ = "award_standings"

    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    primary_topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), index=True)
    priority_id: Mapped[int | None] = mapped_column(ForeignKey("priorities.id"), index=True)
    fund_code: Mapped[str]
    round_code: Mapped[str]
    organisation_name: Mapped[str]
    organisation_key: Mapped[str]
    title: Mapped[str]
    purpose: Mapped[str]
    conditions: Mapped[str]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    primary_topic: Mapped[str]
    other_topics: Mapped[str]
    districts: Mapped[str]
    award_day: Mapped[Day]
    award_last: Mapped[date]
    requested_pence: Mapped[Pence | None]
    awarded_pence: Mapped[Pence | None]
    committed_pence: Mapped[Pence | None]
    paid_pence: Mapped[Pence | None]
    returned_pence: Mapped[Pence]
    report_due_on: Mapped[date | None]
    is_project: Mapped[bool]
    illustrative: Mapped[bool]
    search: Mapped[str]
    first_published_at: Mapped[datetime]
    last_changed_at: Mapped[datetime]

    __table_args__ = (
        one_of("status", PUBLIC_STATUSES),
        *(pence_check(f"{name}_pence") for name in ("requested", "awarded", "committed", "paid", "returned")),
        CheckConstraint("paid_pence <= committed_pence", name="paid_within_committed"),
        CheckConstraint("NOT is_project OR committed_pence <= awarded_pence", name="committed_within_awarded"),
        CheckConstraint("NOT is_project OR returned_pence <= awarded_pence", name="returned_within_awarded"),
        CheckConstraint("returned_pence <= paid_pence", name="returned_within_paid"),
        CheckConstraint("is_project OR awarded_pence = 0", name="nothing_awarded_if_withdrawn"),
        Index("ix_award_standings_award_last_award_id", "award_last", "award_id"),
        Index("ix_award_standings_fund_id_award_last_award_id", "fund_id", "award_last", "award_id"),
        Index("ix_award_standings_organisation_key_award_id", "organisation_key", "award_id"),
        Index("ix_award_standings_awarded_pence_award_id", "awarded_pence", "award_id"),
        Index("ix_award_standings_report_due_on_award_id", "report_due_on", "award_id"),
    )

    @property
    def is_paid_here(self) -> bool:
        """Whether it was decided in this system, which then holds every payment of it: `Award.is_paid_here`."""
        return self.committed_pence is not None


def known_returned(paid: Pence | None, returned: Pence) -> Pence | None:
    """What came back of an award, or None where this system has no record of its payments: that nothing was returned is
    known of what was paid here alone.
    """
    return returned if returned or paid is not None else None
