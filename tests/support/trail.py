"""The lines of the audit trail, as tests look at them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from grants.foundation.records.audit import AuditLine, HistoryValue
from grants.foundation.records.db import db


def last_line() -> int:
    """The number of the last line."""
    return db.session.scalar(select(func.max(AuditLine.id))) or 0


def lines_after(number: int) -> Sequence[AuditLine]:
    """What was written since."""
    return db.session.scalars(select(AuditLine).where(AuditLine.id > number).order_by(AuditLine.id)).all()


def kept_of(line: AuditLine) -> dict[str, tuple[str, str]]:
    """What a line keeps beside its digests: each field before and after."""
    values = db.session.scalars(select(HistoryValue).where(HistoryValue.line_id == line.id))
    return {value.field: (value.before, value.after) for value in values}
