"""What every test may ask for. See docs/house.md."""

from __future__ import annotations

import functools
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Config, Flask
from flask.testing import FlaskCliRunner
from hypothesis import settings
from pytest_flask.live_server import LiveServer

os.environ.setdefault("SECRET_KEY", "only for tests: 0123456789 and qrstuvwxyz")
for _name in (
    "BANK_KEYS",
    "GRANTS_DEMO",
    "GRANTS_NOW",
    "MAIL_CA_FILE",
    "MAIL_URL",
    "PORT",
    "PUBLIC_URL",
    "TRUSTED_PROXIES",
):
    os.environ.pop(_name, None)

from grants import create_app
from grants.foundation.records.db import db
from tests.support import databases, kept, loose
from tests.support.client import ORIGIN, Client, apart, secret_of_session
from tests.support.databases import TestDatabase
from tests.support.queries import Queries, counting

loose.leave_as_found()

settings.register_profile("here", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

multiprocessing.set_start_method("fork", force=True)  # the live server takes the app along as it is in the test

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""Where a moved clock starts: a Sunday, in winter time."""


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of the xdist worker, or `one`."""
    return os.environ.get("PYTEST_XDIST_WORKER", "one")


@pytest.fixture(scope="session")
def database(worker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDatabase]:
    """The database of this worker."""
    made = databases.for_worker(worker, tmp_path_factory.mktemp("database"))
    yield made
    made.drop()


@pytest.fixture(scope="session")
def the_app(database: TestDatabase, worker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application, made once with its schema; tests ask for `app`."""
    made = create_app(
        {
            "TESTING": True,
            "INSTANCE": tmp_path_factory.mktemp("instance"),
            "SQLALCHEMY_DATABASE_URI": database.url,
            "PUBLIC_URL": ORIGIN,
            "SECOND_STEP_ROLES": "none",
            "OIDC_ISSUER": "http://127.0.0.1:9",  # where nobody answers
            "MAIL_FROM": "office@example.org",
        }
    )
    made.test_client_class = Client
    database.build(made)
    folder = tmp_path_factory.getbasetemp()
    kept.begin(database, (folder if worker == "one" else folder.parent) / "kept")
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def app(the_app: Flask, database: TestDatabase) -> Iterator[Flask]:
    """The application on an empty database, with a context and a session for the test itself."""
    database.renew(the_app)
    _forget_memos(the_app)
    config = dict(the_app.config)
    with the_app.app_context():
        yield the_app
        db.session.rollback()
    the_app.config.clear()
    the_app.config.update(config)


def _forget_memos(app: Flask) -> None:
    """What a process remembers between requests belongs to the database that it saw."""
    for memo in _memos(tuple(name for name in sys.modules if name.startswith("grants"))):
        memo.cache_clear()
    for limiter in app.extensions.get("limiter", ()):
        if limiter.initialized:
            limiter.reset()


@functools.cache
def _memos(modules: tuple[str, ...]) -> list[Any]:
    every = [thing for name in modules for thing in vars(sys.modules[name]).values()]
    return [thing for thing in every if type(thing) is functools._lru_cache_wrapper]


def pytest_addoption(parser: pytest.Parser) -> None:
    """What only our tests know."""
    parser.addoption("--with-database", action="store_true", help="leave out the tests that ask no database")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what drives a browser, and leave out what is the same on every database, where that is asked for."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    if config.getoption("--with-database"):
        pure = [item for item in items if "database" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=pure)
        items[:] = [item for item in items if item not in set(pure)]


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """In place of pytest-flask's: a request that is open around each test hides that a deed needs one to work."""


@pytest.fixture(autouse=True)
def _monkeypatch_response_class() -> None:
    """In place of pytest-flask's: what is tested answers by the class that it answers by at work."""


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Any], Client]:
    """A new browser with this person signed in."""

    def sign_in(person: Any) -> Client:
        made = new_client(app)
        made.sign_in(person)
        return made

    return sign_in


def new_client(app: Flask) -> Client:
    """A browser of its own."""
    return Client(app)


class Runner(FlaskCliRunner):
    """Runs a command as another process would."""

    def invoke(self, *args: Any, **kwargs: Any) -> Any:
        """Run it apart from the test's session. `result.exit_code` and `result.output` tell how it went."""
        return apart(super().invoke, *args, **kwargs)


@pytest.fixture
def runner(app: Flask) -> Runner:
    """Runs `flask` commands: `runner.invoke(args=["audit", "verify"])`."""
    return Runner(app)


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[Queries]]:
    """`with count_queries() as queries: …` and then `queries.count`."""
    return lambda: counting(db.engine)


class MovedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def move_to(self, instant: datetime) -> None:
        """Go to an aware instant."""
        assert instant.tzinfo is not None, "an instant needs its time zone"
        self._traveller.move_to(instant.astimezone(UTC), tick=False)

    def shift(self, step: timedelta) -> None:
        """Go on by this much."""
        self._traveller.shift(step)


@pytest.fixture
def clock() -> Iterator[MovedClock]:
    """A clock that stands at noon on 22 November 2026 until the test moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield MovedClock(traveller)


@pytest.fixture
def instance(config: Config) -> Path:
    """The folder with the uploads and the mail of this test run."""
    return Path(config["INSTANCE"])


# A real browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Chromium, started once. Skips where there is none, and fails where CI is set."""
    from tests.support import browser

    with browser.started() as made:
        yield made


@pytest.fixture(scope="session")
def _compiled(the_app: Flask) -> None:
    """Every template, compiled: each live server is a copy of this process, and would compile its own anew."""
    for name in the_app.jinja_env.list_templates(extensions=["html"]):
        the_app.jinja_env.get_template(name)


def address_of(live_server: LiveServer) -> str:
    """Where a browser finds the app: by a name, since devices keep no passkey for an address of numbers."""
    return str(live_server.url()).replace("127.0.0.1", "localhost")


@pytest.fixture
def live_server(live_server: LiveServer, app: Flask, config: Config, _compiled: None) -> LiveServer:
    """pytest-flask's server, a process of its own, on the test's database: `live_server.url("/rounds")`.

    The test's own session is let go first, and has to be again (`db.session.rollback()`) before the browser writes: on
    SQLite its open transaction would hold up the server. What the test does to the clock does not reach it.
    """
    config["SERVER_NAME"] = None
    config["PUBLIC_URL"] = address_of(live_server)
    config["SESSION_COOKIE_NAME"] = "grants"  # over plain HTTP no browser is given one that begins with __Host-
    db.session.rollback()
    db.engine.dispose()
    live_server.start()
    return live_server


@pytest.fixture
def address(live_server: LiveServer) -> str:
    """Where the browser finds the app. The journeys have a server of their own, in this process."""
    return address_of(live_server)


@pytest.fixture
def new_page(chromium: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Opens a page in a browser of its own: `new_page(person=…, width=320)`. Scripts that fail fail the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def new_page(person: Any = None, *, width: int = 1280, height: int = 900, scripts: bool = True) -> Any:
        context = chromium.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        if person is not None:
            context.add_cookies([_session_cookie(person, address)])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert errors == []


def _session_cookie(person: Any, address: str) -> dict[str, Any]:
    from flask import current_app
    from flask.sessions import SecureCookieSessionInterface

    serializer = SecureCookieSessionInterface().get_signing_serializer(current_app)
    assert serializer is not None
    value = serializer.dumps({"_user_id": secret_of_session(person), "_fresh": True})
    db.session.rollback()
    name = current_app.config["SESSION_COOKIE_NAME"]
    return {"name": name, "value": value, "url": address, "httpOnly": True, "sameSite": "Lax"}


@pytest.fixture(scope="session")
def reader(chromium: Any) -> Iterator[Any]:
    """A page that axe reads with, kept for all tests of a worker: it is ready at once, and knows axe already."""
    from tests.support import browser

    context = chromium.new_context(locale="en-GB", timezone_id="Europe/London", reduced_motion="reduce")
    context.add_init_script(path=browser.axe_script())
    yield context.new_page()
    context.close()


@pytest.fixture
def open_page(reader: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Opens an address for somebody in the page that axe reads with: `open_page("/rounds", person)`."""
    errors: list[str] = []

    def note(error: Any) -> None:
        errors.append(f"{reader.url}: {error}")

    def open_page(path: str, person: Any = None) -> Any:
        reader.context.clear_cookies()
        if person is not None:
            reader.context.add_cookies([_session_cookie(person, address)])
        answer = reader.goto(address + path)
        assert answer.status in {200, 404, 410, 422}, answer.status  # a page that says what is wrong counts too
        return reader

    reader.on("pageerror", note)
    yield open_page
    reader.remove_listener("pageerror", note)
    reader.goto("about:blank")
    assert errors == []


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A page in a browser that nobody has signed in with: `page.goto("/rounds")`."""
    return new_page()
