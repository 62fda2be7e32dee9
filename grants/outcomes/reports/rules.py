"""The life of a report, who may do what with it, what it still lacks, and what must come back. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from grants.accounts.models import Person
from grants.accounts.rights import DoneBy, GroupRight, Right
from grants.accounts.rules import is_for
from grants.applications.apart.rules import Ties, stands_apart
from grants.applications.contents import BidLine, of_submission
from grants.applications.models import Application, Submission
from grants.applications.rules import is_barred
from grants.awards.models import Award, AwardSnapshot, AwardStatus
from grants.foundation.records.drafts import Problem
from grants.foundation.records.lifecycle import YES, Ruling, Step, find_step, no, who_does
from grants.foundation.values.money import Pence, pounds
from grants.foundation.values.words import count_characters, count_words, some

from .contents import SpentLine, Told, of_report
from .models import (
    CHANGED_WORDS,
    DIFFERENCE_PERCENT,
    DIFFERENCE_WORDS,
    LONGEST_LINE_REASON,
    LONGEST_OTHER_MONEY,
    STORY_WORDS,
    Report,
    ReportStatus,
)
from .sections import ReportSection

REPORTABLE = frozenset({AwardStatus.ACCEPTED, AwardStatus.PAID, AwardStatus.COMPLETE})
"""The states of an award in which its group reports, once something is paid."""


@dataclass(frozen=True)
class ReportCase:
    """An award with what was asked for and how it stands, and its report where it has been opened."""

    award: Award
    snapshot: AwardSnapshot
    application: Application
    submission: Submission
    report: Report | None
    ties: Ties
    budget: tuple[BidLine, ...]

    @property
    def told(self) -> Told:
        """What the report says as it stands, held against the budget as it holds now."""
        assert self.report is not None  # noqa: S101 - whoever asks has seen that it was opened
        return of_report(self.report, of_submission(self.submission), self.snapshot, self.budget)

    @property
    def due_on(self) -> date | None:
        """The day by which the group should report; None before anything is paid."""
        return self.report.due_on if self.report else self.snapshot.report_due_on

    @property
    def money(self) -> ReportMoney:
        """What the ledger and the report say of the money."""
        report = self.report
        return ReportMoney(
            paid=self.snapshot.paid_pence or Pence(0),
            returned=self.snapshot.returned_pence,
            spent=report.spent_pence if report else Pence(0),
            waived=report.waived_pence if report else Pence(0),
        )


@dataclass(frozen=True)
class ReportMoney:
    """What was paid, what came back, what was spent and what need not come back. In pence."""

    paid: Pence
    returned: Pence
    spent: Pence
    waived: Pence

    @property
    def unspent(self) -> Pence:
        """What was paid and not spent."""
        return Pence(max(0, self.paid - self.spent))

    @property
    def outstanding(self) -> Pence:
        """What must still come back."""
        return Pence(max(0, self.unspent - self.returned - self.waived))


def is_own(person: Person, case: ReportCase) -> bool:
    """Whether the person belongs to the group that holds the award now."""
    return case.snapshot.organisation_id in person.organisation_ids


def is_with_group(report: Report) -> bool:
    """Whether the group writes it: first, or again because changes were asked for."""
    return find_step(REPORT_STEPS, report.status, "submit") is not None


def is_overdue(case: ReportCase, today: date) -> bool:
    """Whether the day has passed and the report is not with the office."""
    waits = case.report is None or is_with_group(case.report)
    return waits and case.due_on is not None and case.due_on < today


def can_view(person: Person, case: ReportCase) -> Ruling:
    """Whether the person may read it: the group always, the office unless an interest was declared in the bid."""
    if is_barred(person, case.application):
        return no("You declared an interest in this application, so it stays closed to you.")
    if is_own(person, case) or person.may(Right.READ_REPORTS):
        return YES
    return no("This report is not yours to read.")


NOT_THE_GROUP = "Only the group itself writes its report."


def can_open(person: Person, case: ReportCase) -> Ruling:
    """Whether the person may begin the report: the group, once something of the grant is paid."""
    return is_for(person, GroupRight.WRITE_REPORTS, case.snapshot.organisation_id, NOT_THE_GROUP) and is_reportable(
        case
    )


def can_edit(person: Person, case: ReportCase) -> Ruling:
    """Whether the person may write in it: the group, while it is not with the office. Never too late."""
    if not (answer := can_open(person, case)):
        return answer
    if case.report is None:
        return no("Start the report first.")
    if not is_with_group(case.report):
        return no("This report is with the office, so it cannot be changed.")
    return YES


def can_submit(person: Person, case: ReportCase) -> Ruling:
    """Whether the person may send it. What it lacks is told by `problems`."""
    return _does(person, "submit", case, NOT_THE_GROUP) and can_edit(person, case)


def can_extend(person: Person, case: ReportCase) -> Ruling:
    """Whether the person may give the group more time, also when the day has passed."""
    if not (answer := _stands_apart(person, case, "extend", "Only a grants officer gives more time.")):
        return answer
    return is_reportable(case) and _in_table(case, case.report.status if case.report else ReportStatus.DRAFT, "extend")


def can_answer(person: Person, case: ReportCase) -> Ruling:
    """Whether the person may accept it or ask for changes."""
    if not (answer := _stands_apart(person, case, "accept", "Only a grants officer accepts a report.")):
        return answer
    if not (answer := is_reportable(case)):
        return answer
    if case.report is None:
        return no("The group has not sent its report yet.")
    return _in_table(case, case.report.status, "accept")


def can_record_repayment(person: Person, case: ReportCase) -> Ruling:
    """Whether the person may record what came back of the unspent money: finance, who sees it arrive."""
    if not (answer := _stands_apart(person, case, "record repayment", "Only a finance officer records money.")):
        return answer
    return _is_settled(case, "record repayment")


def can_waive(person: Person, case: ReportCase) -> Ruling:
    """Whether the person may let the group keep what is outstanding: a small amount, by the limit of the round."""
    if not (answer := _stands_apart(person, case, "waive", "Only a grants officer decides that.")):
        return answer
    return _is_settled(case, "waive")


def is_small_enough(case: ReportCase) -> Ruling:
    """Whether something is outstanding, and no more than the round lets go."""
    if not (answer := is_outstanding(case)):
        return answer
    most = case.application.round.waivable_pence
    if case.money.outstanding > most:
        return no(
            f"In this round up to {pounds(most)} may be let go, and {pounds(case.money.outstanding)} is outstanding."
        )
    return YES


def can_close(person: Person, case: ReportCase) -> Ruling:
    """Whether the person may complete the award: its report is accepted, all is paid, and nothing is outstanding."""
    if not (answer := _stands_apart(person, case, "close", "Only a grants officer closes an award.")):
        return answer
    return _may_close(case)


def _may_close(case: ReportCase) -> Ruling:
    step = find_step(REPORT_STEPS, case.report.status, "close") if case.report else None
    return step.allows(case) if step else no("The report of this award is not accepted yet.")


def is_done(case: ReportCase) -> Ruling:
    """Whether nothing is left to do but to complete the award: all is paid, and nothing must come back."""
    if case.report is None or case.report.status != ReportStatus.ACCEPTED:
        return no("The report of this award is not accepted yet.")
    if case.money.outstanding:
        return no(f"{pounds(case.money.outstanding)} must still come back.")
    if case.award.status == AwardStatus.COMPLETE:
        return no("This award is complete already.")
    return YES if case.award.status == AwardStatus.PAID else no("Not all of this award is paid yet.")


def problems(told: Told) -> list[Problem]:
    """Everything that keeps a report from being sent, in the order of its sections."""
    return [*_people(told), *_difference(told), *_spending(told), *_story(told)]


def is_reportable(case: ReportCase) -> Ruling:
    """Whether something of the award is paid, and it is not withdrawn, however late."""
    if case.award.status == AwardStatus.WITHDRAWN:
        return no("This award is withdrawn, so there is nothing to report.")
    if case.award.status not in REPORTABLE or not case.snapshot.paid_pence:
        return no("Nothing of this award is paid yet. You report once it is.")
    return YES


def _stands_apart(person: Person, case: ReportCase, verb: str, otherwise: str) -> Ruling:
    return _does(person, verb, case, otherwise) and stands_apart(person, case.ties, "This is an award")


def is_outstanding(case: ReportCase) -> Ruling:
    """Whether something must still come back."""
    return YES if case.money.outstanding else no("Nothing must come back.")


REPORT_STEPS: tuple[Step[DoneBy], ...] = (
    Step(ReportStatus.DRAFT, "submit", ReportStatus.SUBMITTED, GroupRight.SUBMIT_REPORTS, is_reportable),
    Step(ReportStatus.DRAFT, "extend", ReportStatus.DRAFT, Right.ANSWER_REPORTS, is_reportable),
    Step(ReportStatus.SUBMITTED, "return", ReportStatus.RETURNED, Right.ANSWER_REPORTS, is_reportable),
    Step(ReportStatus.SUBMITTED, "accept", ReportStatus.ACCEPTED, Right.ANSWER_REPORTS, is_reportable),
    Step(ReportStatus.RETURNED, "submit", ReportStatus.SUBMITTED, GroupRight.SUBMIT_REPORTS, is_reportable),
    Step(ReportStatus.RETURNED, "extend", ReportStatus.RETURNED, Right.ANSWER_REPORTS, is_reportable),
    Step(ReportStatus.ACCEPTED, "record repayment", ReportStatus.ACCEPTED, Right.RECORD_REPAYMENTS, is_outstanding),
    Step(ReportStatus.ACCEPTED, "waive", ReportStatus.ACCEPTED, Right.WAIVE_REPAYMENTS, is_small_enough),
    Step(ReportStatus.ACCEPTED, "close", ReportStatus.ACCEPTED, Right.CLOSE_AWARDS, is_done),
)
"""The life of a report. What is not in the table is refused."""


def _does(person: Person, verb: str, case: ReportCase, otherwise: str) -> Ruling:
    return is_for(person, who_does(REPORT_STEPS, verb), case.snapshot.organisation_id, otherwise)


def _is_settled(case: ReportCase, verb: str) -> Ruling:
    if case.award.status == AwardStatus.WITHDRAWN:
        return no("This award is withdrawn: record what came back among its corrections.")
    step = find_step(REPORT_STEPS, case.report.status, verb) if case.report else None
    return step.allows(case) if step else no("The report is not accepted yet, so what must come back is not settled.")


def _in_table(case: ReportCase, status: str, verb: str) -> Ruling:
    if step := find_step(REPORT_STEPS, status, verb):
        return step.allows(case)
    return no(f"This report is {_AS_WORDS[ReportStatus(status)]}: you cannot do that now.")


_AS_WORDS = {
    ReportStatus.DRAFT: "not sent yet",
    ReportStatus.SUBMITTED: "with the office",
    ReportStatus.RETURNED: "with the group again",
    ReportStatus.ACCEPTED: "accepted",
}


def _people(told: Told) -> Iterator[Problem]:
    if told.people_helped is None:
        yield Problem(ReportSection.PEOPLE, "people_helped", "Enter how many people the project helped")
    elif told.people_estimated is None:
        yield Problem(ReportSection.PEOPLE, "counted", "Select whether you counted the people or estimate the number")
    if told.volunteers is None:
        yield Problem(ReportSection.PEOPLE, "volunteers", "Enter how many volunteers took part")
    if told.sessions is None:
        yield Problem(ReportSection.PEOPLE, "sessions", "Enter how many sessions there were")


def _difference(told: Told) -> Iterator[Problem]:
    if not told.difference:
        yield Problem(ReportSection.DIFFERENCE, "difference", "Enter what difference the project made")
    yield from _too_long(
        ReportSection.DIFFERENCE, "difference", "what difference the project made", told.difference, DIFFERENCE_WORDS
    )
    yield from _too_long(ReportSection.DIFFERENCE, "changed", "what changed", told.changed, CHANGED_WORDS)


def _spending(told: Told) -> Iterator[Problem]:
    for at, line in enumerate(told.lines):
        yield from _line(f"lines-{at}", line)
    if told.other_pence and not told.other_money:
        message = f"You spent {pounds(told.other_pence)} more than we paid. Enter where that money came from"
        yield Problem(ReportSection.SPENDING, "other_money", message, missing=False)
    if count_characters(told.other_money) > LONGEST_OTHER_MONEY:
        message = f"Where other money came from must be {some(LONGEST_OTHER_MONEY, 'character')} or fewer"
        yield Problem(ReportSection.SPENDING, "other_money", message, missing=False)


def _line(name: str, line: SpentLine) -> Iterator[Problem]:
    if line.spent_pence is None:
        yield Problem(ReportSection.SPENDING, f"{name}-spent", f"Enter what you spent on {line.item}, or 0")
    elif line.needs_reason and not line.reason:
        more = "more" if line.spent_pence > line.planned_pence else "less"
        message = (
            f"You spent {pounds(abs(line.difference))} {more} on {line.item} than planned. "
            f"Enter the reason, as it is over {DIFFERENCE_PERCENT}%"
        )
        yield Problem(ReportSection.SPENDING, f"{name}-reason", message, missing=False)
    if count_characters(line.reason) > LONGEST_LINE_REASON:
        message = f"The reason must be {some(LONGEST_LINE_REASON, 'character')} or fewer"
        yield Problem(ReportSection.SPENDING, f"{name}-reason", message, missing=False)


def _story(told: Told) -> Iterator[Problem]:
    yield from _too_long(ReportSection.STORY, "story", "the story", told.story, STORY_WORDS)
    if told.story and not told.story_consent:
        yield Problem(
            ReportSection.STORY, "story_consent", "Confirm that the story may be published, or leave the story out"
        )


def _too_long(section: ReportSection, field: str, thing: str, text: str, most: int) -> Iterator[Problem]:
    if (count := count_words(text)) > most:
        start = thing[:1].upper() + thing[1:]
        yield Problem(section, field, f"{start} must be {some(most, 'word')} or fewer. It has {count:,}", missing=False)
