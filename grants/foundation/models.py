"""The tables of the foundation, gathered so that an app that needs none of their modules still has them."""

from .records.audit import AuditLine, HistoryValue
from .records.files import StoredFile
from .records.held import RowDigest
from .records.office import Office
from .records.once import IdempotencyKey
from .records.outbox import OutboxMessage

__all__ = ["AuditLine", "HistoryValue", "IdempotencyKey", "Office", "OutboxMessage", "RowDigest", "StoredFile"]
