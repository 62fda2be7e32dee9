"""What the members of a group may do is as its table says: `tests/test_access.py` tries each form as everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from docs import members
from docs.draw import CYCLES
from docs.members import ACTS, GroupAct
from grants.accounts.rights import GroupRight
from grants.applications.drafts import operations as drafts
from grants.applications.models import ApplicationStatus as S
from grants.foundation.records.db import Refused
from tests.access_table import TABLE, ByRight, Row, of_group
from tests.support import factories
from tests.support.award_factories import offered_award
from tests.support.client import Client
from tests.support.trail import last_line, lines_after
from tests.support.world import Who, a_clarification, world_with
from tests.test_access import address_of, forged_token

POSTS = [row for row in TABLE if row.method == "POST"]


def _endpoint(app: Flask, row: Row) -> str:
    rules = (rule for rule in app.url_map.iter_rules() if rule.rule == row.rule and "POST" in (rule.methods or set()))
    return next(rules).endpoint


def test_page_of_the_members_is_in_step_with_the_table() -> None:
    assert members.PAGE.read_text() == members.page(), "write it anew: python -m docs.members"


def test_every_form_of_a_group_is_an_act_of_the_table_and_open_to_whom_it_names(app: Flask) -> None:
    in_table = {(endpoint, of_group(act.right)) for act in ACTS if act.right for endpoint in act.endpoints}
    assert {(_endpoint(app, row), row.who) for row in POSTS if isinstance(row.who, ByRight)} == in_table


def test_every_right_and_every_step_of_a_group_is_in_the_table() -> None:
    rights = {act.right for act in ACTS if act.right}
    assert rights == set(GroupRight)
    assert {step.who for _, _, _, steps in CYCLES for step in steps if isinstance(step.who, GroupRight)} <= rights


@pytest.mark.parametrize("act", [act for act in ACTS if act.confirmed], ids=lambda act: act.words)
def test_nothing_irrevocable_is_done_before_it_is_confirmed(
    app: Flask, sign_in: Callable[[Any], Client], act: GroupAct
) -> None:
    (row,) = (row for row in POSTS if _endpoint(app, row) in act.endpoints)
    world, values = world_with(row.thing)
    browser, last = sign_in(world.people[Who.OWNER]), last_line()

    answer = browser.post(address_of(app, row, values), data={"csrf_token": forged_token(app, browser)})

    assert answer.status_code == 422
    assert "agrees" in answer.errors or "Before you can" in answer.main
    assert list(lines_after(last)) == []


@pytest.mark.parametrize(
    ("who", "waits"), [(Who.OWNER, {"To accept", "To answer"}), (Who.EDITOR, {"To answer"}), (Who.READER, set())]
)
def test_desk_of_a_member_has_what_they_may_do(sign_in: Callable[[Any], Client], who: Who, waits: set[str]) -> None:
    world, _values = world_with(a_clarification)
    offered_award(of=factories.application(S.RECOMMENDED, organisation=world.group, by=world.owner))

    page = sign_in(world.people[who]).get("/desk")

    assert {title for title in ("To accept", "To answer") if title in page.main} == waits


def test_reader_starts_no_application(sign_in: Callable[[Any], Client]) -> None:
    world, _values = world_with()
    a_round = world.round()

    with pytest.raises(Refused, match="Only an owner or editor of the group can"):
        drafts.start(person=world.people[Who.READER], a_round=a_round, organisation_id=world.group.id)
    assert (
        "Only an owner or editor of the group"
        in sign_in(world.people[Who.READER]).get(f"/rounds/{a_round.slug}/apply").main
    )
