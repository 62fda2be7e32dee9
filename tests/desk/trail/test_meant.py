"""What belongs to a grant in the trail: also the bank details that nothing was paid to yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grants.accounts.models import Person
from grants.accounts.organisations import operations as organisations
from grants.accounts.rights import MemberRole
from grants.applications.acts import ApplicationAct
from grants.applications.models import ApplicationStatus
from grants.awards.corrections import operations as corrections
from grants.awards.models import ChangedField, VariationKind
from grants.foundation.records import audit
from grants.foundation.records.db import transaction
from grants.payments.bank import operations as bank
from grants.payments.batches import operations as batches
from grants.payments.models import FileKind
from grants.payments.returns import operations as returns
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


# What belongs to a group


def test_who_saw_the_bank_details_of_a_group_is_one_question(auditor: Client) -> None:
    """The number, the proof, the payment file both ways, and the return file, which may show them too."""
    award, other = make.accepted_award(factories.organisation("Zebra Youth")), make.accepted_award()
    looks, downloads = make.finance("Vera Verifies"), make.finance("Fin Pays")
    for one in (award, other):
        make.verified(one, by=looks)
    sent = make.batch(make.BatchStatus.EXPORTED, awards=[award], by=downloads)
    batches.download(person=downloads, batch=sent, kind=FileKind.CSV)
    (payment,) = make.payments_of(sent)
    returned = make.take(make.line(payment), by=downloads).file
    returns.download(person=downloads, file=returned)

    told = deeds(auditor.get("/audit?group=zebra&verb=see+bank+details"), "")

    assert told == [
        "Had the bank details shown",
        "Opened the proof of the bank details",
        "Downloaded the payment file (XLSX)",
        "Downloaded the payment file (CSV)",
        "Downloaded a return file of the bank",
    ]


def test_group_has_its_own_lines_and_those_of_its_bids_and_of_what_it_holds(auditor: Client) -> None:
    group, other = factories.organisation("Northside Youth"), factories.organisation("Southside Youth")
    bid = factories.application(ApplicationStatus.SUBMITTED, organisation=group, role=MemberRole.OWNER)
    with transaction():
        audit.record(actor=factories.TESTS, verb=ApplicationAct.SUBMIT_APPLICATION, thing=bid)
    organisations.add_member(
        actor=factories.TESTS, person=factories.person(), organisation=group, role=MemberRole.OWNER
    )
    organisations.invite(
        person=factories.person(member_of=group), organisation=group, email="new@example.org", role=MemberRole.EDITOR
    )
    award = factories.award(reference="OLD-1", organisation=other)
    factories.award(reference="OLD-2", organisation=other)
    before = _abouts(auditor.get("/audit?group=northside"))

    corrections.change_field(
        actor=factories.TESTS, award=award, field=ChangedField.RECIPIENT, value=group, reason="It took it over."
    )

    assert before == {f"Application {bid.reference}", "Group Northside Youth", "Invitation Northside Youth"}
    assert _abouts(auditor.get("/audit?group=northside")) == before | {"Award OLD-1"}


def _abouts(page: Page) -> set[str]:
    cells = page.page.select('td[data-label="About"] div')
    return {" ".join(text for text in cell.get_text("|").split("|")[:2]).strip().replace("  ", " ") for cell in cells}
