"""Fields for text: one line, several lines, counted words, an address, a password."""

from __future__ import annotations

from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms.validators import StopValidation

from grants.foundation.values.account_numbers import TAKE_IT_OUT, holds_account
from grants.foundation.values.words import (
    count_characters,
    count_words,
    has_hidden,
    most_characters,
    some,
    the,
    tidy,
    tidy_line,
    without_hidden,
)

from .base import OwnField

LONGEST_LINE = 200
LONGEST_TEXT = 20_000
LONGEST_EMAIL = 254
LONGEST_PASSWORD = 256


class LineField(OwnField):
    """One line of text, at most `longest` characters; no whole account number stands in it where `covers_accounts`."""

    kind = "line"
    data: str

    def __init__(
        self, label: str, *, longest: int = LONGEST_LINE, covers_accounts: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self.longest, self.covers_accounts = longest, covers_accounts

    def process_data(self, value: Any) -> None:
        """Take nothing as an empty text."""
        self.data = "" if value is None else str(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Tidy what was typed. Raises ValueError where it holds a character that cannot be kept."""
        text = self.tidied(str(valuelist[0])) if valuelist else ""
        self.data = without_hidden(text)
        if has_hidden(text):
            raise ValueError(
                f"{the(self.thing)} had a hidden character that cannot be stored. We took it out: "
                "check the text and send it again"
            )

    def tidied(self, text: str) -> str:
        """What was typed, as one line without what cannot be seen."""
        return tidy_line(text)

    def check(self) -> None:
        """Hold the text against its limit."""
        count = count_characters(self.data)
        if self.longest is not None and count > self.longest:
            raise StopValidation(
                self.must(f"be {some(self.longest, 'character')} or fewer. It has {count:,}: shorten it by")
                + f" {some(count - self.longest, 'character')}"
            )
        if self.covers_accounts and holds_account(self.data):
            raise StopValidation(TAKE_IT_OUT)


class TextField(LineField):
    """Text of several lines, at most `longest` characters."""

    kind = "text"

    def __init__(self, label: str, *, longest: int = LONGEST_TEXT, rows: int = 5, **kwargs: Any) -> None:
        super().__init__(label, longest=longest, **kwargs)
        self.rows = rows

    def tidied(self, text: str) -> str:
        """What was typed, with plain line ends and without white space around it."""
        return tidy(text)


class WordsField(TextField):
    """Text of several lines, at most `most_words` words by `words.count_words`."""

    kind = "words"
    most_words: int

    def __init__(self, label: str, *, most_words: int, **kwargs: Any) -> None:
        super().__init__(label, longest=most_characters(most_words), **kwargs)
        self.most_words = most_words

    def check(self) -> None:
        """Hold the text against its limit of words, and of characters for text without spaces."""
        count = count_words(self.data)
        if count > self.most_words:
            raise StopValidation(
                self.must(f"be {some(self.most_words, 'word')} or fewer. It has {count:,}: shorten it by")
                + f" {some(count - self.most_words, 'word')}"
            )
        super().check()


class EmailField(LineField):
    """An e-mail address; `data` is as the standard writes it, with the part before the @ as typed."""

    kind = "email"
    inputmode = "email"

    def __init__(self, label: str, *, thing: str = "an e-mail address", **kwargs: Any) -> None:
        kwargs = {"longest": LONGEST_EMAIL, "autocomplete": "email", **kwargs}
        super().__init__(label, thing=thing, **kwargs)

    def check(self) -> None:
        """Check the form of the address, not whether it exists."""
        super().check()
        try:
            found = validate_email(self.data, check_deliverability=False, test_environment=True)
        except EmailNotValidError as error:
            raise StopValidation(self.must("be in the form name@example.org")) from error
        self.data = found.normalized


class PasswordField(OwnField):
    """A password: never stripped, never shown again. `least` is for a new one."""

    kind = "password"
    data: str

    def __init__(
        self,
        label: str,
        *,
        thing: str = "your password",
        least: int = 0,
        autocomplete: str = "current-password",
        **kwargs: Any,
    ) -> None:
        super().__init__(label, thing=thing, autocomplete=autocomplete, **kwargs)
        self.least, self.longest = least, LONGEST_PASSWORD

    def process_data(self, value: Any) -> None:
        """Take nothing as an empty text."""
        self.data = "" if value is None else str(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take it as it was typed."""
        self.data = str(valuelist[0]) if valuelist else ""

    def _value(self) -> str:
        return ""

    def check(self) -> None:
        """Hold its length against the limits."""
        if count_characters(self.data) < self.least:
            raise StopValidation(self.must(f"have {some(self.least, 'character')} or more"))
        if count_characters(self.data) > LONGEST_PASSWORD:
            raise StopValidation(self.must(f"have {some(LONGEST_PASSWORD, 'character')} or fewer"))
