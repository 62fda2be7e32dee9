"""Keys that are made from another, each for one purpose: who learns one has none of the others."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derived(material: bytes, purpose: bytes) -> bytes:
    """A key of 32 bytes for a purpose."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(material)


def fernet_key(material: str | bytes, purpose: bytes) -> bytes:
    """The same, as `Fernet` takes it."""
    return base64.urlsafe_b64encode(derived(material.encode() if isinstance(material, str) else material, purpose))
