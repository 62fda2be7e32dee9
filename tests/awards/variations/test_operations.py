"""What becomes of a variation: begun by one, approved by another, agreed to by the group; and what nobody can do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Role
from grants.applications.contents import BidLine
from grants.awards.corrections.kinds import KINDS, correct_by_hand
from grants.awards.models import (
    Agreement,
    Award,
    AwardSnapshot,
    AwardStatus,
    Level,
    Offer,
    Variation,
    VariationKind,
    VariationStatus,
)
from grants.awards.offers.contents import content_of
from grants.awards.variations import operations as variations
from grants.awards.variations.contents import before_and_after
from grants.foundation.records import audit
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import LostUpdate, Refused, db, transaction
from grants.foundation.records.drafts import fingerprint
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values.money import Pence
from grants.outcomes.reports import queries as report_queries
from grants.outcomes.reports.drafts import operations as reports
from grants.outcomes.reports.drafts.contents import spending
from grants.outcomes.reports.drafts.operations import Spent
from grants.outcomes.reports.rules import ReportCase
from tests.support import award_factories as awards
from tests.support import factories

K, S = VariationKind, VariationStatus
PENCE = 540_000


@pytest.fixture
def award(app: Flask) -> Award:
    return awards.accepted_award(PENCE)


def _snapshot(award: Award) -> AwardSnapshot:
    return db.session.scalars(
        select(AwardSnapshot).where(AwardSnapshot.award_id == award.id).execution_options(populate_existing=True)
    ).one()


def _mails() -> list[OutboxMessage]:
    asked = select(OutboxMessage).where(OutboxMessage.purpose == "variation").order_by(OutboxMessage.id)
    return list(db.session.scalars(asked))


def _last_line() -> AuditLine:
    return db.session.scalars(select(AuditLine).order_by(AuditLine.id.desc()).limit(1)).one()


# The two attacks


def test_officer_cannot_move_a_decided_award_to_their_own_group(award: Award) -> None:
    officer = factories.person(Role.OFFICER, member_of=factories.organisation("The officer’s own"))
    own = officer.memberships[0].organisation

    with pytest.raises(Refused, match="your own group"):
        awards.begun_variation(award, officer, group=own)
    friend = awards.begun_variation(award, group=own)
    for by in (officer, factories.person(Role.DECISION_MAKER, member_of=own)):
        with pytest.raises(Refused):
            awards.approve(friend, by)

    assert _snapshot(award).organisation_id == award.organisation_id


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.of_the_past], ids=lambda kind: kind.key)
def test_correction_does_not_reach_what_was_decided_here(app: Flask, award: Award, kind: Any) -> None:
    with app.test_request_context():
        form = kind.form(formdata=None, data={"reason": "Misread.", "version": 1})
    before = json.dumps(_row(award), default=str)

    with pytest.raises(Refused, match="decided here, so a variation changes it"):
        correct_by_hand(kind, person=factories.officer(), award_id=award.id, form=form)

    assert json.dumps(_row(award), default=str) == before


def _row(award: Award) -> dict[str, Any]:
    snapshot = _snapshot(award)
    return {column.name: getattr(snapshot, column.name) for column in AwardSnapshot.__table__.columns}


def test_stranger_who_registered_a_like_name_first_gets_nothing(award: Award) -> None:
    squatter = factories.organisation("Northside Together")
    successor = factories.organisation("Northside Together")

    awards.approve(awards.begun_variation(award, group=successor))

    assert squatter.id < successor.id == _snapshot(award).organisation_id


# Its life


def test_small_change_is_begun_by_one_officer_and_holds_once_another_approved(award: Award) -> None:
    beginner, approver = factories.officer(), factories.officer()
    found = awards.begun_variation(award, beginner, amount=PENCE - 40_000, title=" Open evenings ")

    assert (found.level, found.state, _snapshot(award).awarded_pence) == (Level.OFFICER, S.WAITING, PENCE)
    with pytest.raises(Refused, match="You began this variation"):
        awards.approve(found, beginner)
    awards.approve(found, approver)

    after = _snapshot(award)
    assert (after.awarded_pence, after.title) == (PENCE - 40_000, "Open evenings")
    assert (found.state, found.judged_by_id, found.needs_agreement) == (S.IN_FORCE, approver.id, False)
    assert sha256(found.content.encode()).hexdigest() == found.sha256
    assert _last_line().why == f"SHA-256 {found.sha256}"
    assert audit.verify().broken is None


def test_days_and_conditions_hold_for_the_register_and_the_report(award: Award) -> None:
    awards.pay(award, 100)
    due = _snapshot(award).report_due_on
    assert due is not None

    awards.approve(awards.begun_variation(award, ends_on=date(2027, 12, 31), conditions="Publish what you learn."))

    after = _snapshot(award)
    assert (after.ends_on, after.conditions) == (date(2027, 12, 31), "Publish what you learn.")
    assert after.report_due_on == date(2028, 1, 30) > due


def test_second_small_step_is_held_against_what_the_decision_maker_said_last(award: Award) -> None:
    decided = award.decision.amount_pence
    awards.approve(awards.begun_variation(award, amount=decided * 80 // 100))

    second = awards.begun_variation(award, amount=decided * 70 // 100)
    assert second.level == Level.DECISION_MAKER
    awards.approve(second)
    third = awards.begun_variation(award, amount=decided * 60 // 100)

    assert third.level == Level.OFFICER


def test_budget_is_changed_and_the_report_is_held_against_it(award: Award) -> None:
    member = awards.member_of(award)
    awards.pay(award, 540_000)
    reports.open_report(person=member, award=award)
    budget = (BidLine("Session workers", Pence(440_000)), BidLine("Coach", Pence(100_000)))

    made = awards.begun_variation(award, budget=budget)
    assert made.level == Level.OFFICER
    assert _report(award).told.lines[1:] == ()
    awards.approve(made)

    assert [(line.item, line.planned_pence) for line in _report(award).told.lines] == [
        ("Session workers", 440_000),
        ("Coach", 100_000),
    ]
    seen = fingerprint(spending(_report(award).told))
    lines = [Spent(Pence(430_000)), Spent(Pence(110_000))]
    reports.save_spending(person=member, award=award, seen=seen, lines=lines, other_money="")
    assert _report(award).money.spent == 540_000
    assert _snapshot(award).awarded_pence == 540_000


def test_spending_that_was_typed_before_the_budget_changed_is_kept(award: Award) -> None:
    member = awards.member_of(award)
    awards.pay(award, 540_000)
    reports.open_report(person=member, award=award)
    seen = fingerprint(spending(_report(award).told))
    typed = [Spent(Pence(500_000), "Longer hours.")]
    reports.save_spending(person=member, award=award, seen=seen, lines=typed, other_money="")

    awards.approve(awards.begun_variation(award, budget=(BidLine("Coach", Pence(540_000)),)))

    told = _report(award).told
    assert [(line.item, line.planned_pence, line.spent_pence, line.reason) for line in told.lines] == [
        ("Coach", 540_000, None, ""),
        ("Session workers", 0, 500_000, "Longer hours."),
    ]
    with pytest.raises(LostUpdate):
        reports.save_spending(person=member, award=award, seen=seen, lines=typed, other_money="")


def test_later_change_begins_from_the_budget_that_holds(award: Award) -> None:
    awards.approve(awards.begun_variation(award, budget=(BidLine("Coach", Pence(540_000)),)))
    awards.approve(awards.begun_variation(award, amount=500_000))

    before, after = before_and_after(awards.begun_variation(award, title="Open evenings"))

    assert before.budget == after.budget == (BidLine("Coach", Pence(500_000)),)


def _report(award: Award) -> ReportCase:
    found = report_queries.case_of(award.reference)
    assert found is not None
    return found


def test_withdrawal_taken_back_leaves_the_decision_as_what_is_held_against(award: Award) -> None:
    decided = award.decision.amount_pence
    awards.approve(awards.begun_variation(award, amount=decided * 80 // 100))
    awards.approve(awards.begun_variation(award, kind=VariationKind.WITHDRAWAL))
    awards.approve(awards.begun_variation(award, kind=VariationKind.REINSTATEMENT))

    assert awards.begun_variation(award, amount=decided * 70 // 100).level == Level.DECISION_MAKER


def test_large_change_is_the_decision_makers_and_the_group_agrees_before_it_is_paid(award: Award) -> None:
    found = awards.begun_variation(award, amount=300_000)
    with pytest.raises(Refused, match="Only the decision maker approves"):
        awards.approve(found, factories.officer())
    awards.approve(found)
    member = awards.member_of(award)

    assert found.is_to_be_agreed
    for stranger in (factories.applicant(), factories.officer()):
        with pytest.raises(Refused, match="Only a member of the group agrees"):
            awards.agree(found, stranger)
    awards.agree(found, member)

    agreed = json.loads(found.agreement)
    assert agreed["amount_pence"] == 300_000
    assert ["By", "Alex Applicant"] in agreed["signature"]
    assert sha256(found.agreement.encode()).hexdigest() == found.agreement_sha256
    assert not found.is_to_be_agreed
    with pytest.raises(Refused, match="nothing to agree to"):
        awards.agree(found, member)


def test_accepted_agreement_stays_as_it_was_frozen(award: Award) -> None:
    group = db.session.get_one(Organisation, award.organisation_id)
    successor = factories.organisation("Northside Together")
    member = factories.applicant(successor)
    found = awards.approve(awards.begun_variation(award, group=successor))

    with pytest.raises(Refused, match="Only a member of the group agrees"):
        awards.agree(found, factories.applicant(group))
    awards.agree(found, member)

    assert ["Accepted for", group.name] in content_of(_agreement(award))["signature"]
    assert ["Accepted for", "Northside Together"] in json.loads(found.agreement)["signature"]


def _agreement(award: Award) -> Any:
    return db.session.scalars(select(Agreement).join(Offer).where(Offer.award_id == award.id)).one()


def test_decision_maker_approves_a_withdrawal_and_that_it_is_taken_back(award: Award) -> None:
    found = awards.begun_variation(award, kind=K.WITHDRAWAL)
    assert award.status == AwardStatus.ACCEPTED
    with pytest.raises(Refused, match="Only the decision maker"):
        awards.approve(found, factories.officer())
    awards.approve(found)
    assert (award.status, _snapshot(award).is_project) == (AwardStatus.WITHDRAWN, False)

    back = awards.begun_variation(award, kind=K.REINSTATEMENT)
    with pytest.raises(Refused, match="Only the decision maker"):
        awards.approve(back, factories.officer())
    awards.approve(back)

    assert (_snapshot(award).awarded_pence, back.needs_agreement) == (PENCE, False)


def test_variation_that_is_refused_or_taken_back_changes_nothing(award: Award) -> None:
    before = _row(award)
    refused = awards.begun_variation(award, amount=500_000)
    variations.refuse(person=factories.decision_maker(), variation=refused, seen=refused.version, why=" Too little. ")
    officer = factories.officer()
    back = awards.begun_variation(award, officer, amount=500_000)
    with pytest.raises(Refused, match="so you refuse it instead"):
        variations.take_back(person=factories.officer(), variation=back, seen=back.version)
    variations.take_back(person=officer, variation=back, seen=back.version)

    assert (refused.state, refused.why, back.state) == (S.REFUSED, "Too little.", S.CANCELLED)
    assert [refused.reference, back.reference] == [f"{award.reference}-V1", f"{award.reference}-V2"]
    assert _row(award) == before
    for ended in (refused, back):
        with pytest.raises(Refused, match="nothing more can be done with it"):
            awards.approve(ended)


@pytest.mark.parametrize(
    ("why", "reason"), [("", "Give the reason"), ("  ", "Give the reason"), ("x" * 4001, "4,000 characters or fewer")]
)
def test_refusal_says_why(award: Award, why: str, reason: str) -> None:
    found = awards.begun_variation(award, amount=500_000)

    with pytest.raises(Refused, match=reason):
        variations.refuse(person=factories.officer(), variation=found, seen=found.version, why=why)


# What holds it back


def test_one_variation_waits_at_a_time(award: Award) -> None:
    awards.begun_variation(award, amount=500_000)

    with pytest.raises(Refused, match="A variation of this award waits already"):
        awards.begun_variation(award, amount=480_000)


def test_variation_of_what_changed_meanwhile_is_begun_anew(award: Award) -> None:
    found = awards.begun_variation(award, amount=500_000)
    awards.withdraw(award)

    with pytest.raises(Refused, match="has changed since this variation was begun"):
        awards.approve(found)


def test_variation_leaves_what_is_in_payments(award: Award) -> None:
    awards.pay(award, 500_000)

    with pytest.raises(Refused, match="More than that is in payments already"):
        awards.begun_variation(award, amount=499_999)
    awards.approve(awards.begun_variation(award, amount=500_000))
    assert _snapshot(award).awarded_pence == 500_000


def test_change_that_somebody_made_meanwhile_is_a_lost_update(award: Award) -> None:
    found = awards.begun_variation(award, amount=500_000)

    for deed in _deeds(found, found.version + 1):
        with pytest.raises(LostUpdate):
            deed()


def _deeds(found: Variation, seen: int) -> list[Callable[[], Any]]:
    about: dict[str, Any] = {"variation": found, "seen": seen}
    other, began = factories.officer(), db.session.get_one(Person, found.begun_by_id)
    return [
        lambda: variations.approve(person=other, **about),
        lambda: variations.refuse(person=other, **about, why="No."),
        lambda: variations.take_back(person=began, **about),
    ]


def test_award_of_the_past_is_not_varied(app: Flask) -> None:
    with pytest.raises(Refused, match="An award of the past is corrected, not varied"):
        awards.begun_variation(factories.award(), amount=100)


def test_later_change_takes_the_place_of_one_that_was_never_agreed_to(award: Award) -> None:
    first = awards.approve(awards.begun_variation(award, amount=300_000))
    second = awards.approve(awards.begun_variation(award, title="Closed evenings"))

    assert (first.needs_agreement, second.needs_agreement) == (False, True)
    with pytest.raises(Refused, match="nothing to agree to"):
        awards.agree(first, awards.member_of(award))
    awards.agree(second, awards.member_of(award))
    assert json.loads(second.agreement)["amount_pence"] == 300_000


def test_nobody_agrees_to_a_change_of_what_is_withdrawn(award: Award) -> None:
    first = awards.approve(awards.begun_variation(award, amount=300_000))
    awards.approve(awards.begun_variation(award, kind=K.WITHDRAWAL))

    with pytest.raises(Refused, match="This grant is withdrawn"):
        awards.agree(first, awards.member_of(award))


# Who is told


def test_who_can_approve_is_told_and_then_the_group_finance_and_the_decision_maker(award: Award) -> None:
    beginner, second = factories.officer(), factories.officer()
    finance, decider, member = factories.person(Role.FINANCE), factories.decision_maker(), awards.member_of(award)

    found = awards.begun_variation(award, beginner, amount=500_000)
    assert _told("waits for approval") == _all(Role.OFFICER) - {beginner.email}
    assert second.email in _told("waits for approval")
    awards.approve(found, second)

    told = _told("is changed")
    assert {member.email, finance.email, decider.email} <= told
    assert "Grant: £5,000.00\n(was: £5,400.00)" in _mails()[-1].body
    assert "The group asked for it by letter." in _mails()[-1].body


def _told(words: str) -> set[str]:
    return {mail.to for mail in _mails() if words in mail.subject}


def _all(role: Role) -> set[str]:
    return {person.email for person in db.session.scalars(select(Person)) if role in person.roles}


def test_both_groups_are_told_of_a_move(award: Award) -> None:
    successor = factories.organisation("Northside Together")
    new, old = factories.applicant(successor), awards.member_of(award)

    found = awards.approve(awards.begun_variation(award, group=successor))
    assert {new.email, old.email} <= _told("is changed")
    awards.agree(found, new)

    assert new.email in _told("is agreed")
    assert old.email not in _told("is agreed")


def test_group_is_told_once_of_a_withdrawal(award: Award) -> None:
    member = awards.member_of(award)

    awards.approve(awards.begun_variation(award, kind=K.WITHDRAWAL))

    told = list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.to == member.email)))
    assert [mail.subject for mail in told if "withdrawn" in mail.subject.lower()] != []
    assert member.email not in _told("is changed")


def test_who_began_it_is_told_of_its_end(award: Award) -> None:
    beginner = factories.officer()
    found = awards.begun_variation(award, beginner, amount=500_000)

    variations.refuse(person=factories.officer(), variation=found, seen=found.version, why="Too little.")

    assert _told("was refused") == {beginner.email}
    assert "The reason: Too little." in _mails()[-1].body


# What the database holds


@pytest.mark.parametrize(
    "change",
    [
        {"status": "in force"},
        {"status": "in force", "judged_at": "now", "judged_by_id": "beginner"},
        {"status": "refused", "judged_at": "now", "judged_by_id": "other"},
        {"needs_agreement": True},
        {"status": "in force", "judged_at": "now", "judged_by_id": "other", "agreed_at": "now"},
    ],
)
def test_database_refuses_what_no_verb_does(award: Award, change: dict[str, Any]) -> None:
    found = awards.begun_variation(award, amount=500_000)
    values = {"now": found.begun_at, "beginner": found.begun_by_id, "other": factories.officer().id}

    with pytest.raises(IntegrityError), transaction() as session:
        session.connection().execute(
            Variation.__table__.update().values({name: values.get(value, value) for name, value in change.items()})
        )


@pytest.mark.parametrize("column", ["content", "sha256", "reason", "begun_by_id", "level", "to_group_id"])
def test_database_keeps_what_was_begun(award: Award, column: str) -> None:
    awards.begun_variation(award, amount=500_000)

    with pytest.raises(DBAPIError), transaction() as session:
        session.connection().execute(
            Variation.__table__.update().values({column: 1 if column.endswith("_id") else "x" * 64})
        )
