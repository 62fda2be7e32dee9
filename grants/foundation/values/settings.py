"""The settings that come from the environment, and the premises without which the app refuses to start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import clock
from .smtp import BadMailUrl, MailServer

ROOT = Path(__file__).resolve().parents[3]

LARGEST_REQUEST = 64 * 1024 * 1024
"""Bytes of one request: above the largest upload, so that a file that is too large gets a message of its own."""


class BadSetting(RuntimeError):
    """A setting that the app cannot start with; the message says what to do."""


def load(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Read the settings from the environment. Raises BadSetting."""
    environ = os.environ if environ is None else environ
    instance = Path(environ.get("GRANTS_INSTANCE") or ROOT / "instance").resolve()
    instance.mkdir(parents=True, exist_ok=True)
    demo = environ.get("GRANTS_DEMO", "") == "1"
    _set_clock(environ.get("GRANTS_NOW", ""), demo=demo, instance=instance)
    return {
        "INSTANCE": instance,
        "DEMO": demo,
        "MIGRATIONS": str(ROOT / "migrations"),
        "SECRET_KEY": environ.get("SECRET_KEY") or _kept_secret(instance),
        "SQLALCHEMY_DATABASE_URI": database_url(environ, instance),
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True},  # a database that restarted is no error for anybody
        "SESSION_COOKIE_NAME": "grants",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": not demo,
        "REMEMBER_COOKIE_SECURE": not demo,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": True,
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": 8 * 1024 * 1024,
        "TRUSTED_PROXIES": _count(environ, "TRUSTED_PROXIES"),
        "RATELIMIT_STORAGE_URI": environ.get("RATELIMIT_STORAGE_URI", "memory://"),
        **_mail(environ),
        "MAIL_FROM": environ.get("MAIL_FROM", "grants@localhost"),
        "CLAMAV_SOCKET": environ.get("CLAMAV_SOCKET", ""),
        "BANK_KEYS": environ.get("BANK_KEYS", ""),
        "PUBLIC_URL": environ.get("PUBLIC_URL", f"http://127.0.0.1:{environ.get('PORT', '8000')}").rstrip("/"),
    }


def database_url(environ: Mapping[str, str], instance: Path) -> str:
    """Where the data is: DATABASE_URL, or SQLite in the instance folder. Raises BadSetting."""
    url = environ.get("DATABASE_URL") or f"sqlite:///{instance / 'grants.db'}"
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    return url


def _mail(environ: Mapping[str, str]) -> dict[str, Any]:
    url, ca_file = environ.get("MAIL_URL", ""), environ.get("MAIL_CA_FILE", "")
    try:
        if url:
            MailServer.of(url, ca_file).trust()
    except BadMailUrl as error:
        raise BadSetting(str(error)) from error
    return {"MAIL_URL": url, "MAIL_CA_FILE": ca_file}


def _count(environ: Mapping[str, str], name: str) -> int:
    try:
        return max(0, int(environ.get(name, "0") or "0"))
    except ValueError as error:
        raise BadSetting(f"{name} must be a whole number.") from error


def _set_clock(start: str, *, demo: bool, instance: Path) -> None:
    if not start:
        clock.run_true()
        return
    if not demo:
        raise BadSetting("GRANTS_NOW moves the clock: it is for the demonstration only (GRANTS_DEMO=1).")
    try:
        clock.run_on_from(start, kept_in=instance / "clock.json")
    except clock.BadInstant as error:
        raise BadSetting("GRANTS_NOW must be an ISO instant, like 2026-11-22T09:00:00Z.") from error


def _kept_secret(instance: Path) -> str:
    path = instance / "secret-key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip()
