"""The server of the journeys runs in the process of the test: they move its clock, and open PDFs.

pytest-flask forks its own, and typst's threads do not come along: a forked server waits for ever where this process
made a PDF before.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Config, Flask

from tests.support import browser


@pytest.fixture
def address(app: Flask, config: Config) -> Iterator[str]:
    """Where a server serves the app on the test's database, like http://127.0.0.1:54321.

    Let go of the test's own session (`db.session.rollback()`) before the browser writes.
    """
    config["PUBLIC_URL"] = ""
    config["SESSION_COOKIE_NAME"] = "grants"  # over plain HTTP no browser is given one that begins with __Host-
    with browser.serving(app) as where:
        config["PUBLIC_URL"] = where
        yield where
