"""The pages of notices, and that nobody is told of a decision before its notice is signed."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.models import Application, ApplicationStatus
from grants.applications.submissions import operations as applications
from grants.awards.models import Decision, DecisionNotice, Outcome
from grants.foundation.records import office
from grants.foundation.records.db import db
from grants.funds.models import Round
from tests.support import factories
from tests.support.client import Client, Page
from tests.support.decision_factories import announced, sign
from tests.support.factories import TESTS

pytestmark = pytest.mark.usefixtures("app")

S = ApplicationStatus
SignIn = Callable[[Any], Client]


@pytest.fixture
def a_round(app: Any) -> Round:
    """An open round."""
    return factories.open_round(code="SCF-21")


@pytest.fixture
def maker(app: Any) -> Person:
    """The decision maker."""
    return factories.decision_maker()


def bid_of(a_round: Round, **more: Any) -> Application:
    """A recommended application of a group of its own."""
    return factories.application(S.RECOMMENDED, in_round=a_round, **more)


def signed(**more: str) -> dict[str, str]:
    """What is typed to sign."""
    return {"interests": "None", "signature": "Dana Decides", "confirmed": "yes", **more}


# Before it is signed

SECRETS = {
    "that it is decided": "Decided",
    "the amount": "£4,321",
    "the amount in a file": "4321.00",
    "the reasons": "It keeps the evenings calm.",
    "the conditions": "Two workers at every session.",
    "why less": "The hall is cheaper elsewhere.",
    "the feedback": "Say more about volunteers.",
    "the interests": "I once spoke at their summer fair.",
}


def decided(bid: Application, outcome: str, by: Person) -> Decision:
    """A decision with the very words that could leak."""
    return factories.decision(
        bid,
        outcome=outcome,
        amount=432_100,
        by=by,
        reasons=SECRETS["the reasons"],
        conditions=SECRETS["the conditions"],
        less_reason=SECRETS["why less"],
        feedback=SECRETS["the feedback"],
        interests=SECRETS["the interests"],
    )


def tells_nothing(text: str, address: str) -> None:
    """None of the secrets is in a page."""
    for what, secret in SECRETS.items():
        assert secret not in text, (address, what)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_group_is_told_nothing_before_the_notice_is_signed(
    a_round: Round, maker: Person, sign_in: SignIn, outcome: str
) -> None:
    """Risk: the group learns the result before it is announced, and perhaps before it is final."""
    bid = bid_of(a_round)
    decided(bid, outcome, maker)
    browser, where = sign_in(db.session.get_one(Person, bid.started_by_id)), f"/applications/{bid.reference}"

    for address in (where, "/applications", "/desk"):
        page = browser.get(address)
        assert "Waiting for a decision" in page.main, address
        tells_nothing(page.get_data(as_text=True), address)
    for address in (f"{where}/receipt", f"{where}/withdraw", f"{where}/check", "/rounds/scf-21"):
        tells_nothing(browser.get(address).get_data(as_text=True), address)
    content = browser.get(f"{where}/application.pdf").get_data()
    tells_nothing("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages), "the PDF")
    for address in (
        f"/awards/{bid.reference}",
        f"/awards/{bid.reference}/offer",
        f"/decisions/{bid.reference}",
        "/rounds/scf-21/progress",
        "/decisions/rounds/scf-21/sign",
    ):
        assert browser.get(address).status_code == 404, address


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/register",
        "/register.csv",
        "/register/360giving.json",
        "/register/open-data",
        "/outcomes",
        "/outcomes.json",
        "/outcomes/rows",
        "/rounds",
        "/rounds/scf-21",
        "/decisions/notices",
    ],
)
def test_public_is_told_nothing_before_the_notice_is_signed(
    a_round: Round, maker: Person, client: Client, outcome: str, address: str
) -> None:
    decided(bid_of(a_round), outcome, maker)

    tells_nothing(client.get(address).get_data(as_text=True), address)


@pytest.mark.parametrize("role", [Role.PANEL, Role.FINANCE, Role.ADMINISTRATOR])
def test_panel_and_finance_are_told_nothing_either(a_round: Round, maker: Person, sign_in: SignIn, role: Role) -> None:
    decided(bid_of(a_round), "approved", maker)
    browser = sign_in(factories.person(role))

    for address in ("/desk", "/review", "/payments", "/payments/awards.csv"):
        tells_nothing(browser.get(address).get_data(as_text=True), address)


def test_officer_of_the_group_is_told_no_more_than_the_group(a_round: Round, maker: Person, sign_in: SignIn) -> None:
    """Risk: who works for the office and belongs to the group reads the result in the office's list."""
    bid, other = bid_of(a_round), bid_of(a_round)
    decided(bid, "approved", maker)
    decided(other, "approved", maker)
    browser = sign_in(factories.person(Role.OFFICER, member_of=bid.organisation))

    def states(address: str) -> dict[str, str]:
        rows = browser.get(address).page.select("main table[data-rows] tbody tr")
        return {row.select_one("a").get_text(): row.select_one(".g-tag").get_text() for row in rows}

    told = {bid.reference: "Waiting for a decision", other.reference: "Decided, not announced"}
    assert states("/applications") == told
    assert list(states("/applications?status=decided")) == [other.reference]
    assert list(states("/applications?status=recommended")) == [bid.reference]
    lines = browser.get("/applications.csv").get_data(as_text=True).splitlines()
    assert ["Waiting for a decision" in line for line in lines if bid.reference in line] == [True]
    progress = browser.get("/rounds/scf-21/progress").main
    assert "Waiting for a decision 1 Decided, not announced 1 All 2" in progress


def test_office_sees_that_it_is_decided(a_round: Round, maker: Person, sign_in: SignIn) -> None:
    bid = bid_of(a_round)
    decided(bid, "approved", maker)

    for role in (Role.OFFICER, Role.AUDITOR):
        assert "Decided, not announced" in sign_in(factories.person(role)).get(f"/applications/{bid.reference}").main


@pytest.mark.parametrize("outcome", list(Outcome))
def test_group_and_office_read_the_letter_as_it_was_sent(
    a_round: Round, maker: Person, sign_in: SignIn, outcome: str
) -> None:
    bid = bid_of(a_round)
    sign(decided(bid, outcome, maker))

    for person in (db.session.get_one(Person, bid.started_by_id), factories.officer(), factories.auditor()):
        text = sign_in(person).get(f"/applications/{bid.reference}").main
        assert SECRETS["the reasons"] in text
        assert SECRETS["the feedback"] in text
        assert (SECRETS["why less"] in text) == (outcome == Outcome.APPROVED)


def test_withdrawing_after_the_decision_looks_like_withdrawing_before_it(
    a_round: Round, maker: Person, sign_in: SignIn
) -> None:
    bid = bid_of(a_round)
    decided(bid, "approved", maker)
    browser, where = sign_in(db.session.get_one(Person, bid.started_by_id)), f"/applications/{bid.reference}"

    typed = {"reason": "We have closed.", "agrees": "yes"}
    browser.submit(f"{where}/withdraw", typed, form=f"form[action='{where}/withdraw']")

    page = browser.get(where)
    assert "Withdrawn" in page.main
    tells_nothing(page.get_data(as_text=True), where)
    desk = sign_in(maker)
    assert (
        f"Decided, and then withdrawn by the group: {bid.reference}." in desk.get("/decisions/rounds/scf-21/sign").main
    )
    assert "no notice announces it" in desk.get(f"/decisions/{bid.reference}").main


# Signing


WHERE = "/decisions/rounds/scf-21/sign"


def the_form(page: Page) -> str:
    """The selector of the form by which a notice is signed."""
    assert page.page.select_one(f"form[action='{WHERE}']")
    return f"form[action='{WHERE}']"


def test_notice_is_signed_on_its_page_once(a_round: Round, maker: Person, sign_in: SignIn) -> None:
    bids = [bid_of(a_round) for _ in range(2)]
    for bid, outcome in zip(bids, ("approved", "declined"), strict=True):
        factories.decision(bid, outcome=outcome, by=maker)
    browser = sign_in(maker)
    assert "Sign the notice of SCF-21" in browser.get("/decisions").main
    assert "Sign SCF-21" in browser.get("/desk").main
    page = browser.get(WHERE)
    for words in ("£5,400.00", "£6,000.00", "It should make the estate safer", bids[1].reference):
        assert words in page.main, words

    first = browser.submit(page, signed(), form=the_form(page))
    second = browser.submit(page, signed(), form=the_form(page))

    assert first.goes_to == second.goes_to
    assert db.session.scalar(select(func.count()).select_from(DecisionNotice)) == 1
    page = browser.get(first.goes_to)
    for words in ("£5,400.00", "For the agreed purpose only.", "Dana Decides", bids[1].reference):
        assert words in page.main, words
    assert "No decision waits for your signature." in browser.get("/decisions").main


def test_only_what_is_ticked_is_signed(a_round: Round, maker: Person, sign_in: SignIn) -> None:
    decisions = [factories.decision(bid_of(a_round), by=maker) for _ in range(2)]
    browser = sign_in(maker)
    page = browser.get(WHERE)
    assert [box.has_attr("checked") for box in page.page.select("input[name=decisions]")] == [True, True]

    browser.submit(page, signed(decisions=str(decisions[0].id)), form=the_form(page))

    db.session.expire_all()
    assert [decision.application.status for decision in decisions] == [S.AWARDED, S.DECIDED]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"interests": ""}, "interests"),
        ({"signature": ""}, "signature"),
        ({"signature": "Somebody"}, "signature"),
        ({"title": ""}, "title"),
        ({"confirmed": ""}, "confirmed"),
        ({"decisions": ""}, "decisions"),
        ({"interests": "x" * 50_000}, "interests"),
    ],
)
def test_page_names_what_is_wrong_and_keeps_the_rest(
    a_round: Round, maker: Person, sign_in: SignIn, typed: dict[str, str], field: str
) -> None:
    factories.decision(bid_of(a_round), by=maker)
    browser = sign_in(maker)
    page = browser.get(WHERE)

    page = browser.submit(page, signed(**{"interests": "I know the hall.", **typed}), form=the_form(page))

    assert list(page.errors) == [field]
    if field != "interests":
        assert page.page.find("textarea", id="interests").get_text().strip() == "I know the hall."
    assert db.session.scalar(select(func.count()).select_from(DecisionNotice)) == 0


def test_list_that_changed_under_the_pen_is_not_signed(a_round: Round, maker: Person, sign_in: SignIn) -> None:
    """Risk: a bid is withdrawn while the list lies open, and what is signed is not what was read."""
    bids = [bid_of(a_round) for _ in range(2)]
    for bid in bids:
        factories.decision(bid, by=maker)
    browser = sign_in(maker)
    page = browser.get(WHERE)
    applications.withdraw(person=db.session.get_one(Person, bids[0].started_by_id), application=bids[0])

    again = browser.submit(page, signed(), form=the_form(page))

    assert again.status_code == 422
    assert f"{bids[0].reference} was withdrawn by its group" in again.main
    assert db.session.scalar(select(func.count()).select_from(DecisionNotice)) == 0
    assert browser.submit(again, signed(), form=the_form(again)).goes_to.startswith("/decisions/notices/DN-")


def test_text_stays_when_nothing_is_left_to_sign(a_round: Round, maker: Person, sign_in: SignIn) -> None:
    decision = factories.decision(bid_of(a_round), by=maker)
    browser = sign_in(maker)
    page = browser.get(WHERE)
    sign(decision)

    again = browser.submit(page, signed(interests="I know the hall."), form=the_form(page))

    assert again.status_code == 422
    assert again.page.find("textarea", id="interests").get_text().strip() == "I know the hall."


def test_page_says_what_another_must_sign(a_round: Round, maker: Person, sign_in: SignIn) -> None:
    bid = bid_of(a_round)
    factories.decision(bid, by=maker)
    factories.decision(bid_of(a_round), by=maker)
    browser = sign_in(maker)
    page = browser.get(f"/decisions/{bid.reference}")
    browser.submit(page, form=f"form[action='/decisions/{bid.reference}/declare-interest']")

    page = browser.get(WHERE)

    assert "1 more decision waits for another decision maker" in page.main.replace("\xa0", " ")
    assert len(page.page.select("input[name=decisions]")) == 1


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.DECISION_MAKER)])
def test_signing_is_there_only_for_the_decision_maker(a_round: Round, sign_in: SignIn, role: Role | None) -> None:
    factories.decision(bid_of(a_round))

    assert sign_in(factories.person(*([role] if role else []))).get(WHERE).status_code == 404


# Reading


def test_anybody_reads_a_notice_and_its_document(a_round: Round, client: Client) -> None:
    office.set_office(actor=TESTS, decision_maker="Police and Crime Commissioner", legal_power="PRSR Act 2011, s.9")
    bid = bid_of(a_round)
    notice = sign(factories.decision(bid), factories.decision(bid_of(a_round), outcome="declined"))

    page = client.get(f"/decisions/notices/{notice.reference}")
    files = [client.get(f"/decisions/notices/{notice.reference}/notice.pdf") for _ in range(2)]

    for words in (
        "£5,400.00",
        bid.summary,
        "PRSR Act 2011, s.9",
        notice.sha256,
        "Groups that were declined are not named",
    ):
        assert words in page.main, words
    assert notice.reference in client.get("/decisions/notices").main
    assert f"Decision notice {notice.reference}" in client.get(f"/awards/{bid.reference}").main
    assert files[0].data == files[1].data
    assert files[0].mimetype == "application/pdf"
    text = " ".join(" ".join(part.extract_text() for part in PdfReader(io.BytesIO(files[0].data)).pages).split())
    for words in (notice.reference, notice.sha256, "Page 1 of", "£5,400.00", bid.summary, "Dana Decides"):
        assert words in text, words
    assert hashlib.sha256(notice.content.encode()).hexdigest() == notice.sha256


def test_document_stays_the_same_when_the_office_changes(a_round: Round, client: Client) -> None:
    notice = sign(factories.decision(bid_of(a_round)))
    before = client.get(f"/decisions/notices/{notice.reference}/notice.pdf").data

    office.set_office(actor=TESTS, name="Another office", decision_maker="Mayor")

    assert client.get(f"/decisions/notices/{notice.reference}/notice.pdf").data == before
    assert "Mayor" not in client.get(f"/decisions/notices/{notice.reference}").main


@pytest.mark.parametrize("number", ["DN-2026-9999", "nothing"])
def test_notice_that_is_not_there(client: Client, number: str) -> None:
    assert client.get(f"/decisions/notices/{number}").status_code == 404
    assert client.get(f"/decisions/notices/{number}/notice.pdf").status_code == 404


@pytest.mark.parametrize("count", [1, 3, 8])
def test_sign_page_asks_as_often_whatever_the_number(
    a_round: Round, maker: Person, sign_in: SignIn, count_queries: Any, count: int
) -> None:
    group = factories.organisation()
    owner = factories.applicant(group)
    for _ in range(count):
        factories.decision(bid_of(a_round, organisation=group, by=owner), by=maker, amount=10_000)
    browser = sign_in(maker)

    with count_queries() as queries:
        page = browser.get(WHERE)

    assert len(page.page.select("input[name=decisions]")) == count
    assert queries.count == 6


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_notices_asks_as_often_whatever_the_number(client: Client, count_queries: Any, count: int) -> None:
    for _ in range(count):
        announced()

    with count_queries() as queries:
        page = client.get("/decisions/notices")

    assert len(page.page.select("tbody tr")) == count
    assert queries.count == 2


def test_decision_page_asks_six_times_after_it_was_announced(
    a_round: Round, maker: Person, sign_in: SignIn, count_queries: Any
) -> None:
    bid = bid_of(a_round)
    factories.score_sheet(bid)
    notice = sign(factories.decision(bid, by=maker))
    browser = sign_in(maker)

    with count_queries() as queries:
        page = browser.get(f"/decisions/{bid.reference}")

    assert f"Announced by notice {notice.reference}" in page.main
    assert queries.count == 6


# What cannot be printed


@pytest.mark.parametrize("name", ["Sanjh ਸਾਂਝ Women’s Network", "বাংলা সাহায্য", "مرکزِ ٹھیک ہے"])
def test_a_group_is_announced_in_the_letters_of_its_name(a_round: Round, maker: Person, name: str) -> None:
    bid = bid_of(a_round, organisation=factories.organisation(name))

    notice = announced(bid, by=maker)

    found = db.session.scalars(select(DecisionNotice)).one()
    assert notice.outcome == Outcome.APPROVED
    assert b"pdfuaid" in PdfReader(io.BytesIO(found.pdf)).trailer["/Root"]["/Metadata"].get_data()  # type: ignore[index]


def test_a_notice_that_would_have_an_empty_box_is_not_signed_and_its_page_says_which(
    a_round: Round, maker: Person, sign_in: SignIn
) -> None:
    boxes = decided(bid_of(a_round, organisation=factories.organisation("Selam ሰላም")), Outcome.APPROVED, maker)
    fine = decided(bid_of(a_round), Outcome.APPROVED, maker)
    browser, address = sign_in(maker), f"/decisions/rounds/{a_round.slug}/sign"

    page = browser.get(address)
    assert f"{boxes.application.reference}: We have no letters to print “ሰ”" in page.main
    assert f"{fine.application.reference}: We have" not in page.main
    page = browser.submit(page, signed())
    assert "Nothing is signed with an empty box in it." in page.summary[0]
    assert db.session.scalar(select(func.count()).select_from(DecisionNotice)) == 0

    browser.submit(page, signed(decisions=str(fine.id)))
    assert db.session.scalar(select(func.count()).select_from(DecisionNotice)) == 1
