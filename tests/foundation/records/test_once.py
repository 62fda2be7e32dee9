"""A form that is sent twice creates once, whoever sends it and however fast."""

from __future__ import annotations

import hashlib
import threading

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from grants.foundation.records import audit, once
from grants.foundation.records.actors import ANYONE, Actor
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import Refused, db
from grants.foundation.records.once import BadKey, IdempotencyKey, OtherContent

KEY = "k" * 32


def deeds() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditLine)) or 0


def start() -> str:
    """A deed that counts itself."""
    return f"/applications/{audit.record(actor=ANYONE, verb='start').id}"


def test_form_that_is_sent_twice_does_once_and_leads_to_the_same_place(app: Flask) -> None:
    first = once.once(key=KEY, actor=ANYONE, purpose="start", make=start)
    second = once.once(key=KEY, actor=ANYONE, purpose="start", make=start)
    assert (first, second, deeds()) == ("/applications/1", "/applications/1", 1)


def test_other_forms_do_again(app: Flask) -> None:
    once.once(key=KEY, actor=ANYONE, purpose="start", make=start)
    once.once(key=once.new_key(), actor=ANYONE, purpose="start", make=start)
    once.once(key=KEY, actor=ANYONE, purpose="invite", make=start)
    assert deeds() == 3


def test_key_of_one_person_leads_no_other_anywhere(app: Flask) -> None:
    """Risk: who sees another's key learns where it led, or keeps the other from doing."""
    mine = once.once(key=KEY, actor=Actor.person(1), purpose="start", make=start)
    theirs = once.once(key=KEY, actor=Actor.person(2), purpose="start", make=start)
    assert mine != theirs


def test_deed_that_was_refused_may_be_done_later_with_the_same_key(app: Flask) -> None:
    def refuse() -> str:
        start()
        raise Refused("This round is closed.")

    with pytest.raises(Refused):
        once.once(key=KEY, actor=ANYONE, purpose="start", make=refuse)
    assert (deeds(), db.session.scalar(select(func.count()).select_from(IdempotencyKey))) == (0, 0)
    assert once.once(key=KEY, actor=ANYONE, purpose="start", make=start) == "/applications/1"


@given(st.lists(st.text(max_size=5), min_size=1, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_key_does_one_content_and_answers_that_alone(app: Flask, contents: list[str]) -> None:
    key, made, answers = once.new_key(), list[str](), dict[str, str]()

    for content in contents:
        try:
            answers[content] = once.once(
                key=key, actor=ANYONE, purpose="make", make=lambda: made.append("one") or "/made", content=content
            )
        except OtherContent:
            assert content != contents[0]

    assert (made, answers) == (["one"], {contents[0]: "/made"})


def test_a_key_from_before_its_content_was_kept_answers_as_it_did(app: Flask) -> None:
    once.once(key=KEY, actor=ANYONE, purpose="start", make=start, content="a")
    db.session.connection().execute(update(IdempotencyKey).values(digest=""))
    db.session.commit()

    assert once.once(key=KEY, actor=ANYONE, purpose="start", make=start, content="b") == "/applications/1"


def test_nobody_who_reads_the_database_can_try_contents(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Risk: a form holds an account number or a password, and few can be right."""
    for key in ("one", "another"):
        monkeypatch.setitem(app.config, "SECRET_KEY", key)
        once.once(key=once.new_key(), actor=ANYONE, purpose="start", make=start, content="12345678")
    digests = set(db.session.scalars(select(IdempotencyKey.digest)))

    assert len(digests) == 2
    assert hashlib.sha256(b"12345678").hexdigest() not in digests


@pytest.mark.parametrize("key", ["", "short", "a b" * 10, "x" * 65, "k" * 31 + "\n", "k" * 31 + "\x00", "é" * 32])
def test_key_that_was_tampered_with_is_refused(app: Flask, key: str) -> None:
    with pytest.raises(BadKey):
        once.once(key=key, actor=ANYONE, purpose="start", make=start)
    assert deeds() == 0


def test_new_keys_differ_and_are_keys() -> None:
    keys = {once.new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(once.is_key(key) for key in keys)


def test_two_clicks_at_the_same_moment_do_once(app: Flask) -> None:
    led: list[str] = []
    ready = threading.Barrier(4)

    def click() -> None:
        with app.app_context():
            ready.wait()
            led.append(once.once(key=KEY, actor=ANYONE, purpose="start", make=start))

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert led == ["/applications/1"] * 4
    assert deeds() == 1
