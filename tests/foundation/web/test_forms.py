"""What every form has: errors in the order of the page, a version, and a key against sending twice."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from flask import Flask
from wtforms import FieldList, FormField

from grants.foundation.records import once
from grants.foundation.web.fields.choices import ChoiceField
from grants.foundation.web.fields.day import DayField
from grants.foundation.web.fields.numbers import PoundsField
from grants.foundation.web.fields.text import LineField, WordsField
from grants.foundation.web.forms import TOO_OLD, CreatingForm, Form, PartForm, VersionedForm


class Line(PartForm):
    item = LineField("Item", thing="an item")
    amount = PoundsField("Amount", thing="an amount")


class Whole(VersionedForm, CreatingForm):
    title = LineField("Title", thing="a title", longest=20)
    need = WordsField("Need", thing="the need", most_words=5)
    starts_on = DayField("Start", thing="the start")
    topic = ChoiceField("Topic", thing="a topic", choices=[(1, "One")])
    lines = FieldList(FormField(Line), min_entries=1)


GOOD = {
    "version": "3",
    "idempotency_key": "k" * 32,
    "title": "Safe streets",
    "need": "It is needed",
    "starts_on-day": "1",
    "starts_on-month": "2",
    "starts_on-year": "2027",
    "topic": "1",
    "lines-0-item": "Hall",
    "lines-0-amount": "£1,000",
}


@pytest.fixture
def bare() -> Flask:
    app = Flask("forms")
    app.secret_key = "only-for-tests"
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def test_form_that_is_right_is_read(bare: Flask) -> None:
    with bare.test_request_context(method="POST", data=GOOD):
        form = Whole()
        assert form.validate_on_submit()
        assert form.errors_in_order() == []
        assert form.data == {
            "version": 3,
            "idempotency_key": "k" * 32,
            "title": "Safe streets",
            "need": "It is needed",
            "starts_on": date(2027, 2, 1),
            "topic": 1,
            "lines": [{"item": "Hall", "amount": 100_000}],
        }


def test_every_error_stands_in_the_order_of_the_page_and_leads_to_its_field(bare: Flask) -> None:
    with bare.test_request_context(method="POST", data={"idempotency_key": "k" * 32, "starts_on-day": "30"}):
        form = Whole()
        assert not form.validate_on_submit()
        form.refuse("This round is closed.")
        assert form.errors_in_order() == [
            ("", "This round is closed."),
            ("title", "Enter a title"),
            ("need", "Enter the need"),
            ("starts_on-month", "The start must include a month and a year"),
            ("topic", "Select a topic"),
            ("lines-0-item", "Enter an item"),
            ("lines-0-amount", "Enter an amount"),
        ]


def test_all_that_was_typed_is_kept_when_everything_is_wrong(bare: Flask) -> None:
    bad = {
        "title": "👍" + "a" * 50,
        "need": "one two three four five six",
        "starts_on-day": "30",
        "starts_on-month": "feb",
        "starts_on-year": "2027",
        "topic": "9",
        "lines-0-item": "Ha\x00ll",
        "lines-0-amount": "1e3",
    }
    with bare.test_request_context(method="POST", data=bad):
        form = Whole()
        assert not form.validate_on_submit()
        assert len(form.errors_in_order()) == 7  # the missing key is one
        assert form.title.value == bad["title"]
        assert form.need.value == bad["need"]
        assert [part.value for part in form.starts_on.parts] == ["30", "feb", "2027"]
        assert (form.lines[0].item.value, form.lines[0].amount.value) == ("Hall", "1e3")


def test_form_shows_the_thing_that_it_edits(bare: Flask) -> None:
    thing = SimpleNamespace(
        version=7, title="Old", need=None, starts_on=date(2027, 2, 1), topic=1, lines=[{"item": "x", "amount": 340050}]
    )
    with bare.test_request_context():
        form = Whole(obj=thing)
        assert 'value="7"' in str(form.version())
        assert (form.title.value, form.need.value, form.lines[0].amount.value) == ("Old", "", "3,400.50")
        assert form.topic.options[0].checked


@pytest.mark.parametrize("version", ["", "x", "-1", "1e3", "9" * 5000, "\x00", "1.0", "٣"])
def test_version_that_was_tampered_with_is_no_version(bare: Flask, version: str) -> None:
    with bare.test_request_context(method="POST", data=GOOD | {"version": version}):
        form = Whole()
        assert form.validate_on_submit()
        assert form.version.data == 0


@pytest.mark.parametrize("key", ["", "short", "a b" * 10, "x" * 65, "é" * 20, "k" * 31 + "\n"])
def test_key_that_was_tampered_with_is_refused_and_renewed(bare: Flask, key: str) -> None:
    with bare.test_request_context(method="POST", data=GOOD | {"idempotency_key": key}):
        form = Whole()
        assert not form.validate_on_submit()
        message = "The page was not complete when it was sent. Check what you entered and send it again"
        assert form.errors_in_order() == [("", message)]
        assert once.is_key(form.idempotency_key.data)


def test_each_showing_of_a_creating_form_has_a_key_of_its_own(bare: Flask) -> None:
    with bare.test_request_context():
        assert Whole().idempotency_key.data != Whole().idempotency_key.data


def test_sending_again_keeps_the_key(bare: Flask) -> None:
    with bare.test_request_context(method="POST", data=GOOD | {"title": ""}):
        form = Whole()
        assert not form.validate_on_submit()
        assert form.idempotency_key.data == "k" * 32


def test_old_token_against_forgery_loses_no_text_and_says_what_to_do(bare: Flask) -> None:
    class Small(Form):
        title = LineField("Title", thing="a title")

    bare.config["WTF_CSRF_ENABLED"] = True
    with bare.test_request_context(method="POST", data={"title": "Kept", "csrf_token": "old"}):
        form = Small()
        assert not form.validate_on_submit()
        assert form.errors_in_order() == [("", TOO_OLD)]
        assert form.title.value == "Kept"
