"""PostgreSQL is killed while people work, and comes back: pages say so meanwhile, and nothing is lost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import deeds
from .conftest import Note, how_many
from .deeds import Figures, Load
from .finish import finish
from .installation import Installation, Server
from .postgresql import OwnPostgreSQL

pytestmark = pytest.mark.slow

AT_ONCE = 10


@pytest.fixture
def postgresql() -> Iterator[OwnPostgreSQL]:
    """One that is gone after the test."""
    made = OwnPostgreSQL()
    yield made
    made.close()


def test_database_that_was_killed_comes_back_with_all_that_people_were_told(
    postgresql: OwnPostgreSQL,
    tmp_path: Path,
    serve: Callable[[Installation], Server],
    chance: random.Random,
    note: Note,
) -> None:
    """Risk: after a crash of the database the app has to be started anew, or has told of what is not there."""
    kills, figures = how_many("TRUST_DATABASE", 2), Figures()
    of = Installation(tmp_path / "instance", database=postgresql.url)
    of.build()
    with of.opened() as app:
        every = deeds.stock(app, 2 * kills + 1)
    left, server = list(every), serve(of)
    server.start()
    for number in range(kills):
        some, left = left[:AT_ONCE], left[AT_ONCE:]
        load = Load(of.port, some)
        time.sleep(chance.uniform(0.02, 0.6))
        (postgresql.stop_at_once if number % 2 else postgresql.kill)()
        left = [*load.end(), *left]
        server.wait_until(lambda: server.ask("/register")[0] == 503)
        assert (server.health(), server.reason()) == (503, "The database does not answer.")
        assert load.badly_put_off() == []
        assert load.refused() == []
        postgresql.start()
        with of.opened():
            assert deeds.faults(every) == [], f"after kill {number + 1}"
            figures.count(load)
        server.wait_until(lambda: server.health() == 200)
    finish(of, server, every, left)
    note("PostgreSQL killed", tried=kills, figures=figures)
