"""nginx in front, with the very text of docs/running.md: who is slow stops nobody, and TLS is as it is promised."""

from __future__ import annotations

import http.server
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.parser import BytesParser
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support import nginx
from tests.support.browser import skip_or_fail
from tests.support.nginx import BRISK_BODY, PATIENCE, Front
from tests.support.slow import BODY, slow_connections
from tests.test_serving import _free_port, _wait_for

ROOT = Path(__file__).parents[1]
SOON = 1.0
MEGABYTE = 1024 * 1024
HSTS = "Strict-Transport-Security"
PASSWORD = "seven green kettles"

_FIRST_START = """
from wsgi import app
for command in (
    ["db", "upgrade"],
    ["people", "add", "fay@example.org", "--name", "Fay", "--role", "finance"],
    ["mail", "send"],
):
    done = app.test_cli_runner().invoke(args=command)
    assert done.exit_code == 0, (done.output, done.exception)
"""
"""What docs/running.md says of the first start, in one process."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a real installation, without a demonstration."""
    return tmp_path_factory.mktemp("behind")


@pytest.fixture(scope="module")
def front(instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """nginx before a server with one finance officer, who chooses a password by a link of a letter."""
    if not nginx.program():
        skip_or_fail("There is no nginx here: what stands in front is left out.")
    port = _free_port()
    environment = {
        **os.environ,
        "GRANTS_INSTANCE": str(instance),
        "DATABASE_URL": f"sqlite:///{instance}/grants.db",
        "PUBLIC_URL": "https://grants.example.org",
        "BANK_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "SECOND_STEP_ROLES": "none",
        "TRUSTED_PROXIES": "1",
        "WEB_CONCURRENCY": "1",
        "PORT": str(port),
    }
    subprocess.run([sys.executable, "-c", _FIRST_START], cwd=ROOT, env=environment, check=True)
    worker = f"{nginx.BriskWorker.__module__}.{nginx.BriskWorker.__name__}"
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--worker-class", worker]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, text=True)
    try:
        _wait_for(process, port)
        with nginx.in_front(tmp_path_factory.mktemp("nginx"), port) as made:
            yield made
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def test_slow_connections_leave_everybody_else_in_peace(front: Front) -> None:
    """Risk: 200 people on a bad line, or one person with a script, and the site is gone for everybody."""
    taken: dict[str, list[float]] = {"/healthz": [], "/": []}
    with slow_connections(200, front.connect, front.host) as slow:
        until = time.monotonic() + PATIENCE
        while slow.begun < 200 and time.monotonic() < until:
            time.sleep(0.05)
        until = time.monotonic() + 5
        while time.monotonic() < until:
            for path, times in taken.items():
                begun = time.monotonic()
                answer, _ = front.ask("GET", path)
                times.append(time.monotonic() - begun)
                assert answer.status == 200, path
    assert slow.begun >= 200
    assert {path: median(times) < SOON for path, times in taken.items()} == {"/healthz": True, "/": True}, taken


def test_body_that_trickles_is_ended_and_told_so(front: Front) -> None:
    """Risk: nginx waits for a body for as long as a byte comes now and then."""
    begun = time.monotonic()
    with front.connect() as slow:
        slow.sendall(BODY % front.host.encode())
        slow.settimeout(0.5)
        said = b""
        while not said and time.monotonic() < begun + 2 * PATIENCE:
            try:
                said = slow.recv(4096)
            except TimeoutError:
                slow.sendall(b"x")
    assert said.startswith(b"HTTP/1.1 408 ")
    assert BRISK_BODY <= time.monotonic() - begun < BRISK_BODY + 3


def test_proxys_headers_are_set_and_not_added_to(tmp_path: Path) -> None:
    """Risk: a visitor brings an address of their own, and with it the rate limit of somebody else."""
    brought = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host")
    with _noting() as (behind, seen), nginx.in_front(tmp_path, behind) as front:
        front.ask("GET", "/", headers=dict.fromkeys(brought, "of.the.visitor"))
    assert {name: seen[0].get_all(name) for name in brought} == {
        "X-Forwarded-For": ["127.0.0.1"],
        "X-Forwarded-Proto": ["https"],
        "X-Forwarded-Host": [front.host],
    }


def test_file_that_is_too_large_gets_our_own_words(front: Front, instance: Path) -> None:
    """Risk: who chose a film in place of a spreadsheet stands before a page of nginx, and cannot tell what to do."""
    cookies: dict[str, str] = {}
    link = re.findall(r"https://\S+(/reset-password/\S+)", _letter(instance))[0]
    _post(front, cookies, link, link, {"password": PASSWORD})
    page = "/payments/returns"
    token = _token(front, cookies, page)
    files = {size: _multipart(token, b"x" * size * MEGABYTE) for size in (11, 64, 66)}
    answers = {
        size: front.ask("POST", page, body, _headers(front, cookies, kind)) for size, (body, kind) in files.items()
    }

    assert "The return file must be 10\u00a0MB or less." in answers[11][1].decode()
    assert (answers[64][0].status, b"What you sent is too large" in answers[64][1]) == (413, True)
    assert (answers[66][0].status, answers[66][0].headers.get_all(HSTS)) == (413, [_promise()])


def test_every_answer_asks_once_for_tls_from_now_on(front: Front) -> None:
    for path in ("/", "/healthz", "/nowhere", "/static/build/manifest.json"):
        assert front.ask("GET", path)[0].headers.get_all(HSTS) == [_promise()], path


def test_nothing_older_than_tls_1_2_is_spoken(front: Front) -> None:
    context = ssl.create_default_context(cafile=str(front.trusted))
    context.set_ciphers("ALL:@SECLEVEL=0")  # what this side would speak
    with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
        _speak(front, context)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert _speak(front, context) == "TLSv1.2"


def test_nginx_compresses_nothing_by_itself(front: Front) -> None:
    """Risk: Debian's nginx compresses pages, and from their lengths somebody learns a token on them (BREACH)."""
    answer, page = front.ask("GET", "/sign-in", headers={"Accept-Encoding": "gzip"})
    assert ("Content-Encoding" in answer.headers, b"csrf_token" in page) == (False, True)


def test_what_is_written_down_holds_no_link_and_no_search(front: Front) -> None:
    """Risk: who reads nginx's log chooses a new password for somebody, or reads whom an officer looked for."""
    secret = "a1b2c3d4"
    for path in ("/confirm", "/invitation", "/reset-password", "/%72eset-password"):
        front.ask("GET", f"{path}/{secret}")
    front.ask("GET", f"/register?q={secret}", headers={"Referer": f"https://{front.host}/confirm/{secret}"})
    front.ask("GET", "/rounds")
    until = time.monotonic() + PATIENCE
    while '"GET /rounds" ' not in (written := front.log.read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    assert '"GET /register" 200' in written
    assert '"GET /rounds" 200' in written
    assert secret not in written


@contextmanager
def _noting() -> Iterator[tuple[int, list[Any]]]:
    """A server that notes the headers of what it is asked."""
    seen: list[Any] = []

    class Noting(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Noting) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port, seen
        finally:
            server.shutdown()
            thread.join()


def _letter(instance: Path) -> str:
    file = next((instance / "mail").glob("*.eml"))
    body = BytesParser(policy=policy.default).parsebytes(file.read_bytes()).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _speak(front: Front, context: ssl.SSLContext) -> str | None:
    with front.raw() as plain, context.wrap_socket(plain, server_hostname=front.host) as spoken:
        return spoken.version()


def _promise() -> str:
    return re.findall(r'add_header Strict-Transport-Security "([^"]+)" always;', nginx.site())[0]


def _headers(front: Front, cookies: dict[str, str], kind: str = "") -> dict[str, str]:
    crumbs = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": crumbs, "Referer": f"https://{front.host}/", **({"Content-Type": kind} if kind else {})}


def _token(front: Front, cookies: dict[str, str], path: str) -> str:
    answer, page = front.ask("GET", path, headers=_headers(front, cookies))
    _keep(cookies, answer)
    assert answer.status == 200, path
    return re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page.decode())[0]


def _post(front: Front, cookies: dict[str, str], page: str, path: str, fields: dict[str, str]) -> None:
    fields = {"csrf_token": _token(front, cookies, page), **fields}
    kind = "application/x-www-form-urlencoded"
    answer, said = front.ask("POST", path, urlencode(fields).encode(), _headers(front, cookies, kind))
    _keep(cookies, answer)
    assert answer.status == 302, said.decode()


def _keep(cookies: dict[str, str], answer: Any) -> None:
    for one in answer.headers.get_all("Set-Cookie") or ():
        name, _, rest = one.partition("=")
        cookies[name] = rest.partition(";")[0]


def _multipart(token: str, content: bytes) -> tuple[bytes, str]:
    line = b"----------------of-this-test"
    parts = (
        b'Content-Disposition: form-data; name="csrf_token"\r\n\r\n' + token.encode(),
        b'Content-Disposition: form-data; name="returned"; filename="film.csv"\r\n\r\n' + content,
    )
    body = b"".join(b"--%s\r\n%s\r\n" % (line, part) for part in parts) + b"--%s--\r\n" % line
    return body, f"multipart/form-data; boundary={line.decode()}"
