"""What a new password must be: long, not leaked, and more than names that others know."""

from __future__ import annotations

import string
import tracemalloc

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from grants.accounts import guesses
from grants.accounts.credentials import operations as credentials
from grants.accounts.demo import PASSWORD as PUBLIC
from grants.accounts.models import SHORTEST_PASSWORD
from grants.accounts.passwords import hash_password
from grants.accounts.sessions.operations import begin
from grants.foundation.records.db import Refused, transaction
from grants.foundation.records.office import set_office
from grants.foundation.values.words import count_characters
from grants.foundation.web.fields.text import LONGEST_PASSWORD
from tests.support import factories
from tests.support.client import Client

EMAIL = "samira.sutcliffe@hebden-library.example"
NAMES = ["Jo Ng", "Zoë Müller", "Friends of the Old Mill", "Calder Sustainable Communities Fund", "राधिका शर्मा"]


def problem(password: str) -> str:
    return guesses.password_problem(password, email=EMAIL, names=NAMES)


@pytest.mark.parametrize(
    "password",
    [
        "three plain words",
        "🙂🙃😉😊😇🥰",
        "  two  spaces  ",
        "x1!x2!y1!y2!",
        "482917463829",
        "samira likes kettles",
        "the old mill turns at night",
        "Friends of the Young Mill",
        "تین سادہ الفاظ ہیں",
        "abcdefgh" * (LONGEST_PASSWORD // 8),
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    assert problem(password) == ""


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "must have 12 characters or more"),
        ("three words", "must have 12 characters or more"),
        ("🙂🙃😉😊😇", "must have 12 characters or more"),
        ("abcdefgh" * (LONGEST_PASSWORD // 8) + "i", "must have 256 characters or fewer"),
        ("a\0bcdefghijklm", "holds a character that cannot be typed"),
        ("abcabcabcabc", guesses.GUESSED),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", guesses.GUESSED),
        ("Password1234", guesses.GUESSED),
        ("QwertyUiop123", guesses.GUESSED),
        ("correcthorsebatterystaple", guesses.GUESSED),
        ("ｐａｓｓｗｏｒｄ１２３４", guesses.GUESSED),
        (PUBLIC, guesses.GUESSED),
        (EMAIL, guesses.OWN_WORDS),
        ("Samira.Sutcliffe", guesses.OWN_WORDS),
        ("hebden-library", guesses.OWN_WORDS),
        ("library 4829 1746", guesses.OWN_WORDS),
        ("Zoe Muller 1984", guesses.OWN_WORDS),
        ("jong-jong-2026", guesses.OWN_WORDS),
        ("friendsoftheoldmill", guesses.OWN_WORDS),
        ("CalderFundMill1!", guesses.OWN_WORDS),
        ("Sustainable xyz", guesses.OWN_WORDS),
        ("राधिका 20262026", guesses.OWN_WORDS),
    ],
)
def test_a_bad_password_is_named(password: str, said: str) -> None:
    assert said in problem(password)
    assert bool(said) is bool(problem(password))


NUMBERS_AND_SIGNS = st.text(alphabet=string.digits + string.punctuation + " ", max_size=12)
OWN = st.sampled_from(["Samira", "SUTCLIFFE", "hebden", "Friends of the Old Mill", "calder", "Communities"])


@given(st.lists(st.tuples(NUMBERS_AND_SIGNS, OWN), min_size=1, max_size=4), NUMBERS_AND_SIGNS)
def test_no_password_is_made_of_names_with_numbers_and_signs(parts: list[tuple[str, str]], end: str) -> None:
    password = "".join(between + name for between, name in parts) + end

    assert problem(password + "!" * SHORTEST_PASSWORD)


@given(OWN, st.text(alphabet="bcdfgjkpqvwxz", min_size=14, max_size=40).filter(lambda text: len(set(text)) > 4))
def test_a_long_phrase_may_hold_such_a_name(name: str, rest: str) -> None:
    assert problem(name + rest) == problem(rest + name) == ""


@given(st.text(max_size=LONGEST_PASSWORD))
def test_every_password_is_answered_and_a_short_one_refused(password: str) -> None:
    said = problem(password)

    assert said == "" or said.endswith(".")
    assert said or count_characters(password) >= SHORTEST_PASSWORD


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "Zs"]), min_size=64, max_size=64))
def test_sixty_four_characters_of_any_script_with_spaces_are_no_more_too_long_than_too_short(password: str) -> None:
    assert "characters or" not in problem(password)


def test_the_list_stays_on_the_disk() -> None:
    tracemalloc.start()
    try:
        assert not any(guesses.is_listed(f"three plain words {number}") for number in range(100))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_the_names_of_the_office_its_funds_and_ones_own_groups_are_known(app: Flask) -> None:
    set_office(actor=factories.TESTS, name="Ryburn Council", website="https://ryburn.example")
    factories.fund(name="Warmer Winters")
    person = factories.person(name="Ulrike Unsworth", member_of=factories.organisation("Mytholm Kettles"))

    for password in ["Ryburn2026!!", "Mytholm*2026*", "WarmerWinters1", "Ulrike-2026-2026"]:
        with pytest.raises(Refused, match="made of names that others know"):
            guesses.refuse_bad_password_of(person, password)
    guesses.refuse_bad_password_of(person, "three plain words")


@pytest.mark.parametrize("password", ["ten charac", PUBLIC])
def test_a_password_from_before_goes_on_opening_its_account(client: Client, password: str) -> None:
    person = factories.person(email="old@example.org")
    with transaction():
        person.password_hash = hash_password(password)

    assert client.submit("/sign-in", {"email": person.email, "password": password}).status_code == 302
    with pytest.raises(Refused):
        credentials.change_password(here=begin(person), old=password, new=password)
