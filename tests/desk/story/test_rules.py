"""Which parts of a story a reader sees: what is not named is not shown."""

from __future__ import annotations

import pytest

from grants.accounts.models import Membership, Person, RoleGrant
from grants.accounts.rights import MemberRole, Role
from grants.applications.models import Application, ApplicationStatus, Bar
from grants.awards.models import Award
from grants.desk.story.contents import _may_know
from grants.desk.story.rules import Visibility, can_read_story, visibility_of
from grants.foundation.values import clock
from grants.review.models import ScoreSheet

ALL, NOTHING = Visibility(bid=True, scores=True, payments=True), Visibility(bid=False, scores=False, payments=False)
FOR_EVERY_READER = {"awards", "decision_notices", "reports"}
WITH_A_PART = {"applications", "clarifications", "score_sheets", "bank_details", "batches", "return_files"}

OWN = "This is an application of your own group, so others deal with it."
NOTHING_YET = "There is nothing of this for you to read yet."


def _person(*roles: Role) -> Person:
    return Person(
        id=1,
        grants=[RoleGrant(role=role) for role in roles],
        memberships=[Membership(organisation_id=2, role=MemberRole.OWNER)],
    )


def _bid(*, sent: bool, of: int = 3, bars: tuple[int, ...] = ()) -> Application:
    return Application(
        organisation_id=of,
        status=ApplicationStatus.DECIDED if sent else ApplicationStatus.DRAFT,
        submitted_at=clock.now() if sent else None,
        bars=[Bar(person_id=number) for number in bars],
    )


@pytest.mark.parametrize(
    ("role", "bid", "award", "why"),
    [
        (Role.OFFICER, _bid(sent=True), None, ""),
        (Role.OFFICER, _bid(sent=False), None, NOTHING_YET),
        (Role.OFFICER, _bid(sent=False), Award(), NOTHING_YET),
        (Role.OFFICER, _bid(sent=True, of=2), Award(), OWN),
        (Role.AUDITOR, _bid(sent=False), None, ""),
        (
            Role.AUDITOR,
            _bid(sent=True, bars=(1,)),
            Award(),
            "You declared an interest in this application, so it stays closed to you.",
        ),
        (Role.FINANCE, _bid(sent=True), Award(), ""),
        (Role.FINANCE, _bid(sent=True), None, NOTHING_YET),
        (Role.PANEL, _bid(sent=True), Award(), "Stories are for the office."),
    ],
)
def test_story_is_read_by_whom_the_rule_names_and_by_nobody_else(
    role: Role, bid: Application, award: Award | None, why: str
) -> None:
    answer = can_read_story(_person(role), bid, award)

    assert (answer.allowed, answer.reason) == (not why, why)


def test_scores_are_part_of_the_story_for_those_who_read_the_bid_alone() -> None:
    bid, locked = _bid(sent=True), ScoreSheet(locked_at=clock.now())

    assert visibility_of(_person(Role.OFFICER), bid, None) == Visibility(bid=True, scores=True, payments=False)
    assert visibility_of(_person(Role.PANEL, Role.FINANCE), bid, locked) == Visibility(
        bid=False, scores=False, payments=True
    )


def test_scores_are_no_part_of_the_story_for_who_can_still_score_the_bid() -> None:
    bid = _bid(sent=True)
    bid.status = ApplicationStatus.ELIGIBLE

    assert visibility_of(_person(Role.OFFICER, Role.PANEL), bid, None) == Visibility(
        bid=True, scores=False, payments=False
    )


@pytest.mark.parametrize("kind", sorted(FOR_EVERY_READER | WITH_A_PART))
def test_kind_of_line_is_seen_with_the_part_that_it_belongs_to(kind: str) -> None:
    assert ALL.sees(kind)
    assert NOTHING.sees(kind) is (kind in FOR_EVERY_READER)


def test_kind_that_nobody_has_thought_of_is_seen_by_nobody() -> None:
    assert not ALL.sees("people")


def test_letter_about_something_that_nobody_has_thought_of_is_known_to_nobody() -> None:
    assert _may_know(ALL, "bank_details")
    assert not _may_know(NOTHING, "bank_details")
    assert not _may_know(ALL, "person")
