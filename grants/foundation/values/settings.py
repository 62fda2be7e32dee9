"""The settings that come from the environment, and the premises without which the app refuses to start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from . import clock, disk, premises, private
from .smtp import MailServer

ROOT = Path(__file__).resolve().parents[3]

LARGEST_REQUEST = 64 * 1024 * 1024
"""Bytes of one request: above the largest upload, so that a file that is too large gets a message of its own."""


ROLES_APART = (
    "auditor+officer auditor+panel auditor+decision-maker auditor+finance auditor+administrator "
    "administrator+decision-maker administrator+finance"
)
"""The roles that do not meet unless the office says otherwise: who looks at everything does nothing, and who gives the
roles neither decides nor pays."""


Check = Callable[[Mapping[str, Any]], Iterable[str]]
"""Says what is wrong with settings, a sentence for each."""


class BadSetting(RuntimeError):
    """Settings that the app cannot start with; the message says what to do, a line for each."""


def _in_the_demonstration_only(start: str, others: ValidationInfo) -> str:
    if start and others.data.get("grants_demo") != "1":
        raise ValueError("GRANTS_NOW moves the clock: it is for the demonstration only (GRANTS_DEMO=1).")
    try:
        if start:
            clock.parse_instant(start)
    except clock.BadInstant:
        raise ValueError("GRANTS_NOW must be an ISO instant, like 2026-11-22T09:00:00Z.") from None
    return start


def _to_be_trusted(url: str, others: ValidationInfo) -> str:
    if url:
        MailServer.of(url, str(others.data.get("mail_ca_file"))).trust()
    return url


def _all_of_a_provider(secret: str, others: ValidationInfo) -> str:
    """The settings of an OpenID provider come together, and nobody in between reads what it says."""
    issuer, client = str(others.data.get("oidc_issuer", "")), others.data.get("oidc_client_id")
    if any((issuer, client, secret)) and not all((issuer, client, secret)):
        raise ValueError("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are set together, or none of them.")
    address = urlsplit(issuer)
    if issuer and address.scheme != "https" and address.hostname not in {"127.0.0.1", "localhost"}:
        raise ValueError("OIDC_ISSUER must begin with https://.")
    return secret


def _beside(check: Callable[[str, Mapping[str, Any]], str]) -> AfterValidator:
    """A check that also looks at the settings above its own."""

    def checked(value: str, others: ValidationInfo) -> str:
        return check(value, others.data)

    return AfterValidator(checked)


class Environment(BaseSettings):
    """Every setting, by its name in the environment (in capitals), and its default: docs/running.md says what for.

    A check may look at the settings above its own. One that is empty counts as not set.
    """

    model_config = SettingsConfigDict(
        alias_generator=str.upper, case_sensitive=True, env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    grants_instance: Path = ROOT / "instance"
    grants_demo: Literal["0", "1"] = "0"
    grants_now: Annotated[str, AfterValidator(_in_the_demonstration_only)] = ""
    secret_key: Annotated[str, AfterValidator(premises.secret_key)] = ""
    database_url: Annotated[str, _beside(premises.database)] = ""
    trusted_proxies: Annotated[int, AfterValidator(lambda number: max(0, number))] = 0
    ratelimit_storage_uri: Annotated[str, _beside(premises.rate_limits)] = "memory://"
    mail_ca_file: str = ""
    mail_url: Annotated[str, AfterValidator(_to_be_trusted)] = ""
    mail_from: Annotated[str, AfterValidator(premises.sender)] = "grants@localhost"
    clamav_socket: Annotated[str, _beside(premises.scanner)] = ""
    bank_keys: str = ""
    group_quota_mb: Annotated[int, Field(ge=1)] = 500
    roles_apart: str = ROLES_APART
    second_step_roles: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: Annotated[str, AfterValidator(_all_of_a_provider)] = ""
    idle_minutes: Annotated[int, Field(ge=5, le=720)] = 60
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: Annotated[str, _beside(premises.public_url)] = ""


_SAID = {
    "int_parsing": "must be a whole number.",
    "literal_error": "must be 1 or 0.",
    "greater_than_equal": "must be {ge} or more.",
    "less_than_equal": "must be {le} or less.",
}
"""What is wrong with a value that is of another type than its setting."""


def load(overrides: Mapping[str, Any] | None = None, check: Check = lambda _config: ()) -> dict[str, Any]:
    """Read the settings from the environment, with `overrides` above them, and make the folder of the instance private.

    `check` says what else is wrong with them. Raises BadSetting, which names all that are wrong, a line each.
    """
    given, faults = _read()
    faults += check({**_config(given), **(overrides or {})})
    if faults:
        raise BadSetting("\n".join(dict.fromkeys(faults)))
    os.umask(private.UMASK)
    config = _config(given)
    instance: Path = config["INSTANCE"]
    try:
        private.make(instance)
        config["SECRET_KEY"] = given.secret_key or _kept_secret(instance)
    except OSError as error:
        raise BadSetting(f"GRANTS_INSTANCE must be a folder that this user may write to: {error}.") from None
    if given.grants_now:
        clock.run_on_from(given.grants_now, kept_in=instance / "clock.json")
    else:
        clock.run_true()
    return {**config, **(overrides or {})}


def _read() -> tuple[Environment, list[str]]:
    """The settings as they were given, those that a fault speaks of by their defaults, and what is wrong with them."""
    faults: dict[str, str] = {}
    put_aside: dict[str, Any] = {}
    while True:
        try:
            return Environment(**put_aside), list(faults.values())
        except ValidationError as error:
            found = {str(fault["loc"][0]): _sentence(fault) for fault in error.errors()}
        faults = {**found, **faults}
        spoken_of = {name: default for name, default in _defaults() if any(name in each for each in found.values())}
        if spoken_of.keys() <= put_aside.keys():
            return Environment.model_construct(), list(faults.values())
        put_aside |= spoken_of


def _defaults() -> list[tuple[str, Any]]:
    return [(name.upper(), field.default) for name, field in Environment.model_fields.items()]


def _config(given: Environment) -> dict[str, Any]:
    """The settings as the app reads them, before the instance has a folder and a secret."""
    instance, demo = given.grants_instance.resolve(), given.grants_demo == "1"
    return {
        "INSTANCE": instance,
        "DEMO": demo,
        "MIGRATIONS": str(ROOT / "migrations"),
        "SECRET_KEY": given.secret_key,
        "SQLALCHEMY_DATABASE_URI": given.database_url or f"sqlite:///{instance / 'grants.db'}",
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True},  # a database that restarted is no error for anybody
        "SESSION_COOKIE_NAME": "grants" if demo else "__Host-grants",  # so no other host of the domain can set it
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": not demo,
        "REMEMBER_COOKIE_SECURE": not demo,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": True,
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": 8 * 1024 * 1024,
        "TRUSTED_PROXIES": given.trusted_proxies,
        "RATELIMIT_STORAGE_URI": given.ratelimit_storage_uri,
        "MAIL_URL": given.mail_url,
        "MAIL_CA_FILE": given.mail_ca_file,
        "MAIL_FROM": given.mail_from,
        "CLAMAV_SOCKET": given.clamav_socket,
        "GROUP_QUOTA": given.group_quota_mb * 1024 * 1024,
        "BANK_KEYS": given.bank_keys,
        "ROLES_APART": given.roles_apart,
        "SECOND_STEP_ROLES": given.second_step_roles or ("none" if demo else "all"),
        "OIDC_ISSUER": given.oidc_issuer,
        "OIDC_CLIENT_ID": given.oidc_client_id,
        "OIDC_CLIENT_SECRET": given.oidc_client_secret,
        "IDLE_MINUTES": given.idle_minutes,
        "PUBLIC_URL": (given.public_url or f"http://127.0.0.1:{given.port}").rstrip("/"),
    }


def _sentence(fault: ErrorDetails) -> str:
    """What is wrong with a setting."""
    own = str(fault["ctx"]["error"]) if "ctx" in fault and "error" in fault["ctx"] else ""
    return own or f"{fault['loc'][0]} {_SAID.get(fault['type'], fault['msg']).format(**fault.get('ctx', {}))}"


def _kept_secret(instance: Path) -> str:
    path = instance / "secret-key"
    if not path.exists():
        disk.write_first(path, secrets.token_hex(32).encode())
    kept = path.read_text().strip()
    if not premises.is_hard_to_guess(kept):
        raise BadSetting(
            f"{path} must hold {premises.SECRET_CHARACTERS} characters or more: delete it, and one is made."
        )
    return kept
