"""Mail is written here in the transaction of the deed that causes it, and sent by the worker after the commit.

A link that opens something for whoever has it (the page takes a `token`) is never kept as it is: the body has a gap in
its place, and the whole letter stands beside it, sealed under a key made from SECRET_KEY, until it has left or never
will. So neither the database nor a backup of it holds a link that works.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app
from sqlalchemy import Index, func, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import HTTPException

from grants.foundation.values import clock, disk
from grants.foundation.values.keys import fernet_key
from grants.foundation.values.smtp import MailServer, UnsafeServer

from .db import Id, Model, Refused, db, one_of, transaction
from .office import signature, the_office

MOST_TRIES = 8
STUCK_AFTER = timedelta(minutes=10)
"""A message that was taken this long ago and not reported sent is tried again under the same Message-ID."""

NEWS = timedelta(days=1)
"""How long a message that could not be sent is spoken of: longer than the longest pause between two tries."""

CUT_OUT: Final = "[The link stood in the letter alone. Ask for a new one.]"
"""What is kept in the place of a link that works for whoever has it."""


class Unreadable(Exception):
    """A letter that is sealed, and does not open: SECRET_KEY is another than when it was written, or it was changed."""


class MailStatus(StrEnum):
    """Where a message is."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    VOID = "void"


class OutboxMessage(Model):
    """One message to one address. `about` names what it is about, so that a changed decision can void it.

    `sealed` is the whole letter, where `body` lacks a link of it and it has not left yet.
    """

    __tablename__ = "outbox"

    id: Mapped[Id]
    to: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    purpose: Mapped[str]
    about: Mapped[str]
    status: Mapped[str]
    made_at: Mapped[datetime]
    not_before: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int]
    last_error: Mapped[str]
    sealed: Mapped[str] = mapped_column(default="")

    __table_args__ = (one_of("status", MailStatus), Index("ix_outbox_status_not_before", "status", "not_before"))


Transport = Callable[[EmailMessage, int], None]


def queue(*, to: str, subject: str, body: str, purpose: str, about: str = "") -> OutboxMessage:
    """Write a message to the outbox, in the caller's transaction. It ends with who wrote it and how to reach them.

    It does not flush: what a deed has changed is still there for the audit line that follows.
    """
    with transaction() as session:
        body = f"{body.rstrip()}\n\n{signature(the_office())}\n"
        now, kept = clock.now(), without_links(body)
        message = OutboxMessage(
            to=to,
            subject=subject,
            body=kept,
            sealed=_seal(to, body) if kept != body else "",
            purpose=purpose,
            about=about,
            status=MailStatus.QUEUED,
            made_at=now,
            not_before=now,
            tries=0,
            last_error="",
        )
        session.add(message)
        return message


def void(*, about: str, purpose: str) -> int:
    """Void the unsent messages about something; returns how many there were."""
    with transaction() as session:
        unsent = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.about == about, OutboxMessage.purpose == purpose)
            .where(OutboxMessage.status.in_([MailStatus.QUEUED, MailStatus.FAILED]))
            .with_for_update()
        ).all()
        for message in unsent:
            _end(message, MailStatus.VOID)
        return len(unsent)


def send_again(message_id: int) -> None:
    """Put a failed message back in the queue. Raises Refused where its link was cut out."""
    with transaction() as session:
        message = session.get_one(OutboxMessage, message_id, with_for_update=True)
        if message.status == MailStatus.FAILED:
            if CUT_OUT in message.body:
                raise Refused("The link of this letter is cut out by now. Whoever needs it asks for a new one.")
            message.status, message.tries, message.not_before = MailStatus.QUEUED, 0, clock.now()


def count_as_sent() -> int:
    """Count every message that waits as sent when it was made, without sending it; returns how many there were.

    For the letters of a past that is only loaded: nobody waits for them any more, and a real address gets none.
    """
    with transaction() as session:
        session.flush()
        unsent = session.scalars(
            select(OutboxMessage).where(OutboxMessage.status == MailStatus.QUEUED).with_for_update()
        ).all()
        for message in unsent:
            _end(message, MailStatus.SENT)
            message.sent_at = message.made_at
        return len(unsent)


def send_pending(transport: Transport | None = None, *, most: int = 100) -> tuple[int, int]:
    """One pass of the worker: send what is due; returns (sent, failed).

    Each message is taken in a transaction of its own before it is sent, so that two
    workers never send the same one at the same time.
    """
    transport = transport or _configured()
    sent = failed = 0
    for _ in range(most):
        message = _take()
        if message is None:
            break
        try:
            transport(compose(message), message.id)
        except Exception as error:  # a message that cannot be sent, whatever the reason, holds up no other
            _put_back(message, error)
            failed += 1
        else:
            _mark_sent(message)
            sent += 1
    return sent, failed


def compose(message: OutboxMessage) -> EmailMessage:
    """The message as mail, with a Message-ID that stays the same at every try. Raises Unreadable."""
    mail = EmailMessage()
    sender = current_app.config["MAIL_FROM"]
    digest = hashlib.sha256(f"{message.id}:{message.made_at.isoformat()}:{message.to}".encode()).hexdigest()[:32]
    mail["From"], mail["To"] = sender, message.to
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = message.made_at
    mail["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(whole(message))
    return mail


def whole(message: OutboxMessage) -> str:
    """The body as it leaves, with the links that what is kept lacks. Raises Unreadable."""
    if not message.sealed:
        return message.body
    try:
        to, _, body = _box().decrypt(message.sealed).decode().partition("\n")
    except InvalidToken:
        raise Unreadable("SECRET_KEY is not the one that this letter was written under") from None
    if to != message.to:
        raise Unreadable("the letter was sealed for another address")
    return body


def without_links(body: str) -> str:
    """A letter with a gap for each address of a page that takes a token: it works for whoever has it."""
    pages = current_app.url_map.bind("")

    def cut(found: re.Match[str]) -> str:
        try:
            _endpoint, values = pages.match(found["path"], method="GET")
        except HTTPException:
            return found[0]
        return CUT_OUT if "token" in values else found[0]

    return re.sub(re.escape(current_app.config["PUBLIC_URL"]) + r"(?P<path>/[^\s?#]*)\S*", cut, body)


def _seal(to: str, body: str) -> str:
    """A letter, sealed for one address: to another it does not leave."""
    return _box().encrypt(f"{to}\n{body}".encode()).decode("ascii")


def _box() -> Fernet:
    return Fernet(fernet_key(current_app.config["SECRET_KEY"], b"grants: letters with links"))


def transport_for(url: str, instance: Path, ca_file: str = "") -> Transport:
    """SMTP for `smtp://` and `smtps://` URLs; without one, `.eml` files in the instance folder.

    Raises smtp.BadMailUrl.
    """
    if not url:
        return _to_folder(instance / "mail")
    server = MailServer.of(url, ca_file)
    return lambda mail, _number: server.send(mail)


def _configured() -> Transport:
    config = current_app.config
    return transport_for(config["MAIL_URL"], config["INSTANCE"], config["MAIL_CA_FILE"])


def _to_folder(folder: Path) -> Transport:
    def send(mail: EmailMessage, number: int) -> None:
        disk.make_folder(folder)
        disk.write(folder / f"{number:08}.eml", bytes(mail))

    return send


def _take() -> OutboxMessage | None:
    with transaction() as session:
        now = clock.now()
        stuck = (OutboxMessage.status == MailStatus.SENDING) & (OutboxMessage.taken_at < now - STUCK_AFTER)
        due = (OutboxMessage.status == MailStatus.QUEUED) & (OutboxMessage.not_before <= now)
        message = session.scalars(
            select(OutboxMessage)
            .where(due | stuck)
            .order_by(OutboxMessage.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).first()
        if message:
            message.status, message.taken_at, message.tries = MailStatus.SENDING, now, message.tries + 1
        return message


def _mark_sent(message: OutboxMessage) -> None:
    with transaction():
        _end(message, MailStatus.SENT)
        message.sent_at, message.last_error = clock.now(), ""


def _end(message: OutboxMessage, status: MailStatus) -> None:
    """A message that has left, or never will: its links are gone with it."""
    message.status, message.body, message.sealed = status, without_links(message.body), ""


def _put_back(message: OutboxMessage, error: Exception) -> None:
    """Keep a message for a later try. For an unsafe server, whose fault is not the message's, it is never given up."""
    with transaction():
        message.last_error = (str(error) or error.__class__.__name__)[:500]
        if message.tries >= MOST_TRIES and not isinstance(error, UnsafeServer):
            _end(message, MailStatus.FAILED)
        else:
            message.status = MailStatus.QUEUED
            message.not_before = clock.now() + timedelta(minutes=2 ** min(message.tries, MOST_TRIES))


def waiting() -> int:
    """How many messages are still to be sent."""
    unsent = [MailStatus.QUEUED, MailStatus.SENDING]
    return db.session.scalar(select(func.count()).where(OutboxMessage.status.in_(unsent))) or 0


@dataclass(frozen=True)
class HeldUp:
    """Messages that did not go out when they were tried: how many there are, and why the last one did not."""

    count: int
    reason: str


def held_up() -> HeldUp | None:
    """What was tried within the last day and is not sent, or None. One query."""
    unsent = [MailStatus.QUEUED, MailStatus.SENDING, MailStatus.FAILED]
    row = db.session.execute(
        select(func.count().over(), OutboxMessage.last_error)
        .where(OutboxMessage.status.in_(unsent), OutboxMessage.last_error != "")
        .where(OutboxMessage.taken_at > clock.now() - NEWS)
        .order_by(OutboxMessage.taken_at.desc(), OutboxMessage.id.desc())
        .limit(1)
    ).first()
    return HeldUp(*row) if row else None
