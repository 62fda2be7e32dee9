"""Disks that tests take the power from, or fill up: see `forgetful` for what the first of them forgets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from .installation import ROOT


def skip_or_fail(reason: str) -> None:
    """What a machine lacks is no failure on somebody's own, but it is where everything is checked."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason} Set up as CI, the tests need it.")
    pytest.skip(reason)


class ForgetfulDisk:
    """A disk in memory at a folder, served by a process of its own."""

    def __init__(self, folder: Path) -> None:
        if not Path("/dev/fuse").exists():
            pytest.skip("There is no /dev/fuse here: no power is cut.")
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.trust.forgetful", str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        if "mounted" not in self._process.stdout.readline():
            said = self._process.stderr.read()
            self.close()
            skip_or_fail(f"Nothing can be mounted by FUSE here: {said.strip()[-200:]}")

    def _say(self, do: str, **more: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._process.stdin.flush()
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        return said

    def set(self, **values: Any) -> None:
        """Set how it behaves: `left` changes until its power is cut, `is_off`, `room` in bytes."""
        self._say("set", values=values)

    def keep(self) -> None:
        """Let everything stay that is on it now."""
        self._say("keep")

    @property
    def is_off(self) -> bool:
        """Whether its power is cut."""
        return bool(self._say("look")["is_off"])

    @property
    def changes(self) -> int:
        """How often anything on it was changed, or asked to be kept."""
        return int(self._say("look")["changes"])

    def cut(self, seed: int | None = None) -> None:
        """Cut its power, and have it back: with a seed, some of what was not kept is there all the same.

        Nobody has a file of it open.
        """
        self.set(is_off=True)
        subprocess.run(["fusermount3", "-u", "-z", "--", str(self.folder)], check=True, capture_output=True)
        self._say("forget", seed=seed)

    def close(self) -> None:
        """Take it away."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._process.stderr.close()


class SmallDisk:
    """A disk with room for so many bytes, at a folder: in memory where somebody may mount that, else by FUSE."""

    def __init__(self, folder: Path, size: int) -> None:
        folder.mkdir()
        self.folder, self._filler = folder, folder / "filler"
        self._forgetful: ForgetfulDisk | None = None
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "grants-trust", str(folder)]
        if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
            self._forgetful = ForgetfulDisk(folder)
            self._forgetful.set(room=size)

    def fill(self) -> None:
        """Leave no room for a single byte."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                with suppress(OSError):
                    while filler.write(bytes(size)):
                        pass

    def make_room(self) -> None:
        """Have room again."""
        self._filler.unlink()

    def close(self) -> None:
        """Take it away."""
        if self._forgetful:
            self._forgetful.close()
        else:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)
