"""Fields of a draft, which keeps whatever was typed: what is missing is told only when the whole is checked."""

from __future__ import annotations

from typing import Any

from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from .choices import ChoiceField, ChoicesField, ConfirmField
from .day import DayField
from .numbers import PoundsField, WholeNumberField
from .text import LineField, WordsField


class _Unfinished:
    """A field of a draft: what is missing is asked for only when the draft is checked."""

    def pre_validate(self: Any, form: BaseForm) -> None:  # noqa: ARG002
        """Check only what is there."""
        if self.process_errors or self.is_empty:
            raise StopValidation
        self.check()


class _AnyLength:
    """A text of a draft: one that is too long is kept and told about, and only keeps the draft from being sent."""

    def check(self) -> None:
        """Keep it."""


class DraftLine(_Unfinished, _AnyLength, LineField):
    """One line of a draft."""


class DraftWords(_Unfinished, _AnyLength, WordsField):
    """Counted text of a draft."""


class DraftDay(_Unfinished, DayField):
    """A day of a draft."""


class DraftNumber(_Unfinished, WholeNumberField):
    """A number of a draft."""


class DraftChoice(_Unfinished, ChoiceField):
    """One of several, or nothing yet."""


class DraftChoices(_Unfinished, ChoicesField):
    """Several of several, or nothing yet."""


class DraftTick(ConfirmField):
    """A box of a draft that may stay empty."""

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002
        """Ask for nothing."""
        raise StopValidation


class LineItem(_Unfinished, LineField):
    """What a line of a table is for: empty in a line that is not used, and never longer than its limit."""


class LineAmount(_Unfinished, PoundsField):
    """What a line of a table costs: empty in a line that is not used."""
