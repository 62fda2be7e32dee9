"""What is done on the desks, across the rooms."""

from __future__ import annotations

from grants.foundation.records.acts import GIVES, Act


class DeskAct(Act):
    """What is done on the desks, across the rooms."""

    EXPORT_STORY = "export story", "Exported the story of the grant", *GIVES
    EXPORT_AUDIT_TRAIL = "export audit trail", "Exported lines of the audit trail", *GIVES
