"""What assets/build.mjs makes of the library's styles and of our scripts, held in the files that it wrote."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

BUILT = Path(__file__).parents[3] / "grants/static/build"
NAMES: dict[str, str] = json.loads((BUILT / "manifest.json").read_text())
LICENCE = "govuk-frontend-licence.txt"
SCRIPTS = [name for name in NAMES if name.endswith(".js")]


def built(name: str) -> str:
    """The text of a file, by the name that its address begins with."""
    return (BUILT / NAMES[name]).read_text()


def test_licence_of_the_library_comes_first() -> None:
    assert re.match(rf"/\*! [^*]*MIT[^*]*{re.escape(LICENCE)} \*/\n", built("app.css"))
    assert "MIT" in (BUILT / LICENCE).read_text()


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (r"var\(--govuk-[\w-]+, ?#", "a colour of GOV.UK behind one of ours that every browser knows"),
        (r"font-smoothing", "letters that are thinner on a Mac"),
        (r"font-family: ?sans-serif", "another font on paper"),
        (r"#1d70b8", "GOV.UK's own blue"),
        (r"@charset|\ufeff", "a first line that a comment would have to stand behind"),
        (r"\n.*\n.", "styles that are not compressed"),
        (r"GDS Transport", "a font that only GOV.UK may use"),
    ],
)
def test_styles_leave_out_what_is_not_ours(written: str, why: str) -> None:
    assert not re.search(written, built("app.css"), re.IGNORECASE), why


def test_what_was_blue_in_the_library_has_the_colour_of_our_links() -> None:
    """The library writes its blue in a select's option that is chosen. Where it stops, the rewriting may go."""
    assert re.search(r"option:checked[^{]*\{[^}]*var\(--govuk-link-colour\)", built("app.css"))


def test_colours_of_the_library_are_read_from_its_properties() -> None:
    """What the rewriting takes away is the second half of these only: they stand in hundreds of places."""
    assert len(re.findall(r"var\(--govuk-[\w-]+-colour\)", built("app.css"))) > 150


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_name_the_built_scripts_and_no_map(name: str) -> None:
    assert "sourceMappingURL" not in built(name)
    assert set(re.findall(r'from ?"\./([^"]+)"', built(name))) <= set(NAMES.values())


def test_first_script_takes_in_the_library_under_its_built_name() -> None:
    assert f'"./{NAMES["govuk-frontend.js"]}"' in built("app.js")


@pytest.mark.parametrize("name", NAMES)
def test_file_is_named_by_its_content_and_lies_there_packed_too(name: str) -> None:
    """Browsers keep a file for ever: another content needs another name."""
    path = BUILT / NAMES[name]
    assert hashlib.sha256(path.read_bytes()).hexdigest()[:10] in path.name
    assert gzip.decompress((BUILT / f"{path.name}.gz").read_bytes()) == path.read_bytes()
    assert 0 < (BUILT / f"{path.name}.br").stat().st_size < path.stat().st_size


def test_nothing_else_lies_there() -> None:
    wanted = {"manifest.json", LICENCE, *(f"{name}{end}" for name in NAMES.values() for end in ("", ".gz", ".br"))}
    assert {path.name for path in BUILT.iterdir()} == wanted
