"""Fields for choices: one of several, several of several, yes or no, a box to tick."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wtforms.validators import StopValidation

from .base import OwnField


@dataclass(frozen=True)
class Choice:
    """One thing to choose: its value, what people read, and a hint."""

    value: Any
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Option:
    """A choice as a page draws it."""

    value: str
    label: str
    hint: str
    id: str
    checked: bool


Choices = Iterable[Choice | tuple[Any, str]]


class ChoiceField(OwnField):
    """One of several: radios, or a select with `look="select"`.

    `choices` may be set on the bound field as well, before `validate`. `data` is a value of them, or None.
    """

    kind = "radios"
    verb = "Select"

    def __init__(self, label: str, *, choices: Choices = (), look: str = "", prompt: str = "", **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.look, self.prompt = look or self.kind, prompt
        self.choices = choices

    @property
    def choices(self) -> list[Choice]:
        """What there is to choose."""
        return self._choices

    @choices.setter
    def choices(self, choices: Choices) -> None:
        self._choices = [choice if isinstance(choice, Choice) else Choice(*choice) for choice in choices]

    @property
    def options(self) -> list[Option]:
        """The choices as a page draws them; the first has the field's own id."""
        chosen = self.chosen()
        return [
            Option(str(c.value), c.label, c.hint, self.id if n == 0 else f"{self.id}-{n + 1}", str(c.value) in chosen)
            for n, c in enumerate(self.choices)
        ]

    def chosen(self) -> set[str]:
        """The values that are chosen, as they stand in the page."""
        return set() if self.data is None else {str(self.data)}

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep what was sent; `check` turns it into a value of the choices, which may be set until then."""
        self.data = (str(valuelist[0]) or None) if valuelist else None

    def check(self) -> None:
        """Take the choice whose value was sent. Raises StopValidation for one that is not offered."""
        found = next((choice for choice in self.choices if str(choice.value) == str(self.data)), None)
        if found is None:
            self.data = None
            raise StopValidation(self.missing)
        self.data = found.value


class YesNoField(ChoiceField):
    """Yes or no; `data` is True, False or None. Nothing is chosen before the person does."""

    data: bool | None

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, choices=[(True, "Yes"), (False, "No")], **kwargs)

    @property
    def options(self) -> list[Option]:
        """Yes and No, with the values `yes` and `no`."""
        return [
            Option("yes", "Yes", "", self.id, self.data is True),
            Option("no", "No", "", f"{self.id}-2", self.data is False),
        ]

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read yes or no; anything else is no answer."""
        self.data = {"yes": True, "no": False}.get(str(valuelist[0])) if valuelist else None


class ChoicesField(ChoiceField):
    """Several of several: checkboxes. `data` is the list of chosen values, in the order of the choices."""

    kind = "checkboxes"
    data: list[Any]

    def __init__(self, label: str, *, at_least: int = 1, at_most: int | None = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.at_least, self.at_most = at_least, at_most

    def process_data(self, value: Any) -> None:
        """Take any collection."""
        self.data = list(value or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep what was sent."""
        self.data = [str(value) for value in valuelist]

    def chosen(self) -> set[str]:
        """The values that are chosen, as they stand in the page."""
        return {str(value) for value in self.data}

    def check(self) -> None:
        """Take the choices whose values were sent; those that are not offered fall away."""
        chosen = self.chosen()
        self.data = [choice.value for choice in self.choices if str(choice.value) in chosen]
        if not self.data and self.required:
            raise StopValidation(self.missing)
        if self.data and len(self.data) < self.at_least:
            raise StopValidation(f"Select {self.at_least:,} or more. You chose {len(self.data):,}")
        if self.at_most is not None and len(self.data) > self.at_most:
            raise StopValidation(f"Select {self.at_most:,} or fewer. You chose {len(self.data):,}")


class ConfirmField(OwnField):
    """One box to tick, like a declaration. `thing` ends "Confirm that …"; `data` is True or False."""

    kind = "confirm"
    verb = "Confirm that"
    data: bool

    def process_data(self, value: Any) -> None:
        """Take any value as yes or no."""
        self.data = bool(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Ticked or not."""
        self.data = bool(valuelist) and str(valuelist[0]) == "yes"

    @property
    def is_empty(self) -> bool:
        """Whether it is not ticked."""
        return not self.data
