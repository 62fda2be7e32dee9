"""The form of a return file."""

from __future__ import annotations

from grants.foundation.records.kinds import TABLES
from grants.foundation.web.fields.text import TextField
from grants.foundation.web.fields.upload import UploadField
from grants.foundation.web.forms import CreatingForm, VersionedForm

from .contents import LONGEST_WORD, MOST_WORDS
from .queries import words_now
from .rows import Brought, bring


class ReturnForm(CreatingForm):
    """A file in which finance says what was paid."""

    returned = UploadField("Return file", thing="the return file", kinds=TABLES)
    brought: Brought | None = None

    def validate_returned(self, field: UploadField) -> None:
        """Read it, before `once` begins to write. Raises NoReturnFile."""
        if field.data is not None:
            self.brought = bring(field.data, words_now())


def _words(label: str, hint: str = "") -> TextField:
    return TextField(
        label, thing=label.lower(), required=False, longest=MOST_WORDS * (LONGEST_WORD + 1), rows=3, hint=hint
    )


class WordsForm(VersionedForm):
    """What finance calls things in its files: one word a line, in capital or small letters."""

    reference = _words("Other headings for reference", "That of the payment, like SCF-21-0042-1")
    date = _words("Other headings for date")
    finance_reference = _words("Other headings for finance reference")
    amount = _words("Other headings for amount")
    status = _words("Other headings for status")
    reason = _words("Other headings for reason")
    paid = _words("Other words for paid", "Like: settled, cleared")
    failed = _words("Other words for failed", "Like: rejected. The money never left")
    bounced = _words("Other words for bounced", "Like: returned. The money left and came back")
