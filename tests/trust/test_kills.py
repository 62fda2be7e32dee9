"""The server is killed while people do what they wait for: nothing that they were told is lost, done twice or half."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from . import deeds
from .conftest import Note, Stock, how_many
from .deeds import Load
from .finish import finish
from .installation import Installation, Server

pytestmark = pytest.mark.slow

AT_ONCE = 10
"""Deeds that people begin before the server is killed."""


def test_what_people_were_told_is_there_after_a_kill(
    stock: Stock,
    tmp_path: Path,
    serve: Callable[[Installation], Server],
    chance: random.Random,
    note: Note,
) -> None:
    """Risk: the group has its receipt, and we do not have its application."""
    kills, figures, made = how_many("TRUST_KILLS", 2), deeds.Figures(), 0
    while made < kills:
        of, every = stock.copy_to(tmp_path / f"{made}")
        left, server = list(every), serve(of)
        while made < kills and len(left) >= AT_ONCE:
            some, left = left[:AT_ONCE], left[AT_ONCE:]
            server.start()
            load = Load(of.port, some)
            killed = (chance.choice(KILLS) if made else _everything)(server, chance.uniform(0.02, 0.5), chance)
            left = [*load.end(), *left]
            server.kill()
            assert load.refused() == []
            assert load.not_now == []
            with of.opened():
                assert deeds.faults(every) == [], f"after kill {made + 1}, of {killed}"
                figures.count(load)
            made += 1
        server.start()
        finish(of, server, every, left)
    note("Kills", tried=kills, figures=figures)


def _everything(server: Server, seconds: float, _chance: random.Random) -> str:
    time.sleep(seconds)
    server.kill()
    return "everything"


def _first(server: Server, seconds: float, _chance: random.Random) -> str:
    """The workers end by themselves then, and answer first what they have begun."""
    time.sleep(seconds)
    os.kill(server.number, signal.SIGKILL)
    server.wait_until_gone()
    return "gunicorn's first process"


def _worker(server: Server, seconds: float, chance: random.Random) -> str:
    """Another is begun in its place, while people go on."""
    time.sleep(seconds)
    os.kill(chance.choice(server.workers()), signal.SIGKILL)
    time.sleep(seconds)
    return "a worker"


KILLS = (_everything, _first, _worker)


def test_a_deed_that_is_lost_is_found(stock: Stock, tmp_path: Path) -> None:
    """Risk: all is well, because nobody looks."""
    of, every = stock.copy_to(tmp_path / "copy")
    with of.opened():
        assert deeds.faults(every) == []
        for deed in every[: len(deeds.KINDS)]:
            deed.told = 1
        lost = [f"{deed.kind} {deed.about} is lost" for deed in every[:4]]
        assert deeds.faults(every)[:4] == lost
        assert len(deeds.undone(every)) == len(every)
