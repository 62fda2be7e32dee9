"""An installation of its own: a folder, a database, the app to look into it with, and the server of `make run`."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from unittest.mock import patch

from flask import Flask
from flask_migrate import upgrade

from grants import create_app
from grants.foundation.records.db import db

ROOT = Path(__file__).parents[2]
PATIENCE = 60
"""Seconds that a server has to start, and a request to be answered."""


class Installation:
    """A demonstration without its people, in a folder: on SQLite there, or on the database that is named."""

    def __init__(self, folder: Path, *, database: str = "", port: int = 0) -> None:
        self.folder, self.port = folder, port or free_port()
        self.database = database or f"sqlite:///{folder}/grants.db"

    @property
    def environment(self) -> dict[str, str]:
        """The settings of its processes. Its secret is the one that the first of them makes and keeps in the folder."""
        own = {
            "GRANTS_INSTANCE": str(self.folder),
            "DATABASE_URL": self.database,
            "GRANTS_DEMO": "1",
            "IDLE_MINUTES": "720",  # people come back to what was made for them at the beginning of a long run
            "BIND": f"127.0.0.1:{self.port}",
            "PORT": str(self.port),
        }
        others = {name: value for name, value in os.environ.items() if name not in {"SECRET_KEY", "WEB_CONCURRENCY"}}
        return {**others, **own}

    @cached_property
    def app(self) -> Flask:
        """The app, in this process."""
        with patch.dict(os.environ, self.environment, clear=True):
            return create_app()

    @contextmanager
    def opened(self) -> Iterator[Flask]:
        """Look into it, with a context of its own. Nothing of it is open afterwards."""
        with self.app.app_context():
            try:
                yield self.app
            finally:
                db.session.remove()
                db.engine.dispose()

    def build(self) -> None:
        """Make its tables, as `db upgrade` does."""
        with self.opened():
            upgrade()


class Server:
    """gunicorn as gunicorn.conf.py sets it, in a group of processes of its own."""

    def __init__(self, of: Installation, log: Path) -> None:
        self.of, self._log = of, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is well."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*ends_with_us("KILL"), sys.executable, "-m", "gunicorn", "wsgi:app"],
                cwd=ROOT,
                env=self.of.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + PATIENCE
        while self.health() != 200:
            if self._process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the server does not start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.05)

    def health(self) -> int:
        """What /healthz answers; 0 where nothing does."""
        return self.ask("/healthz")[0]

    def ask(self, path: str) -> tuple[int, str]:
        """What a page answers to anybody: its status, 0 where there is no answer, and its text."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.of.port, timeout=PATIENCE)) as connection:
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
            except (OSError, http.client.HTTPException):
                return 0, ""

    def reason(self) -> str:
        """Why /healthz is not well."""
        return str(json.loads(self.ask("/healthz")[1] or "{}").get("reason", ""))

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something can be seen of it."""
        end = time.monotonic() + 10
        while not is_so():
            assert time.monotonic() < end, self.reason()
            time.sleep(0.1)

    @property
    def number(self) -> int:
        """The number of gunicorn's first process, and of the group."""
        assert self._process is not None
        return self._process.pid

    def workers(self) -> list[int]:
        """The processes that answer."""
        with suppress(OSError):
            return [int(one) for one in Path(f"/proc/{self.number}/task/{self.number}/children").read_text().split()]
        return []

    def kill(self) -> None:
        """End every process of it in the same moment, with no time for anything (SIGKILL)."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.number, signal.SIGKILL)
        self.wait_until_gone()

    def wait_until_gone(self) -> None:
        """Wait until nothing of its group is left, as when the first of its processes was ended alone."""
        if self._process is None:
            return
        self._process.wait(PATIENCE)
        end = time.monotonic() + PATIENCE
        while _lives(self.number):
            assert time.monotonic() < end, "a worker does not end by itself"
            time.sleep(0.02)
        self._process = None


def _lives(group: int) -> bool:
    """Whether a process of this group still runs: one that ended and that nobody asked for does not."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                return True
    return False


def ends_with_us(signal_name: str) -> list[str]:
    """How a command begins that gets this signal when our process is gone, whatever ended that, where it can."""
    return ["setpriv", "--pdeathsig", signal_name] if shutil.which("setpriv") else []


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
