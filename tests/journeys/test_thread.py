"""One thread through all rooms, in a real browser: from a new group to the award in the public's figures."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from grants.accounts.models import Person, Role
from grants.foundation import audit
from grants.foundation import clock as time
from grants.foundation.db import db
from grants.foundation.money import Pence
from grants.foundation.outbox import OutboxMessage
from grants.funds import operations as funds
from tests.support import factories
from tests.support.factories import TESTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTIONS = {"need": "Why is the project needed?", "work": "What will you do?"}
CRITERIA = ("Need", "Difference")
ANCHORS = ["Nothing", "Weak", "Some", "Fair", "Good", "Excellent"]
REFERENCE = "SCF-21-0001"
TITLE = "Safe evenings on the estate"
LESS = "The hall costs less than planned."
REASONS = "It should reduce anti-social behaviour on the estate in the evenings."


def _open_round() -> None:
    """The Safer Communities Fund's round with its questions, as the office would set it up."""
    now = time.now()
    factories.topic("CSE")
    factories.topic("knife crime")
    for name in ("Bradford", "Leeds", "West Yorkshire"):
        factories.district(name)
    plan = funds.make_plan(actor=TESTS, name="Plan 2026", priorities=["Safer places", "Victims"])
    a_round = funds.make_round(
        actor=TESTS,
        fund=factories.fund(),
        code="SCF 21",
        plan=plan,
        opens_at=now - timedelta(days=7),
        closes_at=now + timedelta(days=28),
        largest_grant_pence=Pence(600_000),
        pot_pence=Pence(20_000_000),
        summary="For projects that make communities safer.",
        most_months=12,
    )
    for text, good in (("Will the project take place in West Yorkshire?", True), ("Is it for one person?", False)):
        funds.add_eligibility_question(
            actor=TESTS, a_round=a_round, text=text, good_answer=good, advice="Your council may help you."
        )
    for key, text in QUESTIONS.items():
        funds.add_question(actor=TESTS, a_round=a_round, key=key, text=text, most_words=250)
    for title in CRITERIA:
        funds.add_criterion(actor=TESTS, a_round=a_round, title=title, description="How clear?", anchors=ANCHORS)
    funds.open_round(actor=TESTS, a_round=a_round)


def _link_in_the_last_mail() -> str:
    """The path of the link in the newest message of the outbox."""
    with _reading():
        body = db.session.scalars(select(OutboxMessage.body).order_by(OutboxMessage.id.desc())).first() or ""
    found = re.search(r"https?://[^/\s]+(/\S+)", body)
    assert found, body
    return found[1]


class _reading:  # noqa: N801 - used like a function
    """Lets go of the database afterwards, so that the server may write."""

    def __enter__(self) -> None:
        db.session.rollback()

    def __exit__(self, *_: object) -> None:
        db.session.rollback()


def _press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def _heading(page: Any) -> str:
    return str(page.locator("h1").inner_text()).replace("\xa0", " ")


def _refused(page: Any, *paths: str) -> None:
    """To this person these pages are not there."""
    for path in paths:
        assert page.goto(path).status == 404, path


def test_thread_through_all_rooms(new_page: Callable[..., Any]) -> None:
    _open_round()
    officer, finance = factories.officer(), factories.finance_officer()
    panel = [factories.panel_member(f"Pat Panel {number}") for number in (1, 2, 3)]
    maker = factories.decision_maker()

    group = new_page(width=320)
    _asks_and_registers(group)
    _applies(group)
    _refused(group, f"/review/{REFERENCE}", f"/review/{REFERENCE}/check", f"/decisions/{REFERENCE}", "/payments")

    _checks(new_page(officer))
    for number, member in enumerate(panel):
        _scores(new_page(member), number)
    decider = new_page(maker)
    _decides(decider)
    _knows_nothing_yet(group, new_page())
    _signs(decider)
    _reads_the_result(group)
    _exports(new_page(finance))
    _reads(new_page())

    with _reading():
        assert audit.verify().broken is None
        names = set(db.session.scalars(select(Person.name)))
        assert not [line for line in db.session.scalars(select(audit.AuditLine)) if any(n in line.why for n in names)]
        assert Role.PANEL in panel[0].roles


def _asks_and_registers(page: Any) -> None:
    page.goto("/rounds")
    page.get_by_role("link", name="Safer Communities Fund, SCF 21").click()
    page.get_by_role("button", name="Check whether you can apply").click()
    page.get_by_role("group", name="Will the project").get_by_label("Yes").check()
    page.get_by_role("group", name="Is it for one person").get_by_label("Yes").check()
    _press(page, "Continue")
    assert "Your council may help you." in page.locator("main").inner_text()
    page.get_by_role("link", name="Answer the questions again").click()
    page.get_by_role("group", name="Will the project").get_by_label("Yes").check()
    page.get_by_role("group", name="Is it for one person").get_by_label("No").check()
    _press(page, "Continue")
    assert "You can apply." in page.locator("main").inner_text()

    page.goto("/create-account")
    page.get_by_label("Your name").fill("Nadia New")
    page.get_by_label("E-mail address").fill("nadia@example.org")
    page.get_by_label("Choose a password").fill("three green kettles")
    _press(page, "Register")
    page.goto(_link_in_the_last_mail())
    _press(page, "Confirm")
    page.goto("/rounds/scf-21/apply")
    page.get_by_label("Name of your group").fill("Northside Youth Project")
    page.get_by_label("Voluntary group").check()
    _press(page, "Save and go on")
    page.goto("/rounds/scf-21/apply")


def _applies(page: Any) -> None:
    _press(page, "Start the application")
    assert page.url.endswith(f"/applications/{REFERENCE}")

    def section(name: str) -> None:
        page.get_by_role("link", name=name, exact=True).click()

    section("Your project")
    page.get_by_label("Project title").fill(TITLE)
    page.get_by_label("Summary").fill("Evening sessions for young people, run by local volunteers.")
    _press(page, "Save")
    section("When the project is")
    for name, parts in (("First day", ("11", "1", "2027")), ("Last day", ("30", "6", "2027"))):
        dates = page.get_by_role("group", name=name)
        for label, text in zip(("Day", "Month", "Year"), parts, strict=True):
            dates.get_by_label(label).fill(text)
    _press(page, "Save")
    section("Whom it helps, and where")
    page.get_by_label("How many people").fill("60")
    page.get_by_label("Leeds").check()
    _press(page, "Save")
    section("What it is about")
    page.get_by_label("What is the project mainly about?").select_option(label="CSE")
    page.get_by_label("knife crime").check()
    page.get_by_label("Safer places").check()
    _press(page, "Save")
    for text in QUESTIONS.values():
        section(text)
        page.get_by_label(text).fill("Because people on the estate ask for it.")
        _press(page, "Save")
    _fills_in_the_budget(page, section)
    _submits(page)


def _fills_in_the_budget(page: Any, section: Callable[[str], None]) -> None:
    section("Budget")
    page.locator("#lines-0-item").fill("Session workers")
    page.locator("#lines-0-amount").fill("4,000")
    page.locator("#lines-1-item").fill("Hall")
    page.locator("#lines-1-amount").fill("2000.01")
    _press(page, "Save")
    beside = page.locator("#lines-1-amount-error").inner_text().replace("\xa0", " ")
    assert "The budget adds up to £6,000.01. The largest grant in this round is £6,000: take off £0.01" in beside
    assert page.locator("#lines-0-item").input_value() == "Session workers"
    page.locator("#lines-1-amount").fill("£2,000.00")
    _press(page, "Save")
    assert "7 of 7 sections are done" in page.locator("main").inner_text()


def _submits(page: Any) -> None:
    page.get_by_role("button", name="Check and submit").click()
    page.get_by_label("What we say in this application is true").check()
    page.get_by_label("Your full name").fill("Nadia New")
    page.get_by_role("button", name="Submit the application").dblclick()
    page.wait_for_url(f"**/applications/{REFERENCE}/receipt")
    assert _heading(page) == "We have your application"
    with _reading():
        receipts = db.session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "receipt")).all()
        assert [mail.to for mail in receipts] == ["nadia@example.org"]


def _checks(page: Any) -> None:
    page.goto("/review")
    page.get_by_role("link", name=REFERENCE).click()
    page.get_by_label("Yes, it goes to the panel").check()
    _press(page, "Save the check")
    _refused(page, f"/review/{REFERENCE}", f"/decisions/{REFERENCE}", "/payments")


def _scores(page: Any, number: int) -> None:
    page.goto("/review")
    page.get_by_role("link", name=REFERENCE).click()
    page.get_by_label("No, I have no interest in it").check()
    _press(page, "Go on")
    assert "Because people on the estate ask for it." in page.locator("main").inner_text()
    assert "Pat Panel" not in page.locator("main").inner_text()
    for at, title in enumerate(CRITERIA):
        page.locator(f"#marks-{at}-score-5").check()
        page.get_by_label(f"Reason for your score for {title}").fill(f"Member {number + 1} finds it clear.")
    _press(page, "Save as a draft")
    assert page.locator("#marks-0-score-5").is_checked()
    _press(page, "Lock my scores")
    text = page.locator("main").inner_text()
    assert "Your scores are locked" in text
    assert text.count("finds it clear.") == 2 * (number + 1)
    _refused(page, f"/review/{REFERENCE}/check", f"/decisions/{REFERENCE}", f"/applications/{REFERENCE}", "/payments")


def _decides(page: Any) -> None:
    page.goto("/decisions")
    page.get_by_role("link", name=REFERENCE).click()
    page.get_by_label("Approve", exact=True).check()
    page.get_by_label("Amount approved").fill("6,000.01")
    page.get_by_label("Reasons").fill(REASONS)
    page.get_by_label("Conditions").fill("Only for the sessions on the estate.")
    page.get_by_label("Your interests in this application").fill("None")
    page.get_by_label("I decide this").check()
    _press(page, "Decide")
    assert "£6,000 or less" in page.locator("#amount-error").inner_text()
    assert page.get_by_label("Reasons").input_value() == REASONS
    page.get_by_label("Amount approved").fill("5,400")
    page.get_by_label("If it is less than was asked for").fill(LESS)
    page.get_by_role("button", name="Decide", exact=True).dblclick()
    page.get_by_text(f"{REFERENCE} is decided.").wait_for()
    assert "£5,400" in page.locator("main").inner_text()
    _refused(page, f"/review/{REFERENCE}", f"/review/{REFERENCE}/check", "/payments")


def _knows_nothing_yet(group: Any, public: Any) -> None:
    """The group and the public see no sign of a decision before its notice is signed."""
    for path in (f"/applications/{REFERENCE}", "/applications", "/desk"):
        group.goto(path)
        text = group.locator("main").inner_text()
        assert "Waiting for a decision" in text, path
        for secret in ("Decided", "5,400", REASONS, LESS):
            assert secret not in text, (path, secret)
    assert public.goto(f"/awards/{REFERENCE}").status == 404
    public.goto("/register")
    assert "Northside Youth Project" not in public.locator("main").inner_text()


def _signs(page: Any) -> None:
    page.goto("/decisions")
    page.get_by_role("link", name="Sign the notice of SCF 21").click()
    page.get_by_label("Your interests in anything in this notice").fill("None")
    page.get_by_label("Your full name").fill("Dana Decides")
    page.get_by_label("I have read this list").check()
    page.get_by_role("button", name="Sign and publish the notice").dblclick()
    page.get_by_text("The notice is signed and published.").wait_for()
    assert page.url.endswith(f"/decisions/notices/DN-{time.today().year}-0001")
    text = page.locator("main").inner_text()
    for words in (REFERENCE, "Northside Youth Project", "£5,400.00", REASONS, "Dana Decides"):
        assert words in text, words
    assert LESS not in text
    assert "Nadia" not in text


def _reads_the_result(page: Any) -> None:
    page.goto(f"/applications/{REFERENCE}")
    text = page.locator("main").inner_text()
    for words in ("Awarded", "Our letter to you", "£5,400", LESS, REASONS, f"/awards/{REFERENCE}/offer"):
        assert words in text, words
    with _reading():
        letters = db.session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "result")).all()
        assert [letter.to for letter in letters] == ["nadia@example.org"]


def _exports(page: Any) -> None:
    page.goto("/payments/awards?round=SCF+21")
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    heads, row = load_workbook(io.BytesIO(download.value.path().read_bytes()), read_only=True).worksheets[0].values
    found = dict(zip(heads, row, strict=True))
    assert (found["Reference"], found["Group"], found["Amount (£)"]) == (REFERENCE, "Northside Youth Project", 5400)
    assert (found["Fund"], found["Round"], found["Decision"]) == ("SCF", "SCF 21", f"D-{REFERENCE}")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(text))
    assert (line["Reference"], line["Amount (£)"]) == (REFERENCE, "5400.00")
    _refused(page, f"/review/{REFERENCE}", f"/decisions/{REFERENCE}", f"/applications/{REFERENCE}")


def _reads(page: Any) -> None:
    page.goto("/outcomes?fund=SCF&topic=CSE")
    assert "£5,400" in page.locator("main").inner_text()
    page.goto("/register")
    page.get_by_role("link", name="Northside Youth Project").click()
    text = page.locator("main").inner_text()
    for words in ("£5,400", REASONS, "Only for the sessions on the estate.", "Northside Youth Project"):
        assert words in text, words
    assert "Nadia" not in text
    assert "finds it clear" not in text
