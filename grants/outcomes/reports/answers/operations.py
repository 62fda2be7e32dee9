"""The office's verbs of a report: give more time, accept or return it, and settle what was not spent.

Each takes `seen`, the version of the report that the person looked at, and raises LostUpdate where it
changed since; amounts are pence. The verb that leaves nothing to do completes the award.
"""

from __future__ import annotations

from datetime import date

from grants.accounts.models import Person
from grants.awards.entries import operations as awards
from grants.awards.models import Award
from grants.awards.offers import operations as offers
from grants.foundation.records import audit
from grants.foundation.records.db import LostUpdate, Refused, transaction
from grants.foundation.records.lifecycle import take_step
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence, pounds
from grants.foundation.values.words import count_characters
from grants.outcomes.acts import OutcomeAct
from grants.outcomes.reports import letters, queries, rules
from grants.outcomes.reports.drafts.operations import make_report, step
from grants.outcomes.reports.models import LONGEST_ANSWER, Report, ReportAnswer, ReportStatus
from grants.outcomes.reports.rules import ReportCase


class TooMuch(Refused):
    """More would have come back than is outstanding."""


UNOPENED = 1
"""The version of a report that its group has not begun."""


def version_of(case: ReportCase) -> int:
    """The version that the office's forms carry."""
    return case.report.version if case.report else UNOPENED


def extend(*, person: Person, award: Award, seen: int, due_on: date, reason: str) -> Report:
    """Give the group more time, also when the day has passed, and tell it. Raises Refused and LostUpdate."""
    words = _words(reason, "Give the reason: the group reads it.")
    with transaction():
        case = queries.locked_case(award.id)
        rules.can_extend(person, case).or_refuse()
        _expect(case, seen)
        report = case.report or make_report(case, actor=person.actor)
        if due_on <= report.due_on:
            raise Refused("The new day must be later than the day that it replaces.")
        step(report, "extend")
        report.due_on = due_on
        _record(person, case, OutcomeAct.EXTEND_REPORT, report, reason=("", words))
        letters.extended(case, due_on, words)
        return report


def answer(*, person: Person, award: Award, seen: int, accepts: bool, words: str = "") -> Report:
    """Accept the version that was sent last, or return it with what to change; the group is told.

    Raises Refused and LostUpdate.
    """
    text = words.strip() if accepts else _words(words, "Write what the group should change.")
    _fits(text)
    with transaction() as session:
        case = queries.locked_case(award.id)
        rules.can_answer(person, case).or_refuse()
        _expect(case, seen)
        report = _report(case)
        submission = queries.last_version(report)
        assert submission is not None  # noqa: S101 - it was sent
        step(report, "accept" if accepts else "return")
        now = clock.now()
        report.accepted_at = now if accepts else None
        session.add(
            ReportAnswer(
                submission_id=submission.id,
                outcome=ReportStatus.ACCEPTED if accepts else ReportStatus.RETURNED,
                words=text,
                answered_at=now,
                answered_by_id=person.id,
            )
        )
        _record(
            person, case, OutcomeAct.ACCEPT_REPORT if accepts else OutcomeAct.RETURN_REPORT, report, words=("", text)
        )
        if accepts:
            letters.accepted(case, text)
        else:
            letters.returned(case, text)
        _complete_if_done(person, case)
        return report


def record_repayment(
    *, person: Person, award: Award, seen: int, amount: Pence, arrived_on: date, bank_reference: str = ""
) -> Report:
    """Record what came back of the unspent money, on the day on which it arrived. Raises Refused and LostUpdate."""
    with transaction():
        case = queries.locked_case(award.id)
        rules.can_record_repayment(person, case).or_refuse()
        _expect(case, seen)
        report, most = _report(case), case.money.outstanding
        if amount > most:
            raise TooMuch(f"The amount that came back must be {pounds(most)} or less: no more is outstanding")
        awards.record_repayment(
            actor=person.actor,
            award=case.award,
            amount=amount,
            effective=Day.exactly(arrived_on),
            reason=f"Unspent, report of {case.award.reference}",
            bank_reference=bank_reference,
        )
        take_step(rules.REPORT_STEPS, ReportStatus(report.status), "record repayment", thing="report")
        report.version += 1
        _record(person, case, OutcomeAct.SETTLE_REPORT, report, repaid_pence=(None, amount))
        letters.repaid(case, amount)
        _complete_if_done(person, case)
        return report


def waive(*, person: Person, award: Award, seen: int, reason: str) -> Report:
    """Let the group keep what is outstanding, within what the round allows. Raises Refused and LostUpdate."""
    words = _words(reason, "Give the reason: the records keep it for good.")
    with transaction():
        case = queries.locked_case(award.id)
        rules.can_waive(person, case).or_refuse()
        _expect(case, seen)
        report = _report(case)
        step(report, "waive")
        report.waived_pence, report.waived_reason = case.money.outstanding, words
        _record(person, case, OutcomeAct.WAIVE_REPAYMENT, report)
        letters.waived(case, report.waived_pence)
        _complete_if_done(person, case)
        return report


def close(*, person: Person, award: Award, seen: int) -> Report:
    """Complete the award where the last thing to do was done elsewhere, like its last payment. Raises Refused."""
    with transaction():
        case = queries.locked_case(award.id)
        rules.can_close(person, case).or_refuse()
        _expect(case, seen)
        report = _report(case)
        step(report, "close")
        _record(person, case, OutcomeAct.CLOSE_REPORT, report)
        _complete_if_done(person, case)
        return report


def _complete_if_done(person: Person, case: ReportCase) -> None:
    """The end of the award: asked of the case as the deed has just made it."""
    if rules.is_done(case):
        offers.complete(
            actor=person.actor, award=case.award, reason="Its report is accepted, and nothing must come back."
        )


def _report(case: ReportCase) -> Report:
    assert case.report is not None  # noqa: S101 - a rule has looked
    return case.report


def _expect(case: ReportCase, seen: int) -> None:
    if seen != version_of(case):
        raise LostUpdate(seen, version_of(case))


def _words(text: str, missing: str) -> str:
    tidy = text.strip()
    if not tidy:
        raise Refused(missing)
    _fits(tidy)
    return tidy


def _fits(text: str) -> None:
    if count_characters(text) > LONGEST_ANSWER:
        raise Refused(f"Shorten the text to {LONGEST_ANSWER:,} characters or fewer.")


def _record(
    person: Person, case: ReportCase, verb: OutcomeAct, report: Report, **changes: tuple[object, object]
) -> None:
    audit.record(
        actor=person.actor,
        verb=verb,
        thing=report,
        reference=case.award.reference,
        changes={**audit.diff(report), **changes},
    )
