"""The server as `make run` starts it: gunicorn with our settings, on a database that `db upgrade` made."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from grants.foundation.values.version import VERSION

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the installation."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server on an empty installation of its own, and its port."""
    port = _free_port()
    environment = {
        **os.environ,
        "GRANTS_INSTANCE": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/new.db",
        "PORT": str(port),
        "GRANTS_DEMO": "1",
        "WEB_CONCURRENCY": "1",
    }
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    subprocess.run(flask, cwd=ROOT, env=environment, check=True)
    command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        _wait_for(process, port)
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _wait_for(process: subprocess.Popen[str], port: int) -> None:
    for _ in range(600):
        assert process.poll() is None, "gunicorn did not start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("gunicorn did not start in time")


def _get(port: int, path: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_server_is_well_on_a_migrated_database(server: tuple[object, int]) -> None:
    response, body = _get(server[1], "/healthz")
    assert (response.status, body.strip()) == (200, f'{{"status":"ok","version":"{VERSION}"}}'.encode())


def test_public_pages_answer_on_an_empty_installation(server: tuple[object, int]) -> None:
    for path in ("/", "/rounds", "/outcomes", "/register", "/register.csv", "/register/360giving.json", "/sign-in"):
        assert _get(server[1], path)[0].status == 200, path


def test_styles_are_kept_for_ever_by_their_name(server: tuple[object, int]) -> None:
    page = _get(server[1], "/")[1].decode()
    style = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    response, body = _get(server[1], style)
    assert response.status == 200
    assert "immutable" in (response.headers["Cache-Control"] or "")
    assert b".govuk-button" in body


def test_address_that_is_far_too_long_gets_our_own_answer(server: tuple[object, int]) -> None:
    response, body = _get(server[1], f"/register?q={'x' * 10_000}")
    assert response.status < 500
    assert b"govuk-template" in body


def test_slow_connections_stop_nobody(server: tuple[object, int]) -> None:
    """Risk: as many people on a bad line as there are threads, and the site is gone for everybody."""
    start = b"GET / HTTP/1.1\r\nHost: x\r\n"
    halves = (start + b"X-Slow: ", start.replace(b"GET", b"POST") + b"Content-Length: 99\r\n\r\n")
    with ExitStack() as stack:
        for half in halves * 20:
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", server[1]), timeout=10))
            slow.sendall(half)
        assert [_get(server[1], path)[0].status for path in ("/healthz", "/")] == [200, 200]


def test_nothing_is_restored_under_a_server_that_runs(server: tuple[object, int], folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "restore", "--force", __file__],
        cwd=ROOT,
        env={**os.environ, "GRANTS_INSTANCE": str(folder), "GRANTS_DEMO": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "is running: stop both first" in done.stderr) == (1, True), done.stderr


def test_server_says_as_whom_to_sign_in_and_ends_on_a_signal(server: tuple[subprocess.Popen[str], int]) -> None:
    process, port = server
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    assert process.stdout is not None
    said = process.stdout.read()
    assert f"Serving on http://127.0.0.1:{port}" in said
    assert "officer@example.org" in said
