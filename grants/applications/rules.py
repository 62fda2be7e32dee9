"""The life of an application, who may do what with it, and what it still lacks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from dateutil.relativedelta import relativedelta

from grants.accounts.models import Person
from grants.accounts.rights import DoneBy, GroupRight, Right, who_can
from grants.accounts.rules import is_for
from grants.foundation.records.drafts import Problem
from grants.foundation.records.lifecycle import YES, Ruling, Step, find_step, no, who_does
from grants.foundation.values.money import pounds
from grants.foundation.values.words import count_characters, some, too_long
from grants.funds.kinds.registry import kind_of
from grants.funds.models import SUMMARY_WORDS, Round
from grants.funds.rules import ROUND_STEPS, takes_applications
from grants.funds.sections import BidSection, question_section

from .apart.rules import stands_apart, ties_of
from .contents import Bid
from .models import LONGEST_TITLE, MOST_TOPICS, Application, ApplicationStatus, Clarification


def enough_scores(application: Application, locked: int) -> Ruling:
    """Whether as many panel members locked their scores as the round asks for."""
    needed = application.round.scores_needed
    if locked >= needed:
        return YES
    return no(f"{locked} of {needed} panel members have locked their scores. It can go on when all {needed} have.")


def is_approved(application: Application) -> Ruling:
    """Whether its decision approved it, which a signed notice announces."""
    return YES if application.approved_pence else no("This application is not approved.")


def is_declined(application: Application) -> Ruling:
    """Whether its decision declined it, which a signed notice announces."""
    return YES if application.approved_pence == 0 else no("This application is not declined.")


APPLICATION_STEPS: tuple[Step[DoneBy], ...] = (
    Step(
        ApplicationStatus.DRAFT,
        "submit",
        ApplicationStatus.SUBMITTED,
        GroupRight.SUBMIT_APPLICATIONS,
        takes_applications,
    ),
    Step(ApplicationStatus.DRAFT, "withdraw", ApplicationStatus.WITHDRAWN, GroupRight.WITHDRAW_APPLICATIONS),
    Step(ApplicationStatus.SUBMITTED, "withdraw", ApplicationStatus.WITHDRAWN, GroupRight.WITHDRAW_APPLICATIONS),
    Step(ApplicationStatus.SUBMITTED, "pass", ApplicationStatus.ELIGIBLE, Right.CHECK_APPLICATIONS),
    Step(ApplicationStatus.SUBMITTED, "fail", ApplicationStatus.INELIGIBLE, Right.CHECK_APPLICATIONS),
    Step(ApplicationStatus.ELIGIBLE, "withdraw", ApplicationStatus.WITHDRAWN, GroupRight.WITHDRAW_APPLICATIONS),
    Step(ApplicationStatus.ELIGIBLE, "recommend", ApplicationStatus.RECOMMENDED, Right.RECOMMEND, enough_scores),
    Step(ApplicationStatus.ELIGIBLE, "decide", ApplicationStatus.DECIDED, Right.DECIDE, enough_scores),
    Step(ApplicationStatus.RECOMMENDED, "withdraw", ApplicationStatus.WITHDRAWN, GroupRight.WITHDRAW_APPLICATIONS),
    Step(ApplicationStatus.RECOMMENDED, "decide", ApplicationStatus.DECIDED, Right.DECIDE),
    Step(ApplicationStatus.DECIDED, "withdraw", ApplicationStatus.WITHDRAWN, GroupRight.WITHDRAW_APPLICATIONS),
    Step(ApplicationStatus.DECIDED, "award", ApplicationStatus.AWARDED, Right.SIGN_NOTICES, is_approved),
    Step(ApplicationStatus.DECIDED, "decline", ApplicationStatus.DECLINED, Right.SIGN_NOTICES, is_declined),
)
"""The life of an application. What is not in the table is refused."""

UNFINISHED = frozenset(
    {ApplicationStatus.SUBMITTED, ApplicationStatus.ELIGIBLE, ApplicationStatus.RECOMMENDED, ApplicationStatus.DECIDED}
)
"""What was sent and still waits for something: its round is not complete before nothing is left of it."""

ANNOUNCED = frozenset({ApplicationStatus.AWARDED, ApplicationStatus.DECLINED})
"""When its group was told what was decided."""


ASKABLE = frozenset({ApplicationStatus.SUBMITTED, ApplicationStatus.ELIGIBLE})
"""While an officer may ask the group about its application: until it is recommended or decided."""

ANSWERABLE = ASKABLE | {ApplicationStatus.RECOMMENDED, ApplicationStatus.DECIDED}
"""While the group may still answer, late or not: until the decision is announced, or a refusal would tell of it."""


def is_member(person: Person, application: Application) -> bool:
    """Whether the person belongs to the group that applies."""
    return application.organisation_id in person.organisation_ids


def does(person: Person, verb: str, application: Application, otherwise: str) -> Ruling:
    """Whether the life of an application gives this verb to the person."""
    return is_for(person, who_does(APPLICATION_STEPS, verb), application.organisation_id, otherwise)


def is_barred(person: Person, application: Application) -> bool:
    """Whether the person declared an interest: then the bid stays closed to them, whatever their roles."""
    return any(bar.person_id == person.id for bar in application.bars)


def told_status(person: Person, application: Application) -> ApplicationStatus:
    """Where it is as the person is told: its group learns of a decision when the notice is signed, not before."""
    return application.state_told if is_member(person, application) else application.state


def can_view(person: Person, application: Application) -> Ruling:
    """Whether the person may read it: the group always, the office what was submitted, the auditor everything."""
    if is_barred(person, application):
        return no("You declared an interest in this application, so it stays closed to you.")
    if is_member(person, application) or person.may(Right.READ_DRAFTS):
        return YES
    if person.may(Right.READ_APPLICATIONS) and application.submitted_at is not None:
        return YES
    return no("This application is not yours to read.")


def can_start(person: Person, a_round: Round, at: datetime) -> Ruling:
    """Whether the person may start an application in the round at this instant (UTC)."""
    if not person.organisation_ids:
        return no("Tell us about your group first.")
    if not person.groups_where(GroupRight.WRITE_APPLICATIONS):
        return no(f"{who_can(GroupRight.WRITE_APPLICATIONS)} can start an application.")
    return takes_applications(a_round, at)


def can_edit(person: Person, application: Application, at: datetime) -> Ruling:
    """Whether the person may change it at this instant (UTC)."""
    right, otherwise = GroupRight.WRITE_APPLICATIONS, "Only the group itself can change its application."
    if not (answer := is_for(person, right, application.organisation_id, otherwise)):
        return answer
    if application.status != ApplicationStatus.DRAFT:
        return no("This application is not a draft any more, so it cannot be changed.")
    return takes_applications(application.round, at)


def can_submit(person: Person, application: Application, at: datetime) -> Ruling:
    """Whether the person may send it in at this instant (UTC). What it lacks is told by `problems`."""
    if not (answer := does(person, "submit", application, "Only the group itself can submit its application.")):
        return answer
    step = find_step(APPLICATION_STEPS, application.status, "submit")
    return step.allows(application.round, at) if step else no("This application was submitted already.")


def can_withdraw(person: Person, application: Application) -> Ruling:
    """Whether the person may withdraw it: the group, until the decision is announced."""
    if not (answer := does(person, "withdraw", application, "Only the group itself can withdraw its application.")):
        return answer
    if application.status == ApplicationStatus.WITHDRAWN:
        return no("This application was withdrawn already, so it cannot be withdrawn again.")
    if find_step(APPLICATION_STEPS, application.status, "withdraw") is None:
        return no("This application is closed, so it cannot be withdrawn.")
    return YES


def can_ask(person: Person, application: Application, clarifications: Sequence[Clarification]) -> Ruling:
    """Whether the person may ask the group a question; `clarifications` are those that were asked already."""
    if not person.may(Right.ASK_APPLICANTS):
        return no("Only a grants officer asks questions about an application.")
    if not (answer := stands_apart(person, ties_of(application))):
        return answer
    if application.status not in ASKABLE:
        return no("This application does not take questions now.")
    if any(clarification.is_open for clarification in clarifications):
        return no("A question is open already. When the group has answered it, you can ask the next one.")
    return YES


def can_answer(person: Person, application: Application, clarification: Clarification) -> Ruling:
    """Whether the person may answer a question of the office: the group, once, until the application is decided."""
    right, otherwise = GroupRight.ANSWER_QUESTIONS, "Only the group itself can answer a question about its application."
    if not (answer := is_for(person, right, application.organisation_id, otherwise)):
        return answer
    if not clarification.is_open:
        return no("This question was answered already. An answer cannot be changed.")
    if application.status == ApplicationStatus.WITHDRAWN:
        return no("Your group has withdrawn this application, so the question needs no answer any more.")
    if application.status in {ApplicationStatus.INELIGIBLE, ApplicationStatus.AWARDED, ApplicationStatus.DECLINED}:
        return no("This application has been decided, so the question needs no answer any more.")
    return YES if application.status in ANSWERABLE else no("This application does not take answers any more.")


def can_complete_round(person: Person, a_round: Round, *, unfinished: int) -> Ruling:
    """Whether the person may complete it; `unfinished` is how many of its applications still wait for something."""
    if not person.may(Right.RUN_ROUNDS):
        return no("Only a grants officer completes a round.")
    step = find_step(ROUND_STEPS, a_round.status, "complete")
    return step.allows(unfinished) if step else no("Only a round that is closed and being decided can be completed.")


def problems(bid: Bid, a_round: Round) -> list[Problem]:
    """Everything that keeps it from being submitted, in the order of its sections."""
    return [*_project(bid), *_dates(bid, a_round), *_people(bid), *_aims(bid), *_answers(bid), *_budget(bid, a_round)]


def over_limit(total_pence: int, a_round: Round) -> str:
    """What is wrong with a budget's total in this round, or nothing. The largest grant is a hard limit."""
    largest = a_round.largest_grant_pence
    if largest is None or total_pence <= largest:
        return ""
    return (
        f"The budget adds up to {pounds(total_pence)}. "
        f"The largest grant in this round is {pounds(largest)}: take off {pounds(total_pence - largest)}"
    )


def after_months(day: date, months: int) -> date:
    """The same day of the month some months on, or that month's last.

    >>> after_months(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    return day + relativedelta(months=months)


def dates_problem(starts_on: date, ends_on: date, a_round: Round) -> str:
    """What is wrong with a project's dates in this round, or nothing."""
    if ends_on < starts_on:
        return "The end date must be on or after the start date"
    if a_round.most_months and ends_on >= after_months(starts_on, a_round.most_months):
        return f"The project must last {some(a_round.most_months, 'month')} or less"
    return ""


def _project(bid: Bid) -> list[Problem]:
    found = []
    if not bid.title:
        found.append(Problem(BidSection.PROJECT, "title", "Enter a project title"))
    elif count_characters(bid.title) > LONGEST_TITLE:
        message = f"The project title must be {LONGEST_TITLE} characters or fewer"
        found.append(Problem(BidSection.PROJECT, "title", message, missing=False))
    if not bid.summary:
        found.append(Problem(BidSection.PROJECT, "summary", "Enter a summary of the project"))
    elif message := too_long("summary", bid.summary, SUMMARY_WORDS):
        found.append(Problem(BidSection.PROJECT, "summary", message, missing=False))
    return found


def _dates(bid: Bid, a_round: Round) -> list[Problem]:
    found = []
    if bid.starts_on is None:
        found.append(Problem(BidSection.DATES, "starts_on", "Enter the day the project starts"))
    if bid.ends_on is None:
        found.append(Problem(BidSection.DATES, "ends_on", "Enter the day the project ends"))
    if bid.starts_on and bid.ends_on and (message := dates_problem(bid.starts_on, bid.ends_on, a_round)):
        found.append(Problem(BidSection.DATES, "ends_on", message, missing=False))
    return found


def _people(bid: Bid) -> list[Problem]:
    found = []
    if not bid.people_helped:
        found.append(Problem(BidSection.PEOPLE, "people_helped", "Enter how many people the project will help"))
    if not bid.districts:
        found.append(Problem(BidSection.PEOPLE, "districts", "Select where the project will work"))
    return found


def _aims(bid: Bid) -> list[Problem]:
    found = []
    if not bid.topics:
        found.append(Problem(BidSection.AIMS, "topic", "Select what the project is mainly about"))
    elif len(bid.topics) > MOST_TOPICS:
        found.append(
            Problem(BidSection.AIMS, "other_topics", f"Select {MOST_TOPICS - 1} other topics or fewer", missing=False)
        )
    if not bid.priority:
        found.append(Problem(BidSection.AIMS, "priority", "Select the priority of the plan that the project serves"))
    return found


def _answers(bid: Bid) -> list[Problem]:
    found = []
    for answer in bid.answers:
        section = question_section(answer.key)
        if not answer.text:
            if answer.required:
                found.append(Problem(section, "text", f"Answer the question “{answer.question}”"))
        elif message := kind_of(answer).problem(answer):
            found.append(Problem(section, "text", message, missing=False))
    return found


def _budget(bid: Bid, a_round: Round) -> list[Problem]:
    if not bid.requested_pence:
        return [Problem(BidSection.BUDGET, "lines-0-item", "Enter at least one line of the budget")]
    message = over_limit(bid.requested_pence, a_round)
    return [Problem(BidSection.BUDGET, "lines-0-amount", message, missing=False)] if message else []
