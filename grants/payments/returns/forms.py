"""The form of a return file."""

from __future__ import annotations

from grants.foundation.records.kinds import TABLES
from grants.foundation.web.fields.upload import UploadField
from grants.foundation.web.forms import CreatingForm

from .rows import Brought, bring


class ReturnForm(CreatingForm):
    """A file in which finance says what was paid."""

    returned = UploadField("Return file", thing="the return file", kinds=TABLES)
    brought: Brought | None = None

    def validate_returned(self, field: UploadField) -> None:
        """Read it, before `once` begins to write. Raises NoReturnFile."""
        if field.data is not None:
            self.brought = bring(field.data)
