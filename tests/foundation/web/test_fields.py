"""What people type into fields: read, tidied and given back, or refused in a sentence beside the field."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict

from grants.foundation.values.money import Pence, pounds
from grants.foundation.values.words import count_characters, count_words, tidy, without_hidden
from grants.foundation.web.fields.choices import Choice, ChoiceField, ChoicesField, ConfirmField, YesNoField
from grants.foundation.web.fields.day import DayField
from grants.foundation.web.fields.numbers import PoundsField, WholeNumberField
from grants.foundation.web.fields.text import EmailField, LineField, PasswordField, TextField, WordsField
from grants.foundation.web.fields.upload import UploadField
from grants.foundation.web.forms import PartForm


@pytest.fixture(autouse=True)
def _context() -> Iterator[None]:
    app = Flask("fields")
    app.secret_key = "only-for-tests"
    with app.test_request_context():
        yield


def sent(field: Any, *values: Any, **parts: str) -> Any:
    """The field after these values were sent and checked."""
    form = type("OneField", (PartForm,), {"it": field})
    body = MultiDict([("it", value) for value in values] + [(f"it-{name}", text) for name, text in parts.items()])
    made = form(formdata=body or MultiDict([("other", "x")]))
    made.validate()
    return made.it


def error(field: Any) -> str:
    """The one error of a field."""
    assert len(field.errors) == 1
    return str(field.errors[0]).replace("\u00a0", " ")


def title(**more: Any) -> Any:
    return LineField("Project title", thing="a project title", **more)


# Text


def test_line_is_stripped_and_put_on_one_line() -> None:
    field = sent(title(), "  Safe\r\nstreets \u00a0")
    assert (field.data, field.errors) == ("Safe streets", [])


@pytest.mark.parametrize("text", ["👩🏽‍🚒 team", "\u200fשלום", "\u202bمرحبا\u202c", "Zoë & <b>", "' OR 1=1 --", "é"])
def test_text_keeps_emoji_and_marks(text: str) -> None:
    field = sent(TextField("Text", thing="a text"), text)
    assert (field.data, field.value, field.errors) == (text, text, [])


def test_missing_line_asks_for_the_thing() -> None:
    assert error(sent(title(), " \t ")) == "Enter a project title"
    assert error(sent(title())) == "Enter a project title"


def test_missing_line_that_is_optional_is_empty() -> None:
    field = sent(title(required=False))
    assert (field.data, field.errors) == ("", [])


@pytest.mark.parametrize("hidden", ["\x00", "\x01", "\x1b", "\ufffe"])
def test_hidden_character_is_refused_and_the_rest_kept(hidden: str) -> None:
    field = sent(title(), f"Safe{hidden} streets")
    assert error(field).startswith("The project title had a hidden character that cannot be stored.")
    assert field.value == "Safe streets"


def test_line_of_the_longest_length_is_taken_and_one_more_refused() -> None:
    assert sent(title(longest=10), "a" * 10).errors == []
    field = sent(title(longest=10), "a" * 12)
    expected = "The project title must be 10 characters or fewer. It has 12: shorten it by 2 characters"
    assert error(field) == expected
    assert field.value == "a" * 12


def test_line_ends_are_counted_once() -> None:
    field = sent(TextField("Text", thing="a text", longest=3), "a\r\nb")
    assert (field.data, field.errors) == ("a\nb", [])


def test_words_of_the_limit_are_taken_and_one_more_refused() -> None:
    field = WordsField("Summary", thing="a summary", most_words=3)
    assert sent(field, "one  two\r\n\r\nthree").errors == []
    refused = sent(field, "one two three four")
    assert error(refused) == "The summary must be 3 words or fewer. It has 4: shorten it by 1 word"
    assert refused.value == "one two three four"


@pytest.mark.parametrize("text", ["word " * 10_000, "a" * 50_000])
def test_pasted_50_000_characters_are_refused_and_kept(text: str) -> None:
    field = sent(WordsField("Need", thing="the need", most_words=250), text)
    assert "or fewer" in error(field)
    assert field.value == text.strip()


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("one", 1), ("one\u00a0two\u3000three", 3), ("we – and they", 4), ("\ufeffone", 1), ("a\x85b", 1)],
)
def test_words_are_counted_as_a_browser_counts_them(text: str, words: int) -> None:
    assert count_words(text) == words


@given(st.text())
def test_tidy_text_stays_as_it_is(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert "\r" not in once
    assert count_words(once) == count_words(text)
    assert count_characters(once) <= count_characters(text)
    assert not set(without_hidden(text)) - set(text)


@given(
    st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1)),
    st.sampled_from([" ", "\n", "\t ", "\r\n"]),
)
def test_words_joined_by_white_space_are_that_many(words: list[str], space: str) -> None:
    assert count_words(space.join(words)) == len(words)


@pytest.mark.parametrize("text", ["name", "a@b", "a b@example.org", "a@example..org", "<a@example.org>", "a@b@c.org"])
def test_address_in_another_form_is_refused(text: str) -> None:
    assert error(sent(EmailField("E-mail"), text)) == "The e-mail address must be in the form name@example.org"


def test_address_is_tidied() -> None:
    assert sent(EmailField("E-mail"), " Jo@EXAMPLE.org ").data == "Jo@example.org"


def test_password_is_neither_stripped_nor_shown_again() -> None:
    field = sent(PasswordField("Password"), "  pass word ")
    assert (field.data, field.value) == ("  pass word ", "")


def test_new_password_has_a_least_length() -> None:
    field = PasswordField("Password", thing="a password", least=12)
    assert error(sent(field, "short")) == "The password must have 12 characters or more"
    assert error(sent(field, "x" * 257)) == "The password must have 256 characters or fewer"
    assert sent(field, "x" * 12).errors == []


# Numbers


def amount(**more: Any) -> Any:
    return PoundsField("Amount", thing="the amount", **more)


@pytest.mark.parametrize(
    ("typed", "pence", "shown"),
    [
        ("£3,400", 340000, "3,400"),
        ("3 400", 340000, "3,400"),
        ("3400.5", 340050, "3,400.50"),
        ("£3\u00a0400.50", 340050, "3,400.50"),
    ],
)
def test_pounds_are_read_and_given_back_tidy(typed: str, pence: int, shown: str) -> None:
    field = sent(amount(), typed)
    assert (field.data, field.value, field.errors) == (pence, shown, [])


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter the amount"),
        ("abc", "The amount must be an amount in pounds, like 3400 or 3,400.50"),
        ("1e3", "The amount must be an amount in pounds, like 3400 or 3,400.50"),
        ("Infinity", "The amount must be an amount in pounds, like 3400 or 3,400.50"),
        ("-1", "The amount must not be less than £0"),
        ("−1", "The amount must not be less than £0"),
        ("3400.999", "The amount must have at most two figures after the point, like 3400.50"),
        ("9" * 30, "The amount is larger than any grant"),
        ("1\x00", "The amount must be an amount in pounds, like 3400 or 3,400.50"),
    ],
)
def test_amount_that_is_none_is_refused_and_kept(typed: str, message: str) -> None:
    field = sent(amount(), typed)
    assert error(field) == message
    assert field.data is None
    assert field.value == typed.replace("\x00", "")


def test_amount_is_held_to_its_limits_to_the_penny() -> None:
    limited = amount(at_least=Pence(1), at_most=Pence(600_000))
    assert sent(limited, "6000.00").errors == []
    assert error(sent(limited, "6000.01")) == "The amount must be £6,000 or less"
    assert sent(limited, "6000.01").value == "6,000.01"
    assert error(sent(limited, "0")) == "The amount must be £0.01 or more"


@given(st.integers(min_value=0, max_value=10**13))
def test_any_amount_shown_is_read_back(pence: int) -> None:
    field = sent(amount(), pounds(pence))
    assert field.data == pence
    assert sent(amount(), field.value).data == pence


@pytest.mark.parametrize(
    ("typed", "number"), [("25", 25), ("1,200", 1200), ("1 200", 1200), ("007", 7), (" 0 ", 0), ("1\u00a0200", 1200)]
)
def test_whole_number_is_read(typed: str, number: int) -> None:
    assert sent(WholeNumberField("People", thing="the number of people"), typed).data == number


@pytest.mark.parametrize("typed", ["1e3", "-1", "2.5", "ten", "٣", "1_000", "1\x00", "0x1"])
def test_number_that_is_not_whole_is_refused_and_kept(typed: str) -> None:
    field = sent(WholeNumberField("People", thing="the number of people"), typed)
    assert error(field) == "The number of people must be a whole number in figures, like 25"
    assert field.value == typed.replace("\x00", "")


@pytest.mark.parametrize("typed", ["1000001", "9" * 5000])
def test_whole_number_is_held_to_its_limits(typed: str) -> None:
    field = sent(WholeNumberField("People", thing="the number of people", at_least=1, at_most=1_000_000), typed)
    assert error(field) == "The number of people must be 1,000,000 or less"
    assert field.value == typed
    least = sent(WholeNumberField("People", thing="the number of people", at_least=1), "0")
    assert error(least) == "The number of people must be 1 or more"


# Days


def start(**more: Any) -> Any:
    return DayField("Start", thing="the day your project starts", **more)


@pytest.mark.parametrize("month", ["3", "03", "March", "mar", "MARCH"])
def test_day_is_read_from_its_three_boxes(month: str) -> None:
    field = sent(start(), day="27", month=month, year="2027")
    assert (field.data, field.errors) == (date(2027, 3, 27), [])
    assert [part.value for part in field.parts] == ["27", month, "2027"]


@pytest.mark.parametrize(
    ("day", "month", "year", "message", "wrong"),
    [
        ("", "", "", "Enter the day your project starts", ["day", "month", "year"]),
        ("27", "", "2027", "The day your project starts must include a month", ["month"]),
        ("", "", "2027", "The day your project starts must include a day and a month", ["day", "month"]),
        ("30", "2", "2027", "The day your project starts cannot be 30 February 2027: that month has 28 days", ["day"]),
        ("29", "2", "2027", "The day your project starts cannot be 29 February 2027: that month has 28 days", ["day"]),
        ("x", "2", "2027", "The day your project starts must have a day in figures, like 27", ["day"]),
        ("32", "2", "2027", "The day your project starts must have a day from 1 to 31", ["day"]),
        ("1", "13", "2027", "The day your project starts must have a month from 1 to 12, like 3 or March", ["month"]),
        ("1", "ma", "2027", "The day your project starts must have a month from 1 to 12, like 3 or March", ["month"]),
        ("1", "2", "27", "The day your project starts must have a year in four figures, like 2027", ["year"]),
        ("1", "2", "20270", "The day your project starts must have a year in four figures, like 2027", ["year"]),
        ("1", "2", "٢٠٢٧", "The day your project starts must have a year in four figures, like 2027", ["year"]),
    ],
)
def test_day_that_is_none_names_the_wrong_part_and_is_kept(
    day: str, month: str, year: str, message: str, wrong: list[str]
) -> None:
    field = sent(start(), day=day, month=month, year=year)
    assert error(field) == message
    assert field.data is None
    assert [part.value for part in field.parts] == [day, month, year]
    assert [part.label.lower() for part in field.parts if part.wrong] == wrong
    assert field.error_id == f"it-{wrong[0]}"


def test_leap_day_is_read() -> None:
    assert sent(start(), day="29", month="2", year="2028").data == date(2028, 2, 29)


def test_day_is_held_to_its_limits() -> None:
    limited = start(earliest=date(2027, 1, 1), latest=date(2027, 12, 31))
    early = sent(limited, day="31", month="12", year="2026")
    assert error(early) == "The day your project starts must be 1 January 2027 or later"
    assert [part.wrong for part in early.parts] == [True, True, True]
    late = sent(limited, day="1", month="1", year="2028")
    assert error(late) == "The day your project starts must be 31 December 2027 or earlier"


def test_day_that_is_optional_may_be_left_out_but_not_half() -> None:
    assert sent(start(required=False)).errors == []
    assert error(sent(start(required=False), day="1")) == "The day your project starts must include a month and a year"


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_any_day_shown_is_read_back(day: date) -> None:
    form = type("OneDay", (PartForm,), {"it": start()})
    shown = {part.name[3:]: part.value for part in form(data={"it": day}).it.parts}
    assert sent(start(), **shown).data == day


# Choices

TOPICS = [Choice(1, "Knife crime"), Choice(2, "Hate crime", "Hint"), (3, "Burglary")]


def test_choice_is_a_value_of_the_choices() -> None:
    field = sent(ChoiceField("Topic", thing="a topic", choices=TOPICS), "2")
    assert (field.data, field.errors) == (2, [])
    assert [(option.id, option.checked) for option in field.options] == [("it", False), ("it-2", True), ("it-3", False)]


@pytest.mark.parametrize("values", [[], [""], ["9"], ["x"], ["1 OR 1"], ["\x00"]])
def test_choice_that_is_not_offered_is_asked_for(values: list[str]) -> None:
    field = sent(ChoiceField("Topic", thing="a topic", choices=TOPICS), *values)
    assert error(field) == "Select a topic"
    assert field.data is None


def test_choices_may_be_set_on_the_bound_field() -> None:
    form = type("One", (PartForm,), {"it": ChoiceField("Topic", thing="a topic")})(formdata=MultiDict([("it", "7")]))
    form.it.choices = [(7, "Seven")]
    assert form.validate()
    assert form.it.data == 7


def test_several_choices_come_in_the_order_of_the_choices_and_once() -> None:
    field = sent(ChoicesField("Topics", thing="a topic", choices=TOPICS), "3", "1", "3", "99")
    assert (field.data, field.errors) == ([1, 3], [])


def test_several_choices_are_held_to_their_number() -> None:
    limited = ChoicesField("Topics", thing="a topic", choices=TOPICS, at_least=2, at_most=2)
    assert error(sent(limited)) == "Select a topic"
    assert error(sent(limited, "99")) == "Select a topic"
    assert error(sent(limited, "1")) == "Select 2 or more. You chose 1"
    assert error(sent(limited, "1", "2", "3")) == "Select 2 or fewer. You chose 3"
    assert sent(limited, "1", "2").errors == []


@pytest.mark.parametrize(("value", "data"), [("yes", True), ("no", False)])
def test_yes_or_no_is_read(value: str, data: bool) -> None:
    field = sent(YesNoField("Registered?", thing="yes if you are registered"), value)
    assert (field.data, field.errors) == (data, [])


def test_neither_yes_nor_no_is_asked_for() -> None:
    field = sent(YesNoField("Registered?", thing="yes if you are registered"), "maybe")
    assert error(field) == "Select yes if you are registered"
    assert [option.checked for option in field.options] == [False, False]


def test_box_that_must_be_ticked() -> None:
    field = ConfirmField("I declare it", thing="all of this is true")
    assert error(sent(field)) == "Confirm that all of this is true"
    assert sent(field, "yes").data is True


# Files


def upload(content: bytes, name: str, **more: Any) -> Any:
    return sent(UploadField("Proof", thing="the proof", **more), FileStorage(io.BytesIO(content), filename=name))


def test_file_of_its_kind_is_taken() -> None:
    field = upload(b"%PDF-1.7\n" + b"x" * 100, "C:\\My papers\\Proof.PDF")
    assert field.errors == []
    assert (field.data.name, field.data.media_type, field.data.size) == ("Proof.PDF", "application/pdf", 109)


def test_file_that_is_missing_is_asked_for() -> None:
    assert error(sent(UploadField("Proof", thing="the proof"))) == "Choose the proof"
    assert error(upload(b"", "")) == "Choose the proof"
    assert error(sent(UploadField("Proof", thing="the proof"), "text")) == "Choose the proof"


def test_program_named_pdf_is_refused() -> None:
    message = error(upload(b"MZ" + b"\x00" * 500, "proof.pdf"))
    assert message.startswith("The proof must be a PDF, Word, Excel, ")
    assert message.endswith("“proof.pdf” is something else inside")


def test_file_that_is_too_large_or_empty_is_refused() -> None:
    assert error(upload(b"%PDF-" + bytes(50 * 1024 * 1024), "x.pdf")) == (
        "The proof must be 10 MB or less. This one has 50.1 MB"
    )
    assert error(upload(b"", "x.pdf")) == "The proof must not be an empty file. Choose another one"
