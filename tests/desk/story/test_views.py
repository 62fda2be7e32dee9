"""One grant's whole story on one page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.models import Bar
from grants.awards.entries import operations
from grants.desk.story import queries, rules
from grants.desk.story.contents import Story, tell
from grants.foundation.records import audit
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import db, is_postgresql, transaction
from grants.foundation.values import clock as time
from grants.foundation.values.days import Day
from tests.support import award_factories, factories, life
from tests.support.client import Client
from tests.support.life import Life

SignIn = Callable[[Any], Client]

WHOLE = [
    "Started the application",
    "Wrote the application",
    "Submitted the application",
    "Asked the group a question",
    "Answered the office’s question",
    "Checked it against the rules of the round",
    *["Said whether they have an interest", "Wrote scores, not yet locked", "Locked their scores"] * 3,
    "Recommended it to the decision maker",
    "Decided it",
    "Entered the award in the ledger",
    "Offered the award to the group",
    "Signed the decision notice DN-2026-0001",
    "Accepted the offer",
    "Gave bank details",
    "Gave proof of the bank details",
    "Had the bank details shown",
    "Opened the proof of the bank details",
    "Verified the bank details",
    "Committed an amount to a payment",
    "Prepared the batch",
    "Approved the batch",
    "Downloaded the payment file (XLSX)",
    "Recorded the payment",
    "Found the batch reconciled",
    "Took in a return file of the bank",
    "Began the report",
    "Wrote the report",
    "Sent the report",
    "Asked for changes of the report",
    "Sent the report",
    "Accepted the report",
    "Recorded that money came back",
    "Held the repayment against the report",
    "Completed the award",
]


@pytest.fixture
def grant(clock: Any, app: Any) -> Life:
    return life.whole_life(clock)


def _told(grant: Life, person: Person) -> Story:
    subject = queries.subject_of(person, grant.reference)
    assert subject is not None
    trail = queries.trail_of(subject)
    visibility = rules.visibility_of(person, subject.application, subject.sheet)
    kept = queries.kept_of(trail)
    return tell(
        subject, visibility, trail, queries.beside(subject), wrong=queries.what_is_wrong(trail, kept), kept=kept
    )


def _deeds(story: Story) -> list[str]:
    """What was done, without the letters and the number of the batch."""
    return [item.what.partition(" B-")[0] for item in story.items if item.lines]


def test_story_of_a_whole_life_names_every_step_in_its_order(grant: Life) -> None:
    assert _deeds(_told(grant, factories.auditor())) == WHOLE


def test_story_says_what_each_deed_came_to(grant: Life) -> None:
    items = _told(grant, factories.auditor()).items
    said = [(item.what, item.details[0]) for item in items if item.lines and item.details]

    assert ("Checked it against the rules of the round", "It may go on to the panel.") in said
    assert said.count(("Said whether they have an interest", "They have none.")) == 3
    assert ("Decided it", "Approved: £5,400.00") in said


def test_letters_stand_after_the_deed_that_sent_them(grant: Life) -> None:
    what = [item.what for item in _told(grant, factories.auditor()).items]

    for deed, letter in (
        ("Asked the group a question", "Letter: A question about"),
        ("Signed the decision notice", "Letter: Your application"),
        ("Verified the bank details", "Letter: The bank details"),
        ("Took in a return file", "Letter: We have paid £5,400"),
    ):
        after = [at for at, one in enumerate(what) if one.startswith(letter)]
        assert after, (letter, [one for one in what if one.startswith("Letter")])
        assert after[0] > max(at for at, one in enumerate(what) if one.startswith(deed)), letter


def test_letters_about_the_money_are_for_those_who_see_the_payments(grant: Life) -> None:
    for person, sees in ((factories.officer(), False), (factories.finance_officer(), True)):
        letters = [item.what for item in _told(grant, person).items if item.what.startswith("Letter: We have paid")]
        assert bool(letters) == sees


def test_story_adds_up_at_its_foot(grant: Life) -> None:
    story = _told(grant, factories.auditor())

    assert story.columns == ["asked", "recommended", "approved", "paid", "returned"]
    assert [story.foot.of(name) for name in story.columns] == [600_000, 550_000, 540_000, 540_000, 20_000]
    snapshot = story.subject.snapshot
    assert snapshot is not None
    assert (story.foot.approved, story.foot.paid, story.foot.returned) == (
        snapshot.awarded_pence,
        snapshot.paid_pence,
        snapshot.returned_pence,
    )


def test_page_has_letters_documents_and_no_bank_details(sign_in: SignIn, grant: Life) -> None:
    page = sign_in(factories.auditor()).get(f"/grants/{grant.reference}/story")

    for words in ("Letter: We have your application", "Letter: Your report on", "Paid and not returned: £5,200.00"):
        assert words in page.main
    links = {str(link["href"]) for link in page.page.select("tbody a")}
    assert {
        f"/applications/{grant.reference}/application.pdf",
        "/decisions/notices/DN-2026-0001/notice.pdf",
        f"/awards/{grant.reference}/agreement.pdf",
        f"/reports/{grant.reference}/versions/1/report.pdf",
        f"/reports/{grant.reference}/versions/2/report.pdf",
    } <= links
    assert page.main.count("SHA-256") >= 6
    for secret in ("012345", "00733445", "3445", "0113 496", grant.applicant.email):
        assert secret not in page.words
    assert "are as they were written" in page.main


def test_every_document_of_the_story_opens_for_whoever_sees_its_link(sign_in: SignIn, grant: Life) -> None:
    for person in (factories.auditor(), factories.officer(), factories.decision_maker(), grant.approver):
        browser = sign_in(person)
        for link in browser.get(f"/grants/{grant.reference}/story").page.select("tbody a"):
            assert browser.get(str(link["href"])).status_code == 200, (person.name, link["href"])


def test_roles_see_what_they_see_elsewhere(grant: Life) -> None:
    officer, maker = _deeds(_told(grant, factories.officer())), _deeds(_told(grant, factories.decision_maker()))
    finance = _deeds(_told(grant, grant.approver))

    for deeds in (officer, maker):
        assert "Locked their scores" in deeds
        assert "Verified the bank details" not in deeds
        assert "Recorded the payment" in deeds
    assert "Verified the bank details" in finance
    for words in ("Locked their scores", "Started the application", "Recommended it to the decision maker"):
        assert words not in finance


def test_whoever_can_still_score_sees_no_scores(clock: Any, app: Any) -> None:
    grant = life.begin()
    life.apply(grant)
    from grants.review.checks import operations as checks
    from grants.review.scores import operations as scores

    checks.check(person=grant.officer, application=grant.application, passed=True)
    scores.declare(person=grant.panel[0], application=grant.application, has_conflict=False)
    both = factories.person(Role.OFFICER, Role.PANEL)

    assert "Said whether they have an interest" not in _deeds(_told(grant, both))
    assert "Said whether they have an interest" in _deeds(_told(grant, factories.officer()))


def test_story_is_not_there_for_others(sign_in: SignIn, grant: Life) -> None:
    barred = factories.auditor()
    with transaction() as session:
        session.add(Bar(application_id=grant.application.id, person_id=barred.id, barred_at=time.now()))
    own = factories.person(*Role, member_of=grant.group)

    for person in (grant.applicant, factories.applicant(), grant.panel[0], factories.administrator(), barred, own):
        browser = sign_in(person)
        for ending in ("", ".json", ".csv"):
            assert browser.get(f"/grants/{grant.reference}/story{ending}").status_code == 404


def test_draft_is_for_the_auditor_alone(sign_in: SignIn, clock: Any, app: Any) -> None:
    where = f"/grants/{life.begin().reference}/story"

    assert "Started the application" in sign_in(factories.auditor()).get(where).main
    for person in (factories.officer(), factories.decision_maker(), factories.finance_officer()):
        assert sign_in(person).get(where).status_code == 404


def test_story_of_a_withdrawn_award_comes_to_nothing(clock: Any, app: Any) -> None:
    grant = life.begin()
    for stage in life.STAGES[:3]:
        stage(grant)
    award_factories.withdraw(grant.award)

    story = _told(grant, factories.auditor())

    assert _deeds(story)[-1] == "Withdrew the award"
    assert [story.foot.of(name) for name in ("asked", "approved")] == [600_000, 0]
    assert story.foot.paid is None


def test_story_of_a_declined_bid_ends_with_its_notice(clock: Any, app: Any) -> None:
    reader = factories.officer()
    bid = factories.decision(outcome="declined").application
    subject = queries.subject_of(reader, bid.reference)

    assert subject is not None
    assert subject.award is None
    assert rules.can_read_story(reader, subject.application, subject.award)
    assert not rules.can_read_story(factories.finance_officer(), subject.application, subject.award)


def test_words_that_somebody_typed_stay_words(sign_in: SignIn, clock: Any, app: Any) -> None:
    grant = life.begin()
    for stage in life.STAGES[:3]:
        stage(grant)
    operations.vary(
        actor=factories.TESTS,
        award=grant.award,
        by=-100,
        effective=Day.exactly(time.today()),
        reason="=1+1 <script>alert(1)</script>",
    )
    browser = sign_in(factories.auditor())

    page = browser.get(f"/grants/{grant.reference}/story")
    text_of_file = browser.get(f"/grants/{grant.reference}/story.csv").get_data(as_text=True)

    assert "=1+1 <script>alert(1)</script>" in page.main
    assert not [script for script in page.page.select("main script") if "alert" in script.get_text()]
    assert not [line for line in text_of_file.splitlines() if line.startswith("=")]


def test_files_hold_every_line_with_its_hash(sign_in: SignIn, grant: Life) -> None:
    import hashlib

    from grants.foundation.documents.pdf import canonical

    browser = sign_in(factories.auditor())

    found = json.loads(browser.get(f"/grants/{grant.reference}/story.json").data)
    content = browser.get(f"/grants/{grant.reference}/story.csv").get_data(as_text=True).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(content)))

    story = found["story"]
    assert found["sha256"] == hashlib.sha256(canonical(story).encode()).hexdigest()
    assert story["sums_pence"] == {
        "asked": 600_000,
        "recommended": 550_000,
        "approved": 540_000,
        "paid": 540_000,
        "returned": 20_000,
    }
    hashes = {line.id: line.hash for line in db.session.scalars(db.select(AuditLine))}
    lines = [line for item in story["items"] for line in item["audit_lines"]]
    assert all(hashes[line["number"]] == line["hash"] for line in lines)
    assert len(rows) == len(story["items"])
    assert sum(float(row["Approved (£)"] or 0) for row in rows) == 5400.0
    assert sum(float(row["Returned (£)"] or 0) for row in rows) == 200.0


def test_trail_of_a_whole_life_verifies(grant: Life) -> None:
    verdict = audit.verify()

    assert verdict.broken is None
    assert verdict.lines > len(WHOLE)


def test_submitting_leaves_its_changes_in_the_trail(grant: Life) -> None:
    line = db.session.scalars(db.select(AuditLine).where(AuditLine.verb == "submit application")).one()

    assert {"status", "submitted_at", "declared_name"} <= set(json.loads(line.digests))


BEHIND = {
    "a line": ("UPDATE audit_lines SET why = 'nothing' WHERE id = :id", "its content was changed"),
    "its hash": ("UPDATE audit_lines SET previous = hash WHERE id = :id", "it does not follow the line before it"),
    "a kept value": ("UPDATE history_values SET after = 'other' WHERE line_id = :id", "the kept value of"),
}


@pytest.mark.parametrize("what", BEHIND)
def test_change_behind_the_trail_is_found(sign_in: SignIn, grant: Life, what: str) -> None:
    statement, reason = BEHIND[what]
    number = db.session.scalars(
        db.select(AuditLine.id).where(AuditLine.verb == "submit application", AuditLine.reference == grant.reference)
    ).one()
    with transaction() as session:
        _without_triggers(session)
        session.execute(text(statement), {"id": number})

    verdict = audit.verify()
    page = sign_in(factories.auditor()).get(f"/grants/{grant.reference}/story")

    assert verdict.broken == number
    assert verdict.reason.startswith(reason)
    assert "Something was changed behind the trail’s back" in page.main
    assert f"Line {number}: {reason}" in page.main


def _without_triggers(session: Any) -> None:
    """What somebody with the rights of the database's owner could do."""
    if is_postgresql():
        session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        session.execute(text("DROP TRIGGER IF EXISTS audit_lines_no_update"))


def test_story_asks_for_the_same_whatever_it_holds(sign_in: SignIn, clock: Any, app: Any, count_queries: Any) -> None:
    grant = life.begin()
    browser = sign_in(factories.auditor())
    where = f"/grants/{grant.reference}/story"
    counts = []

    for stage in (None, *life.STAGES):
        if stage is not None:
            stage(grant)
        with count_queries() as asked:
            assert browser.get(where).status_code == 200
        counts.append(asked.count)

    assert counts == [STORY] * 6


STORY = 6
