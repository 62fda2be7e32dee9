"""Kill, fill up and cut off many times, print the figures, and with `--write` keep them in docs/trust.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "trust.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->"
MANY = {
    "TRUST_KILLS": "100",
    "TRUST_CUTS": "200",
    "TRUST_STEPS": "50",
    "TRUST_FULL": "10",
    "TRUST_DATABASE": "20",
    "TRUST_STOCK": "30",
}
"""How much is tried; what the environment says stands above it."""

HEAD = """| What was done | Times | Told that it is done | No answer | of these, done | Lost, twice or half | Minutes |
|---|--:|--:|--:|--:|--:|--:|
"""


def main() -> int:
    """Run the tests of trust; returns how pytest ended."""
    parser = argparse.ArgumentParser(prog="make trust", description="Kill, fill up and cut off many times.")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/trust.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grants-trust-") as folder:
        report = Path(folder) / "report"
        report.touch()
        environment = {**MANY, **os.environ, "TRUST_REPORT": str(report)}
        command = [sys.executable, "-m", "pytest", "tests/trust", "-n", "0", "-rs", "--basetemp", f"{folder}/tests"]
        ended = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        rows = [json.loads(line) for line in report.read_text().splitlines()]
    text = _table(rows, environment.get("TRUST_SEED", "2026"))
    print(f"\n{text}")
    if options.write and ended == 0:
        before, rest = PAGE.read_text().split(BEGIN)
        PAGE.write_text(before + BEGIN + text + END + rest.split(END)[1])
    return ended


def _table(rows: list[dict[str, str | int]], seed: str) -> str:
    """Only what went well stands here: a test that finds something lost fails, and writes no row."""
    lines = [
        f"| {row['part']} | {row['tried']} | {row['told']} | {row['unanswered']} | {row['done_unanswered']} | 0 | "
        f"{int(row['seconds']) / 60:.1f} |"
        for row in rows
    ]
    return f"Python {platform.python_version()}, seed {seed}.\n\n{HEAD}" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
