"""A form that was sent is answered in one way: done once, told beside its field, and led on."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, get_flashed_messages, request

from grants.foundation.records.actors import ANYONE
from grants.foundation.records.db import LostUpdate, Refused, transaction
from grants.foundation.records.once import new_key
from grants.foundation.web.fields import LineField
from grants.foundation.web.forms import CreatingForm, VersionedForm
from grants.foundation.web.posting import NOT_DONE, _content, done, refused, sent


class TooDear(Refused):
    """A refusal that belongs beside a field."""


class Order(CreatingForm, VersionedForm):
    """A form of this test."""

    what = LineField("What", thing="what", longest=20)


@pytest.fixture
def form(app: Flask) -> Iterator[Order]:
    app.config["WTF_CSRF_ENABLED"], before = False, app.config.get("WTF_CSRF_ENABLED", True)
    data = {"what": "Tea", "version": "1", "idempotency_key": new_key()}
    with app.test_request_context("/", method="POST", data=data):
        yield Order()
    app.config["WTF_CSRF_ENABLED"] = before


def test_form_that_is_fine_is_done_and_leads_on(form: Order) -> None:
    answer = sent(form, lambda: "/made", said="It is made.")

    assert answer is not None
    assert (answer.status_code, answer.location) == (302, "/made")
    assert get_flashed_messages(with_categories=True) == [("yes", "It is made.")]


def test_form_that_is_only_looked_at_is_not_done(app: Flask) -> None:
    with app.test_request_context("/"):
        assert sent(Order(), lambda: pytest.fail("it was done")) is None


def test_form_that_lacks_something_is_not_done(form: Order) -> None:
    form.what.data, form.what.raw_data = "", [""]

    assert sent(form, lambda: pytest.fail("it was done")) is None
    assert form.what.errors


def test_form_that_is_sent_twice_is_done_once(form: Order) -> None:
    made: list[str] = []

    def make() -> str:
        made.append("one")
        return f"/made/{len(made)}"

    with transaction():
        answers = [done(form, make, once=(ANYONE, "make")) for _ in range(2)]

    assert made == ["one"]
    assert [answer.location for answer in answers if answer] == ["/made/1", "/made/1"]


def test_form_that_is_sent_again_with_other_content_is_refused_in_words_and_kept(app: Flask, form: Order) -> None:
    key, made = form.idempotency_key.data, list[str]()
    assert done(form, lambda: made.append("one") or "/made", once=(ANYONE, "make")) is not None

    data = {"what": "Coffee", "version": "1", "idempotency_key": key}
    with app.test_request_context("/", method="POST", data=data):
        other = Order()
        assert done(other, lambda: pytest.fail("it was done"), once=(ANYONE, "make")) is None
        assert other.what.value == "Coffee"
        assert [error.text for error in other.errors_in_order()] == [NOT_DONE]
        assert (refused(other), other.idempotency_key.data == key) == (409, False)

        assert done(other, lambda: made.append("two") or "/made", once=(ANYONE, "make")) is not None
    assert made == ["one", "two"]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"a": "1", "csrf_token": "x"}, {"a": "1", "csrf_token": "y"}, True),
        ({"a": "1"}, {"a": "1", "b": ""}, False),
        ({"a": ["1", "2"]}, {"a": ["1", "2"]}, True),
        ({"file": (BytesIO(b"one"), "a.pdf")}, {"file": (BytesIO(b"one"), "a.pdf")}, True),
        ({"file": (BytesIO(b"one"), "a.pdf")}, {"file": (BytesIO(b"two"), "a.pdf")}, False),
    ],
)
def test_the_content_of_a_form_is_all_that_was_typed_and_chosen(
    app: Flask, first: dict[str, Any], second: dict[str, Any], same: bool
) -> None:
    contents = []
    for data in (first, second):
        with app.test_request_context("/", method="POST", data=data):
            contents.append(_content())
            for file in request.files.values():
                assert file.stream.read()

    assert (contents[0] == contents[1]) is same


@pytest.mark.parametrize("how", [{"purpose": "make"}, {"by": ANYONE}, {"once": "make"}, {"once": (ANYONE,)}])
def test_what_is_done_once_needs_who_does_it_and_what_for(form: Order, how: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        done(form, lambda: pytest.fail("it was done"), **how)


def _raises(error: Exception) -> Any:
    def do() -> str:
        raise error

    return do


def test_refusal_is_told_above_the_form(form: Order) -> None:
    assert done(form, _raises(Refused("Not now.")), said="Done.") is None
    assert "Not now." in [error.text for error in form.errors_in_order()]
    assert refused(form) == 422
    assert get_flashed_messages() == []


def test_refusal_of_a_kind_is_told_beside_its_field(form: Order) -> None:
    assert done(form, _raises(TooDear("Too dear.")), beside={TooDear: "what"}) is None
    assert form.what.errors == ["Too dear."]


def test_refusal_of_a_kind_can_be_told_by_a_function(form: Order) -> None:
    told: list[Exception] = []
    error = TooDear("Too dear.")

    assert done(form, _raises(error), beside={TooDear: told.append}) is None
    assert told == [error]


def test_change_of_somebody_else_is_told_and_the_form_takes_its_version(form: Order) -> None:
    assert done(form, _raises(LostUpdate(1, 4)), changed="It changed.") is None
    assert (form.version.data, refused(form)) == (4, 409)
    assert "It changed." in [error.text for error in form.errors_in_order()]


def test_change_of_somebody_else_can_be_told_by_a_function(form: Order) -> None:
    told: list[Exception] = []
    error = LostUpdate(1, 4)

    assert done(form, _raises(error), beside={LostUpdate: told.append}, changed="It changed.") is None
    assert told == [error]
    assert list(form.errors_in_order()) == []


def test_change_of_somebody_else_is_raised_where_nothing_is_said_of_it(form: Order) -> None:
    with pytest.raises(LostUpdate):
        done(form, _raises(LostUpdate(1, 4)))
