"""The power is cut, and the disk forgets what it was not told to keep: what people were told is there all the same."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from grants.accounts.models import Person
from grants.foundation.records import backup, files, outbox
from grants.foundation.records.db import db
from grants.foundation.records.outbox import MailStatus, OutboxMessage
from grants.foundation.values import settings
from grants.payments.bank import operations as bank
from grants.payments.models import BankDetails
from tests.support import payments_factories

from . import deeds
from .conftest import Note, Stock, how_many
from .deeds import Deed, Figures, Load
from .disks import ForgetfulDisk
from .installation import Installation, Server

pytestmark = pytest.mark.slow

AT_ONCE = 10
LOADS = (1, 1, 1, 4)
"""How many times as much is begun before a cut, drawn by chance: with the last SQLite empties its log meanwhile."""
CHANGES = 120
"""How often a deed changes the disk, in round figures: the power is cut before all are done."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[ForgetfulDisk]:
    """A disk that is gone after the test."""
    made = ForgetfulDisk(tmp_path / "disk")
    yield made
    made.close()


def test_what_people_were_told_is_there_after_a_power_cut(
    stock: Stock,
    disk: ForgetfulDisk,
    serve: Callable[[Installation], Server],
    chance: random.Random,
    note: Note,
) -> None:
    """Risk: a power cut in the night, and a signature that was public in the evening is gone in the morning."""
    cuts, figures, made = how_many("TRUST_CUTS", 2), Figures(), 0
    while made < cuts:
        of, every = stock.copy_to(disk.folder / f"{made}")
        disk.keep()
        left, server = list(every), serve(of)
        while made < cuts and len(left) >= AT_ONCE:
            most = AT_ONCE * chance.choice(LOADS)
            some, left = left[:most], left[most:]
            server.start()
            load = Load(of.port, some)
            disk.set(left=chance.randrange(1, CHANGES * len(some)))
            load.wait(until=lambda: disk.is_off)
            server.kill()
            left = [*load.end(), *left]
            disk.cut(seed=made if made % 2 else None)
            assert load.refused() == []
            with of.opened():
                assert db.session.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
                assert deeds.faults(every) == [], f"after cut {made + 1}"
                figures.count(load)
                if made % 2:
                    disk.set(is_off=True)
            if made % 2:
                disk.cut()  # and once more, with the log that SQLite had then
            made += 1
    note("Power cuts under a server", tried=cuts, figures=figures)


# Without a server, a step at a time


def _prove(of: Deed) -> None:
    """Do an upload in this process."""
    details = db.session.get_one(BankDetails, of.about)
    person = db.session.get_one(Person, details.given_by_id)
    bank.prove(person=person, details=details, upload=payments_factories.upload(of.file))
    of.told += 1


def _with_synchronous_normal() -> AbstractContextManager[None]:
    """SQLite as many have it: a commit waits for nothing."""

    @contextmanager
    def sets() -> Iterator[None]:
        def calm(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous = NORMAL")

        event.listen(db.engine, "connect", calm)
        yield
        event.remove(db.engine, "connect", calm)

    return sets()


TAKEN_OUT: dict[str, tuple[Callable[[], AbstractContextManager[Any]], str]] = {
    "nothing": (nullcontext, ""),
    "synchronous = FULL": (_with_synchronous_normal, "is lost"),
    "fsync of files": (lambda: patch.object(files.os, "fsync"), "'files': 0"),
    "fsync of folders": (lambda: patch.object(files.disk, "sync"), "'files': 0"),
}
"""What the product does so that nothing is forgotten, how it is kept from it, and what is found then."""


@pytest.mark.parametrize("name", TAKEN_OUT)
def test_each_safeguard_is_missed(name: str, stock: Stock, disk: ForgetfulDisk) -> None:
    """Risk: a test that finds nothing, whatever is lost."""
    taken_out, found = TAKEN_OUT[name]
    of, every = stock.copy_to(disk.folder / "instance")
    upload = next(deed for deed in every if deed.kind == "upload")
    disk.keep()
    with of.opened(), taken_out():
        db.engine.dispose()
        _prove(upload)
        disk.set(is_off=True)
    disk.cut()
    with of.opened():
        faults = deeds.faults([upload])
    assert [found in fault for fault in faults[:1]] == ([True] if found else [])


def _tries(disk: ForgetfulDisk, chance: random.Random, name: str, most: int) -> Iterator[int]:
    """Let the power be cut in the midst of what the caller does, at most after so many changes; and have it back.

    The first time, it is cut when the caller has done it.
    """
    for number in range(how_many(name, 3)):
        if number:
            disk.set(left=chance.randrange(1, most))
        yield number
        disk.cut(seed=number if number % 2 else None)


def test_letter_that_left_is_in_its_folder(
    stock: Stock, disk: ForgetfulDisk, chance: random.Random, note: Note
) -> None:
    """Risk: a letter counts as sent, and nobody ever gets it."""
    of, _every = stock.copy_to(disk.folder / "instance")
    disk.keep()
    for _number in _tries(disk, chance, "TRUST_STEPS", 60):
        with suppress(DBAPIError, OSError), of.opened():
            outbox.send_pending(most=3)
            disk.set(is_off=True)
    with of.opened():
        sent = db.session.scalars(select(OutboxMessage).where(OutboxMessage.status == MailStatus.SENT)).all()
        for message in sent:
            content = (of.folder / "mail" / f"{message.id:08}.eml").read_bytes()
            assert content == bytes(outbox.compose(message))
        assert sent
        note("Power cuts while letters leave", tried=how_many("TRUST_STEPS", 3), figures=Figures(told=len(sent)))


def test_secret_that_was_used_stays(disk: ForgetfulDisk, chance: random.Random, note: Note) -> None:
    """Risk: after a power cut the service does not start, or knows nobody's session and opens no sealed letter."""
    used: dict[Path, str] = {}
    folder = disk.folder / "0"
    for number in _tries(disk, chance, "TRUST_STEPS", 12):
        folder = disk.folder / str(number)
        with suppress(settings.BadSetting):
            used[folder] = _secret_of(folder)
    for folder, secret in used.items():
        assert _secret_of(folder) == secret
    assert _secret_of(folder)
    note("Power cuts at a first start", tried=how_many("TRUST_STEPS", 3), figures=Figures(told=len(used)))


def _secret_of(folder: Path) -> str:
    """The secret that an installation signs with, as its next process reads it."""
    with patch.dict(os.environ, Installation(folder).environment, clear=True):
        return str(settings.load()["SECRET_KEY"])


def test_new_database_can_be_begun_again(disk: ForgetfulDisk, chance: random.Random, note: Note) -> None:
    """Risk: half a database, which `db upgrade` neither finishes nor begins anew."""
    begun = []
    for number in _tries(disk, chance, "TRUST_STEPS", 400):
        begun.append(disk.folder / str(number))
        with suppress(DBAPIError, OSError, settings.BadSetting):
            Installation(begun[-1]).build()
    for folder in begun:
        of = Installation(folder)
        of.build()
        with of.opened():
            assert deeds.faults([]) == []
    note("Power cuts while the tables are made", tried=how_many("TRUST_STEPS", 3), figures=Figures())


def test_backup_that_was_made_comes_back(stock: Stock, disk: ForgetfulDisk, chance: random.Random, note: Note) -> None:
    """Risk: the backup is said to be there, and is not, or half."""
    of, every = stock.copy_to(disk.folder / "instance")
    disk.keep()
    begun = disk.changes
    with of.opened():
        backup.back_up(disk.folder / "first")
    made = set()
    for number in _tries(disk, chance, "TRUST_STEPS", (disk.changes - begun) * 3 // 2):
        target = disk.folder / f"{number}.backup"
        with suppress(DBAPIError, OSError, backup.BackupFailed), of.opened():
            backup.back_up(target)
            made.add(target)
            disk.set(is_off=True)
    there = set(disk.folder.glob("*.backup"))
    assert made
    assert made <= there
    for number, file in enumerate(sorted(there)[:4]):
        with of.opened():
            backup.restore(file, force=True)
            disk.set(is_off=True)
        disk.cut(seed=number if number % 2 else None)
        with of.opened():
            assert deeds.faults(every) == []
    note("Power cuts while a backup is made", tried=how_many("TRUST_STEPS", 3), figures=Figures(told=len(made)))
