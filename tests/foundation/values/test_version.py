"""One truth for the version: pyproject.toml says it, and pages, health and the change log agree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from grants.foundation.values.version import VERSION
from tests.support.client import Client

ROOT = Path(__file__).parents[3]
LOG = (ROOT / "CHANGELOG.md").read_text()
HEADINGS = re.findall(r"^## \[(.+)\] - (\d{4}-\d\d-\d\d|unreleased)$", LOG, re.MULTILINE)


def test_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_version_is_the_newest_of_the_change_log() -> None:
    assert HEADINGS[0][0] == VERSION
    assert len(HEADINGS) == LOG.count("\n## "), "a heading of another form"


def test_only_the_newest_version_is_unreleased_and_the_newest_comes_first() -> None:
    assert [day for _, day in HEADINGS[1:] if day == "unreleased"] == []
    numbers = [tuple(map(int, version.split("."))) for version, _ in HEADINGS]
    assert numbers == sorted(set(numbers), reverse=True)


def test_every_version_says_what_it_brings_for_accessibility() -> None:
    parts = LOG.split("\n## ")[1:]
    assert [part.splitlines()[0] for part in parts if not re.search(r"\n### Accessibility\n- ", part)] == []


def test_foot_of_a_page_says_the_version(client: Client) -> None:
    foot = client.get("/cookies").page.find("footer")
    assert foot is not None
    assert f"Version {VERSION}" in foot.get_text()


def test_foot_of_an_error_says_the_version(client: Client) -> None:
    assert f"Version {VERSION}" in client.get("/nowhere").words
