"""What an address may hold: anything that no row can be called by is simply not there (404)."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, UnicodeConverter, ValidationError

LARGEST_NUMBER = 2**63 - 1
"""The largest number that a primary key can be; a database refuses to look for more."""


class Number(IntegerConverter):
    """The number of a row."""

    def to_python(self, value: str) -> int:
        """The number, where it is written plainly and a row can have it."""
        if not value.isascii() or len(value) > 19 or int(value) > LARGEST_NUMBER:
            raise ValidationError
        return int(value)


class Word(UnicodeConverter):
    """A reference, a code or a secret."""

    def to_python(self, value: str) -> str:
        """The word, where it can be looked for: a NUL is in no text of a database."""
        if "\0" in value:
            raise ValidationError
        return value


def init_app(app: Flask) -> None:
    """Read every address of the app so."""
    app.url_map.converters.update(int=Number, string=Word, default=Word)
