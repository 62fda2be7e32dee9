"""nginx, as docs/running.md sets it up: the text of that page, with a port and a certificate of this test's own."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grants.foundation.web.serving import Patience, WaitressWorker
from tests.support.mail_server import Authority

ROOT = Path(__file__).parents[2]
PATIENCE = 10.0
BRISK_BODY = 4.0

AS_DEBIAN_HAS_IT = """
daemon off; pid {folder}/nginx.pid; error_log stderr crit; worker_processes auto;
events {{ worker_connections 768; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    ssl_prefer_server_ciphers on;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    access_log {folder}/access.log;
    gzip on;
    include {folder}/grants;
}}
"""
"""What a site finds around it in Debian's /etc/nginx/nginx.conf, with its files in a folder."""


class BriskWorker(WaitressWorker):
    """Our worker of gunicorn, with less patience than it has for people."""

    patience = Patience(body=BRISK_BODY)


@dataclass(frozen=True)
class Front:
    """Where nginx listens, for which host, whom to trust, and what it writes."""

    port: int
    host: str
    trusted: Path
    log: Path

    def connect(self) -> ssl.SSLSocket:
        """A connection to it, with its certificate verified."""
        context = ssl.create_default_context(cafile=str(self.trusted))
        return context.wrap_socket(self.raw(), server_hostname=self.host)

    def raw(self) -> socket.socket:
        """A connection on which nothing is said yet."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """An answer, by a connection of its own."""
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        connection.sock = self.connect()
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


def site() -> str:
    """What docs/running.md has an office write into nginx's folder."""
    found = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs/running.md").read_text(), re.DOTALL)
    assert len(found) == 1, "docs/running.md has one site for nginx."
    return str(found[0])


def program() -> str | None:
    """Where nginx is, if it is here; a user other than root does not have it in the path."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def in_front(folder: Path, behind: int) -> Iterator[Front]:
    """Run nginx in front of a port of this machine."""
    found = program()
    assert found, "nginx is not installed."
    text = site()
    host = re.findall(r"server_name (\S+);", text)[0]
    authority = Authority(folder, "authority")
    authority.context(host)
    certificate = next(path for path in folder.glob("*.pem") if path != authority.file)
    port = _free_port()
    for pattern, ours in (
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        (r" *listen \[::\]:443 ssl;\n", ""),
        (r"(ssl_certificate) +\S+;", rf"\1 {certificate};"),
        (r"(ssl_certificate_key) +\S+;", rf"\1 {certificate};"),
        (r"(proxy_pass http://127\.0\.0\.1):8000;", rf"\1:{behind};"),
        (r"(access_log) /var/log/nginx/(\S+)", rf"\1 {folder}/\2"),
        (r"(error_log) /var/log/nginx/(\S+)", rf"\1 {folder}/\2"),
    ):
        text, times = re.subn(pattern, ours, text)
        assert times == 1, f"docs/running.md has {pattern} {times} times."
    (folder / "grants").write_text(text)
    told = folder / "nginx.conf"
    told.write_text(AS_DEBIAN_HAS_IT.format(folder=folder))
    process = subprocess.Popen([found, "-e", "stderr", "-c", str(told)])
    try:
        _wait_for(process, port)
        yield Front(port, host, authority.file, folder / "grants.log")
    finally:
        process.terminate()
        process.wait(timeout=60)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx did not start.")
