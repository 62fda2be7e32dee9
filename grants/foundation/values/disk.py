"""What is written is on the disk, and there after a power cut, only once the system was asked for that."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_all(folder: Path) -> None:
    """The same for a folder and all that is in it."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, where they are missing."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:
        sync(one.parent)


def write(path: Path, content: bytes) -> None:
    """Write a file whole, in place of one that may be there."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as draft:
        try:
            _fill(draft.fileno(), content)
            Path(draft.name).replace(path)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
    sync(path.parent)


def write_first(path: Path, content: bytes) -> None:
    """Write a file whole, unless one is there. Of several that try, one does."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-") as draft:
        _fill(draft.fileno(), content)
        with suppress(FileExistsError):
            os.link(draft.name, path)
    sync(path.parent)


def _fill(handle: int, content: bytes) -> None:
    with os.fdopen(os.dup(handle), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
