"""Taking times: one keep-alive connection to one gunicorn on this machine, the pages in turn, medians."""

from __future__ import annotations

import gzip
import http.client
import os
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
BARE = "/bare"
WARM_UP = 5
WORKER = "grants.foundation.web.serving.WaitressWorker"
SLOW = 0.25
"""Seconds: what takes longer is asked for less often."""


@dataclass(frozen=True)
class Found:
    """What one page took: seconds at first and in the median, the ratio to the bare page, bytes plain and gzipped."""

    path: str
    first: float
    seconds: float
    ratio: float
    plain: int
    gzipped: int


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(environment: dict[str, str]) -> Iterator[int]:
    """Serve the application and the bare page; gives the port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "bench.wsgi:app", "--config", "python:bench", "--log-level", "error"]
    server = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--worker-class", WORKER, "--threads", "4"]
    process = subprocess.Popen([*command, *server], cwd=ROOT, env={**os.environ, **environment})
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until it listens on the port. Raises RuntimeError where it ends instead."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("The server did not start.") from None
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server did not start in time.")


def measure(port: int, paths: list[str], *, times: int, cookie_for: Callable[[str], str]) -> list[Found]:
    """Ask for the pages in turn, `times` times each."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    firsts = {path: _ask(connection, path, cookie_for(path)) for path in [BARE, *paths]}
    taken: dict[str, list[float]] = defaultdict(list)
    for number in range(-WARM_UP, times):
        for path in [BARE, *paths]:
            if number > 0 and taken[path] and median(taken[path]) > SLOW and number % 10:
                continue
            seconds, _ = _ask(connection, path, cookie_for(path))
            if number >= 0:
                taken[path].append(seconds)
    connection.close()
    bare = median(taken[BARE])
    return [
        Found(path, first, median(taken[path]), median(taken[path]) / bare, len(body), len(gzip.compress(body, 6)))
        for path, (first, body) in firsts.items()
    ]


def _ask(connection: http.client.HTTPConnection, path: str, cookie: str) -> tuple[float, bytes]:
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "identity"})
    response = connection.getresponse()
    body = response.read()
    taken = time.perf_counter() - begun
    if response.status != 200:
        raise RuntimeError(f"{path} answers {response.status}")
    return taken, body
