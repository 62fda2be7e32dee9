"""The tables of the foundation, wherever they are written, so that the schema is whole however the app starts."""

from .audit import AuditLine, HistoryValue
from .office import Office
from .once import IdempotencyKey
from .outbox import OutboxMessage

__all__ = ["AuditLine", "HistoryValue", "IdempotencyKey", "Office", "OutboxMessage"]
