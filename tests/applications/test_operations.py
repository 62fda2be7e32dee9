"""Starting, saving, submitting and withdrawing an application."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from grants.accounts.models import Organisation, Person
from grants.applications import contents as bids
from grants.applications import queries
from grants.applications.drafts import contents
from grants.applications.drafts import operations as drafts
from grants.applications.drafts.operations import OverLimit
from grants.applications.models import Application, ApplicationStatus, Submission
from grants.applications.submissions import operations as submissions
from grants.foundation.records import held
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import LostUpdate, Refused, db, transaction
from grants.foundation.records.drafts import Incomplete, fingerprint
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values import clock as time
from grants.foundation.values.money import Pence
from grants.funds.models import Round
from tests.support import factories

pytestmark = pytest.mark.usefixtures("app")

S = ApplicationStatus


@pytest.fixture
def group() -> Organisation:
    return factories.organisation("Northside Youth Project")


@pytest.fixture
def person(group: Organisation) -> Person:
    return factories.applicant(group)


@pytest.fixture
def a_round() -> Round:
    return factories.open_round(code="SCF-21")


@pytest.fixture
def draft(person: Person, group: Organisation, a_round: Round) -> Application:
    return factories.application(S.DRAFT, in_round=a_round, organisation=group, by=person)


def _start(person: Person, group: Organisation, a_round: Round) -> Application:
    return drafts.start(person=person, a_round=a_round, organisation_id=group.id)


def _save_project(person: Person, draft: Application, seen: str | None = None, **more: str) -> Application:
    now = contents.project(draft)
    return drafts.save_project(
        person=person, application=draft, seen=fingerprint(now) if seen is None else seen, **{**now, **more}
    )


def _verbs() -> list[str]:
    return list(db.session.scalars(select(AuditLine.verb).order_by(AuditLine.id)))


# Starting


def test_start_gives_a_reference_of_its_round(person: Person, group: Organisation, a_round: Round) -> None:
    application = _start(person, group, a_round)

    assert (application.reference, application.status) == ("SCF-21-0001", S.DRAFT)
    assert _verbs() == ["start application"]


def test_start_from_two_tabs_is_one_application(person: Person, group: Organisation, a_round: Round) -> None:
    assert _start(person, group, a_round).id == _start(person, group, a_round).id
    assert db.session.scalar(select(func.count()).select_from(Application)) == 1


def test_start_again_after_submitting_is_refused(person: Person, group: Organisation, a_round: Round) -> None:
    factories.application(S.SUBMITTED, in_round=a_round, organisation=group, by=person)

    with pytest.raises(Refused, match="applied in this round already"):
        _start(person, group, a_round)


def test_start_again_after_withdrawing(person: Person, group: Organisation, a_round: Round) -> None:
    factories.application(S.WITHDRAWN, in_round=a_round, organisation=group, by=person)

    assert _start(person, group, a_round).status == S.DRAFT


def test_start_twice_where_the_round_allows_two_bids(person: Person, group: Organisation) -> None:
    a_round = factories.open_round(bids_each=2)
    first = _start(person, group, a_round)
    assert _start(person, group, a_round).id == first.id
    _save_project(person, first, title="The first")

    second = _start(person, group, a_round)

    assert second.id != first.id


def test_start_for_another_group_is_refused(person: Person, a_round: Round) -> None:
    other = factories.organisation("Another")

    with pytest.raises(Refused, match="only for a group that you belong to"):
        _start(person, other, a_round)


def test_start_without_a_group_is_refused(group: Organisation, a_round: Round) -> None:
    with pytest.raises(Refused, match="Tell us about your group first"):
        _start(factories.officer(), group, a_round)


def test_start_after_the_closing_time_is_refused(person: Person, group: Organisation, clock: Any) -> None:
    a_round = factories.open_round()
    clock.shift(timedelta(days=28))

    with pytest.raises(Refused, match="closed at"):
        _start(person, group, a_round)


def test_application_of_an_illustrative_round_is_illustrative(person: Person, group: Organisation) -> None:
    a_round = factories.open_round(illustrative=True)

    assert _start(person, group, a_round).illustrative


# Saving


def test_save_keeps_a_text_that_is_too_long(person: Person, draft: Application) -> None:
    long = "word " * 12_000

    _save_project(person, draft, summary=long)

    assert db.session.scalar(select(Application.summary)) == long


def test_save_of_the_same_text_is_no_deed(person: Person, draft: Application) -> None:
    _save_project(person, draft, title=draft.title)

    assert _verbs() == []


def test_save_writes_one_line_with_what_changed(person: Person, draft: Application) -> None:
    _save_project(person, draft, title="Safer evenings")

    line = db.session.scalars(select(AuditLine)).one()
    assert (line.verb, line.reference) == ("save project", draft.reference)
    assert json.loads(line.digests).keys() == {"title", held.ROWS}
    assert "evenings" not in line.why + line.digests


def test_save_over_the_text_of_another_is_a_lost_update(person: Person, draft: Application) -> None:
    seen = fingerprint(contents.project(draft))
    _save_project(person, draft, title="What she wrote")

    with pytest.raises(LostUpdate):
        _save_project(person, draft, seen, title="What he wrote")
    assert db.session.scalar(select(Application.title)) == "What she wrote"


def test_save_of_another_section_is_no_lost_update(person: Person, draft: Application) -> None:
    seen = fingerprint(contents.budget(draft))
    _save_project(person, draft, title="What she wrote")

    drafts.save_budget(person=person, application=draft, seen=seen, lines=[("Hall", Pence(100))])

    assert draft.requested_pence == 100


def test_save_budget_at_the_limit_and_a_penny_above(person: Person, draft: Application) -> None:
    def save(*amounts: int) -> None:
        drafts.save_budget(
            person=person,
            application=draft,
            seen=fingerprint(contents.budget(draft)),
            lines=[(f"Line {at}", Pence(amount)) for at, amount in enumerate(amounts)],
        )

    save(599_999)
    save(300_000, 300_000)

    assert draft.requested_pence == 600_000
    with pytest.raises(OverLimit, match="adds up to £6,000") as refused:
        save(300_000, 300_001)
    assert "£6,000.01" in str(refused.value)
    assert "take off £0.01" in str(refused.value)
    assert db.session.scalar(select(Application.requested_pence)) == 600_000
    save(1)
    db.session.expire_all()
    assert [(line.item, line.amount_pence) for line in draft.budget_lines] == [("Line 0", 1)]


def test_save_aims_keeps_the_order_and_changes_the_primary(person: Person, draft: Application) -> None:
    cse, hate = factories.topic("CSE"), factories.topic("hate crime")

    def save(*topics: int) -> list[str]:
        drafts.save_aims(
            person=person,
            application=draft,
            seen=fingerprint(contents.aims(draft)),
            topic_ids=topics,
            priority_id=draft.priority_id,
        )
        db.session.expire_all()
        return [row.topic.name for row in draft.topics]

    assert save(cse.id, hate.id) == ["CSE", "hate crime"]
    assert save(hate.id, cse.id, hate.id) == ["hate crime", "CSE"]
    assert save(cse.id) == ["CSE"]
    assert save() == []


def test_save_people_replaces_the_districts(person: Person, draft: Application) -> None:
    leeds, bradford = factories.district("Leeds"), factories.district("Bradford")
    for chosen in ([leeds.id, bradford.id], [bradford.id], []):
        drafts.save_people(
            person=person,
            application=draft,
            seen=fingerprint(contents.people(draft)),
            people_helped=10,
            district_ids=chosen,
        )
        db.session.expire_all()

        assert contents.people(draft)["districts"] == sorted(chosen)


def test_save_by_a_stranger_is_refused(draft: Application) -> None:
    for stranger in (factories.applicant(), factories.officer(), factories.auditor()):
        with pytest.raises(Refused, match="Only the group itself"):
            _save_project(stranger, draft, title="Mine")


def test_save_after_the_closing_time_is_refused_by_the_instant_of_arrival(
    person: Person, draft: Application, clock: Any
) -> None:
    closes = draft.round.closes_at
    assert closes is not None
    seen = fingerprint(contents.project(draft))
    clock.move_to(closes + timedelta(seconds=20))

    drafts.save_project(
        person=person, application=draft, seen=seen, title="In time", summary="", at=closes - timedelta(seconds=1)
    )
    with pytest.raises(Refused, match="closed at"):
        _save_project(person, draft, title="Too late")
    assert draft.title == "In time"


# Submitting


def test_submit_freezes_what_was_written_under_its_sha256(person: Person, draft: Application) -> None:
    submission = submissions.submit(person=person, application=draft, declared_name="Alex Applicant")

    assert draft.status == S.SUBMITTED
    assert submission.sha256 == hashlib.sha256(submission.content.encode()).hexdigest()
    frozen = bids.of_submission(submission)
    assert frozen == queries.draft_bid(draft)
    assert frozen.answers[0].question == "Why is the project needed?"
    assert _verbs() == ["submit application"]


def test_submission_cannot_be_changed_or_deleted(person: Person, draft: Application) -> None:
    submissions.submit(person=person, application=draft, declared_name="Alex Applicant")

    for statement in (Submission.__table__.update().values(content="{}"), Submission.__table__.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
            session.connection().execute(statement)


def test_submit_queues_one_receipt_to_who_submitted(person: Person, draft: Application) -> None:
    submission = submissions.submit(person=person, application=draft, declared_name="Alex Applicant")

    mail = db.session.scalars(select(OutboxMessage)).one()
    assert (mail.to, mail.subject) == (person.email, f"We have your application {draft.reference}")
    assert submission.sha256 in mail.body
    assert "£6,000" in mail.body


def test_submit_twice_is_refused_and_sends_one_receipt(person: Person, draft: Application) -> None:
    submissions.submit(person=person, application=draft, declared_name="Alex Applicant")

    with pytest.raises(Refused, match="submitted already"):
        submissions.submit(person=person, application=draft, declared_name="Alex Applicant")
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 1


def test_submit_of_an_empty_draft_names_every_missing_field(
    person: Person, group: Organisation, a_round: Round
) -> None:
    draft = _start(person, group, a_round)

    with pytest.raises(Incomplete) as incomplete:
        submissions.submit(person=person, application=draft, declared_name="Alex Applicant")

    assert [(problem.section, problem.field) for problem in incomplete.value.problems] == [
        ("project", "title"),
        ("project", "summary"),
        ("dates", "starts_on"),
        ("dates", "ends_on"),
        ("people", "people_helped"),
        ("people", "districts"),
        ("aims", "topic"),
        ("aims", "priority"),
        ("questions/question-1", "text"),
        ("questions/question-2", "text"),
        ("budget", "lines-0-item"),
    ]
    assert draft.status == S.DRAFT
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("summary", "word " * 76, "The summary must be 75 words or fewer. It has 76: shorten it by 1 word"),
        ("title", "x" * 121, "The project title must be 120 characters or fewer"),
        ("ends_on", date(2027, 1, 10), "The end date must be on or after the start date"),
        (
            "requested_pence",
            600_001,
            "The budget adds up to £6,000.01. The largest grant in this round is £6,000: take off £0.01",
        ),
    ],
)
def test_submit_refuses_what_does_not_fit(
    person: Person, draft: Application, field: str, value: Any, message: str
) -> None:
    with transaction() as session:
        setattr(session.merge(draft), field, value)

    with pytest.raises(Incomplete) as incomplete:
        submissions.submit(person=person, application=draft, declared_name="Alex Applicant")
    assert [problem.message for problem in incomplete.value.problems] == [message]


def test_a_project_may_last_as_long_as_its_round_says(person: Person, draft: Application) -> None:
    with transaction() as session:
        session.merge(draft.round).most_months = 6
        session.merge(draft).ends_on = date(2027, 7, 11)

    with pytest.raises(Incomplete) as incomplete:
        submissions.submit(person=person, application=draft, declared_name="Alex Applicant")
    assert [problem.message for problem in incomplete.value.problems] == ["The project must last 6 months or less"]
    with transaction() as session:
        session.merge(draft).ends_on = date(2027, 7, 10)
    assert submissions.submit(person=person, application=draft, declared_name="Alex Applicant")


def test_submit_counts_by_the_instant_of_arrival(person: Person, draft: Application, clock: Any) -> None:
    closes = draft.round.closes_at
    assert closes is not None
    clock.move_to(closes + timedelta(seconds=30))

    with pytest.raises(Refused, match="closed at"):
        submissions.submit(person=person, application=draft, declared_name="Alex Applicant")
    submissions.submit(
        person=person, application=draft, declared_name="Alex Applicant", at=closes - timedelta(microseconds=1)
    )
    assert draft.submitted_at == closes - timedelta(microseconds=1)


def test_submit_without_a_name_is_refused(person: Person, draft: Application) -> None:
    with pytest.raises(Refused, match="full name"):
        submissions.submit(person=person, application=draft, declared_name=" ")


# Withdrawing


@pytest.mark.parametrize("status", list(S))
def test_withdraw_is_possible_until_the_decision_is_announced(person: Person, group: Organisation, status: S) -> None:
    application = factories.application(status, organisation=group, by=person)

    if status in {S.DRAFT, S.SUBMITTED, S.ELIGIBLE, S.RECOMMENDED, S.DECIDED}:
        submissions.withdraw(person=person, application=application, why="We have other money.")
        assert application.status == S.WITHDRAWN
        assert _verbs() == ["withdraw application"]
    else:
        with pytest.raises(Refused, match="cannot be withdrawn"):
            submissions.withdraw(person=person, application=application)
        assert application.status == status


def test_withdraw_by_a_stranger_is_refused(draft: Application) -> None:
    with pytest.raises(Refused, match="Only the group itself"):
        submissions.withdraw(person=factories.officer(), application=draft)


def test_the_clock_of_a_draft_is_the_last_save(person: Person, draft: Application, clock: Any) -> None:
    clock.shift(timedelta(hours=3))

    _save_project(person, draft, title="Later")

    assert draft.saved_at == time.now()
