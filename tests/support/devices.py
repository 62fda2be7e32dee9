"""What people hold in their hands: a phone that shows codes, and a device that keeps a passkey."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from pyotp import TOTP
from webauthn.helpers import bytes_to_base64url

from grants.accounts.factors import operations as factors
from grants.accounts.factors.rules import new_secret
from grants.accounts.models import Person
from grants.accounts.sessions.operations import begin
from grants.foundation.values import clock
from tests.support.client import ORIGIN


def code_of(secret: str, *, later: int = 0) -> str:
    """What an app shows now, or so many steps of 30 seconds later."""
    return TOTP(secret).at(clock.now(), counter_offset=later)


def with_app(person: Person) -> str:
    """Give somebody an authenticator app, set up with the code before the one that it shows now: its secret."""
    secret = new_secret()
    factors.set_up_app(here=begin(person), secret=secret, code=code_of(secret, later=-1))
    return secret


@dataclass
class Device:
    """A device that makes passkeys as WebAuthn has it, for a site at `origin`."""

    origin: str = ORIGIN
    uses: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = b"a passkey of the tests"

    def create(self, asked: str) -> str:
        """Answer a page that asks for a new passkey."""
        options = json.loads(asked)
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        held = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(public)
        data = self._data(options["rp"]["id"], flags=0x45) + held
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options["challenge"]), attestationObject=attestation
        )

    def get(self, asked: str) -> str:
        """Answer a page that asks for a passkey."""
        options = json.loads(asked)
        self.uses += 1
        client, data = self._client("webauthn.get", options["challenge"]), self._data(options["rpId"], flags=0x05)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signed)

    def _data(self, domain: str, *, flags: int) -> bytes:
        return hashlib.sha256(domain.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **parts: Any) -> str:
        name = bytes_to_base64url(self.credential_id)
        response = {part: bytes_to_base64url(value) for part, value in parts.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
