"""The demonstration: that it loads once, shows something everywhere, and says the sentence that must come out right."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from grants.accounts.demo import EMAILS
from grants.accounts.models import Organisation, Person
from grants.accounts.queries import person_by_email
from grants.applications.models import Application, ApplicationDistrict, ApplicationStatus
from grants.awards.models import (
    Award,
    AwardSnapshot,
    AwardStatus,
    DecisionNotice,
    LedgerEntry,
    Offer,
    OfferStatus,
    Variation,
    VariationStatus,
)
from grants.desk.demo import operations as demo
from grants.desk.trail.things import THINGS
from grants.foundation.records.audit import AuditLine, verify
from grants.foundation.records.db import Refused, db
from grants.foundation.records.outbox import MailStatus, OutboxMessage
from grants.foundation.values import clock
from grants.funds.models import District, Round
from grants.funds.queries import open_rounds
from grants.outcomes.reports.models import Report, ReportStatus
from grants.payments.models import BankDetails, BankStatus, Batch, BatchStatus, Payment, PaymentStatus, Reversal
from tests.conftest import Runner
from tests.support import databases
from tests.support.client import Client
from tests.support.kept import kept

SENTENCE = "20 projects tackling CSE were awarded £103,096 through the Safer Communities Fund since 2014"
ASKED = ["outcomes", "statement", "--fund", "SCF", "--topic", "CSE", "--since", "2014-01-01", "--as-at", "2017-05-02"]

ROLE_NAMES = {
    "Applicant",
    "Editor",
    "Reader",
    "Officer",
    "Panel",
    "Decision",
    "Deputy",
    "Finance",
    "Auditor",
    "Administrator",
    "Chairperson",
    "Treasurer",
    "Secretary",
    "Trustee",
    "Volunteer",
    "Coordinator",
    "Manager",
    "Youthworker",
    "Warden",
    "Leader",
    "Organiser",
}
"""The surnames of the demonstration: nobody is called after their work."""


@pytest.fixture(scope="module")
def app(the_app: Flask, database: databases.TestDatabase) -> Iterator[Flask]:
    """The application with the demonstration in it. Loading takes seconds, so all tests here read the same one."""
    database.renew(the_app)
    with the_app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setitem(the_app.config, "DEMO", True)
        kept("demonstration", lambda: _load(the_app))
        yield the_app
        db.session.rollback()


def _load(app: Flask) -> str:
    """Load it by the command; returns what that says."""
    found = Runner(app).invoke(args=["demo", "load", "--if-empty"])
    assert (found.exit_code, found.output) == (0, "The demonstration is loaded.\n")
    return str(found.output)


@pytest.fixture(autouse=True)
def _in_the_demonstration(app: Flask) -> None:
    """Every test here asks for it."""


def test_demonstration_says_the_sentence_with_its_own_awards_in_the_ledger(runner: Runner) -> None:
    text = runner.invoke(args=ASKED)
    found = json.loads(runner.invoke(args=[*ASKED, "--format", "json"]).output)
    assert text.exit_code == 0
    assert SENTENCE in text.output
    assert "illustrative" in text.output
    assert (found["projects"], found["total_pence"], found["illustrative"]) == (20, 10_309_600, 20)

    made_up = db.session.scalars(select(AwardSnapshot.reference).where(AwardSnapshot.illustrative)).all()
    assert len([reference for reference in made_up if reference.startswith("ILL-")]) == 20
    assert not [reference for reference in made_up if reference.startswith("PUB-")]

    today = runner.invoke(args=["outcomes", "statement", "--fund", "SCF", "--format", "json"])
    assert json.loads(today.output)["illustrative"] == 20 + _live_illustrative()


def _live_illustrative() -> int:
    own = AwardSnapshot.reference.startswith("SCF-DEMO-")
    return db.session.scalars(select(func.count()).where(own, AwardSnapshot.is_project)).one()


def test_demonstration_has_applications_in_every_state_and_place_all_marked_as_made_up() -> None:
    bids = db.session.scalars(select(Application)).unique().all()
    places = db.session.scalars(
        select(District.name).join(ApplicationDistrict, ApplicationDistrict.district_id == District.id)
    )
    rounds = dict(db.session.execute(select(Round.code, Round.illustrative).where(Round.opens_at.is_not(None))).all())

    assert len(bids) >= 40
    assert {bid.status for bid in bids} == set(ApplicationStatus)
    assert all(bid.illustrative for bid in bids)
    assert rounds == {"SCF Demo": True, "SCF 21": True}
    assert set(places) == {"Bradford", "Calderdale", "Kirklees", "Leeds", "Wakefield", "West Yorkshire"}
    assert not set(rounds) & {row["round"] for row in _rows("rounds.csv")}
    awards = db.session.scalars(select(AwardSnapshot).where(AwardSnapshot.reference.startswith("SCF-DEMO-"))).all()
    assert len(awards) >= 10
    assert all(award.illustrative for award in awards)


def test_demonstration_has_grants_at_every_step_after_the_decision() -> None:
    def found(column: InstrumentedAttribute[str]) -> set[str]:
        return set(db.session.scalars(select(column)))

    own = AwardSnapshot.reference.startswith("SCF-DEMO-")
    states = set(db.session.scalars(select(Award.status).where(Award.reference.startswith("SCF-DEMO-"))))
    returned = db.session.scalars(select(func.sum(AwardSnapshot.returned_pence)).where(own)).one()

    assert states == set(AwardStatus) - {AwardStatus.AWARDED}
    assert found(Offer.status) == set(OfferStatus) - {OfferStatus.VOID}
    assert found(BankDetails.status) == {BankStatus.GIVEN, BankStatus.VERIFIED, BankStatus.REPLACED}
    assert found(Batch.status) == {BatchStatus.PREPARED, BatchStatus.RECONCILED}
    assert found(Report.status) == {ReportStatus.SUBMITTED, ReportStatus.ACCEPTED}
    assert returned == 12_000 + 9_600
    assert len(db.session.scalars(select(DecisionNotice)).all()) == 2
    assert any(details.held_until and details.held_until > clock.now() for details in _given())


def test_demonstration_has_a_varied_award_and_a_payment_that_came_back_and_was_paid_again() -> None:
    varied = db.session.scalars(select(Variation)).one()
    came_back = db.session.scalars(select(Reversal)).one()
    payments = db.session.scalars(select(Payment).where(Payment.award_id == came_back.payment.award_id)).all()

    assert (varied.state, varied.award.status) == (VariationStatus.IN_FORCE, AwardStatus.PAID)
    assert varied.begun_by_id != varied.judged_by_id
    assert came_back.recorded_by_id != came_back.judged_by_id
    assert sorted(payment.status for payment in payments) == [PaymentStatus.BOUNCED, PaymentStatus.PAID]
    assert came_back.payment.award.status == AwardStatus.PAID


def _given() -> Sequence[BankDetails]:
    return db.session.scalars(select(BankDetails).where(BankDetails.status == BankStatus.GIVEN)).all()


def test_report_of_the_demonstration_is_overdue_and_another_is_due() -> None:
    due = db.session.scalars(
        select(AwardSnapshot.report_due_on)
        .outerjoin(Report, Report.award_id == AwardSnapshot.award_id)
        .where(AwardSnapshot.reference.startswith("SCF-DEMO-"), AwardSnapshot.report_due_on.is_not(None))
        .where(Report.id.is_(None))
        .order_by(AwardSnapshot.report_due_on)
    ).all()

    today = clock.today()
    assert len(due) == 5
    assert due[0] < today <= due[1] <= today + timedelta(days=14)


def test_demonstration_asks_for_less_than_the_limit_and_recommends_close_to_its_pot() -> None:
    closed = db.session.scalars(select(Round).where(Round.code == "SCF Demo")).one()
    [opened] = open_rounds()
    recommended = sum(
        row["recommended"][0] for file in demo.BIDS["closed"] for row in demo.read(file) if "recommended" in row
    )

    assert (opened.fund.code, opened.largest_grant_pence, opened.pot_pence) == ("SCF", 600_000, 20_000_000)
    assert closed.largest_grant_pence == 600_000
    assert 0.9 * (closed.pot_pence or 0) < recommended <= (closed.pot_pence or 0)
    asked = db.session.scalars(select(Application.requested_pence)).all()
    assert max(asked) == 600_000
    assert len({amount % 100 for amount in asked}) > 10


def test_demonstration_names_nobody_and_no_organisation_that_there_is() -> None:
    people = db.session.scalars(select(Person)).all()
    groups = db.session.scalars(select(Organisation).where(Organisation.memberships.any())).unique().all()
    published = {row["organisation"] for row in _rows("awards_published.csv")}

    assert {person.name.split()[-1] for person in people} == ROLE_NAMES
    assert all(person.email.endswith("@example.org") for person in people)
    assert len(groups) >= 30
    assert all(group.name.endswith(" (demonstration)") for group in groups)
    assert not {group.name.removesuffix(" (demonstration)") for group in groups} & published


def test_demonstration_dates_nothing_back_behind_what_stands_before_it_nor_ahead_of_now() -> None:
    """A pretended clock must not make the trail and the ledger say what cannot have been."""
    lines = db.session.scalars(select(AuditLine.at).order_by(AuditLine.id)).all()
    entries = db.session.scalars(select(LedgerEntry.entered_at).order_by(LedgerEntry.id)).all()

    assert lines == sorted(lines)
    assert entries == sorted(entries)
    assert max(lines) < clock.now()
    assert verify().broken is None


def test_demonstration_sends_no_letter_of_its_past() -> None:
    letters = db.session.scalars(select(OutboxMessage)).all()

    assert len(letters) > 30
    assert {letter.status for letter in letters} == {MailStatus.SENT}
    assert all(letter.sent_at == letter.made_at for letter in letters)


WAITING = {
    "applicant": ["Answer a question about SCF-21-", "Report on SCF-DEMO-", "To be submitted by"],
    "applicant2": ["Accept the offer of £5,250 for SCF-DEMO-", "Report on SCF-DEMO-", "To be submitted by"],
    "editor": ["Holme Wood Young People’s Project"],
    "reader": ["Holme Wood Young People’s Project"],
    "officer": [
        "Check SCF-21-",
        "Recommend SCF-DEMO-",
        "Read the report on SCF-DEMO-",
        "Read the answer about SCF-21-",
    ],
    "officer2": ["Check SCF-21-", "Recommend SCF-DEMO-"],
    "panel1": ["Score SCF-DEMO-", "Score SCF-21-"],
    "panel2": ["Score SCF-DEMO-", "Score SCF-21-"],
    "panel3": ["Score SCF-DEMO-", "Score SCF-21-"],
    "panel4": ["Score SCF-DEMO-", "Score SCF-21-"],
    "decision": ["Decide on SCF-DEMO-", "Sign SCF Demo"],
    "deputy": ["Decide on SCF-DEMO-", "Sign SCF Demo"],
    "finance1": ["Verify the bank details of", "Prepare a batch"],
    "finance2": ["Verify the bank details of", "Approve"],
    "auditor": ["The audit trail", "All applications"],
    "admin": ["People and their roles"],
}
"""What each account of the sign-in page finds on its desk."""


@pytest.mark.parametrize("email", EMAILS)
def test_desk_of_every_demonstration_account_has_something_to_do_or_to_read(
    sign_in: Callable[[Person], Client], email: str
) -> None:
    person = person_by_email(email)
    assert person is not None

    page = sign_in(person).get("/desk")

    assert [words for words in WAITING[email.partition("@")[0]] if words not in page.main] == []


def test_trail_of_the_demonstration_tells_of_visits_and_names_everything(sign_in: Callable[[Person], Client]) -> None:
    auditor = person_by_email("auditor@example.org")
    assert auditor is not None
    browser = sign_in(auditor)

    found = [
        browser.get(f"/audit?verb={verb}") for verb in ("sign in", "lock out", "export ranking", "export payments")
    ]
    rows = list(csv.DictReader(io.StringIO(browser.get("/audit.csv").get_data().decode("utf-8-sig"))))

    assert [len(page.rows) for page in found] == [12, 1, 2, 1]
    assert set(db.session.scalars(select(AuditLine.kind).distinct())) <= THINGS.keys()
    assert [row for row in rows if "_" in row["About"] or ":" in row["Who"]] == []


def test_demonstration_loads_once(runner: Runner) -> None:
    before = db.session.scalar(select(func.count(Person.id)))

    with pytest.raises(Refused, match="empty installation"):
        demo.load()
    again = runner.invoke(args=["demo", "load", "--if-empty"])

    assert (again.exit_code, again.output) == (0, "")
    assert db.session.scalar(select(func.count(Person.id))) == before


def test_demonstration_leaves_out_just_the_awards_that_the_illustrative_ones_stand_for() -> None:
    replaced = [
        row["reference"]
        for row in _rows("awards_published.csv")
        if row["fund"] == "SCF"
        and row["topics"].split(";")[0] == "CSE"
        and row["award_date"].removeprefix("by ")[:10] <= "2017-05-02"
    ]

    assert demo.read("demonstration")["replaced_by_illustrative"] == replaced


def _rows(name: str) -> list[dict[str, str]]:
    with (demo.DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
