"""What only finance may read is stored sealed: encrypted and authenticated, under keys that can be changed.

`BANK_KEYS` holds one or more Fernet keys, separated by commas: the first seals, all open. After a new key was put in
front, `flask payments reseal` seals everything anew, and the old key can go. The demonstration, and an app that serves
its own machine only, make a key from SECRET_KEY; any other app refuses to start without BANK_KEYS.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import Flask, current_app

from grants.foundation.records.frozen import Content, Kind, fill
from grants.foundation.values.bank_names import at_bank
from grants.foundation.values.keys import derived, fernet_key
from grants.foundation.values.premises import LOOPBACK
from grants.foundation.values.settings import BadSetting

NEW_KEY = "`python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`"


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

    @property
    def name_at_bank(self) -> str:
        """The name as banks take it, which stands in the payment file."""
        return at_bank(self.name)


BANK_ACCOUNT: Kind[tuple[int, BankAccount]] = Kind("bank account", form=1)
"""What is sealed of an account: the id of the organisation that it was sealed for, and the account."""


def init_app(app: Flask) -> None:
    """Take the keys. Raises BadSetting where there are none that this app may use."""
    keys = keys_of(app.config)
    app.extensions["bank_keys"] = MultiFernet([Fernet(key) for key in keys])
    app.extensions["bank_digest_keys"] = [derived(key, b"grants: the same account") for key in keys]


def keys_of(config: Mapping[str, Any]) -> list[bytes]:
    """The keys that settings give, the first one first. Raises BadSetting where this app may not do with them."""
    texts = [text.strip() for text in str(config.get("BANK_KEYS", "")).split(",") if text.strip()]
    if not texts:
        if not config["DEMO"] and urlsplit(config["PUBLIC_URL"]).hostname not in LOOPBACK:
            raise BadSetting(
                f"BANK_KEYS is missing: bank details are stored encrypted. Make a key with {NEW_KEY}, "
                "keep it apart from the database, and set BANK_KEYS to it."
            )
        return [derived_key(config["SECRET_KEY"])]
    try:
        for text in texts:
            Fernet(text)
    except ValueError as error:
        raise BadSetting(f"BANK_KEYS must be keys made with {NEW_KEY}, separated by commas.") from error
    return [text.encode("ascii") for text in texts]


def derived_key(secret: str | bytes) -> bytes:
    """The key that the demonstration makes from its SECRET_KEY."""
    return fernet_key(secret, b"grants: bank details")


def digests_of(account: BankAccount) -> list[str]:
    """The digests by which an account is known, under each key, the first key's first: that one is stored."""
    keys: list[bytes] = current_app.extensions["bank_digest_keys"]
    number = f"{account.sort_code} {account.number}".encode()
    return [hmac.new(key, number, "sha256").hexdigest() for key in keys]


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
