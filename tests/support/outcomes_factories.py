"""Paid awards and their reports, each made with one call. All are stored when they are returned."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from grants.accounts.models import Organisation, Person
from grants.applications.models import ApplicationStatus, BudgetLine
from grants.awards.models import Award
from grants.foundation.values.money import Pence
from grants.funds.models import Round
from grants.outcomes.reports.answers import operations as judging
from grants.outcomes.reports.drafts import operations
from grants.outcomes.reports.drafts.operations import Spent
from grants.outcomes.reports.models import Report
from grants.outcomes.reports.queries import case_of

from . import award_factories, factories
from .award_factories import pay
from .kept import kept_when_first
from .world import Thing, World

ASKED = (("Session workers", 400_000), ("Hall", 200_000))


@kept_when_first
def accepted_award(
    organisation: Organisation | None = None,
    *,
    amount: int = 540_000,
    in_round: Round | None = None,
    by: Person | None = None,
    asked: Sequence[tuple[str, int]] = ASKED,
    **more: Any,
) -> Award:
    """An award that was decided here, offered and accepted; nothing is paid of it yet."""
    group = organisation or factories.organisation()
    someone = by or factories.applicant(group)
    total = sum(pence for _, pence in asked)
    application = factories.application(
        ApplicationStatus.RECOMMENDED,
        in_round=in_round,
        organisation=group,
        by=someone,
        requested_pence=total,
        budget_lines=[
            BudgetLine(position=at, item=item, amount_pence=Pence(pence)) for at, (item, pence) in enumerate(asked)
        ],
        **more,
    )
    return award_factories.accepted_award(amount, of=application)


@kept_when_first
def paid_award(organisation: Organisation | None = None, *, amount: int = 540_000, **more: Any) -> Award:
    """An award of which all is paid."""
    award = accepted_award(organisation, amount=amount, **more)
    pay(award, amount)
    return award


def member_of(award: Award) -> Person:
    """Somebody of the group that was awarded."""
    return factories.applicant(award.organisation, name="Morgan Member")


def draft_report(award: Award, by: Person | None = None, *, spent: Sequence[int | None] = (350_000, 170_000)) -> Report:
    """A report with every section filled in, not sent yet; `spent` in pence, by line."""
    someone = by or member_of(award)
    deed: dict[str, Any] = {"person": someone, "award": award}
    report = operations.open_report(**deed)

    def seen(section: str) -> str:
        from grants.foundation.records.drafts import fingerprint
        from grants.outcomes.reports.drafts import contents

        case = case_of(award.reference)
        assert case is not None
        assert case.report is not None
        return fingerprint(getattr(contents, section)(case.told if section == "spending" else case.report))

    operations.save_people(
        **deed, seen=seen("people"), people_helped=72, people_estimated=True, volunteers=9, sessions=24
    )
    operations.save_difference(
        **deed, seen=seen("difference"), difference="Fewer calls to the police in the evenings.", changed=""
    )
    lines = [Spent(None if pence is None else Pence(pence)) for pence in spent]
    operations.save_spending(**deed, seen=seen("spending"), lines=lines, other_money="")
    operations.save_story(**deed, seen=seen("story"), story="A boy found friends.", story_consent=True)
    return report


def sent_report(award: Award, by: Person | None = None, *, spent: Sequence[int] = (350_000, 170_000)) -> Report:
    """A report that is with the office."""
    someone = by or member_of(award)
    report = draft_report(award, someone, spent=spent)
    operations.submit(person=someone, award=award, declared_name=someone.name)
    return report


def accepted_report(award: Award, *, spent: Sequence[int] = (350_000, 170_000)) -> Report:
    """A report that the office accepted; by default £200 is to come back."""
    report = sent_report(award, spent=spent)
    return judging.answer(person=factories.officer(), award=award, seen=report.version, accepts=True)


@cache
def a_report(state: str, **more: Any) -> Thing:
    """The report of the group's award, in a state, for the table of who may open what."""

    def thing(world: World) -> dict[str, Any]:
        award = paid_award(world.group, by=world.owner)
        {"draft": draft_report, "sent": sent_report, "accepted": accepted_report}[state](award)
        return {"reference": award.reference, **more}

    return thing
