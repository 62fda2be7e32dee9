"""Who is told of a request by mail, in the deed's own transaction: the officers, and the group."""

from __future__ import annotations

from grants.accounts.models import Person
from grants.accounts.queries import members_of
from grants.accounts.rights import Right
from grants.awards.letters import with_right, write_to
from grants.awards.models import Award
from grants.foundation.web.addresses import public_address

PURPOSE = "variation request"
"""The purpose of these messages in the outbox."""


def tell_asked(award: Award, group_id: int, wish: str, by: Person) -> None:
    """To the officers what the group asks, and to the group that it has asked."""
    write_to(
        with_right(Right.BEGIN_VARIATIONS),
        f"A group asks for a change of its grant {award.reference}",
        f"{by.name} asks for a change of the grant {award.reference}.",
        wish,
        "Begin a variation, or answer why not, here:",
        public_address("awards.variations", reference=award.reference),
        purpose=PURPOSE,
        award_id=award.id,
    )
    write_to(
        members_of(group_id),
        f"You have asked us to change your grant {award.reference}",
        f"We have your request to change the grant {award.reference}. {by.name} sent it:",
        wish,
        "Change nothing before you have our answer. You find it here:",
        public_address("awards.variations", reference=award.reference),
        purpose=PURPOSE,
        award_id=award.id,
    )


def tell_taken_back(award: Award, group_id: int, by: Person) -> None:
    """To the group: that its request is taken back."""
    write_to(
        members_of(group_id),
        f"Your request about your grant {award.reference} is taken back",
        f"{by.name} took the request to change the grant {award.reference} back, so the grant stays as it is.",
        "You can ask again here:",
        public_address("awards.variations", reference=award.reference),
        purpose=PURPOSE,
        award_id=award.id,
    )


def tell_declined(award: Award, group_id: int, answer: str) -> None:
    """To the group: that its grant stays as it is, and why."""
    write_to(
        members_of(group_id),
        f"Your grant {award.reference} stays as it is",
        f"You asked us to change your grant {award.reference}. We cannot do that.",
        answer,
        "You find your request and our answer here:",
        public_address("awards.variations", reference=award.reference),
        purpose=PURPOSE,
        award_id=award.id,
    )
