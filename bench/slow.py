"""What 200 slow connections for a minute do to everybody else.

    .venv/bin/python -m bench.slow [--worker gthread] [--nginx]

Half of them send the headers of a request a byte at a time, half the body of a form. Meanwhile /healthz and the front
page are asked for in turn, each time by a connection of its own. With `--nginx`, the nginx of docs/running.md stands
in front, if this machine has one.
"""

from __future__ import annotations

import argparse
import http.client
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.measure import ROOT, free_port, wait_for

PAGES = ("/healthz", "/")
GIVE_UP = 10.0
HEADERS = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nx="
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 64m;
        location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto https;
            proxy_read_timeout 120s;
            proxy_buffering off;
        }}
    }}
}}
"""


@dataclass
class Slow:
    """The slow connections, and how many the server has ended."""

    port: int
    begun: int = 0
    ended: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, many: int) -> None:
        """Open them, and send one byte a second on each; whatever is ended is opened again."""
        selector = selectors.DefaultSelector()
        for number in range(many):
            self._open(selector, number)
        while not self.stop.wait(1):
            for key, _ in selector.select(0):
                self._end(selector, key.fileobj, key.data)
            for key in list(selector.get_map().values()):
                try:
                    key.fileobj.send(b"x")  # type: ignore[union-attr]
                except OSError:
                    self._end(selector, key.fileobj, key.data)
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]

    def _open(self, selector: selectors.BaseSelector, number: int) -> None:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        made.sendall(BODY if number % 2 else HEADERS)
        selector.register(made, selectors.EVENT_READ, number)
        self.begun += 1

    def _end(self, selector: selectors.BaseSelector, sock: object, number: int) -> None:
        selector.unregister(sock)  # type: ignore[arg-type]
        sock.close()  # type: ignore[attr-defined]
        self.ended += 1
        self._open(selector, number)


def main() -> None:
    """Serve an empty installation, be slow, and print how everybody else fares."""
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="grants-slow-") as folder,
        _served(folder, options.worker) as behind,
        _in_front(folder, behind) if options.nginx else nullcontext(behind) as port,
    ):
        calm = {page: _ask_often(port, page, seconds=5) for page in PAGES}
        slow = Slow(port)
        thread = threading.Thread(target=slow.run, args=(options.many,))
        thread.start()
        time.sleep(2)
        held = _ask_in_turn(port, options.seconds)
        slow.stop.set()
        thread.join()
    print("| Page | Answered | Median before | Median meanwhile | Longest |\n|---|--:|--:|--:|--:|")
    for page, times in held.items():
        good = [one for one in times if one is not None]
        middle, longest = (f"{1000 * value:.0f} ms" for value in ((median(good), max(good)) if good else (0, 0)))
        before = f"{1000 * median(one for one in calm[page] if one is not None):.0f} ms"
        print(f"| {page} | {len(good)} of {len(times)} | {before} | {middle} | {longest} |")
    print(f"{slow.begun} slow connections, of which {slow.ended} were ended.")


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


@contextmanager
def _in_front(folder: str, behind: int) -> Iterator[int]:
    port = free_port()
    told = Path(folder) / "nginx.conf"
    told.write_text(NGINX.format(folder=folder, port=port, behind=behind))
    process = subprocess.Popen(["nginx", "-e", "stderr", "-c", str(told)])
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


def _ask_in_turn(port: int, seconds: float) -> dict[str, list[float | None]]:
    end = time.monotonic() + seconds
    found: dict[str, list[float | None]] = {page: [] for page in PAGES}
    while time.monotonic() < end:
        for page in PAGES:
            found[page].append(_ask(port, page))
        time.sleep(0.2)
    return found


def _ask_often(port: int, page: str, *, seconds: float) -> list[float | None]:
    end, found = time.monotonic() + seconds, []
    while time.monotonic() < end:
        found.append(_ask(port, page))
    return found


def _ask(port: int, page: str) -> float | None:
    """How long a page takes, or None where it does not come."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP)
    try:
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
