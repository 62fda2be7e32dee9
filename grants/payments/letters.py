"""What the mails of payments say: a subject and a body. Bank details never stand in a mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from grants.accounts.models import Person
from grants.foundation.records import outbox
from grants.foundation.values.days import long_date
from grants.foundation.values.money import Pence, pounds

Letter = tuple[str, str]

OTHER_DETAILS = (
    "Please give us other bank details here, or the same with a new bank statement that shows them. We ring the number "
    "that we hold, wait 48 hours, and then pay:"
)


def change_asked(group: str, link: str) -> Letter:
    """To everybody of a group, and to who gave the details in force, when others are given."""
    return _letter(
        f"New bank details for {group}",
        f"Somebody of {group} gave us new bank details for its grants.",
        "If you know about this, you need not do anything. We ring the number that we hold before we use them, and "
        "nothing changes for at least 48 hours. Until then we pay to the details that we hold.",
        "If you do not know about this, tell us at once: somebody may be trying to take the money. You see what was "
        "given, when and by whom here:",
        link,
    )


def given(group: str, by: str, link: str) -> Letter:
    """To everybody of a group, when its first details are given."""
    return _letter(
        f"Bank details for {group}",
        f"{by} gave us the bank details of {group} for its grants. We check them before we pay anything.",
        "If you do not know about this, tell us at once. You see what was given, when and by whom here:",
        link,
    )


def verified(group: str) -> Letter:
    """To the group, when its details are verified."""
    return _letter(
        f"The bank details of {group} are verified",
        f"We have checked the bank details of {group}. Grants of the group are paid to them from now on.",
        "If anything about them is wrong, tell us at once.",
    )


def refused(group: str, reason: str, link: str) -> Letter:
    """To the group, when its details are refused."""
    return _letter(
        f"The bank details of {group} could not be verified",
        f"We could not verify the bank details that {group} gave us. The reason is:",
        reason,
        "Please give them again here, with a bank statement or a headed letter that shows them:",
        link,
    )


@dataclass(frozen=True)
class Paid:
    """A payment as a letter names it: the award by its reference, the account by its last digits alone."""

    group: str
    project: str
    award: str
    reference: str
    amount: Pence
    ending: str

    @property
    def words(self) -> str:
        """It, in a sentence."""
        return f"{pounds(self.amount)} to {self.group} for “{self.project}” ({self.award})"


def paid(of: Paid, finance_reference: str, day: date) -> Letter:
    """To the group, when finance says that a payment was made."""
    return _letter(
        f"We have paid {pounds(of.amount)} for {of.award}",
        f"We have paid {of.words} on {long_date(day)}.",
        f"It is payment {of.reference}, under the reference {finance_reference}, to your account {of.ending}.",
        "It can take a day until it shows in your account. If it is not there after three working days, tell us.",
    )


def failed(of: Paid, day: date, link: str, *, is_blocked: bool) -> Letter:
    """To the group, when a payment did not arrive: it is asked for other details where its account is blocked."""
    to_do = "Please check whether the bank details that we hold are still right. You can give others here:"
    return _letter(
        f"Our payment for {of.award} did not arrive",
        f"Our payment of {of.words} did not go through, as we learnt on {long_date(day)}. The money is still yours: we "
        "pay it again.",
        f"It was payment {of.reference} to your account {of.ending}.",
        f"We pay nothing more to the account {of.ending}. {OTHER_DETAILS}" if is_blocked else to_do,
        link,
    )


def came_back(of: Paid, day: date, link: str) -> Letter:
    """To the group, when a payment that was made has come back from its bank."""
    return _letter(
        f"Our payment for {of.award} came back",
        f"Your bank sent our payment of {of.words} back to us on {long_date(day)}. The money is still yours: we pay it "
        "again.",
        f"It was payment {of.reference}. We pay nothing more to the account {of.ending}. {OTHER_DETAILS}",
        link,
    )


def waits_again(of: Paid) -> Letter:
    """To the group, when what it was told of a payment was wrong, and nothing is known of it yet."""
    return _letter(
        f"We told you something wrong about our payment for {of.award}",
        f"What we wrote to you about our payment of {of.words} was recorded by mistake. It is payment {of.reference} "
        f"to your account {of.ending}. We do not know yet whether it was paid. We write again as soon as we do.",
    )


def to_approve(payment: str, kind: str, by: str, link: str) -> Letter:
    """To finance, when a payment is to be put right: another officer has to approve it."""
    return _letter(
        f"Payment {payment}: {kind.lower()}",
        f"{by} recorded this of payment {payment}: {kind.lower()}. Nothing more of the award is paid until another "
        "finance officer has approved or refused it:",
        link,
    )


def judged(payment: str, kind: str, outcome: str, by: str, link: str) -> Letter:
    """To finance, when another officer has approved or refused that a payment is put right."""
    return _letter(
        f"Payment {payment}: {outcome.lower()}",
        f"{by} judged what was recorded of payment {payment} ({kind.lower()}). It is {outcome.lower()}:",
        link,
    )


def _letter(subject: str, *paragraphs: str) -> Letter:
    return subject, "\n\n".join(paragraphs) + "\n"


def write_to(people: Iterable[Person], letter: Letter, *, purpose: str, about: str) -> None:
    """Queue a letter to each of these people, by name."""
    subject, body = letter
    for person in people:
        greeted = f"Hello {person.name},\n\n{body}"
        outbox.queue(to=person.email, subject=subject, body=greeted, purpose=purpose, about=about)
