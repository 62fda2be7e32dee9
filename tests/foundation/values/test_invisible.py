"""What cannot be seen is taken out of a line, and what a script needs stays."""

from __future__ import annotations

import importlib
import pkgutil
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms.fields.core import UnboundField

import grants
from grants.foundation.values.invisible import balanced, without_invisible
from grants.foundation.values.words import tidy, tidy_line
from grants.foundation.web.fields.text import LineField, TextField
from grants.foundation.web.forms import Form

NEEDED = {
    "Devanagari, half a letter": "क्\u200dष",
    "Devanagari, not joined": "क्\u200cष",
    "Bengali, ya-phalaa after ra": "র\u200d্যাব",
    "Malayalam, an old chillu": "അവന്\u200d",
    "Sinhala": "ශ්\u200dරී",
    "Persian": "علي\u200cرضا",
    "Persian, with marks of vowels": "مِ\u200cن",
    "Urdu": "بے\u200cخبر".replace("ے", "ی"),
    "people": "👩🏽\u200d🚒 and 👨\u200d👩\u200d👧",
    "a couple": "👩\u200d❤\ufe0f\u200d👨",
    "a person who walks": "🚶\u200d♀\ufe0f\u200d➡\ufe0f",
    "a chain": "⛓\ufe0f\u200d💥",
    "heads": "🙂\u200d↔\ufe0f",
    "a key": "1\ufe0f\u20e3",
    "a flag": "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
    "a Chinese letter": "葛\U000e0100城",
    "Arabic, a number": "\u0600١٢",
    "accents and quotes": "Zoë O’Hara-Ní Bhriain “A & B”",
}


@pytest.mark.parametrize("text", NEEDED.values(), ids=NEEDED)
def test_what_a_script_needs_stays(text: str) -> None:
    assert tidy_line(text) == text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202eSam\u202c", "Sam"),
        ("S\u200bam\u2060 \ufeffLee", "Sam Lee"),
        ("Sam\u200d", "Sam"),
        ("S\u200cam", "Sam"),
        ("\u2066Open\u2069 \u200fDoors\u061c", "Open Doors"),
        ("pass\u00adword", "password"),
        ("Sam\ufe0f", "Sam"),
        ("Sam 1\ufe0f", "Sam 1"),
        ("A+\ufe0f", "A+"),
        ("Sam\u3164\u115f\u2800", "Sam"),
        ("a \u200b b", "a b"),
        ("Sam\U000e0053\U000e0061", "Sam"),
        ("🏴\U000e0067", "🏴"),
        ("ب\u200cب", "ب\u200cب"),
        ("ب\u200c\u200cب", "ب\u200cب"),
        ("ا\u200cب", "اب"),
        ("ب\u200dب", "بب"),
        ("ब\u200cब", "बब"),
        ("🙂\u200d", "🙂"),
        ("葛\ufe0f", "葛"),
        ("م\U000e0100", "م"),
        (" \u200b\u202e ", ""),
    ],
)
def test_what_nobody_sees_is_taken_out(typed: str, kept: str) -> None:
    assert tidy_line(typed) == kept


ANY = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8", categories=["L", "M", "N", "Zs", "So"]),
        st.characters(codec="utf-8", categories=["Cf"]),
        st.sampled_from("".join(NEEDED.values()) + "\ufe0f\u200d\u200c\u202e\u202c\u2066\u2069\n"),
    )
)


@given(ANY)
def test_a_tidy_line_stays_as_it_is_and_loses_nothing_that_is_seen(text: str) -> None:
    once = tidy_line(text)

    assert tidy_line(once) == once
    assert not {sign for sign in once if unicodedata.bidirectional(sign) in {"LRO", "RLO", "LRE", "RLE", "PDF"}}
    assert [sign for sign in once if sign.isalnum()] == [sign for sign in without_invisible(text) if sign.isalnum()]


@given(ANY)
def test_a_long_text_closes_in_each_line_what_it_opens_there(text: str) -> None:
    long = tidy(text)

    assert tidy(long) == long
    assert "\u202e" not in long
    assert "\u202d" not in long
    for line in long.split("\n"):
        assert sum(line.count(mark) for mark in "\u202a\u202b") == line.count("\u202c")
        assert sum(line.count(mark) for mark in "\u2066\u2067\u2068") == line.count("\u2069")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202bمرحبا\u202c and \u2067\u202aon\u202c\u2069", "\u202bمرحبا\u202c and \u2067\u202aon\u202c\u2069"),
        ("\u200fשלום\u200e", "\u200fשלום\u200e"),
        ("\u202eon\u202c", "on"),
        ("\u2067one\ntwo\u2069", "one\ntwo"),
        ("\u202c\u202aone", "one"),
        ("\u2067\u202aone\u2069\u202c", "\u202aone\u202c"),
    ],
)
def test_marks_of_direction_stay_in_pairs(typed: str, kept: str) -> None:
    assert balanced(typed) == kept


def _forms(of: type[Form] = Form) -> Iterator[type[Form]]:
    for form in of.__subclasses__():
        yield form
        yield from _forms(form)


def _kinds(of: type[LineField] = LineField) -> Iterator[type[LineField]]:
    yield of
    for kind in of.__subclasses__():
        yield from _kinds(kind)


def _lines() -> Iterator[tuple[str, Any]]:
    """Every field for one line of every form of the app, as the class of the form has it."""
    for module in pkgutil.walk_packages(grants.__path__, "grants."):
        importlib.import_module(module.name)
    for form in {*_forms()}:
        for name in dir(form):
            field = getattr(form, name)
            kind = field.field_class if isinstance(field, UnboundField) else object
            if issubclass(kind, LineField) and not issubclass(kind, TextField):
                yield f"{form.__module__}.{form.__qualname__}.{name}", field


def test_every_field_for_one_line_loses_what_nobody_sees(app: Flask) -> None:
    found = dict(_lines())
    kept = {}
    with app.test_request_context(method="POST"):
        for name, field in found.items():
            form = type("Probe", (Form,), {"probe": field})(MultiDict({"probe": " \u202eJ\u200bo\u2066 \n Ng\u200d"}))
            kept[name] = form["probe"].data

    assert set(kept.values()) == {"Jo Ng"}, kept
    for kind in _kinds():  # forms that are made as they are needed have these
        assert issubclass(kind, TextField) or kind.tidied is LineField.tidied
        assert kind.process_formdata is LineField.process_formdata
    assert len(found) > 15
