"""Measure, print the table, and with `--write` keep it in bench/results.md. Never a test: machines differ."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from bench.measure import BARE, ROOT, Found, measure, served

PAGES = ["/", "/outcomes", "/register", "/sign-in", "/desk", "/register.csv"]
OFFICER = "officer@example.org"
MOST_TIMES, MOST_QUERIES, MOST_BYTES = 12, 6, 60 * 1024
RESULTS = Path(__file__).with_name("results.md")


def main() -> None:
    """Measure the demonstration, then the same with many more awards."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="grants-bench-") as folder:
        environment = {
            "GRANTS_INSTANCE": folder, "GRANTS_DEMO": "1", "SECRET_KEY": "only-for-bench",
            "DATABASE_URL": options.database or f"sqlite:///{folder}/bench.db",
        }  # fmt: skip
        os.environ.update(environment)
        os.environ.pop("GRANTS_NOW", None)
        for command in (["db", "upgrade"], ["demo", "load", "--if-empty"]):
            subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, check=True)
        text = _table("The demonstration", environment, options.times)
        if options.awards:
            _fill(options.awards)
            text += _table(f"With {options.awards:,} more awards", environment, options.times)
    print(text)
    if options.write:
        RESULTS.write_text(_HEAD.format(python=platform.python_version(), machine=platform.machine()) + text)


_HEAD = """# How fast the main pages are

Made by `make bench WRITE=1` with Python {python} on {machine}: medians of one keep-alive connection to one gunicorn
worker on the same machine, the pages in turn, each held against a bare Flask page of the same run. Aim: at most
12 times, 6 queries and 60 KiB a page. A file of every award is as long as the register is.
"""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the main pages.")
    parser.add_argument("--awards", type=int, default=100_000, help="made-up awards for the second table; 0 for none")
    parser.add_argument("--times", type=int, default=200, help="how often each page is asked for")
    parser.add_argument("--database", default="", help="an empty database of its own; SQLite in a temporary folder")
    parser.add_argument("--write", action="store_true", help="keep the tables in bench/results.md")
    return parser.parse_args()


def _app() -> Flask:
    from grants import create_app

    return create_app()


def _fill(awards: int) -> None:
    from bench.fill import fill
    from grants.foundation.db import db

    with _app().app_context():
        fill(awards)
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("ANALYZE")
        db.engine.dispose()


def _cookie(app: Flask) -> str:
    from grants.accounts.queries import person_by_email
    from grants.foundation.db import db, reading

    with app.app_context(), reading():
        person = person_by_email(OFFICER)
        if person is None:
            raise SystemExit("The demonstration has no officer.")
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        if signer is None:
            raise SystemExit("There is no secret key.")
        value = signer.dumps({"_user_id": person.get_id(), "_fresh": True})
        db.session.rollback()
        return f"{app.config['SESSION_COOKIE_NAME']}={value}"


def _queries(app: Flask, cookie: str) -> dict[str, tuple[int, int]]:
    """How many queries each page takes when it is asked for the first time, and after that."""
    from grants.foundation.db import db
    from tests.support.queries import counting

    found = {}
    with app.app_context():
        engine = db.engine
    for path in PAGES:
        counts = []
        for _ in range(2):
            with counting(engine) as queries:
                app.test_client(use_cookies=False).get(path, headers={"Cookie": _for(path, cookie)}).get_data()
            counts.append(queries.count)
        found[path] = (counts[0], counts[1])
    with app.app_context():
        engine.dispose()
    return found


def _for(path: str, cookie: str) -> str:
    return cookie if path == "/desk" else ""


def _table(title: str, environment: dict[str, str], times: int) -> str:
    app = _app()
    cookie = _cookie(app)
    queries = _queries(app, cookie)
    with served(environment) as port:
        found = measure(port, PAGES, times=times, cookie_for=lambda path: _for(path, cookie))
    lines = [
        f"\n## {title}\n",
        "| Page | First | Median | Times a bare page | Queries (first, then) | Size | Gzipped | |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    return "\n".join([*lines, *(_line(row, queries.get(row.path)) for row in found)]) + "\n"


def _line(row: Found, queries: tuple[int, int] | None) -> str:
    first, then = queries or (0, 0)
    told = "" if row.path == BARE or row.path.endswith(".csv") else _verdict(row, max(first, then))
    times = f"{row.first * 1000:.1f} ms | {row.seconds * 1000:.2f} ms | {row.ratio:.1f}"
    asked = f"{first}, {then}" if queries else "–"
    return f"| {row.path} | {times} | {asked} | {row.plain / 1024:.1f} KiB | {row.gzipped / 1024:.1f} KiB | {told} |"


def _verdict(row: Found, queries: int) -> str:
    over = [
        word
        for word, is_over in (
            ("time", row.ratio > MOST_TIMES), ("queries", queries > MOST_QUERIES), ("size", row.plain > MOST_BYTES),
        )
        if is_over
    ]  # fmt: skip
    return f"over: {', '.join(over)}" if over else "within"


if __name__ == "__main__":
    main()
