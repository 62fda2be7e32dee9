"""Mail is written here in the transaction of the deed that causes it, and sent by the worker after the commit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path

from flask import current_app
from sqlalchemy import Index, func, select
from sqlalchemy.orm import Mapped

from grants.foundation.values import clock
from grants.foundation.values.smtp import MailServer, UnsafeServer

from .db import Id, Model, db, one_of, transaction

MOST_TRIES = 8
STUCK_AFTER = timedelta(minutes=10)
"""A message that was taken this long ago and not reported sent is tried again under the same Message-ID."""

NEWS = timedelta(days=1)
"""How long a message that could not be sent is spoken of: longer than the longest pause between two tries."""


class MailStatus(StrEnum):
    """Where a message is."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    VOID = "void"


class OutboxMessage(Model):
    """One message to one address. `about` names what it is about, so that a changed decision can void it."""

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

    __table_args__ = (one_of("status", MailStatus), Index("ix_outbox_status_not_before", "status", "not_before"))


Transport = Callable[[EmailMessage, int], None]


def queue(*, to: str, subject: str, body: str, purpose: str, about: str = "") -> OutboxMessage:
    """Write a message to the outbox, in the caller's transaction.

    It does not flush: what a deed has changed is still there for the audit line that follows.
    """
    with transaction() as session:
        now = clock.now()
        message = OutboxMessage(
            to=to,
            subject=subject,
            body=body,
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
            message.status = MailStatus.VOID
        return len(unsent)


def send_again(message_id: int) -> None:
    """Put a failed message back in the queue."""
    with transaction() as session:
        message = session.get_one(OutboxMessage, message_id, with_for_update=True)
        if message.status == MailStatus.FAILED:
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
            message.status, message.sent_at = MailStatus.SENT, message.made_at
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
    """The message as mail, with a Message-ID that stays the same at every try."""
    mail = EmailMessage()
    sender = current_app.config["MAIL_FROM"]
    digest = hashlib.sha256(f"{message.id}:{message.made_at.isoformat()}:{message.to}".encode()).hexdigest()[:32]
    mail["From"], mail["To"] = sender, message.to
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = message.made_at
    mail["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    return mail


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
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{number:08}.eml"
        draft = path.with_suffix(".tmp")
        draft.write_bytes(bytes(mail))
        draft.replace(path)

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
        message.status, message.sent_at, message.last_error = MailStatus.SENT, clock.now(), ""


def _put_back(message: OutboxMessage, error: Exception) -> None:
    """Keep a message for a later try. For an unsafe server, whose fault is not the message's, it is never given up."""
    with transaction():
        message.last_error = (str(error) or error.__class__.__name__)[:500]
        if message.tries >= MOST_TRIES and not isinstance(error, UnsafeServer):
            message.status = MailStatus.FAILED
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
