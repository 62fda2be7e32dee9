"""Signing in by an OpenID provider: a real one, that runs beside the tests."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from flask import Config, Flask
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey
from joserfc.jws import JWSRegistry

from grants.accounts.people import operations as people
from grants.accounts.provider import operations as provider
from grants.accounts.rights import Role
from grants.foundation.records.db import Refused, db
from grants.foundation.values import clock
from tests.accounts.support import mails
from tests.conftest import Runner, new_client
from tests.support import factories
from tests.support.client import ORIGIN, Client, Page
from tests.support.devices import code_of, with_app
from tests.support.trail import last_line, lines_after

ROOT = Path(__file__).parents[3]
SUPPORT = ROOT / "tests/support/openid.mjs"
CALLBACK = f"{ORIGIN}/sign-in/office/answer"
PEOPLE = {
    "ada": {"email": "Ada@Example.org", "email_verified": True},
    "other-ada": {"email": "ada@example.org", "email_verified": True},
    "unproved": {"email": "ada@example.org", "email_verified": False},
    "nobody": {"email": "nobody@example.org", "email_verified": True},
}


def _node() -> str:
    """The node that compiled the styles: the machine's own, or the one beside our Python."""
    return shutil.which("node", path=f"{ROOT / '.venv/bin'}") or shutil.which("node") or "node"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider, which ends with the tests that ask it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [_node(), str(SUPPORT), str(port), "grants", "a secret of the client", CALLBACK, json.dumps(PEOPLE)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        assert any(line.strip() == "ready" for line in running.stdout)
        yield f"http://127.0.0.1:{port}"
        running.terminate()


class Moved:
    """A provider that has moved: it leads on to another address, and notes what it is asked."""

    def __init__(self) -> None:
        self.asked = asked = []  # type: list[str]

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(302)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_words: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Door)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Moved:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def on(config: Config, issuer: str) -> None:
    config.update(OIDC_ISSUER=issuer, OIDC_CLIENT_ID="grants", OIDC_CLIENT_SECRET="a secret of the client")


def at_the_provider(address: str, account: str) -> str:
    """Sign in on the provider's own pages, as its user does; where it leads back to."""
    browser = requests.Session()
    page = browser.get(address)
    for prompt in ({"prompt": "login", "login": account, "password": "any"}, {"prompt": "consent"}):
        form = re.search(r'action="([^"]+)"', page.text)
        assert form, page.text
        page = browser.post(form[1], data=prompt, allow_redirects=False)
        while page.status_code in {302, 303}:
            if page.headers["Location"].startswith(CALLBACK):
                return page.headers["Location"].removeprefix(ORIGIN)
            page = browser.get(requests.compat.urljoin(page.url, page.headers["Location"]), allow_redirects=False)
    raise AssertionError(page.text)


def come_in(client: Client, account: str, *, towards: str = "") -> Page:
    leaving = client.get("/sign-in/office", query_string={"next": towards} if towards else {})
    assert leaving.status_code == 302, leaving.main
    return client.get(at_the_provider(str(leaving.location), account))  # type: ignore[return-value]


@pytest.fixture
def ada(app: Flask) -> object:
    return factories.person(Role.OFFICER, email="ada@example.org", name="Ada")


@pytest.mark.usefixtures("on")
def test_somebody_of_the_office_comes_in_by_the_provider_and_is_told_once(app: Flask, ada: object) -> None:
    last = last_line()
    for _ in range(2):
        browser = new_client(app)
        assert come_in(browser, "ada", towards="/applications").goes_to == "/applications"
        assert "Ada" in browser.get("/account").main

    assert [line.verb for line in lines_after(last)] == ["link provider", "sign in", "sign in"]
    subjects = [mail.subject for mail in mails("ada@example.org")]
    assert subjects.count("You can sign in with your office account") == 1


@pytest.mark.usefixtures("on", "ada")
@pytest.mark.parametrize("account", ["unproved", "nobody"])
def test_an_address_that_is_not_vouched_for_or_unknown_opens_nothing(client: Client, account: str) -> None:
    answer = come_in(client, account)

    assert answer.status_code == 422
    assert provider.UNKNOWN in answer.main
    assert client.get("/account").status_code == 302


@pytest.mark.usefixtures("on", "ada")
def test_an_address_that_was_given_to_another_opens_nothing(app: Flask) -> None:
    """The risk: a new colleague gets the address of one who left, and with it the account."""
    come_in(new_client(app), "ada")

    answer = come_in(new_client(app), "other-ada")

    assert provider.UNKNOWN in answer.main


@pytest.mark.usefixtures("on", "ada")
def test_a_new_account_at_the_provider_counts_after_a_command(app: Flask, runner: Runner) -> None:
    come_in(new_client(app), "ada")

    assert runner.invoke(args=["people", "unlink", "ada@example.org"]).exit_code == 0

    assert come_in(new_client(app), "other-ada").goes_to == "/desk"
    assert provider.UNKNOWN in come_in(new_client(app), "ada").main


@pytest.mark.usefixtures("on")
def test_groups_sign_in_with_their_password(client: Client) -> None:
    factories.person(email="ada@example.org", member_of=factories.organisation())

    assert provider.UNKNOWN in come_in(client, "ada").main


@pytest.mark.usefixtures("on")
def test_a_closed_account_stays_closed(client: Client, ada: object) -> None:
    people.close_account(actor=factories.TESTS, person=ada)  # type: ignore[arg-type]

    assert provider.UNKNOWN in come_in(client, "ada").main


@pytest.mark.usefixtures("on")
def test_the_second_step_is_ours(client: Client, ada: object) -> None:
    secret = with_app(ada)  # type: ignore[arg-type]

    answer = come_in(client, "ada")

    assert answer.goes_to == "/sign-in/second-step"
    page = client.submit("/sign-in/second-step", {"code": code_of(secret)}, form="form[action='/sign-in/second-step']")
    assert page.goes_to == "/desk"


@pytest.mark.usefixtures("on", "ada")
def test_an_answer_counts_once_and_in_the_browser_that_asked(app: Flask) -> None:
    """The risk: somebody is led to an address that signs them in as another."""
    mine, thiefs = new_client(app), new_client(app)
    back = at_the_provider(str(mine.get("/sign-in/office").location), "ada")

    assert thiefs.get(back).status_code == 422
    assert mine.get(back).status_code == 302
    assert mine.get(back).status_code == 422


@pytest.mark.usefixtures("on", "ada")
@pytest.mark.parametrize("changed", [{"state": "another"}, {"code": "another"}, {"error": "access_denied"}])
def test_an_answer_that_was_changed_opens_nothing(client: Client, changed: dict[str, str]) -> None:
    back = urlsplit(at_the_provider(str(client.get("/sign-in/office").location), "ada"))
    values = {name: given[0] for name, given in parse_qs(back.query).items()} | changed

    answer = client.get(f"{back.path}?{urlencode(values)}")

    assert answer.status_code == 422
    assert provider.NOT_ANSWERED in answer.main  # type: ignore[attr-defined]


def test_a_provider_that_does_not_answer_leaves_the_password(client: Client) -> None:
    answer = client.get("/sign-in/office")

    assert answer.status_code == 422
    assert provider.NOT_ANSWERED in answer.main  # type: ignore[attr-defined]


@pytest.mark.usefixtures("on")
def test_a_provider_that_calls_itself_something_else_is_not_asked(client: Client, config: Config, issuer: str) -> None:
    """The risk: one provider's answers are taken for those of another."""
    config["OIDC_ISSUER"] = issuer.replace("127.0.0.1", "localhost")

    assert client.get("/sign-in/office").status_code == 422


@pytest.mark.usefixtures("on")
def test_nothing_but_the_address_of_a_provider_is_asked(app: Flask) -> None:
    with Moved() as moved:
        app.config["OIDC_ISSUER"] = moved.address

        assert new_client(app).get("/sign-in/office").status_code == 422

    assert moved.asked == ["/.well-known/openid-configuration"]


@pytest.mark.usefixtures("on")
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_signs_nobody_in(client: Client, site: str) -> None:
    answer = client.get("/sign-in/office?next=/desk", headers={"Sec-Fetch-Site": site})

    assert answer.goes_to == "/sign-in?next=/desk"  # type: ignore[attr-defined]


@pytest.mark.usefixtures("on")
@pytest.mark.parametrize(
    ("changed", "algorithm", "is_taken"),
    [
        ({}, "ES256", True),
        ({"aud": ["grants"]}, "ES256", True),
        ({"aud": "another", "azp": "grants"}, "ES256", False),
        ({"aud": ["grants", "another"], "azp": "grants"}, "ES256", False),
        ({"iss": "https://another.example"}, "ES256", False),
        ({"nonce": "another"}, "ES256", False),
        ({"exp": 1}, "ES256", False),
        ({}, "HS256", False),
    ],
    ids=str,
)
def test_a_token_counts_for_whom_and_from_whom_it_is(
    app: Flask, issuer: str, changed: dict[str, Any], algorithm: str, is_taken: bool
) -> None:
    """The risk: what a provider, or somebody else, said of a person to another service opens this one."""
    known, now = ECKey.generate_key("P-256"), int(clock.now().timestamp())
    said = {"iss": issuer, "sub": "1", "aud": "grants", "nonce": "n", "iat": now, "exp": now + 60, **changed}
    key = OctKey.import_key("the words of the public key, as everybody knows them") if algorithm == "HS256" else known
    token = jwt.encode({"alg": algorithm}, said, key, registry=JWSRegistry(algorithms=["ES256", "HS256"]))
    with app.test_request_context():
        known_provider = provider._known_provider()
        known_provider.server_metadata["jwks"] = {"keys": [known.as_dict(private=False)]}
        with pytest.raises(JoseError) if not is_taken else nullcontext():
            known_provider.parse_id_token(
                {"id_token": token, "access_token": "a"},
                nonce="n",
                claims_options=provider._expected(),
            )


def test_where_there_is_no_provider_there_is_no_such_page(client: Client, config: Config) -> None:
    config["OIDC_ISSUER"] = ""

    assert client.get("/sign-in/office").status_code == 404
    assert client.get("/sign-in/office/answer").status_code == 404
    assert "office account" not in client.get("/sign-in").main  # type: ignore[attr-defined]


@pytest.mark.parametrize("claims", [{}, {"iss": "x"}, {"sub": "x"}, {"iss": "", "sub": ""}])
def test_claims_that_name_nobody_are_nobody(app: Flask, claims: dict[str, str]) -> None:
    with pytest.raises(Refused):
        provider.person_of(claims)
    db.session.rollback()
