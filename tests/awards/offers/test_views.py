"""The pages of an offer, for the group and for the office."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.models import Bar
from grants.awards.corrections import operations
from grants.awards.models import Agreement, Award, AwardStatus, OfferStatus
from grants.awards.offers import operations as offers
from grants.foundation.records.db import db, transaction
from grants.foundation.records.office import set_office
from grants.foundation.values import clock
from tests.support import award_factories as awards
from tests.support import factories
from tests.support.client import Client
from tests.support.kept import kept

SignIn = Callable[[Any], Client]
START = datetime(2026, 12, 1, 10, tzinfo=UTC)
LATE = datetime(2026, 12, 16, 0, 0, 1, tzinfo=UTC)
SIGNED = {"signatory_name": "Zoë 🎈 O’Neill", "signatory_position": "Chair", "agrees": "yes"}


@pytest.fixture
def award(app: Flask) -> Award:
    with time_machine.travel(START, tick=False):
        return kept(
            "offered SCF-21-0042",
            lambda: awards.offered_award(of=factories.application("recommended", reference="SCF-21-0042")),
        )


@pytest.fixture
def member(award: Award) -> Person:
    return awards.member_of(award)


@pytest.fixture
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(START + timedelta(hours=1), tick=False) as traveller:
        yield traveller


OFFER = "/awards/SCF-21-0042/offer"


def words(client: Client, address: str = OFFER) -> str:
    return " ".join(client.get(address).main.replace("\xa0", " ").split())


# The group


def test_group_reads_what_it_is_offered(member: Person, sign_in: SignIn, now: Any) -> None:
    page = words(sign_in(member))

    assert "Asked for £6,000 Approved £5,400" in page
    assert "Accept by 11:59pm, Tuesday 15 December 2026 (UK time, GMT)" in page
    assert "For the agreed purpose only." in page
    assert "Pay back what you do not spend" in page
    assert "Decline the grant" in page
    assert "Give more time" not in page


def test_group_accepts_and_is_led_to_its_bank_details(award: Award, member: Person, sign_in: SignIn, now: Any) -> None:
    client = sign_in(member)

    answer = client.submit(OFFER, SIGNED)

    assert answer.goes_to == OFFER + "/accepted"
    page = client.get(OFFER + "/accepted")
    assert f"/organisations/{award.organisation_id}/bank-details" in {link["href"] for link in page.page.select("a")}
    assert "Zoë 🎈 O’Neill accepted it" in page.main
    assert "Accepted Zoë 🎈 O’Neill, Chair, accepted for" in words(client)
    assert awards.offer_of(award).status == OfferStatus.ACCEPTED


def test_an_agreement_that_would_have_an_empty_box_is_not_signed(
    award: Award, member: Person, sign_in: SignIn, now: Any
) -> None:
    browser = sign_in(member)

    page = browser.submit(OFFER, SIGNED | {"signatory_name": "Selam ሰላም"})

    assert "We have no letters to print “ሰ”, “ላ”, “ም”" in page.summary[0]
    assert db.session.scalar(select(func.count()).select_from(Agreement)) == 0
    browser.submit(page, SIGNED | {"signatory_name": "ਸਾਂਝ Kaur"})
    assert db.session.scalar(select(func.count()).select_from(Agreement)) == 1


def test_the_page_says_that_an_offer_cannot_be_printed(award: Award, member: Person, sign_in: SignIn, now: Any) -> None:
    browser = sign_in(member)
    assert "cannot be printed" not in browser.get(OFFER).main
    with transaction():
        award.organisation.name = "Selam ሰላም"
    assert "This cannot be printed" in browser.get(OFFER).main


def test_accepting_twice_is_accepting_once(member: Person, sign_in: SignIn, now: Any) -> None:
    client = sign_in(member)
    page = client.get(OFFER)

    first, second = (client.submit(page, SIGNED) for _ in range(2))

    assert (first.goes_to, second.goes_to) == (OFFER + "/accepted", OFFER + "/accepted")
    assert db.session.scalar(select(func.count()).select_from(Agreement)) == 1


def test_second_tab_is_told_that_the_offer_is_accepted(award: Award, member: Person, sign_in: SignIn, now: Any) -> None:
    client = sign_in(member)
    page = client.get(OFFER)
    client.submit(OFFER, SIGNED)

    answer = client.submit(page, SIGNED)

    assert answer.status_code == 422
    assert answer.summary == ["Your group has accepted this offer already."]
    assert "Read the agreement" in answer.main


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"signatory_name": " "}, "signatory_name", "Enter the full name of the person who signs"),
        ({"signatory_position": ""}, "signatory_position", "Enter their position in your group"),
        ({"signatory_name": "Jo\x00"}, "signatory_name", "hidden character"),
        ({"signatory_name": "x" * 50_000}, "signatory_name", "200 characters"),
        ({"agrees": ""}, "agrees", "Confirm that you may sign and your group agrees"),
    ],
)
@pytest.mark.usefixtures("now")
def test_bad_answer_comes_back_with_everything_in_it(
    award: Award, sign_in: SignIn, change: dict[str, str], field: str, message: str
) -> None:
    answer = sign_in(awards.member_of(award)).submit(OFFER, SIGNED | {"signatory_position": "Vice-chair"} | change)

    assert answer.status_code == 422
    assert message in answer.errors[field]
    if "signatory_position" not in change:
        assert answer.page.select_one("[name=signatory_position]")["value"] == "Vice-chair"  # type: ignore[index]
    assert awards.offer_of(award).status == OfferStatus.MADE


def test_late_answer_is_refused_kindly_and_keeps_what_was_typed(
    award: Award, member: Person, sign_in: SignIn, now: Any
) -> None:
    set_office(actor=factories.TESTS, name="Grants of Testshire", contact_email="grants@example.org")
    now.move_to(LATE - timedelta(minutes=10))
    client = sign_in(member)
    page = client.get(OFFER)
    now.move_to(LATE)

    answer = client.submit(page, SIGNED)

    assert answer.status_code == 422
    assert "ask Grants of Testshire (grants@example.org) for more time" in answer.summary[0]
    assert answer.page.select_one("[name=signatory_name]")["value"] == SIGNED["signatory_name"]  # type: ignore[index]
    assert "The time to accept has passed" in words(client)
    assert awards.offer_of(award).status == OfferStatus.MADE


def test_offer_that_changed_meanwhile_is_shown_again(award: Award, member: Person, sign_in: SignIn, now: Any) -> None:
    client = sign_in(member)
    page = client.get(OFFER)
    extend(award)

    answer = client.submit(page, SIGNED)

    assert answer.status_code == 409
    assert "This offer changed after you opened the page." in answer.summary[0]
    assert answer.page.select_one("[name=version]")["value"] == "2"  # type: ignore[index]
    assert "31 December 2026" in answer.main.replace("\xa0", " ")


def extend(award: Award) -> None:
    until = datetime(2026, 12, 31, tzinfo=UTC).date()
    offers.extend_offer(person=factories.officer(), award=award, until=until, reason="A holiday.", version=1)


def test_group_declines_on_a_page_of_its_own(award: Award, member: Person, sign_in: SignIn, now: Any) -> None:
    client = sign_in(member)
    refused = client.submit(OFFER + "/decline", {"why": "We merged."})
    assert "agrees" in refused.errors
    assert "We merged." in refused.page.select_one("textarea").get_text()  # type: ignore[union-attr]

    answer = client.submit(OFFER + "/decline", {"why": "We merged.", "agrees": "yes"})

    assert answer.goes_to == OFFER
    assert (award.status, awards.offer_of(award).why) == (AwardStatus.WITHDRAWN, "We merged.")
    assert "Your group declined the grant" in words(client)
    assert "This award is withdrawn already." in words(client, OFFER + "/decline")


def test_withdrawn_award_cannot_be_accepted(award: Award, member: Person, sign_in: SignIn, now: Any) -> None:
    client = sign_in(member)
    page = client.get(OFFER)
    awards.withdraw(award)

    answer = client.submit(page, SIGNED)

    assert answer.summary == ["This award is withdrawn: you cannot accept it now."]
    assert "The grant was withdrawn before the offer was answered." in words(client)


# The office


@pytest.mark.parametrize("role", [Role.OFFICER, Role.FINANCE, Role.DECISION_MAKER, Role.AUDITOR])
def test_office_reads_the_offer_and_cannot_answer_it(award: Award, sign_in: SignIn, now: Any, role: Role) -> None:
    client = sign_in(factories.person(role))

    page = words(client)

    assert "Waiting for the group" in page
    assert "Accept the grant" not in page
    assert ("Give more time" in page) is (role is Role.OFFICER)
    assert "Let the offer lapse" not in page


def test_officer_gives_more_time(award: Award, sign_in: SignIn, now: Any) -> None:
    now.move_to(LATE)
    client = sign_in(factories.officer())
    assert "The group cannot accept unless it gets more time." in words(client)

    wrong = client.submit(OFFER + "/extend", {**day("30", "2", "2027"), "reason": "A holiday."})
    assert "until" in wrong.errors
    assert "A holiday." in wrong.page.select_one("textarea").get_text()  # type: ignore[union-attr]
    answer = client.submit(OFFER + "/extend", {**day("31", "12", "2026"), "reason": "A holiday."})

    assert answer.goes_to == OFFER
    assert clock.london(awards.offer_of(award).expires_at).date().isoformat() == "2026-12-31"


def day(number: str, month: str, year: str) -> dict[str, str]:
    return {"until-day": number, "until-month": month, "until-year": year}


def test_officer_lets_an_offer_lapse_and_offers_again(award: Award, sign_in: SignIn, now: Any) -> None:
    client = sign_in(factories.officer())
    assert "can still accept" in words(client, OFFER + "/lapse")
    now.move_to(LATE)
    client.sign_in(factories.officer())

    assert client.submit(OFFER + "/lapse", {"agrees": "yes"}).goes_to == OFFER

    assert awards.offer_of(award).status == OfferStatus.LAPSED
    assert "first take the withdrawal back" in words(client)
    operations.reinstate(actor=factories.TESTS, award=award, reason="They were away.")
    assert client.submit(OFFER + "/again", {"reason": "They were away."}).goes_to == OFFER
    assert award.status == AwardStatus.OFFERED


# Who does not see it


def test_offer_that_was_never_made_is_not_there(app: Flask, sign_in: SignIn) -> None:
    award = awards.decided_award()

    for person in (awards.member_of(award), factories.officer()):
        assert sign_in(person).get(f"/awards/{award.reference}/offer").status_code == 404


def test_offer_is_closed_to_whom_declared_an_interest(award: Award, sign_in: SignIn, now: Any) -> None:
    barred = factories.person(Role.DECISION_MAKER)
    with transaction() as session:
        session.add(Bar(application_id=award.application_id, person_id=barred.id, barred_at=clock.now()))

    assert sign_in(barred).get(OFFER).status_code == 404


def test_officer_of_the_group_answers_for_it_and_does_not_manage_it(award: Award, sign_in: SignIn, now: Any) -> None:
    both = factories.person(Role.OFFICER, member_of=award.organisation)
    client = sign_in(both)

    assert "Accept the grant" in words(client)
    assert "Give more time" not in words(client)
    for page in ("/extend", "/lapse", "/again"):
        assert client.get(OFFER + page).status_code == 404


# The agreement


def test_agreement_is_a_document_of_the_same_bytes(award: Award, member: Person, sign_in: SignIn, now: Any) -> None:
    awards.accept(award, signatory_name=SIGNED["signatory_name"])
    client = sign_in(member)

    first, second = (client.get("/awards/SCF-21-0042/agreement.pdf") for _ in range(2))

    assert first.mimetype == "application/pdf"
    assert first.get_data().startswith(b"%PDF-")
    assert first.get_data() == second.get_data()
    set_office(actor=factories.TESTS, name="Another name")
    assert client.get("/awards/SCF-21-0042/agreement.pdf").get_data() == first.get_data()


def test_agreement_is_not_there_before_it_is_made(award: Award, member: Person, sign_in: SignIn, now: Any) -> None:
    client = sign_in(member)

    assert client.get("/awards/SCF-21-0042/agreement.pdf").status_code == 404
    assert client.get(OFFER + "/accepted").goes_to == OFFER


@pytest.mark.parametrize("role", [None, Role.OFFICER])
@pytest.mark.usefixtures("now")
def test_offer_page_asks_few_questions(award: Award, sign_in: SignIn, count_queries: Any, role: Role | None) -> None:
    client = sign_in(factories.person(role) if role else awards.member_of(award))
    client.get(OFFER)

    with count_queries() as queries:
        client.get(OFFER)

    assert queries.count == 4


def test_award_page_leads_to_the_offer_whoever_may_read_it(
    award: Award, member: Person, sign_in: SignIn, now: Any, count_queries: Any
) -> None:
    public, link = "/awards/SCF-21-0042", "The offer, and the agreement"

    for person in (member, factories.officer(), factories.auditor()):
        client = sign_in(person)
        with count_queries() as queries:
            page = client.get(public)
        assert link in page.main
        assert queries.count <= 6
    assert link not in sign_in(factories.applicant()).get(public).main
    assert link not in sign_in(factories.panel_member()).get(public).main
