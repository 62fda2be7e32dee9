"""What the tests of trust share: an installation with things to do, kept once for a run, and the row of figures."""

from __future__ import annotations

import copy
import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import pytest

from . import deeds
from .deeds import Deed, Figures
from .installation import Installation, Server

SEED = int(os.environ.get("TRUST_SEED", "2026"))


def how_many(name: str, few: int) -> int:
    """How often something is tried: a few times in the suite, and as often as `make trust` says."""
    return int(os.environ.get(name, few))


class Note(Protocol):
    """Keeps a row of figures."""

    def __call__(self, part: str, *, tried: int, figures: Figures) -> None: ...


@dataclass
class Stock:
    """An installation on SQLite as it is before anything is done, and what there is to do in it."""

    folder: Path
    port: int
    deeds: list[Deed]

    def copy_to(self, folder: Path) -> tuple[Installation, list[Deed]]:
        """The same again, in another folder. It has the same port: no two are served at once."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Installation(folder, port=self.port), copy.deepcopy(self.deeds)


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """Made once; `TRUST_STOCK` says how much there is to do of each kind."""
    made = Installation(tmp_path_factory.mktemp("stock"))
    made.build()
    with made.opened() as app:
        waiting = deeds.stock(app, how_many("TRUST_STOCK", 6))
    return Stock(made.folder, made.port, waiting)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Installation], Server]]:
    """Makes the server of an installation. Whatever becomes of the test, no process of it is left."""
    made: list[Server] = []

    def serve(of: Installation) -> Server:
        made.append(Server(of, tmp_path / f"server-{len(made)}.log"))
        return made[-1]

    yield serve
    for server in made:
        server.kill()


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Chance that falls the same way each time, another for each test."""
    return random.Random(f"{SEED} {request.node.name}")


@pytest.fixture
def note() -> Note:
    """Keeps a row of figures in the file that `TRUST_REPORT` names, where it names one."""
    begun = time.monotonic()

    def note(part: str, *, tried: int, figures: Figures) -> None:
        report = os.environ.get("TRUST_REPORT")
        if report:
            row = {"part": part, "tried": tried, **asdict(figures), "seconds": round(time.monotonic() - begun)}
            with Path(report).open("a") as file:
                file.write(json.dumps(row) + "\n")

    return note
