"""What becomes of an offer: the group accepts or declines it, the office gives more time or lets it lapse."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from grants.accounts.rights import Role
from grants.applications.models import Bar
from grants.awards import rules
from grants.awards.corrections import operations
from grants.awards.ledger.operations import entries_of
from grants.awards.models import (
    Agreement,
    Award,
    AwardSnapshot,
    AwardStatus,
    EntryKind,
    LedgerEntry,
    Offer,
    OfferStatus,
)
from grants.awards.offers import operations as offers
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import LostUpdate, Refused, db, transaction
from grants.foundation.records.outbox import MailStatus, OutboxMessage
from grants.foundation.values import clock
from grants.funds.models import Round
from tests.support import award_factories as awards
from tests.support import factories

START = datetime(2026, 12, 1, 10, tzinfo=UTC)
DEADLINE = datetime(2026, 12, 15, 23, 59, 59, 999999, tzinfo=UTC)
"""Fourteen days later, at the end of the day in London."""


@pytest.fixture
def offered(app: Flask) -> Award:
    with time_machine.travel(START, tick=False):
        return awards.offered_award()


def mails() -> list[tuple[str, str]]:
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "offer").order_by(OutboxMessage.id))
    return [(row.to, row.subject) for row in rows]


def last_line() -> AuditLine:
    return db.session.scalars(select(AuditLine).order_by(AuditLine.id.desc()).limit(1)).one()


def lines() -> int:
    return len(db.session.scalars(select(AuditLine.id)).all())


def snapshot(award: Award) -> AwardSnapshot:
    return db.session.get_one(AwardSnapshot, award.id, populate_existing=True)


# Making


def test_offer_holds_what_was_decided_and_lasts_as_long_as_its_round_says(offered: Award) -> None:
    offer = awards.offer_of(offered)

    assert (offer.status, offer.amount_pence, offer.conditions) == ("made", 540_000, "For the agreed purpose only.")
    assert (offer.made_at, offer.expires_at) == (START, DEADLINE)
    assert "Pay back what you do not spend" in offer.terms
    assert offered.status == AwardStatus.OFFERED
    assert snapshot(offered).status == AwardStatus.AWARDED
    offered_lines = select(AuditLine.id).where(AuditLine.verb == "offer award")
    assert len(db.session.scalars(offered_lines.where(AuditLine.reference == offered.reference)).all()) == 1


def test_offer_lasts_to_the_end_of_a_day_in_london_in_summer_too(app: Flask) -> None:
    in_round = factories.open_round(offer_days=10)
    bid = factories.application("recommended", in_round=in_round)
    with time_machine.travel(datetime(2026, 6, 1, 23, 30, tzinfo=UTC), tick=False):
        award = awards.offered_award(of=bid)

    assert awards.offer_of(award).expires_at == datetime(2026, 6, 12, 22, 59, 59, 999999, tzinfo=UTC)


def test_award_from_older_records_is_not_offered(app: Flask) -> None:
    award = factories.award(source="a list")

    with pytest.raises(Refused, match="decided here"):
        offers.make_offer(actor=factories.TESTS, award=award)


def test_award_is_offered_once(offered: Award) -> None:
    with pytest.raises(Refused, match="offered already"):
        offers.make_offer(actor=factories.TESTS, award=offered)

    second = Offer(
        award_id=offered.id, status="made", amount_pence=1, conditions="", terms="", made_at=START, expires_at=DEADLINE
    )
    with pytest.raises(IntegrityError, match="offers"), transaction() as session:
        session.add(second)


# Accepting


@time_machine.travel(START + timedelta(days=3), tick=False)
def test_group_accepts_and_the_agreement_is_frozen(offered: Award) -> None:
    member = awards.member_of(offered)

    agreement = offers.accept_offer(
        person=member, award=offered, signatory_name="  Zoë 🎈  O’Neill ", signatory_position="Chair", version=1
    )

    offer = awards.offer_of(offered)
    assert (offer.status, offer.signatory_name, offer.answered_by_id) == ("accepted", "Zoë 🎈 O’Neill", member.id)
    assert offer.version == 2
    assert offered.status == AwardStatus.ACCEPTED
    assert agreement.sha256 == sha256(agreement.content.encode()).hexdigest()
    content = json.loads(agreement.content)
    assert content["amount_pence"] == 540_000
    assert ["By", "Zoë 🎈 O’Neill"] in content["signature"]
    assert content["conditions"] == "For the agreed purpose only."
    facts = dict(content["facts"])
    assert (facts["Grant"], facts["Project"]) == ("£5,400.00", "Safe evenings on the estate")
    assert facts["First day"].replace("\xa0", " ") == "11 January 2027"
    assert mails() == [(member.email, f"You have accepted your grant {offered.reference}")]
    assert (last_line().verb, last_line().why) == ("accept offer", f"SHA-256 {agreement.sha256}")


def accept(award: Award, **more: Any) -> Agreement:
    given = {"person": awards.member_of(award), "signatory_name": "A", "signatory_position": "B", "version": 1, **more}
    return offers.accept_offer(award=award, **given)


def test_acceptance_that_arrived_in_time_counts_however_long_it_waited(offered: Award) -> None:
    with time_machine.travel(DEADLINE + timedelta(minutes=2), tick=False):
        agreement = accept(offered, at=DEADLINE)

    assert agreement.agreed_at == DEADLINE


def test_acceptance_after_its_deadline_is_refused_and_says_whom_to_ask(offered: Award) -> None:
    from grants.foundation.records.office import set_office

    set_office(actor=factories.TESTS, name="Grants of Testshire", contact_email="grants@example.org")
    before = lines()

    with pytest.raises(offers.TooLate, match=r"Grants of Testshire \(grants@example.org\) for more time"):
        accept(offered, at=DEADLINE + timedelta(microseconds=1))

    assert (offered.status, lines()) == (AwardStatus.OFFERED, before)


@time_machine.travel(START, tick=False)
def test_second_acceptance_is_refused(offered: Award) -> None:
    accept(offered)
    before = lines()

    with pytest.raises(Refused, match="accepted this offer already"):
        accept(offered)

    assert lines() == before
    assert len(db.session.scalars(select(Agreement)).all()) == 1


@time_machine.travel(START, tick=False)
def test_acceptance_of_an_offer_that_has_changed_is_a_lost_update(offered: Award) -> None:
    offers.extend_offer(
        person=factories.officer(), award=offered, until=date(2026, 12, 20), reason="Holidays.", version=1
    )

    with pytest.raises(LostUpdate):
        accept(offered, version=1)


@time_machine.travel(START, tick=False)
def test_withdrawn_award_is_not_accepted_and_its_offer_is_void(offered: Award) -> None:
    awards.withdraw(offered)

    with pytest.raises(Refused, match="withdrawn: you cannot accept it now"):
        accept(offered)

    assert awards.offer_of(offered).status == OfferStatus.VOID


@pytest.mark.parametrize("role", [None, *Role])
@time_machine.travel(START, tick=False)
def test_nobody_but_the_group_answers(offered: Award, role: Role | None) -> None:
    stranger = factories.person(*([role] if role else []), member_of=factories.organisation())

    for answer in (accept, lambda award, person: offers.decline_offer(award=award, person=person)):
        with pytest.raises(Refused, match="Only a member of the group"):
            answer(offered, person=stranger)

    assert offered.status == AwardStatus.OFFERED


@pytest.mark.parametrize(
    "given", [{"signatory_name": " "}, {"signatory_position": ""}, {"signatory_name": "x" * 201}], ids=str
)
@time_machine.travel(START, tick=False)
def test_signature_has_a_name_and_a_position(offered: Award, given: dict[str, str]) -> None:
    with pytest.raises(Refused, match=r"name|position"):
        accept(offered, **given)


def test_agreement_can_be_neither_changed_nor_removed(app: Flask) -> None:
    awards.accepted_award()

    for deed in ("UPDATE agreements SET content = ''", "DELETE FROM agreements"):
        with pytest.raises(DBAPIError, match="append-only"), transaction() as session:
            session.execute(db.text(deed))


# Declining and lapsing


@time_machine.travel(START + timedelta(days=3), tick=False)
def test_group_declines_and_the_award_is_withdrawn(offered: Award) -> None:
    member = awards.member_of(offered)

    offers.decline_offer(person=member, award=offered, why="  Our chair, Jo, is ill.\r\n")

    offer = awards.offer_of(offered)
    assert (offer.status, offer.why, offered.status) == ("declined", "Our chair, Jo, is ill.", AwardStatus.WITHDRAWN)
    withdrawal = entries_of(offered)[-1]
    assert (withdrawal.kind, withdrawal.amount_pence, withdrawal.effective_last) == (
        EntryKind.WITHDRAWAL,
        -540_000,
        date(2026, 12, 4),
    )
    assert withdrawal.reason == "The group declined the offer."
    assert mails() == [(member.email, f"You have declined your grant {offered.reference}")]
    assert last_line().verb == "decline offer"
    with pytest.raises(Refused, match="withdrawn already"):
        offers.decline_offer(person=member, award=offered)


def test_offer_does_not_lapse_before_its_time(offered: Award) -> None:
    with time_machine.travel(DEADLINE, tick=False), pytest.raises(Refused, match="can still accept until 11:59pm"):
        offers.lapse_offer(person=factories.officer(), award=offered)

    assert offered.status == AwardStatus.OFFERED


@time_machine.travel(DEADLINE + timedelta(microseconds=1), tick=False)
def test_officer_lets_an_offer_lapse(offered: Award) -> None:
    offers.lapse_offer(person=factories.officer(), award=offered)

    assert (awards.offer_of(offered).status, offered.status) == ("lapsed", AwardStatus.WITHDRAWN)
    assert entries_of(offered)[-1].effective_last == date(2026, 12, 16)
    assert [subject for _, subject in mails()] == [f"Your offer has lapsed, {offered.reference}"]
    assert last_line().verb == "lapse offer"
    with pytest.raises(Refused, match="withdrawn: you cannot accept it now"):
        accept(offered)


# More time


@pytest.mark.parametrize("now", [START, DEADLINE + timedelta(days=5)], ids=["in time", "overdue"])
def test_officer_gives_more_time_also_when_it_is_overdue(offered: Award, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        offers.extend_offer(
            person=factories.officer(), award=offered, until=date(2026, 12, 31), reason="A holiday.", version=1
        )
        offer = awards.offer_of(offered)
        assert (offer.expires_at, offer.version) == (datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), 2)
        assert [subject for _, subject in mails()] == [f"More time to accept your grant {offered.reference}"]
        assert last_line().verb == "extend offer"
        accept(offered, version=2)

    assert offered.status == AwardStatus.ACCEPTED


@pytest.mark.parametrize(
    ("until", "message"),
    [
        (date(2026, 11, 30), "today or a later day"),
        (date(2026, 12, 15), "already. Give a later day"),
        (date(2027, 12, 2), "within the next 365 days"),
    ],
)
@time_machine.travel(START, tick=False)
def test_more_time_is_later_and_not_for_ever(offered: Award, until: date, message: str) -> None:
    with pytest.raises(Refused, match=message):
        offers.extend_offer(person=factories.officer(), award=offered, until=until, reason="Because.", version=1)


@time_machine.travel(START, tick=False)
def test_two_officers_do_not_overwrite_each_other(offered: Award) -> None:
    about: dict[str, Any] = {"person": factories.officer(), "award": offered, "reason": "Because.", "version": 1}
    offers.extend_offer(**about, until=date(2026, 12, 31))

    with pytest.raises(LostUpdate):
        offers.extend_offer(**about, until=date(2027, 1, 31))


def manage(award: Award, person: Any) -> None:
    offers.extend_offer(person=person, award=award, until=date(2027, 1, 31), reason="Because.", version=1)


@pytest.mark.parametrize("role", [None, *(role for role in Role if role is not Role.OFFICER)])
@time_machine.travel(DEADLINE + timedelta(days=1), tick=False)
def test_nobody_but_an_officer_manages_offers(offered: Award, role: Role | None) -> None:
    somebody = factories.person(*([role] if role else []))

    for deed in (manage, lambda award, person: offers.lapse_offer(person=person, award=award)):
        with pytest.raises(Refused, match="Only a grants officer"):
            deed(offered, somebody)


@time_machine.travel(DEADLINE + timedelta(days=1), tick=False)
def test_officer_with_a_tie_to_the_award_does_not_manage_its_offer(offered: Award) -> None:
    member = factories.person(Role.OFFICER, member_of=offered.organisation)
    barred = factories.officer()
    with transaction() as session:
        session.add(Bar(application_id=offered.application_id, person_id=barred.id, barred_at=clock.now()))

    with pytest.raises(Refused, match="your own group"):
        manage(offered, member)
    with pytest.raises(Refused, match="declared an interest"):
        manage(offered, barred)


# Withdrawn, taken back, offered again, complete


@time_machine.travel(START, tick=False)
def test_group_is_told_when_the_office_withdraws_what_it_offered(offered: Award) -> None:
    offers.extend_offer(
        person=factories.officer(), award=offered, until=date(2026, 12, 20), reason="Because.", version=1
    )

    awards.withdraw(offered)

    messages = db.session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "offer")).all()
    assert [(row.subject.partition(",")[0], row.status) for row in messages] == [
        (f"More time to accept your grant {offered.reference}", MailStatus.VOID),
        ("Your grant is withdrawn", MailStatus.QUEUED),
    ]
    assert "The project cannot go on." in messages[-1].body


@time_machine.travel(START, tick=False)
def test_award_whose_offer_came_to_nothing_is_offered_again(offered: Award) -> None:
    officer = factories.officer()
    offers.decline_offer(person=awards.member_of(offered), award=offered)
    operations.reinstate(actor=officer.actor, award=offered, reason="They meant another grant.")
    assert offered.status == AwardStatus.AWARDED

    second = offers.offer_again(person=officer, award=offered, reason="They asked for it.")

    assert (second.status, second.amount_pence, offered.status) == ("made", 540_000, AwardStatus.OFFERED)
    assert mails()[-1][1].replace("\xa0", " ") == f"Your offer of £5,400, {offered.reference}"
    accept(offered)
    assert offered.status == AwardStatus.ACCEPTED


def test_award_that_was_never_offered_is_not_offered_again(app: Flask) -> None:
    award = awards.decided_award()

    with pytest.raises(Refused, match="never offered"):
        offers.offer_again(person=factories.officer(), award=award, reason="Because.")


@pytest.mark.parametrize("state", [AwardStatus.ACCEPTED, AwardStatus.PAID, AwardStatus.COMPLETE])
def test_award_taken_back_from_a_withdrawal_is_what_it_was(app: Flask, state: AwardStatus) -> None:
    award = awards.AWARDS[state]()
    awards.withdraw(award)
    assert award.status == AwardStatus.WITHDRAWN

    operations.reinstate(actor=factories.TESTS, award=award, reason="It was a mistake.")

    assert award.status == state


def test_award_is_complete_once_it_is_all_paid(app: Flask) -> None:
    award = awards.accepted_award()
    awards.pay(award, 540_000 - 1)
    with pytest.raises(Refused, match="accepted: you cannot complete it now"):
        offers.complete(actor=factories.TESTS, award=award, reason="Done.")
    awards.pay(award, 1)

    offers.complete(actor=factories.TESTS, award=award, reason="Its report is accepted.")

    assert (award.status, snapshot(award).status) == (AwardStatus.COMPLETE, AwardStatus.COMPLETE)
    assert awards.offer_of(award).completed_at is not None
    assert last_line().verb == "complete award"
    with pytest.raises(Refused, match="complete already"):
        offers.complete(actor=factories.TESTS, award=award, reason="Once more.")


# What the table says


def test_every_verb_of_the_table_can_be_said_in_a_sentence() -> None:
    assert set(rules.IN_WORDS) == {step.verb for step in rules.AWARD_STEPS}


def test_public_never_hears_how_far_an_offer_is(app: Flask) -> None:
    for state in (AwardStatus.OFFERED, AwardStatus.ACCEPTED, AwardStatus.PAID):
        assert snapshot(awards.AWARDS[state]()).status == AwardStatus.AWARDED


@pytest.mark.parametrize("days", [0, 91])
def test_round_gives_between_1_and_90_days(app: Flask, days: int) -> None:
    with pytest.raises(IntegrityError, match="offer_days_in_range"):
        factories.open_round(offer_days=days)
    assert db.session.scalars(select(Round)).all() == []


def test_ledger_keeps_no_word_of_the_offer_itself(app: Flask) -> None:
    award = awards.accepted_award()

    kinds = [entry.kind for entry in db.session.scalars(select(LedgerEntry).where(LedgerEntry.award_id == award.id))]
    assert kinds == [EntryKind.AWARD]
