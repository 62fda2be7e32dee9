"""A pytest plugin: runs the tests once as they are, to learn which lines each reaches, and then against each mutant.

The collected tests stay in memory. A mutant is tried in a fork of this process, where the code of one function is
exchanged; what the file itself does on import is tried in a new process (`mutants.fresh`).
"""

from __future__ import annotations

import functools
import gc
import inspect
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from .documents import keep_threads_out
from .operators import Mutant, mutants_of, tree_with
from .targets import ROOT

IMPORTED = ""
"""Stands for a test where a line was passed before any test ran."""
SECONDS = 12
"""Tests of one mutant stop after this much of what they took when they passed; the quickest are first."""
Reached = dict[tuple[str, int], set[str]]


class Watch:
    """Notes which lines of the mutated files a test passes."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.files = {str(ROOT / path): path for path in paths}
        self.test = IMPORTED
        self.reached: Reached = defaultdict(set)

    def start(self) -> None:
        sys.settrace(self._call)

    def stop(self) -> None:
        sys.settrace(None)

    def _call(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        return self._line if frame.f_code.co_filename in self.files else None

    def _line(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            self.reached[self.files[frame.f_code.co_filename], frame.f_lineno].add(self.test)
        return self._line


WATCH = Watch(json.loads(os.environ["MUTANTS_FILES"]))
WATCH.start()
WANTED = {tuple(key) for key in json.loads(Path(os.environ["MUTANTS_WANTED"]).read_text())}
"""The mutants that are tried, by their keys."""


def pytest_sessionstart() -> None:
    """Examples that are made up are the same each time, and one that fails is not made smaller."""
    settings.register_profile("mutants", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate])
    settings.load_profile("mutants")
    keep_threads_out()


def pytest_runtestloop(session: pytest.Session) -> bool:
    """In place of pytest's own loop."""
    seconds = _run_once(session.items)
    items = {item.nodeid: item for item in session.items}
    _look_around()
    with Path(os.environ["MUTANTS_OUT"]).open("a", encoding="utf-8") as out:
        for path in WATCH.files.values():
            source = (ROOT / path).read_text()
            bodies = Bodies(path, source)
            for mutant in mutants_of(path, source):
                if mutant.key not in WANTED:
                    continue
                tests = _tests_of(mutant, seconds)
                imported = IMPORTED in _reached(mutant)
                end = _try(mutant, source, bodies, [items[name] for name in tests], imported=imported)
                out.write(json.dumps([*mutant.key, mutant.lines[0], end]) + "\n")
                out.flush()
    return True


def _run_once(items: list[pytest.Item]) -> dict[str, float]:
    """Run every test as it is. What the first one sets up for all is kept, and counts for none: it is run apart."""
    WATCH.stop()
    runtestprotocol(items[0], log=False, nextitem=items[-1])
    seconds = {}
    for item, following in zip(items, [*items[1:], items[0]], strict=True):
        WATCH.test = item.nodeid
        WATCH.start()
        began = time.process_time()
        reports = runtestprotocol(item, log=False, nextitem=following)
        seconds[item.nodeid] = time.process_time() - began
        for report in reports:
            if report.failed:
                pytest.exit(f"The tests have to pass before they can be tried: {item.nodeid}\n{report.longreprtext}", 3)
    WATCH.stop()
    return seconds


def _reached(mutant: Mutant) -> set[str]:
    first, last = mutant.lines
    return {name for line in range(first, last + 1) for name in WATCH.reached.get((mutant.path, line), ())}


def _tests_of(mutant: Mutant, seconds: dict[str, float]) -> list[str]:
    """The tests that pass the statement of a mutant, the quickest first; of the file, where its import alone does."""
    reached = _reached(mutant)
    if reached == {IMPORTED}:
        reached = {name for (path, _), names in WATCH.reached.items() if path == mutant.path for name in names}
    found, spent = [], 0.0
    for name in sorted(reached - {IMPORTED}, key=lambda name: (seconds[name], name)):
        spent += seconds[name]
        if spent <= SECONDS or len(found) < 3:
            found.append(name)
    return found


FUNCTIONS: dict[str, list[FunctionType]] = defaultdict(list)
"""Every function in memory, by its file."""
MEMOS: list[Any] = []
"""Whatever keeps values from before."""


def _look_around() -> None:
    gc.collect()
    for thing in gc.get_objects():
        if type(thing) is FunctionType:
            FUNCTIONS[thing.__code__.co_filename].append(thing)
        elif type(thing) is functools._lru_cache_wrapper:
            MEMOS.append(thing)
    gc.freeze()  # or each fork would copy all memory as soon as it collects


class Bodies:
    """The functions of a file that are in memory now, by the code that they were compiled to."""

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.codes = list(_outermost(compile(source, str(ROOT / path), "exec")))
        self.living: dict[Any, list[FunctionType]] = defaultdict(list)
        for function in FUNCTIONS[str(ROOT / path)]:
            self.living[_identity(function.__code__)].append(function)

    def changes(self, tree: Any) -> list[tuple[FunctionType, CodeType]]:
        """Which functions get which code in a mutant; nothing where that cannot be done in memory."""
        codes = list(_outermost(compile(tree, str(ROOT / self.path), "exec")))
        if len(codes) != len(self.codes):
            return []
        changed = [(old, new) for old, new in zip(self.codes, codes, strict=True) if old != new]
        found = [(each, new) for old, new in changed for each in self.living[_identity(old)]]
        fits = all(each.__code__.co_freevars == new.co_freevars for each, new in found)
        return found if fits and len({id(new) for _, new in found}) == len(changed) else []


def _outermost(code: CodeType) -> Iterator[CodeType]:
    """The code of functions and methods, without what lies inside them."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & inspect.CO_NEWLOCALS:
                yield inner
            else:
                yield from _outermost(inner)


def _identity(code: CodeType) -> Any:
    return code.co_qualname, code.co_firstlineno, tuple(code.co_positions())


KILLED, SURVIVED, NOT_REACHED = "killed", "survived", "not reached"


def _try(mutant: Mutant, source: str, bodies: Bodies, tests: list[pytest.Item], *, imported: bool) -> str:
    """How a mutant ended. In memory first: a new process takes a hundred times as long."""
    if not tests:
        return NOT_REACHED
    changes = bodies.changes(tree_with(mutant, source))
    if changes and _in_a_fork(changes, tests):
        return KILLED
    if (imported or not changes) and _in_a_new_process(mutant, tests):
        return KILLED
    return SURVIVED


def _in_a_fork(changes: list[tuple[FunctionType, CodeType]], tests: list[pytest.Item]) -> bool:
    """Whether a test fails, or goes on for ever, when functions have other code."""
    child = os.fork()
    if child == 0:
        end = 1
        try:
            _limit(2 * SECONDS)
            gc.disable()
            for function, code in changes:
                function.__code__ = code
            for memo in MEMOS:
                memo.cache_clear()
            end = int(_fails(tests))
        finally:
            os._exit(end)
    _, status = os.waitpid(child, 0)
    return status != 0


def _fails(tests: list[pytest.Item]) -> bool:
    """Whether one of the tests fails. They stop there."""
    return any(
        report.failed
        for item, following in zip(tests, [*tests[1:], tests[0]], strict=True)
        for report in runtestprotocol(item, log=False, nextitem=following)
    )


def _limit(seconds: int) -> None:
    """End this process after so much time of the processor, or ten times as much by the clock."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds, resource.RLIM_INFINITY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(10 * seconds)


def _in_a_new_process(mutant: Mutant, tests: list[pytest.Item]) -> bool:
    """Whether a test fails, or nothing starts, when the file is read with the mistake in it."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "mutants.fresh", *(item.nodeid for item in tests)]
    environment = {**os.environ, "MUTANT": json.dumps([mutant.path, mutant.node, mutant.variant])}
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=600, check=False)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0
