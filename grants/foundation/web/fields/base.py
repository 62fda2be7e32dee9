"""What all our fields share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from wtforms import Field
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from grants.foundation.values.words import the


class OwnField(Field):
    """What all our fields share. `required=False` makes a field optional; `sometimes=True` too, but it does not say so,
    since it is needed after some answers: its label or hint says which, and its form or verb holds it.
    """

    kind: ClassVar[str] = "line"
    verb: ClassVar[str] = "Enter"
    most_words: int | None = None
    longest: int | None = None
    inputmode: str = ""

    def __init__(
        self,
        label: str,
        *,
        thing: str,
        required: bool = True,
        sometimes: bool = False,
        hint: str = "",
        missing: str = "",
        width: str = "",
        autocomplete: str = "",
        validators: Sequence[Callable[[Any, Any], None]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators=list(validators), description=hint, **kwargs)
        self.thing, self.required, self.width, self.autocomplete = (
            thing,
            required and not sometimes,
            width,
            autocomplete,
        )
        self.is_optional = not required and not sometimes
        self.missing = missing or f"{self.verb} {thing}"

    @property
    def typed(self) -> str:
        """The first thing that was sent under the field's name, as it was sent."""
        return str(self.raw_data[0]) if self.raw_data else ""

    @property
    def value(self) -> str:
        """What the box shows."""
        return self._value()

    @property
    def error_id(self) -> str:
        """The id of the element that the error summary leads to."""
        return self.id

    @property
    def is_empty(self) -> bool:
        """Whether nothing was entered."""
        return self.data in (None, "", [])

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002
        """Stop at what could not be read; ask for what is missing; then check what is there."""
        if self.process_errors:
            raise StopValidation
        if not self.is_empty:
            self.check()
        elif self.required:
            raise StopValidation(self.missing)
        else:
            raise StopValidation

    def check(self) -> None:
        """Hold the data against the field's own limits. Raises StopValidation with the message."""

    def must(self, rest: str) -> str:
        """A message: "The title must …"."""
        return f"{the(self.thing)} must {rest}"
