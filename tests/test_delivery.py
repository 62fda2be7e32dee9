"""Public pages and files travel compressed, and not at all where the reader has them; secrets do neither."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask

from grants.accounts.rights import Role
from grants.foundation.records import audit
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import transaction
from grants.foundation.web.delivery import SMALL, TEXTS
from grants.register.queries import SORTS
from tests.access_table import PUBLIC, TABLE, Row
from tests.support import factories
from tests.support.client import COOKIE, Client
from tests.support.world import world_with
from tests.test_access import address_of

SignIn = Callable[..., Client]
OPEN = [row for row in TABLE if row.method == "GET" and row.who == PUBLIC]
NEVER_KEPT = {"/healthz"}
FORMS = 9
"""At most so many public pages hold a form with a token, or say no such page, and are never kept."""


@pytest.mark.parametrize("row", [None, *(row for row in OPEN if row.thing)], ids=str)
def test_what_anybody_gets_is_compressed_and_sent_once(app: Flask, client: Client, row: Row | None) -> None:
    """Risk: a phone loads the same 40 KB of the register each time, on a line that is slow and paid for."""
    rows = [row] if row else [one for one in OPEN if not one.thing]
    kept = [_travels_well(client, address_of(app, one, world_with(one.thing)[1]), one) for one in rows]
    assert sum(kept) >= (len(rows) - FORMS if not row else "token" not in row.rule)


def _travels_well(client: Client, address: str, row: Row) -> int:
    plain = client.get(address)
    packed = _packed(client, address)
    if "Set-Cookie" in plain.headers or plain.status_code != 200 or row.rule in NEVER_KEPT:
        client.delete_cookie(COOKIE)
        assert plain.cache_control.no_store or plain.status_code != 200, address
        assert "Content-Encoding" not in packed.headers or plain.status_code != 200, address
        return 0
    again = _packed(client, address, {"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", plain.headers["ETag"]), address
    assert plain.cache_control.public, address
    assert {"Cookie"} <= set(plain.vary), address
    if plain.mimetype in TEXTS and len(plain.data) >= SMALL:
        assert packed.headers["Content-Encoding"] == "gzip", address
        assert "Accept-Encoding" in plain.vary, address
        assert gzip.decompress(packed.data) == plain.data, address
        assert len(packed.data) < len(plain.data), address
    else:
        assert packed.data == plain.data, address
    return 1


def _packed(client: Client, address: str, more: Mapping[str, str] | None = None) -> Any:
    client.lints = False  # what is compressed is no text
    answer = client.get(address, headers={"Accept-Encoding": "gzip, br", **(more or {})})
    client.lints = True
    return answer


def test_nothing_that_is_made_with_a_session_is_compressed_or_kept(client: Client, sign_in: SignIn) -> None:
    """Risk: by the lengths of pages that echo what they type, somebody learns a token that stands on them (BREACH)."""
    officer = sign_in(factories.person(Role.OFFICER))
    for browser, path in ((client, "/sign-in"), (officer, "/register?q=token"), (officer, "/register.csv")):
        answer = _packed(browser, path)
        assert "Content-Encoding" not in answer.headers, path
        assert answer.headers["Cache-Control"] == "no-store", path


def test_register_is_sent_anew_once_something_was_recorded(client: Client) -> None:
    """Risk: an award that was withdrawn is still in somebody's copy."""
    paths = ("/register.csv", "/register/360giving.json")
    tags = [client.get(path).headers["ETag"] for path in paths]
    with transaction():
        audit.record(actor=Actor.command("test"), verb="look")
    found = [client.get(path, headers={"If-None-Match": tag}) for path, tag in zip(paths, tags, strict=True)]
    assert [one.status_code for one in found] == [200, 200]


def test_tag_of_a_stream_differs_by_what_is_asked_for(client: Client) -> None:
    tags = {client.get(path).headers["ETag"] for path in ("/register.csv", f"/register.csv?sort={SORTS[1].name}")}
    assert len(tags) == 2


def test_stream_that_says_nothing_of_its_records_has_no_tag_and_ends_what_it_reads(app: Flask) -> None:
    ended: list[str] = []

    def parts() -> Any:
        try:
            yield "one " * 300
            yield "two"
        finally:
            ended.append("ended")

    with app.test_request_context("/", headers={"Accept-Encoding": "gzip"}):
        answer = app.process_response(app.response_class(parts(), mimetype="text/csv"))
        first = next(iter(answer.response))
        answer.close()
    assert ("ETag" in answer.headers, answer.headers["Content-Encoding"]) == (False, "gzip")
    assert len(first) < 100
