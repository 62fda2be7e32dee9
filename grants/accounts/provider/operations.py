"""What a provider's answer opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import current_app
from joserfc.errors import JoseError
from requests import RequestException
from sqlalchemy import delete, select
from werkzeug.wrappers import Response

from grants.accounts import letters, queries
from grants.accounts.acts import AccountAct
from grants.accounts.models import Person
from grants.foundation.records import audit, outbox
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, db, noting, transaction
from grants.foundation.values import clock
from grants.foundation.web.addresses import public_address

from .models import Identity

UNKNOWN = (
    "There is no account of the office for you here. Ask an administrator to make one with the e-mail address that you "
    "use at work."
)
NOT_ANSWERED = "Your office’s sign-in did not answer as it should. Try again, or sign in with your password."
SCOPE = "openid email"

SIGNED_BY = ["RS256", "PS256", "ES256", "ES384"]
"""How an answer may be signed: by keys that the provider alone has, whatever else it says that it can do."""

_NAME = "office"
_SECONDS = 10


def issuer() -> str:
    """The office's provider, or nothing where it has none."""
    return str(current_app.config["OIDC_ISSUER"])


def leave_for() -> Response:
    """To the provider. Raises Refused where it does not answer."""
    try:
        answer: Response = _known_provider().authorize_redirect(public_address("accounts.provider_answered"))
    except (OAuthError, RequestException, ValueError) as error:
        raise Refused(NOT_ANSWERED) from error
    return answer


def come_back() -> Person:
    """The person whom the provider's answer means. Raises Refused.

    The library holds the answer against its state, its nonce, the issuer, the audience, the time and the signature.
    """
    try:
        token = _known_provider().authorize_access_token(claims_options=_expected())
    except (OAuthError, JoseError, RequestException, ValueError, KeyError) as error:
        raise Refused(NOT_ANSWERED) from error
    with noting():
        return person_of(token.get("userinfo") or {})


def person_of(claims: Mapping[str, Any]) -> Person:
    """Whom the claims of a provider mean: who came by this subject before, else who has the address. Raises Refused."""
    said_by, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
    if not (said_by and subject):
        raise Refused(NOT_ANSWERED)
    with transaction() as session:
        known = session.scalars(select(Identity).where(Identity.issuer == said_by, Identity.subject == subject)).first()
        person = queries.person_by_id(known.person_id) if known else _found_by_address(claims, said_by)
        if person is None or not person.is_active or not person.roles:
            raise Refused(UNKNOWN)
        if known is None:
            session.add(Identity(person_id=person.id, issuer=said_by, subject=subject, made_at=clock.now()))
            audit.record(actor=person.actor, verb=AccountAct.LINK_PROVIDER, thing=person, changes={})
            subject_of, body = letters.provider_linked(person.name)
            outbox.queue(to=person.email, subject=subject_of, body=body, purpose="session", about=f"person:{person.id}")
        return person


def unlink(*, actor: Actor, person: Person) -> None:
    """Forget by what a provider knows a person: at their next sign-in by it their address counts once more."""
    with transaction() as session:
        session.execute(delete(Identity).where(Identity.person_id == person.id))
        audit.record(actor=actor, verb=AccountAct.UNLINK_PROVIDER, thing=person, changes={})


def _found_by_address(claims: Mapping[str, Any], said_by: str) -> Person | None:
    """Who has the address, where the provider vouches for it and nobody else came in as them before."""
    if claims.get("email_verified") is not True:
        return None
    person = queries.person_by_email(str(claims.get("email", "")))
    if person is None:
        return None
    is_taken = db.session.scalar(
        select(Identity.id).where(Identity.person_id == person.id, Identity.issuer == said_by).limit(1)
    )
    return None if is_taken else person


def _expected() -> dict[str, Any]:
    """Who has to have said it, and to whom alone."""
    client = current_app.config["OIDC_CLIENT_ID"]
    return {"iss": {"essential": True, "value": issuer()}, "aud": {"essential": True, "validate": _is_for(client)}}


def _is_for(client: str) -> Callable[[Any, Any], bool]:
    return lambda _claims, audience: audience in (client, [client])


def _known_provider() -> Any:
    """The provider, where it calls itself what the settings call it. Raises ValueError."""
    provider = _provider()
    says = provider.load_server_metadata()
    if says.get("issuer") != issuer():
        raise ValueError(f"the provider at {issuer()} calls itself {says.get('issuer')!r}")
    says["id_token_signing_alg_values_supported"] = SIGNED_BY
    return provider


class _Straight(OAuth2Session):  # type: ignore[misc]
    """Asks the addresses that it was given, and none that these lead on to."""

    def request(self, *args: Any, **named: Any) -> Any:
        """Ask one address."""
        return super().request(*args, **{**named, "allow_redirects": False})


class _Provider(FlaskOAuth2App):  # type: ignore[misc]
    client_cls = _Straight


def _provider() -> Any:
    """The provider of the settings, made when it is first asked: what it says of itself is read then, and kept."""
    made: dict[str, Any] = current_app.extensions.setdefault("openid providers", {})
    named = issuer()
    if named not in made:
        made[named] = OAuth(current_app).register(
            _NAME,
            client_id=current_app.config["OIDC_CLIENT_ID"],
            client_secret=current_app.config["OIDC_CLIENT_SECRET"],
            client_cls=_Provider,
            server_metadata_url=f"{named.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "default_timeout": _SECONDS},
        )
    return made[named]
