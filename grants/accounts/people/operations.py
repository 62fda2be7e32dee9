"""What is done to people and their roles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial

from flask import current_app

from grants.accounts import guesses, queries, rules, tokens
from grants.accounts.acts import AccountAct
from grants.accounts.factors import operations as factors
from grants.accounts.factors.queries import has_any
from grants.accounts.letters import Letter
from grants.accounts.models import Organisation, Person, RoleGrant, TokenPurpose, fresh_session_key
from grants.accounts.passwords import hash_password
from grants.accounts.rights import Role, RolePairs
from grants.foundation.records import audit, outbox
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, transaction
from grants.foundation.records.lifecycle import Ruling
from grants.foundation.values import clock

from . import letters


class RolesApart(Refused):
    """Two roles that the office keeps apart would meet in one person."""


def make_person(
    *,
    actor: Actor,
    email: str,
    name: str,
    password: str = "",
    password_is_public: bool = False,
    roles: Iterable[Role] = (),
    confirmed: bool = True,
) -> Person:
    """Make an account. Without a password nothing opens it until its owner has chosen one by a mailed link.

    One that is public, as on the sign-in page of a demonstration, is held to nothing: everybody knows it.

    Raises Refused where the address is taken, or where it, the name or the password will not do.
    """
    email, name = rules.tidy_email(email), rules.tidy_name(name, thing="a name")
    if password and not password_is_public:
        guesses.refuse_bad_password(password, email=email, name=name)
    kept = hash_password(password)
    with transaction() as session:
        if queries.person_by_email(email):
            raise Refused("There is an account with this e-mail address already.")
        roles = set(roles)
        _keep_apart(roles)
        now = clock.now()
        person = Person(
            email=email,
            name=name,
            password_hash=kept,
            made_at=now,
            email_confirmed_at=now if confirmed else None,
            grants=[RoleGrant(role=role, granted_at=now, granted_by_id=actor.person_id) for role in sorted(roles)],
            memberships=[],
        )
        session.add(person)
        changes = audit.diff(person) | {"roles": ("", ", ".join(sorted(person.roles)))}
        audit.record(actor=actor, verb=AccountAct.MAKE_ACCOUNT, thing=person, changes=changes)
        return person


def invite_colleague(*, actor: Actor, email: str, name: str, roles: Iterable[Role]) -> Person:
    """Make an account for a colleague, who gets a link to choose a password. Raises Refused."""
    _ask(actor, rules.can_manage_people)
    with transaction():
        person = make_person(actor=actor, email=email, name=name, roles=roles, confirmed=False)
        link, by = tokens.issue(person, TokenPurpose.INVITE), queries.who_did(actor)
        letter = letters.colleague_invited(person, by, link, needs_second_step=needs_second_step(person.roles))
        _tell(person, person, letter, purpose="colleague")
        _tell_administrators(person, partial(letters.account_made, person=person, by=by))
        return person


def change_name(*, person: Person, name: str, version: int) -> None:
    """Change one's own name. Raises Refused, LostUpdate."""
    with transaction():
        person.expect_version(version)
        person.name = rules.tidy_name(name, thing="your name")
        person.version += 1
        audit.record(actor=person.actor, verb=AccountAct.CHANGE_NAME, thing=person)


def grant_role(*, actor: Actor, person: Person, role: Role) -> None:
    """Give somebody a role, and tell them and all administrators. Nothing happens where they hold it.

    Raises Refused where the actor is not an administrator or is the person, or the role must not meet one that they
    hold.
    """
    _ask(actor, lambda somebody: rules.can_change_roles(somebody, person))
    with transaction():
        if role in person.roles:
            return
        _keep_apart({*person.roles, role})
        person.grants.append(RoleGrant(role=role, granted_at=clock.now(), granted_by_id=actor.person_id))
        person.version += 1
        is_new = needs_second_step([role]) and not has_any(person)
        letter = partial(
            letters.role_granted, person=person, role=role, by=queries.who_did(actor), needs_second_step=is_new
        )
        _tell(person, person, letter(person))
        _tell_administrators(person, letter)
        audit.record(actor=actor, verb=AccountAct.GRANT_ROLE, thing=person, changes={"role": ("", role)})


def revoke_role(*, actor: Actor, person: Person, role: Role) -> None:
    """Take a role from somebody, and tell them and all administrators. Nothing happens where they do not hold it.

    Raises Refused where the actor is not an administrator, or is the person.
    """
    _ask(actor, lambda somebody: rules.can_change_roles(somebody, person))
    with transaction():
        if role not in person.roles:
            return
        person.grants[:] = [grant for grant in person.grants if grant.role != role]
        person.version += 1
        letter = partial(letters.role_revoked, person=person, role=role, by=queries.who_did(actor))
        _tell(person, person, letter(person))
        _tell_administrators(person, letter)
        audit.record(actor=actor, verb=AccountAct.REVOKE_ROLE, thing=person, changes={"role": (role, "")})


def close_account(*, actor: Actor, person: Person, reason: str = "") -> None:
    """Close somebody's account: every session of theirs ends, and they are told. Nothing happens where it is closed.

    The reason stands in the mail, and in the erasable history of the trail. Raises Refused.
    """
    _ask(actor, lambda somebody: rules.can_close_account(somebody, person))
    with transaction():
        if person.disabled_at:
            return
        for group in queries.owned_alone(person):
            _tell_of_no_owner(group, person)
        person.disabled_at = clock.now()
        person.session_key = fresh_session_key()
        person.version += 1
        by = queries.who_did(actor)
        _tell(person, person, letters.closed(person, by, person.disabled_at, reason), purpose="account")
        changes = audit.diff(person) | ({"why": ("", reason)} if reason else {})
        audit.record(actor=actor, verb=AccountAct.CLOSE_ACCOUNT, thing=person, changes=changes)


def _tell_of_no_owner(group: Organisation, owner: Person) -> None:
    """To those who stay: nobody of the group can accept, or look after its people, until another is its owner."""
    for member in group.memberships:
        if member.person_id != owner.id and member.person.is_active:
            subject, body = letters.owner_is_gone(member.person, owner, group)
            about = f"organisation:{group.id}"
            outbox.queue(to=member.person.email, subject=subject, body=body, purpose="members", about=about)


def open_account(*, actor: Actor, person: Person) -> None:
    """Open a closed account again, and tell the person. Nothing happens where it is open. Raises Refused."""
    _ask(actor, lambda somebody: rules.can_close_account(somebody, person))
    with transaction():
        if person.disabled_at is None:
            return
        person.disabled_at = None
        person.version += 1
        _tell(person, person, letters.opened(person, queries.who_did(actor)), purpose="account")
        audit.record(actor=actor, verb=AccountAct.OPEN_ACCOUNT, thing=person)


def reset_second_step(*, actor: Actor, person: Person) -> None:
    """Take every second step off somebody's account, after they lost it; they and all administrators are told.

    Raises Refused where the actor is not an administrator, or is the person.
    """
    _ask(actor, lambda somebody: rules.can_change_roles(somebody, person))
    with transaction():
        factors.forget(actor=actor, person=person)
        letter = partial(letters.second_step_reset_for, person=person, by=queries.who_did(actor))
        _tell_administrators(person, letter)


def _ask(actor: Actor, rule: Callable[[Person], Ruling]) -> None:
    """Hold a person to a rule; a command at the office's own machine needs none. Raises Refused."""
    if actor.key.startswith("command:"):
        return
    somebody = queries.person_by_id(actor.person_id) if actor.person_id else None
    if somebody is None or not somebody.is_active:
        raise Refused("Only an administrator can do that.")
    rule(somebody).or_refuse()


def needs_second_step(roles: Collection[Role]) -> bool:
    """Whether somebody with these roles has to give a second step when they sign in."""
    return not factors.needed_of().isdisjoint(roles)


def _tell(to: Person, about: Person, letter: Letter, purpose: str = "roles") -> None:
    subject, body = letter
    outbox.queue(to=to.email, subject=subject, body=body, purpose=purpose, about=f"person:{about.id}")


def _keep_apart(roles: Collection[Role]) -> None:
    if not (answer := rules.may_meet(roles, roles_apart())):
        raise RolesApart(answer.reason)


def roles_apart() -> RolePairs:
    """The pairs of roles that nobody may hold both of: the setting ROLES_APART."""
    pairs: RolePairs = current_app.extensions["roles apart"]
    return pairs


def _tell_administrators(person: Person, letter: Callable[[Person], Letter]) -> None:
    """Power is never given unseen: all administrators hear of it, who gave it too, in case it was not them."""
    for other in queries.administrators():
        if other.id != person.id:
            _tell(other, person, letter(other))
