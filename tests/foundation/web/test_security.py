"""What keeps pages safe whatever a room does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request, session

from grants import create_app
from grants.foundation.records.db import db
from grants.foundation.web import pages, security
from tests.conftest import new_client
from tests.support import factories
from tests.support.client import ORIGIN, Client, words

SECRET = "a page that was seen by somebody who is signed in"


@pytest.fixture
def another_client(app: Flask) -> Iterator[Callable[..., Client]]:
    """A browser at an app of a test's own, with `/form`, `/secret`, `/address` and `/write`."""
    made: list[Flask] = []

    def make(**overrides: Any) -> Client:
        url = app.config["SQLALCHEMY_DATABASE_URI"]
        new = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, **overrides})
        new.add_url_rule("/form", "form", lambda: "stored", methods=["POST"])
        new.add_url_rule("/address", "address", lambda: f"{request.remote_addr} {request.scheme} {request.host}")
        new.add_url_rule("/secret", "secret", _secret)
        made.append(new)
        return new_client(new)

    yield make
    for each in made:
        with each.app_context():
            db.engine.dispose()


def _secret() -> str:
    session["_user_id"] = "1"
    return SECRET


def test_policy_lets_no_inline_script_or_style_through(client: Client) -> None:
    """Risk: a script that somebody typed into a form runs in an officer's browser."""
    policy = client.get("/cookies").headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert {"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(
        policy.split("; ")
    )


def test_headers_are_on_every_answer(client: Client) -> None:
    client.lints = False
    styles = client.get(pages.asset("app.css")), client.get(pages.asset("icon.svg"))
    for answer in (client.get("/cookies"), client.get("/nowhere"), client.get("/healthz"), *styles):
        headers = answer.headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers
        assert answer.mimetype == "application/json" or "utf-8" in headers["Content-Type"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_cookies_are_of_this_host_over_https_and_for_no_script(client: Client) -> None:
    """Risk: another host of the domain, or a page over plain HTTP, gives a browser a session of its own choice."""
    person = factories.person()
    answer = client.submit("/sign-in", {"email": person.email, "password": factories.PASSWORD})

    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain=" not in cookie


@pytest.mark.usefixtures("built")
def test_static_folder_is_not_listed_and_nothing_is_traced(client: Client) -> None:
    assert [client.get(path).status_code for path in ("/static/", "/static/build/", "/static/build")] == [404] * 3
    traced = [client.open(path, method="TRACE").status_code for path in ("/cookies", pages.asset("app.css"))]
    assert traced == [405, 405]


def test_scripts_write_text_and_no_markup() -> None:
    """Risk: a name that somebody typed becomes a script."""
    scripts = [path.read_text() for path in (Path(__file__).parents[3] / "assets/js").glob("*.js")]

    assert scripts
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", "".join(scripts))


def test_transport_is_not_bound_to_https_over_plain_http(client: Client) -> None:
    answer = client.get("/cookies", base_url="http://127.0.0.1:8000")

    assert "Strict-Transport-Security" not in answer.headers


def test_page_of_somebody_signed_in_is_never_stored(another_client: Callable[..., Client]) -> None:
    """Risk: the next person at a shared computer presses "Back" and reads what the last one saw."""
    answer = another_client().get("/secret")

    assert answer.get_data(as_text=True) == SECRET
    assert answer.headers["Cache-Control"] == "no-store"


def test_public_page_sets_no_cookie_and_may_be_kept(client: Client) -> None:
    answer = client.get("/cookies")

    assert "Set-Cookie" not in answer.headers
    assert "no-store" not in answer.headers.get("Cache-Control", "")


def test_form_without_its_token_is_refused(another_client: Callable[..., Client]) -> None:
    """Risk: another site makes somebody's browser send a form of ours."""
    answer = another_client().post("/form", data={"amount": "1"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 400
    assert "Nothing was stored." in answer.main


def test_form_over_https_from_another_site_is_refused_even_with_its_token(
    another_client: Callable[..., Client],
) -> None:
    """Risk: a token leaks to another site."""
    client = another_client()
    page = client.post("/form", data={"a": "b"}, headers={"Sec-Fetch-Site": "same-origin"}).page
    token = page.select_one("main input[name=csrf_token]")["value"]

    theirs = client.post("/form", data={"csrf_token": token}, headers={"Referer": "https://evil.example/"})
    ours = client.post("/form", data={"csrf_token": token}, headers={"Referer": f"{ORIGIN}/form"})

    assert (theirs.status_code, ours.status_code) == (400, 200)


def test_upload_is_read_before_the_database_is_asked(app: Flask, another_client: Callable[..., Client]) -> None:
    """Risk: on SQLite a slow upload holds the write lock, and nobody else can save."""
    client = another_client()
    seen: list[bool] = []

    class Upload(BytesIO):
        """A body that notes, whenever it is read, whether the database was asked already."""

        def read(self, size: int | None = -1) -> bytes:
            seen.append(db.session.registry.has() and db.session().in_transaction())
            return super().read(size)

        def readinto(self, buffer: Any) -> int:
            part = self.read(len(buffer))
            buffer[: len(part)] = part
            return len(part)

    client.lints = False
    client.post(
        "/form",
        input_stream=Upload(b"a=1"),
        content_length=3,
        content_type="application/x-www-form-urlencoded",
    )

    assert seen
    assert not any(seen)


def test_nothing_of_the_foundation_asks_the_database_before_a_form_is_checked(
    another_client: Callable[..., Client], count_queries: Callable[[], Any]
) -> None:
    with count_queries() as queries:
        answer = another_client().post("/form", data={"text": "x" * 100_000}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 400
    assert queries.count <= 1  # the page itself shows the office's name


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [(0, f"127.0.0.1 https {ORIGIN.removeprefix('https://')}"), (1, "198.51.100.7 http grants.example.org")],
)
def test_proxy_is_believed_only_where_the_office_says_there_is_one(
    another_client: Callable[..., Client], proxies: int, expected: str
) -> None:
    """Risk: somebody writes another address into a header, and the limits on signing in count the wrong one."""
    told = {
        "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "grants.example.org",
    }

    answer = another_client(TRUSTED_PROXIES=proxies).get("/address", headers=told)

    assert answer.get_data(as_text=True) == expected


# Static files


@pytest.fixture
def built() -> None:
    """Skips where the styles are not compiled."""
    if not (pages.STATIC / "build" / "manifest.json").exists():
        pytest.skip("the styles are not compiled: run `make assets`")


@pytest.mark.usefixtures("built")
def test_compiled_file_is_kept_for_ever_and_small(client: Client) -> None:
    address = client.get("/cookies").page.select_one("link[rel=stylesheet]")["href"]

    answer = client.get(address, headers={"Accept-Encoding": "gzip"})

    assert re.fullmatch(r"/static/build/app\.[0-9a-f]{10}\.css", address)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.get_data()) < 20_000


@pytest.mark.usefixtures("built")
def test_compiled_styles_are_in_our_own_face(client: Client) -> None:
    address = client.get("/cookies").page.select_one("link[rel=stylesheet]")["href"]

    styles = client.get(address).get_data(as_text=True)

    assert "--govuk-brand-colour: #3d2c6b" in styles
    assert not re.search("GDS Transport|#1d70b8|crown|@import|url\\(http", styles)
    assert len(styles) < 100 * 1024


def test_file_outside_of_the_static_folder_is_not_served(client: Client) -> None:
    """Risk: an address with dots reads the database or the secret key."""
    for path in ("/static/../__init__.py", "/static/..%2f__init__.py", "/static/build/..%2f..%2f..%2fwsgi.py"):
        answer = client.get(path)
        assert (answer.status_code, words(answer.page.h1)) == (404, "Page not found")


def test_app_starts_without_compiled_styles(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    another_client: Callable[..., Client],
    tmp_path: Any,
) -> None:
    monkeypatch.setattr(pages, "STATIC", tmp_path / "none")
    monkeypatch.setattr(security, "STATIC", tmp_path / "none")

    answer = another_client().get("/cookies")

    assert (answer.status_code, words(answer.page.h1)) == (200, "Cookies")
    assert "The styles are not compiled" in caplog.text
