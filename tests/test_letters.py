"""What one member of a group is told of what is the group's, all of its members are told."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from grants.accounts.credentials import operations as credentials
from grants.accounts.factors import operations as factors
from grants.accounts.members import operations as members
from grants.accounts.models import Organisation, Person
from grants.accounts.organisations import operations as organisations
from grants.accounts.people import operations as people
from grants.accounts.rights import MemberRole, Role
from grants.accounts.sessions import operations as sessions
from grants.applications.models import ApplicationStatus
from grants.applications.submissions import operations as submissions
from grants.awards.offers import operations as offers
from grants.awards.requests import operations as requests
from grants.foundation.records.db import db, transaction
from grants.foundation.records.office import set_office
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


IN_THEIR_OWN_WORDS = "members"
"""The purpose of letters in which who is spoken of reads "you" in the subject too."""
TO_ONESELF = "account"
"""The purpose of the letter to somebody whose account is closed."""


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
    for mail in db.session.scalars(select(OutboxMessage).where(OutboxMessage.purpose != TO_ONESELF)):
        subject = "" if mail.purpose == IN_THEIR_OWN_WORDS else mail.subject
        told[mail.purpose, mail.about, subject][mail.to] += 1

    group = {company.applicant.email, editor.email, reader.email}
    to_group = {letter: to for letter, to in told.items() if group & to.keys()}
    assert [letter for letter, to in to_group.items() if len({to[one] for one in group}) != 1] == []
    assert [letter for letter, to in told.items() if nobody & to.keys()] == []
    assert {purpose for purpose, _about, _subject in to_group} >= set(DEEDS.values())


def _look_after_people(admin: Person, group: Organisation, owner: Person) -> None:
    """All that is mailed about accounts, groups and roles, by whoever can do it."""
    credentials.register(email="new@example.org", name="Kim New", password="three plain words", browser="")
    credentials.request_reset(email="nobody@example.org")
    credentials.request_email_change(person=owner, email="moved@example.org", password=factories.PASSWORD)
    here = sessions.begin(owner)
    credentials.change_password(here=here, old=factories.PASSWORD, new="three other plain words")
    for _ in range(2):
        factors.make_recovery_codes(here=here)
    organisations.invite(person=owner, organisation=group, email="kim@example.org", role=MemberRole.READER)
    people.invite_colleague(actor=admin.actor, email="olive@example.org", name="Olive", roles=[Role.OFFICER])
    people.close_account(actor=admin.actor, person=factories.person())


PURPOSES = {
    *DEEDS.values(),
    *("account", "address", "clarification answer", "colleague", "confirm", "invite", "password", "reset", "roles"),
    "session",
}


def test_every_mail_ends_with_who_wrote_it_and_how_to_reach_them(app: Flask, clock: Any) -> None:
    set_office(actor=factories.TESTS, contact_email="grants@example.org", contact_phone="01234 567890")
    company = life.begin()
    reader = factories.person(member_of=company.group, as_=MemberRole.READER)
    _live(clock, company, reader)
    _look_after_people(factories.administrator(), company.group, company.applicant)

    sent = list(db.session.scalars(select(OutboxMessage)))
    ending = "\n\nCommunity grants\nThe grants office\nWrite to us: grants@example.org\nRing us: 01234 567890\n"
    assert [mail.subject for mail in sent if not mail.body.endswith(ending)] == []
    assert [mail.subject for mail in sent if mail.body.count("\nThe grants office\n") != 1] == []
    assert {mail.purpose for mail in sent} >= PURPOSES
    names = {row.email: row.name for row in db.session.execute(select(Person.email, Person.name))}
    assert [
        mail.subject
        for mail in sent
        if mail.purpose != "result" and mail.to in names and not mail.body.startswith(f"Hello {names[mail.to]},\n")
    ] == []


def test_every_mail_is_written_by_the_one_function_that_ends_it_so() -> None:
    makes = re.compile(r"\bOutboxMessage\($", re.MULTILINE)
    assert [
        path.name for path in (Path(__file__).parents[1] / "grants").rglob("*.py") if makes.search(path.read_text())
    ] == ["outbox.py"]
