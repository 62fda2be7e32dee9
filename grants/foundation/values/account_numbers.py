"""Sort codes and account numbers in what people write, which is no place for them."""

from __future__ import annotations

import re

TAKE_IT_OUT = "This looks like an account number. Take it out: write the last four digits"
LEAST_DIGITS = 8
SHOWN_DIGITS = 4

_GAP = r"[^\S\n]?[-‐‑‒–—−]?[^\S\n]?"
_DAY, _MONTH, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9]{2}"
_NONE = "|".join(
    (
        r"(?<![A-Za-z])[A-Z]{1,10}-[0-9]{1,4}-[0-9]{4}(?:-V?[0-9]{1,3})?(?![0-9])",  # SCF-21-0008-1, B-2026-0001
        r"£\s?[0-9][0-9,]*(?:\.[0-9]{2})?(?![0-9])",
        rf"(?<![0-9]){_YEAR}-[01][0-9]-[0-3][0-9](?![0-9])",
        rf"(?<![0-9]){_DAY}[ ./-]{_MONTH}[ ./-]{_YEAR}(?![0-9])",
        r"(?<![0-9])(?:\+44 ?(?:\(0\) ?)?|0)[0-9]{2,4}[ -][0-9]{3,4}[ -]?[0-9]{3,4}(?![0-9])",  # telephone numbers
        r"(?<![0-9])(?:\+44|0)[0-9]{10}(?![0-9])",
    )
)
_SORT_CODE = r"(?<![0-9])[0-9]{2}[-‐‑‒–—−][0-9]{2}[-‐‑‒–—−][0-9]{2}(?![0-9])"
_FOUND = re.compile(f"(?P<other>{_NONE})|[0-9](?:{_GAP}[0-9]){{{LEAST_DIGITS - 1},}}|{_SORT_CODE}")


def without_accounts(text: str) -> str:
    """A text of which sort codes and account numbers show the last digits alone.

    >>> without_accounts("12-34-56 00733445 is closed, see SCF-21-0008-12 of 2026-11-27 (£5,400.00)")
    'ending 3445 is closed, see SCF-21-0008-12 of 2026-11-27 (£5,400.00)'
    """
    return _FOUND.sub(lambda found: found[0] if found["other"] else _covered(found[0]), text)


def holds_account(text: str) -> bool:
    """Whether a text holds a whole sort code or account number.

    >>> holds_account("Ring 0113 496 0000"), holds_account("0073 3445"), holds_account("ending 3445")
    (False, True, False)
    """
    return without_accounts(text) != text


def _covered(number: str) -> str:
    return f"ending {re.sub('[^0-9]', '', number)[-SHOWN_DIGITS:]}"
