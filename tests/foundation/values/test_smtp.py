"""Mail goes to the server that it is meant for, or nowhere. Tried with a real server and good and bad certificates."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from grants.foundation.records import outbox
from grants.foundation.records.db import db, transaction
from grants.foundation.records.outbox import MOST_TRIES, MailStatus, OutboxMessage
from grants.foundation.values import clock
from grants.foundation.values.smtp import BadMailUrl, MailServer, Tls, tls_for
from tests.support.mail_server import HOST, PASSWORD, USER, Authority, Heard, only_here, serving

LOGIN = f"{USER}:{quote(PASSWORD)}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom the office trusts."""
    return Authority(tmp_path_factory.mktemp("authority"), "trusted")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs certificates that nobody asked them for."""
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture
def letter(app: Flask, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> OutboxMessage:
    """A letter that waits, in an office that trusts the authority."""
    only_here(monkeypatch)
    monkeypatch.setitem(app.config, "MAIL_CA_FILE", str(authority.file))
    return outbox.queue(to="jo@example.org", subject="Your result", body="Dear Jo\n", purpose="result")


@pytest.fixture
def sent_by(app: Flask, letter: OutboxMessage, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has the worker send what waits to a MAIL_URL: `sent_by("smtp://…")` is (sent, failed)."""

    def send(url: str) -> tuple[int, int]:
        monkeypatch.setitem(app.config, "MAIL_URL", url)
        return outbox.send_pending()

    return send


def _is_kept(reason: str) -> None:
    """The letter waits for another try, and the office can read why."""
    kept = db.session.scalars(select(OutboxMessage).execution_options(populate_existing=True)).one()
    assert (kept.status, kept.sent_at, kept.tries) == (MailStatus.QUEUED, None, 1)
    assert kept.not_before > clock.now()
    assert reason in kept.last_error
    held = outbox.held_up()
    assert held is not None
    assert (held.count, held.reason) == (1, kept.last_error)


def _is_sent(heard: Heard, *, over_tls: bool, logins: int) -> None:
    assert (len(heard.letters), heard.over_tls, heard.logins) == (1, [over_tls], [(USER, PASSWORD)] * logins)
    assert "Dear Jo" in heard.letters[0]
    assert db.session.scalars(select(OutboxMessage.status)).one() == MailStatus.SENT
    assert outbox.held_up() is None


# Servers that are who they should be


def test_letter_goes_over_tls_from_the_start_to_a_server_that_is_trusted(authority: Authority, sent_by: Any) -> None:
    with serving(at_once=authority.context(HOST)) as heard:
        assert sent_by(f"smtps://{LOGIN}@{HOST}:{heard.port}") == (1, 0)
    _is_sent(heard, over_tls=True, logins=1)


def test_letter_goes_over_starttls_to_a_server_that_is_trusted(authority: Authority, sent_by: Any) -> None:
    with serving(starttls=authority.context(HOST)) as heard:
        assert sent_by(f"smtp://{LOGIN}@{HOST}:{heard.port}") == (1, 0)
    _is_sent(heard, over_tls=True, logins=1)


def test_letter_goes_without_a_login_where_none_is_set(authority: Authority, sent_by: Any) -> None:
    with serving(starttls=authority.context(HOST)) as heard:
        assert sent_by(f"smtp://{HOST}:{heard.port}") == (1, 0)
    _is_sent(heard, over_tls=True, logins=0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("login", ["", f"{LOGIN}@"])
def test_letter_goes_without_tls_on_this_machine(sent_by: Any, host: str, login: str) -> None:
    with serving() as heard:
        assert sent_by(f"smtp://{login}{host}:{heard.port}") == (1, 0)
    _is_sent(heard, over_tls=False, logins=1 if login else 0)


def test_server_of_this_machine_with_a_certificate_that_nobody_signed_may_be_spoken_to(
    stranger: Authority, sent_by: Any
) -> None:
    """As Debian sets up its mail servers: nothing leaves the machine, so nothing has to be verified."""
    with serving(starttls=stranger.context("anything.example")) as heard:
        assert sent_by(f"smtp://localhost:{heard.port}") == (1, 0)
    _is_sent(heard, over_tls=False, logins=0)


# Servers that are not


OF_ANOTHER = f"Hostname mismatch, certificate is not valid for '{HOST}'"
Certificate = Callable[[Authority, Authority], ssl.SSLContext]
BAD: dict[str, tuple[Certificate, str]] = {
    "of a stranger": (lambda _trusted, stranger: stranger.context(HOST), "unable to get local issuer certificate"),
    "of another host": (lambda trusted, _stranger: trusted.context("other.example.org"), OF_ANOTHER),
    "of an address": (lambda trusted, _stranger: trusted.context("127.0.0.1"), OF_ANOTHER),
    "expired": (lambda trusted, _stranger: trusted.context(HOST, days=-1), "certificate has expired"),
    "signed by itself": (lambda _trusted, stranger: stranger.context(HOST, by_itself=True), "self-signed certificate"),
}
"""Certificates that must not be taken, made of the authority that is trusted and one that is not; and why not."""


@pytest.mark.parametrize("tls", ["at_once", "starttls"])
@pytest.mark.parametrize("kind", BAD)
def test_server_with_a_bad_certificate_gets_neither_password_nor_letter(
    authority: Authority, stranger: Authority, sent_by: Any, tls: str, kind: str
) -> None:
    """Risk: somebody between the office and its mail server reads the letters, and the password with them."""
    certificate, reason = BAD[kind]
    scheme = "smtps" if tls == "at_once" else "smtp"
    with serving(**{tls: certificate(authority, stranger)}) as heard:
        assert sent_by(f"{scheme}://{LOGIN}@{HOST}:{heard.port}") == (0, 1)
    assert heard.nothing
    _is_kept(f"The certificate of {HOST} is not trusted: {reason}.")


def test_certificate_is_verified_on_this_machine_too_where_tls_is_asked_for(stranger: Authority, sent_by: Any) -> None:
    with serving(at_once=stranger.context("127.0.0.1")) as heard:
        assert sent_by(f"smtps://{LOGIN}@127.0.0.1:{heard.port}") == (0, 1)
    assert heard.nothing
    _is_kept("The certificate of 127.0.0.1 is not trusted")


def test_authority_of_an_own_file_is_trusted_only_while_it_is_set(
    app: Flask, authority: Authority, sent_by: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAIL_CA_FILE", "")
    with serving(at_once=authority.context(HOST)) as heard:
        assert sent_by(f"smtps://{LOGIN}@{HOST}:{heard.port}") == (0, 1)
    assert heard.nothing
    _is_kept("is not trusted")


@pytest.mark.parametrize("promises_tls", [False, True])
@pytest.mark.parametrize("login", ["", f"{LOGIN}@"])
def test_server_that_does_not_begin_tls_gets_neither_password_nor_letter(
    sent_by: Any, promises_tls: bool, login: str
) -> None:
    """Risk: who sits between strips the offer of TLS, and the office goes on in the clear."""
    with serving(promises_tls=promises_tls) as heard:
        assert sent_by(f"smtp://{login}{HOST}:{heard.port}") == (0, 1)
    assert heard.nothing
    _is_kept(f"{HOST} does not begin TLS (STARTTLS), so nothing was sent to it.")


def test_server_that_speaks_no_tls_where_it_should_gets_nothing(sent_by: Any) -> None:
    with serving() as heard:
        assert sent_by(f"smtps://{LOGIN}@{HOST}:{heard.port}") == (0, 1)
    assert heard.nothing
    _is_kept(f"{HOST} did not agree on TLS")


def test_letter_outlasts_a_bad_server_however_long_and_goes_once_it_is_mended(
    authority: Authority, stranger: Authority, sent_by: Any
) -> None:
    with serving(at_once=stranger.context(HOST)) as heard:
        for _ in range(MOST_TRIES + 2):
            assert sent_by(f"smtps://{LOGIN}@{HOST}:{heard.port}") == (0, 1)
            message = db.session.scalars(select(OutboxMessage)).one()
            assert message.status == MailStatus.QUEUED
            assert message.not_before <= clock.now() + timedelta(minutes=2**MOST_TRIES)
            with transaction():
                message.not_before = clock.now()
    with serving(at_once=authority.context(HOST)) as heard:
        assert sent_by(f"smtps://{LOGIN}@{HOST}:{heard.port}") == (1, 0)
    _is_sent(heard, over_tls=True, logins=1)


# The rule, without any server


@given(st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){0,4}", fullmatch=True))
def test_host_with_a_name_needs_tls_unless_it_is_localhost(host: str) -> None:
    try:
        ip_address(host)
    except ValueError:
        assert tls_for("smtp", host) is (Tls.NONE if host == "localhost" else Tls.STARTTLS)


@given(st.ip_addresses())
def test_address_needs_tls_unless_it_is_of_this_machine(address: IPv4Address | IPv6Address) -> None:
    inner = str(getattr(address, "ipv4_mapped", None) or address)
    ours = inner.startswith("127.") or inner == "::1"
    assert tls_for("smtp", str(address)) is (Tls.NONE if ours else Tls.STARTTLS)
    assert tls_for("smtps", str(address)) is Tls.AT_ONCE


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "localhost", "LOCALHOST"])
def test_this_machine_may_be_spoken_to_without_tls(host: str) -> None:
    assert tls_for("smtp", host) is Tls.NONE


@pytest.mark.parametrize(
    "host",
    [
        "localhost.example.org",
        "local-host",
        "127.0.0.1.example.org",
        "127.1",
        "0.0.0.1",
        "::",
        "::ffff:10.0.0.1",
        "10.0.0.1",
    ],
)
def test_what_only_looks_like_this_machine_needs_tls(host: str) -> None:
    assert tls_for("smtp", host) is Tls.STARTTLS


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("smtps://mail.example.org", HOST, 465, Tls.AT_ONCE),
        ("smtp://mail.example.org:587", HOST, 587, Tls.STARTTLS),
        ("SMTP://Mail.Example.org", HOST, 25, Tls.STARTTLS),
        ("smtp://[::1]", "::1", 25, Tls.NONE),
    ],
)
def test_mail_url_says_where_mail_goes(url: str, host: str, port: int, tls: Tls) -> None:
    assert MailServer.of(url) == MailServer(host, port, tls)


def test_login_of_a_mail_url_may_hold_any_sign_and_is_not_shown() -> None:
    server = MailServer.of(f"smtp://{LOGIN}@{HOST}")
    assert (server.user, server.password) == (USER, PASSWORD)
    assert PASSWORD not in repr(server)


@pytest.mark.parametrize(
    "url", ["http://x", "smtp://", "localhost:25", "smtp://x:port", "smtp://x:99999", "smtp://[::1"]
)
def test_mail_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(BadMailUrl, match="MAIL_URL must be smtp://"):
        MailServer.of(url)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_file_of_authorities_that_holds_none_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """Risk: an empty file would mean that nobody is asked for."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadMailUrl, match="MAIL_CA_FILE must be a readable file"):
        MailServer.of(f"smtps://{HOST}", str(path)).trust()
