"""What every page of ours must be: read by the client whenever a test fetches one."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import html5lib
from bs4 import BeautifulSoup, Tag

GOVUK_INLINE_SCRIPT = "GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw="
"""SHA-256 of the one inline script that the content security policy lets through."""

UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}


class BadPage(AssertionError):
    """A page that breaks the rules of the house; the message lists all of them."""


def lint(text: str, address: str) -> BeautifulSoup:
    """Read a page and raise BadPage with everything that is wrong with it; returns it parsed."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    is_page = "<html" in text[:2000]
    parser.parse(text) if is_page else parser.parseFragment(text)
    faults = [f"line {at[0]}: {code} {values or ''}".strip() for at, code, values in parser.errors]
    page = BeautifulSoup(text, "html.parser")
    faults += list(_faults(page, is_page=is_page))
    if faults:
        raise BadPage(f"{address}\n" + "\n".join(f"  - {fault}" for fault in faults))
    return page


def _faults(page: BeautifulSoup, *, is_page: bool) -> Iterator[str]:
    if is_page:
        yield from _title(page)
    yield from _ids(page)
    yield from _forms(page)
    yield from _labels(page)
    yield from _pictures_and_tables(page)
    yield from _what_the_policy_refuses(page)
    yield from _words(page)


def words(node: Tag | None) -> str:
    """The text of a node with single spaces."""
    return " ".join(node.get_text(" ").split()) if node is not None else ""


def _title(page: BeautifulSoup) -> Iterator[str]:
    headings = page.find_all("h1")
    if len(headings) != 1:
        yield f"{len(headings)} h1 instead of 1"
    title = words(page.title).removeprefix("Error: ")
    plain = re.sub(r"\s", "", title)
    if headings and not plain.startswith(re.sub(r"\s", "", words(headings[0]))):
        yield f"the title {title!r} does not begin with the h1 {words(headings[0])!r}"
    if headings and not words(headings[0]):
        yield "the h1 is empty"
    if not (page.html and page.html.get("lang")):
        yield "html has no lang"
    if not page.find("main"):
        yield "there is no main"


def _ids(page: BeautifulSoup) -> Iterator[str]:
    found = Counter(str(tag["id"]) for tag in page.find_all(id=True))
    yield from (f"id {name!r} is used {times} times" for name, times in found.items() if times > 1)
    for tag in page.find_all("a", href=re.compile(r"^#.")):
        if str(tag["href"])[1:] not in found:
            yield f"the link {words(tag)!r} leads to {tag['href']}, which is not there"
    for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
        for tag in page.find_all(attrs={name: True}):
            missing = [part for part in str(tag[name]).split() if part not in found]
            if missing:
                yield f"{name}={missing[0]!r} of {tag.name} is not there"


def _forms(page: BeautifulSoup) -> Iterator[str]:
    for form in page.find_all("form"):
        method = str(form.get("method", "")).lower()
        if not form.get("action"):
            yield "a form has no action"
        if method not in {"get", "post"}:
            yield f"the form to {form.get('action')} has no method"
        token = form.find("input", attrs={"name": "csrf_token"})
        if method == "post" and not (token and token.get("value")):
            yield f"the form to {form.get('action')} has no csrf_token"
        if method == "get" and token:
            yield f"the GET form to {form.get('action')} puts its csrf_token into the address"
        if form.find("input", type="file") and form.get("enctype") != "multipart/form-data":
            yield f"the form to {form.get('action')} loses its files: it has no enctype"


def _labels(page: BeautifulSoup) -> Iterator[str]:
    labelled = {str(label["for"]) for label in page.find_all("label", attrs={"for": True}) if words(label)}
    for field in page.find_all(["input", "select", "textarea"]):
        if str(field.get("type", "text")).lower() in UNLABELLED_TYPES:
            continue
        named = field.get("id") in labelled or field.get("aria-label") or field.get("aria-labelledby")
        if not named and not field.find_parent("label"):
            yield f"the field {field.get('name')!r} has no label"
    for tag in page.find_all(["a", "button"]):
        if not (words(tag) or tag.get("aria-label") or tag.find("img", alt=True) or tag.find("title")):
            yield f"a {tag.name} says nothing: {str(tag)[:80]}"
    for group in page.find_all("fieldset"):
        if not words(group.find("legend")):
            yield "a fieldset has no legend"


def _pictures_and_tables(page: BeautifulSoup) -> Iterator[str]:
    yield from (f"the picture {tag.get('src')} has no alt" for tag in page.find_all("img") if tag.get("alt") is None)
    for tag in page.find_all("svg"):
        if not (tag.get("aria-hidden") == "true" or tag.get("aria-label") or tag.find("title")):
            yield "an svg has neither a title nor aria-hidden"
    for table in page.find_all("table"):
        if not words(table.find("caption")):
            yield "a table has no caption"
        if any(not heading.get("scope") for heading in table.find_all("th")):
            yield f"a heading of the table {words(table.find('caption'))!r} has no scope"


def _what_the_policy_refuses(page: BeautifulSoup) -> Iterator[str]:
    for tag in page.find_all(True):
        if tag.has_attr("style"):
            yield f"{tag.name} has an inline style"
        yield from (f"{tag.name} has {name}" for name in tag.attrs if name.startswith("on"))
        if str(tag.get("href", "")).startswith("javascript:"):
            yield "a link runs a script"
    if page.find("style"):
        yield "there is a style element"
    for script in page.find_all("script", src=False):
        digest = base64.b64encode(hashlib.sha256(script.get_text().encode()).digest()).decode()
        if digest != GOVUK_INLINE_SCRIPT:
            yield f"an inline script: {script.get_text()[:60]!r}"


def _words(page: BeautifulSoup) -> Iterator[str]:
    text = words(page)
    for slip in ("{{", "{%", "Undefined", " object at 0x", "&lt;", "&amp;", "<bound method", "datetime."):
        if slip in text:
            at = text.index(slip)
            yield f"code shows: …{text[max(0, at - 30) : at + 40]}…"
    levels = [int(tag.name[1]) for tag in page.find_all(re.compile(r"^h[1-6]$"))]
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"a heading leaps from h{before} to h{after}"
            break
