"""Documents as PDF, by Typst, with the office's letterhead.

What a document says goes in as data. Text that people typed is never read as Typst source, so it can neither change
the layout nor read a file.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from grants.foundation.records import frozen
from grants.foundation.records.office import Office
from grants.foundation.values.settings import ROOT
from grants.foundation.values.words import without_hidden

FOLDER = ROOT / "templates" / "documents"
_NO_GLYPH = "could not be displayed with font"
_PICTURE = re.compile(
    "([\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff])[\ufe0f\u200d\U0001f3fb-\U0001f3ff]*"
)


def typst_pdf(template: str, data: Mapping[str, Any], *, headings: Mapping[str, str] | None = None) -> bytes:
    """The PDF of `templates/documents/<template>.typ` with this data: the same data make the same bytes.

    `headings` are words of the form and not of what was filled in: the SHA-256 in the foot is not taken of them.
    The head of each template says what it wants; all want `title`, `reference` and `office` (see `letterhead`). The
    document is tagged as PDF/UA-1 asks, which allows no character without a glyph: an emoji is written as its name.
    For a script that the fonts within Typst do not have, the machine's own fonts are asked; a character that these do
    not have either is an empty box, in a PDF that is tagged but does not claim the standard.
    Raises KeyError for a template that is not there, and typst.TypstError for data that it cannot use.
    """
    source = FOLDER / f"{template}.typ"
    if not template.isidentifier() or not source.is_file():
        raise KeyError(template)
    body = canonical(data)
    digest = hashlib.sha256(body.encode()).hexdigest()
    fixed = {"sha256": digest, "headings": canonical(headings or {})}
    spelt = _PICTURE.sub(_name, body)
    for words, own_fonts in ((body, False), (spelt, False), (spelt, True)):
        try:
            return _compile(source, {**fixed, "data": words}, ["ua-1"], own_fonts=own_fonts)
        except typst.TypstError as error:
            if _NO_GLYPH not in str(error):
                raise
    return _compile(source, {**fixed, "data": spelt}, [], own_fonts=True)


def _compile(source: Path, inputs: dict[str, str], standards: list[typst.PDFStandard], *, own_fonts: bool) -> bytes:
    compiler = typst.Compiler(str(source), root=str(FOLDER), ignore_system_fonts=not own_fonts, sys_inputs=inputs)
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
