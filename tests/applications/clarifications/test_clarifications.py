"""A question of the office about an application, and the group's answer: once, frozen, beside what was sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError, IntegrityError

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Role
from grants.applications import rules
from grants.applications.clarifications import operations as clarifications
from grants.applications.clarifications.operations import BadAnswerDay
from grants.applications.models import (
    Application,
    ApplicationStatus,
    Bar,
    Clarification,
    ClarificationAnswer,
    Submission,
)
from grants.applications.submissions import operations
from grants.foundation.records import held
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values import clock as time
from tests.support import factories
from tests.support.applications_factories import ANSWER, QUESTION, answered, clarification
from tests.support.client import Client

S = ApplicationStatus
SignIn = Callable[[Any], Client]

UNDECIDED = {S.SUBMITTED, S.ELIGIBLE, S.RECOMMENDED, S.DECIDED}


@pytest.fixture
def group(app: Any) -> Organisation:
    return factories.organisation("Northside Youth Project")


@pytest.fixture
def owner(group: Organisation) -> Person:
    return factories.applicant(group)


@pytest.fixture
def sent(group: Organisation, owner: Person) -> Application:
    return factories.application(
        S.SUBMITTED, in_round=factories.open_round(code="SCF-21"), organisation=group, by=owner
    )


@pytest.fixture
def officer(app: Any) -> Person:
    return factories.officer()


def _ask(person: Person, of: Application, **more: Any) -> Clarification:
    return clarifications.ask(person=person, application=of, question=QUESTION, **more)


def _answer(person: Person, of: Application, text: str = ANSWER, number: int = 1) -> ClarificationAnswer:
    return clarifications.answer(person=person, application=of, number=number, text=text)


def _count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# Asking


def test_ask_writes_to_everybody_of_the_group_after_the_commit(
    officer: Person, sent: Application, group: Organisation, owner: Person
) -> None:
    colleague = factories.applicant(group, name="Chris Colleague")
    factories.applicant()

    _ask(officer, sent)

    letters = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [letter.to for letter in letters] == [owner.email, colleague.email]
    assert letters[0].subject == "A question about your application SCF-21-0001"
    assert QUESTION in letters[0].body
    assert "/applications/SCF-21-0001/clarifications/1" in letters[0].body


def test_ask_gives_a_week_until_five_by_the_clock_in_london(clock: Any, officer: Person, sent: Application) -> None:
    made = _ask(officer, sent)

    assert time.london(made.answer_by).isoformat() == "2026-11-29T17:00:00+00:00"


def test_ask_takes_another_day_and_refuses_one_that_cannot_be(clock: Any, officer: Person, sent: Application) -> None:
    for day, message in ((date(2026, 11, 21), "must be in the future"), (date(2027, 4, 1), "within 60 days")):
        with pytest.raises(BadAnswerDay, match=message):
            _ask(officer, sent, answer_on=day)

    assert time.london(_ask(officer, sent, answer_on=date(2026, 12, 4)).answer_by).date() == date(2026, 12, 4)


def test_ask_writes_one_line_without_the_words(officer: Person, sent: Application) -> None:
    _ask(officer, sent)

    line = db.session.scalars(select(AuditLine)).one()
    assert (line.verb, line.kind, line.reference) == ("ask the group", "clarifications", sent.reference)
    assert json.loads(line.digests).keys() == {"answer_by", "question", held.ROWS}
    assert "hall" not in line.why + line.digests


def test_ask_again_waits_for_the_answer(officer: Person, sent: Application, owner: Person) -> None:
    _ask(officer, sent)

    with pytest.raises(Refused, match="A question is open already"):
        _ask(factories.officer(), sent)
    _answer(owner, sent)

    assert _ask(officer, sent).number == 2


def test_ask_without_words_is_refused(officer: Person, sent: Application) -> None:
    with pytest.raises(Refused, match="Enter your question"):
        clarifications.ask(person=officer, application=sent, question=" \n")


@pytest.mark.parametrize("status", list(S))
def test_ask_is_possible_until_it_is_recommended(officer: Person, status: S) -> None:
    application = factories.application(status)

    if status in {S.SUBMITTED, S.ELIGIBLE}:
        _ask(officer, application)
        assert application.status == status
    else:
        with pytest.raises(Refused, match="does not take questions"):
            _ask(officer, application)
        assert _count(Clarification) == _count(OutboxMessage) == 0


@pytest.mark.parametrize("roles", [(), *((role,) for role in Role)], ids=str)
def test_only_an_officer_asks(sent: Application, roles: tuple[Role, ...]) -> None:
    person = factories.person(*roles)

    if Role.OFFICER in roles:
        _ask(person, sent)
    else:
        with pytest.raises(Refused, match="Only a grants officer"):
            _ask(person, sent)
        assert _count(Clarification) == _count(AuditLine) == 0


def test_officer_asks_neither_the_own_group_nor_where_an_interest_was_declared(
    sent: Application, group: Organisation
) -> None:
    of_group, barred = factories.person(Role.OFFICER, member_of=group), factories.officer()
    with transaction() as session:
        session.add(Bar(application_id=sent.id, person_id=barred.id, barred_at=time.now()))

    for person, words in ((of_group, "your own group"), (barred, "stays closed to you")):
        with pytest.raises(Refused, match=words):
            _ask(person, sent)


# Answering


def test_answer_is_kept_beside_the_submission_and_tells_who_asked(
    officer: Person, sent: Application, owner: Person
) -> None:
    before = db.session.scalars(select(Submission.content)).one()
    asker = factories.person(Role.OFFICER, name="Olga Asker")
    _ask(asker, sent)

    made = _answer(owner, sent)

    assert (made.answer, made.answered_by.id, made.answered_at) == (ANSWER, owner.id, made.answered_at)
    assert db.session.scalars(select(Submission.content)).one() == before
    line = db.session.scalars(select(AuditLine).order_by(AuditLine.id.desc())).first()
    assert line is not None
    assert (line.verb, line.reference, line.actor) == ("answer the office", sent.reference, owner.actor.key)
    letter = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert letter is not None
    assert letter.to == asker.email
    assert ANSWER not in letter.body


def test_answer_twice_is_refused(sent: Application, owner: Person) -> None:
    answered(sent, by=owner)

    with pytest.raises(Refused, match="answered already"):
        _answer(owner, sent, "No, not yet.")
    assert db.session.scalars(select(ClarificationAnswer.answer)).one() == ANSWER


@pytest.mark.parametrize("status", list(S))
def test_answer_is_taken_until_the_decision_is_announced(group: Organisation, owner: Person, status: S) -> None:
    application = factories.application(status, organisation=group, by=owner)
    clarification(application)

    if status in UNDECIDED:
        _answer(owner, application)
        assert application.status == status
    else:
        with pytest.raises(Refused, match=r"withdrawn|decided|not take answers"):
            _answer(owner, application)
        assert _count(ClarificationAnswer) == _count(AuditLine) == 0


def test_late_answer_is_taken(clock: Any, sent: Application, owner: Person) -> None:
    clarification(sent)
    clock.shift(timedelta(days=30))

    assert _answer(owner, sent).answered_at == time.now()


def test_answer_of_anybody_else_is_refused(officer: Person, sent: Application) -> None:
    clarification(sent)

    for stranger in (factories.applicant(), officer, factories.auditor(), factories.decision_maker()):
        with pytest.raises(Refused, match="Only the group itself"):
            _answer(stranger, sent)


def test_answer_without_words_or_to_no_question_is_refused(sent: Application, owner: Person) -> None:
    clarification(sent)

    with pytest.raises(Refused, match="Enter your answer"):
        _answer(owner, sent, " ")
    with pytest.raises(Refused, match="is not asked"):
        _answer(owner, sent, number=2)


@pytest.mark.parametrize("status", list(S))
def test_rules_never_say_more_than_the_tables(status: S, sent: Application, owner: Person, officer: Person) -> None:
    """Button and operation ask the same: who may answer may not ask, and the other way round."""
    sent.status = status
    asked = clarification(sent)
    db.session.refresh(asked)

    assert not rules.can_ask(owner, sent, [])
    assert not rules.can_ask(officer, sent, [asked])
    assert not rules.can_answer(officer, sent, asked)
    assert bool(rules.can_answer(owner, sent, asked)) is (status in UNDECIDED)


# What the database itself refuses


def test_question_and_answer_cannot_be_changed_or_deleted(sent: Application) -> None:
    answered(sent)
    question, reply = Clarification.__table__, ClarificationAnswer.__table__

    for statement in (
        question.update().values(question="Other"),
        reply.update().values(answer="Other"),
        reply.delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
            session.connection().execute(statement)


def test_two_questions_at_the_same_moment_cannot_both_be_the_first(sent: Application, officer: Person) -> None:
    clarification(sent)

    with pytest.raises(IntegrityError), transaction() as session:
        session.add(
            Clarification(
                application_id=sent.id,
                number=1,
                question="Another?",
                asked_at=time.now(),
                asked_by_id=officer.id,
                answer_by=time.now() + timedelta(days=1),
            )
        )


# The pages


def test_officer_asks_from_the_check_and_the_group_answers(
    sent: Application, owner: Person, officer: Person, sign_in: SignIn
) -> None:
    office, group = sign_in(officer), sign_in(owner)
    check, where = f"/review/{sent.reference}/check", f"/applications/{sent.reference}"
    link = office.get(check).page.find("a", string="Ask the group a question")

    asked = office.submit(str(link["href"]), {"question": QUESTION})

    assert asked.goes_to == check
    assert "A question to the group is open" in office.get(check).main
    assert not office.get(check).page.find("a", string="Ask the group a question")
    assert "We have a question for you" in group.get(where).main
    desk = group.get("/desk")
    door = desk.page.select_one(".g-heap a")
    assert door is not None
    assert door.get_text() == f"Answer a question about {sent.reference}"

    done = group.submit(str(door["href"]), {"answer": ANSWER})

    assert done.goes_to == where
    for browser, page in ((group, where), (office, where), (office, check)):
        shown = browser.get(page).main
        assert QUESTION in shown
        assert ANSWER in shown
        assert f"Answered by {owner.name}" in shown
    assert "To answer" not in group.get("/desk").main
    assert f"Read the answer about {sent.reference}" in office.get("/desk").main
    assert "question for you" not in group.get(where).main


def test_panel_and_decision_maker_read_the_answer_beside_the_bid(sign_in: SignIn, app: Any) -> None:
    application, member = factories.application(S.ELIGIBLE), factories.panel_member()
    answered(application)
    factories.score_sheet(application, member, locked=False)
    panel, decider = sign_in(member), sign_in(factories.decision_maker())

    for browser, page in (
        (panel, f"/review/{application.reference}"),
        (decider, f"/decisions/{application.reference}"),
        (decider, f"/applications/{application.reference}"),
    ):
        assert ANSWER in browser.get(page).main, page
    panel.submit(f"/review/{application.reference}", {}, button="Lock my scores")
    assert ANSWER in panel.get(f"/review/{application.reference}").main


def test_ask_keeps_what_is_typed_and_tells_each_error(sent: Application, officer: Person, sign_in: SignIn) -> None:
    browser, where = sign_in(officer), f"/applications/{sent.reference}/ask"

    for typed, field in (
        ({"question": ""}, "question"),
        ({"question": "x" * 2001}, "question"),
        ({"question": "Why\x00?"}, "question"),
        ({"question": QUESTION, "answer_on-day": "30", "answer_on-month": "2"}, "answer_on"),
        ({"question": QUESTION, "answer_on-year": "2020"}, "answer_on"),
    ):
        page = browser.submit(where, typed)
        assert page.status_code == 422
        assert list(page.errors) == [field], typed
        kept = page.page.find("textarea", id="question").get_text().strip()
        assert kept == typed["question"].replace("\x00", "")
    assert _count(Clarification) == 0


def test_question_and_answer_sent_twice_are_one(
    sent: Application, owner: Person, officer: Person, sign_in: SignIn
) -> None:
    office, group = sign_in(officer), sign_in(owner)
    page = office.get(f"/applications/{sent.reference}/ask")
    places = {office.submit(page, {"question": QUESTION}).goes_to for _ in range(2)}
    reply = group.get(f"/applications/{sent.reference}/clarifications/1")
    places |= {group.submit(reply, {"answer": ANSWER}).goes_to for _ in range(2)}

    assert {place.partition("#")[0] for place in places} == {f"/applications/{sent.reference}"}
    assert _count(Clarification) == _count(ClarificationAnswer) == 1
    assert _count(OutboxMessage) == 3, "the question, the answer, and that it was answered"


def test_two_people_who_answer_lose_nothing(
    sent: Application, owner: Person, group: Organisation, sign_in: SignIn
) -> None:
    """The second is told what the first wrote, and their own words stay on the page."""
    clarification(sent)
    where = f"/applications/{sent.reference}/clarifications/1"
    first, second = sign_in(owner), sign_in(factories.applicant(group))
    opened = second.get(where)
    first.submit(where, {"answer": ANSWER})

    page = second.submit(opened, {"answer": "No, the hall is closed."})

    assert page.status_code == 422
    assert page.summary == ["This question was answered already. An answer cannot be changed."]
    assert ANSWER in page.main
    assert page.page.find("textarea", id="answer").get_text().strip() == "No, the hall is closed."
    assert not page.page.select("main button")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter your answer"),
        ("word " * 501, "Your answer must be 500 words or fewer. It has 501: shorten it by 1 word"),
        ("x" * 50_000, "Your answer must be 16,000 characters or fewer. It has 50,000: shorten it by"),
        ("A\x00B", "hidden character"),
    ],
    ids=["nothing", "too many words", "50,000 characters", "NUL"],
)
def test_bad_answer_is_told_beside_its_field_and_kept(
    sent: Application, owner: Person, sign_in: SignIn, typed: str, message: str
) -> None:
    clarification(sent)

    page = sign_in(owner).submit(f"/applications/{sent.reference}/clarifications/1", {"answer": typed})

    assert page.status_code == 422
    assert message in page.errors["answer"]
    assert page.page.find("textarea", id="answer").get_text().strip() == typed.strip().replace("\x00", "")
    assert _count(ClarificationAnswer) == 0


def test_emoji_and_right_to_left_are_kept_in_an_answer(sent: Application, owner: Person, sign_in: SignIn) -> None:
    clarification(sent)
    typed = "شكرا \U0001f600 \u202band\u202c on"

    sign_in(owner).submit(f"/applications/{sent.reference}/clarifications/1", {"answer": typed})

    assert db.session.scalars(select(ClarificationAnswer.answer)).one() == typed


def test_answer_to_what_was_withdrawn_meanwhile_is_refused_and_kept(
    sent: Application, owner: Person, sign_in: SignIn
) -> None:
    clarification(sent)
    browser, where = sign_in(owner), f"/applications/{sent.reference}/clarifications/1"
    opened = browser.get(where)
    operations.withdraw(person=owner, application=sent)

    page = browser.submit(opened, {"answer": "An hour's work."})

    assert "Your group has withdrawn this application" in page.summary[0]
    assert page.page.find("textarea", id="answer").get_text().strip() == "An hour's work."
    assert "needs no answer any more" in browser.get(where).main
    assert "To answer" not in browser.get("/desk").main


def test_late_answer_page_says_that_it_is_still_taken(
    clock: Any, sent: Application, owner: Person, sign_in: SignIn
) -> None:
    clarification(sent)
    clock.shift(timedelta(days=8))
    browser, where = sign_in(owner), f"/applications/{sent.reference}/clarifications/1"

    assert "You can still send it until the application is decided." in browser.get(where).main
    assert browser.submit(where, {"answer": ANSWER}).status_code == 302
    assert "when it was due" in browser.get(f"/applications/{sent.reference}").main


def test_asking_leads_nowhere_else(sent: Application, officer: Person, sign_in: SignIn) -> None:
    """The risk: a link of ours that leads to another site after a deed."""
    browser = sign_in(officer)

    page = browser.get(f"/applications/{sent.reference}/ask?next=//evil.example")

    assert "evil" not in page.get_data(as_text=True)
    assert browser.submit(page, {"question": QUESTION}).goes_to == f"/applications/{sent.reference}"


ANSWERED_BID, CHECK_PAGE, ASK_PAGE = 5, 4, 5


@pytest.mark.parametrize("count", [1, 3, 8])
def test_pages_ask_as_often_whatever_was_asked(
    sent: Application, officer: Person, sign_in: SignIn, count_queries: Any, count: int
) -> None:
    for _ in range(count):
        answered(sent)
    browser = sign_in(officer)
    found = []
    for path in (
        f"/applications/{sent.reference}",
        f"/review/{sent.reference}/check",
        f"/applications/{sent.reference}/ask",
    ):
        with count_queries() as queries:
            assert ANSWER in browser.get(path).main
        found.append(queries.count)

    assert found == [ANSWERED_BID, CHECK_PAGE, ASK_PAGE]


DESK_OF_GROUP, DESK_OF_OFFICER = 5, 3


@pytest.mark.parametrize("count", [1, 3, 8])
def test_desks_ask_as_often_whatever_waits(
    owner: Person, officer: Person, sign_in: SignIn, count_queries: Any, count: int
) -> None:
    in_round, group = factories.open_round(), owner.memberships[0].organisation
    for _ in range(count):
        clarification(factories.application(S.SUBMITTED, in_round=in_round, organisation=group, by=owner), by=officer)
        answered(factories.application(S.SUBMITTED, in_round=in_round, organisation=group, by=owner), by=owner)
    of_group, of_office = sign_in(owner), sign_in(officer)

    with count_queries() as queries:
        shown = of_group.get("/desk")
    with count_queries() as others:
        of_office.get("/desk")

    assert len(shown.page.select(".g-heap li")) == min(count, 10)
    assert (queries.count, others.count) == (DESK_OF_GROUP, DESK_OF_OFFICER)
