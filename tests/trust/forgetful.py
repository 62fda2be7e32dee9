"""A disk that forgets what was not fsynced when its power is cut: `python -m tests.trust.forgetful FOLDER`.

It lies in memory, is mounted by FUSE, and keeps two pictures: what programs see, and what would be there after a cut.
What was written to a file is there after an fsync of the file; that a file was made, renamed or removed, after an fsync
of its folder, and of that alone (POSIX promises no more, though many file systems do). At a cut that tears, some of the
rest is there as well: any of the blocks of 4,096 bytes of what was written, and the first of what was done in a folder.

Commands come in by lines of JSON, answers go out by lines of JSON. It ends, and is unmounted, with its input.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import queue
import random
import stat
import subprocess
import sys
import threading
import time
from typing import Any

import mfusepy

BLOCK = 4096
_numbers = itertools.count(1)


class File:
    """What is in a file: as programs see it, and as it would be after a cut; `open` is what lies between the two."""

    def __init__(self, mode: int) -> None:
        self.mode, self.number, self.changed = stat.S_IFREG | (mode & 0o7777), next(_numbers), time.time_ns()
        self.seen, self.kept = bytearray(), b""
        self.open: list[tuple[int, bytes | None]] = []

    def write(self, at: int, data: bytes) -> None:
        """Write bytes at a place."""
        _put(self.seen, at, data)
        self.open.append((at, data))
        self.changed = time.time_ns()

    def cut_to(self, length: int) -> None:
        """Make it so long."""
        _cut(self.seen, length)
        self.open.append((length, None))
        self.changed = time.time_ns()

    def keep(self) -> None:
        """What is seen now would be there after a cut."""
        self.kept = bytes(self.seen)
        self.open.clear()

    def forget(self, chance: random.Random | None) -> None:
        """Lose what was not kept; with `chance`, some of it stays."""
        content = bytearray(self.kept)
        for at, data in self.open if chance else []:
            _tear(content, at, data, chance)
        self.seen = content
        self.keep()


def _put(content: bytearray, at: int, data: bytes) -> None:
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


def _cut(content: bytearray, length: int) -> None:
    del content[length:]
    content.extend(bytes(length - len(content)))


def _tear(content: bytearray, at: int, data: bytes | None, chance: random.Random | None) -> None:
    assert chance is not None
    if data is None:
        if chance.random() < 0.5:
            _cut(content, at)
        return
    first, end = at // BLOCK, at + len(data)
    for block in range(first, (end + BLOCK - 1) // BLOCK):
        begin, stop = max(at, block * BLOCK), min(end, (block + 1) * BLOCK)
        if chance.random() < 0.5:
            _put(content, begin, data[begin - at : stop - at])


class Folder:
    """The names in a folder, in the same two ways. Each change in `open` is made whole, or not at all."""

    def __init__(self, mode: int) -> None:
        self.mode, self.number, self.changed = stat.S_IFDIR | (mode & 0o7777), next(_numbers), time.time_ns()
        self.seen: dict[str, File | Folder] = {}
        self.kept: dict[str, File | Folder] = {}
        self.open: list[dict[str, File | Folder | None]] = []

    def change(self, names: dict[str, File | Folder | None]) -> None:
        """Let names stand for something else, or for nothing."""
        _rename(self.seen, names)
        self.open.append(names)
        self.changed = time.time_ns()

    def keep(self) -> None:
        """What is seen now would be there after a cut."""
        self.kept = dict(self.seen)
        self.open.clear()

    def forget(self, chance: random.Random | None) -> None:
        """Lose what was not kept, in it and below it; with `chance`, the first of it stays."""
        names = dict(self.kept)
        for change in self.open[: chance.randint(0, len(self.open))] if chance else []:
            _rename(names, change)
        self.seen = names
        self.keep()
        for thing in names.values():
            thing.forget(chance)


def _rename(names: dict[str, File | Folder], change: dict[str, File | Folder | None]) -> None:
    for name, thing in change.items():
        if thing is None:
            names.pop(name, None)
        else:
            names[name] = thing


class Disk(mfusepy.Operations):
    """The disk. After so many more changes as `left` says, its power is off: from then on it answers nothing."""

    use_ns = True

    def __init__(self) -> None:
        self.root = Folder(0o700)
        self.is_off = False
        self.changes = 0
        self.left: int | None = None
        self.room: int | None = None
        self._opened: dict[int, File] = {}
        self._handles = itertools.count(1)

    # What the control asks

    def forget(self, seed: int | None) -> None:
        """Be as after a cut: with a seed, some of what was not kept is there all the same."""
        self.root.forget(None if seed is None else random.Random(seed))
        self._opened.clear()
        self.is_off, self.left = False, None

    # What FUSE asks

    def init(self, path: str) -> None:
        """It is mounted."""
        _say(mounted=True)

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        """What `stat` tells."""
        self._ask()
        thing = self._opened.get(fh) if fh else None
        return _told(thing or self._find(path))

    def readdir(self, path: str, fh: int) -> list[tuple[str, dict[str, Any], int]]:
        """The names in a folder."""
        self._ask()
        folder = self._folder(path)
        return [(name, _told(thing), 0) for name, thing in {".": folder, "..": folder, **folder.seen}.items()]

    def statfs(self, path: str) -> dict[str, int]:
        """How much room there is."""
        self._ask()
        free = 1 << 18 if self.room is None else max(0, self.room - self._used()) // BLOCK
        return {"f_bsize": BLOCK, "f_frsize": BLOCK, "f_blocks": 1 << 20, "f_bfree": free, "f_bavail": free}

    def open(self, path: str, flags: int) -> int:
        """A file that is there."""
        self._ask()
        return self._handle(self._file(path))

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        """A new file."""
        self._change()
        folder, name = self._place(path)
        made = File(mode)
        folder.change({name: made})
        return self._handle(made)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Some bytes."""
        self._ask()
        return bytes(self._opened[fh].seen[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        """Write some bytes, where there is room."""
        self._change()
        file = self._opened[fh]
        growth = max(0, offset + len(data) - len(file.seen))
        if self.room is not None and growth and self._used() + growth > self.room:
            raise mfusepy.FuseOSError(errno.ENOSPC)
        file.write(offset, data)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        """Make a file so long."""
        self._change()
        file = self._opened[fh] if fh else self._file(path)
        file.cut_to(length)
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        """What was written to the file stays."""
        self._change()
        self._opened[fh].keep()
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        """The names in the folder stay as they are."""
        self._change()
        self._folder(path).keep()
        return 0

    def release(self, path: str, fh: int) -> int:
        """A file is closed: that keeps nothing."""
        self._opened.pop(fh, None)
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        """A new folder."""
        self._change()
        folder, name = self._place(path)
        folder.change({name: Folder(mode)})
        return 0

    def unlink(self, path: str) -> int:
        """Take a name away."""
        self._change()
        folder, name = self._place(path)
        folder.change({name: None})
        return 0

    def rmdir(self, path: str) -> int:
        """The same for a folder that is empty."""
        if self._folder(path).seen:
            raise mfusepy.FuseOSError(errno.ENOTEMPTY)
        return self.unlink(path)

    def rename(self, old: str, new: str) -> int:
        """Give another name: in one folder at once, from one folder to another in each of them for itself."""
        self._change()
        thing = self._find(old)
        (source, name), (target, other) = self._place(old), self._place(new)
        if source is target:
            source.change({name: None, other: thing})
        else:
            target.change({other: thing})
            source.change({name: None})
        return 0

    def link(self, target: str, source: str) -> int:
        """Give a file another name beside its own."""
        self._change()
        file = self._file(source)
        folder, name = self._place(target)
        if name in folder.seen:
            raise mfusepy.FuseOSError(errno.EEXIST)
        folder.change({name: file})
        return 0

    def chmod(self, path: str, mode: int) -> int:
        """Who may do what with it; kept at once."""
        self._ask()
        thing = self._find(path)
        thing.mode = stat.S_IFMT(thing.mode) | (mode & 0o7777)
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        """Everything belongs to whoever mounted it."""
        self._ask()
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        """When it was changed."""
        self._ask()
        self._find(path).changed = times[1] if times else time.time_ns()
        return 0

    # Inside

    def _ask(self) -> None:
        if self.is_off:
            raise mfusepy.FuseOSError(errno.EIO)

    def _change(self) -> None:
        self._ask()
        if self.left is not None:
            if self.left <= 0:
                self.is_off = True
                raise mfusepy.FuseOSError(errno.EIO)
            self.left -= 1
        self.changes += 1

    def _used(self) -> int:
        return _size(self.root)

    def _handle(self, file: File) -> int:
        handle = next(self._handles)
        self._opened[handle] = file
        return handle

    def _find(self, path: str) -> File | Folder:
        thing: File | Folder = self.root
        for name in filter(None, path.split("/")):
            if not isinstance(thing, Folder):
                raise mfusepy.FuseOSError(errno.ENOTDIR)
            if name not in thing.seen:
                raise mfusepy.FuseOSError(errno.ENOENT)
            thing = thing.seen[name]
        return thing

    def _folder(self, path: str) -> Folder:
        found = self._find(path)
        if not isinstance(found, Folder):
            raise mfusepy.FuseOSError(errno.ENOTDIR)
        return found

    def _file(self, path: str) -> File:
        found = self._find(path)
        if not isinstance(found, File):
            raise mfusepy.FuseOSError(errno.EISDIR)
        return found

    def _place(self, path: str) -> tuple[Folder, str]:
        above, _, name = path.rpartition("/")
        return self._folder(above), name


def _told(thing: File | Folder) -> dict[str, Any]:
    size = len(thing.seen) if isinstance(thing, File) else BLOCK
    times = dict.fromkeys(("st_atime", "st_mtime", "st_ctime"), thing.changed)
    owner = {"st_uid": os.getuid(), "st_gid": os.getgid()}
    return {"st_mode": thing.mode, "st_ino": thing.number, "st_nlink": 1, "st_size": size, **times, **owner}


def _size(folder: Folder) -> int:
    return sum(len(thing.seen) if isinstance(thing, File) else _size(thing) for thing in folder.seen.values())


def _keep(folder: Folder) -> None:
    folder.keep()
    for thing in folder.seen.values():
        if isinstance(thing, Folder):
            _keep(thing)
        else:
            thing.keep()


def _say(**told: Any) -> None:
    print(json.dumps(told), flush=True)


def _listen(disk: Disk, mount: str, waits: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Do what each line of the input asks. What waits for the disk to be unmounted is put in a queue."""
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "forget":
            waits.put(asked)
            continue
        if asked["do"] == "keep":
            _keep(disk.root)
        if asked["do"] == "set":
            for name, value in asked["values"].items():
                setattr(disk, name, value)
        _say(is_off=disk.is_off, changes=disk.changes)
    unmount(mount)
    os._exit(0)


def unmount(mount: str) -> None:
    """Take it away as soon as nobody has a file of it open."""
    subprocess.run(["fusermount3", "-u", "-z", "--", mount], check=False, capture_output=True)


def main(mount: str) -> None:
    """Be mounted there; and again each time that it was unmounted, as after a cut."""
    disk, waits = Disk(), queue.SimpleQueue[dict[str, Any]]()
    threading.Thread(target=_listen, args=[disk, mount, waits], daemon=True).start()
    while True:
        mfusepy.FUSE(disk, mount, foreground=True, nothreads=True, kernel_cache=True, use_ino=True)
        disk.forget(waits.get()["seed"])


if __name__ == "__main__":
    main(sys.argv[1])
