"""The single-use links that are mailed. Only digests are kept."""

from __future__ import annotations

import hashlib
import secrets

from grants.foundation.records.db import Refused, transaction
from grants.foundation.values import clock
from grants.foundation.web.addresses import public_address

from . import queries
from .models import Person, Token, TokenPurpose

STALE = (
    "This link does not work any more: it was used already, a newer one was sent, or it is too old. Ask for a new one."
)

_PAGES = {
    TokenPurpose.CONFIRM: "accounts.confirm",
    TokenPurpose.CHANGE_EMAIL: "accounts.confirm",
    TokenPurpose.RESET: "accounts.reset_password",
    TokenPurpose.INVITE: "accounts.reset_password",
}


def issue(person: Person, purpose: TokenPurpose, *, email: str = "", browser: str = "", next_path: str = "") -> str:
    """Make a link that proves `email` (the person's own by default); earlier ones for the same end stop working."""
    with transaction() as session:
        session.flush()
        now, secret = clock.now(), secrets.token_urlsafe(32)
        for earlier in queries.open_tokens(person):
            if earlier.purpose == purpose:
                earlier.used_at = now
        session.add(
            Token(
                person_id=person.id,
                purpose=purpose,
                email=email or person.email,
                digest=digest(secret),
                browser_digest=digest(browser) if browser else "",
                expires_at=now + purpose.lasts,
            )
        )
        session.flush()
        return link(_PAGES[purpose], secret, next_path=next_path)


def use(secret: str, *purposes: TokenPurpose) -> Token:
    """Use a link up, within the caller's transaction. Raises Refused where it is not fresh and for one of these."""
    with transaction():
        token = queries.open_token(digest(secret), purposes, lock=True)
        if token is None:
            raise Refused(STALE)
        token.used_at = clock.now()
        return token


def end_all(person: Person) -> None:
    """Make every link that was mailed to a person stop working."""
    with transaction():
        for token in queries.open_tokens(person):
            token.used_at = clock.now()


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def link(endpoint: str, secret: str, *, next_path: str = "") -> str:
    """The address to mail: the page that takes the secret."""
    return public_address(endpoint, token=secret, next=next_path or None)


def same_browser(token: Token, browser: str) -> bool:
    """Whether the link was asked for in this browser."""
    return bool(token.browser_digest) and secrets.compare_digest(token.browser_digest, digest(browser))
