"""A kind of question is one class and one template: this one is made up here, and nothing else knows of it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader
from wtforms import Field

from grants.accounts.models import Organisation, Person
from grants.applications import contents as bids
from grants.applications import document, queries, rules
from grants.applications.models import Application, ApplicationStatus
from grants.applications.submissions import operations as submissions
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.values.words import some
from grants.foundation.web import pages
from grants.foundation.web.fields.drafts import DraftNumber
from grants.funds import operations as funds
from grants.funds.kinds import registry
from grants.funds.kinds.kind import GivenAnswer, QuestionKind
from grants.funds.models import Question, Round, RoundStatus
from tests.support import factories
from tests.support.client import Client

SignIn = Callable[[Any], Client]
KEY = "volunteers"
ASKS = "How many volunteers will take part?"


class Count(QuestionKind):
    """So many of something: `settings` name its noun, and how many there may be."""

    name = "count"
    template = "made-up/count.html"
    cells = "number"

    def limit(self, question: Question) -> str:
        return f"A number up to {question.settings['most']}"

    def blank(self, question: Question) -> dict[str, Any]:  # noqa: ARG002
        return {"kind": "number"}

    def field(self, question: Question) -> Field:
        return DraftNumber(question.text, thing="how many", required=question.required, hint=question.hint)

    def problem(self, answer: GivenAnswer) -> str:
        most = answer.settings["most"]
        return f"There can be {most} at most" if int(answer.text) > most else ""

    def kept(self, typed: Any) -> str:
        return "" if typed is None else str(typed)

    def shown(self, text: str) -> Any:
        return int(text) if text else None

    def words(self, text: str) -> str:
        return some(int(text), "volunteer") if text else ""

    def cell(self, text: str) -> Any:
        return int(text) if text else None


@pytest.fixture(autouse=True)
def _made_up(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._kinds, "count", Count())
    template = DictLoader({"made-up/count.html": "<p class='counted'>{{ answer.text }} of them</p>"})
    monkeypatch.setattr(app.jinja_env, "loader", ChoiceLoader([app.jinja_env.loader, template]))


@pytest.fixture
def group(app: Any) -> Organisation:
    return factories.organisation("Northside Youth Project")


@pytest.fixture
def person(group: Organisation) -> Person:
    return factories.applicant(group)


@pytest.fixture
def a_round(app: Any) -> Round:
    """An open round that asks for a count after one question in words."""
    made = factories.open_round(code="SCF-30", questions=1)
    with transaction():
        made.status = RoundStatus.DRAFT
    funds.add_question(
        actor=factories.officer().actor,
        a_round=made,
        key=KEY,
        text=ASKS,
        kind="count",
        settings={"most": 50},
    )
    with transaction():
        made.status = RoundStatus.OPEN
    return made


@pytest.fixture
def draft(a_round: Round, group: Organisation, person: Person) -> Application:
    made = factories.application(ApplicationStatus.DRAFT, in_round=a_round, organisation=group, by=person)
    with transaction():
        made.answers = [answer for answer in made.answers if answer.text and answer.question.kind == "words"]
    return made


def _problems(draft: Application) -> list[tuple[str, str, bool]]:
    found = rules.problems(queries.draft_bid(draft), draft.round)
    return [(problem.section, problem.message, problem.missing) for problem in found]


def test_count_is_asked_in_public_and_on_the_blank_form(a_round: Round, client: Client) -> None:
    page = client.get(f"/rounds/{a_round.slug}/questions")

    assert f"{ASKS} A number up to 50" in " ".join(page.main.split())
    assert client.get(f"/rounds/{a_round.slug}/blank-form.pdf").data.startswith(b"%PDF")


def test_count_goes_from_form_to_file(draft: Application, person: Person, sign_in: SignIn) -> None:
    where, browser = f"/applications/{draft.reference}/questions/{KEY}", sign_in(person)
    assert _problems(draft) == [(f"questions/{KEY}", f"Answer the question “{ASKS}”", True)]

    # form and draft: what does not fit is kept, and told beside the field
    assert browser.submit(where, {"text": "many"}).status_code == 422
    assert browser.submit(where, {"text": "60"}).goes_to == where
    page = browser.get(where)
    assert page.page.select_one("#text")["value"] == "60"
    assert "There can be 50 at most" in page.main
    assert _problems(draft) == [(f"questions/{KEY}", "There can be 50 at most", False)]
    assert browser.submit(where, {"text": "12"}).goes_to == f"/applications/{draft.reference}"
    assert _problems(draft) == []

    # page
    for tail in ("/check", ""):
        assert browser.get(f"/applications/{draft.reference}{tail}").status_code == 200
    assert browser.get(f"/applications/{draft.reference}/check").page.select_one(".counted").text == "12 of them"

    # freeze
    sent = submissions.submit(person=person, application=draft, declared_name=person.name)
    frozen = json.loads(sent.content)["bid"]["answers"]
    assert "kind" not in frozen[0]
    assert frozen[1] == {
        "key": KEY,
        "question": ASKS,
        "most_words": 1,
        "required": True,
        "text": "12",
        "kind": "count",
        "settings": {"most": 50},
    }
    assert bids.of_submission(sent).answers[1] == GivenAnswer(KEY, ASKS, 1, True, "12", "count", {"most": 50})
    assert browser.get(f"/applications/{draft.reference}").page.select_one(".counted").text == "12 of them"

    # PDF and CSV
    assert document._data(bids.of_submission(sent), pages.office())["answers"][1]["text"] == "12 volunteers"
    assert browser.get(f"/applications/{draft.reference}/application.pdf").data.startswith(b"%PDF")
    office = sign_in(factories.officer())
    whole, of_one_round = (_only_row(office, query) for query in ("", "?round=scf-30"))
    assert ASKS not in whole
    assert of_one_round == {**whole, "Why is the project needed?": "Because people ask for it.", ASKS: "12"}
    assert office.get("/applications.xlsx?round=scf-30").status_code == 200


def _only_row(office: Client, query: str) -> dict[str, str]:
    file = office.get(f"/applications.csv{query}").data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(file))
    return row


def test_two_people_who_count_at_once_see_both(draft: Application, person: Person, sign_in: SignIn) -> None:
    where, browser = f"/applications/{draft.reference}/questions/{KEY}", sign_in(person)
    page = browser.get(where)
    browser.submit(page, {"text": "12"})

    again = browser.submit(page, {"text": "13"})

    assert "12 volunteers" in again.main
    assert again.page.select_one("#text")["value"] == "13"


def test_kind_that_nobody_registered_is_not_asked(a_round: Round) -> None:
    with transaction():
        a_round.status = RoundStatus.DRAFT

    with pytest.raises(Refused, match="no kind of question called riddle"):
        funds.add_question(actor=factories.officer().actor, a_round=a_round, key="x", text="?", kind="riddle")


def test_fingerprint_of_a_set_in_words_is_what_it_was_before_there_were_kinds(a_round: Round) -> None:
    words, count = db.session.query(Question).filter_by(round_id=a_round.id).order_by(Question.position)

    assert funds.fingerprint([words], [], []) == _before_there_were_kinds(words)
    assert funds.fingerprint([count], [], []) != _before_there_were_kinds(count)


def _before_there_were_kinds(question: Question) -> str:
    before = [[question.key, question.text, question.hint, question.most_words, question.required]]
    content = {"questions": before, "criteria": [], "eligibility": []}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
