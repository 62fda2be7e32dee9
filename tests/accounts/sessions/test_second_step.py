"""The second step of signing in: what it opens, what it does not, and who has to have one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask

from grants.accounts import tokens
from grants.accounts.credentials import operations as credentials
from grants.accounts.factors import operations as factors
from grants.accounts.factors import queries
from grants.accounts.factors.models import AuthenticatorApp
from grants.accounts.factors.rules import PROOF_HOLDS, TIME_TO_PROVE
from grants.accounts.models import Person, TokenPurpose
from grants.accounts.people import operations as people
from grants.accounts.rights import Role
from grants.accounts.sessions.operations import begin
from grants.foundation.records.db import Refused, db
from tests.accounts.support import mails
from tests.conftest import MovedClock, new_client
from tests.support import factories
from tests.support.client import COOKIE, Client, Page
from tests.support.devices import Device, code_of, with_app
from tests.support.factories import PASSWORD
from tests.support.trail import last_line, lines_after

STEP = "/sign-in/second-step"
SEND = f"form[action='{STEP}']"


@pytest.fixture
def needed(app: Flask) -> Iterator[None]:
    """Every role of the office needs a second step, as outside the demonstration."""
    before = app.extensions["second step roles"]
    app.extensions["second step roles"] = frozenset(Role)
    yield
    app.extensions["second step roles"] = before


def give_password(client: Client, person: Person, **more: str) -> Page:
    return client.submit("/sign-in", {"email": person.email, "password": PASSWORD, **more})


def give(client: Client, code: str) -> Page:
    return client.submit(STEP, {"code": code}, form=SEND)


def is_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def test_a_password_alone_opens_nothing_where_there_is_a_second_step(client: Client) -> None:
    person = factories.officer()
    secret = with_app(person)

    assert give_password(client, person).goes_to == STEP
    assert client.get("/desk").goes_to == f"{STEP}?next=/desk"
    assert client.get("/applications.csv").goes_to.startswith(STEP)
    assert client.get("/account/sessions").goes_to.startswith(STEP)

    assert give(client, code_of(secret)).goes_to == "/desk"
    assert is_in(client)


def test_it_leads_on_to_where_the_person_was_going(client: Client) -> None:
    person = factories.person()
    secret = with_app(person)
    page = client.get("/sign-in?next=/account/name")
    page = client.submit(page, {"email": person.email, "password": PASSWORD})

    answer = client.submit(client.get(page.location), {"code": code_of(secret)}, form=SEND)

    assert answer.goes_to == "/account/name"


def test_what_was_typed_waits_through_both_steps(client: Client) -> None:
    person = factories.person()
    secret = with_app(person)
    client.sign_in(person)
    page = client.get("/organisations/new")
    credentials.end_other_sessions(here=begin(person))
    page = client.submit(page, {"name": "Open Doors “A & B” <b>", "kind": "voluntary group"})

    page = client.submit(page, {"email": person.email, "password": PASSWORD})
    assert "Open Doors" in str(page.page.find(attrs={"name": "kept-name"})["value"])
    page = client.submit(page, {"code": "000000"}, form=SEND)
    page = client.submit(page, {"code": code_of(secret)}, form=SEND)

    assert "Open Doors “A & B” <b>" in page.main
    assert client.submit(page).goes_to.startswith("/organisations/")


def test_a_code_counts_once(app: Flask) -> None:
    """The risk: who looks over a shoulder types the same code within its half minute."""
    person = factories.person()
    secret = with_app(person)
    mine, thiefs = new_client(app), new_client(app)
    for browser in (mine, thiefs):
        give_password(browser, person)
    give(mine, code_of(secret))

    answer = give(thiefs, code_of(secret))

    assert answer.status_code == 422
    assert answer.errors["code"] == factors.WRONG_CODE
    assert not is_in(thiefs)


def test_no_code_counts_that_is_older_than_one_that_was_used(app: Flask) -> None:
    person = factories.person()
    secret = with_app(person)
    here = begin(person)
    factors.prove_by_code(here=here, code=code_of(secret, later=1))

    with pytest.raises(Refused):
        factors.prove_by_code(here=here, code=code_of(secret))


def test_another_persons_code_opens_nothing(client: Client) -> None:
    person, other = factories.person(), factories.person()
    with_app(person)
    secret = with_app(other)
    give_password(client, person)

    assert give(client, code_of(secret)).status_code == 422


def test_nobody_guesses_codes(client: Client) -> None:
    person = factories.person()
    secret = with_app(person)
    give_password(client, person)
    last = last_line()
    for _ in range(5):
        assert give(client, "000000").status_code == 422

    answer = give(client, code_of(secret))

    assert answer.status_code == 429
    assert [line.verb for line in lines_after(last)] == ["fail second step"] * 5 + ["lock out"]


def test_the_second_step_waits_a_quarter_of_an_hour(client: Client, clock: MovedClock) -> None:
    person = factories.person()
    secret = with_app(person)
    give_password(client, person)
    clock.shift(TIME_TO_PROVE)

    assert client.get(STEP).goes_to == "/sign-in"
    client.post(STEP, data={"code": code_of(secret)})

    assert not is_in(client)


def test_the_half_session_is_worth_nothing_after_it_became_whole(app: Flask) -> None:
    """The risk: whoever copied the cookie before the second step is in with it."""
    person = factories.person()
    secret = with_app(person)
    mine, thiefs = new_client(app), new_client(app)
    give_password(mine, person)
    half = mine.get_cookie(COOKIE, domain="localhost")
    assert half is not None
    give(mine, code_of(secret))

    thiefs.set_cookie(COOKIE, half.value, domain="localhost", secure=True)

    assert is_in(mine)
    assert not is_in(thiefs)
    assert thiefs.get(STEP).goes_to == "/sign-in"


def test_who_proves_again_has_a_new_secret(app: Flask, clock: MovedClock) -> None:
    person = factories.person()
    secret = with_app(person)
    mine, thiefs = new_client(app), new_client(app)
    give_password(mine, person)
    give(mine, code_of(secret))
    whole = mine.get_cookie(COOKIE, domain="localhost")
    assert whole is not None
    clock.shift(PROOF_HOLDS)
    mine.get("/account/password")
    give(mine, code_of(secret))

    thiefs.set_cookie(COOKIE, whole.value, domain="localhost", secure=True)

    assert (is_in(mine), is_in(thiefs)) == (True, False)


def test_a_new_password_leads_to_the_second_step(client: Client) -> None:
    """The risk: who reads somebody's mail needs neither their phone nor their key."""
    person = factories.person()
    with_app(person)
    link = urlsplit(tokens.issue(person, TokenPurpose.RESET)).path

    client.submit(link, {"password": "three quiet kettles boil"})

    assert client.get("/desk").goes_to == f"{STEP}?next=/desk"
    assert not is_in(client)


def test_a_recovery_code_opens_once_and_is_told(app: Flask) -> None:
    person = factories.person()
    with_app(person)
    code = factors.make_recovery_codes(here=begin(person))[3]
    first, second = new_client(app), new_client(app)
    for browser in (first, second):
        give_password(browser, person)

    assert give(first, code.upper().replace("-", " ")).goes_to == "/desk"
    assert give(second, code).status_code == 422

    assert "A recovery code of your account was used" in [mail.subject for mail in mails(person.email)]
    assert queries.codes_left(person) == 9


def test_new_recovery_codes_make_the_old_ones_useless(app: Flask) -> None:
    person = factories.person()
    here = begin(person)
    old = factors.make_recovery_codes(here=here)[0]
    told = len(mails(here.person.email))
    factors.make_recovery_codes(here=here)
    assert [mail.subject for mail in mails(here.person.email)[told:]] == ["Your account has new recovery codes"]

    with pytest.raises(Refused):
        factors.prove_by_recovery_code(here=here, code=old)


@pytest.mark.usefixtures("needed")
@pytest.mark.parametrize("role", list(Role))
def test_whoever_has_a_role_of_the_office_sets_one_up_before_anything_else(client: Client, role: Role) -> None:
    person = factories.person(role)
    give_password(client, person)
    assert client.get("/desk").goes_to.startswith(STEP)
    assert client.get(STEP).goes_to == "/account/second-step"
    assert client.get("/account").goes_to.startswith(STEP)

    page = client.get("/account/second-step/app")
    secret = "".join(page.page.select_one("main code").text.split())  # type: ignore[union-attr]
    page = client.submit(page, {"code": code_of(secret)})

    assert len(page.page.select("main code")) == 10
    assert client.get("/desk").status_code == 200
    assert "Your account has a new second step" in [mail.subject for mail in mails(person.email)]


@pytest.mark.usefixtures("needed")
def test_groups_need_none(client: Client) -> None:
    person = factories.person(member_of=factories.organisation())

    assert give_password(client, person).goes_to == "/desk"


@pytest.mark.usefixtures("needed")
def test_whoever_is_given_a_role_proves_that_it_is_them_at_the_next_page(client: Client) -> None:
    person = factories.person()
    client.sign_in(person)
    assert is_in(client)

    people.grant_role(actor=factories.TESTS, person=person, role=Role.OFFICER)

    assert client.get("/desk").goes_to.startswith(STEP)


@pytest.mark.usefixtures("needed")
def test_a_half_session_sets_nothing_up_where_there_is_a_second_step_already(client: Client) -> None:
    """The risk: who has the password adds a phone of their own."""
    person = factories.officer()
    with_app(person)
    give_password(client, person)

    for address in ("/account/second-step", "/account/second-step/app", "/account/second-step/passkey"):
        assert client.get(address).goes_to == f"{STEP}?next={address}"


def test_a_new_second_step_ends_every_other_session(app: Flask) -> None:
    person, elsewhere = factories.person(), new_client(app)
    elsewhere.sign_in(person)

    with_app(person)

    assert not is_in(elsewhere)


def test_an_app_is_asked_for_its_first_code(client: Client) -> None:
    person = factories.person()
    client.sign_in(person)

    page = client.submit("/account/second-step/app", {"code": "000000", "password": PASSWORD})

    assert page.errors["code"] == factors.WRONG_CODE
    assert not queries.has_any(person)


@pytest.mark.parametrize("password", ["", "not their password"])
def test_the_first_second_step_takes_the_password_of_who_is_signed_in(client: Client, password: str) -> None:
    """The risk: somebody at an open browser adds a phone of their own, and the account is theirs."""
    person = factories.person()
    client.sign_in(person)
    secret = "".join(client.get("/account/second-step/app").page.select_one("main code").text.split())  # type: ignore[union-attr]

    page = client.submit("/account/second-step/app", {"code": code_of(secret), "password": password})
    assert page.errors["password"]
    assert not queries.has_any(person)

    client.submit("/account/second-step/app", {"code": code_of(secret), "password": PASSWORD})
    assert queries.has_any(person)
    assert not client.get("/account/second-step/passkey").page.select("[name=password]")


def test_guesses_of_the_password_where_a_step_is_set_up_are_counted(client: Client) -> None:
    person = factories.person()
    client.sign_in(person)

    for _ in range(5):
        client.submit("/account/second-step/app", {"code": "000000", "password": "not their password"})

    page = client.submit("/account/second-step/app", {"code": "000000", "password": PASSWORD})
    assert page.status_code == 429


def test_a_step_is_taken_away_by_who_proved_a_moment_ago_and_ends_every_other_session(
    app: Flask, client: Client, clock: MovedClock
) -> None:
    person = factories.person()
    secret = with_app(person)
    give_password(client, person)
    give(client, code_of(secret))
    clock.shift(PROOF_HOLDS)
    assert client.get("/account/second-step").goes_to.startswith(STEP)
    give(client, code_of(secret))

    elsewhere = new_client(app)
    elsewhere.sign_in(person)

    client.submit("/account/second-step/app/remove")

    assert not queries.has_any(person)
    assert (is_in(client), is_in(elsewhere)) == (True, False)
    assert mails(person.email)[-1].subject == "A second step was taken off your account"


@pytest.mark.usefixtures("needed")
def test_the_last_step_stays_where_the_work_needs_one(app: Flask) -> None:
    person = factories.officer()
    with_app(person)

    with pytest.raises(Refused, match="Add another one first"):
        factors.remove_app(here=begin(person))

    assert queries.has_any(person)


def test_no_secret_stands_in_the_table(app: Flask) -> None:
    person = factories.person()
    secret = with_app(person)

    kept = db.session.get(AuthenticatorApp, person.id)

    assert kept is not None
    assert secret not in kept.sealed


def test_a_new_secret_key_closes_apps_and_leaves_recovery_codes(app: Flask, config: dict[str, object]) -> None:
    person = factories.person()
    secret = with_app(person)
    here = begin(person)
    code = factors.make_recovery_codes(here=here)[0]
    config["SECRET_KEY"] = "another key of at least so many characters"

    with pytest.raises(Refused, match="set up anew"):
        factors.prove_by_code(here=here, code=code_of(secret))
    factors.prove_by_recovery_code(here=here, code=code)


@pytest.fixture
def with_passkey(sign_in: Callable[[Person], Client]) -> tuple[Person, Device]:
    person, device = factories.officer(), Device()
    browser = sign_in(person)
    page = browser.get("/account/second-step/passkey")
    asked = str(page.page.select_one("form[data-new-passkey]")["data-new-passkey"])  # type: ignore[index]
    page = browser.submit(page, {"label": "Blue stick", "passkey": device.create(asked), "password": PASSWORD})
    assert len(page.page.select("main code")) == 10, page.summary
    return person, device


def answer(client: Client, device: Device) -> Page:
    page = client.get(STEP)
    asked = str(page.page.select_one(SEND)["data-passkey"])  # type: ignore[index]
    return client.submit(page, {"passkey": device.get(asked)}, form=SEND)


def test_a_recovery_code_says_how_many_are_left_and_what_to_do(client: Client) -> None:
    person = factories.person()
    with_app(person)
    code = factors.make_recovery_codes(here=begin(person))[0]
    give_password(client, person)

    assert give(client, code).goes_to == "/desk"
    assert "You have 9 recovery codes left. If your phone or key is lost" in client.get("/desk").words


def test_guesses_of_codes_do_not_close_the_way_by_passkey(client: Client, with_passkey: tuple[Person, Device]) -> None:
    person, device = with_passkey
    give_password(client, person)
    for _ in range(5):
        give(client, "000000")
    assert give(client, "000000").status_code == 429

    assert answer(client, device).goes_to == "/desk"


@pytest.mark.usefixtures("needed")
def test_whoever_sets_up_their_first_step_gets_to_where_they_were_on_the_way_to(client: Client) -> None:
    person = factories.officer()
    give_password(client, person, next="/rounds")
    page = client.get(client.get(f"{STEP}?next=/rounds").goes_to)
    page = client.get(next(str(link["href"]) for link in page.page.select("main a") if link.text == "Set up an app"))
    secret = "".join(page.page.select_one("main code").text.split())  # type: ignore[union-attr]

    page = client.submit(page, {"code": code_of(secret)})

    assert page.page.select_one("main a[role=button]")["href"] == "/rounds"  # type: ignore[index]


def test_new_recovery_codes_are_asked_for_twice(client: Client) -> None:
    person = factories.person()
    secret = with_app(person)
    before = factors.make_recovery_codes(here=begin(person))
    give_password(client, person)
    give(client, code_of(secret))

    page = client.get("/account/second-step/recovery-codes")
    assert "stop working at once" in page.main
    page = client.submit(page)

    assert len(page.page.select("main code")) == 10
    with pytest.raises(Refused):
        factors.prove_by_recovery_code(here=begin(person), code=before[0])


def test_a_passkey_opens(client: Client, with_passkey: tuple[Person, Device]) -> None:
    person, device = with_passkey
    give_password(client, person)

    assert answer(client, device).goes_to == "/desk"
    assert "Blue stick" in client.get("/account/second-step").main


def test_an_answer_of_a_passkey_counts_once(app: Flask, with_passkey: tuple[Person, Device]) -> None:
    person, device = with_passkey
    here = begin(person)
    given = device.get(factors.ask_for_passkey(here=here))
    factors.prove_by_passkey(here=here, answer=given)

    with pytest.raises(Refused):
        factors.prove_by_passkey(here=here, answer=given)


def another_site(device: Device) -> None:
    device.origin = "https://grants.example.net"


def another_key(device: Device) -> None:
    device.key = Device().key


def another_name(device: Device) -> None:
    device.credential_id = b"another"


@pytest.mark.parametrize("wrong", [another_site, another_key, another_name])
def test_a_passkey_that_is_not_the_persons_opens_nothing(
    client: Client, with_passkey: tuple[Person, Device], wrong: Callable[[Device], None]
) -> None:
    person, device = with_passkey
    give_password(client, person)
    wrong(device)

    page = answer(client, device)

    assert page.errors["code"] == factors.WRONG_PASSKEY
    assert not is_in(client)


def test_a_copy_of_a_device_opens_nothing(app: Flask, with_passkey: tuple[Person, Device]) -> None:
    """A device counts its uses: who copied it counts from before."""
    person, device = with_passkey
    here = begin(person)
    for _ in range(3):
        factors.prove_by_passkey(here=here, answer=device.get(factors.ask_for_passkey(here=here)))
    device.uses = 1

    with pytest.raises(Refused):
        factors.prove_by_passkey(here=here, answer=device.get(factors.ask_for_passkey(here=here)))


@pytest.mark.parametrize("nonsense", ["x", "[]", "{}", "null", '{"id": 1}', "9" * 5000])
def test_nonsense_is_no_passkey(client: Client, with_passkey: tuple[Person, Device], nonsense: str) -> None:
    person, _device = with_passkey
    give_password(client, person)

    assert client.submit(STEP, {"passkey": nonsense}, form=SEND).status_code == 422
