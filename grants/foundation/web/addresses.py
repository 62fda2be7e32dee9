"""The addresses of the app: what one may hold (what no row can be called by is simply not there), and a page's own."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, current_app
from werkzeug.routing import IntegerConverter, UnicodeConverter, ValidationError

EXTENSION: Final = "addresses"
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


def public_address(endpoint: str, **values: Any) -> str:
    """The whole address of a page under `PUBLIC_URL`, as a letter or a file gives it: `url_for` is for pages.

    A value that is no part of the rule goes into the query; None is left out. Raises BuildError where there is no page.
    """
    path = current_app.extensions[EXTENSION].build(endpoint, values)
    return f"{current_app.config['PUBLIC_URL']}{path}"


def init_app(app: Flask) -> None:
    """Read every address of the app so."""
    app.url_map.converters.update(int=Number, string=Word, default=Word)
    app.extensions[EXTENSION] = app.url_map.bind("")  # once: open data asks for an address with each grant
