"""Try every mistake, and hold the survivors against the list that gives a reason for each.

`python -m mutants [file or folder …]`; what is not named is left out. Ends with 1 where a survivor is not on the
list, where one of the list was killed, or where fewer than 95 % of a file's were.
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

from .operators import mutants_of
from .targets import ROOT, beside, chosen, noticed_by

SURVIVORS = Path(__file__).with_name("survivors.toml")
LEAST_PERCENT = 95
KILLED = "killed"
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
            pool.submit(_try_room, paths, tests, Path(folder, str(number)))
            for number, (tests, paths) in enumerate(sorted(rooms.items(), key=lambda room: -len(room[1])))
        ]
        ends: Ends = {}
        for part in parts:
            ends |= part.result()
    return _report(ends)


def _try_room(paths: Sequence[str], tests: Sequence[str], folder: Path) -> Ends:
    """Try the mutants of some files by the test beside each, and what lives for no known reason by all their tests."""
    folder.mkdir()
    wanted = [mutant.key for path in paths for mutant in mutants_of(path, (ROOT / path).read_text())]
    reasons, ends = _reasons(), {}
    for path in paths:
        if first := beside(path):
            ends |= _try([key for key in wanted if key[0] == path], first, folder)
    left = [key for key in wanted if key not in ends or (ends[key][1] != KILLED and key not in reasons)]
    if left:
        ends |= _try(left, tests, folder)
    _say(paths, ends)
    return ends


def _try(wanted: Sequence[Key], tests: Sequence[str], folder: Path) -> Ends:
    """Try these mutants in a process of their own."""
    paths = sorted({key[0] for key in wanted})
    names, out = folder / "wanted", folder / "ends"
    names.write_text(json.dumps(wanted))
    out.write_text("")
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "TEST_DATABASE_URL"}}
    environment |= {"MUTANTS_FILES": json.dumps(paths), "MUTANTS_WANTED": str(names), "MUTANTS_OUT": str(out)}
    command = [sys.executable, "-m", "pytest", "-p", "mutants.plugin", "-m", "not browser and not slow", *tests]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{', '.join(paths)} could not be tried:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return dict.fromkeys(wanted, (0, "not tried"))
    ends: Ends = {}
    for line in out.read_text().splitlines():
        path, function, was, now, number, at, end = json.loads(line)
        ends[path, function, was, now, number] = at, end
    return ends


def _say(paths: Sequence[str], ends: Ends) -> None:
    for path in paths:
        found = [end for key, (_, end) in ends.items() if key[0] == path]
        print(f"{path}: {found.count(KILLED)} of {len(found)} killed", flush=True)


def _report(ends: Ends) -> int:
    reasons = _reasons()
    lived = {key: at_end for key, at_end in ends.items() if at_end[1] != KILLED}
    new = [f"{end}: {_text(key, at)}" for key, (at, end) in lived.items() if key not in reasons]
    tried = sorted({key[0] for key in ends})
    gone = [f"on the list, but does not live: {_text(key)}" for key in reasons if key[0] in tried and key not in lived]
    low = [f"under {LEAST_PERCENT} %: {path}" for path in tried if _percent(path, ends) < LEAST_PERCENT]
    print(*new, *gone, *low, sep="\n")
    killed = len(ends) - len(lived)
    percent = 100 * killed / len(ends) if ends else 100
    print(f"{killed:,} of {len(ends):,} killed ({percent:.1f} %); {len(lived)} lived, {len(new)} without a reason.")
    return int(bool(new or gone or low))


def _percent(path: str, ends: Ends) -> float:
    """How many of a file's mutants were killed; those that live for a reason count as alive."""
    found = [end for key, (_, end) in ends.items() if key[0] == path]
    return 100 * found.count(KILLED) / len(found)


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
