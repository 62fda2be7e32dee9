"""The version of the product, which stands in pyproject.toml and nowhere else."""

from __future__ import annotations

import tomllib
from pathlib import Path


def _read(path: Path) -> str:
    version: str = tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"]
    return version


VERSION = _read(Path(__file__).resolve().parents[3] / "pyproject.toml")
"""Like 0.2.0, read once when the app starts: what has been brought up to date says so after its restart."""
