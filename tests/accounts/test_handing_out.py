"""Files that are not for everybody: what stands in the audit trail of them, and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, Response
from flask_login import login_user

from grants.accounts.access import hands_out
from grants.accounts.models import Person
from grants.accounts.sessions.operations import begin
from grants.applications.acts import ApplicationAct
from grants.applications.models import ApplicationStatus
from grants.foundation.records import audit
from grants.foundation.records.db import WriteOutsideTransaction, noting, transaction
from tests.support import factories
from tests.support.client import Client
from tests.support.trail import kept_of, last_line, lines_after

SignIn = Callable[[Person], Client]


def test_line_of_a_list_says_who_took_which_file_and_what_it_held(sign_in: SignIn) -> None:
    officer, last = factories.officer(), last_line()

    sign_in(officer).get("/applications.csv?status=submitted&q=&topic=")

    (line,) = lines_after(last)
    assert (line.actor, line.verb) == (officer.actor.key, ApplicationAct.EXPORT_APPLICATIONS)
    assert (line.kind, line.thing_id, line.reference, line.why) == ("applications", None, "", "")
    assert kept_of(line) == {"file": ("", "csv"), "selection": ("", '{"status": "submitted"}')}


def test_line_of_a_document_names_the_thing_however_its_address_is_typed(sign_in: SignIn) -> None:
    bid, officer = factories.application(ApplicationStatus.SUBMITTED), factories.officer()
    last = last_line()

    sign_in(officer).get(f"/applications/{bid.reference.lower()}/application.pdf")

    (line,) = lines_after(last)
    assert (line.verb, line.kind, line.reference) == ("download application", "applications", bid.reference)
    assert kept_of(line) == {"file": ("", "pdf")}


@hands_out(ApplicationAct.EXPORT_APPLICATIONS, kind="applications")
def _file_that_counts_lines() -> Response:
    return Response(str(last_line()) for _piece in range(1))


def test_line_is_written_before_the_first_byte_is_sent(app: Flask) -> None:
    """The risk: who breaks off half way has half of the file, and nobody knows."""
    officer, last = factories.officer(), last_line()
    with app.test_request_context("/applications.csv"):
        login_user(begin(officer))

        assert _file_that_counts_lines().get_data(as_text=True) == str(last + 1)


@pytest.mark.parametrize("address", ["/applications.csv?statsu=draft", "/applications.csv?status=none"])
def test_file_that_is_refused_leaves_no_line(sign_in: SignIn, address: str) -> None:
    browser, last = sign_in(factories.officer()), last_line()

    assert browser.get(address).status_code == 400
    assert list(lines_after(last)) == []


def test_only_looking_whether_a_file_is_there_leaves_no_line(sign_in: SignIn) -> None:
    browser, last = sign_in(factories.officer()), last_line()

    assert browser.head("/applications.csv").status_code == 200
    assert list(lines_after(last)) == []


def test_part_of_a_file_leaves_its_line_too(sign_in: SignIn) -> None:
    browser, last = sign_in(factories.officer()), last_line()

    answer = browser.get("/applications.xlsx", headers={"Range": "bytes=0-99"})

    assert answer.status_code in {200, 206}
    assert len(lines_after(last)) == 1


@pytest.mark.usefixtures("app")
def test_what_is_noted_apart_is_no_part_of_a_deed() -> None:
    with transaction(), pytest.raises(WriteOutsideTransaction), noting():
        pass


def test_trail_with_files_in_it_holds(sign_in: SignIn) -> None:
    bid = factories.application(ApplicationStatus.SUBMITTED)
    browser = sign_in(factories.officer())
    browser.get("/applications.csv")
    browser.get(f"/applications/{bid.reference}/application.pdf")

    assert audit.verify().broken is None


def test_story_leaves_out_who_read_what(sign_in: SignIn) -> None:
    bid = factories.application(ApplicationStatus.SUBMITTED)
    browser = sign_in(factories.officer())
    before = browser.get(f"/grants/{bid.reference}/story").main

    browser.get(f"/applications/{bid.reference}/application.pdf")

    assert browser.get(f"/grants/{bid.reference}/story").main == before
