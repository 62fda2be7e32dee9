"""Signing a notice: by who decides, once, all together; numbered, frozen, and the only way a decision is told."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError, IntegrityError

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.letters import result_letters, send_result
from grants.applications.models import Application, ApplicationStatus
from grants.applications.submissions import operations as applications
from grants.awards.decisions import operations as decisions
from grants.awards.models import (
    MOST_IN_NOTICE,
    Award,
    AwardStatus,
    Decision,
    DecisionNotice,
    LedgerEntry,
    NoticeDecision,
    NoticeYear,
    Offer,
    Outcome,
)
from grants.awards.notices.operations import BadSignature, sign_notice
from grants.foundation.records import office, outbox
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.outbox import MailStatus, OutboxMessage
from grants.foundation.values import clock as time
from grants.foundation.values.money import Pence
from grants.funds.models import Round
from grants.review.ranking.queries import pot_use
from tests.support import factories
from tests.support.decision_factories import announced, sign
from tests.support.factories import TESTS

pytestmark = pytest.mark.usefixtures("app")

S = ApplicationStatus


@pytest.fixture
def a_round(app: Any) -> Round:
    """A round with a pot that two awards exceed."""
    return factories.open_round(code="SCF-21")


def bid_of(a_round: Round, name: str = "", **more: Any) -> Application:
    """A recommended application of a group of its own."""
    group = factories.organisation(name)
    return factories.application(S.RECOMMENDED, in_round=a_round, organisation=group, **more)


def count(model: Any) -> int:
    """How many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def nothing_happened(*bids: Application, status: S = S.DECIDED) -> None:
    """Nothing was announced, awarded or offered, and no letter says so: that of a withdrawal is another."""
    db.session.expire_all()
    assert [bid.status for bid in bids] == [status] * len(bids)
    for model in (DecisionNotice, NoticeDecision, Award, LedgerEntry, Offer, NoticeYear):
        assert count(model) == 0, model
    assert db.session.scalars(select(OutboxMessage.purpose)).all() in ([], ["withdrawal"])


def test_signing_announces_awards_offers_and_writes(a_round: Round, clock: Any) -> None:
    office.set_office(
        actor=TESTS,
        decision_maker="Police and Crime Commissioner",
        department="Community safety",
        legal_power="Police Reform and Social Responsibility Act 2011, section 9",
    )
    yes, no = bid_of(a_round, "Northside Youth"), bid_of(a_round, "Southside Friends")
    approved, declined = factories.decision(yes), factories.decision(no, outcome="declined", reasons="Too vague.")
    clock.shift(timedelta(days=3))

    notice = sign(approved, declined)

    db.session.expire_all()
    assert (yes.status, no.status) == (S.AWARDED, S.DECLINED)
    assert (notice.approved_count, notice.approved_pence, notice.declined_count) == (1, 540_000, 1)
    award = db.session.scalars(select(Award)).one()
    assert (award.reference, award.decision_id, award.application_id) == (yes.reference, approved.id, yes.id)
    assert (award.title, award.purpose, award.reasons, award.conditions) == (
        yes.title,
        yes.summary,
        approved.reasons,
        approved.conditions,
    )
    assert (award.requested_pence, award.award_last) == (600_000, time.today())
    assert award.award_last == time.london(notice.signed_at).date() != time.london(approved.decided_at).date()
    assert [row.topic.name for row in award.topics] == ["CSE"]
    assert [row.district.name for row in award.districts] == ["Leeds"]
    assert [entry.amount_pence for entry in award.entries] == [540_000]
    offer = db.session.scalars(select(Offer)).one()
    assert (offer.award_id, offer.amount_pence, award.status) == (award.id, 540_000, AwardStatus.OFFERED)
    assert count(OutboxMessage) == 2


def test_award_of_an_illustrative_application_is_illustrative(a_round: Round) -> None:
    notice = sign(factories.decision(bid_of(a_round, illustrative=True)))

    assert db.session.scalars(select(Award.illustrative)).one()
    assert json.loads(notice.content)["illustrative"]


# What is in the notice


def test_notice_says_what_the_law_asks_and_is_frozen(a_round: Round) -> None:
    office.set_office(
        actor=TESTS, decision_maker="Police and Crime Commissioner", department="Community safety", legal_power="Act"
    )
    bid = bid_of(a_round, "Northside Youth")
    decision = factories.decision(bid, conditions="Only for the sessions.")

    notice = sign(decision, interests="None.", title="Safer evenings")

    content = json.loads(notice.content)
    assert hashlib.sha256(notice.content.encode()).hexdigest() == notice.sha256
    known = {name: content[name] for name in ("title", "department", "decision_maker", "legal_power", "interests")}
    assert known == {
        "title": "Safer evenings",
        "department": "Community safety",
        "interests": "None.",
        "decision_maker": "Police and Crime Commissioner",
        "legal_power": "Act",
    }
    assert (content["signature"], content["total"], content["reference"]) == (
        "Dana Decides",
        "£5,400.00",
        notice.reference,
    )
    (award,) = content["approved"]
    assert (award["recipient"], award["project"], award["purpose"], award["amount_pence"]) == (
        "Northside Youth",
        bid.title,
        bid.summary,
        540_000,
    )
    assert (award["reasons"], award["conditions"]) == (decision.reasons, "Only for the sessions.")
    assert notice.pdf.startswith(b"%PDF")


@pytest.mark.parametrize("model", [DecisionNotice, NoticeDecision])
def test_notice_cannot_be_changed_or_deleted(a_round: Round, model: Any) -> None:
    sign(factories.decision(bid_of(a_round)))

    for statement in (model.__table__.update().values(**{_first(model): 99}), model.__table__.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
            session.connection().execute(statement)


def _first(model: Any) -> str:
    return "number" if model is DecisionNotice else "notice_id"


SECRETS = {
    "a declined group": "Southside Friends",
    "its project": "Secret evenings",
    "why it was declined": "Too vague to fund.",
    "why less": "The hall is cheaper elsewhere.",
    "the panel's feedback": "Say more about volunteers.",
    "a contact's name": "Secretia Person",
    "a contact's address": "secret.person@private.example",
    "a score's reason": "It is clear and needed.",
    "a panel member": "Pat Panel",
    "what is recommended and why": "The budget is high.",
}


def test_notice_holds_nothing_that_is_not_for_the_public(a_round: Round) -> None:
    """Risk: a notice names a group that was declined, a contact, or what the panel wrote."""
    group = factories.organisation("Northside Youth")
    someone = factories.person(name=SECRETS["a contact's name"], email=SECRETS["a contact's address"], member_of=group)
    yes = factories.application(S.RECOMMENDED, in_round=a_round, organisation=group, by=someone)
    no = bid_of(a_round, SECRETS["a declined group"], title=SECRETS["its project"])
    for bid in (yes, no):
        factories.score_sheet(bid)
    less, feedback = SECRETS["why less"], SECRETS["the panel's feedback"]
    notice = sign(
        factories.decision(yes, less_reason=less, feedback=feedback),
        factories.decision(no, outcome="declined", reasons=SECRETS["why it was declined"], feedback=feedback),
    )

    for what, secret in SECRETS.items():
        assert secret not in notice.content, what
    assert json.loads(notice.content)["declined"] == [no.reference]


def test_notice_counts_only_what_is_announced_against_the_pot(a_round: Round) -> None:
    """Risk: the sum of the pot tells the public of decisions that were not announced."""
    with transaction() as session:
        session.merge(a_round).pot_pence = Pence(900_000)
    first, second = (factories.decision(bid_of(a_round), over_pot_reason="Projects underspend.") for _ in range(2))

    pots = [json.loads(sign(decision).content)["pot"] for decision in (first, second)]

    assert pots[0]["words"] == "The pot of the round is £9,000. So far, this notice included, £5,400 is approved."
    assert pots[1] == {
        "words": "The pot of the round is £9,000. So far, this notice included, £10,800 is approved, "
        "which is £1,800 more than the pot.",
        "reasons": ["Projects underspend."],
    }


# Numbers


def test_numbers_run_without_a_gap_in_each_year(clock: Any) -> None:
    first = sign(factories.decision())
    with pytest.raises(BadSignature):
        sign(factories.decision(), signature="Nobody")
    second = sign(factories.decision())
    clock.move_to(datetime(2027, 1, 1, tzinfo=UTC))
    third = sign(factories.decision())

    numbers = [notice.reference for notice in (first, second, third)]
    assert numbers == ["DN-2026-0001", "DN-2026-0002", "DN-2027-0001"]


def test_number_of_a_notice_that_failed_is_given_again(a_round: Round) -> None:
    """Risk: something breaks halfway, and a number is missing, or some letters are written and others are not."""
    good, bad = bid_of(a_round), bid_of(a_round)
    first, second = factories.decision(good), factories.decision(bad)
    factories.award(reference=bad.reference)

    with pytest.raises(IntegrityError):
        sign(first, second)
    db.session.expire_all()
    assert [good.status, bad.status] == [S.DECIDED, S.DECIDED]
    assert [count(model) for model in (DecisionNotice, NoticeDecision, Offer, OutboxMessage)] == [0, 0, 0, 0]

    assert sign(first).number == 1


def test_correction_points_at_an_earlier_notice_which_is_corrected_once() -> None:
    first, second = sign(factories.decision()), sign(factories.decision())
    row = {column.name: getattr(second, column.name) for column in DecisionNotice.__table__.columns}

    def insert(**values: Any) -> None:
        with transaction() as session:
            session.connection().execute(DecisionNotice.__table__.insert().values({**row, **values}))

    insert(id=3, number=3, reference="DN-X-0003", corrects_id=first.id)
    for values in (
        {"id": 4, "number": 4, "reference": "DN-X-0004", "corrects_id": first.id},
        {"id": 5, "number": 5, "reference": "DN-X-0005", "corrects_id": 5},
    ):
        with pytest.raises(IntegrityError):
            insert(**values)


# What is refused


def test_signing_nothing_is_refused(a_round: Round) -> None:
    maker = factories.decision_maker()

    with pytest.raises(Refused, match="Choose at least one decision"):
        sign_notice(person=maker, a_round=a_round, decision_ids=[], title="T", interests="None", signature=maker.name)
    nothing_happened()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": " "}, "Enter a title"),
        ({"title": "x" * 201}, "Enter a title of at most 200 characters"),
        ({"interests": " "}, "Say which interests you have"),
        ({"interests": "x" * 4001}, "Shorten the interests"),
        ({"signature": ""}, "Type your name as it stands in your account: Dana Decides"),
        ({"signature": "Somebody Else"}, "Type your name as it stands"),
    ],
)
def test_signing_needs_title_interests_and_ones_own_name(a_round: Round, wrong: dict[str, str], message: str) -> None:
    decision = factories.decision(bid_of(a_round))

    with pytest.raises(Refused, match=message):
        sign(decision, **wrong)
    nothing_happened(decision.application)


def test_name_is_taken_whatever_its_capitals_and_spaces(a_round: Round) -> None:
    assert sign(factories.decision(bid_of(a_round)), signature=" dana  DECIDES ").reference


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.DECISION_MAKER)])
def test_nobody_else_signs(a_round: Round, role: Role | None) -> None:
    decision = factories.decision(bid_of(a_round))

    with pytest.raises(Refused, match="Only the decision maker decides"):
        sign(decision, by=factories.person(*([role] if role else [])))
    nothing_happened(decision.application)


def test_deputy_signs_what_another_decided(a_round: Round) -> None:
    decision = factories.decision(bid_of(a_round))

    notice = sign(decision, by=factories.person(Role.DECISION_MAKER, name="Deputy Dee"))

    assert json.loads(notice.content)["signature"] == "Deputy Dee"


def test_who_has_an_interest_leaves_the_decision_to_another(a_round: Round) -> None:
    """A declared interest, a seat in the group, the officer's check or a score sheet: each keeps a person out."""
    one, other = bid_of(a_round), bid_of(a_round)
    first, second = factories.decision(one), factories.decision(other)
    barred = factories.person(Role.DECISION_MAKER)
    decisions.declare_interest(person=barred, application=one)
    member = factories.person(Role.DECISION_MAKER, member_of=one.organisation)
    scorer = factories.person(Role.DECISION_MAKER, Role.PANEL)
    factories.score_sheet(one, scorer)

    for person in (barred, member, scorer):
        with pytest.raises(Refused):
            sign(first, second, by=person)
        nothing_happened(one, other)

    assert sign(second, by=barred).approved_count == 1
    assert sign(first).approved_count == 1


def test_decision_is_in_one_notice_only(a_round: Round) -> None:
    decision = factories.decision(bid_of(a_round))
    sign(decision)

    for again in (None, factories.person(Role.DECISION_MAKER)):
        with pytest.raises(Refused, match="is in a notice already"):
            sign(decision, by=again)
    assert (count(DecisionNotice), count(Award), count(OutboxMessage)) == (1, 1, 1)
    assert db.session.scalars(select(NoticeYear.last_number)).one() == 1


def test_decision_of_a_withdrawn_bid_is_left_out(a_round: Round) -> None:
    bid = bid_of(a_round)
    decision = factories.decision(bid)
    applications.withdraw(person=db.session.get_one(Person, bid.started_by_id), application=bid)

    with pytest.raises(Refused, match="was withdrawn by its group"):
        sign(decision)
    nothing_happened(bid, status=S.WITHDRAWN)
    assert count(Decision) == 1
    assert pot_use(a_round).approved == 0


def test_decision_of_another_round_is_refused(a_round: Round) -> None:
    decision, stray = factories.decision(bid_of(a_round)), factories.decision()

    with pytest.raises(Refused, match="not of this round"):
        sign(decision, stray)
    nothing_happened(decision.application, stray.application)


def test_notice_takes_no_more_than_a_person_can_read(a_round: Round) -> None:
    maker = factories.decision_maker()

    with pytest.raises(Refused, match="200 decisions at most"):
        sign_notice(
            person=maker,
            a_round=a_round,
            decision_ids=range(MOST_IN_NOTICE + 1),
            title="T",
            interests="None",
            signature=maker.name,
        )


@pytest.mark.parametrize("status", [S.ELIGIBLE, S.RECOMMENDED, S.AWARDED, S.DECLINED])
def test_announcing_out_of_its_order_is_refused(status: S) -> None:
    bid = factories.application(status)

    for verb in ("award", "decline"):
        with pytest.raises(Refused), transaction():
            applications.step(bid, verb)


def test_all_or_nothing(a_round: Round) -> None:
    good, gone = bid_of(a_round), bid_of(a_round)
    first, second = factories.decision(good), factories.decision(gone)
    applications.withdraw(person=db.session.get_one(Person, gone.started_by_id), application=gone)
    lines = count(AuditLine)

    with pytest.raises(Refused):
        sign(first, second)
    nothing_happened(good)
    assert count(AuditLine) == lines


# Letters


def test_award_letter_says_all_that_the_group_needs(a_round: Round) -> None:
    office.set_office(actor=TESTS, contact_email="grants@example.org", contact_phone="01234 567890")
    bid = bid_of(a_round, "Northside Youth")
    sign(factories.decision(bid, less_reason="A cheaper hall.", feedback="The panel liked it.", conditions="Evenings."))

    (letter,) = result_letters(bid)

    assert letter.subject == f"Your application {bid.reference} was approved"
    for words in (
        "Dear Northside Youth,",
        "You asked for £6,000. The amount approved is £5,400.",
        "A cheaper hall.",
        "The panel liked it.",
        "Evenings.",
        f"/awards/{bid.reference}/offer",
        "accept the offer by",
        "(UK\xa0time,",
        "grants@example.org or 01234 567890",
        "/decisions/notices/DN-",
    ):
        assert words in letter.body, words


def test_letter_of_a_full_award_has_no_word_of_less(a_round: Round) -> None:
    bid = bid_of(a_round)
    sign(factories.decision(bid, amount=600_000, less_reason="", conditions=""))

    (letter,) = result_letters(bid)

    for words in ("less than", "The conditions", "What the panel said"):
        assert words not in letter.body


def test_decline_letter_says_why_and_where_to_turn(a_round: Round) -> None:
    bid = bid_of(a_round, "Southside Friends")
    sign(factories.decision(bid, outcome="declined", reasons="Too vague.", feedback="Say more about volunteers."))

    (letter,) = result_letters(bid)

    assert letter.subject == f"Your application {bid.reference} was not successful"
    for words in ("Too vague.", "Say more about volunteers.", "/rounds", f"/applications/{bid.reference}"):
        assert words in letter.body, words
    assert "offer" not in letter.body


def test_each_contact_of_the_group_gets_the_letter_once(a_round: Round) -> None:
    group = factories.organisation()
    people = [factories.applicant(group) for _ in range(2)]
    for field in ("disabled_at", "email_confirmed_at"):
        with transaction() as session:
            gone = session.merge(factories.applicant(group))
            setattr(gone, field, time.now() if field == "disabled_at" else None)
    bid = factories.application(S.RECOMMENDED, in_round=a_round, organisation=group, by=people[0])
    announced(bid)

    assert [letter.to for letter in result_letters(bid)] == [person.email for person in people]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_no_two_contradicting_letters_lie_in_the_outbox(a_round: Round, outcome: Outcome) -> None:
    """Risk: a letter that was written before the decision is sent beside the one that says the opposite."""
    bid, other = bid_of(a_round), bid_of(a_round)
    send_result(application=bid, subject="Old", body="The opposite.")
    send_result(application=other, subject="Other", body="Of another application.")

    sign(factories.decision(bid, outcome=outcome))

    mine = db.session.scalars(select(OutboxMessage).where(OutboxMessage.about == f"application:{bid.id}")).all()
    assert [(mail.subject == "Old", mail.status) for mail in mine] == [
        (True, MailStatus.VOID),
        (False, MailStatus.QUEUED),
    ]
    assert [letter.subject for letter in result_letters(other)] == ["Other"]
    sent: list[str] = []
    outbox.send_pending(lambda mail, _number: sent.append(str(mail["Subject"])))
    assert "Old" not in sent
    assert len(sent) == 2


def test_receipt_is_no_result_and_stays(a_round: Round) -> None:
    bid = bid_of(a_round)
    outbox.queue(to="a@example.org", subject="Receipt", body="", purpose="receipt", about=f"application:{bid.id}")

    announced(bid)

    kept = db.session.scalars(select(OutboxMessage.status).where(OutboxMessage.purpose == "receipt")).one()
    assert kept == MailStatus.QUEUED
