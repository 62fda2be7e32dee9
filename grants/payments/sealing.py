"""What only finance may read is stored sealed: encrypted and authenticated, under keys that can be changed.

`BANK_KEYS` holds one or more Fernet keys, separated by commas: the first seals, all open. After a new key was put in
front, `flask payments reseal` seals everything anew, and the old key can go. The demonstration, and an app that serves
its own machine only, make a key from SECRET_KEY; any other app refuses to start without BANK_KEYS.
"""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app

from grants.foundation.records.frozen import Content, Kind, fill
from grants.foundation.values.settings import BadSetting

NEW_KEY = "`python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Damaged(Exception):
    """What is stored cannot be opened: it was changed, or its key is not among BANK_KEYS."""


@dataclass(frozen=True)
class BankAccount:
    """The bank account of a group. `number_on_file` is the telephone that is rung when the details change."""

    name: str
    sort_code: str
    number: str
    reference: str
    number_on_file: str

    @property
    def sort_code_shown(self) -> str:
        """The sort code as it stands on a cheque.

        >>> BankAccount("", "012345", "", "", "").sort_code_shown
        '01-23-45'
        """
        return "-".join((self.sort_code[:2], self.sort_code[2:4], self.sort_code[4:]))


BANK_ACCOUNT: Kind[tuple[int, BankAccount]] = Kind("bank account", form=1)
"""What is sealed of an account: the id of the organisation that it was sealed for, and the account."""


def init_app(app: Flask) -> None:
    """Take the keys. Raises BadSetting where there are none that this app may use."""
    app.extensions["bank_keys"] = MultiFernet(_keys(app.config))


def _keys(config: Any) -> list[Fernet]:
    texts = [text.strip() for text in str(config.get("BANK_KEYS", "")).split(",") if text.strip()]
    if not texts:
        if not config["DEMO"] and urlsplit(config["PUBLIC_URL"]).hostname not in LOOPBACK:
            raise BadSetting(
                f"BANK_KEYS is missing: bank details are stored encrypted. Make a key with {NEW_KEY}, "
                "keep it apart from the database, and set BANK_KEYS to it."
            )
        return [Fernet(derived_key(config["SECRET_KEY"]))]
    try:
        return [Fernet(text) for text in texts]
    except ValueError as error:
        raise BadSetting(f"BANK_KEYS must be keys made with {NEW_KEY}, separated by commas.") from error


def derived_key(secret: str | bytes) -> bytes:
    """The key that the demonstration makes from its SECRET_KEY."""
    material = secret.encode() if isinstance(secret, str) else secret
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"grants: bank details").derive(material)
    return base64.urlsafe_b64encode(key)


def seal(content: bytes) -> str:
    """The content, sealed under the first key."""
    return _box().encrypt(content).decode("ascii")


def unseal(sealed: str) -> bytes:
    """What was sealed. Raises Damaged."""
    try:
        return _box().decrypt(sealed)
    except InvalidToken as error:
        raise Damaged("what is stored does not open with any of BANK_KEYS") from error


def reseal(sealed: str) -> str:
    """The same content, sealed under the first key. Raises Damaged."""
    try:
        return _box().rotate(sealed).decode("ascii")
    except InvalidToken as error:
        raise Damaged("what is stored does not open with any of BANK_KEYS") from error


def seal_account(account: BankAccount, *, organisation_id: int) -> str:
    """An account, sealed for one organisation: beside another it does not open."""
    text, _ = BANK_ACCOUNT.freeze({**asdict(account), "organisation": organisation_id})
    return seal(text.encode())


def unseal_account(sealed: str, *, organisation_id: int) -> BankAccount:
    """The account that was sealed for an organisation. Raises Damaged, and UnknownForm."""
    sealed_for, account = BANK_ACCOUNT.read(unseal(sealed))
    if sealed_for != organisation_id:
        raise Damaged("these bank details were sealed for another organisation")
    return account


@BANK_ACCOUNT.reader(1)
def _first_form(content: Content) -> tuple[int, BankAccount]:
    return content["organisation"], fill(BankAccount, content)


def seal_apart(content: bytes) -> tuple[bytes, str]:
    """A large content sealed under a key of its own, and that key, sealed: only the key is sealed anew later."""
    key = Fernet.generate_key()
    return Fernet(key).encrypt(content), seal(key)


def unseal_apart(content: bytes, key: str) -> bytes:
    """What `seal_apart` sealed. Raises Damaged."""
    try:
        return Fernet(unseal(key)).decrypt(content)
    except InvalidToken as error:
        raise Damaged("a sealed file was changed") from error


def _box() -> MultiFernet:
    box: MultiFernet = current_app.extensions["bank_keys"]
    return box
