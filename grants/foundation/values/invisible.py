"""Characters that cannot be seen: taken out of names, so that what looks like a name is that name.

A line of text keeps of them what its script needs to be read, and nothing else (the rules follow RFC 5892, appendix A,
and Unicode's emoji sequences):

- a joiner or non-joiner (U+200D, U+200C) beside a virama, as in Devanagari, Bengali, Malayalam or Sinhala;
- a non-joiner between two letters that would join, as in Persian and Urdu;
- a joiner between two pictures, and the tags of a flag, as in 👩‍🚒 and 🏴󠁧󠁢󠁷󠁬󠁳󠁿;
- a variation selector after what it varies: a picture, a sign or a Chinese, Burmese or Mongolian letter.

Long texts keep their marks of direction in pairs: each line is a paragraph of its own wherever it is shown.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_JOINER, _NON_JOINER = "\u200d", "\u200c"
_NEAR: Final = 8
"""How far one looks: past the marks upon a letter, or the skin and style of a picture."""

_VIRAMA: Final = 9
"""The combining class of the signs that take a consonant's vowel away."""

_SEEN: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that are shown: they stand before numbers."""

_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs that show nothing, whatever their category says."""

_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")

_VARIED: Final = {
    **dict.fromkeys(map(chr, range(0xFE00, 0xFE0E)), ("CJK", "MYANMAR")),
    **dict.fromkeys(map(chr, range(0xE0100, 0xE01F0)), ("CJK",)),
    **dict.fromkeys("\u180b\u180c\u180d\u180f", ("MONGOLIAN",)),
}
"""Of which script a letter is that a variation selector may follow."""

_AS_PICTURE_OR_TEXT = "\ufe0e\ufe0f"
_KEYCAP = "\u20e3"
_SKINS: Final = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_PICTURES: Final = _SKINS | {"\u203c", "\u2049", "\u3030"}
"""Pictures that have the category of something else."""

_JOINING_SCRIPTS: Final = ("ARABIC", "SYRIAC", "NKO", "MANDAIC", "MONGOLIAN", "ADLAM")
_NEVER_JOINS_ON: Final = frozenset(
    "\u0621\u0622\u0623\u0624\u0625\u0627\u0629\u062f\u0630\u0631\u0632\u0648\u0671\u0672\u0673\u0675\u0676\u0677"
    "\u06c0\u06c3\u06c4\u06c5\u06c6\u06c7\u06c8\u06c9\u06ca\u06cb\u06cd\u06cf\u06d2\u06d3\u06d5\u06ee\u06ef"
).union(map(chr, range(0x688, 0x69A)))
"""Arabic letters that do not join the one after them: a non-joiner behind one cannot be seen."""

_OPENING = {**dict.fromkeys("\u202a\u202b", "\u202c"), **dict.fromkeys("\u2066\u2067\u2068", "\u2069")}
_OVERRIDES = re.compile("[\u202d\u202e]")
_DIRECTING = re.compile("[\u202a-\u202c\u2066-\u2069]")


def without_invisible(text: str) -> str:
    """A line of text without the characters that nobody sees, but for those that its script needs.

    >>> without_invisible("Sa\\u200bm \\u202eLee")
    'Sam Lee'
    """
    if text.isascii():
        return text
    kept: list[str] = []
    end = 0
    for flag in _FLAG.finditer(text):
        _take(text, range(end, flag.start()), kept)
        kept.append(flag[0])
        end = flag.end()
    _take(text, range(end, len(text)), kept)
    return "".join(kept)


def _take(text: str, where: range, kept: list[str]) -> None:
    for index in where:
        sign = text[index]
        if not _may_hide(sign) or _is_needed(sign, "".join(kept[-_NEAR:]), text[index + 1 : index + 1 + _NEAR]):
            kept.append(sign)


def _may_hide(sign: str) -> bool:
    if sign in _BLANK or sign in _VARIED or sign in _AS_PICTURE_OR_TEXT:
        return True
    return unicodedata.category(sign) == "Cf" and sign not in _SEEN


def _is_needed(sign: str, before: str, after: str) -> bool:
    """Whether a character that hides is needed between what stands before it and what comes after."""
    last, following = before[-1:], after[:1]
    if sign in _AS_PICTURE_OR_TEXT:
        return _is_picture(last) or (following == _KEYCAP and last in "#*0123456789")
    if sign in _VARIED:
        return _script(last) in _VARIED[sign]
    if sign in {_JOINER, _NON_JOINER} and _VIRAMA in {_class(last), _class(following)}:
        return bool(last) and unicodedata.category(last)[0] in "LM"
    if sign == _NON_JOINER:
        return _joins(before, after)
    return sign == _JOINER and _is_picture(_bare(before)) and _is_picture(following)


def _joins(before: str, after: str) -> bool:
    """Whether the letters around a gap would join: marks upon them do not count."""
    last = next((sign for sign in reversed(before) if unicodedata.category(sign) != "Mn"), "")
    following = next((sign for sign in after if unicodedata.category(sign) != "Mn"), "")
    return (
        _script(last) in _JOINING_SCRIPTS
        and _script(following) == _script(last)
        and last not in _NEVER_JOINS_ON
        and following != "\u0621"
    )


def _bare(before: str) -> str:
    """The picture at the end of a text, whatever its skin and style."""
    return before.rstrip("".join(_SKINS) + _AS_PICTURE_OR_TEXT)[-1:]


def _is_picture(sign: str) -> bool:
    return sign != "" and not sign.isascii() and (unicodedata.category(sign) in {"So", "Sm"} or sign in _PICTURES)


def _script(sign: str) -> str:
    return unicodedata.name(sign, "").split(" ")[0] if sign and unicodedata.category(sign)[0] in "LM" else ""


def _class(sign: str) -> int:
    return unicodedata.combining(sign) if sign else 0


def balanced(text: str) -> str:
    """A long text without overrides of direction, and with those marks only whose pair stands in the same line.

    >>> balanced("\\u202etxt.exe") == "txt.exe"
    True
    """
    if text.isascii():
        return text
    return "\n".join(map(_balanced_line, _OVERRIDES.sub("", text).split("\n")))


def _balanced_line(line: str) -> str:
    waiting: list[tuple[int, str]] = []
    paired: set[int] = set()
    for found in _DIRECTING.finditer(line):
        if found[0] in _OPENING:
            waiting.append((found.start(), _OPENING[found[0]]))
        elif waiting and waiting[-1][1] == found[0]:
            paired |= {waiting.pop()[0], found.start()}
    return _DIRECTING.sub(lambda found: found[0] if found.start() in paired else "", line)
