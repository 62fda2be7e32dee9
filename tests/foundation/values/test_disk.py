"""What is written is there whole or not at all. That it outlives a power cut is tried in tests/trust."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from grants.foundation.values import disk


def test_file_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    for content in (b"first and long", b"second"):
        disk.write(tmp_path / "letter", content)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("letter", b"second")]


def test_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        disk.write_first(tmp_path / "secret", content)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("secret", b"first")]


@pytest.mark.parametrize("write", [disk.write, disk.write_first])
def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    with patch.object(os, "fsync", side_effect=OSError("full")), pytest.raises(OSError, match="full"):
        write(tmp_path / "letter", b"content")
    assert list(tmp_path.iterdir()) == []


def test_folders_above_are_made_too(tmp_path: Path) -> None:
    for _again in range(2):
        disk.make_folder(tmp_path / "one" / "two")
    assert (tmp_path / "one" / "two").is_dir()


def test_all_of_a_folder_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").touch()
    waited: list[str] = []
    with patch.object(os, "fsync", side_effect=lambda handle: waited.append(os.readlink(f"/proc/self/fd/{handle}"))):
        disk.sync_all(tmp_path)
    assert sorted(waited) == [str(tmp_path), f"{tmp_path}/inner", f"{tmp_path}/inner/file"]
