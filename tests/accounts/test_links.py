"""A link that opens something for whoever has it works in the letter that left, and stands nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from grants.accounts import tokens
from grants.accounts.credentials import operations as credentials
from grants.accounts.models import Token, TokenPurpose
from grants.accounts.organisations import operations as organisations
from grants.accounts.people import operations as people
from grants.accounts.rights import MemberRole
from grants.foundation.records import outbox
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.outbox import CUT_OUT, MailStatus, OutboxMessage
from tests.accounts.support import link_in, secret_in
from tests.support import factories
from tests.support.client import Client

TO = "kim@example.org"


def _register() -> None:
    credentials.register(email=TO, name="Kim", password="three plain words", browser="b", next_path="/rounds")


def _change_address() -> None:
    person = factories.person()
    credentials.request_email_change(person=person, email=TO, password=factories.PASSWORD)


def _invite_to_a_group() -> None:
    group = factories.organisation()
    organisations.invite(person=factories.applicant(group), organisation=group, email=TO, role=MemberRole.READER)


def _forget() -> None:
    factories.person(email=TO)
    credentials.request_reset(email=TO)


def _invite_a_colleague() -> None:
    people.invite_colleague(actor=factories.administrator().actor, email=TO, name="Kim", roles=[])


ASKED_FOR: dict[str, Callable[[], None]] = {
    TokenPurpose.CONFIRM: _register,
    TokenPurpose.CHANGE_EMAIL: _change_address,
    TokenPurpose.RESET: _forget,
    TokenPurpose.INVITE: _invite_a_colleague,
    "accounts.invitation": _invite_to_a_group,
}
"""What sends a link, by what it is for: a purpose of a token, or a page that takes another secret."""


def test_every_link_that_works_for_whoever_has_it_is_tried_here(app: Flask) -> None:
    with_a_token = {rule.endpoint for rule in app.url_map.iter_rules() if "token" in rule.arguments}

    assert set(TokenPurpose) <= set(ASKED_FOR)
    assert {tokens._PAGES.get(for_what, for_what) for for_what in ASKED_FOR} == with_a_token  # type: ignore[call-overload]


def _stored() -> str:
    """All that the database holds of letters, as a backup has it."""
    db.session.commit()
    return str(db.session.execute(text("SELECT * FROM outbox")).all())


@pytest.mark.parametrize("for_what", ASKED_FOR)
def test_a_link_is_in_the_letter_that_leaves_and_never_in_the_database(client: Client, for_what: str) -> None:
    ASKED_FOR[for_what]()
    (letter,) = db.session.scalars(select(OutboxMessage).where(OutboxMessage.to == TO))
    link, secret, left = link_in(letter), secret_in(letter), list[EmailMessage]()
    assert len(secret) > 40

    assert secret not in _stored()
    outbox.send_pending(lambda mail, _number: left.append(mail))

    (mail,) = [mail for mail in left if mail["To"] == TO]
    assert link in mail.get_content()
    assert (letter.sealed, letter.body.count(CUT_OUT)) == ("", 1)
    assert secret not in _stored()
    assert client.get(link).status_code == 200


def _give_up(letter: OutboxMessage) -> None:
    with transaction():
        letter.tries = outbox.MOST_TRIES
    outbox.send_pending(_fails)
    with pytest.raises(Refused, match="cut out by now"):
        outbox.send_again(letter.id)


def _fails(_mail: EmailMessage, _number: int) -> None:
    raise OSError("gone")


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (lambda letter: outbox.void(about=letter.about, purpose=letter.purpose), MailStatus.VOID),
        (lambda _letter: outbox.count_as_sent(), MailStatus.SENT),
        (_give_up, MailStatus.FAILED),
    ],
)
def test_a_letter_that_never_leaves_keeps_no_seal(app: Flask, end: Callable[[Any], Any], status: MailStatus) -> None:
    _forget()
    letter = db.session.scalars(select(OutboxMessage)).one()

    end(letter)

    assert (letter.status, letter.sealed, CUT_OUT in letter.body) == (status, "", True)


def test_a_letter_that_waits_is_tried_again_with_its_link(app: Flask, clock: Any) -> None:
    _forget()
    letter = db.session.scalars(select(OutboxMessage)).one()

    outbox.send_pending(_fails)

    assert tokens.digest(secret_in(letter)) == db.session.scalars(select(Token.digest)).one()


def _another_key(app: Flask, _letter: OutboxMessage) -> None:
    app.config["SECRET_KEY"] = "another"


def _another_address(_app: Flask, letter: OutboxMessage) -> None:
    letter.to = "thief@example.org"


@pytest.mark.parametrize("change", [_another_key, _another_address])
def test_a_sealed_letter_leaves_under_its_key_and_to_its_address_only(
    app: Flask, config: Any, monkeypatch: pytest.MonkeyPatch, change: Callable[[Flask, OutboxMessage], None]
) -> None:
    monkeypatch.setitem(app.config, "SECRET_KEY", "the first key")
    _forget()
    letter, left = db.session.scalars(select(OutboxMessage)).one(), list[EmailMessage]()
    with transaction():
        change(app, letter)

    assert outbox.send_pending(lambda mail, _number: left.append(mail)) == (0, 1)

    assert left == []
    assert letter.last_error


def test_a_letter_that_an_older_version_queued_loses_its_link_once_it_has_left(app: Flask) -> None:
    letter = outbox.queue(to=TO, subject="Choose", body="Open", purpose="reset")
    link = tokens.link("accounts.reset_password", "a-secret-of-old")
    with transaction():
        letter.body = f"Open this page:\n\n{link}\n"
    left = list[EmailMessage]()

    outbox.send_pending(lambda mail, _number: left.append(mail))

    assert link in left[0].get_content()
    assert letter.body == f"Open this page:\n\n{CUT_OUT}\n"


@pytest.mark.parametrize("link", ["/rounds", "/sign-in?next=/reset-password/abc", "/no/page", ""])
def test_a_link_that_opens_nothing_stays_in_what_is_kept(app: Flask, link: str) -> None:
    body = f"See {app.config['PUBLIC_URL']}{link} and https://example.org/reset-password/abc"

    assert outbox.without_links(body) == body
