"""Pages: what every page knows and shows, and the parts that it is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Config, Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from sqlalchemy import text
from werkzeug.exceptions import Forbidden, Gone, NotFound

from grants import create_app
from grants.foundation.records import office
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import LostUpdate, Refused, db
from grants.foundation.values import clock as time
from grants.foundation.values import colours
from grants.foundation.values.colours import BadColour
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.foundation.values.version import VERSION
from grants.foundation.views import wanted_heads
from grants.foundation.web import fields, forms, pages
from grants.foundation.web.pages import NBSP
from tests.conftest import new_client
from tests.support.client import ORIGIN, Client, words
from tests.support.lint import lint

KITCHEN_SINK = Path(__file__).with_name("kitchen_sink.html")
LONG_NAME = "The Society of Friends of the Old Mill at Luddenden Foot, Mytholmroyd and Hebden Bridge " * 2
NOON = datetime(2026, 12, 4, 12, tzinfo=UTC)


class EveryField(forms.VersionedForm, forms.CreatingForm):
    """One field of each kind."""

    title = fields.LineField("Project title", thing="a project title", hint="As you would say it to a neighbour.")
    asked = fields.PoundsField("How much?", thing="the amount", at_most=Pence(600000))
    what = fields.WordsField("What will you do?", thing="what you will do", most_words=75)
    more = fields.TextField("Anything else?", thing="more", longest=2000, required=False)
    begins = fields.DayField("When does it begin?", thing="the first day")
    place = fields.ChoiceField("Where?", thing="a district", choices=[("b", "Bradford"), ("c", "Calderdale")])
    topic = fields.ChoiceField("Topic", thing="a topic", look="select", choices=[("a", "Knife crime")])
    others = fields.ChoicesField("Other topics", thing="topics", choices=[("a", "Hate crime")])
    staff = fields.YesNoField("Do you pay staff?", thing="yes if you pay staff")
    people = fields.WholeNumberField("People helped", thing="how many people")
    mail = fields.EmailField("E-mail address")
    password = fields.PasswordField("Password", least=10)
    proof = fields.UploadField("Proof", thing="the proof")
    sure = fields.ConfirmField("I confirm that it is true", thing="it is true")


@pytest.fixture
def another_app(app: Flask) -> Iterator[Callable[..., Flask]]:
    """Makes an app of a test's own, on the same database unless told otherwise."""
    made: list[Flask] = []

    def make(**overrides: Any) -> Flask:
        url = app.config["SQLALCHEMY_DATABASE_URI"]
        made.append(create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, **overrides}))
        return made[-1]

    yield make
    for each in made:
        with each.app_context():
            db.engine.dispose()


def draw(app: Flask, form: Any, *, path: str = "/") -> BeautifulSoup:
    """The kitchen sink with a form, linted."""
    rows = [("Calder Youth", "Safe nights out", 600000, 540000), (LONG_NAME, "Boxing", 592550, None)]
    with app.test_request_context(path, base_url=ORIGIN):
        drawn = render_template_string(KITCHEN_SINK.read_text(), form=form(), noon=NOON, rows=rows, long_name=LONG_NAME)
    return lint(drawn, "the kitchen sink")


def test_every_part_of_a_page_is_valid_and_labelled(app: Flask) -> None:
    page = draw(app, EveryField)

    assert words(page.title) == "Everything that a page is made of – Community grants"
    assert words(page.select_one(".g-figure__value")) == "£103,096"
    assert [words(tag) for tag in page.select("p > .g-tag")] == ["Approved", "Waiting", "Declined", "Draft"]
    assert words(page.select_one("tbody tr:nth-of-type(2) td:last-child")) == "not known"
    assert page.select_one("#proof")["type"] == "file"


def test_every_field_has_its_error_beside_it_and_in_the_summary(app: Flask) -> None:
    def sent() -> EveryField:
        form = EveryField(formdata=None)
        form.validate()
        return form

    page = draw(app, sent)

    beside = [words(error).removeprefix("Error: ") for error in page.select(".govuk-error-message")]
    summary = [words(link) for link in page.select(".govuk-error-summary a")]
    assert summary == beside
    assert len(beside) == 13
    assert words(page.title).startswith("Error: ")


def test_field_keeps_what_was_typed_and_escapes_it(app: Flask) -> None:
    typed = '<script>alert("1")</script> & so on'

    page = draw(app, lambda: EveryField(data={"title": typed, "what": typed}))

    assert page.select_one("#title")["value"] == typed
    assert page.select_one("#what").get_text().removeprefix("\n") == typed


def test_counter_counts_by_the_limit_of_the_field(app: Flask) -> None:
    page = draw(app, EveryField)

    assert page.select_one("#what").find_parent(class_="govuk-form-group")["data-maxwords"] == "75"
    assert page.select_one("#more").find_parent(class_="govuk-form-group")["data-maxlength"] == "2000"
    assert words(page.select_one("#more-info")) == "You can enter up to 2,000 characters"


def test_password_is_never_written_into_the_page(app: Flask) -> None:
    page = draw(app, lambda: EveryField(data={"password": "correct horse battery"}))

    assert not page.select_one("#password").has_attr("value")
    assert "correct horse" not in str(page)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 12, 4, 12, tzinfo=UTC), "12 noon on 4 December 2026"),
        (datetime(2026, 7, 4, 11, tzinfo=UTC), "12 noon on 4 July 2026"),
        (datetime(2026, 12, 4, 15, 5, tzinfo=UTC), "3:05pm on 4 December 2026"),
        (datetime(2026, 12, 4, 9, tzinfo=UTC), "9am on 4 December 2026"),
        (datetime(2026, 12, 4, 0, 30, tzinfo=UTC), "12:30am on 4 December 2026"),
        (datetime(2026, 7, 3, 23, tzinfo=UTC), "midnight on 4 July 2026"),
    ],
)
def test_instant_is_shown_in_london(instant: datetime, expected: str) -> None:
    assert pages.instant(instant).replace(NBSP, " ") == expected


def test_deadline_says_the_weekday_and_the_zone() -> None:
    summer = datetime(2026, 7, 3, 11, tzinfo=UTC)

    assert pages.deadline(NOON) == f"12{NBSP}noon, Friday 4{NBSP}December{NBSP}2026"
    assert pages.deadline(NOON, zone=True).endswith(f"(UK{NBSP}time,{NBSP}GMT)")
    assert pages.deadline(summer, zone=True).endswith(f"(UK{NBSP}time,{NBSP}BST)")


@given(st.dates(date(2014, 1, 1), date(2040, 1, 1)))
def test_deadline_at_midnight_is_told_as_the_end_of_the_day_before(last: date) -> None:
    """Whoever reads "midnight, Saturday" comes a day late; on nights in which the clocks change too."""
    midnight, end = time.start_of_day(last + timedelta(days=1)), time.end_of_day(last)
    told = pages.deadline(midnight, zone=True)
    assert told == pages.deadline(end, zone=True)
    assert told.startswith(f"11:59pm, {last:%A} {last.day}{NBSP}{last:%B}{NBSP}{last.year}")
    assert pages.last_day(midnight) == pages.last_day(end) == pages.short_day(last)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2017, 5, 2), "2 May 2017"),
        (Day.parse("by 2015-06-29"), "by 29 June 2015"),
        (Day.parse("2015-03"), "March 2015"),
        (None, "not known"),
    ],
)
def test_day_is_as_exact_as_it_is_known(value: Day | date | None, expected: str) -> None:
    assert pages.day(value).replace(NBSP, " ") == expected


def test_paragraphs_keep_lines_and_escape() -> None:
    drawn = pages.paragraphs("one\r\ntwo\r\n\r\n<b>three</b>")

    assert drawn == '<p class="govuk-body">one<br>two</p><p class="govuk-body">&lt;b&gt;three&lt;/b&gt;</p>'


@pytest.mark.parametrize("slip", ["{{ nobody }}", "{{ day.amont }}", "{% for x in nobody %}{% endfor %}"])
def test_name_that_nobody_gave_stops_the_page(app: Flask, slip: str) -> None:
    with app.test_request_context("/"), pytest.raises(UndefinedError):
        render_template_string(slip, day=Day.parse("2015"))


def test_components_of_the_library_can_be_used(app: Flask) -> None:
    source = (
        "{% from 'govuk_frontend_jinja/components/date-input/macro.html' import govukDateInput %}"
        "{{ govukDateInput({'id': 'begins', 'hint': {'text': 'For example'}, 'items': [{'name': 'day'}]}) }}"
    )

    with app.test_request_context("/"):
        drawn = render_template_string(source)

    assert 'name="day"' in drawn


def test_navigation_shows_a_tab_only_to_whom_it_is_meant(another_app: Callable[..., Flask]) -> None:
    made = another_app()
    pages.add_tab(made, "Cookies", "foundation.cookies", order=1)
    pages.add_tab(made, "Secret", "foundation.privacy", order=2, shown=lambda person: person is not None)
    pages.add_tab(made, "Not built", "nowhere.at_all", order=3)

    page = new_client(made).get("/cookies").page

    shown = {words(link): link.get("aria-current") for link in page.select(".govuk-service-navigation__link")}
    assert shown["Cookies"] == "page"
    assert not shown.keys() & {"Secret", "Not built"}


@pytest.mark.parametrize(
    ("address", "heading"),
    [("/accessibility", "Accessibility statement"), ("/privacy", "Privacy"), ("/cookies", "Cookies")],
)
def test_page_that_the_law_asks_for_is_there(
    client: Client, count_queries: Callable[[], Any], address: str, heading: str
) -> None:
    with count_queries() as queries:
        answer = client.get(address)

    assert (answer.status_code, words(answer.page.h1)) == (200, heading)
    assert queries.count == 1


def test_privacy_page_says_how_long_by_the_offices_settings(client: Client) -> None:
    office.set_office(actor=Actor.command("test"), keep_refused_years=3, keep_awarded_years=1, legal_power="the Act")

    answer = client.get("/privacy")

    assert "An application that was not awarded: 3 years after its round was decided." in answer.main
    assert "payments and reports: 1 year after the grant ended." in answer.main
    assert "making grants under the Act." in answer.main


# The health of the service


@pytest.fixture
def migrated_to(app: Flask) -> Iterator[Callable[[set[str]], None]]:
    """Says which migrations the database has."""

    def mark(versions: set[str]) -> None:
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            for version in versions:
                connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})

    yield mark
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))


def test_health_is_ok_with_every_migration(client: Client, migrated_to: Callable[[set[str]], None]) -> None:
    migrated_to(wanted_heads())

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok", "version": VERSION})


def test_health_says_that_a_migration_is_missing(client: Client, migrated_to: Callable[[set[str]], None]) -> None:
    migrated_to({"an-older-one"})

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json["reason"].startswith("A migration is missing")
    assert answer.json["version"] == VERSION


def test_health_says_that_the_database_does_not_answer(another_app: Callable[..., Flask], tmp_path: Path) -> None:
    made = another_app(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'no' / 'folder.db'}")

    answer = new_client(made).get("/healthz")

    assert (answer.status_code, answer.json["reason"]) == (503, "The database does not answer.")


def test_health_says_that_nothing_can_be_stored(
    client: Client, config: Config, migrated_to: Callable[[set[str]], None], tmp_path: Path
) -> None:
    migrated_to(wanted_heads())
    config["INSTANCE"] = tmp_path / "gone"

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json["reason"]) == (503, "The instance folder takes no files.")


# What goes wrong


@pytest.fixture
def breaking(another_app: Callable[..., Flask]) -> Client:
    """A browser at an app with routes that fail, each in its way."""
    made = another_app(TESTING=False, MAX_CONTENT_LENGTH=100_000)

    def fail(error: Exception) -> Callable[[], str]:
        def view() -> str:
            raise error

        return view

    for name, error in {
        "slip": ZeroDivisionError("secret words"),
        "refused": Refused("The round closed at 12 noon."),
        "lost": LostUpdate(1, 2),
        "closed": Forbidden(),
        "nowhere": NotFound(),
        "gone": Gone(),
    }.items():
        made.add_url_rule(f"/{name}", name, fail(error), methods=["GET", "POST"])
    made.add_url_rule("/echo", "echo", lambda: "stored", methods=["POST"])
    return new_client(made)


def test_missing_page_is_kind(client: Client) -> None:
    answer = client.get("/nowhere/at/all")

    assert answer.status_code == 404
    assert words(answer.page.h1) == "Page not found"


def test_wrong_method_says_which_are_right(client: Client) -> None:
    answer = client.open("/cookies", method="DELETE")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_failure_shows_a_page_without_the_database_and_without_its_reason(
    breaking: Client, caplog: pytest.LogCaptureFixture, count_queries: Callable[[], Any]
) -> None:
    with count_queries() as queries:
        answer = breaking.get("/slip")

    assert (answer.status_code, words(answer.page.h1)) == (500, "Sorry, something went wrong")
    assert "secret words" not in answer.get_data(as_text=True)
    assert "secret words" in caplog.text
    assert queries.count == 0


def test_pages_stand_while_the_database_does_not_answer(another_app: Callable[..., Flask], tmp_path: Path) -> None:
    made = another_app(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'no' / 'folder.db'}")

    answer = new_client(made).get("/cookies")

    assert (answer.status_code, words(answer.page.h1)) == (200, "Cookies")


def test_refusal_shows_its_sentence(breaking: Client) -> None:
    answer = breaking.get("/refused")

    assert answer.status_code == 422
    assert "The round closed at 12 noon." in answer.main


def test_too_large_a_request_gets_a_page(breaking: Client) -> None:
    answer = breaking.post("/echo", data={"text": "x" * 200_000})

    assert (answer.status_code, words(answer.page.h1)) == (413, "What you sent is too large")


def test_lost_update_gives_the_text_back(breaking: Client) -> None:
    token = token_of(breaking)

    answer = breaking.post("/lost", data={"csrf_token": token, "version": "1", "title": "<Our> long text"})

    assert answer.status_code == 409
    assert [words(text) for text in answer.page.select(".g-typed")] == ["<Our> long text"]


@pytest.mark.parametrize("name", ["refused", "closed", "nowhere", "gone"])
def test_a_form_that_leads_nowhere_gives_the_text_back_to_whom_it_came_from(breaking: Client, name: str) -> None:
    """As when somebody else signed in on the page of a person whose session had ended."""
    sent = {"csrf_token": token_of(breaking), "text": "<Our> long text", "password": "hunter2"}

    ours = breaking.post(f"/{name}", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    other = breaking.post(f"/{name}", data=sent, headers={"Sec-Fetch-Site": "cross-site"})

    assert "&lt;Our&gt; long text" in ours.get_data(as_text=True)
    assert "hunter2" not in ours.get_data(as_text=True)
    assert "long text" not in other.get_data(as_text=True)


def token_of(client: Client) -> str:
    """A fresh token against forgery, as a page would hold it."""
    page = client.post("/echo", data={"a": "b"}, headers={"Sec-Fetch-Site": "same-origin"}).page
    return str(page.select_one("main input[name=csrf_token]")["value"])


def test_expired_token_loses_no_text(breaking: Client) -> None:
    """Risk: somebody writes for an hour, the session runs out, and the text is gone."""
    sent = {"csrf_token": "old", "title": 'A "title" & <more>', "topics": ["a", "b"], "text": "one\r\n\r\n two"}

    answer = breaking.post("/echo?step=2", data=sent, headers={"Sec-Fetch-Site": "same-origin"})

    form = answer.page.select_one("main form")
    assert answer.status_code == 400
    assert form["action"] == "/echo?step=2"
    kept = [(tag["name"], tag["value"]) for tag in form.select("input") if tag["name"] != "csrf_token"]
    assert kept == [
        ("title", sent["title"]),
        ("topics", "a"),
        ("topics", "b"),
        ("text", "one\n\n two"),
    ]
    assert breaking.submit(answer).get_data(as_text=True) == "stored"


def test_expired_token_writes_no_secret_into_the_page(breaking: Client) -> None:
    """Risk: a password or a one-time code lies in the page, and in the history of a shared computer."""
    sent = {"email": "ada@example.org", "password": "correct horse", "new_password": "battery", "code": "123456"}

    answer = breaking.post("/echo", data=sent, headers={"Sec-Fetch-Site": "same-origin"})

    page = answer.get_data(as_text=True)
    assert "ada@example.org" in page
    assert not any(secret in page for secret in ("correct horse", "battery", "123456"))


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_form_of_another_site_is_not_offered_again(breaking: Client, headers: dict[str, str]) -> None:
    """Risk: another site's form becomes ours by one click on "Send it again"."""
    answer = breaking.post("/echo", data={"amount": "6000"}, headers=headers)

    assert answer.status_code == 400
    assert answer.page.select("main form") == []
    assert "6000" not in answer.main


def test_form_sent_again_stays_on_this_site(breaking: Client) -> None:
    """Risk: an address that begins with two slashes leads the text to another site."""
    answer = breaking.post("//echo", data={"text": "mine"}, headers={"Sec-Fetch-Site": "same-origin"})

    assert all(not str(form["action"]).startswith("//") for form in answer.page.select("form"))


# The office's colours


def test_office_chooses_its_colours(client: Client) -> None:
    before = client.get("/cookies").get_data(as_text=True)
    office.set_office(actor=Actor.command("test"), brand_colour="#003B49", link_colour="#00505f")

    page = client.get("/cookies").page
    style = page.select_one("link[href^='/brand.css']")

    assert "brand.css" not in before
    assert client.get(style["href"]).get_data(as_text=True) == (
        ":root{--govuk-brand-colour:#003b49;--govuk-link-colour:#00505f;}\n"
    )


@pytest.mark.parametrize("colour", ["#8a7fa3", "#ffdd00", "red", "#fff", "#003b49;}", ""])
def test_colour_that_cannot_be_read_is_refused(app: Flask, colour: str) -> None:
    with pytest.raises(BadColour):
        office.set_office(actor=Actor.command("test"), brand_colour=colour)

    assert office.the_office().brand_colour == colours.PLUM


def test_colours_of_the_house_can_be_read() -> None:
    assert colours.check(colours.PLUM, thing="main colour") == colours.PLUM
    assert round(colours.contrast(colours.PLUM, colours.WHITE), 1) == 11.9
    assert round(colours.contrast(colours.LINK, colours.MIST), 1) == 8.6


@pytest.mark.parametrize("options", ["['a', 'b & c']", "[('a', 'A'), ('b & c', 'B')]", "members"])
def test_filter_above_a_list_keeps_what_is_chosen(app: Flask, options: str) -> None:
    source = (
        "{% from 'ui/forms.html' import filter_by %}{{ filter_by('what', 'What', " + options + ", chosen='b & c') }}"
    )
    members = [SimpleNamespace(value="a", label="A"), SimpleNamespace(value="b & c", label="B")]

    with app.test_request_context("/"):
        drawn = app.jinja_env.from_string(source).render(members=members)

    assert re.findall(r"<option([^>]*)>", drawn)[0] == ' value=""'
    assert re.findall(r"<option([^>]*) selected>(.*?)</option>", drawn) == [
        ("", "b &amp; c") if options.startswith("['") else (' value="b &amp; c"', "B")
    ]
