"""Whether a server or a mail worker runs on this instance: what is restored beside one would be mixed with its own."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_FILE = "in-use"


def mark(instance: Path) -> IO[bytes]:
    """Say that something runs here, until the file that this gives is closed or the process ends.

    A restore is waited for. Raises OSError.
    """
    found = (instance / _FILE).open("ab")
    fcntl.flock(found, fcntl.LOCK_SH)
    return found


@contextmanager
def alone(instance: Path) -> Iterator[bool]:
    """Keep others from starting here meanwhile; gives whether none runs. Raises OSError."""
    with (instance / _FILE).open("ab") as found:
        try:
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
