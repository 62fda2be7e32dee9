"""What settings have to be: each check takes what was given, and raises ValueError with a sentence of what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

SECRET_CHARACTERS: Final = 32
_FEW_LETTERS: Final = 10
_WRITTEN_TO_BE_REPLACED: Final = re.compile(
    "changeme|changethis|secretkey|yoursecret|yourkey|example|default|insecure|password|placeholder|letmein"
)
NEW_SECRET: Final = "`python -c 'import secrets; print(secrets.token_hex(32))'`"  # noqa: S105 - how one is made

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_AT_HOME: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test")

RATE_LIMITS: Final = {
    "memory": "",
    "redis": "redis",
    "rediss": "redis",
    "redis+unix": "redis",
    "redis+sentinel": "redis",
    "redis+cluster": "redis",
    "memcached": "pymemcache",
}
"""Where rate limits can be counted, and the package that it takes."""

_HELD: Final = {"ssl_cert_reqs": "required", "ssl_check_hostname": "true"}
"""How Redis's certificate is checked, unless its address says otherwise."""

_CHECKED: Final = "verify-full"
"""What libpq calls a server whose certificate is from an authority that is trusted, and for its name."""


def is_hard_to_guess(secret: str) -> bool:
    """Whether a secret is long, of many characters, and none that stood in an example."""
    letters = "".join(re.findall("[a-z]", secret.casefold()))
    return (
        len(secret) >= SECRET_CHARACTERS
        and len(set(secret)) >= _FEW_LETTERS
        and _WRITTEN_TO_BE_REPLACED.search(letters) is None
    )


def secret_key(secret: str) -> str:
    """A secret of the environment."""
    if secret and not is_hard_to_guess(secret):
        raise ValueError(
            f"SECRET_KEY must be {SECRET_CHARACTERS} characters or more that nobody can guess: "
            f"make one with {NEW_SECRET}, or leave it out, and one is made."
        )
    return secret


def database(url: str, others: Mapping[str, Any]) -> str:
    """The address of a database: encrypted and known by its certificate where it is on another machine."""
    if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    if not url.startswith("postgresql") or _is_demo(others):
        return url
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    hosts = [host for name in ("host", "hostaddr") for given in asked.get(name, []) for host in given.split(",")]
    stays = "service" not in asked and all(map(_stays_here, [*hosts, *_hosts(parts.netloc)]))
    if not stays and (asked.get("sslmode") != [_CHECKED] or "sslrootcert" not in asked):
        raise ValueError(
            f"DATABASE_URL names another machine: add ?sslmode={_CHECKED}&sslrootcert=/path/to/authority.pem, "
            "so that nobody in between reads or answers."
        )
    return url


def rate_limits(url: str, others: Mapping[str, Any]) -> str:
    """Where rate limits are counted: encrypted where it is on another machine."""
    scheme, divider, _ = url.partition("://")
    if not divider or scheme not in RATE_LIMITS:
        known = ", ".join(f"{name}://" for name in RATE_LIMITS)
        raise ValueError(f"RATELIMIT_STORAGE_URI must begin with one of {known}.")
    package = RATE_LIMITS[scheme]
    if package and find_spec(package) is None:
        raise ValueError(f"RATELIMIT_STORAGE_URI begins with {scheme}://: install the package {package} for it.")
    parts = urlsplit(url)
    if _is_demo(others) or all(map(_stays_here, _hosts(parts.netloc))):
        return url
    asked = {name: values[-1].casefold() for name, values in parse_qs(parts.query).items()}
    held = all(asked.get(name, word) == word for name, word in _HELD.items())
    if scheme != "rediss" or not held:
        raise ValueError(
            "RATELIMIT_STORAGE_URI names another machine: use rediss://, and leave its certificate to be checked."
        )
    return url


def sender(address: str) -> str:
    """Whom mail is from."""
    if not re.fullmatch(r"[^@\r\n]+@[^@\s]+", address):
        raise ValueError("MAIL_FROM must be an e-mail address, like grants@example.org.")
    return address


def scanner(address: str, others: Mapping[str, Any]) -> str:
    """Where ClamAV listens: on this machine, since it takes what people upload unencrypted."""
    if address and not re.fullmatch(r"/.+|[^/:\s]+:[0-9]{1,5}", address):
        raise ValueError("CLAMAV_SOCKET must be the path of a socket, like /run/clamav/clamd.ctl, or host:port.")
    if not address.startswith("/") and not _is_demo(others) and not all(map(_stays_here, _hosts(address))):
        raise ValueError(
            "CLAMAV_SOCKET names another machine, and ClamAV does not encrypt: let one listen here, or lead to it "
            "by a tunnel that does."
        )
    return address


def public_url(url: str, others: Mapping[str, Any]) -> str:
    """The address that people type: encrypted, but on this machine; near, for a demonstration."""
    if not url:
        return url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise ValueError("PUBLIC_URL must be a whole address, like https://grants.example.org.")
    is_demo = _is_demo(others)
    if is_demo and not is_near(host):
        raise ValueError(
            "GRANTS_DEMO is for this machine or its own network: its accounts have a published password. "
            "Take it out, or give a PUBLIC_URL that is not public."
        )
    if not is_demo and parts.scheme == "http" and host not in LOOPBACK:
        raise ValueError("PUBLIC_URL must begin with https://: the cookies of people who are signed in need it.")
    return url


def is_near(host: str) -> bool:
    """Whether a host is this machine, or of a network that is not public."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host in LOOPBACK or "." not in host or host.endswith(_AT_HOME)


def _is_demo(others: Mapping[str, Any]) -> bool:
    return others.get("grants_demo") == "1"


def _hosts(netloc: str) -> list[str]:
    """The machines of an address, which may be several; an empty one is a socket of this machine."""
    named = netloc.rpartition("@")[2].split(",")
    return [re.sub(r"^\[([^]]*)\].*|:[0-9]*$", r"\1", each) for each in named]


def _stays_here(host: str) -> bool:
    """Whether what is sent to a host leaves this machine for nowhere: it has no name, is a socket or loopback."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return not host or host.startswith("/") or host == "localhost"
