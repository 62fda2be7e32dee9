"""Documents that a screen reader can walk, made of data that is never read as source."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from grants.foundation.documents import pdf
from grants.foundation.documents.pdf import PLAIN, Unprintable, canonical, letterhead, typst_pdf, unprintable
from grants.foundation.records.office import DEFAULTS, Office

QUESTIONS = [
    {"text": "What is your project called?", "hint": "", "kind": "line", "optional": False},
    {"text": "Sum it up", "hint": "In plain words.\nNo names.", "kind": "words", "most_words": 75, "optional": False},
    {"text": "Anything else?", "hint": "", "kind": "words", "most_words": 1, "optional": True},
    {"text": "When does it start?", "hint": "", "kind": "date", "optional": False},
    {"text": "How many people will it help?", "hint": "", "kind": "number", "optional": False},
    {"text": "How much do you ask for?", "hint": "", "kind": "pounds", "optional": False},
    {"text": "Is your group registered?", "hint": "", "kind": "yes-no", "optional": False},
    {
        "text": "Where?",
        "hint": "",
        "kind": "choices",
        "several": True,
        "options": ["Leeds", "Bradford"],
        "optional": False,
    },
    {"text": "Budget", "hint": "", "kind": "rows", "columns": ["Item", "Amount in £"], "count": 8, "optional": False},
]


def form(**more: Any) -> dict[str, Any]:
    return {
        "title": "Safer Communities Fund, round 21: blank form",
        "reference": "SCF-21",
        "office": letterhead(Office(id=1, **{**DEFAULTS, "name": "Office of the PCC", "department": "Grants"})),
        "intro": "Read all questions first.\n\nThen apply.",
        "facts": [["Closes", "12 noon, Friday 4 December 2026"], ["Largest grant", "£6,000"]],
        "sections": [{"heading": "Your project", "intro": "", "questions": QUESTIONS}],
        **more,
    }


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def words(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(content).pages).split())


def elements(tree: Any) -> list[str]:
    """The kinds of the parts that a screen reader walks."""
    node = tree.get_object()
    if isinstance(node, ArrayObject):
        return [kind for part in node for kind in elements(part)]
    if not isinstance(node, DictionaryObject):
        return []
    own = [str(node["/S"])] if "/S" in node else []
    return own + (elements(node["/K"]) if "/K" in node else [])


def test_blank_form_holds_the_round_and_every_question() -> None:
    text = words(typst_pdf("blank_form", form()))
    for expected in (
        "Office of the PCC",
        "Largest grant: £6,000",
        "1. What is your project called?",
        "2. Sum it up In plain words. No names. At most 75 words.",
        "3. Anything else? At most 1 word. You may leave this out.",
        "8. Where? Tick all that apply. Leeds Bradford",
        "9. Budget Item Amount in £",
    ):
        assert expected in text


def test_each_page_has_its_number_the_reference_and_the_hash() -> None:
    data = form()
    digest = hashlib.sha256(canonical(data).encode()).hexdigest()
    pages = read(typst_pdf("blank_form", data)).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        foot = " ".join(page.extract_text().split())
        assert foot.endswith(f"SCF-21 Page {number} of {len(pages)} SHA-256 of the content: {digest}")


def test_document_is_tagged_as_the_standard_asks() -> None:
    document = read(typst_pdf("blank_form", form()))
    root: Any = document.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert document.metadata is not None
    assert document.metadata.title == "Safer Communities Fund, round 21: blank form"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    kinds = elements(root["/StructTreeRoot"]["/K"])
    assert [kind for kind in kinds if kind in {"/H1", "/H2", "/H3"}] == ["/H1", "/H2", *["/H3"] * 9]
    assert {"/L", "/Table", "/TH"} <= set(kinds)


def test_same_data_make_the_same_bytes() -> None:
    assert typst_pdf("blank_form", form()) == typst_pdf("blank_form", form())
    assert typst_pdf("blank_form", form()) != typst_pdf("blank_form", form(reference="SCF-22"))


@pytest.mark.parametrize(
    "typed",
    [
        '#read("/etc/passwd")',
        "#panic()",
        "$x^2$",
        "*bold* _thin_ @ref <label> `code`",
        "= Heading",
        "\\u{1F600} \\",
        '"); #import "x.typ"',
        "// comment",
        "https://example.org/",
    ],
)
def test_text_that_somebody_typed_is_never_read_as_source(typed: str) -> None:
    """Risk: an answer reads the server's files into a PDF, or breaks every document that holds it."""
    assert " ".join(typed.split()) in words(typst_pdf("blank_form", form(intro=typed)))


def test_characters_that_no_document_can_hold_are_left_out() -> None:
    content = typst_pdf("blank_form", form(intro="Sa\x00fe\x01 streets", title="\x1bTitle"))
    assert "Title Safe streets" in words(content)


OF_THE_COUNTY = {
    "Latin": "Zoë, Łódź, Čeština, Ünïçødé, Tiếng Việt: “all” – of us",
    "Gurmukhi": "ਸਾਂਝ ਪੰਜਾਬੀ ਸਤ ਸ੍ਰੀ ਅਕਾਲ",
    "Bengali": "বাংলা সাহায্য কেন্দ্র",
    "Devanagari": "मदद हिन्दी क्षत्रिय",
    "Gujarati": "ગુજરાતી મદદ",
    "Arabic": "مرحبا بكم، مركز النساء",
    "Urdu": "ٹھیک ہے، ڑ ں ھ ہ ے ڈ چ پ گ",
    "Hebrew": "שלום קהילה",
    "Chinese": "安全社区 你好",
    "Greek and Cyrillic": "Ελληνικά Київ Привет",
    "emoji": "Thanks 👍🏽 ☀️ 🎉 👩‍👩‍👧",
}
NOBODY_HAS = "ሰላም"
"""Amharic, which none of our fonts has: a script to try with. Bring its font, and take another."""


def claims_the_standard(content: bytes) -> bool:
    """Whether it says that it is PDF/UA, which allows no character without a glyph: Typst looks at each."""
    return b"pdfuaid" in read(content).trailer["/Root"]["/Metadata"].get_data()  # type: ignore[index]


@pytest.mark.parametrize("text", OF_THE_COUNTY.values(), ids=OF_THE_COUNTY)
def test_every_script_of_the_county_is_printed_without_an_empty_box(text: str) -> None:
    """The risk: a group's name as a row of boxes in the agreement that it signs."""
    assert unprintable(text) == []
    content = typst_pdf("blank_form", form(intro=text, title=f"Form of {text}"), is_signed=True)
    assert claims_the_standard(content)


def test_emoji_that_no_font_has_is_written_as_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pdf, "FONTS", tmp_path)
    content = typst_pdf("blank_form", form(intro="Thanks 👍🏽 from Zoë – “all” of us ☀️"), is_signed=True)
    assert "Thanks [thumbs up sign] from Zoë – “all” of us [black sun with rays]" in words(content)
    assert claims_the_standard(content)


@pytest.mark.parametrize("text", [NOBODY_HAS, "\u200fa\u202eb", "\U000e0001"])
def test_anything_makes_a_document_that_nobody_signs(text: str) -> None:
    assert "Your project" in words(typst_pdf("blank_form", form(intro=text)))


def test_what_is_signed_has_no_empty_box() -> None:
    with pytest.raises(
        Unprintable, match=f"“{NOBODY_HAS[0]}”, “{NOBODY_HAS[1]}”.* in other letters. Nothing is signed"
    ):
        typst_pdf("blank_form", form(intro=f"Selam {NOBODY_HAS}"), is_signed=True)


def test_what_typst_refuses_is_not_signed_whatever_our_own_look_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_missing_in", lambda _text: "")
    with pytest.raises(Unprintable, match="Nothing is signed with an empty box"):
        typst_pdf("blank_form", form(intro=NOBODY_HAS), is_signed=True)


@given(st.text(st.sampled_from("aé–ਸ়বअאع安😀ሰภய\u0bcd\u0a3c\u09cd\ue000\U0001fae0 "), max_size=8))
@settings(max_examples=60)
def test_what_is_found_unprintable_is_what_the_standard_refuses(text: str) -> None:
    """The page that warns before somebody signs, and what signs, say the same."""
    refused = False
    try:
        typst_pdf("blank_form", form(intro=text), is_signed=True)
    except Unprintable:
        refused = True
    assert bool(unprintable(text)) == refused


def test_what_is_looked_at_no_further_has_letters() -> None:
    plain = "".join(filter(PLAIN.fullmatch, map(chr, range(0x10000))))
    assert len(plain) > 300
    assert claims_the_standard(typst_pdf("blank_form", form(intro=plain)))


def test_empty_form_is_a_document() -> None:
    content = typst_pdf("blank_form", form(intro="", facts=[], sections=[], reference=""))
    assert "Page 1 of 1" in words(content)


def test_long_texts_and_many_questions_run_over_pages() -> None:
    questions = [{**QUESTIONS[1], "text": "Why? " * 40, "hint": "Because. " * 60} for _ in range(40)]
    content = typst_pdf("blank_form", form(sections=[{"heading": "All", "intro": "", "questions": questions}]))
    assert len(read(content).pages) > 20
    assert "40. Why?" in words(content)


@pytest.mark.parametrize("name", ["none", "../secret", "base.typ", "", "/etc/passwd"])
def test_template_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(KeyError):
        typst_pdf(name, form())


def test_data_that_do_not_fit_are_told() -> None:
    with pytest.raises(typst.TypstError, match="sections"):
        typst_pdf("blank_form", {key: value for key, value in form().items() if key != "sections"})
