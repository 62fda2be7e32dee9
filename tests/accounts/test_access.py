"""The doors of the house."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask
from werkzeug.exceptions import NotFound, Unauthorized

from grants.accounts.access import current_person, local_path, needs, person_or_none, signed_in
from grants.accounts.rights import Right, Role
from tests.support import factories
from tests.support.client import Client


@needs(Right.RUN_ROUNDS, Right.READ_AUDIT_TRAIL)
def for_officers() -> str:
    return "open"


@signed_in
def for_all() -> str:
    return current_person().name


def as_person(app: Flask, *roles: Role) -> object:
    from flask_login import login_user

    from grants.accounts.sessions.operations import begin

    person = factories.person(*roles, name="Sam")
    context = app.test_request_context("/")
    context.push()
    login_user(begin(person))
    return context


@pytest.mark.parametrize("role", list(Role))
def test_a_door_opens_to_its_roles_only(app: Flask, role: Role) -> None:
    context = as_person(app, role)
    try:
        if role in {Role.OFFICER, Role.AUDITOR}:
            assert for_officers() == "open"
        else:
            with pytest.raises(NotFound):
                for_officers()
    finally:
        context.pop()


def test_one_of_several_roles_is_enough(app: Flask) -> None:
    context = as_person(app, Role.PANEL, Role.AUDITOR)
    try:
        assert for_officers() == "open"
        assert for_all() == "Sam"
    finally:
        context.pop()


def test_nobody_is_led_to_sign_in(app: Flask) -> None:
    with app.test_request_context("/"):
        assert person_or_none() is None
        for door in (for_officers, for_all, current_person):
            with pytest.raises(Unauthorized):
                door()


def test_a_guarded_view_keeps_its_name() -> None:
    assert (for_officers.__name__, for_all.__name__) == ("for_officers", "for_all")
    assert Blueprint("doors", __name__).route("/")(for_all) is for_all


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_page_asked_for_signed_out_leads_to_sign_in(client: Client, method: str) -> None:
    assert getattr(client, method)("/people?search=a%20b").goes_to == "/sign-in?next=/people?search%3Da%2520b"


@pytest.mark.parametrize("path", ["/desk", "/a?b=c&d=//x", "/é", "/a%20b"])
def test_a_path_of_this_site_is_taken(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize("path", [None, "", "desk", "//x", "/\\x", "http:/x", "/a\r\nSet-Cookie: x", "/\x7f", "/a b"])
def test_any_other_text_is_no_path(path: str | None) -> None:
    assert local_path(path) == ""
