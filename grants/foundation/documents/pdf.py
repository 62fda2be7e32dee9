"""Documents as PDF, by Typst, with the office's letterhead.

What a document says goes in as data. Text that people typed is never read as Typst source, so it can neither change
the layout nor read a file.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typst

from grants.foundation.records import frozen
from grants.foundation.records.db import Refused
from grants.foundation.records.office import Office
from grants.foundation.values.settings import ROOT
from grants.foundation.values.words import without_hidden

FOLDER = ROOT / "templates" / "documents"
FONTS = Path(__file__).with_name("fonts")
"""Fonts for the scripts that Typst's own do not have; `npm run build` puts them there."""
PLAIN = re.compile("[\\n\\t -~\\xa0-\\u017f\\u2010-\\u2027\\u20ac]*")
"""What is looked at no further: Typst's own font has all of it."""
_MOST_NAMED = 10
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_NO_GLYPH = "could not be displayed with font"
_PICTURE = re.compile(
    "([\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff])[\ufe0f\u200d\U0001f3fb-\U0001f3ff]*"
)


class Unprintable(Refused):
    """A text that is to be signed holds a character that no font of ours has."""


def typst_pdf(
    template: str, data: Mapping[str, Any], *, headings: Mapping[str, str] | None = None, is_signed: bool = False
) -> bytes:
    """The PDF of `templates/documents/<template>.typ` with this data: the same data make the same bytes.

    `headings` are words of the form and not of what was filled in: the SHA-256 in the foot is not taken of them.
    The head of each template says what it wants; all want `title`, `reference` and `office` (see `letterhead`). The
    document is tagged as PDF/UA-1 asks, which allows no character without a glyph: an emoji that our fonts do not have
    is written as its name. Any other such character is an empty box, in a PDF that is tagged but does not claim the
    standard; what `is_signed` has none. Raises Unprintable there, KeyError for a template that is not there, and
    typst.TypstError for data that it cannot use.
    """
    source = FOLDER / f"{template}.typ"
    if not template.isidentifier() or not source.is_file():
        raise KeyError(template)
    body = canonical(data)
    digest = hashlib.sha256(body.encode()).hexdigest()
    fixed = {"sha256": digest, "headings": canonical(headings or {})}
    spelt = _PICTURE.sub(_name, body)
    for words in (body, spelt):
        try:
            return _compile(source, {**fixed, "data": words}, ["ua-1"])
        except typst.TypstError as error:
            if _NO_GLYPH not in str(error):
                raise
    if is_signed:
        raise _unprintable(unprintable(body))
    return _compile(source, {**fixed, "data": spelt}, [])


def unprintable(text: str) -> list[str]:
    """The characters of a text that no font of ours has: on paper each would be an empty box."""
    left, found = _PICTURE.sub(_name, without_hidden(text)), list[str]()
    while not PLAIN.fullmatch(left):
        missing = _missing_in(left)
        if not missing or missing not in left:
            break
        found.append(missing)
        left = left.replace(missing, "")
    return found


def refuse_unprintable(data: Any) -> None:
    """Raise Unprintable where a text of these data holds a character that no font of ours has."""
    if missing := unprintable(canonical(data)):
        raise _unprintable(missing)


def _unprintable(missing: Sequence[str]) -> Unprintable:
    return Unprintable(f"{in_words(missing)} Nothing is signed with an empty box in it.")


def in_words(characters: Sequence[str]) -> str:
    """What to say of characters that cannot be printed."""
    them = ", ".join(f"“{character}”" for character in characters[:_MOST_NAMED]) or "all that is written"
    more = " and others" if len(characters) > _MOST_NAMED else ""
    return f"We have no letters to print {them}{more}: write the word in other letters."


def _missing_in(text: str) -> str:
    """The first of a text that no font has, a character with its marks, or nothing."""
    try:
        _compile(FOLDER / "letters.typ", {"data": text}, ["ua-1"])
    except typst.TypstError as error:
        if found := re.search(f'the text `"(.+?)"` {_NO_GLYPH}', str(error)):
            return _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), found[1])
        raise
    return ""


def _compile(source: Path, inputs: dict[str, str], standards: list[typst.PDFStandard]) -> bytes:
    compiler = typst.Compiler(
        str(source), root=str(FOLDER), font_paths=[str(FONTS)], ignore_system_fonts=True, sys_inputs=inputs
    )
    made = compiler.compile(format="pdf", pdf_standards=standards)
    assert isinstance(made, bytes)  # noqa: S101 - for the type checker
    return made


def _name(found: re.Match[str]) -> str:
    name = unicodedata.name(found[1], "")
    return f"[{name.lower()}]" if name else ""


def canonical(data: Any) -> str:
    """The data as the JSON that the SHA-256 in the foot is taken of, without characters that no document can hold."""
    return frozen.canonical(printable(data))


def printable(value: Any) -> Any:
    """The same values, their texts without characters that no document can hold."""
    if isinstance(value, str):
        return without_hidden(value)
    if isinstance(value, Mapping):
        return {str(key): printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [printable(inner) for inner in value]
    return value


def letterhead(office: Office) -> dict[str, str]:
    """What a document's `office` is made of."""
    return {
        "name": office.name,
        "service": office.service,
        "department": office.department,
        "email": office.contact_email,
        "phone": office.contact_phone,
        "website": office.website,
    }
