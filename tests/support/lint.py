"""What every page of ours must be: read by the client whenever a test fetches one."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

import html5lib
from bs4 import BeautifulSoup, Tag

GOVUK_INLINE_SCRIPT = "GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw="
"""SHA-256 of the one inline script that the content security policy lets through."""

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}


class BadPage(AssertionError):
    """A page that breaks the rules of the house; the message lists all of them."""


def lint(text: str, address: str) -> BeautifulSoup:
    """Read a page and raise BadPage with everything that is wrong with it; returns it parsed."""
    is_page = "<html" in text[:2000]
    page = read(text)
    faults = [*_mistakes(text, is_page=is_page), *_faults(page, is_page=is_page)]
    if faults:
        raise BadPage(f"{address}\n" + "\n".join(f"  - {fault}" for fault in faults))
    return page


def read(text: str) -> BeautifulSoup:
    """A page, or a part of one, as a tree."""
    return BeautifulSoup(text, "lxml" if "<html" in text[:2000] else "html.parser")


_TEXT = re.compile(r">([^<]+)<")
_VALUE = re.compile(r'="([^"]*)"')
_ENTITY = re.compile(r"&[^;\s<]*;?")
_well_formed: set[str] = set()


def _bones(text: str) -> str:
    """Tags and the names of their attributes, and of all else what an HTML parser could stumble over."""

    def entities(found: re.Match[str]) -> str:
        return " ".join(sorted({*_ENTITY.findall(found[1]), *("x" if found[1].strip() else "")}))

    return _VALUE.sub(lambda found: f'="{entities(found)}"', _TEXT.sub(lambda found: f">{entities(found)}<", text))


def _mistakes(text: str, *, is_page: bool) -> Iterator[str]:
    """What is wrong with its HTML. The same tags are read once: to read them as a browser does is what takes long."""
    bones = _bones(text)
    if bones in _well_formed:
        return
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    parser.parse(text) if is_page else parser.parseFragment(text)
    yield from (f"line {at[0]}: {code} {values or ''}".strip() for at, code, values in parser.errors)
    if not parser.errors:
        _well_formed.add(bones)


class _Tags:
    """The tags of a page in their order, gone through once: to look for them again and again is what takes long."""

    def __init__(self, page: BeautifulSoup) -> None:
        self.page = page
        self.every = [node for node in page.descendants if isinstance(node, Tag)]
        self._named: dict[str, list[Tag]] = defaultdict(list)
        self._with: dict[str, list[Tag]] = defaultdict(list)
        for tag in self.every:
            self._named[tag.name].append(tag)
            for name in tag.attrs:
                self._with[name].append(tag)

    def named(self, *names: str) -> list[Tag]:
        """The tags of these names; those of one name after those of another."""
        return [tag for name in names for tag in self._named[name]]

    def having(self, attribute: str) -> list[Tag]:
        """The tags that have this attribute."""
        return self._with[attribute]


def _faults(page: BeautifulSoup, *, is_page: bool) -> Iterator[str]:
    tags = _Tags(page)
    if is_page:
        yield from _title(page, tags)
    yield from _ids(tags)
    yield from _forms(tags)
    yield from _labels(tags)
    yield from _pictures_and_tables(tags)
    yield from _what_the_policy_refuses(tags)
    yield from _words(page, tags)


def words(node: Tag | None) -> str:
    """The text of a node with single spaces; none where a word may only break."""
    if node is not None and node.find("wbr"):
        node = BeautifulSoup(re.sub(r"</?wbr/?>", "", str(node)), "lxml")
    return " ".join(node.get_text(" ").split()) if node is not None else ""


def _title(page: BeautifulSoup, tags: _Tags) -> Iterator[str]:
    headings = tags.named("h1")
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
    if not tags.named("main"):
        yield "there is no main"


def _ids(tags: _Tags) -> Iterator[str]:
    found = Counter(str(tag["id"]) for tag in tags.having("id"))
    yield from (f"id {name!r} is used {times} times" for name, times in found.items() if times > 1)
    for tag in tags.named("a"):
        part = str(tag.get("href", ""))
        if len(part) > 1 and part.startswith("#") and part[1:] not in found:
            yield f"the link {words(tag)!r} leads to {tag['href']}, which is not there"
    for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
        for tag in tags.having(name):
            missing = [part for part in str(tag[name]).split() if part not in found]
            if missing:
                yield f"{name}={missing[0]!r} of {tag.name} is not there"


def _forms(tags: _Tags) -> Iterator[str]:
    for form in tags.named("form"):
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


def _labels(tags: _Tags) -> Iterator[str]:
    labelled = {str(label["for"]) for label in tags.named("label") if label.get("for") and words(label)}
    for field in tags.named("input", "select", "textarea"):
        if str(field.get("type", "text")).lower() in UNLABELLED_TYPES:
            continue
        named = field.get("id") in labelled or field.get("aria-label") or field.get("aria-labelledby")
        if not named and not field.find_parent("label"):
            yield f"the field {field.get('name')!r} has no label"
    for tag in tags.named("a", "button"):
        if not (words(tag) or tag.get("aria-label") or tag.find("img", alt=True) or tag.find("title")):
            yield f"a {tag.name} says nothing: {str(tag)[:80]}"
    for group in tags.named("fieldset"):
        if not words(group.find("legend")):
            yield "a fieldset has no legend"


def _pictures_and_tables(tags: _Tags) -> Iterator[str]:
    yield from (f"the picture {tag.get('src')} has no alt" for tag in tags.named("img") if tag.get("alt") is None)
    for tag in tags.named("svg"):
        if not (tag.get("aria-hidden") == "true" or tag.get("aria-label") or tag.find("title")):
            yield "an svg has neither a title nor aria-hidden"
    for table in tags.named("table"):
        if not words(table.find("caption")):
            yield "a table has no caption"
        if any(not heading.get("scope") for heading in table.find_all("th")):
            yield f"a heading of the table {words(table.find('caption'))!r} has no scope"


def _what_the_policy_refuses(tags: _Tags) -> Iterator[str]:
    for tag in tags.every:
        if tag.has_attr("style"):
            yield f"{tag.name} has an inline style"
        yield from (f"{tag.name} has {name}" for name in tag.attrs if name.startswith("on"))
        if str(tag.get("href", "")).startswith("javascript:"):
            yield "a link runs a script"
    if tags.named("style"):
        yield "there is a style element"
    for script in tags.named("script"):
        if script.has_attr("src"):
            continue
        digest = base64.b64encode(hashlib.sha256(script.get_text().encode()).digest()).decode()
        if digest != GOVUK_INLINE_SCRIPT:
            yield f"an inline script: {script.get_text()[:60]!r}"


def _words(page: BeautifulSoup, tags: _Tags) -> Iterator[str]:
    text = words(page)
    for slip in ("{{", "{%", "Undefined", " object at 0x", "&lt;", "&amp;", "<bound method", "datetime."):
        if slip in text:
            at = text.index(slip)
            yield f"code shows: …{text[max(0, at - 30) : at + 40]}…"
    levels = [int(tag.name[1]) for tag in tags.every if tag.name in HEADINGS]
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"a heading leaps from h{before} to h{after}"
            break
