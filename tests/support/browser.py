"""A real browser against a real server, on the test's own database."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from grants.foundation.records.db import db

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTHS = {"phone": 320, "tablet": 768, "desk": 1280}
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
]


def skip_or_fail(reason: str) -> None:
    """A missing browser is no failure on somebody's machine, but it is where everything is checked."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason} Set up as CI, the tests need it.")
    pytest.skip(reason)


def program() -> str:
    """Where Chromium is; skips, or fails in CI, where there is none."""
    found = os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        skip_or_fail("There is no Chromium here: the tests in a browser are left out.")
    return str(found)


@contextmanager
def started() -> Iterator[Browser]:
    """A Chromium without a window."""
    path = program()
    with sync_playwright() as playwright:
        browser = _launch(playwright, path)
        yield browser
        browser.close()


def _launch(playwright: Playwright, path: str) -> Browser:
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    try:
        return playwright.chromium.launch(executable_path=path, args=arguments, headless=True)
    except Error as error:
        skip_or_fail(f"Chromium does not start: {str(error).splitlines()[0]}.")
        raise


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_args: Any) -> None:
        """The tests say what went wrong themselves."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the app on a free port of this machine; gives the address.

    The test's own session is let go first: on SQLite its open transaction would hold up the server.
    """
    db.session.rollback()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


_TOO_WIDE = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const wide = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > room + 1);
    const found = wide.filter((one) => ![...one.children].some((child) => wide.includes(child)));
    return (found.length ? found : [document.body]).slice(0, 3).map((one) => one.outerHTML.slice(0, 160));
}"""

_HIDDEN = """() => {
    const scrolls = (one) => ["auto", "scroll", "hidden"].includes(getComputedStyle(one).overflowX);
    const hints = (one) => getComputedStyle(one).backgroundImage.includes("gradient");
    return [...document.querySelectorAll("main *:not(textarea, input, select, .govuk-visually-hidden)")]
        .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1 && scrolls(one) && !hints(one))
        .slice(0, 3).map((one) => one.outerHTML.slice(0, 160));
}"""


def sideways(page: Page) -> list[str]:
    """What makes people scroll sideways, or hides something beyond its edge without a hint; nothing where all is seen.

    A page that is still coming is waited for.
    """
    page.wait_for_load_state()
    return [
        *(f"too wide: {element}" for element in page.evaluate(_TOO_WIDE)),
        *(f"more of it is hidden: {element}" for element in page.evaluate(_HIDDEN)),
    ]


def axe_script() -> Path:
    """Where axe is; skips, or fails in CI, where it is not."""
    if not AXE.exists():
        skip_or_fail("axe is not installed: `make install` brings it.")
    return AXE


def axe(page: Page) -> list[str]:
    """What axe finds wrong with the page, one sentence for each rule. A page that is still coming is waited for."""
    page.wait_for_load_state()
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(axe_script().read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {rule['nodes'][0]['html'][:160]} "
        f"({len(rule['nodes'])} places) {rule['nodes'][0].get('failureSummary', '')[:200]}"
        for rule in found["violations"]
    ]
