"""Mail leaves after the deed that causes it, once, and a message that cannot be sent holds up no other."""

from __future__ import annotations

import email
import email.policy
import smtplib
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.foundation.records import outbox
from grants.foundation.records.db import db, transaction
from grants.foundation.records.office import set_office
from grants.foundation.records.outbox import MOST_TRIES, STUCK_AFTER, MailStatus, OutboxMessage
from tests.support.factories import TESTS


def queued(to: str = "jo@example.org", **more: Any) -> OutboxMessage:
    return outbox.queue(
        to=to, **{"subject": "Your result", "body": "Dear Jo\n", "purpose": "result", "about": "application:1", **more}
    )


def statuses() -> list[str]:
    return list(db.session.scalars(select(OutboxMessage.status).order_by(OutboxMessage.id)))


class Post:
    """A transport that keeps what it is given; addresses in `refusing` fail."""

    def __init__(self, *refusing: str, error: Exception | None = None) -> None:
        self.sent: list[EmailMessage] = []
        self.refusing, self.error = refusing, error or smtplib.SMTPServerDisconnected("gone")

    def __call__(self, mail: EmailMessage, _number: int) -> None:
        if mail["To"] in self.refusing:
            raise self.error
        self.sent.append(mail)


def test_message_is_sent_once(app: Flask, clock: Any) -> None:
    queued()
    post = Post()
    assert outbox.send_pending(post) == (1, 0)
    assert outbox.send_pending(post) == (0, 0)
    assert [(mail["To"], mail["Subject"], mail["From"]) for mail in post.sent] == [
        ("jo@example.org", "Your result", "office@example.org")
    ]
    message = db.session.scalars(select(OutboxMessage)).one()
    assert (message.status, message.tries, message.sent_at) == (MailStatus.SENT, 1, message.made_at)


def test_deed_that_fails_leaves_no_message(app: Flask) -> None:
    def queue_and_fail() -> None:
        with transaction():
            queued()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        queue_and_fail()
    assert statuses() == []


def test_message_that_fails_is_tried_again_later_and_given_up_in_the_end(app: Flask, clock: Any) -> None:
    queued()
    post = Post("jo@example.org")
    for attempt in range(1, MOST_TRIES + 1):
        assert outbox.send_pending(post) == (0, 1)
        assert outbox.send_pending(post) == (0, 0)
        assert statuses() == [MailStatus.FAILED if attempt == MOST_TRIES else MailStatus.QUEUED]
        clock.shift(timedelta(minutes=2**attempt))
    assert outbox.send_pending(Post()) == (0, 0)
    assert db.session.scalars(select(OutboxMessage.last_error)).one() == "gone"


def test_failed_message_can_be_sent_again(app: Flask, clock: Any) -> None:
    message = queued()
    with transaction():
        message.status, message.tries = MailStatus.FAILED, MOST_TRIES
    outbox.send_again(message.id)
    assert outbox.send_pending(Post()) == (1, 0)
    outbox.send_again(message.id)
    assert outbox.send_pending(Post()) == (0, 0)


@pytest.mark.parametrize(
    "error", [OSError("no route"), ValueError("bad"), KeyError("x"), smtplib.SMTPRecipientsRefused({})]
)
def test_message_that_cannot_be_sent_holds_up_no_other(app: Flask, error: Exception) -> None:
    queued("a@example.org")
    queued("b@example.org")
    post = Post("a@example.org", error=error)
    assert outbox.send_pending(post) == (1, 1)
    assert [mail["To"] for mail in post.sent] == ["b@example.org"]
    assert statuses() == [MailStatus.QUEUED, MailStatus.SENT]


@pytest.mark.parametrize("to", ["a@example.org\nBcc: all@example.org", "", "@"])
def test_address_cannot_add_a_header(app: Flask, to: str) -> None:
    """Risk: an address with a line break sends the letter to others too."""
    queued(to)
    post = Post()
    outbox.send_pending(post)
    assert all(mail["Bcc"] is None for mail in post.sent)


def test_subject_is_one_line(app: Flask) -> None:
    message = queued(subject="Your\r\nBcc: all@example.org result\n")
    mail = outbox.compose(message)
    assert (mail["Subject"], mail["Bcc"]) == ("Your Bcc: all@example.org result", None)


def test_void_reaches_unsent_messages_about_the_thing_only(app: Flask) -> None:
    queued()
    queued(about="application:2")
    queued(purpose="receipt")
    assert outbox.void(about="application:1", purpose="result") == 1
    assert statuses() == [MailStatus.VOID, MailStatus.QUEUED, MailStatus.QUEUED]
    outbox.send_pending(Post())
    assert outbox.void(about="application:2", purpose="result") == 0
    assert statuses() == [MailStatus.VOID, MailStatus.SENT, MailStatus.SENT]


def test_message_that_a_worker_took_and_lost_is_sent_by_the_next(app: Flask, clock: Any) -> None:
    class Killed(BaseException):
        """What ends a process."""

    def killed(_mail: EmailMessage, _number: int) -> None:
        raise Killed

    queued()
    with pytest.raises(Killed):
        outbox.send_pending(killed)
    assert (statuses(), outbox.waiting()) == ([MailStatus.SENDING], 1)
    assert outbox.send_pending(Post()) == (0, 0)
    clock.shift(STUCK_AFTER + timedelta(seconds=1))
    assert outbox.send_pending(Post()) == (1, 0)
    assert outbox.waiting() == 0


def test_every_try_has_the_same_message_id(app: Flask) -> None:
    message = queued()
    first, second, other = outbox.compose(message), outbox.compose(message), outbox.compose(queued())
    assert first["Message-ID"] == second["Message-ID"] != other["Message-ID"]


def test_two_workers_never_send_one_message_twice(app: Flask) -> None:
    for n in range(12):
        queued(f"p{n}@example.org")
    post = Post()
    ready = threading.Barrier(3)

    def work() -> None:
        with app.app_context():
            ready.wait()
            outbox.send_pending(post)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(mail["To"] for mail in post.sent) == sorted(f"p{n}@example.org" for n in range(12))
    assert set(statuses()) == {MailStatus.SENT}
    assert db.session.scalar(select(func.sum(OutboxMessage.tries))) == 12


def test_mail_goes_to_the_folder_by_default(app: Flask, instance: Path) -> None:
    set_office(actor=TESTS, contact_email="grants@example.org", contact_phone="01234 567890")
    message = queued(body="Dear Zoë 👋\n.\nFrom here\n")
    assert outbox.send_pending() == (1, 0)
    raw = (instance / "mail" / f"{message.id:08}.eml").read_bytes()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail.get_body().get_content() == (  # type: ignore[union-attr]
        "Dear Zoë 👋\n.\nFrom here\n\n"
        "Community grants\nThe grants office\nWrite to us: grants@example.org\nRing us: 01234 567890\n"
    )
    assert mail["Auto-Submitted"] == "auto-generated"


class Handler(socketserver.StreamRequestHandler):
    """As much of SMTP as sending a message needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            self.server.heard.append(line.decode().strip())  # type: ignore[attr-defined]
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() != b".\r\n":
                    pass
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")


@pytest.fixture
def post_office() -> Iterator[socketserver.TCPServer]:
    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        server.heard = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_mail_goes_by_smtp_where_it_is_set(app: Flask, post_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{post_office.server_address[1]}")
    queued()
    assert outbox.send_pending() == (1, 0)
    assert "rcpt TO:<jo@example.org>" in post_office.heard


@pytest.mark.parametrize("url", ["http://x", "smtp://", "localhost:25"])
def test_mail_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="MAIL_URL must be smtp://"):
        outbox.transport_for(url, Path())


def test_letters_of_a_loaded_past_count_as_sent_when_they_were_made_and_reach_nobody(app: Flask, clock: Any) -> None:
    """Who loads a past with a hundred letters must not send them to the addresses in it."""
    queued()
    made_at = queued("sam@example.org").made_at
    clock.shift(timedelta(days=30))
    post = Post()

    assert outbox.count_as_sent() == 2
    assert outbox.send_pending(post) == (0, 0)

    assert post.sent == []
    assert statuses() == [MailStatus.SENT, MailStatus.SENT]
    assert set(db.session.scalars(select(OutboxMessage.sent_at))) == {made_at}
