"""What is done to organisations, and to who acts for them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from functools import partial

from grants.accounts import guesses, queries, rules, tokens
from grants.accounts.acts import AccountAct
from grants.accounts.letters import Letter
from grants.accounts.models import (
    INVITATION_LASTS,
    FormerName,
    Invitation,
    Membership,
    Organisation,
    OrganisationKind,
    Person,
    name_key,
)
from grants.accounts.people.operations import make_person
from grants.accounts.rights import MemberRole
from grants.foundation.records import audit, outbox
from grants.foundation.records.actors import ANYONE, Actor
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.values import clock

from . import letters
from .queries import like, sound_of


class LikeAnother(Refused):
    """There is an organisation with a name or a number like this one already."""


def register(
    *,
    person: Person,
    name: str,
    kind: OrganisationKind,
    charity_number: str,
    company_number: str,
    is_another: bool = False,
) -> Organisation:
    """Make the organisation of somebody who signs up for it. Raises Refused.

    Raises LikeAnother where one has a name or a number like it, unless the person says that it `is_another`.
    """
    with transaction():
        if not is_another:
            _refuse_like(name, [charity_number, company_number])
        return make_organisation(
            actor=person.actor,
            name=name,
            kind=kind,
            charity_number=charity_number,
            company_number=company_number,
            members=[person],
        )


def _refuse_like(name: str, numbers: Iterable[str], *, but: int | None = None) -> None:
    tidy = ["".join(number.split()).upper() for number in numbers]
    if known := like(name, tidy, but=but, most=1):
        raise LikeAnother(
            f"“{known[0].name}” is here already. If that is your group, ask a colleague of it to invite you. "
            "If yours is another group, say so below."
        )


def make_organisation(
    *,
    actor: Actor,
    name: str,
    kind: OrganisationKind = OrganisationKind.UNKNOWN,
    charity_number: str = "",
    company_number: str = "",
    members: Iterable[Person] = (),
) -> Organisation:
    """Make an organisation, of which its first people are owners. Raises Refused."""
    with transaction() as session:
        organisation = Organisation(
            name=rules.tidy_name(name, thing="the name of the group"),
            kind=kind,
            charity_number=rules.tidy_charity_number(charity_number),
            company_number=rules.tidy_company_number(company_number),
            made_at=clock.now(),
            memberships=[],
        )
        session.add(organisation)
        audit.record(actor=actor, verb=AccountAct.MAKE_ORGANISATION, thing=organisation)
        for person in members:
            add_member(actor=actor, person=person, organisation=organisation, role=MemberRole.OWNER)
        return organisation


def change_organisation(
    *,
    person: Person,
    organisation: Organisation,
    version: int,
    name: str,
    kind: OrganisationKind,
    charity_number: str,
    company_number: str,
    is_another: bool = False,
) -> None:
    """Change the details of one's own organisation. Raises Refused, LostUpdate.

    Raises LikeAnother where they become like those of another, unless the person says that theirs `is_another`.
    """
    rules.can_edit_organisation(person, organisation).or_refuse()
    with transaction():
        organisation.expect_version(version)
        if not is_another:
            its_own = (organisation.charity_number, organisation.company_number)
            numbers = [number for number in (charity_number, company_number) if number not in its_own]
            has_new_name = sound_of(name) != sound_of(organisation.name)
            _refuse_like(name if has_new_name else "", numbers, but=organisation.id)
        _rename(organisation, rules.tidy_name(name, thing="the name of the group"))
        organisation.kind = kind
        organisation.charity_number = rules.tidy_charity_number(charity_number)
        organisation.company_number = rules.tidy_company_number(company_number)
        organisation.version += 1
        audit.record(actor=person.actor, verb=AccountAct.CHANGE_ORGANISATION, thing=organisation)


def _rename(organisation: Organisation, name: str) -> None:
    """Give it the name; it is still found under the one that it had."""
    if name_key(name) != organisation.name_key:
        key = organisation.name_key
        former = FormerName(organisation_id=organisation.id, name=organisation.name, name_key=key, until=clock.now())
        db.session.add(former)
    organisation.name = name


def add_member(*, actor: Actor, person: Person, organisation: Organisation, role: MemberRole) -> None:
    """Let somebody act for an organisation. Nothing happens where they do already."""
    with transaction() as session:
        if organisation.id in person.organisation_ids:
            return
        membership = Membership(person_id=person.id, organisation_id=organisation.id, role=role, made_at=clock.now())
        session.add(membership)
        membership.person, membership.organisation = person, organisation
        changes = {"member": ("", f"person:{person.id}"), "role": ("", role.value)}
        audit.record(actor=actor, verb=AccountAct.ADD_MEMBER, thing=organisation, changes=changes)


def invite(*, person: Person, organisation: Organisation, email: str, role: MemberRole) -> None:
    """Mail somebody a link to join one's own organisation in a role; an earlier one to the same address stops working.

    The owners are told. Raises Refused where the address will not do, or belongs to it already.
    """
    rules.can_manage_members(person, organisation).or_refuse()
    email = rules.tidy_email(email)
    with transaction() as session:
        if any(membership.person.email == email for membership in organisation.memberships):
            raise Refused("The person with this address belongs to your group already.")
        secret, now = secrets.token_urlsafe(32), clock.now()
        for earlier in queries.open_invitations(organisation):
            if earlier.email == email:
                earlier.closed_at = now
        invitation = Invitation(
            organisation_id=organisation.id,
            email=email,
            role=role,
            digest=tokens.digest(secret),
            invited_by_id=person.id,
            made_at=now,
            expires_at=now + INVITATION_LASTS,
        )
        session.add(invitation)
        link, to = tokens.link("accounts.invitation", secret), queries.person_by_email(email)
        subject, body = letters.invited(to, person, organisation, role, link)
        outbox.queue(to=email, subject=subject, body=body, purpose="invite", about=f"organisation:{organisation.id}")
        _tell_owners(
            organisation, partial(letters.invitation_sent, by=person, group=organisation, email=email, role=role)
        )
        audit.record(
            actor=person.actor,
            verb=AccountAct.INVITE,
            thing=invitation,
            changes={"email": ("", email), "role": ("", role.value)},
            reference=f"organisation:{organisation.id}",
        )


def undo_invitation(*, person: Person, organisation: Organisation, invitation: Invitation) -> None:
    """Make an invitation's link stop working; the owners are told. Raises Refused."""
    rules.can_manage_members(person, organisation).or_refuse()
    with transaction():
        if invitation.organisation_id != organisation.id or invitation.closed_at:
            raise Refused("This invitation is closed already.")
        invitation.closed_at = clock.now()
        _tell_owners(
            organisation, partial(letters.invitation_undone, by=person, group=organisation, invitation=invitation)
        )
        reference = f"organisation:{organisation.id}"
        audit.record(actor=person.actor, verb=AccountAct.UNDO_INVITATION, thing=invitation, reference=reference)


def accept_invitation(*, person: Person | None, secret: str, name: str = "", password: str = "") -> Person:
    """Join the organisation that the link is for; somebody without an account gets one, for the mail has proved it.

    Raises Refused where the link is stale, was sent to another address, or the name or password will not do.
    """
    with transaction():
        invitation = queries.open_invitation(tokens.digest(secret), lock=True)
        if invitation is None:
            raise Refused("This invitation does not work any more. Ask the person who sent it for a new one.")
        if person is None:
            person = _newcomer(invitation, name, password)
        if person.email != invitation.email:
            raise Refused("This invitation was sent to another e-mail address than the one of your account.")
        organisation = invitation.organisation
        _tell_members(organisation, person, invitation.what)
        invitation.closed_at = clock.now()
        add_member(actor=person.actor, person=person, organisation=organisation, role=invitation.what)
        return person


def _newcomer(invitation: Invitation, name: str, password: str) -> Person:
    if queries.person_by_email(invitation.email):
        raise Refused("Sign in first: there is an account with the address that this invitation was sent to.")
    guesses.refuse_bad_password(password, email=invitation.email, name=name, groups=[invitation.organisation.name])
    return make_person(actor=ANYONE, email=invitation.email, name=name, password=password)


def _tell_members(organisation: Organisation, newcomer: Person, role: MemberRole) -> None:
    for membership in organisation.memberships:
        if membership.person.is_active:
            _tell(membership.person, organisation, letters.joined(membership.person, newcomer, organisation, role))


def _tell_owners(organisation: Organisation, letter: Callable[[Person], Letter]) -> None:
    """An invitation lets somebody in: all owners hear of it, who sent it too, in case it was not them."""
    for membership in organisation.memberships:
        if rules.is_usable_owner(membership):
            _tell(membership.person, organisation, letter(membership.person))


def _tell(person: Person, organisation: Organisation, letter: Letter) -> None:
    subject, body = letter
    about = f"organisation:{organisation.id}"
    outbox.queue(to=person.email, subject=subject, body=body, purpose="members", about=about)
