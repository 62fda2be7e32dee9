"""Passwords: how they are kept, and how they are compared."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from grants.foundation.values.words import count_characters
from grants.foundation.web.fields.text import LONGEST_PASSWORD

NO_PASSWORD = ""
"""What is kept for an account whose owner has not chosen a password yet: nothing opens it."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's advice for Argon2id


def hash_password(password: str) -> str:
    """The hash to keep. An empty password gives one that no password opens."""
    return _hasher.hash(_tidy(password)) if password else NO_PASSWORD


def matches(password: str, kept: str) -> bool:
    """Whether a password opens a kept hash. It takes the same time where there is none."""
    if count_characters(password) > LONGEST_PASSWORD:
        password = ""
    try:
        return _hasher.verify(kept or _nobodys_hash(), _tidy(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def _tidy(password: str) -> str:
    # The same letters typed on another device may arrive composed otherwise.
    return unicodedata.normalize("NFKC", password)
