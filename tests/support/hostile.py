"""What nobody of good will types, and a look at which fields a page reads."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import wtforms
from flask_wtf import FlaskForm

from grants.foundation.records.once import new_key
from tests.support.attacks import wide_workbook

SEED = os.environ.get("HOSTILE_SEED", "1")
"""Another seed tries other values: `make trust` has many."""

TEXTS = [
    "",
    " ",
    "\0",
    "x" * 20_000,
    "\n" * 5_000,
    "a\u202eb\u2066c\u200d",
    "e\u0301" * 3_000,
    "'; DROP TABLE people; --",
    "<script>alert(1)</script><b>",
    "../../../../etc/passwd%00",
    "=cmd|' /C calc'!A0",
    "\ud7ff\U0010ffff\ufffe",
    "٣٤٥",
    "½",
    "-1",
    "0",
    "1e309",
    "NaN",
    "9" * 400,
    "9223372036854775808",
    "£6,000.001",
    "-0.00",
    "2026-02-30",
    "31/12/99999",
    "0001-01-01",
    "on",
    "yes",
    "null",
    "[]",
    '{"a": {"b": 1}}',
    "%s%n%x",
    "http://[::1",
    "a@" + "b" * 300,
]
LONGEST_BODY = 400_000
"""Bytes: above it the test client itself would put the body into a file."""
FILES = [
    (b"", "empty.pdf", "application/pdf"),
    (b"%PDF-1.7\n" + b"\xff" * 2_000, "../../x\0.pdf", "application/pdf"),
    (b"\xff\xfe" + b"a,b\n" * 500, "x.csv", "text/csv"),
    (b'"' * 20_000, "quotes.csv", "text/csv"),
    (wide_workbook(), "wide.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"PK\x03\x04" + b"\0" * 500, "x" * 300 + ".xlsx", "text/html"),
]


@contextmanager
def watching_forms() -> Iterator[list[FlaskForm]]:
    """The forms that pages make inside."""
    made: list[FlaskForm] = []
    begin = FlaskForm.__init__

    def note(form: FlaskForm, *args: Any, **kwargs: Any) -> None:
        begin(form, *args, **kwargs)
        made.append(form)

    with mock.patch.object(FlaskForm, "__init__", note):
        yield made


def fields_of(forms: list[FlaskForm]) -> dict[str, wtforms.Field]:
    """Every field that some forms read, by the name that it is sent under."""
    return {field.name: field for form in forms for field in _leaves(form)}


def _leaves(fields: Any) -> Iterator[wtforms.Field]:
    for field in fields:
        if isinstance(field, wtforms.FormField):
            yield from _leaves(field.form)
        elif isinstance(field, wtforms.FieldList):
            yield from _leaves(field.entries or [field.append_entry()])
        else:
            yield field


def filled(fields: dict[str, wtforms.Field], dice: random.Random) -> dict[str, Any]:
    """A form filled in by somebody of ill will: some fields as they should be, others not."""
    sent: dict[str, Any] = {}
    for name, field in fields.items():
        if name == "csrf_token":
            continue
        sent[name] = _as_it_should_be(field, dice) if dice.random() < 0.5 else _hostile(field, dice)
    if sent and dice.random() < 0.3:
        sent[f"{dice.choice(sorted(sent))}-99999999999"] = dice.choice(TEXTS)
    return sent


def _as_it_should_be(field: wtforms.Field, dice: random.Random) -> Any:
    if field.name.endswith("idempotency_key"):
        return new_key()
    if choices := [value for value, *_ in getattr(field, "iter_choices", list)()]:
        return str(dice.choice(choices))
    return (
        str(field._value()) if hasattr(field, "_value") and field._value() else dice.choice(["1", "Some words.", "yes"])
    )


def _hostile(field: wtforms.Field, dice: random.Random) -> Any:
    if "File" in type(field).__name__ or dice.random() < 0.05:
        content, name, kind = dice.choice(FILES)
        return (io.BytesIO(content), name, kind)
    times = dice.choice([1, 1, 1, 3, 50])
    return [dice.choice(TEXTS)[: LONGEST_BODY // times // 20] for _ in range(times)]
