"""What the address of the trail means, and how that stands above the list."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from grants.accounts.models import OrganisationKind
from grants.accounts.organisations import operations as organisations
from grants.desk.trail import filters, queries
from grants.desk.trail.filters import TrailAsked
from grants.foundation.web.filters import BadFilter
from tests.support import award_factories, factories
from tests.support.client import Client


def _asked(app: Flask, **query: str) -> TrailAsked:
    with app.test_request_context("/audit", query_string=query):
        return filters.read_filters()


def _words(app: Flask, **query: str) -> list[tuple[str, str]]:
    with app.test_request_context("/audit", query_string=query):
        return [(label, value) for label, value, _without in filters.read_filters().in_words()]


@pytest.mark.parametrize(
    ("who", "words"),
    [("olive", "olive"), ("nobody", "Nobody who was signed in"), ("SYSTEM", "The system")],
)
def test_who_stands_above_the_list_as_it_was_meant(app: Flask, who: str, words: str) -> None:
    factories.person(name="Olive Officer")

    assert _words(app, who=who) == [("Who", words)]


def test_person_that_is_given_by_number_stands_there_by_name(app: Flask) -> None:
    person = factories.person(name="Olive Officer")
    factories.person(name="Olive Other")

    assert _words(app, who=str(person.id)) == [("Who", "Olive Officer")]
    assert _asked(app, who=str(person.id)).filters.people == (person.id,)


def test_several_people_of_one_name_are_all_meant(app: Flask) -> None:
    both = {factories.person(name="Olive Officer").id, factories.person(name="Olive Other").id}

    assert set(_asked(app, who="olive").filters.people) == both


def test_name_that_fits_too_many_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (filters, queries):
        monkeypatch.setattr(module, "MOST_PEOPLE", 2)
    for name in ("Olive One", "Olive Two"):
        factories.person(name=name)
    assert len(_asked(app, who="olive").filters.people) == 2

    factories.person(name="Olive Three")

    asked = _asked(app, who="olive")
    assert asked.errors == {"who": "“olive” fits more than 2 people. Type more of the name."}
    with pytest.raises(BadFilter, match="fits more than 2 people"):
        asked.or_refuse()


@pytest.mark.parametrize("typed", ["northside", "NORTHSIDE youth", "Northside Old Name", "1234567"])
def test_group_is_found_by_its_name_one_that_it_had_and_its_charity_number(app: Flask, typed: str) -> None:
    group = factories.organisation("Northside Old Name", kind="charity", charity_number="1234567")
    factories.organisation("Southside Youth")
    organisations.change_organisation(
        person=factories.person(member_of=group),
        organisation=group,
        version=group.version,
        name="Northside Youth",
        kind=OrganisationKind.CHARITY,
        charity_number="1234567",
        company_number="",
    )

    assert _words(app, group=typed) == [("Group", "Northside Youth")]
    assert _asked(app, group=typed).filters.group == queries.Belongings(things={"organisations": frozenset({group.id})})


def test_several_groups_of_a_name_are_named_and_of_many_it_is_said_how_many(app: Flask) -> None:
    for name in ("Youth One", "Youth Two", "Youth Three"):
        factories.organisation(name)
    assert _words(app, group="youth") == [("Group", "Youth One, Youth Two, Youth Three")]

    factories.organisation("Youth Four")

    assert _words(app, group="youth") == [("Group", "4 groups like “youth”")]


def test_name_that_fits_too_many_groups_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (filters, queries):
        monkeypatch.setattr(module, "MOST_GROUPS", 2)
    for name in ("Youth One", "Youth Two", "Youth Three"):
        factories.organisation(name)

    assert _asked(app, group="youth").errors == {"group": "“youth” fits more than 2 groups. Type more of the name."}


def test_every_wrong_filter_is_told_in_the_order_of_the_page(app: Flask) -> None:
    asked = _asked(app, until="2026-01-01", since="2026-01-02", who="zebedee", group="zebedee")

    assert [error.id for error in asked.errors_in_order()] == ["who", "group", "since"]
    assert asked.in_words() == []


def test_grant_stands_there_by_its_own_reference_and_not_by_that_of_a_variation(app: Flask) -> None:
    award = award_factories.decided_award()
    award_factories.begun_variation(award, amount=500_000)

    assert _words(app, grant=award.reference.lower()) == [("Grant", award.reference)]


def test_act_is_not_taken_for_another_that_begins_like_it(app: Flask) -> None:
    assert not _asked(app, verb="recommend").filters.has_detail
    assert _asked(app, verb="save answer").filters.has_detail


def test_choices_stand_in_the_order_of_their_words(app: Flask) -> None:
    kinds = [words for _kind, words in filters.kinds()]
    assert kinds == sorted(kinds)
    for _room, acts in filters.acts_by_room():
        assert [words for _act, words in acts] == sorted(words for _act, words in acts)
    assert [room for room, _acts in filters.acts_by_room()] == list(filters.ROOMS.values())


def test_first_and_last_day_may_be_one(app: Flask) -> None:
    asked = _asked(app, since="2026-11-27", until="2026-11-27").filters

    assert asked.since == asked.until


def test_form_shows_again_what_was_asked(sign_in: Any) -> None:
    browser: Client = sign_in(factories.auditor())
    page = browser.get("/audit?who=system&verb=make+fund&kind=funds&since=2026-01-01&until=2027-01-01")

    fields = {field["name"]: field.get("value") for field in page.page.select(".g-filter-form input")}
    chosen = {choice.parent.name: choice["value"] for choice in page.page.select("option[selected]")}

    assert fields == {"who": "system", "group": "", "grant": "", "since": "2026-01-01", "until": "2027-01-01"}
    assert sorted(chosen.values()) == ["funds", "make fund"]
