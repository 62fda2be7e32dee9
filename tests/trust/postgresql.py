"""A PostgreSQL of the test's own, which it may kill: with its safeguards on, as an office has it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from .disks import skip_or_fail
from .installation import PATIENCE, ends_with_us, free_port

OTHER_USER = "postgres"
"""PostgreSQL does not run as root: then it runs as this user."""


class OwnPostgreSQL:
    """One that listens on this machine alone. Skips where its programs are not there."""

    def __init__(self) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
        found = programs[-1] if programs else shutil.which("postgres")
        if not found:
            skip_or_fail("There is no PostgreSQL here: it is not killed.")
        self._programs, self._port = Path(str(found)).parent, free_port()
        self._user = OTHER_USER if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="grants-trust-", dir="/tmp"))
        if self._user:
            shutil.chown(self._folder, self._user)
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "--no-sync", "--username", "grants", "--auth", "trust", "--encoding", "UTF8")
        self.start()
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE grants TEMPLATE template0 ENCODING 'UTF8'")

    @property
    def url(self) -> str:
        """Its database, as DATABASE_URL names it."""
        return self._address("grants").replace("postgresql:", "postgresql+psycopg:")

    def _address(self, database: str) -> str:
        return f"postgresql://grants@127.0.0.1:{self._port}/{database}"

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [str(self._programs / program), "-D", str(self._folder / "data"), *arguments]

    def _run(self, program: str, *arguments: str) -> None:
        command = self._command(program, *arguments)
        subprocess.run(command, check=True, cwd="/", user=self._user, extra_groups=[], capture_output=True)

    def start(self) -> None:
        """Start it, as soon as what is left of the one before is gone; and wait until it answers."""
        end = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < end, (self._folder / "log").read_text()[-2000:]
            if self._process is None or self._process.poll() is not None:
                self._begin()
            time.sleep(0.1)

    def _begin(self) -> None:
        own = {"port": self._port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self._folder}
        settings = [word for name, value in own.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*ends_with_us("QUIT"), *self._command("postgres", *settings)],
                cwd="/",
                user=self._user,
                extra_groups=[],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self._address("postgres"), connect_timeout=2):
            return True
        return False

    def kill(self) -> None:
        """End its first process at once (SIGKILL): the others notice, and end too."""
        self._end(signal.SIGKILL)

    def stop_at_once(self) -> None:
        """Have it stop as it is, without writing what it has in memory (its "immediate" mode)."""
        self._end(signal.SIGQUIT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)

    def close(self) -> None:
        """Leave nothing of it."""
        if self._process is not None and self._process.poll() is None:
            self.stop_at_once()
        shutil.rmtree(self._folder, ignore_errors=True)
