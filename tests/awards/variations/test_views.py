"""The pages of variations: an officer begins one, another approves it, the group agrees; and what the public reads."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from grants.accounts.models import Organisation
from grants.accounts.rights import Role
from grants.awards.models import Award, AwardSnapshot, Variation, VariationKind, VariationStatus
from grants.foundation.records.db import db
from tests.support import award_factories as awards
from tests.support import factories
from tests.support.client import Client

SignIn = Callable[[Any], Client]


@pytest.fixture
def award(app: Flask) -> Award:
    return awards.accepted_award()


def _latest() -> Variation:
    asked = select(Variation).order_by(Variation.id.desc()).execution_options(populate_existing=True)
    return db.session.scalars(asked.limit(1)).one()


def _snapshot(award: Award) -> AwardSnapshot:
    asked = select(AwardSnapshot).where(AwardSnapshot.award_id == award.id)
    return db.session.scalars(asked.execution_options(populate_existing=True)).one()


def _facts(page: Any) -> dict[str, str]:
    return {
        " ".join(row.dt.get_text().split()): " ".join(row.dd.get_text().split())
        for row in page.page.select(".govuk-summary-list__row")
    }


def test_budget_is_changed_on_the_page_and_is_not_for_the_public(award: Award, sign_in: SignIn, client: Client) -> None:
    one, other = sign_in(factories.officer()), sign_in(factories.officer())
    page = one.get(f"/awards/{award.reference}/variations/change")
    assert page.page.find("input", attrs={"name": "lines-0-amount"})["value"] == "5,400"
    lines = {"lines-0-item": "Session workers", "lines-0-amount": "5,000", "lines-1-item": "A coach"}

    wrong = one.submit(page, {"reason": "They need a coach.", **lines, "lines-1-amount": "300"})
    assert wrong.status_code == 422
    assert wrong.errors == {"lines-1-amount": "The lines add up to £5,300, and the grant is £5,400"}
    assert wrong.page.find("input", attrs={"name": "lines-1-item"})["value"] == "A coach"
    early = one.submit(page, {"reason": "Earlier.", "ends_on-year": "2020"})
    assert early.errors == {"ends_on": "The last day must be on or after the first day"}
    begun = one.submit(page, {"reason": "They need a coach.", **lines, "lines-1-amount": "400"})
    other.submit(begun.location, form=f"form[action='{begun.location}/approve']")

    assert "A coach: £400.00" in sign_in(awards.member_of(award)).get(begun.location).main
    notice = client.get(f"/decisions{begun.location}").main
    assert "They need a coach." in notice
    assert "What they cost is not published." in notice
    assert "£400" not in notice


def test_nobody_goes_on_reading_awarded_of_a_grant_that_was_withdrawn(award: Award, sign_in: SignIn) -> None:
    """The risk: one list out of ten keeps the word of the day of the decision."""
    application = award.application
    readers = (awards.member_of(award), *(factories.person(role) for role in (Role.OFFICER, Role.DECISION_MAKER)))
    pages = {
        "/desk": "your bids",
        "/applications": "the list",
        f"/applications/{application.reference}": "the bid",
        f"/review/rounds/{application.round.slug}": "the ranking",
        f"/grants/{application.reference}/story": "the story",
        f"/awards/{award.reference}": "the register",
    }
    awards.approve(awards.begun_variation(award, kind=VariationKind.WITHDRAWAL))

    told = set()
    for reader in readers:
        for address, name in pages.items():
            page = sign_in(reader).get(address)
            tags = {" ".join(tag.get_text().split()) for tag in page.page.select(".g-tag")} if page.page else set()
            assert "Awarded" not in tags, (reader.email, address)
            told |= {name for tag in tags if "ithdrawn" in tag}
    assert told == set(pages.values())
    (row,) = csv.DictReader(sign_in(readers[1]).get("/applications.csv").text.lstrip("\ufeff").splitlines())
    assert (row["Status"], row["Grant"]) == ("Awarded", "Withdrawn")


def test_group_that_handed_its_grant_over_reads_what_it_agreed_to(award: Award, sign_in: SignIn) -> None:
    member, successor = awards.member_of(award), factories.organisation("Southside Heirs")
    factories.applicant(successor)
    awards.approve(awards.begun_variation(award, group=successor))
    client = sign_in(member)

    bid = client.get(f"/applications/{award.application.reference}")
    offer = client.get(str(bid.page.find("a", href=f"/awards/{award.reference}/offer")["href"]))

    for page in (bid, client.get("/applications"), client.get("/desk")):
        assert "With another group" in page.main
        assert "Grant accepted" not in page.main
    assert "This grant is with Southside Heirs now." in offer.main
    assert "bank details" not in offer.main
    assert client.get(f"/awards/{award.reference}/agreement.pdf").status_code == 200
    assert client.get(f"/awards/{award.reference}/offer/decline").status_code == 404
    assert offer.page.find("form", attrs={"action": f"/awards/{award.reference}/offer"}) is None


def test_agreement_to_a_change_says_what_it_changes_and_what_the_money_is_for(award: Award) -> None:
    found = awards.approve(awards.begun_variation(award, amount=300_000))
    awards.agree(found, awards.member_of(award))

    said = dict(json.loads(found.agreement)["facts"])
    assert said["Budget"] == "Session workers: £3,000.00"
    assert said["What changed"] == "grant; budget"
    assert "Approved at" in said


def _begin(client: Client, award: Award, **fields: str) -> Any:
    fields.setdefault("reason", "The group asked for it by letter.")
    return client.submit(f"/awards/{award.reference}/variations/change", fields)


def test_group_is_chosen_by_where_and_when_it_was_awarded(award: Award, sign_in: SignIn) -> None:
    other = factories.organisation("Southside Heirs")
    for day in ("2015-03-01", "2016-05-02"):
        factories.award(organisation=other, award_day=day, districts=[factories.district("Leeds")])

    page = sign_in(factories.officer()).get(f"/awards/{award.reference}/variations/groups?q=Southside")

    assert "2 awards (the last 2 May 2016, in Leeds), 0 people with an account" in page.words


# From the first page to the last


def test_two_officers_change_an_award_and_everybody_reads_it(award: Award, sign_in: SignIn, client: Client) -> None:
    one, other = sign_in(factories.officer()), sign_in(factories.officer())
    register = client.get(f"/awards/{award.reference}")
    assert "Changes of this award" not in register.main
    page = one.get(f"/awards/{award.reference}/variations")
    assert "Nothing of this award was changed." in page.main

    begun = _begin(one, award, amount="5,000", title="Open evenings")
    reference = f"{award.reference}-V1"
    assert begun.location == f"/variations/{reference}"
    shown = one.get(begun.location)
    assert "Before After" in shown.words
    assert "Grant £5,400.00 £5,000.00" in shown.words
    assert "You began this variation, so another approves it." in shown.main

    other.submit(begun.location, form=f"form[action='/variations/{reference}/approve']")

    assert (_latest().state, _snapshot(award).awarded_pence) == (VariationStatus.IN_FORCE, 500_000)
    story = client.get(f"/awards/{award.reference}").main
    assert "The group asked for it by letter." in story
    assert "from “Safe evenings on the estate” to “Open evenings”" in story
    assert ",5000.00," in client.get("/register.csv").text
    assert client.get("/register/360giving.json").get_json()["grants"][0]["amountAwarded"] == 5000


def test_form_begins_with_what_holds_and_keeps_what_was_typed(award: Award, sign_in: SignIn) -> None:
    client = sign_in(factories.officer())
    page = client.get(f"/awards/{award.reference}/variations/change")
    assert page.page.find("input", id="amount")["value"] == "5,400"

    refused = _begin(client, award, amount="5,400.01", title="Other evenings", reason="Because.")

    assert refused.status_code == 422
    assert "The decision was £5,400, so a variation cannot go above it." in refused.main
    assert refused.page.find("input", id="title")["value"] == "Other evenings"
    assert refused.page.find("textarea", id="reason").get_text().strip() == "Because."
    assert _begin(client, award, amount="5,000", reason="").errors == {"reason": "Enter the reason"}


def test_group_that_takes_over_is_picked_from_a_list(award: Award, sign_in: SignIn) -> None:
    client = sign_in(factories.officer())
    successor = factories.organisation("Northside Together")
    factories.applicant(successor)
    address = f"/awards/{award.reference}/variations/groups"

    assert "No group has this name or number" in client.get(f"{address}?q=nobody").main
    found = client.get(f"{address}?q=northside%20together")
    link = found.page.select_one("main li a")
    assert "0 awards, 1 person with an account" in found.main.replace("\xa0", " ")
    page = client.get(str(link["href"]))
    assert _facts(page)["Group"].startswith("Northside Together")
    client.submit(page, {"reason": "They became one."})

    assert _latest().to_group_id == successor.id
    awards.approve(_latest())
    assert _snapshot(award).organisation_id == successor.id


def test_group_agrees_on_its_desk_and_reads_the_new_agreement(award: Award, sign_in: SignIn) -> None:
    found = awards.approve(awards.begun_variation(award, amount=300_000))
    client = sign_in(awards.member_of(award))
    assert f"Agree to the change {found.reference}" in " ".join(client.get("/desk").words.split())

    page = client.get(f"/variations/{found.reference}")
    assert "Nothing more is paid before you do." in page.main
    assert "More than 25% is taken off what was decided." in page.main
    assert _facts(page)["Grant"] == "£3,000.00"
    assert _facts(page)["Budget"] == "Session workers: £3,000.00"
    empty = client.submit(page, form="form[action$='/agree']")
    assert set(empty.errors) == {"signatory_name", "signatory_position", "agrees"}
    typed = {"signatory_name": "Alex Applicant", "signatory_position": "Chair", "agrees": "yes"}
    client.submit(page, typed, form="form[action$='/agree']")

    assert _latest().agreed_at is not None
    assert "Agree to the change" not in client.get("/desk").main
    pdf = client.get(f"/variations/{found.reference}/agreement.pdf")
    assert pdf.mimetype == "application/pdf"
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf.data)).pages)
    assert f"Changed grant agreement {found.reference}" in words
    assert "£3,000.00" in words


def test_offer_page_says_who_accepted_even_when_another_group_holds_it(award: Award, sign_in: SignIn) -> None:
    group = db.session.get_one(Organisation, award.organisation_id).name
    successor = factories.organisation("Northside Together")

    awards.approve(awards.begun_variation(award, group=successor))

    page = sign_in(factories.officer()).get(f"/awards/{award.reference}/offer")
    assert f"accepted for {group} at" in page.main


def test_public_reads_a_variation_in_force_from_the_award_and_from_the_notice_that_it_changes(
    app: Flask, client: Client
) -> None:
    award = awards.offered_award()
    notice = client.get(f"/awards/{award.reference}").page.find("a", href=re.compile("^/decisions/notices/"))["href"]
    awards.accept(award)
    found = awards.begun_variation(award, amount=500_000)
    public = f"/decisions/variations/{found.reference}"
    assert client.get(public).status_code == 404
    assert found.reference not in client.get(f"/awards/{award.reference}").text

    awards.approve(found)

    page = client.get(public)
    assert "Grant £5,400.00 £5,000.00" in page.words
    assert "The group asked for it by letter." in page.main
    assert "A second grants officer" in page.main
    assert page.page.find("a", href=notice) is not None
    for other in (f"/awards/{award.reference}", notice):
        assert client.get(other).page.find("a", href=public) is not None
    assert "£5,400" in client.get(notice).main
    for refused in (awards.begun_variation(award, title="Other"),):
        assert client.get(f"/decisions/variations/{refused.reference}").status_code == 404


def test_withdrawal_and_its_taking_back_go_through_two_people(award: Award, sign_in: SignIn) -> None:
    officer, other, decider = (
        sign_in(factories.officer()),
        sign_in(factories.officer()),
        sign_in(factories.decision_maker()),
    )
    pages = f"/awards/{award.reference}/variations"

    begun = officer.submit(f"{pages}/withdraw", {"reason": "It cannot go on."})
    assert "The group loses the whole grant." in other.get(begun.location).main
    decider.submit(begun.location, form="form[action$='/approve']")
    assert not _snapshot(award).is_project
    back = officer.submit(f"{pages}/reinstate", {"reason": "It can."})
    assert "Only the decision maker approves this variation." in other.get(back.location).main
    decider.submit(back.location, form="form[action$='/approve']")

    assert _snapshot(award).is_project


def test_variation_is_refused_with_its_reason_or_taken_back(award: Award, sign_in: SignIn) -> None:
    one = factories.officer()
    officer, decider = sign_in(one), sign_in(factories.decision_maker())
    first = awards.begun_variation(award, one, amount=500_000)
    assert officer.get(f"/variations/{first.reference}").page.select("form[action$='/refuse']") == []

    without = decider.submit(f"/variations/{first.reference}", form="form[action$='/refuse']")
    assert without.errors == {"why": "Enter the reason"}
    decider.submit(f"/variations/{first.reference}", {"why": "Too little."}, form="form[action$='/refuse']")
    assert "Too little." in officer.get(f"/variations/{first.reference}").main
    second = awards.begun_variation(award, one, amount=500_000)
    assert decider.get(f"/variations/{second.reference}").page.select("form[action$='/take-back']") == []
    officer.submit(f"/variations/{second.reference}", form="form[action$='/take-back']")

    assert (_latest().state, _snapshot(award).awarded_pence) == (VariationStatus.CANCELLED, 540_000)


def test_approval_of_what_somebody_dealt_with_meanwhile_is_a_conflict(award: Award, sign_in: SignIn) -> None:
    found, client = awards.begun_variation(award, amount=500_000), sign_in(factories.officer())
    page = client.get(f"/variations/{found.reference}")
    awards.approve(found)

    answer = client.submit(page, form="form[action$='/approve']")

    assert answer.status_code == 422
    assert "In force" in answer.main


# Who waits for what


def test_desks_of_those_who_can_approve_hear_of_it(award: Award, sign_in: SignIn) -> None:
    beginner, tied = (
        factories.officer(),
        factories.person(Role.OFFICER, member_of=db.session.get_one(Organisation, award.organisation_id)),
    )
    small = awards.begun_variation(award, beginner, amount=500_000)

    def hears(person: Any) -> bool:
        return small.reference in sign_in(person).get("/desk").main

    assert [hears(person) for person in (factories.officer(), beginner, tied, factories.decision_maker())] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("rows", [1, 3, 8])
def test_pages_ask_as_often_whatever_they_hold(award: Award, sign_in: SignIn, count_queries: Any, rows: int) -> None:
    for number in range(rows):
        awards.approve(awards.begun_variation(award, title=f"Evenings {number}"))
    waiting = awards.begun_variation(award, kind=VariationKind.WITHDRAWAL)
    client = sign_in(factories.officer())

    for address, expected in (
        ("/variations", 3),
        (f"/awards/{award.reference}/variations", 7),
        (f"/variations/{waiting.reference}", 5),
        (f"/awards/{award.reference}/variations/change", 5),
        (f"/awards/{award.reference}/variations/groups?q=north", 5),
    ):
        with count_queries() as counted:
            client.get(address)
        assert counted.count == expected, (address, counted)
