"""What the members of a group are told: each as "you" where it is about them, by whom, and what they do next."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask

from grants.accounts.members import operations as members
from grants.accounts.models import Organisation, Person
from grants.accounts.organisations import operations as organisations
from grants.accounts.people import operations as people
from grants.accounts.queries import open_invitations
from grants.accounts.rights import MemberRole
from grants.foundation.records.db import db
from grants.foundation.records.outbox import OutboxMessage
from tests.accounts.support import link_in, mails
from tests.support import factories

OWNER, EDITOR, READER = MemberRole


@dataclass
class Company:
    """A group, its two owners and its reader."""

    group: Organisation
    oona: Person
    otto: Person
    reese: Person

    def read(self) -> tuple[OutboxMessage, OutboxMessage, OutboxMessage]:
        """The last mail of each: of her who does things, of the other owner, of the reader."""
        oona, otto, reese = (mails(one.email)[-1] for one in (self.oona, self.otto, self.reese))
        return oona, otto, reese

    @property
    def page(self) -> str:
        return f"/organisations/{self.group.id}"


@pytest.fixture
def company(app: Flask) -> Company:
    assert app
    group = factories.organisation("Open Doors")
    names = {"Oona Owner": OWNER, "Otto Owner": OWNER, "Reese Reader": READER}
    return Company(group, *(factories.person(name=name, member_of=group, as_=role) for name, role in names.items()))


def _ends(mail: OutboxMessage) -> str:
    """What a mail says before the office's name."""
    return mail.body.removesuffix("\n\nCommunity grants\nThe grants office\n")


def test_who_is_made_an_editor_is_you_and_the_others_read_their_name(company: Company) -> None:
    group = company.group
    members.change_role(
        person=company.oona, organisation=group, member_id=company.reese.id, seen=group.version, role=EDITOR
    )

    oona, otto, reese = company.read()
    assert reese.subject == "You are an editor of Open Doors now"
    assert reese.body.startswith("Hello Reese Reader,\n\nOona Owner made you an editor of Open Doors.")
    assert _ends(reese).endswith("ask Oona Owner or Otto Owner, or write to us.")
    assert otto.subject == oona.subject == "Reese Reader is an editor of Open Doors now"
    assert "Oona Owner made Reese Reader an editor" in otto.body
    assert "you can change it here, or write to us:" in otto.body
    assert "\n\nYou made Reese Reader an editor" in oona.body
    assert "ask an owner" not in oona.body + otto.body
    assert {link_in(mail) for mail in (oona, otto, reese)} == {company.page}


def test_owner_who_steps_down_reads_that_they_did_it(company: Company) -> None:
    group = company.group
    members.change_role(
        person=company.oona, organisation=group, member_id=company.oona.id, seen=group.version, role=EDITOR
    )

    oona, otto, _reese = company.read()
    assert oona.subject == "You are an editor of Open Doors now"
    assert "You made yourself an editor" in oona.body
    assert "Oona Owner made themselves an editor" in otto.body


def test_who_hands_over_is_not_told_to_ask_an_owner(company: Company) -> None:
    members.hand_over(person=company.oona, organisation=company.group, member_id=company.reese.id)

    oona, otto, reese = company.read()
    assert reese.subject == "Oona Owner handed Open Doors over to you"
    assert "You are an owner of Open Doors now, and Oona Owner is an editor." in reese.body
    assert oona.subject == "You handed Open Doors over to Reese Reader"
    assert "Reese Reader is an owner of Open Doors now, and you are an editor." in oona.body
    assert "If it was not you, choose a new password now" in oona.body
    assert otto.subject == "Oona Owner handed Open Doors over to Reese Reader"
    assert all("ask " not in mail.body for mail in (oona, otto, reese))


def test_who_is_removed_reads_whom_to_ask(company: Company) -> None:
    members.remove(person=company.oona, organisation=company.group, member_id=company.reese.id)

    oona, otto, reese = company.read()
    assert reese.subject == "You were removed from Open Doors"
    assert "Oona Owner removed you from Open Doors. You cannot see or do anything there any more." in reese.body
    assert "What you wrote and signed stays with the group." in reese.body
    assert "ask Oona Owner or Otto Owner, or write to us." in reese.body
    assert link_in(reese) == "/account"
    assert otto.subject == "Reese Reader was removed from Open Doors"
    assert "They cannot see or do anything there any more." in otto.body
    assert "You removed Reese Reader" in oona.body


def test_who_leaves_reads_that_they_left(company: Company) -> None:
    members.leave(person=company.otto, organisation=company.group)

    oona, otto, reese = company.read()
    assert otto.subject == "You left Open Doors"
    assert "You can come back when an owner invites you again." in otto.body
    assert "ask " not in otto.body
    assert link_in(otto) == "/account"
    assert oona.subject == "Otto Owner left Open Doors"
    assert "you can change it here" in oona.body
    assert "ask Oona Owner, or write to us." in reese.body


def test_who_is_named_an_owner_reads_by_whom(company: Company) -> None:
    admin = factories.person(people.Role.ADMINISTRATOR, name="Ada Admin")
    for owner in (company.oona, company.otto):
        people.close_account(actor=admin.actor, person=owner)
    members.name_owner(person=admin, organisation_id=company.group.id, member_id=company.reese.id)

    assert "you get no more mail about your groups" in mails(company.oona.email)[-1].body
    gone, named = mails(company.reese.email)
    assert gone.body.startswith("Hello Reese Reader,\n\nThe account of Otto Owner is closed")
    assert link_in(gone) == company.page
    assert named.subject == "You are an owner of Open Doors now"
    assert "so Ada Admin of our office made you one." in named.body


def test_owners_hear_of_an_invitation_and_that_it_is_taken_back(company: Company) -> None:
    told = len(mails(company.reese.email))
    organisations.invite(person=company.oona, organisation=company.group, email="kim@example.org", role=EDITOR)

    oona, otto, _reese = (mails(one.email)[-1:] for one in (company.oona, company.otto, company.reese))
    assert oona[0].subject == otto[0].subject == "kim@example.org is invited to Open Doors"
    assert "Oona Owner invited kim@example.org to be an editor of Open Doors." in otto[0].body
    assert "You invited kim@example.org" in oona[0].body
    (invitation,) = open_invitations(company.group)
    organisations.undo_invitation(person=company.otto, organisation=company.group, invitation=invitation)

    assert "Otto Owner took back the invitation of kim@example.org" in mails(company.oona.email)[-1].body
    assert "You took back the invitation of kim@example.org" in mails(company.otto.email)[-1].body
    assert len(mails(company.reese.email)) == told


def test_somebody_with_an_account_is_invited_by_name(company: Company) -> None:
    factories.person(name="Kim Known", email="kim@example.org")
    organisations.invite(person=company.oona, organisation=company.group, email="kim@example.org", role=EDITOR)

    assert mails("kim@example.org")[-1].body.startswith("Hello Kim Known,\n\nOona Owner asks you")


def test_nobody_with_a_closed_account_is_told_who_joined(company: Company) -> None:
    people.close_account(actor=factories.TESTS, person=company.otto)
    kim = factories.person(name="Kim", email="kim@example.org")
    organisations.invite(person=company.oona, organisation=company.group, email=kim.email, role=EDITOR)
    secret = link_in(mails(kim.email)[-1]).rpartition("/")[2]
    db.session.rollback()

    organisations.accept_invitation(person=kim, secret=secret)

    assert mails(company.otto.email)[-1].subject == "Your account is closed"
    assert mails(company.oona.email)[-1].subject == "Kim joined Open Doors"
    assert link_in(mails(company.oona.email)[-1]) == company.page
