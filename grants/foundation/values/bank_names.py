"""Names as banks take them: capital and small letters A to Z, digits, and a few signs."""

from __future__ import annotations

import re
import unicodedata

SIGNS = ".-&/ "
"""Beside letters and digits, what a bank takes in a name."""
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−_"), "-")
_APART = {ord("ß"): "ss", ord("Æ"): "AE", ord("æ"): "ae", ord("Ø"): "O", ord("ø"): "o", ord("Œ"): "OE", ord("œ"): "oe"}
_APART |= {ord("Ł"): "L", ord("ł"): "l", ord("Đ"): "D", ord("đ"): "d", ord("Þ"): "Th", ord("þ"): "th", ord("+"): "&"}
_SMALL_WORDS = {"the", "and", "limited", "ltd"}


def at_bank(name: str) -> str:
    """A name in the characters that banks take: accents and other signs go, and dashes become hyphens.

    >>> at_bank("Zoë’s Café – Leeds"), at_bank("(A) Club, Hull")
    ('Zoes Cafe - Leeds', 'A Club Hull')
    """
    plain = unicodedata.normalize("NFKD", name.translate(_DASHES).translate(_APART))
    kept = "".join(sign for sign in plain if sign in SIGNS or (sign.isascii() and sign.isalnum()))
    return " ".join(kept.split())


def has_other_letters(name: str) -> bool:
    """Whether a name has letters or digits that no bank takes, so that it cannot be brought to those.

    >>> has_other_letters("Zoë’s Café"), has_other_letters("ਸਿੱਖ Society")
    (False, True)
    """
    plain = unicodedata.normalize("NFKD", name.translate(_APART))
    return any(sign.isalnum() and not sign.isascii() for sign in plain)


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are one, but for case, signs, accents and words like "the" and "limited".

    >>> is_same_name("The Zoë & Leeds Club Ltd.", "ZOE AND LEEDS CLUB"), is_same_name("Leeds Club", "A N Other")
    (True, False)
    """
    return _words(one) == _words(other)


def _words(name: str) -> list[str]:
    words = re.findall(r"[a-z0-9]+", at_bank(name).casefold())
    return [word for word in words if word not in _SMALL_WORDS]
