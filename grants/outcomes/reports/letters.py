"""What a group is told about its report, in the transaction of the deed."""

from __future__ import annotations

from datetime import date

from grants.accounts.models import Person
from grants.accounts.queries import members_of
from grants.foundation.records import outbox
from grants.foundation.records.office import Office, the_office, whom_to_ask
from grants.foundation.values.days import long_date
from grants.foundation.values.money import Pence, pounds
from grants.foundation.web.addresses import public_address
from grants.foundation.web.pages import instant

from .contents import Told
from .models import ReportSubmission
from .rules import ReportCase


def receipt(person: Person, case: ReportCase, told: Told, submission: ReportSubmission) -> None:
    """That the report has come in, and who sent it."""
    unspent = f" {pounds(told.unspent_pence)} of what we paid was not spent." if told.unspent_pence else ""
    _to_group(
        case,
        "report receipt",
        f"We have your report on {case.award.reference}",
        f"Thank you. We received the report of {told.organisation} on “{told.title}” "
        f"at {instant(submission.submitted_at, zone=True)}. {person.name} sent it.",
        f"It says that {pounds(told.spent_pence)} was spent.{unspent}",
        "What happens next: an officer reads it. We write to you when it is accepted, or when something should be "
        "changed. You can read it here:",
        _link(case),
        f"The fingerprint (SHA-256) of what you sent is {submission.sha256}.",
    )


def extended(case: ReportCase, due_on: date, reason: str) -> None:
    """That there is more time."""
    _to_group(
        case,
        "report extension",
        f"More time for your report on {case.award.reference}",
        f"You have until {long_date(due_on)} to send your report on “{case.snapshot.title}”.",
        reason,
        _link(case),
    )


def returned(case: ReportCase, words: str) -> None:
    """What to change."""
    _to_group(
        case,
        "report returned",
        f"Please change your report on {case.award.reference}",
        f"We have read your report on “{case.snapshot.title}”. Before we can accept it, please change this:",
        words,
        "What you sent is kept. Change the report here, and send it again:",
        _link(case),
    )


def accepted(case: ReportCase, words: str) -> None:
    """That it is accepted, and what must come back."""
    due = case.money.outstanding
    _to_group(
        case,
        "report accepted",
        f"Your report on {case.award.reference} is accepted",
        f"Thank you for your report on “{case.snapshot.title}”. We have accepted it.",
        words,
        f"{pounds(due)} was not spent, and must come back to us. {how_to_repay(the_office())}" if due else "",
    )


def repaid(case: ReportCase, amount: Pence) -> None:
    """That money has come back."""
    left = case.money.outstanding
    _to_group(
        case,
        "report repayment",
        f"We have {pounds(amount)} back for {case.award.reference}",
        f"Thank you. We received {pounds(amount)} of the grant for “{case.snapshot.title}”.",
        f"{pounds(left)} is still to come. {how_to_repay(the_office())}" if left else "Nothing more must come back.",
    )


def waived(case: ReportCase, amount: Pence) -> None:
    """That money need not come back."""
    _to_group(
        case,
        "report repayment",
        f"You can keep what is left of {case.award.reference}",
        f"You need not pay back the {pounds(amount)} that is left of the grant for “{case.snapshot.title}”.",
    )


def how_to_repay(office: Office) -> str:
    """How unspent money comes back, in the office's words."""
    return office.how_to_repay or f"Ask {whom_to_ask(office)} where to pay it."


def _to_group(case: ReportCase, purpose: str, subject: str, *paragraphs: str) -> None:
    for person in members_of(case.snapshot.organisation_id):
        body = "\n\n".join(part for part in (f"Hello {person.name},", *paragraphs) if part)
        outbox.queue(
            to=person.email, subject=subject, body=f"{body}\n", purpose=purpose, about=f"award:{case.award.id}"
        )


def _link(case: ReportCase) -> str:
    return public_address("outcomes.report", reference=case.award.reference)
