"""An application as PDF: what was frozen, word for word, and a draft that says that it is one."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from grants.accounts.models import Person
from grants.applications.document import DRAFT_MARK
from grants.applications.drafts import operations as drafts
from grants.applications.models import Answer, Application, ApplicationStatus, BudgetLine, Submission
from grants.applications.submissions import operations as submissions
from grants.foundation.records.db import db, transaction
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values.money import Pence
from grants.review.checks import operations as checks
from grants.review.scores import operations as scores
from tests.support import factories
from tests.support.client import Client

S = ApplicationStatus
SignIn = Callable[[Any], Client]


def words(body: bytes) -> str:
    """What stands in a PDF, with single spaces."""
    reader = PdfReader(io.BytesIO(body))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.fixture
def person(app: Any) -> Person:
    return factories.applicant(factories.organisation("Northside Youth Project", charity_number="1123456"))


@pytest.fixture
def draft(person: Person) -> Application:
    """A draft with everything in it that a group can give."""
    a_round = factories.open_round(code="SCF-21")
    made = factories.application(
        S.DRAFT, in_round=a_round, organisation=person.memberships[0].organisation, by=person, requested_pence=540_050
    )
    with transaction() as session:
        held = session.merge(made)
        held.budget_lines[0].amount_pence = Pence(500_000)
        held.budget_lines.append(BudgetLine(position=2, item="Hall and tea", amount_pence=Pence(40_050)))
    return made


def _write(application: Application, text: str) -> None:
    with transaction() as session:
        session.scalars(select(Answer).where(Answer.application_id == application.id)).all()[0].text = text


def _submit(person: Person, draft: Application) -> Submission:
    return submissions.submit(person=person, application=draft, declared_name="Alex Applicant")


def _pdf(browser: Client, application: Application, room: str = "applications") -> bytes:
    found = browser.get(f"/{room}/{application.reference}/application.pdf")
    assert found.status_code == 200, found.words[:300]
    assert found.mimetype == "application/pdf"
    return bytes(found.data)


def test_pdf_of_a_submission_holds_everything_that_was_frozen(
    person: Person, draft: Application, sign_in: SignIn
) -> None:
    submission = _submit(person, draft)

    text = words(_pdf(sign_in(person), draft))

    for expected in (
        "Safe evenings on the estate",
        "Reference: SCF-21-0001",
        "Group: Northside Youth Project, voluntary group",
        "Charity number: 1123456",
        "Summary: Evening sessions for young people",
        "First day: 11 January 2027",
        "Last day: 30 June 2027",
        "People helped: 60 people",
        "Where: Leeds",
        "Mainly about: CSE",
        "Priority: Safeguarding vulnerable people",
        "Why is the project needed? Because people ask for it.",
        "Session workers £5,000.00 Hall and tea £400.50 Total asked for £5,400.50",
        "What we say in this application is true, and our group has agreed to it.",
        "Declared by: Alex Applicant",
        "Received at:",
        f"SHA-256 of the content: {submission.sha256}",
    ):
        assert expected in text, text
    assert DRAFT_MARK not in text


def test_pdf_stays_the_same_bytes_whatever_is_changed_behind_it(
    person: Person, draft: Application, sign_in: SignIn
) -> None:
    _submit(person, draft)
    browser = sign_in(person)
    first = _pdf(browser, draft)

    with transaction() as session:
        session.merge(draft).title = "Something else"
        session.merge(draft.organisation).name = "Another name"

    assert _pdf(browser, draft) == first


def test_pdf_of_a_draft_says_on_each_page_that_it_is_one(person: Person, draft: Application, sign_in: SignIn) -> None:
    _write(draft, "Many words. " * 900)

    reader = PdfReader(io.BytesIO(_pdf(sign_in(person), draft)))

    assert len(reader.pages) > 1
    assert all(DRAFT_MARK in page.extract_text() for page in reader.pages)
    assert "Declared by" not in reader.pages[-1].extract_text()


def test_pdf_of_an_empty_draft(person: Person, sign_in: SignIn) -> None:
    a_round = factories.open_round()
    empty = drafts.start(person=person, a_round=a_round, organisation_id=person.memberships[0].organisation_id)

    text = words(_pdf(sign_in(person), empty))

    assert "Application without a title yet (draft)" in text
    assert "First day: Not filled in yet" in text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("word " * 10_000 + "end.", "word end."),
        ("x" * 50_000, "xxxx"),
        ("Football \U0001f600 for all", "Football \U0001f600 for all"),
        ("شباب آمنون and שלום", "and"),
        ("\u202eright-to-left\u202c and on", "and on"),
        ("#heading[1] \\ $x$ `raw` @label <tag> https://example.org", "#heading[1] \\ $x$ `raw` @label <tag>"),
    ],
    ids=["long", "one long word", "emoji", "right to left", "marks", "source"],
)
def test_pdf_holds_whatever_people_type(
    person: Person, draft: Application, sign_in: SignIn, written: str, read: str
) -> None:
    _write(draft, written)

    assert read in words(_pdf(sign_in(person), draft))


def test_receipt_and_its_mail_lead_to_the_pdf(person: Person, draft: Application, sign_in: SignIn) -> None:
    where = f"/applications/{draft.reference}"
    _submit(person, draft)
    browser = sign_in(person)

    for page in (browser.get(f"{where}/receipt"), browser.get(where)):
        assert page.page.find("a", href=f"{where}/application.pdf")
    assert f"{where}/application.pdf" in db.session.scalars(select(OutboxMessage.body)).one()


def test_pdf_is_open_to_a_panel_member_only_after_declaring_no_interest(
    person: Person, draft: Application, sign_in: SignIn
) -> None:
    """The risk: the file is a way round the declaration."""
    _submit(person, draft)
    checks.check(person=factories.officer(), application=draft, passed=True)
    clear, torn = factories.panel_member(), factories.panel_member()
    where = f"/review/{draft.reference}/application.pdf"
    assert sign_in(clear).get(where).status_code == 404

    scores.declare(person=clear, application=draft, has_conflict=False)
    scores.declare(person=torn, application=draft, has_conflict=True)

    assert "Because people ask for it." in words(_pdf(sign_in(clear), draft, "review"))
    assert sign_in(torn).get(where).status_code == 404
    assert sign_in(clear).get(f"/applications/{draft.reference}/application.pdf").status_code == 404


def test_pdf_of_an_illustrative_application_says_so(sign_in: SignIn, app: Any) -> None:
    application = factories.application(S.SUBMITTED, illustrative=True)

    assert "Illustrative" in words(_pdf(sign_in(factories.officer()), application))
