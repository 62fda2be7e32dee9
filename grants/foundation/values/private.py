"""The folder of the instance is for the user that the service runs as, and for nobody else on the machine."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from . import disk

UMASK: Final = 0o077
"""What no file and no folder that the app makes gives to others."""


def make(folder: Path) -> None:
    """Make the folder where it is missing, and close it, and what lies in it, to others. Raises OSError."""
    disk.make_folder(folder)
    close([folder, *folder.iterdir()])


def close(paths: Iterable[Path]) -> None:
    """Take what others may do with our own files and folders. Raises OSError."""
    for path in paths:
        found = path.lstat()
        if found.st_uid == os.getuid() and found.st_mode & UMASK and not path.is_symlink():
            path.chmod(found.st_mode & 0o7777 & ~UMASK)
