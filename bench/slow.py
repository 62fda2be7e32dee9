"""What 200 slow connections for a minute do to everybody else.

    .venv/bin/python -m bench.slow [--worker gthread] [--nginx]

Half of them send the headers of a request a byte a second, half the body of a form. Meanwhile /healthz and the front
page are asked for in turn, each time by a connection of its own. With `--nginx`, the nginx of docs/running.md stands
in front, with TLS, if this machine has one.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from bench.measure import ROOT, free_port, wait_for
from tests.support.nginx import in_front
from tests.support.slow import slow_connections

PAGES = ("/healthz", "/")
GIVE_UP = 10.0

Connect = Callable[[], socket.socket]


def main() -> None:
    """Serve an empty installation, be slow, and print how everybody else fares."""
    options = _options()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="grants-slow-"))
        behind = stack.enter_context(_served(folder, options.worker))
        connect: Connect = partial(socket.create_connection, ("127.0.0.1", behind), timeout=GIVE_UP)
        host = "127.0.0.1"
        if options.nginx:
            front = Path(folder) / "nginx"
            front.mkdir()
            nginx = stack.enter_context(in_front(front, behind))
            connect, host = nginx.connect, nginx.host
        calm = {page: _ask_often(connect, host, page, seconds=5) for page in PAGES}
        with slow_connections(options.many, connect, host) as slow:
            time.sleep(2)
            held = _ask_in_turn(connect, host, options.seconds)
        told = "; ".join(f"{times} in {how}" for how, times in slow.told.most_common())
    print("| Page | Answered | Median before | Median meanwhile | Longest |\n|---|--:|--:|--:|--:|")
    for page, times in held.items():
        good = [one for one in times if one is not None]
        middle, longest = (f"{1000 * value:.0f} ms" for value in ((median(good), max(good)) if good else (0, 0)))
        before = f"{1000 * median(one for one in calm[page] if one is not None):.0f} ms"
        print(f"| {page} | {len(good)} of {len(times)} | {before} | {middle} | {longest} |")
    print(f"{slow.begun} slow connections, of which {slow.ended} were ended{f': {told}' if told else ''}.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.slow", description="Be slow.")
    parser.add_argument("--worker", default="", help="another worker class of gunicorn than ours")
    parser.add_argument("--nginx", action="store_true", help="with nginx in front")
    parser.add_argument("--many", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    return parser.parse_args()


@contextmanager
def _served(folder: str, worker: str) -> Iterator[int]:
    port = free_port()
    environment = {
        **os.environ,
        "GRANTS_INSTANCE": folder,
        "GRANTS_DEMO": "1",
        "DATABASE_URL": f"sqlite:///{folder}/slow.db",
        "PORT": str(port),
    }
    python = [sys.executable, "-m"]
    subprocess.run([*python, "flask", "--app", "wsgi", "db", "upgrade"], cwd=ROOT, env=environment, check=True)
    command = [*python, "gunicorn", "wsgi:app", *(["--worker-class", worker] if worker else [])]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


def _ask_in_turn(connect: Connect, host: str, seconds: float) -> dict[str, list[float | None]]:
    end = time.monotonic() + seconds
    found: dict[str, list[float | None]] = {page: [] for page in PAGES}
    while time.monotonic() < end:
        for page in PAGES:
            found[page].append(_ask(connect, host, page))
        time.sleep(0.2)
    return found


def _ask_often(connect: Connect, host: str, page: str, *, seconds: float) -> list[float | None]:
    end, found = time.monotonic() + seconds, []
    while time.monotonic() < end:
        found.append(_ask(connect, host, page))
    return found


def _ask(connect: Connect, host: str, page: str) -> float | None:
    """How long a page takes, or None where it does not come."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection(host)
    try:
        connection.sock = connect()
        connection.request("GET", page)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return time.perf_counter() - begun if answer.status == 200 else None


if __name__ == "__main__":
    main()
