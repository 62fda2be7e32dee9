"""What a group asks to be changed of its grant: asked, taken up, declined, taken back; and on pages and desks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from grants.accounts.models import Organisation
from grants.accounts.rights import Role
from grants.applications.apart.rules import Ties
from grants.awards.models import Award, AwardStatus, RequestStatus, Variation, VariationRequest
from grants.awards.requests import operations as requests
from grants.awards.requests import rules
from grants.awards.requests.queries import requests_of
from grants.awards.rules import Around
from grants.awards.variations import operations as variations
from grants.foundation.records.db import LostUpdate, Refused, db, transaction
from grants.foundation.records.outbox import OutboxMessage
from tests.support import award_factories as awards
from tests.support import factories
from tests.support.client import Client
from tests.support.rulings import says, somebody

SignIn = Callable[[Any], Client]
S = RequestStatus
AROUND = Around(7, Ties(frozenset({7, 6}), frozenset({99})), {})
OFFICER = Role.OFFICER


@pytest.fixture
def award(app: Flask) -> Award:
    return awards.accepted_award()


def _latest() -> VariationRequest:
    asked = select(VariationRequest).order_by(VariationRequest.id.desc()).limit(1)
    return db.session.scalars(asked.execution_options(populate_existing=True)).one()


def _mails(words: str) -> list[OutboxMessage]:
    found = select(OutboxMessage).where(OutboxMessage.subject.contains(words)).order_by(OutboxMessage.id)
    return list(db.session.scalars(found))


# Who


@pytest.mark.parametrize("state", AwardStatus)
def test_member_of_the_group_asks_while_the_grant_is_accepted_or_paid(state: AwardStatus) -> None:
    asks = "" if state in {AwardStatus.ACCEPTED, AwardStatus.PAID} else f"This grant is {state.label.lower()}"

    says(rules.can_ask(somebody(of=7), AROUND, state), asks)
    says(rules.can_ask(somebody(OFFICER, of=6), AROUND, state), "Only a member of the group asks")


@pytest.mark.parametrize(
    ("rule", "start"), [(rules.can_decline, S.OPEN), (rules.can_take_up, S.OPEN), (rules.can_give_back, S.TAKEN_UP)]
)
@pytest.mark.parametrize(
    ("person", "status", "reason"),
    [
        (somebody(OFFICER), None, ""),
        (somebody(OFFICER), S.DECLINED, "This request is not taken up: nothing more"),
        (somebody(OFFICER, of=7), None, "This is an award of your own group"),
        (somebody(OFFICER, once_of=6), None, "This is an award of a group that you belonged to"),
        (somebody(OFFICER, number=99), None, "You declared an interest"),
        (somebody(Role.DECISION_MAKER), None, "Only a grants officer answers a request."),
    ],
)
def test_officer_without_a_tie_answers(rule: Any, start: S, person: Any, status: S | None, reason: str) -> None:
    says(rule(person, VariationRequest(status=status or start), AROUND), reason)


def test_group_takes_back_what_was_not_answered() -> None:
    says(rules.can_take_back(somebody(of=7), VariationRequest(status=S.OPEN), AROUND), "")
    says(rules.can_take_back(somebody(of=7), VariationRequest(status=S.TAKEN_UP), AROUND), "This request is taken up")
    says(rules.can_take_back(somebody(of=6), VariationRequest(status=S.OPEN), AROUND), "Only a member of the group")


# Its life


def test_officers_hear_of_a_request_and_a_variation_answers_it(award: Award) -> None:
    officer = factories.officer()

    found = awards.asked(award)
    made = awards.begun_variation(award, officer, request=found, amount=500_000)

    assert officer.email in {mail.to for mail in _mails("A group asks for a change")}
    assert "We need four weeks more." in _mails("A group asks for a change")[0].body
    assert (_latest().state, _latest().variation_id, _latest().answered_by_id) == (S.TAKEN_UP, made.id, officer.id)


def test_group_hears_why_its_request_is_declined(award: Award) -> None:
    found, member = awards.asked(award), awards.member_of(award)

    requests.decline(person=factories.officer(), request=found, seen=found.version, answer=" The round is over. ")

    (mail,) = _mails("stays as it is")
    assert mail.to == member.email
    assert "The round is over." in mail.body
    assert (_latest().state, _latest().answer) == (S.DECLINED, "The round is over.")


def test_group_hears_when_the_variation_that_it_asked_for_is_refused(award: Award) -> None:
    found, member = awards.asked(award), awards.member_of(award)
    made = awards.begun_variation(award, request=found, amount=500_000)

    awards.refuse(made)

    assert member.email in {mail.to for mail in _mails("was refused")}


def test_request_is_open_again_when_the_variation_for_it_is_taken_back(award: Award) -> None:
    officer, found = factories.officer(), awards.asked(award)
    made = awards.begun_variation(award, officer, request=found, amount=500_000)

    variations.take_back(person=officer, variation=made, seen=made.version)

    assert (_latest().state, _latest().variation_id, _latest().answered_by_id) == (S.OPEN, None, None)
    awards.begun_variation(award, officer, request=_latest(), amount=500_000)
    assert _latest().state == S.TAKEN_UP


def test_request_stays_answered_where_the_group_asked_for_something_else_meanwhile(award: Award) -> None:
    officer, found = factories.officer(), awards.asked(award)
    made = awards.begun_variation(award, officer, request=found, amount=500_000)
    later = awards.asked(award)

    variations.take_back(person=officer, variation=made, seen=made.version)

    assert {one.id: one.state for one in requests_of(award.id)} == {found.id: S.TAKEN_UP, later.id: S.OPEN}


def test_one_request_waits_at_a_time(award: Award) -> None:
    found, member = awards.asked(award), awards.member_of(award)

    with pytest.raises(Refused, match="has asked for a change already"):
        awards.asked(award)
    requests.take_back(person=member, request=found, seen=found.version)
    awards.asked(award)

    assert _latest().id != found.id


@pytest.mark.parametrize("wish", ["", " ", "x" * 4001])
def test_request_says_what_should_change(award: Award, wish: str) -> None:
    with pytest.raises(Refused, match="Say what should change and why, in 4,000 characters or fewer"):
        awards.asked(award, wish=wish)


def test_request_of_another_award_is_not_answered_by_a_variation(award: Award) -> None:
    other = awards.asked(awards.accepted_award())

    with pytest.raises(Refused, match="of another award"):
        awards.begun_variation(award, request=other, amount=500_000)
    assert db.session.scalars(select(Variation)).all() == []


def test_request_that_somebody_dealt_with_meanwhile_is_a_lost_update(award: Award) -> None:
    found = awards.asked(award)

    with pytest.raises(LostUpdate):
        requests.decline(person=factories.officer(), request=found, seen=found.version + 1, answer="No.")
    with pytest.raises(LostUpdate):
        requests.take_back(person=awards.member_of(award), request=found, seen=found.version + 1)


# Pages and desks


def test_group_asks_on_its_page_and_reads_what_became_of_it(award: Award, sign_in: SignIn) -> None:
    member, officer = sign_in(awards.member_of(award)), sign_in(factories.officer())
    pages = f"/awards/{award.reference}/variations"
    assert member.get(f"/awards/{award.reference}/offer").page.find("a", href=pages) is not None

    empty = member.submit(f"{pages}/ask", {"wish": ""})
    assert empty.errors == {"wish": "Enter what should change, and why"}
    member.submit(f"{pages}/ask", {"wish": "Four weeks more, please."})
    assert f"Answer the request about {award.reference}" in " ".join(officer.get("/desk").words.split())
    assert "You asked for a change. We are looking at it" in member.get("/desk").words
    page = officer.get(pages)
    form = officer.get(
        str(page.page.find("a", string=lambda text: text and "Begin a variation for it" in text)["href"])
    )
    assert "Four weeks more, please." in form.main
    officer.submit(form, {"reason": "The group asked.", "title": "Open evenings"})

    assert "You asked for a change" not in member.get("/desk").main
    assert "It became variation" in " ".join(member.get(pages).words.split())
    assert _latest().state == S.TAKEN_UP
    assert "Answer the request" not in officer.get("/desk").main


def test_officer_answers_why_not(award: Award, sign_in: SignIn) -> None:
    found, officer = awards.asked(award), sign_in(factories.officer())
    page = officer.get(f"/variations/requests/{found.id}/decline")

    assert officer.submit(page, {"answer": ""}).errors == {"answer": "Enter the reason"}
    officer.submit(page, {"answer": "The round is over."})
    again = officer.submit(page, {"answer": "Once more."})

    assert "The round is over." in sign_in(awards.member_of(award)).get(f"/awards/{award.reference}/variations").main
    assert again.status_code == 422
    assert "Once more." in again.main


def test_group_takes_its_request_back(award: Award, sign_in: SignIn) -> None:
    found, member = awards.asked(award), sign_in(awards.member_of(award))
    listed = member.get(f"/awards/{award.reference}/variations").page
    page = member.get(str(listed.find("a", href=f"/variations/requests/{found.id}/take-back")["href"]))
    assert found.wish in page.main

    member.submit(page, {})
    again = member.submit(page, {})

    assert _latest().state == S.TAKEN_BACK
    assert again.status_code == 422
    assert "This request is taken back: nothing more can be done with it." in again.main


def test_request_that_was_answered_meanwhile_is_not_taken_back(award: Award, sign_in: SignIn) -> None:
    found, member = awards.asked(award), sign_in(awards.member_of(award))
    page = member.get(f"/variations/requests/{found.id}/take-back")
    requests.decline(person=factories.officer(), request=found, seen=found.version, answer="The round is over.")

    again = member.submit(page, {})

    assert (again.status_code, _latest().state) == (422, S.DECLINED)


def test_request_goes_with_the_choice_of_another_group(award: Award, sign_in: SignIn) -> None:
    found, officer = awards.asked(award), sign_in(factories.officer())
    other = factories.organisation("Southside Heirs")
    page = officer.get(f"/awards/{award.reference}/variations/change?asked={found.id}")

    groups = officer.get(str(page.page.find("a", string="Choose it")["href"]))
    listed = officer.get(f"/awards/{award.reference}/variations/groups?q=Southside&asked={found.id}")
    chosen = officer.get(str(listed.page.find("a", string=other.name)["href"]))

    assert groups.page.find("input", attrs={"name": "asked"})["value"] == str(found.id)
    assert groups.page.find("input", attrs={"name": "q"})["value"] == ""
    assert "No group" not in groups.main
    assert "0 awards, 0 people with an account" in listed.words
    assert listed.page.find("input", attrs={"name": "q"})["value"] == "Southside"
    assert found.wish in chosen.main
    assert other.name in chosen.main


def test_officer_with_a_tie_hears_of_no_request(award: Award, sign_in: SignIn) -> None:
    awards.asked(award)
    group = db.session.get_one(Organisation, award.organisation_id)

    assert "Answer the request" not in sign_in(factories.person(OFFICER, member_of=group)).get("/desk").main


# What the database holds


@pytest.mark.parametrize(
    "change",
    [
        {"status": "declined", "answered_at": "now", "answered_by_id": "by"},
        {"status": "taken up", "answered_at": "now", "answered_by_id": "by"},
        {"status": "taken back"},
        {"answered_at": "now"},
    ],
)
def test_database_refuses_what_no_verb_does(award: Award, change: dict[str, Any]) -> None:
    found = awards.asked(award)
    values = {"now": found.asked_at, "by": found.asked_by_id}

    with pytest.raises(IntegrityError), transaction() as session:
        session.connection().execute(
            VariationRequest.__table__.update().values({name: values.get(new, new) for name, new in change.items()})
        )


def test_database_keeps_what_was_asked(award: Award) -> None:
    awards.asked(award)

    with pytest.raises(DBAPIError), transaction() as session:
        session.connection().execute(VariationRequest.__table__.update().values(wish="Otherwise."))
