"""Measure, print the tables, and with `--write` keep it in bench/results.md. Never a test: machines differ."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from bench.measure import BARE, ROOT, Found, measure, served

PAGES = {"/": "", "/outcomes": "", "/register": "", "/sign-in": "", "/desk": "officer@example.org", "/register.csv": ""}
"""Each page, and the demonstration's account that asks for it; nobody signed in where it is blank."""

OFFICER, PANEL, APPLICANT = "officer@example.org", "panel1@example.org", "applicant@example.org"
MOST_TIMES, MOST_QUERIES, MOST_BYTES = 12, 6, 60 * 1024
MOST_TIMES_OF_A_FILE = 100
RESULTS = Path(__file__).with_name("results.md")


def main() -> None:
    """Measure on SQLite, then on the other database where one is given."""
    options = _options()
    text = "\n## On SQLite\n" + _measured(options, "")
    if options.database:
        text += "\n## On PostgreSQL\n" + _measured(options, options.database)
    else:
        print("No PostgreSQL is given, or none is installed: measured on SQLite alone.")
    print(text)
    if options.write:
        RESULTS.write_text(_HEAD.format(python=platform.python_version(), machine=platform.machine()) + text)


def _measured(options: argparse.Namespace, database: str) -> str:
    """The tables of the demonstration, then with many more applications, then with many more awards."""
    with tempfile.TemporaryDirectory(prefix="grants-bench-") as folder:
        environment = {
            "GRANTS_INSTANCE": folder,
            "GRANTS_DEMO": "1",
            "SECRET_KEY": "only for bench: 0123456789 and qrstuvwxyz",
            "DATABASE_URL": database or f"sqlite:///{folder}/bench.db",
        }
        os.environ.update(environment)
        os.environ.pop("GRANTS_NOW", None)
        for command in (["db", "upgrade"], ["demo", "load", "--if-empty"]):
            subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, check=True)
        text = _table("The demonstration", environment, options.times, PAGES)
        if options.applications:
            title = f"With {options.applications:,} applications in the open round"
            text += _table(title, environment, options.times, _with_applications(options.applications))
        if options.awards:
            _with_awards(options.awards)
            text += _table(f"With {options.awards:,} more awards", environment, options.times, PAGES)
    return text


_HEAD = """# How fast the main pages are

Made by `make bench WRITE=1` with Python {python} on {machine}: medians of one keep-alive connection to one gunicorn
worker on the same machine, the pages in turn, each held against a bare Flask page of the same run. Aim: at most
12 times, 6 queries and 60 KiB a page, and 100 times for the file of 2,000 applications. A file of every award is as
long as the register is.
"""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the main pages.")
    parser.add_argument("--applications", type=int, default=2_000, help="made-up applications; 0 for none")
    parser.add_argument("--awards", type=int, default=100_000, help="made-up awards for the second table; 0 for none")
    parser.add_argument("--times", type=int, default=200, help="how often each page is asked for")
    parser.add_argument("--database", default="", help="an empty PostgreSQL to measure as well")
    parser.add_argument("--write", action="store_true", help="keep the tables in bench/results.md")
    return parser.parse_args()


def _app() -> Flask:
    from grants import create_app

    return create_app()


def _with_applications(applications: int) -> dict[str, str]:
    """Add applications; returns the pages that show them."""
    from bench.applications import fill

    with _filled():
        reference = fill(applications)
    return {
        "/applications": OFFICER,
        f"/applications/{reference}": OFFICER,
        f"/review/{reference}": PANEL,
        "/desk": APPLICANT,
        "/review": PANEL,
        "/applications.csv": OFFICER,
    }


def _with_awards(awards: int) -> None:
    from bench.fill import fill

    with _filled():
        fill(awards)


@contextmanager
def _filled() -> Iterator[None]:
    """Let the database take note of how much it holds now."""
    from grants.foundation.records.db import db, note_sizes

    with _app().app_context():
        yield
        db.session.remove()
        note_sizes()
        db.engine.dispose()


def _cookies(app: Flask, emails: Collection[str]) -> dict[str, str]:
    """The cookie of each person's session; none for nobody."""
    from grants.accounts.queries import person_by_email
    from grants.accounts.sessions.operations import begin
    from grants.foundation.records.db import db

    found = {"": ""}
    with app.app_context():
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        for email in set(emails) - {""}:
            person = person_by_email(email)
            if person is None or signer is None:
                raise SystemExit(f"The demonstration has no {email}, or no secret key.")
            value = signer.dumps({"_user_id": begin(person).secret, "_fresh": True})
            found[email] = f"{app.config['SESSION_COOKIE_NAME']}={value}"
        db.session.rollback()
    return found


def _queries(app: Flask, cookies: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """How many queries each page takes when it is asked for the first time, and after that."""
    from grants.foundation.records.db import db
    from tests.support.queries import counting

    found = {}
    with app.app_context():
        engine = db.engine
    for path, cookie in cookies.items():
        counts = []
        for _ in range(2):
            with counting(engine) as queries:
                # apart, as a server does it: a GET must not leave the mark of one that only reads
                copy_context().run(_ask, app, path, cookie)
            counts.append(queries.count)
        found[path] = (counts[0], counts[1])
    with app.app_context():
        engine.dispose()
    return found


def _ask(app: Flask, path: str, cookie: str) -> None:
    app.test_client(use_cookies=False).get(path, headers={"Cookie": cookie}).get_data()


def _table(title: str, environment: dict[str, str], times: int, pages: Mapping[str, str]) -> str:
    app = _app()
    known = _cookies(app, pages.values())
    cookies = {path: known[email] for path, email in pages.items()}
    queries = _queries(app, cookies)
    with served(environment) as port:
        found = measure(port, list(pages), times=times, cookie_for=lambda path: cookies.get(path, ""))
    lines = [
        f"\n### {title}\n",
        "| Page | First | Median | Times a bare page | Queries (first, then) | Size | Gzipped | |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    return "\n".join([*lines, *(_line(row, queries.get(row.path)) for row in found)]) + "\n"


def _line(row: Found, queries: tuple[int, int] | None) -> str:
    first, then = queries or (0, 0)
    told = "" if row.path in {BARE, "/register.csv"} else _verdict(row, max(first, then))
    times = f"{row.first * 1000:.1f} ms | {row.seconds * 1000:.2f} ms | {row.ratio:.1f}"
    asked = f"{first}, {then}" if queries else "–"
    return f"| {row.path} | {times} | {asked} | {row.plain / 1024:.1f} KiB | {row.gzipped / 1024:.1f} KiB | {told} |"


def _verdict(row: Found, queries: int) -> str:
    is_file = row.path.endswith(".csv")
    over = [
        word
        for word, is_over in (
            ("time", row.ratio > (MOST_TIMES_OF_A_FILE if is_file else MOST_TIMES)),
            ("queries", queries > MOST_QUERIES),
            ("size", row.plain > MOST_BYTES and not is_file),
        )
        if is_over
    ]
    return f"over: {', '.join(over)}" if over else "within"


if __name__ == "__main__":
    main()
