"""The tables of the foundation, gathered so that an app that needs none of their modules still has them."""

from .audit import AuditLine, HistoryValue
from .files import StoredFile
from .office import Office
from .once import IdempotencyKey
from .outbox import OutboxMessage

__all__ = ["AuditLine", "HistoryValue", "IdempotencyKey", "Office", "OutboxMessage", "StoredFile"]
