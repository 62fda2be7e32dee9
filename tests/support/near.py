"""People who are near an award: tied to its groups, with an interest in it, or who took a step on it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from grants.accounts.models import Membership, Organisation, Person, RoleGrant
from grants.accounts.rights import Role
from grants.applications.apart.rules import GrantStep
from grants.applications.models import Application, ApplicationStatus, Bar
from grants.awards.around.queries import around
from grants.awards.corrections.operations import change_field
from grants.awards.models import Award, ChangedField
from grants.foundation.records.db import db, transaction
from grants.foundation.values import clock

from . import factories
from . import review_factories as make


def _everything(**more: Organisation) -> Person:
    return factories.person(*Role, **more)


def _left(group: Organisation) -> Person:
    """Somebody who belonged to a group."""
    person = _everything(member_of=group)
    with transaction() as session:
        session.delete(session.scalars(select(Membership).where(Membership.person_id == person.id)).one())
    db.session.expire_all()
    return person


def _moved(award: Award) -> None:
    """The award goes to another group."""
    change_field(
        actor=factories.TESTS,
        award=award,
        field=ChangedField.RECIPIENT,
        value=factories.organisation("The successor"),
        reason="The group became part of another.",
    )


def _interested(award: Award) -> Person:
    person = _everything()
    with transaction() as session:
        session.add(Bar(application_id=award.application_id, person_id=person.id, barred_at=clock.now()))
    return person


def _of_the_former_group(award: Award) -> Person:
    person = _everything(member_of=award.organisation)
    _moved(award)
    return person


NEAR: dict[str, Callable[[Award], Person]] = {
    "nobody": lambda _: _everything(),
    "of another group": lambda _: _everything(member_of=factories.organisation("Another group")),
    "of the group": lambda award: _everything(member_of=award.organisation),
    "once of the group": lambda award: _left(award.organisation),
    "of the group that held it": _of_the_former_group,
    "with an interest": _interested,
}


def scored_bid() -> Application:
    """A bid that is recommended, after its check and its scores."""
    bid = make.scored([4, 4, 4], ApplicationStatus.RECOMMENDED, in_round=factories.open_round())
    make.recommendation(bid)
    return bid


def _who(step: GrantStep) -> Callable[[Award], Person]:
    """Who took a step on the award."""

    def found(award: Award) -> Person:
        (near,) = around([award.id]).values()
        person = db.session.get_one(Person, min(near.hands[step]))
        with transaction():
            person.grants += [RoleGrant(role=role, granted_at=clock.now()) for role in set(Role) - person.roles]
        return person

    return found


STEPS = (GrantStep.CHECK, GrantStep.SCORE, GrantStep.RECOMMEND, GrantStep.DECIDE, GrantStep.SIGN)
PEOPLE: dict[str, Callable[[Award], Person]] = {**NEAR, **{f"who took the step: {step}": _who(step) for step in STEPS}}
"""Everybody who is near an award that was made of `scored_bid`; each has every role."""
