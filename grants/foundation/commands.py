"""The commands of the foundation: the trail, the mail, backups, and the office's settings."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from .records import audit, backup, office, presence, proof, worker
from .records.actors import Actor
from .records.db import reading

SECONDS_BETWEEN_WORDS = 2

audit_group = AppGroup("audit", help="The audit trail.")
mail_group = AppGroup("mail", help="The mail outbox.")
office_group = AppGroup("office", help="The settings of the office that runs the fund.")


@audit_group.command("verify")
@click.option("--head", default="", metavar="NUMBER:HASH", help="What `audit head` said before: it has to be there.")
def verify(head: str) -> None:
    """Check that no line of the trail and no row that it holds was changed, removed or put in, and that the sums agree.

    Note what `audit head` says somewhere else: lines cut off the end show only there.
    """
    with proof.of_one_moment():
        found = proof.prove(head=_known_head(head), watch=_Progress().watch)
    for fault in found.faults:
        click.echo(f"{fault}.")
    if found.faults:
        click.echo(f"{found.lines} lines hold up to there, and {found.rows} rows were looked at.")
        sys.exit(1)
    click.echo(f"{found.lines} lines and {found.rows} rows, all in order. Head: {found.head}")


@audit_group.command("head")
def head_() -> None:
    """Show the number and hash of the last line: note it where nobody who reaches the database can change it."""
    with reading():
        click.echo(audit.head())


@audit_group.command("take-in")
def take_in() -> None:
    """Have the trail hold the rows that no line holds yet: once, after an upgrade from a version that held none."""
    click.echo(f"{proof.take_in(actor=Actor.command('audit take-in'))} rows taken in.")


def _known_head(text: str) -> str:
    if text and not re.fullmatch(r"\d+:[0-9a-f]{64}", text):
        raise click.BadParameter(
            "It is a number, a colon and 64 digits, as `audit head` shows it.", param_hint="--head"
        )
    return text


class _Progress:
    """Says every few seconds how far it is."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def watch(self, things: Iterable[Any], what: str, most: int = 0) -> Iterator[Any]:
        """Pass the things on."""
        for number, thing in enumerate(things, 1):
            yield thing
            if time.monotonic() - self._said > SECONDS_BETWEEN_WORDS:
                self._said = time.monotonic()
                click.echo(f"{what}: {number:,}{f' of {most:,}' if most else ''}", err=True)


@mail_group.command("send")
def send() -> None:
    """Send the mail that is due, once."""
    said: list[str] = []
    _sent, failed = worker.one_pass(said.append)
    click.echo("\n".join(said) or "0 sent, 0 failed.")
    sys.exit(1 if failed else 0)


@mail_group.command("run")
@click.option("--every", type=click.FloatRange(min=0.1), default=5.0, show_default=True, help="Seconds between passes.")
def run(every: float) -> None:
    """Send mail as it falls due, until stopped."""
    stop = threading.Event()
    worker.stop_on_signal(stop)
    with presence.mark(current_app.config["INSTANCE"]):
        worker.run(every=every, say=lambda text: click.echo(text, err=True), stop=stop)


@office_group.command("show")
def show() -> None:
    """Show the settings."""
    with reading():
        the_office = office.the_office()
    for key in office.DEFAULTS:
        click.echo(f"{key}: {_shown(getattr(the_office, key))}")


@office_group.command("set")
@click.argument("key", type=click.Choice(list(office.DEFAULTS)))
@click.argument("value")
def set_(key: str, value: str) -> None:
    """Change one setting."""
    parsed: Any = value
    if isinstance(office.DEFAULTS[key], bool):
        parsed = click.BOOL.convert(value, None, None)
    office.set_office(actor=Actor.command("office set"), **{key: parsed})
    click.echo(f"{key}: {_shown(parsed)}")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup_command(file: Path) -> None:
    """Write the database and the stored files to one new FILE."""
    try:
        made = backup.back_up(file)
    except (backup.BackupFailed, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: the {made.kind} database and {made.files} stored files.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Also where this installation is not empty.")
@with_appcontext
def restore_command(file: Path, force: bool) -> None:
    """Put the backup in FILE in place of what is here. Stop the server and the mail worker first."""
    try:
        made = backup.restore(file, force=force)
    except (backup.BackupFailed, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"The {made.kind} database and {made.files} stored files are as they were at {made.made_at}.")


groups: list[click.Command] = [audit_group, mail_group, office_group, backup_command, restore_command]
