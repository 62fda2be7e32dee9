"""The mail worker: one pass after another, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

from flask import current_app
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from . import files, outbox
from .db import db, reading

LONGEST_PAUSE = 60.0
"""Seconds between two tries while the database does not answer."""

Say = Callable[[str], None]


def run(*, every: float, say: Say, stop: threading.Event) -> None:
    """Send what is due every `every` seconds until `stop`. A database that restarts is waited for."""
    pause = every
    while not stop.is_set():
        try:
            one_pass(say)
            pause = every
        except (DBAPIError, SQLAlchemyError, OSError) as error:
            pause = min(max(pause * 2, 1.0), LONGEST_PAUSE)
            say(f"Could not send mail, will try again in {pause:.0f} s: {_first_line(error)}")
            db.session.remove()
            db.engine.dispose()
        stop.wait(pause)


def one_pass(say: Say) -> tuple[int, int]:
    """Send what is due; returns (sent, failed)."""
    sent, failed = outbox.send_pending()
    if current_app.config["CLAMAV_SOCKET"]:
        scan_files(say)
    if sent or failed:
        say(f"{sent} sent, {failed} failed.{_why() if failed else ''}")
    db.session.remove()
    return sent, failed


def _why() -> str:
    with reading():
        held = outbox.held_up()
    return f" The last reason: {held.reason}" if held else ""


def scan_files(say: Say) -> None:
    """Have the files scanned that are held for it. Without a scanner that answers they stay held."""
    try:
        clean, infected = files.scan_waiting()
    except OSError as error:
        say(f"Could not scan files: {_first_line(error)}")
        return
    if clean or infected:
        say(f"{clean} files clean, {infected} infected.")


def stop_on_signal(stop: threading.Event) -> None:
    """Let Ctrl-C and SIGTERM end the worker between two messages."""

    def told(_number: int, _frame: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else error.__class__.__name__
