"""What people type: made tidy, counted as a browser counts it, and named in messages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .invisible import balanced, without_invisible

_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_WORD = re.compile(f"[^{_SPACE}]+")
_EDGES = re.compile(f"^[{_SPACE}]+|[{_SPACE}]+$")
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ARTICLE = re.compile(r"^(an?|the) ", re.IGNORECASE)

CHARACTERS_PER_WORD = 30
"""Longer than any word of an ordinary text."""


def tidy(text: str) -> str:
    """A long text with plain line ends, without white space around it, its marks of direction in pairs.

    Emoji, right-to-left marks and everything else inside stay as they are.

    >>> tidy("  one\\r\\ntwo\\x0b ")
    'one\\ntwo'
    """
    return _EDGES.sub("", balanced(re.sub("\r\n?|[\v\f]", "\n", text)))


def tidy_line(text: str) -> str:
    """A name, a title or another line with single spaces, without what cannot be seen (`foundation.values.invisible`).

    >>> tidy_line(" Sam\\u200b \\n Lee\\u202e ")
    'Sam Lee'
    """
    return " ".join(without_invisible(text).split())


def without_hidden(text: str) -> str:
    """The text without the control characters that no database and no document can keep, NUL above all.

    >>> without_hidden("a\\x00b")
    'ab'
    """
    return _HIDDEN.sub("", text)


def has_hidden(text: str) -> bool:
    """Whether the text holds a character that `without_hidden` would take out."""
    return _HIDDEN.search(text) is not None


def count_words(text: str) -> int:
    r"""How many words: runs of anything but white space, as `text.match(/\S+/g)` counts them in a browser.

    The counter of govuk-frontend counts by the same rule, so that page and server never disagree.

    >>> count_words("We help – and we’re well-known.")
    6
    """
    return sum(1 for _ in _WORD.finditer(text))


def count_characters(text: str) -> int:
    """How many characters, as `text.length` counts them in a browser (an emoji is two).

    >>> count_characters("né"), count_characters("😀")
    (2, 2)
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def most_characters(words: int) -> int:
    """How many characters a text may have that is counted in words: text without spaces is one word.

    >>> most_characters(75)
    3250
    """
    return words * CHARACTERS_PER_WORD + 1000


def the(thing: str) -> str:
    """The thing at the start of a sentence.

    >>> the("a project title"), the("your e-mail address")
    ('The project title', 'Your e-mail address')
    """
    return capital(_ARTICLE.sub("the ", thing))


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def printable(text: str, instead: str) -> str:
    """The text with whatever cannot be shown on a page replaced."""
    return "".join(letter if letter.isprintable() else instead for letter in text)


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them.

    >>> listed(["fund"]), listed(["fund", "round", "topic"])
    ('fund', 'fund, round and topic')
    """
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def some(count: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> some(1, "word"), some(1200, "word"), some(2, "entry", "entries")
    ('1 word', '1,200 words', '2 entries')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def too_long(thing: str, text: str, most: int) -> str:
    """What is wrong with the length of a text that is counted in words, or nothing.

    >>> too_long("summary", "one two three", 2)
    'The summary must be 2 words or fewer. It has 3: shorten it by 1 word'
    """
    words, characters = count_words(text), count_characters(text)
    if words > most:
        over, limit, count = some(words - most, "word"), some(most, "word"), words
    elif characters > (most_allowed := most_characters(most)):
        over, limit, count = some(characters - most_allowed, "character"), some(most_allowed, "character"), characters
    else:
        return ""
    return f"The {thing} must be {limit} or fewer. It has {count:,}: shorten it by {over}"
