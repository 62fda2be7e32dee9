"""The verbs of a report: what the group writes, what the office answers, and what comes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.models import Bar
from grants.awards.entries import operations as awards
from grants.awards.models import Award, AwardSnapshot, AwardStatus, LedgerEntry
from grants.foundation.records import audit, held
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import LostUpdate, Refused, db, transaction
from grants.foundation.records.drafts import Incomplete
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values import clock as time
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.outcomes.reports import queries, rules
from grants.outcomes.reports.answers import operations as judging
from grants.outcomes.reports.drafts import operations
from grants.outcomes.reports.drafts.operations import Spent
from grants.outcomes.reports.models import Report, ReportAnswer, ReportStatus, ReportSubmission
from grants.outcomes.reports.rules import ReportCase
from tests.support import factories
from tests.support import outcomes_factories as make

S = ReportStatus
NOON = date(2026, 11, 22)


@pytest.fixture
def award(clock: Any, app: Any) -> Award:
    return make.paid_award()


@pytest.fixture
def member(award: Award) -> Person:
    return make.member_of(award)


def _case(award: Award) -> ReportCase:
    found = queries.case_of(award.reference)
    assert found is not None
    return found


def _report(award: Award) -> Report:
    report = _case(award).report
    assert report is not None
    return report


def _verbs(about: str) -> list[str]:
    return list(db.session.scalars(select(AuditLine.verb).where(AuditLine.reference == about).order_by(AuditLine.id)))


def _mail(purpose: str) -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == purpose)))


# Due


def test_report_is_due_so_many_days_after_the_end_of_the_project(award: Award) -> None:
    assert _case(award).due_on == date(2027, 7, 30)


def test_round_says_how_many_days(clock: Any, app: Any) -> None:
    a_round = factories.open_round(report_days=10)

    award = make.paid_award(in_round=a_round)

    assert _case(award).due_on == date(2027, 7, 10)


def test_nothing_is_due_before_something_is_paid(clock: Any, app: Any) -> None:
    award = make.accepted_award()
    assert _case(award).due_on is None
    with pytest.raises(Refused, match="Nothing of this award is paid yet"):
        operations.open_report(person=make.member_of(award), award=award)

    make.pay(award, 100_000)

    assert _case(award).due_on == date(2027, 7, 30)
    operations.open_report(person=make.member_of(award), award=award)


def test_overdue_report_can_still_be_written_and_sent(clock: Any, award: Award) -> None:
    clock.move_to(time.start_of_day(date(2027, 7, 31)))
    assert rules.is_overdue(_case(award), time.today())

    make.sent_report(award)

    assert not rules.is_overdue(_case(award), time.today())


# Writing


def test_open_takes_the_lines_of_the_frozen_bid(award: Award, member: Person) -> None:
    report = operations.open_report(person=member, award=award)

    assert [(line.item, line.asked_pence, line.spent_pence) for line in report.lines] == [
        ("Session workers", 400_000, None),
        ("Hall", 200_000, None),
    ]
    assert operations.open_report(person=member, award=award) is report
    assert _verbs(award.reference).count("open report") == 1


def test_each_section_has_its_own_version(award: Award, member: Person) -> None:
    make.draft_report(award, member)
    deed: dict[str, Any] = {"person": member, "award": award}

    with pytest.raises(LostUpdate):
        operations.save_people(**deed, seen=1, people_helped=1, people_estimated=False, volunteers=1, sessions=1)
    with pytest.raises(LostUpdate):
        operations.save_story(**deed, seen=1, story="Another.", story_consent=True)
    operations.save_story(**deed, seen=1, story="A boy found friends.", story_consent=True)
    assert _report(award).people_helped == 72


def test_spending_adds_up(award: Award, member: Person) -> None:
    make.draft_report(award, member)

    case = _case(award)

    assert (case.money.paid, case.money.spent, case.money.unspent) == (540_000, 520_000, 20_000)


def test_spending_with_other_lines_is_refused(award: Award, member: Person) -> None:
    from grants.foundation.records.drafts import fingerprint
    from grants.outcomes.reports.drafts import contents

    operations.open_report(person=member, award=award)
    seen = fingerprint(contents.spending(_case(award).told))

    with pytest.raises(Refused, match="not complete"):
        operations.save_spending(person=member, award=award, seen=seen, lines=[Spent(Pence(1))], other_money="")


# Sending


def test_submit_freezes_what_was_told(award: Award, member: Person) -> None:
    make.draft_report(award, member)

    submission = operations.submit(person=member, award=award, declared_name="Morgan Member")

    assert submission.sha256 == hashlib.sha256(submission.content.encode()).hexdigest()
    frozen = json.loads(submission.content)
    assert (frozen["version"], frozen["unspent_pence"], frozen["declared_name"]) == (1, 20_000, "Morgan Member")
    assert [line["planned_pence"] for line in frozen["report"]["lines"]] == [360_000, 180_000]
    assert frozen["bid_sha256"] == _case(award).submission.sha256
    mails = _mail("report receipt")
    assert member.email in {mail.to for mail in mails}
    assert all(submission.sha256 in mail.body for mail in mails)
    assert _report(award).status == S.SUBMITTED


def test_submit_twice_is_refused(award: Award, member: Person) -> None:
    make.sent_report(award, member)

    with pytest.raises(Refused, match="with the office"):
        operations.submit(person=member, award=award, declared_name="Morgan Member")

    assert db.session.scalar(select(func.count()).select_from(ReportSubmission)) == 1


def test_submit_without_a_name_is_refused(award: Award, member: Person) -> None:
    make.draft_report(award, member)

    with pytest.raises(Refused, match="full name"):
        operations.submit(person=member, award=award, declared_name=" ")


def test_submit_of_an_empty_report_says_what_is_missing(award: Award, member: Person) -> None:
    operations.open_report(person=member, award=award)

    with pytest.raises(Incomplete) as caught:
        operations.submit(person=member, award=award, declared_name="Morgan Member")

    assert [problem.field for problem in caught.value.problems] == [
        "people_helped",
        "volunteers",
        "sessions",
        "difference",
        "lines-0-spent",
        "lines-1-spent",
    ]


@pytest.mark.parametrize(
    ("spent", "fields"),
    [
        ((360_000, 180_000), []),
        ((396_000, 162_000), ["other_money"]),
        ((396_001, 144_000), ["lines-0-reason", "lines-1-reason", "other_money"]),
        ((0, 0), ["lines-0-reason", "lines-1-reason"]),
    ],
)
def test_line_that_differs_by_more_than_a_tenth_needs_a_reason(
    award: Award, member: Person, spent: tuple[int, int], fields: list[str]
) -> None:
    make.draft_report(award, member, spent=spent)
    the_told = _case(award).told

    assert [problem.field for problem in rules.problems(the_told)] == fields
    assert the_told.unspent_pence == max(0, 540_000 - sum(spent))


# The office's answer


def test_accept_of_a_report_with_all_spent_completes_the_award(award: Award) -> None:
    make.accepted_report(award, spent=(360_000, 180_000))

    assert _report(award).status == S.ACCEPTED
    assert db.session.get_one(Award, award.id).status == AwardStatus.COMPLETE
    assert _verbs(award.reference)[-2:] == ["accept report", "complete award"]
    assert {mail.to for mail in _mail("report accepted")} >= {member.email for member in _members(award)}


def _members(award: Award) -> list[Person]:
    return [row.person for row in award.organisation.memberships]


def test_return_keeps_the_version_and_lets_the_group_send_another(award: Award, member: Person) -> None:
    report = make.sent_report(award, member)
    officer = factories.officer()

    judging.answer(person=officer, award=award, seen=report.version, accepts=False, words="Say more of the hall.")
    assert _report(award).status == S.RETURNED
    assert "Say more of the hall." in _mail("report returned")[0].body
    operations.submit(person=member, award=award, declared_name="Morgan Member")
    judging.answer(person=officer, award=award, seen=_report(award).version, accepts=True)

    first, second = queries.versions_of(_report(award))
    assert (first.number, second.number) == (1, 2)
    assert first.answer is not None
    assert (first.answer.outcome, first.answer.words) == ("returned", "Say more of the hall.")
    assert second.answer is not None
    assert second.answer.outcome == "accepted"


def test_return_without_words_is_refused(award: Award) -> None:
    report = make.sent_report(award)

    with pytest.raises(Refused, match="what the group should change"):
        judging.answer(person=factories.officer(), award=award, seen=report.version, accepts=False, words=" ")


def test_answer_to_another_version_than_was_read_is_refused(award: Award, member: Person) -> None:
    report = make.sent_report(award, member)
    read = report.version
    officer = factories.officer()
    judging.answer(person=officer, award=award, seen=read, accepts=False, words="More.")
    operations.submit(person=member, award=award, declared_name="Morgan Member")

    with pytest.raises(LostUpdate):
        judging.answer(person=officer, award=award, seen=read, accepts=True)

    assert _report(award).status == S.SUBMITTED


# More time


def test_extend_works_after_the_day_and_tells_the_group(clock: Any, award: Award, member: Person) -> None:
    clock.move_to(time.start_of_day(date(2027, 8, 30)))

    judging.extend(
        person=factories.officer(), award=award, seen=1, due_on=date(2027, 9, 30), reason="The hall was shut."
    )

    assert _case(award).due_on == date(2027, 9, 30)
    assert not rules.is_overdue(_case(award), time.today())
    (mail, *_) = _mail("report extension")
    assert "The hall was shut." in mail.body
    assert "30\xa0September\xa02027" in mail.body


def test_extend_to_an_earlier_day_or_without_a_reason_is_refused(award: Award) -> None:
    officer = factories.officer()
    with pytest.raises(Refused, match="later than"):
        judging.extend(person=officer, award=award, seen=1, due_on=date(2027, 7, 30), reason="So.")
    with pytest.raises(Refused, match="Give the reason"):
        judging.extend(person=officer, award=award, seen=1, due_on=date(2027, 9, 30), reason="")
    assert _case(award).report is None


# What comes back


def _repay(award: Award, amount: int, *, person: Person | None = None, seen: int | None = None) -> Report:
    return judging.record_repayment(
        person=person or factories.finance_officer(),
        award=award,
        seen=seen or _report(award).version,
        amount=Pence(amount),
        arrived_on=time.today(),
    )


def test_unspent_money_is_repaid_and_completes_the_award(clock: Any, award: Award) -> None:
    make.accepted_report(award)
    assert _case(award).money.outstanding == 20_000
    assert db.session.get_one(Award, award.id).status == AwardStatus.PAID
    clock.shift(timedelta(days=3))

    _repay(award, 20_000)

    entry = db.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "repayment")).one()
    assert (entry.amount_pence, entry.effective_day) == (-20_000, Day.exactly(NOON + timedelta(days=3)))
    assert entry.reason == f"Unspent, report of {award.reference}"
    snapshot = db.session.get_one(AwardSnapshot, award.id)
    assert (snapshot.awarded_pence, snapshot.paid_pence, snapshot.returned_pence) == (540_000, 540_000, 20_000)
    assert db.session.get_one(Award, award.id).status == AwardStatus.COMPLETE
    assert "Nothing more must come back." in _mail("report repayment")[0].body


def test_part_of_it_leaves_the_rest_outstanding(award: Award) -> None:
    make.accepted_report(award)

    _repay(award, 5_000)

    assert _case(award).money.outstanding == 15_000
    assert db.session.get_one(Award, award.id).status == AwardStatus.PAID
    _repay(award, 15_000)
    assert db.session.get_one(Award, award.id).status == AwardStatus.COMPLETE


def test_more_than_is_outstanding_is_refused(award: Award) -> None:
    make.accepted_report(award)

    with pytest.raises(Refused, match="must be £200 or less"):
        _repay(award, 20_001)

    assert db.session.scalar(select(func.count()).where(LedgerEntry.kind == "repayment")) == 0


def test_repayment_from_two_tabs_is_one(award: Award) -> None:
    report = make.accepted_report(award)
    seen = report.version
    _repay(award, 5_000, seen=seen)

    with pytest.raises(LostUpdate):
        _repay(award, 5_000, seen=seen)


def test_repayment_on_a_day_to_come_is_refused(award: Award) -> None:
    report = make.accepted_report(award)

    with pytest.raises(Refused, match="future"):
        judging.record_repayment(
            person=factories.finance_officer(),
            award=award,
            seen=report.version,
            amount=Pence(1),
            arrived_on=time.today() + timedelta(days=1),
        )


def test_small_amount_is_waived_with_a_reason(award: Award) -> None:
    report = make.accepted_report(award, spent=(359_000, 179_000))

    judging.waive(person=factories.officer(), award=award, seen=report.version, reason="Not worth a transfer.")

    assert _report(award).waived_pence == 2_000
    assert db.session.get_one(Award, award.id).status == AwardStatus.COMPLETE
    assert db.session.scalar(select(func.count()).where(LedgerEntry.kind == "repayment")) == 0


def test_waive_above_the_limit_of_the_round_is_refused(award: Award) -> None:
    report = make.accepted_report(award)

    with pytest.raises(Refused, match="up to £25 may be let go, and £200 is outstanding"):
        judging.waive(person=factories.officer(), award=award, seen=report.version, reason="No.")


def test_last_payment_after_the_report_leaves_closing_to_an_officer(clock: Any, app: Any) -> None:
    award = make.accepted_award()
    make.pay(award, 500_000)
    made = _paid_in_part(award)
    with pytest.raises(Refused, match="Not all of this award is paid"):
        judging.close(person=factories.officer(), award=award, seen=made.version)

    make.pay(award, 40_000)
    judging.close(person=factories.officer(), award=award, seen=made.version)

    assert db.session.get_one(Award, award.id).status == AwardStatus.COMPLETE


def _paid_in_part(award: Award) -> Report:
    """A report that says that all of the award was spent, when £400 of it is still to be paid."""
    from grants.foundation.records.drafts import fingerprint
    from grants.outcomes.reports.drafts import contents

    member = make.member_of(award)
    report = make.draft_report(award, member, spent=(360_000, 180_000))
    lines = [Spent(line.spent_pence) for line in report.lines]
    operations.save_spending(
        person=member,
        award=award,
        seen=fingerprint(contents.spending(_case(award).told)),
        lines=lines,
        other_money="Our own, until the last payment.",
    )
    operations.submit(person=member, award=award, declared_name=member.name)
    return judging.answer(person=factories.officer(), award=award, seen=report.version, accepts=True)


# Who may do what, and when


VERBS: dict[str, Callable[[Person, Award], Any]] = {
    "open": lambda person, award: operations.open_report(person=person, award=award),
    "save": lambda person, award: operations.save_story(
        person=person, award=award, seen=1, story="", story_consent=False
    ),
    "submit": lambda person, award: operations.submit(person=person, award=award, declared_name="Me"),
    "extend": lambda person, award: judging.extend(
        person=person, award=award, seen=1, due_on=date(2028, 1, 1), reason="So."
    ),
    "answer": lambda person, award: judging.answer(
        person=person, award=award, seen=_report(award).version, accepts=True
    ),
    "repay": lambda person, award: _repay(award, 1_000, person=person),
    "waive": lambda person, award: judging.waive(person=person, award=award, seen=_report(award).version, reason="So."),
    "close": lambda person, award: judging.close(person=person, award=award, seen=_report(award).version),
}
WHO = {
    "extend": Role.OFFICER,
    "answer": Role.OFFICER,
    "waive": Role.OFFICER,
    "close": Role.OFFICER,
    "repay": Role.FINANCE,
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_other_role_is_refused(award: Award, verb: str) -> None:
    make.accepted_report(award)
    before = db.session.scalar(select(func.count()).select_from(AuditLine))
    people = [factories.person(role) for role in Role if role != WHO.get(verb)]
    people += [factories.applicant(), make.member_of(award)]
    if verb in {"open", "save", "submit"}:
        people.pop()

    for person in people:
        with pytest.raises(Refused):
            VERBS[verb](person, award)

    assert db.session.scalar(select(func.count()).select_from(AuditLine)) == before


@pytest.mark.parametrize("verb", ["answer", "repay", "waive", "close", "extend"])
def test_officer_of_the_group_and_one_with_an_interest_are_refused(award: Award, verb: str) -> None:
    make.sent_report(award) if verb == "answer" else make.accepted_report(award)
    own = factories.person(*Role, member_of=award.organisation)
    barred = factories.person(*Role)
    with transaction() as session:
        session.add(Bar(application_id=award.application_id, person_id=barred.id, barred_at=time.now()))

    for person in (own, barred):
        with pytest.raises(Refused):
            VERBS[verb](person, award)
    assert not rules.can_view(barred, _case(award))


STATES: dict[str, Callable[[Award], Any]] = {
    "draft": make.draft_report,
    "submitted": make.sent_report,
    "accepted": make.accepted_report,
}
ALLOWED = {
    "draft": {"open", "save", "submit", "extend"},
    "submitted": {"open", "answer"},
    "accepted": {"open", "repay"},
}


@pytest.mark.parametrize("state", STATES)
def test_wrong_order_is_refused(award: Award, state: str) -> None:
    STATES[state](award)
    people: dict[str, Person] = {"group": make.member_of(award)}
    officer, finance = factories.officer(), factories.finance_officer()
    before = _report(award).status

    for verb in VERBS.keys() - ALLOWED[state]:
        person = finance if verb == "repay" else officer if verb in WHO else people["group"]
        with pytest.raises(Refused):
            VERBS[verb](person, award)

    assert _report(award).status == before


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_happens_to_the_report_of_a_withdrawn_award(award: Award, verb: str) -> None:
    make.accepted_report(award)
    awards.withdraw(actor=factories.TESTS, award=award, effective=Day.exactly(time.today()), reason="It never began.")
    person = factories.finance_officer() if verb == "repay" else factories.officer()
    who = make.member_of(award) if verb not in WHO else person

    with pytest.raises(Refused):
        VERBS[verb](who, award)


# The database


def test_what_was_sent_and_answered_cannot_be_changed(award: Award) -> None:
    make.accepted_report(award)

    for statement in (
        update(ReportSubmission).values(content="{}"),
        update(ReportAnswer).values(words="No."),
        text("DELETE FROM report_submissions"),
    ):
        with pytest.raises(DBAPIError, match="append-only"), transaction() as session:
            session.connection().execute(statement)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"status": "lost", "accepted_at": None}, "status_is_known"),
        ({"people_helped": -1}, "people_helped_in_range"),
        ({"volunteers": -1}, "volunteers_in_range"),
        ({"sessions": -1}, "sessions_in_range"),
        ({"spent_pence": -1}, "spent_pence_in_range"),
        ({"submitted_at": None}, "has_submission_unless_draft"),
        ({"accepted_at": None}, "has_day_if_accepted"),
        ({"waived_pence": 5}, "has_reason_if_waived"),
        ({"status": "submitted", "accepted_at": None, "waived_pence": 5, "waived_reason": "x"}, "accepted_if_waived"),
    ],
)
def test_report_that_must_not_be_is_refused_by_the_database(award: Award, values: dict[str, Any], name: str) -> None:
    make.accepted_report(award)

    with pytest.raises(IntegrityError, match=name), transaction() as session:
        session.connection().execute(update(Report).values(**values))


def test_award_has_one_report_of_each_number(award: Award, member: Person) -> None:
    report = operations.open_report(person=member, award=award)

    with pytest.raises(IntegrityError), transaction() as session:
        session.add(
            Report(award_id=award.id, status=S.DRAFT, due_on=report.due_on, made_at=time.now(), saved_at=time.now())
        )


def test_number_of_a_report_that_cannot_be_is_refused_by_the_database(award: Award) -> None:
    with pytest.raises(IntegrityError, match="number_in_range"), transaction() as session:
        session.add(Report(award_id=award.id, number=0, due_on=time.today(), made_at=time.now(), saved_at=time.now()))


def test_round_waits_for_its_reports_between_a_day_and_a_year(app: Any) -> None:
    a_round = factories.open_round()

    for days in (0, 366):
        with pytest.raises(IntegrityError, match="report_days_in_range"), transaction() as session:
            session.get_one(type(a_round), a_round.id).report_days = days


def test_every_deed_stands_in_the_audit_trail(award: Award) -> None:
    make.accepted_report(award)
    _repay(award, 20_000)

    assert [verb for verb in _verbs(award.reference) if "report" in verb or verb == "complete award"] == [
        "open report",
        "save people of report",
        "save difference of report",
        "save spending of report",
        "save story of report",
        "submit report",
        "accept report",
        "settle report",
        "complete award",
    ]
    assert audit.verify().broken is None


def test_audit_lines_hold_what_changed(award: Award) -> None:
    make.accepted_report(award)

    fields = {
        line.verb: json.loads(line.digests).keys() - {held.ROWS}
        for line in db.session.scalars(select(AuditLine).where(AuditLine.reference == award.reference))
    }

    assert fields["submit report"] == {"status", "submitted_at"}
    assert fields["accept report"] == {"status", "accepted_at", "words"}
