"""The public front and each person's desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.models import ApplicationStatus
from grants.foundation.records import outbox
from grants.foundation.values.money import Pence
from grants.foundation.values.smtp import UnsafeServer
from tests.support import factories as make
from tests.support.client import Client

SignIn = Callable[[Person], Client]


def test_front_of_an_empty_installation_says_what_will_be_there(client: Client) -> None:
    page = client.get("/")

    assert page.status_code == 200
    assert "No round is open now." in page.main
    assert "No award is recorded yet." in page.main


def test_front_shows_the_open_round_and_the_total_of_its_fund(client: Client) -> None:
    make.open_round(code="SCF-9")
    make.award(amount=Pence(540_000), of=make.fund())
    make.award(amount=Pence(38_500_000), of=make.fund("PEG", "Partnership Executive Group Fund"))

    page = client.get("/")

    assert "SCF-9 is open" in page.main
    assert "£5,400" in page.main
    assert "£385,000" not in page.main


def test_front_counts_an_unknown_amount_as_a_project_and_never_as_nothing(client: Client) -> None:
    make.award(amount=Pence(540_000))
    make.award(amount=None)

    page = client.get("/")

    assert "2 projects were awarded at least £5,400" in page.main


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (make.officer, "No application waits for a check."),
        (make.panel_member, "No application waits for your scores."),
        (make.decision_maker, "No application waits for your decision."),
        (make.finance_officer, "Finance has taken every award as it stands."),
        (make.auditor, "Everything is open to you to read, and nothing to change."),
        (make.administrator, "People and their roles"),
        (make.applicant, "Your group has no application yet."),
    ],
)
def test_desk_with_nothing_to_do_says_so(sign_in: SignIn, person: Callable[[], Person], words: str) -> None:
    page = sign_in(person()).get("/desk")

    assert words in page.main


def test_desk_of_an_officer_names_the_oldest_bid_first(sign_in: SignIn) -> None:
    bids = [make.application(ApplicationStatus.SUBMITTED) for _ in range(12)]

    page = sign_in(make.officer()).get("/desk")

    links = [link.get_text() for link in page.page.select(".g-heap li a")]
    assert links == [f"Check {bid.reference}" for bid in bids[:10]]
    assert "And 2 more" in page.main


def test_desk_of_an_officer_names_the_bids_that_the_panel_has_scored(sign_in: SignIn) -> None:
    a_round = make.open_round(scores_needed=1)
    [scored, unscored] = [make.application(ApplicationStatus.ELIGIBLE, in_round=a_round) for _ in range(2)]
    make.score_sheet(scored)

    page = sign_in(make.officer()).get("/desk")

    links = [link.get_text() for link in page.page.select(".g-heap li a")]
    assert links == [f"Recommend {scored.reference}"]
    assert unscored.reference not in page.main


def test_desk_of_a_panel_member_leaves_out_the_bid_of_their_own_group(sign_in: SignIn) -> None:
    bid = make.application(ApplicationStatus.ELIGIBLE)
    member = make.person(Role.PANEL, member_of=bid.organisation)

    page = sign_in(member).get("/desk")

    assert bid.reference not in page.page.select_one(".g-heap").get_text()


def test_desk_of_an_applicant_lists_the_drafts_of_their_groups_with_the_closing_time(sign_in: SignIn) -> None:
    group = make.organisation("Northside Youth")
    draft = make.application(ApplicationStatus.DRAFT, organisation=group)
    make.application(ApplicationStatus.DRAFT)

    page = sign_in(make.applicant(group)).get("/desk")

    assert [row.get("href") for row in page.page.select("main table a")] == [f"/applications/{draft.reference}"]
    assert "To be submitted by" in page.main


@pytest.mark.parametrize("rows", [1, 3, 8])
@pytest.mark.parametrize(
    "person",
    [make.officer, make.panel_member, make.decision_maker, make.finance_officer, make.applicant],
)
def test_desk_asks_the_database_as_often_for_few_as_for_many(
    sign_in: SignIn, count_queries: Callable[[], object], person: Callable[[], Person], rows: int
) -> None:
    for _ in range(rows):
        make.application(ApplicationStatus.SUBMITTED)
        make.application(ApplicationStatus.ELIGIBLE)
    browser = sign_in(person())

    with count_queries() as counted:  # type: ignore[attr-defined]
        browser.get("/desk")

    assert counted.count == (5 if person is make.applicant else 3)


def _tried_in_vain(reason: str) -> None:
    def fails(_mail: EmailMessage, _number: int) -> None:
        raise UnsafeServer(reason)

    outbox.queue(to="jo@example.org", subject="Your result", body="Dear Jo", purpose="result")
    outbox.send_pending(fails)


def test_desk_of_an_administrator_says_why_mail_does_not_go_out(sign_in: SignIn) -> None:
    _tried_in_vain("The certificate of mail.example.org is not trusted: certificate has expired.")

    page = sign_in(make.administrator()).get("/desk")

    assert "Mail does not go out" in page.main
    assert "1 letter could not be sent in the last day" in page.main
    assert "The certificate of mail.example.org is not trusted: certificate has expired." in page.main
    assert "mail.example.org" not in sign_in(make.officer()).get("/desk").main


def test_desk_of_an_administrator_says_nothing_of_mail_once_it_went_out(sign_in: SignIn, clock: Any) -> None:
    outbox.queue(to="sam@example.org", subject="Your result", body="Dear Sam", purpose="result")
    outbox.send_pending(lambda _mail, _number: None)
    browser = sign_in(make.administrator())
    assert "Mail does not go out" not in browser.get("/desk").main

    _tried_in_vain("no route")
    assert "Mail does not go out" in browser.get("/desk").main
    clock.shift(timedelta(minutes=3))
    assert outbox.send_pending(lambda _mail, _number: None) == (1, 0)

    assert "Mail does not go out" not in browser.get("/desk").main


def test_audit_trail_shows_what_happened_to_an_auditor_only(sign_in: SignIn) -> None:
    make.award(reference="SCF-1", amount=Pence(540_000))

    page = sign_in(make.auditor()).get("/audit")

    assert "SCF-1" in page.main
    assert sign_in(make.officer()).get("/audit").status_code == 404
