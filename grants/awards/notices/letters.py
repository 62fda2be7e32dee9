"""What the letters with a result say, in plain English: the amount or the refusal, why, and what to do next."""

from __future__ import annotations

from grants.applications.models import Application
from grants.awards.models import Decision, DecisionNotice, Offer
from grants.foundation.records.office import the_office
from grants.foundation.values.money import pounds
from grants.foundation.web.addresses import public_address
from grants.foundation.web.pages import deadline

Letter = tuple[str, str]


def award_letter(application: Application, decision: Decision, notice: DecisionNotice, offer: Offer) -> Letter:
    """To a group whose bid was approved: how much and why, the conditions, and how and by when to accept."""
    return _letter(
        application,
        f"Your application {application.reference} was approved",
        f"We are glad to tell you that your application “{application.title}” ({application.reference}) was approved.",
        f"You asked for {pounds(decision.requested_pence)}. The amount approved is {pounds(decision.amount_pence)}.",
        _part("Why it is less than you asked for", decision.less_reason),
        _part("Why it was approved", decision.reasons),
        _part("The conditions", decision.conditions),
        _part("What the panel said", decision.feedback),
        f"What to do now: accept the offer by {deadline(offer.expires_at, zone=True)}. Sign in and open this page:",
        public_address("awards.offer", reference=application.reference),
        "The page says everything that you agree to. If you do not accept by then, the offer lapses. Please do not "
        "start to spend the grant before you have accepted it.",
        _where_it_stands(notice),
    )


def decline_letter(application: Application, decision: Decision, notice: DecisionNotice) -> Letter:
    """To a group whose bid was declined: the reason, what the panel said, and where to turn."""
    return _letter(
        application,
        f"Your application {application.reference} was not successful",
        f"Thank you for your application “{application.title}” ({application.reference}) for "
        f"{pounds(decision.requested_pence)}. We are sorry to tell you that it was not successful.",
        _part("Why it was declined", decision.reasons),
        _part("What the panel said", decision.feedback),
        "What you can do now: you are welcome to apply in another round. These are open, or say when they open:",
        public_address("funds.rounds"),
        "You can read your application, and this letter, at any time:",
        public_address("applications.application", reference=application.reference),
        _where_it_stands(notice) + " It does not name your group.",
    )


def _letter(application: Application, subject: str, *parts: str) -> Letter:
    office = the_office()
    ways = " or ".join(way for way in (office.contact_email, office.contact_phone) if way)
    questions = f"If you have a question, please write to or call us: {ways}." if ways else ""
    paragraphs = (f"Dear {application.organisation.name},", *parts, questions)
    return subject, "\n\n".join(part for part in paragraphs if part) + "\n"


def _part(heading: str, text: str) -> str:
    return f"{heading}:\n{text.strip()}" if text.strip() else ""


def _where_it_stands(notice: DecisionNotice) -> str:
    page = public_address("awards.notice", number=notice.reference)
    return f"The decision is published in decision notice {notice.reference}: {page}."
