"""How long a file that is made to hold us up takes to be refused, what memory it takes, and how long others wait.

    .venv/bin/python -m bench.attacks

On two cores that others used as well, before files were read within limits, and since:

| File | Seconds | Memory more, at most | Longest wait of another writer |
|---|--:|--:|--:|
| wide.xlsx, 12 KiB | 18.29, then 0.07 | 1 MB, then 0 | 18.29 s, then 0.00 |
| wrong.csv, 9 MiB | 79.97, then 0.20 | 1,121 MB, then 4 | 78.95 s, then 0.02 |
"""

from __future__ import annotations

import http.client
import io
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from bench.__main__ import _app, _cookies
from bench.measure import ROOT, served
from tests.support.attacks import HEAD, wrong_csv

FINANCE, ADDRESS = "finance1@example.org", "/payments/returns"
WIDE_ROWS, MOST_COLUMNS = 1_400, 16_384
PATIENCE = 300
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EDGE = "a-part-of-the-form"


def main() -> None:
    """Load the demonstration, send both files to the page of return files while another writes, and print a table."""
    with tempfile.TemporaryDirectory(prefix="grants-attacks-") as folder:
        database = f"{folder}/attacks.db"
        environment = {
            "GRANTS_INSTANCE": folder,
            "GRANTS_DEMO": "1",
            "SECRET_KEY": "only for bench: 0123456789 and qrstuvwxyz",
            "DATABASE_URL": f"sqlite:///{database}",
        }
        os.environ.update(environment)
        for command in (["db", "upgrade"], ["demo", "load", "--if-empty"]):
            subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, check=True)
        cookie = _cookies(_app(), [FINANCE])[FINANCE]
        print("| File | Size | Answer | Seconds | Memory more, at most | Longest wait of another writer |")
        print("|---|--:|---|--:|--:|--:|")
        for name, content in _files().items():
            with served(environment) as port:
                print(_line(port, cookie, database, name, content), flush=True)


def _files() -> dict[str, bytes]:
    return {"wide.xlsx": _wide(), "wrong.csv": wrong_csv()}


def _wide() -> bytes:
    """A workbook of few kilobytes, whose rows each have a cell at the far end of the sheet."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(list(HEAD))
    for row in range(2, WIDE_ROWS):
        sheet.cell(row, MOST_COLUMNS, 1)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _line(port: int, cookie: str, database: str, name: str, content: bytes) -> str:
    browser = _Browser(port, cookie)
    browser.get(ADDRESS)
    before, worker = _peak(_worker()), _worker()
    with _Writer(database) as writer:
        begun = time.perf_counter()
        status = browser.send(ADDRESS, name, content)
        seconds = time.perf_counter() - begun
    size, more = len(content) / 1024, _peak(worker) - before
    return f"| {name} | {size:,.0f} KiB | {status} | {seconds:.2f} | {more:.0f} MB | {writer.longest:.2f} s |"


class _Browser:
    """Somebody who is signed in, and sends a form of the page that they were shown."""

    def __init__(self, port: int, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.cookie, self.page, self.origin = cookie, "", f"http://127.0.0.1:{port}"

    def get(self, address: str) -> None:
        """Open a page."""
        self.connection.request("GET", address, headers={"Cookie": self.cookie})
        answer = self.connection.getresponse()
        self.page = answer.read().decode()
        assert answer.status == 200, answer.status
        self.cookie = (answer.getheader("Set-Cookie") or self.cookie).partition(";")[0]

    def send(self, address: str, name: str, content: bytes) -> int:
        """Send a file by the form of the page; returns the status of the answer."""
        parts = [
            f'--{EDGE}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{self._hidden(field)}\r\n'.encode()
            for field in ("csrf_token", "idempotency_key")
        ]
        kind = XLSX if name.endswith("xlsx") else "text/csv"
        head = f'--{EDGE}\r\nContent-Disposition: form-data; name="returned"; filename="{name}"\r\nContent-Type: {kind}'
        body = b"".join([*parts, f"{head}\r\n\r\n".encode(), content, f"\r\n--{EDGE}--\r\n".encode()])
        headers = {
            "Cookie": self.cookie,
            "Content-Type": f"multipart/form-data; boundary={EDGE}",
            "Origin": self.origin,
            "Sec-Fetch-Site": "same-origin",
        }
        self.connection.request("POST", address, body, headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status

    def _hidden(self, field: str) -> str:
        found = re.search(rf'name="{field}" value="([^"]*)"', self.page)
        assert found, f"the page has no {field}"
        return found[1]


class _Writer:
    """Another connection that writes again and again, and notes how long it had to wait at most."""

    def __init__(self, database: str) -> None:
        self.longest, self._database, self._is_over = 0.0, database, threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> _Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _write(self) -> None:
        connection = sqlite3.connect(self._database, timeout=PATIENCE, isolation_level=None)
        while not self._is_over.is_set():
            begun = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            self.longest = max(self.longest, time.perf_counter() - begun)
            time.sleep(0.01)
        connection.close()


def _worker() -> int:
    """The process that answers: the child of the server, which is ours."""
    (server,) = _children(os.getpid())
    (worker,) = _children(server)
    return worker


def _children(process: int) -> list[int]:
    return [int(one) for path in Path(f"/proc/{process}/task").glob("*/children") for one in path.read_text().split()]


def _peak(process: int) -> float:
    """The most memory that a process had, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
