"""The end of a grant: the group reports, unspent money comes back, the public and the auditor read."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text

from grants.awards.models import AwardSnapshot, AwardStatus
from grants.foundation.records.appendonly import statements
from grants.foundation.records.db import transaction
from grants.foundation.values import clock

from .applying import signs_in
from .judging import CONDITIONS, REASONS
from .stage import GROUP, REFERENCE
from .walking import Walker, reading

REPORT, STORY = f"/reports/{REFERENCE}", f"/grants/{REFERENCE}/story"
CHANGED = ("Something was changed behind the trail’s back",)


def reports(group: Walker) -> None:
    """The group says whom it helped and what it spent: £200 less than it got."""
    signs_in(group)
    group.page.locator(f"a[href='{REPORT}']").first.click()
    group.look()
    group.press("Start the report")
    sections = group.page.locator(".govuk-task-list__link").all_inner_texts()
    group.follow(sections[0])
    group.fill("How many people did the project help?", "72")
    group.tick("We counted them")
    group.fill("How many volunteers", "9")
    group.fill("How many sessions", "24")
    group.press("Save")
    group.follow(sections[1])
    group.fill("What difference did the project make?", "Fewer calls to the police in the evenings.")
    group.press("Save")
    group.follow(sections[2])
    for at, amount in enumerate(("3,600", "£1,600")):
        group.page.locator(f"#lines-{at}-spent").fill(amount)
    group.press("Save")
    assert group.error_beside("lines-1-reason").startswith("You spent £200 less on Hall than planned. Enter the reason")
    group.page.locator("#lines-1-reason").fill("The council let us have it for less.")
    group.press("Save")
    group.follow("Check and send")
    group.reads("£200")
    group.tick("What we say in this report is true")
    group.fill("Your full name", "Nadia New")
    group.press_twice("Send the report", then="We have your report")


def accepts_the_report(officer: Walker) -> None:
    """An officer reads it beside what was planned, and accepts it."""
    officer.go("/desk")
    officer.page.locator(f"a[href='{REPORT}']").first.click()
    officer.look()
    officer.reads("72", "60 planned", "£5,200", "£200")
    officer.tick("Yes, accept it")
    officer.press("Send the answer")
    officer.reads("Must come back")


def records_the_repayment(finance: Walker) -> None:
    """What was not spent came back: with it the award is complete."""
    finance.go("/desk")
    finance.page.locator(f"a[href^='{REPORT}']").first.click()
    if finance.heading != "Record what came back":
        finance.follow("Record what came back")
    finance.fill("Amount that came back", "200.01")
    finance.fill_day("Day on which it arrived", clock.today())
    finance.press("Record it")
    assert "£200" in finance.error_beside("amount")
    finance.fill("Amount that came back", "200")
    finance.press_twice("Record it", then="The repayment is in the ledger.")
    finance.reads("£200")
    with reading() as session:
        assert session.query(AwardSnapshot).one().status == AwardStatus.COMPLETE


def the_public_reads(anyone: Walker, notice: str) -> None:
    """The totals and the register have it net of what came back, with its reasons."""
    anyone.go("/outcomes?fund=SCF&topic=CSE")
    anyone.reads("£5,400", "£5,200")
    anyone.go("/register")
    anyone.follow(GROUP)
    anyone.reads("£6,000", "£5,400", "£200", "£5,200", REASONS, CONDITIONS, notice, "Complete")
    anyone.does_not_read("Nadia", "finds it clear", "00733445")
    assert anyone.page.url.endswith(f"/awards/{REFERENCE}")


def open_data(anyone: Walker) -> list[dict[str, Any]]:
    """The grants of the open data."""
    return list(json.loads(anyone.fetch("/register/360giving.json"))["grants"])


def the_auditor_reads(auditor: Walker) -> None:
    """The whole story stands on one page, with its money, and the trail vouches for it."""
    auditor.go(STORY)
    auditor.reads("£6,000.00", "£5,700.00", "£5,400.00", "Paid and not returned: £5,200.00", "are as they were written")
    auditor.does_not_read(*CHANGED)
    auditor.is_refused("/payments/batches/new", f"/decisions/{REFERENCE}", f"/review/{REFERENCE}")


def the_auditor_sees_the_change(auditor: Walker) -> None:
    """The story says itself that one of its lines is not what was written."""
    auditor.go(STORY)
    auditor.reads(*CHANGED)


def change_a_line_unseen(number: int) -> None:
    """What somebody can do who holds the database itself: put its trigger to sleep, and write another name."""
    with transaction() as session:
        on = " ON audit_lines" if session.get_bind().dialect.name == "postgresql" else ""
        session.execute(text(f"DROP TRIGGER audit_lines_no_update{on}"))
        session.execute(text("UPDATE audit_lines SET actor = 'Nobody' WHERE id = :number"), {"number": number})
        for statement in statements("audit_lines", session.get_bind().dialect.name):
            if "audit_lines_no_update" in statement:
                session.execute(text(statement))
