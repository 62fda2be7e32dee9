"""Try every mistake, and hold the survivors against the list that gives a reason for each.

`python -m mutants [file or folder …]`; what is not named is left out. Ends with 1 where a survivor is not on the
list, where one of the list was killed, or where fewer than 95 % were.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .targets import ROOT, chosen, noticed_by

SURVIVORS = Path(__file__).with_name("survivors.toml")
LEAST_PERCENT = 95
Key = tuple[str, str, str, str, int]
Ends = dict[Key, tuple[int, str]]
"""How each mutant ended, with the line where it stands."""


def main(what: Sequence[str]) -> int:
    """Returns 0 where all is well."""
    rooms: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path in chosen(what):
        rooms[tuple(noticed_by(path))].append(path)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = [
            pool.submit(_try, paths, tests, Path(folder, str(number)))
            for number, (tests, paths) in enumerate(sorted(rooms.items(), key=lambda room: -len(room[1])))
        ]
        ends: Ends = {}
        for part in parts:
            ends |= part.result()
    return _report(ends)


def _try(paths: Sequence[str], tests: Sequence[str], out: Path) -> Ends:
    """Mutate files of one room in a process of their own."""
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "TEST_DATABASE_URL"}}
    environment |= {"MUTANTS_FILES": json.dumps(paths), "MUTANTS_OUT": str(out)}
    command = [sys.executable, "-m", "pytest", "-p", "mutants.plugin", "-m", "not browser and not slow", *tests]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{', '.join(paths)} could not be tried:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return {(path, "", "", "", 0): (1, "not tried") for path in paths}
    ends: Ends = {}
    for line in out.read_text().splitlines():
        path, function, was, now, number, at, end = json.loads(line)
        ends[path, function, was, now, number] = at, end
    _say(paths, ends)
    return ends


def _say(paths: Sequence[str], ends: Ends) -> None:
    for path in paths:
        found = [end for key, (_, end) in ends.items() if key[0] == path]
        print(f"{path}: {found.count('killed')} of {len(found)} killed", flush=True)


def _report(ends: Ends) -> int:
    reasons = _reasons()
    lived = {key: at_end for key, at_end in ends.items() if at_end[1] != "killed"}
    new = [f"{end}: {_text(key, at)}" for key, (at, end) in lived.items() if key not in reasons]
    tried = {key[0] for key in ends}
    gone = [f"on the list, but does not live: {_text(key)}" for key in reasons if key[0] in tried and key not in lived]
    print(*new, *gone, sep="\n")
    killed = len(ends) - len(lived)
    percent = 100 * killed / len(ends) if ends else 100
    print(f"{killed:,} of {len(ends):,} killed ({percent:.1f} %); {len(lived)} lived, {len(new)} without a reason.")
    return int(bool(new or gone) or percent < LEAST_PERCENT)


def _text(key: Key, line: int | str = "") -> str:
    path, function, was, now, number = key
    return f"{path}:{line} {function}: `{was}` became `{now}`" + (f" (number {number})" if number > 1 else "")


def _reasons() -> dict[Key, str]:
    """Why each known survivor lives."""
    if not SURVIVORS.exists():
        return {}
    found = tomllib.loads(SURVIVORS.read_text())
    return {
        (path, one["in"], one["was"], one["now"], one.get("number", 1)): one["why"]
        for path, listed in found.items()
        for one in listed
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
