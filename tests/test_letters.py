"""What one member of a group is told of what is the group's, all of its members are told."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from grants.accounts.members import operations as members
from grants.accounts.models import Organisation, Person
from grants.accounts.people import operations as people
from grants.accounts.rights import MemberRole
from grants.applications.models import ApplicationStatus
from grants.applications.submissions import operations as submissions
from grants.awards.offers import operations as offers
from grants.awards.requests import operations as requests
from grants.foundation.records.db import db, transaction
from grants.foundation.records.outbox import OutboxMessage
from tests.support import award_factories as awards
from tests.support import factories, life

DEEDS = {
    "submitted": "receipt",
    "withdrawn": "withdrawal",
    "asked": "clarification",
    "answered": "clarification answered",
    "decided": "result",
    "accepted or declined": "offer",
    "asked to change, or thought better of": "variation request",
    "gave bank details": "bank-details-given",
    "verified them": "bank-details-verified",
    "paid": "payment-paid",
    "reported": "report receipt",
    "asked for changes": "report returned",
    "accepted the report": "report accepted",
    "changed who is what": "members",
}
"""What happens to a group, and the purpose of the letter about it."""


def _cannot_sign_in(group: Organisation) -> set[str]:
    closed, unconfirmed = (factories.person(member_of=group, as_=MemberRole.READER) for _ in range(2))
    people.close_account(actor=factories.administrator().actor, person=closed)
    with transaction():
        unconfirmed.email_confirmed_at = None
    return {closed.email, unconfirmed.email}


def _live(moved: Any, company: life.Life, reader: Person) -> None:
    """A whole life of one grant; another bid is withdrawn, and another offer declined."""
    for stage in life.STAGES:
        moved.shift(timedelta(hours=5))
        stage(company)
        if stage is life.decide:
            request = requests.ask(person=company.applicant, award=company.award, wish="Later, please.")
            requests.take_back(person=company.applicant, request=request, seen=request.version)
    group, person = company.group, company.applicant
    other = factories.application(ApplicationStatus.SUBMITTED, organisation=group, by=person)
    submissions.withdraw(person=person, application=other)
    bid = factories.application(ApplicationStatus.RECOMMENDED, organisation=group, by=person)
    offers.decline_offer(person=person, award=awards.offered_award(of=bid))
    members.change_role(
        person=person, organisation=group, member_id=reader.id, seen=group.version, role=MemberRole.EDITOR
    )


def test_whatever_one_member_of_a_group_is_told_every_member_is_told(app: Flask, clock: Any) -> None:
    company = life.begin()
    editor, reader = (
        factories.person(member_of=company.group, as_=role) for role in (MemberRole.EDITOR, MemberRole.READER)
    )
    nobody = _cannot_sign_in(company.group)
    _live(clock, company, reader)

    told: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for mail in db.session.scalars(select(OutboxMessage)):
        told[mail.purpose, mail.about, mail.subject][mail.to] += 1

    group = {company.applicant.email, editor.email, reader.email}
    to_group = {letter: to for letter, to in told.items() if group & to.keys()}
    assert [letter for letter, to in to_group.items() if len({to[one] for one in group}) != 1] == []
    assert [letter for letter, to in told.items() if nobody & to.keys()] == []
    assert {purpose for purpose, _about, _subject in to_group} >= set(DEEDS.values())
