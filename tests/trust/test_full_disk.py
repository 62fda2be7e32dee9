"""The disk is full while people work: they are told, keep what they typed, and go on when there is room again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import deeds
from .conftest import Note, Stock, how_many
from .deeds import Figures, Load
from .disks import SmallDisk
from .finish import finish
from .installation import Installation, Server

pytestmark = pytest.mark.slow

SIZE = 48 << 20
AT_ONCE = 15
NO_FILES = "The instance folder takes no files."


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk that is gone after the test."""
    made = SmallDisk(tmp_path / "disk", SIZE)
    yield made
    made.close()


def test_full_disk_is_told_and_nothing_is_lost(
    stock: Stock,
    disk: SmallDisk,
    serve: Callable[[Installation], Server],
    chance: random.Random,
    note: Note,
) -> None:
    """Risk: half of what somebody sent is stored, or the service stays broken when there is room again."""
    of, every = stock.copy_to(disk.folder / "instance")
    left, server, figures, fills = list(every), serve(of), Figures(), 0
    server.start()
    while fills < how_many("TRUST_FULL", 2) and left:
        some, left = left[:AT_ONCE], left[AT_ONCE:]
        if fills:
            load = Load(of.port, some)
            time.sleep(chance.uniform(0, 0.5))
            disk.fill()
        else:
            disk.fill()
            load = Load(of.port, some)
        load.wait()
        left = [*load.end(), *left]
        disk.fill()  # what was half written is gone again, and left room
        _look_at_the_service(server)
        disk.make_room()
        assert load.badly_put_off() == []
        assert load.refused() == []
        assert fills or load.not_now
        with of.opened():
            assert deeds.faults(every) == []
            figures.count(load)
        fills += 1
    server.wait_until(lambda: server.health() == 200)
    finish(of, server, every, left)
    note("Full disks", tried=fills, figures=figures)


def _look_at_the_service(server: Server) -> None:
    """It says that it is not well, and goes on showing what there is."""
    time.sleep(1)  # a process knows for a second how well it was
    assert (server.health(), server.reason()) == (503, NO_FILES)
    assert server.ask("/register")[0] == 200
