"""The group's part before the decision: it asks whether it can apply, registers, applies, and answers a question."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader

from .stage import APPLICANT, GROUP, PASSWORD, REFERENCE, ROUND, TITLE, Stage
from .walking import Walker, link_in_the_last_mail, mails

NEED = "Because people on the estate ask for it: 41 of 60 whom we asked feel unsafe after dark."
ASKED = "Who holds the keys of the hall?"
ANSWERED = "Our caretaker, who has a DBS check."


def reads_and_asks(anyone: Walker, stage: Stage) -> None:
    """Anyone reads the round and its questions; an ineligible answer ends kindly, and says where to turn."""
    anyone.go("/rounds")
    anyone.follow("Safer Communities Fund, SCF 21")
    anyone.reads("£6,000", *stage.criteria)
    anyone.go(f"{ROUND}/questions")
    anyone.reads(*stage.questions)
    form = PdfReader(BytesIO(anyone.fetch(f"{ROUND}/blank-form.pdf")))
    assert stage.questions[0] in " ".join(page.extract_text() for page in form.pages).replace("\n", " ")
    eligibility = stage.content["round_questions"]["eligibility"]
    anyone.go(ROUND)
    anyone.follow("Check whether you can apply")
    for question in eligibility:
        anyone.tick("No" if question == eligibility[1] else _good(question), of=question["text"][:40])
    anyone.press("Continue")
    anyone.reads(eligibility[1]["advice"], stage.content["office"]["contact_email"])
    anyone.follow("Answer the questions again")
    for question in eligibility:
        anyone.tick(_good(question), of=question["text"][:40])
    anyone.press("Continue")
    anyone.reads("You can apply.")


def _good(question: dict[str, object]) -> str:
    return "Yes" if question["good"] else "No"


def registers(group: Walker) -> None:
    """Somebody new registers on the way to applying, and tells of the group."""
    group.follow("Start the application")
    group.follow("I have no account yet: make one")
    group.fill("Your name", "Nadia New")
    group.fill("E-mail address", APPLICANT)
    group.fill("Choose a password", PASSWORD)
    group.press("Make the account")
    group.go(link_in_the_last_mail())
    group.press("Confirm")
    assert group.heading == "Details of your group"
    group.fill("Name of your group", GROUP)
    group.tick("Voluntary group")
    group.press("Save and go on")
    assert group.heading == "Apply to SCF 21"


def starts_and_leaves(group: Walker) -> None:
    """The group starts, writes a little, leaves, and finds it again."""
    group.press("Start the application")
    assert group.page.url.endswith(f"/applications/{REFERENCE}")
    group.follow("Your project")
    group.fill("Project title", TITLE)
    group.fill("Summary", "Evening sessions for young people, run by local volunteers.")
    group.press("Save")
    group.press("Sign out")
    signs_in(group)
    group.follow(TITLE)
    group.reads("1 of 9 sections are done")


def signs_in(group: Walker) -> None:
    """With the address and the password, to the desk."""
    group.go("/sign-in")
    group.fill("E-mail address", APPLICANT)
    group.fill("Password", PASSWORD)
    group.press("Sign in")
    assert group.heading == "Your desk"


def fills_in(group: Walker, stage: Stage) -> None:
    """Everything else. A budget of a penny too much is refused beside its field, and nothing typed is lost."""
    group.follow("When the project is")
    group.fill_day("First day", stage.first_day)
    group.fill_day("Last day", stage.last_day)
    group.press("Save")
    group.follow("Whom it helps, and where")
    group.fill("How many people", "60")
    group.tick("Leeds")
    group.press("Save")
    group.follow("What it is about")
    group.page.get_by_label("What is the project mainly about?").select_option(label="CSE")
    group.tick("knife crime", stage.content["plan"]["priorities"][0])
    group.press("Save")
    for text in stage.questions:
        group.follow(text, look=False)
        group.fill(text, NEED if text == stage.questions[0] else "Every Friday, with two trained volunteers.")
        group.press("Save")
    group.follow("Budget")
    group.page.locator("#lines-0-item").fill("Session workers")
    group.page.locator("#lines-0-amount").fill("4,000")
    group.page.locator("#lines-1-item").fill("Hall")
    group.page.locator("#lines-1-amount").fill("2000.01")
    group.press("Save")
    too_much = "The budget adds up to £6,000.01. The largest grant in this round is £6,000: take off £0.01"
    assert group.error_beside("lines-1-amount") == too_much
    assert group.page.locator("#lines-0-item").input_value() == "Session workers"
    group.page.locator("#lines-1-amount").fill("£2 000.00")
    group.press("Save")
    group.reads("9 of 9 sections are done", "£6,000")


def submits(group: Walker) -> None:
    """Checks, declares and submits once with two clicks: a reference, one receipt, and the application as a PDF."""
    group.follow("Check and submit")
    group.reads(NEED, "£6,000")
    group.press("Submit the application")
    assert group.error_beside("declared_name") == "Enter your full name"
    group.tick("What we say in this application is true")
    group.fill("Your full name", "Nadia New")
    group.press_twice("Submit the application", then="We have your application")
    group.reads(REFERENCE)
    (receipt,) = mails("receipt")
    assert receipt.to == APPLICANT
    assert REFERENCE in receipt.subject + receipt.body
    pdf = PdfReader(BytesIO(group.fetch(f"/applications/{REFERENCE}/application.pdf")))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert REFERENCE in text
    assert NEED in text
    group.is_refused(f"/review/{REFERENCE}", f"/review/{REFERENCE}/check", f"/decisions/{REFERENCE}", "/payments")


def answers(group: Walker) -> None:
    """The group answers the officer's question, from the desk that says when it is due."""
    (question,) = mails("clarification")
    assert question.to == APPLICANT
    assert ASKED in question.body
    signs_in(group)
    group.follow(f"Answer a question about {REFERENCE}")
    group.reads(ASKED)
    group.page.get_by_label("Your answer").fill(ANSWERED)
    group.press_twice("Send the answer", then="Thank you. We have your answer.")
    group.reads(ANSWERED)
