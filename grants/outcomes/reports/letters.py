"""What a group is told about its report, in the transaction of the deed."""

from __future__ import annotations

from datetime import date

from grants.accounts.models import Person
from grants.foundation import outbox
from grants.foundation.days import long_date
from grants.foundation.money import Pence, pounds
from grants.foundation.office import the_office
from grants.foundation.pages import instant

from . import queries
from .models import ReportSubmission
from .rules import Case
from .told import Told


def receipt(person: Person, case: Case, told: Told, submission: ReportSubmission) -> None:
    """That the report has come in, to the person who sent it."""
    unspent = f" {pounds(told.unspent_pence)} was not spent." if told.unspent_pence else ""
    _queue(
        case,
        [person.email],
        subject=f"We have your report on {case.award.reference}",
        body=(
            f"Thank you. We received the report of {told.organisation} on “{told.title}” "
            f"at {instant(submission.submitted_at, zone=True)}.\n\n"
            f"It says that {pounds(told.spent_pence)} was spent.{unspent}\n\n"
            "What happens next: an officer reads it, and writes to you when it is accepted or when something "
            "should be changed.\n\n"
            f"The fingerprint (SHA-256) of what you sent is {submission.sha256}.\n"
        ),
        purpose="report receipt",
    )


def extended(case: Case, due_on: date, reason: str) -> None:
    """That there is more time."""
    _to_group(
        case,
        subject=f"More time for your report on {case.award.reference}",
        body=f"You have until {long_date(due_on)} to send your report on “{case.standing.title}”.\n\n{reason}\n",
        purpose="report extension",
    )


def returned(case: Case, words: str) -> None:
    """What to change."""
    _to_group(
        case,
        subject=f"Please change your report on {case.award.reference}",
        body=(
            f"We have read your report on “{case.standing.title}”. Before we can accept it, please change this:\n\n"
            f"{words}\n\nWhat you sent is kept. Sign in, change the report, and send it again.\n"
        ),
        purpose="report returned",
    )


def accepted(case: Case, words: str) -> None:
    """That it is accepted, and what must come back."""
    due = case.money.outstanding
    back = f"{pounds(due)} was not spent, and must come back to us. {how_to_repay()}\n" if due else ""
    _to_group(
        case,
        subject=f"Your report on {case.award.reference} is accepted",
        body=f"Thank you for your report on “{case.standing.title}”. We have accepted it.\n\n"
        + "\n\n".join(part for part in (words, back) if part),
        purpose="report accepted",
    )


def repaid(case: Case, amount: Pence) -> None:
    """That money has come back."""
    left = case.money.outstanding
    rest = f"{pounds(left)} is still to come. {how_to_repay()}" if left else "Nothing more must come back."
    _to_group(
        case,
        subject=f"We have {pounds(amount)} back for {case.award.reference}",
        body=f"Thank you. We received {pounds(amount)} of the grant for “{case.standing.title}”.\n\n{rest}\n",
        purpose="report repayment",
    )


def waived(case: Case, amount: Pence) -> None:
    """That money need not come back."""
    _to_group(
        case,
        subject=f"You can keep what is left of {case.award.reference}",
        body=f"You need not pay back the {pounds(amount)} that is left of the grant for “{case.standing.title}”.\n",
        purpose="report repayment",
    )


def how_to_repay() -> str:
    """How unspent money comes back, in the office's words."""
    office = the_office()
    if office.how_to_repay:
        return office.how_to_repay
    return f"Write to {office.contact_email or 'us'}, and we tell you where to pay it."


def _to_group(case: Case, *, subject: str, body: str, purpose: str) -> None:
    _queue(case, queries.addresses_of(case.standing.organisation_id), subject=subject, body=body, purpose=purpose)


def _queue(case: Case, addresses: list[str], *, subject: str, body: str, purpose: str) -> None:
    for address in addresses:
        outbox.queue(to=address, subject=subject, body=body, purpose=purpose, about=f"award:{case.award.id}")
