"""Filters of an address: tidied, known, and refused in words that say what was meant."""

from __future__ import annotations

import pytest
from flask import Flask

from grants.foundation.web.filters import BadFilter, Parameters, choice_filter, clean_filter, name_filter
from tests.support.client import Client

KNOWN = Parameters(("fund", "round"), ("q",), turns=True)


def refusal(app: Flask, query: str, taken: Parameters = KNOWN) -> str:
    with app.test_request_context(f"/list?{query}"):
        try:
            taken.check()
        except BadFilter as bad:
            return str(bad)
    return ""


def test_filter_is_tidied() -> None:
    assert (clean_filter("  it's 50% \n"), clean_filter(None)) == ("it's 50%", "")


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\x1b", "x" * 201, "x" * 10_000])
def test_filter_that_no_search_can_use_is_refused(text: str) -> None:
    with pytest.raises(BadFilter, match=r"^The search (has a hidden character|must be 200 characters)"):
        clean_filter(text)


def test_choice_of_a_filter_is_one_that_is_known() -> None:
    assert choice_filter("CSE", {"CSE": 4}, name="The topic") == 4
    assert choice_filter("", {"CSE": 4}, name="The topic") is None
    with pytest.raises(BadFilter, match=r"^The topic “CSA” is not known\. Did you mean “CSE”\?$"):
        choice_filter("CSA", {"CSE": 4}, name="The topic")


def test_few_choices_are_all_told_and_many_are_not() -> None:
    with pytest.raises(BadFilter, match=r"^The place “z” is not known\. There are a and b\.$"):
        name_filter("z", lambda: ["a", "b"], name="The place")
    with pytest.raises(BadFilter, match=r"^The place “z” is not known\.$"):
        name_filter("z", lambda: [str(number) for number in range(13)], name="The place")


def test_what_is_known_is_asked_for_only_where_a_name_is_given() -> None:
    def known() -> list[str]:
        raise AssertionError

    assert name_filter(" ", known, name="The place") == ""


@pytest.mark.parametrize("query", ["", "fund=a&round=b&q=c&after=d&before=e", "fund=&q="])
def test_known_parameters_pass(app: Flask, query: str) -> None:
    assert refusal(app, query) == ""


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("Fund=a", "There is no filter “Fund” here. Did you mean “fund”? There are fund, round and q."),
        ("utm_source=a", "There is no filter “utm_source” here. There are fund, round and q."),
        ("x%00y=a", "There is no filter “x\ufffdy” here. There are fund, round and q."),
        ("fund=a&fund=b", "The filter “fund” is there more than once. Give it once only."),
        ("=", "There is no filter “” here. There are fund, round and q."),
    ],
)
def test_unknown_parameter_is_refused_with_the_nearest(app: Flask, query: str, sentence: str) -> None:
    assert refusal(app, query) == sentence


def test_long_name_is_repeated_only_in_part(app: Flask) -> None:
    assert len(refusal(app, "x" * 10_000 + "=a")) < 120


def test_page_without_filters_and_a_file_without_pages_say_so(app: Flask) -> None:
    assert refusal(app, "fund=a", Parameters()) == "There is no filter “fund” here. This page has no filters."
    assert refusal(app, "after=a", Parameters(("fund",))) == "There is no filter “after” here. There is fund."


def test_page_leads_to_the_list_without_what_is_not_known(client: Client) -> None:
    page = client.get("/register?year=2017&utm_source=news%26letter")

    assert page.status_code == 400
    assert page.page.title.get_text().startswith("Sorry, we do not know that filter")
    assert page.page.select_one("main a")["href"] == "/register?year=2017"


def test_page_of_an_unknown_value_leads_to_the_whole_list(client: Client) -> None:
    page = client.get("/register?year=2017&sort=newst")

    assert page.status_code == 400
    assert "The order “newst” is not known. Did you mean “newest”?" in page.main
    assert page.page.select_one("main a")["href"] == "/register"


def test_machine_is_told_as_json(client: Client) -> None:
    answer = client.get("/outcomes.json?fundd=SCF")

    assert answer.status_code == 400
    assert list(answer.get_json()["errors"]) == ["fundd"]
    assert "Did you mean “fund”?" in answer.get_json()["errors"]["fundd"]
