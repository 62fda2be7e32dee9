"""Things for tests, each made with one call and sensible words. All are stored when they are returned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher

from grants.accounts.models import Membership, Organisation, OrganisationKind, Person, RoleGrant
from grants.accounts.rights import MemberRole, Role
from grants.applications import contents as bid
from grants.applications.models import (
    Answer,
    Application,
    ApplicationDistrict,
    ApplicationStatus,
    ApplicationTopic,
    BudgetLine,
    Submission,
)
from grants.applications.queries import answers_of
from grants.awards.models import Award, Decision
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import transaction
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.funds.models import (
    Criterion,
    District,
    EligibilityQuestion,
    Fund,
    Plan,
    Priority,
    Question,
    Round,
    RoundStatus,
    Topic,
    TopicName,
)
from grants.review.models import Check, Score, ScoreSheet

from .numbers import next_number

PASSWORD = "correct horse battery"
"""The password of everybody whom `person` makes."""

TESTS = Actor.command("tests")


@cache
def _password_hash() -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def person(
    *roles: Role,
    name: str = "",
    email: str = "",
    member_of: Organisation | None = None,
    as_: MemberRole = MemberRole.OWNER,
) -> Person:
    """Somebody with a confirmed account and these roles, who is `as_` in the group where one is given."""
    number = next_number()
    now = clock.now()
    with transaction() as session:
        made = Person(
            name=name or f"Sam Tester {number}",
            email=email or f"person{number}@example.org",
            password_hash=_password_hash(),
            email_confirmed_at=now,
            made_at=now,
            grants=[RoleGrant(role=role, granted_at=now) for role in roles],
        )
        session.add(made)
        session.flush()
        if member_of is not None:
            made.memberships.append(Membership(person=made, organisation=member_of, role=as_, made_at=now))
    return made


def officer() -> Person:
    """A grants officer."""
    return person(Role.OFFICER, name="Olive Officer")


def panel_member(name: str = "Pat Panel") -> Person:
    """A member of the panel."""
    return person(Role.PANEL, name=name)


def decision_maker() -> Person:
    """The decision maker."""
    return person(Role.DECISION_MAKER, name="Dana Decides")


def finance_officer() -> Person:
    """A finance officer."""
    return person(Role.FINANCE, name="Fin Pays")


def auditor() -> Person:
    """An auditor."""
    return person(Role.AUDITOR, name="Ada Auditor")


def administrator() -> Person:
    """An administrator."""
    return person(Role.ADMINISTRATOR, name="Ash Admin")


def applicant(organisation: Organisation | None = None, name: str = "Alex Applicant") -> Person:
    """Somebody who acts for an organisation, and holds no role."""
    return person(name=name, member_of=organisation or _a_group())


def organisation(name: str = "", kind: str = OrganisationKind.GROUP, **more: Any) -> Organisation:
    """A group that may apply."""
    with transaction() as session:
        made = Organisation(name=name or f"Northside Youth Project {next_number()}", kind=kind, made_at=clock.now())
        for field, value in more.items():
            setattr(made, field, value)
        session.add(made)
    return made


_a_group = organisation
"""The same, where an argument has the name."""


def _one(model: Any, **by: Any) -> Any:
    with transaction() as session:
        return session.query(model).filter_by(**by).first()


def fund(code: str = "SCF", name: str = "Safer Communities Fund") -> Fund:
    """The fund of this code; it is made where it is not there."""
    found: Fund | None = _one(Fund, code=code)
    if found:
        return found
    with transaction() as session:
        made = Fund(
            code=code,
            name=name,
            funding_source="Proceeds of Crime Act 2002",
            open_call=True,
            largest_grant_is_set_by="round",
            description="Returns money recovered from criminals to community groups.",
        )
        session.add(made)
    return made


def topic(name: str = "CSE", other_names: Sequence[str] = ()) -> Topic:
    """The topic of this name; it is made where it is not there."""
    found: Topic | None = _one(Topic, name=name)
    if found:
        return found
    with transaction() as session:
        made = Topic(name=name, other_names=[TopicName(name=other) for other in other_names])
        session.add(made)
    return made


DISTRICTS = {
    "Bradford": "E08000032",
    "Calderdale": "E08000033",
    "Kirklees": "E08000034",
    "Leeds": "E08000035",
    "Wakefield": "E08000036",
    "West Yorkshire": "E23000010",
}


def district(name: str = "Leeds") -> District:
    """The district of this name; it is made where it is not there."""
    found: District | None = _one(District, name=name)
    if found:
        return found
    kind = "police force area" if name == "West Yorkshire" else "metropolitan district"
    with transaction() as session:
        made = District(name=name, code=DISTRICTS.get(name, f"X{next_number():08}"), kind=kind)
        session.add(made)
    return made


def priority(name: str = "Safeguarding vulnerable people") -> Priority:
    """A priority of the plan; it is made where it is not there."""
    found: Priority | None = _one(Priority, name=name)
    if found:
        return found
    with transaction() as session:
        number = next_number()
        plan = session.query(Plan).first() or Plan(name="Police and Crime Plan 2026")
        made = Priority(plan=plan, position=number, slug=f"priority-{number}", name=name)
        session.add(made)
    return made


def open_round(
    *,
    code: str = "",
    of: Fund | None = None,
    largest_grant_pence: int = 600_000,
    pot_pence: int = 20_000_000,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    questions: int = 2,
    criteria: int = 2,
    **more: Any,
) -> Round:
    """A round that takes applications, with questions, criteria and eligibility questions."""
    number = next_number()
    now = clock.now()
    its_fund, its_plan_id = of or fund(), priority().plan_id
    with transaction() as session:
        made = Round(
            fund_id=its_fund.id,
            code=code or f"SCF-{number}",
            slug=(code or f"SCF-{number}").lower(),
            status=RoundStatus.OPEN,
            largest_grant_pence=Pence(largest_grant_pence),
            pot_pence=Pence(pot_pence),
            summary="For projects that make communities safer.",
            opens_at=opens_at or now - timedelta(days=7),
            closes_at=closes_at or now + timedelta(days=28),
            plan_id=its_plan_id,
        )
        for field, value in more.items():
            setattr(made, field, value)
        session.add(made)
        session.flush()
        session.add_all(_questions(made, questions) + _criteria(made, criteria))
        session.add(
            EligibilityQuestion(
                round_id=made.id,
                position=1,
                text="Is the project in the area?",
                hint="",
                good_answer=True,
                advice="This fund is for projects in the area. Your council may know another.",
            )
        )
    return made


def _questions(of: Round, how_many: int) -> list[Any]:
    texts = ["Why is the project needed?", "What will you do?", "What difference will it make?"]
    return [
        Question(
            round_id=of.id,
            position=at,
            key=f"question-{at}",
            hint="",
            most_words=300,
            required=True,
            text=texts[at - 1] if at <= len(texts) else f"Question {at}?",
        )
        for at in range(1, how_many + 1)
    ]


def _criteria(of: Round, how_many: int) -> list[Any]:
    anchors = "\n".join(["Nothing", "Weak", "Some", "Fair", "Good", "Excellent"])
    titles = ["Need", "Plan", "Difference"]
    return [
        Criterion(
            round_id=of.id,
            position=at,
            description="What the group tells us.",
            anchors=anchors,
            weight=1,
            title=titles[at - 1] if at <= len(titles) else f"Criterion {at}",
        )
        for at in range(1, how_many + 1)
    ]


def application(
    status: ApplicationStatus = ApplicationStatus.SUBMITTED,
    *,
    in_round: Round | None = None,
    organisation: Organisation | None = None,
    by: Person | None = None,
    title: str = "Safe evenings on the estate",
    requested_pence: int = 600_000,
    reference: str = "",
    **more: Any,
) -> Application:
    """An application in a state, filled in and, unless it is a draft, submitted and frozen."""
    its_round = in_round or open_round()
    its_group = organisation or _a_group()
    someone = by or applicant(its_group)
    now = clock.now()
    sent = status != ApplicationStatus.DRAFT
    about, place, aim = topic(), district(), priority()
    with transaction() as session:
        its_round = session.merge(its_round)
        its_round.last_number += 1
        made = Application(
            reference=reference or f"{its_round.code}-{its_round.last_number:04}",
            round_id=its_round.id,
            organisation_id=its_group.id,
            started_by_id=someone.id,
            status=status,
            title=title,
            summary="Evening sessions for young people, run by local volunteers.",
            starts_on=date(2027, 1, 11),
            ends_on=date(2027, 6, 30),
            people_helped=60,
            priority_id=aim.id,
            requested_pence=Pence(requested_pence),
            started_at=now,
            saved_at=now,
            submitted_at=now if sent else None,
            submitted_by_id=someone.id if sent else None,
            declared_name=someone.name if sent else "",
            budget_lines=[BudgetLine(position=1, item="Session workers", amount_pence=Pence(requested_pence))],
            topics=[ApplicationTopic(topic_id=about.id, position=0)],
            districts=[ApplicationDistrict(district_id=place.id)],
        )
        for field, value in more.items():
            setattr(made, field, value)
        session.add(made)
        session.flush()
        for question in session.query(Question).filter_by(round_id=its_round.id):
            made.answers.append(Answer(question_id=question.id, text="Because people ask for it."))
        session.flush()
        if sent:
            content, sha256 = bid.freeze(
                bid.of_draft(made, answers_of(made)),
                declared_name=made.declared_name,
                submitted_at=now.isoformat(),
                questions_sha256="",
            )
            session.add(Submission(application_id=made.id, content=content, sha256=sha256, submitted_at=now))
            session.flush()
        if status not in {ApplicationStatus.DRAFT, ApplicationStatus.SUBMITTED, ApplicationStatus.WITHDRAWN}:
            passed = status != ApplicationStatus.INELIGIBLE
            session.add(
                Check(
                    application_id=made.id,
                    officer_id=officer().id,
                    passed=passed,
                    reason="" if passed else "The project is outside the area.",
                    checked_at=now,
                )
            )
    return made


def score_sheet(
    of: Application, by: Person | None = None, *, score: int | None = 4, locked: bool = True, has_conflict: bool = False
) -> ScoreSheet:
    """A panel member's sheet of an application: declared, scored with `score` throughout (None: not yet), locked."""
    someone = by or panel_member()
    now = clock.now()
    with transaction() as session:
        made = ScoreSheet(
            application_id=of.id,
            person_id=someone.id,
            has_conflict=has_conflict,
            conflict_note="My sister runs it." if has_conflict else "",
            declared_at=now,
            locked_at=now if locked and not has_conflict else None,
        )
        session.add(made)
        session.flush()
        if score is not None and not has_conflict:
            for criterion in session.query(Criterion).filter_by(round_id=of.round_id):
                made.scores.append(Score(criterion_id=criterion.id, score=score, reason="It is clear and needed."))
    return made


def award(
    *,
    reference: str = "",
    amount: int | None = 500_000,
    award_day: str = "2026-03-02",
    of: Fund | None = None,
    organisation: Organisation | None = None,
    title: str = "Safe evenings",
    **more: Any,
) -> Award:
    """An award in the ledger, entered by hand or import; `more` goes to `awards.entries.operations.enter_award`."""
    from grants.awards.entries.operations import enter_award

    more.setdefault("topics", [topic()])
    more.setdefault("districts", [district()])
    return enter_award(
        actor=TESTS,
        reference=reference or f"A-{next_number():04}",
        fund=of or fund(),
        organisation=organisation or _a_group(),
        award_day=Day.parse(award_day),
        amount=None if amount is None else Pence(amount),
        title=title,
        **more,
    )


def decision(
    of: Application | None = None,
    *,
    by: Person | None = None,
    amount: int = 540_000,
    outcome: str = "approved",
    **more: Any,
) -> Decision:
    """A decision on an application that waits for one, not announced: `decision_factories.announced` signs it too."""
    from grants.awards.decisions.operations import decide

    return decide(
        person=by or decision_maker(),
        application=of or application(ApplicationStatus.RECOMMENDED),
        outcome=outcome,
        amount=Pence(amount if outcome == "approved" else 0),
        reasons=more.pop("reasons", "It should make the estate safer in the evenings."),
        conditions=more.pop("conditions", "For the agreed purpose only."),
        less_reason=more.pop("less_reason", "The hall costs less than planned."),
        **more,
    )
