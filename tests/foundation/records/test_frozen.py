"""Frozen records: a reader for each form, and a clear word where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from grants.foundation.records.frozen import KINDS, Content, Kind, UnknownForm, canonical, fill, sha256


@dataclass(frozen=True)
class Slip:
    """Something to freeze."""

    name: str
    colour: str = "white"


@pytest.fixture
def kind() -> Iterator[Kind[Slip]]:
    made: Kind[Slip] = Kind("slip", form=2)

    @made.reader(1)
    def _first(content: Content) -> Slip:
        return fill(Slip, content, colour="grey")

    @made.reader(2)
    def _second(content: Content) -> Slip:
        return fill(Slip, content)

    yield made
    del KINDS["slip"]


def test_record_holds_its_form_and_gives_the_same_bytes(kind: Kind[Slip]) -> None:
    text, digest = kind.freeze({"name": "Zoë", "day": date(2027, 1, 2), "colour": "red"})

    assert text == '{"colour":"red","day":"2027-01-02","form":2,"name":"Zoë"}'
    assert digest == sha256(text) == sha256(canonical({"name": "Zoë", "form": 2, "colour": "red", "day": "2027-01-02"}))


def test_each_form_has_its_reader(kind: Kind[Slip]) -> None:
    assert kind.read('{"form":2,"name":"A","colour":"red"}') == Slip("A", "red")
    assert kind.read('{"form":2,"name":"A"}') == Slip("A", "white")
    assert kind.read('{"form":1,"name":"A","colour":"red"}') == Slip("A", "grey")


def test_record_without_a_form_is_of_the_first(kind: Kind[Slip]) -> None:
    assert kind.read(b'{"name":"A"}') == Slip("A", "grey")


def test_key_that_the_class_does_not_know_is_left_aside(kind: Kind[Slip]) -> None:
    assert kind.read('{"form":2,"name":"A","length":3}') == Slip("A")


@pytest.mark.parametrize("form", ["3", "0", '"1"', "null"])
def test_unknown_form_is_named(kind: Kind[Slip], form: str) -> None:
    with pytest.raises(UnknownForm, match=r"a slip has form .*, and this version reads 1, 2"):
        kind.read(f'{{"form":{form},"name":"A"}}')
