"""What belongs to a grant in the trail: also the bank details that nothing was paid to yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grants.accounts.models import Person
from grants.awards.corrections import operations as corrections
from grants.awards.models import ChangedField, VariationKind
from grants.payments.bank import operations as bank
from tests.support import award_factories as awards
from tests.support import factories
from tests.support import payments_factories as make
from tests.support.client import Client, Page

SignIn = Callable[[Person], Client]


@pytest.fixture
def auditor(sign_in: SignIn) -> Client:
    return sign_in(factories.auditor())


def deeds(page: Page, kind: str = "Bank details") -> list[str]:
    """What was done to things of a kind, the oldest first, on a list of one page."""
    assert not page.link("next")
    rows = page.page.select("tbody tr")
    told = [[row.select_one(f'td[data-label="{label}"]').get_text(" ") for label in ("What", "About")] for row in rows]
    return [what.strip() for what, about in reversed(told) if about.strip().startswith(kind)]


def test_bank_details_that_nothing_was_paid_to_belong_to_the_grant_of_their_group(auditor: Client) -> None:
    """Given, proven, shown, opened, refused, and given anew."""
    award, other = make.accepted_award(), make.accepted_award()
    details, looks = make.given(award), make.finance("Vera Verifies")
    make.look(looks, details)
    bank.refuse(person=looks, details=details, seen=details.version, reason="The proof is of another account.")
    make.given(award, account=make.account_of(4711), proven=False)
    make.given(other, account=make.account_of(4712))

    told = deeds(auditor.get(f"/audit?grant={award.reference}&kind=bank_details"))

    assert told == [
        "Gave bank details",
        "Gave proof of the bank details",
        "Had the bank details shown",
        "Opened the proof of the bank details",
        "Refused the bank details",
        "Gave bank details",
    ]


def test_change_of_bank_details_is_told_as_one_that_the_group_gave(auditor: Client) -> None:
    award = make.accepted_award()
    make.verified(award)
    make.given(award, account=make.account_of(4711), proven=False)

    told = deeds(auditor.get(f"/audit?grant={award.reference}&kind=bank_details"))

    assert told[-1] == "Gave other bank details"


def test_bank_details_of_the_group_that_held_the_award_and_of_the_next_belong_to_it(auditor: Client) -> None:
    award = make.accepted_award()
    make.given(award)
    successor = factories.organisation("Southside Youth")
    own = make.accepted_award(successor)
    make.given(own, account=make.account_of(4711))
    asked = f"/audit?grant={award.reference}&verb=give+bank+details"
    before = deeds(auditor.get(asked))

    corrections.change_field(
        actor=factories.TESTS,
        award=award,
        field=ChangedField.RECIPIENT,
        value=successor,
        reason="The first group closed.",
    )

    assert (len(before), len(deeds(auditor.get(asked)))) == (1, 2)


@pytest.mark.parametrize(("goes_on", "found"), [(lambda _variation: None, 2), (awards.refuse, 1), (awards.approve, 2)])
def test_bank_details_of_the_group_that_is_to_take_the_award_over_belong_to_it(
    auditor: Client, goes_on: Callable[[Any], Any], found: int
) -> None:
    award = make.accepted_award()
    make.given(award)
    successor = factories.organisation("Southside Youth")
    make.given(make.accepted_award(successor), account=make.account_of(4711))

    goes_on(awards.begun_variation(award, kind=VariationKind.CHANGE, group=successor))

    page = auditor.get(f"/audit?grant={award.reference}&verb=give+bank+details")
    assert len(deeds(page)) == found
