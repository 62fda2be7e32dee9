"""The office's part: an officer asks and checks, the panel scores, the officer recommends, and it is decided."""

from __future__ import annotations

from grants.foundation.values import clock

from .applying import ANSWERED, ASKED, NEED
from .stage import GROUP, OTHER, REFERENCE, ROUND, TITLE, Stage
from .walking import Walker, mails

LESS = "The hall costs less than planned."
REASONS = "It should reduce anti-social behaviour on the estate in the evenings."
CONDITIONS = "Only for the sessions on the estate."
DECLINED = "The need is real, but we could not see who will run the mornings."
REVIEWED = "/review/rounds/scf-21"
SCORES = (5, 4, 2)


def asks(officer: Walker) -> None:
    """The officer closes the round when its time has passed, and asks before checking."""
    officer.go(f"{ROUND}/progress")
    officer.press("Close SCF 21")
    officer.go("/desk")
    officer.follow(f"Check {REFERENCE}")
    officer.follow("Ask the group a question")
    officer.fill("Your question", ASKED)
    officer.press_twice("Send the question", then="Your question is on its way")
    officer.reads(ASKED)


def checks(officer: Walker) -> None:
    """The officer reads the answer, and lets the application go to the panel."""
    officer.go("/desk")
    officer.follow(f"Read the answer about {REFERENCE}")
    officer.reads(ANSWERED)
    officer.tick("Yes, it goes to the panel")
    officer.press("Save the check")
    officer.is_refused(f"/review/{REFERENCE}", f"/decisions/{REFERENCE}", "/payments")


def scores(member: Walker, stage: Stage, number: int) -> None:
    """A panel member declares, scores each criterion with a reason, and locks; only then the others' are there."""
    member.go("/review")
    member.follow(REFERENCE)
    member.does_not_read(NEED)
    member.tick("No, I have no interest in it")
    member.press("Go on")
    member.reads(NEED, ASKED, ANSWERED)
    member.does_not_read("finds it", "Panel")
    for at, title in enumerate(stage.criteria):
        member.page.locator(f"#marks-{at}-score-{SCORES[number] + 1}").check()
        member.fill(f"Reason for your score for {title}", f"Member {number + 1} finds it clear.")
    member.press("Save as a draft")
    member.does_not_read(*(f"Member {other + 1}" for other in range(3) if other != number))
    assert member.page.locator(f"#marks-0-score-{SCORES[number] + 1}").is_checked()
    member.press("Lock my scores")
    member.reads("Your scores are locked")
    assert member.text.count("finds it clear.") == len(stage.criteria) * (number + 1)
    member.is_refused(f"/review/{REFERENCE}/check", f"/decisions/{REFERENCE}", f"/applications/{REFERENCE}")


def has_an_interest(member: Walker) -> None:
    """A panel member with an interest says so, and then it is not there for them anywhere."""
    member.go("/review")
    member.follow(REFERENCE)
    member.tick("Yes, I have an interest")
    member.fill("What is your interest?", "My sister is their treasurer.")
    member.press("Go on")
    member.reads(f"{REFERENCE} stays closed to you")
    member.does_not_read(NEED, TITLE, GROUP)
    member.is_refused(
        f"/review/{REFERENCE}",
        f"/review/{REFERENCE}/application.pdf",
        f"/applications/{REFERENCE}",
        f"/applications/{REFERENCE}/application.pdf",
        f"/reports/{REFERENCE}",
    )
    member.go(REVIEWED)
    member.does_not_read(REFERENCE, GROUP)


def recommends(officer: Walker) -> None:
    """The officer sees the ranking, sets amounts against the pot, and confirms the list."""
    officer.go("/review")
    officer.follow("Ranking of SCF 21")
    row = officer.page.get_by_role("row").filter(has_text=REFERENCE)
    shown = [" ".join(text.split()) for text in row.get_by_role("cell").all_inner_texts()]
    assert shown[:3] == ["80.0%", "73.3%", "40–100% wide disagreement"]
    officer.follow("Set recommended amounts")
    for reference, amount, reason in ((REFERENCE, "5,700", "The panel likes it."), (OTHER, "0", "Below the line.")):
        part = officer.page.get_by_role("group", name=reference)
        part.get_by_label("Recommended amount").fill(amount)
        part.get_by_label("Reason").fill(reason)
        part.get_by_label("Put it on the list to confirm").check()
    officer.press("Save and show the list to confirm")
    officer.reads("Left of the pot of £200,000: £194,300", "£0, decline")
    officer.press_twice("Recommend 2 applications", then="Ranking of SCF 21")
    officer.reads("£5,700.00")


def decides(maker: Walker) -> None:
    """The decision maker approves one in part, and declines another with a reason."""
    maker.go("/desk")
    maker.follow(f"Decide on {REFERENCE}")
    maker.reads(NEED, ANSWERED, "£5,700", "The panel likes it.", "Member 3 finds it clear.")
    maker.tick("Approve")
    maker.fill("Amount approved", "6,000.01")
    maker.page.get_by_label("Reasons", exact=True).fill(REASONS)
    maker.fill("Conditions", CONDITIONS)
    maker.fill("Your interests in this application", "None")
    maker.tick("I decide this")
    maker.press("Decide")
    assert "£6,000 or less" in maker.error_beside("amount")
    assert maker.page.get_by_label("Reasons", exact=True).input_value() == REASONS
    maker.fill("Amount approved", "5,400")
    maker.fill("If it is less than was asked for", LESS)
    maker.press_twice("Decide", then=f"{REFERENCE} is decided.")
    maker.follow("Decisions")
    maker.follow(OTHER)
    maker.tick("Decline")
    maker.page.get_by_label("Reasons", exact=True).fill(DECLINED)
    maker.fill("Your interests in this application", "None")
    maker.tick("I decide this")
    maker.press("Decide")
    maker.is_refused(f"/review/{REFERENCE}", f"/review/{REFERENCE}/check", "/payments")


def nobody_knows(group: Walker, anyone: Walker) -> None:
    """The group and the public see no sign of a decision before its notice is signed."""
    for path in (f"/applications/{REFERENCE}", "/applications", "/desk"):
        group.go(path)
        group.reads("Waiting for a decision")
        group.does_not_read("Decided", "5,400", REASONS, LESS)
    assert mails("result") == []
    anyone.is_refused(f"/awards/{REFERENCE}")
    anyone.go("/register")
    anyone.does_not_read(GROUP)


def signs(maker: Walker) -> str:
    """The decision maker signs the numbered notice with two clicks. Gives its number."""
    maker.go("/decisions")
    maker.follow("Sign the notice of SCF 21")
    maker.fill("Your interests in anything in this notice", "None")
    maker.fill("Your full name", "Diane Decision")
    maker.tick("I have read this list")
    maker.press_twice("Sign and publish the notice", then="The notice is signed and published.")
    number = f"DN-{clock.today().year}-0001"
    assert maker.page.url.endswith(f"/decisions/notices/{number}")
    maker.reads(REFERENCE, GROUP, "£5,400.00", REASONS, CONDITIONS, "Diane Decision")
    maker.does_not_read(LESS, "Nadia", DECLINED, "Southside Friends")
    assert sorted(mail.to for mail in mails("result")) == ["applicant2@example.org", "nadia@example.org"]
    return number
