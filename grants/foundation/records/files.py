"""Files that people send: looked at, kept by their SHA-256, scanned, and given back as attachments.

The content lies in the instance folder, under `files/`. It is there, whole and on the disk, before its row is, so a
crash leaves at most a content that no row names.
"""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

from flask import Response, current_app, send_file
from sqlalchemy import CheckConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from grants.foundation.values import clock, disk

from .appendonly import append_only
from .db import Id, Model, Refused, db, one_of, transaction
from .kinds import Upload, megabytes

BLOCK = 1024 * 1024
SCAN_SECONDS = 60
DRAFT = "new-"
"""How the name of a content begins that is still coming in."""

OFFICE: Final = ""
"""The owner of what the office itself sends: it has no quota."""


class ScanState(StrEnum):
    """What is known of a file's harmlessness."""

    NOT_SCANNED = "not scanned"
    AWAITING = "awaiting scan"
    CLEAN = "clean"
    INFECTED = "infected"


class StoredFile(Model):
    """A file as it was sent. Its content never changes; another file is another row.

    `owner` is whose quota it counts against, like "organisation:12".
    """

    __tablename__ = "stored_files"

    id: Mapped[Id]
    sha256: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    made_at: Mapped[datetime]
    scan: Mapped[str]
    owner: Mapped[str] = mapped_column(index=True)

    __table_args__ = (one_of("scan", ScanState), CheckConstraint("size > 0", name="size_is_positive"))

    @property
    def may_be_opened(self) -> bool:
        """Whether it is clean, or this installation does not scan."""
        return self.scan in {ScanState.CLEAN, ScanState.NOT_SCANNED}


append_only(StoredFile.__table__)


class DamagedFile(Exception):
    """The content on the disk is missing, or is not what was sent."""


class QuotaFull(Refused):
    """A group has so many bytes here that there is no room for one more file."""


def store(upload: Upload, *, owner: str) -> StoredFile:
    """Keep a file that `kinds.examine` let through, in the caller's transaction. Raises QuotaFull.

    Where a virus scanner is configured the file is held until it was scanned. The caller holds the owner's row locked,
    or two files at the same moment may both take the last room. `OFFICE` has no quota.
    """
    if owner != OFFICE:
        _ask_for_room(upload.size, owner)
    digest = _keep(upload.stream)
    with transaction() as session:
        stored = StoredFile(
            sha256=digest,
            name=upload.name,
            media_type=upload.media_type,
            size=upload.size,
            made_at=clock.now(),
            owner=owner,
            scan=ScanState.AWAITING if current_app.config.get("CLAMAV_SOCKET") else ScanState.NOT_SCANNED,
        )
        session.add(stored)
        session.flush()
        return stored


def _ask_for_room(size: int, owner: str) -> None:
    used, most = used_by(owner), current_app.config["GROUP_QUOTA"]
    if used + size > most:
        raise QuotaFull(
            f"Your group has {megabytes(used)} of files here, of the {megabytes(most)} that each group may have: there "
            f"is no room for these {megabytes(size)}. Send a smaller file, or write to us"
        )


def used_by(owner: str) -> int:
    """How many bytes an owner has here, also of files that others have replaced: nothing that was sent is lost."""
    return db.session.scalar(select(func.coalesce(func.sum(StoredFile.size), 0)).where(StoredFile.owner == owner)) or 0


def send(stored: StoredFile) -> Response:
    """The file as an attachment. Raises Refused while it is held, and DamagedFile."""
    if stored.scan == ScanState.AWAITING:
        raise Refused("This file is being checked for viruses. Try again in a few minutes.")
    if not stored.may_be_opened:
        raise Refused("This file has a virus in it, so nobody can open it. Ask for another copy.")
    path = checked_path(stored)
    response = send_file(path, stored.media_type, as_attachment=True, download_name=stored.name, etag=stored.sha256)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def checked_path(stored: StoredFile) -> Path:
    """Where the content lies. Raises DamagedFile where it is not what was sent."""
    path = _path(stored.sha256)
    try:
        with path.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise DamagedFile(f"stored file {stored.id}: its content is missing") from error
    if found != stored.sha256:
        raise DamagedFile(f"stored file {stored.id}: its content was changed")
    return path


def damaged() -> Iterator[str]:
    """Each file whose content on the disk is missing, or is not what was sent, in words."""
    last = 0
    while some := db.session.scalars(
        select(StoredFile).where(StoredFile.id > last).order_by(StoredFile.id).limit(100)
    ).all():
        for stored in some:
            try:
                checked_path(stored)
            except DamagedFile as found:
                yield str(found)
        last = some[-1].id


def scan_waiting(*, most: int = 100) -> tuple[int, int]:
    """Have the files scanned that wait for it; returns (clean, infected). A damaged file goes on waiting.

    Raises OSError where no scanner answers.
    """
    clean = infected = 0
    waiting = db.session.scalars(
        select(StoredFile).where(StoredFile.scan == ScanState.AWAITING).order_by(StoredFile.id).limit(most)
    ).all()
    for stored in waiting:
        try:
            is_clean = scan(checked_path(stored), current_app.config["CLAMAV_SOCKET"])
        except DamagedFile as damaged:
            current_app.logger.error("%s", damaged)
            continue
        with transaction() as session:
            session.merge(stored).scan = ScanState.CLEAN if is_clean else ScanState.INFECTED
        clean, infected = clean + is_clean, infected + (not is_clean)
    return clean, infected


def why_not_seal(path: Path) -> str:
    """Have a file scanned before it is sealed, where there is a scanner: afterwards none could read it.

    Returns why it is not taken, or "". It is for outside of a transaction: the scanner may take its time.
    """
    scanner = current_app.config.get("CLAMAV_SOCKET")
    try:
        is_clean = not scanner or scan(path, scanner)
    except OSError:
        return "The file could not be checked for viruses just now. Try again in a few minutes."
    return "" if is_clean else "This file has a virus in it, so we cannot take it. Send another copy."


def scan(path: Path, address: str) -> bool:
    """Whether ClamAV, at a socket (a path, or host:port), finds a file clean. Raises OSError without an answer."""
    with _connect(address) as link, path.open("rb") as content:
        link.sendall(b"zINSTREAM\0")
        for block in _blocks(content):
            link.sendall(len(block).to_bytes(4, "big") + block)
        link.sendall(bytes(4))
        answer = b"".join(iter(lambda: link.recv(4096), b"")).rstrip(b"\0\n")
    if answer.endswith(b"FOUND"):
        return False
    if answer.endswith(b": OK"):
        return True
    raise OSError(f"ClamAV answered {answer[:200]!r}")


def _connect(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    if host and port.isdigit():
        return socket.create_connection((host, int(port)), timeout=SCAN_SECONDS)
    link = socket.socket(socket.AF_UNIX)
    try:
        link.settimeout(SCAN_SECONDS)
        link.connect(address)
    except OSError:
        link.close()
        raise
    return link


def _keep(stream: IO[bytes]) -> str:
    """Write the content under its SHA-256: to a file of its own first, then to the disk, then to its name."""
    folder = current_app.config["INSTANCE"] / "files"
    folder.mkdir(exist_ok=True)
    stream.seek(0)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=DRAFT, delete=False) as draft:
        try:
            for block in _blocks(stream):
                digest.update(block)
                draft.write(block)
            draft.flush()
            os.fsync(draft.fileno())
            path = _path(digest.hexdigest())
            path.parent.mkdir(exist_ok=True)
            Path(draft.name).replace(path)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
    for changed in (path.parent, folder, folder.parent):  # also where another upload has just made it
        disk.sync(changed)
    return digest.hexdigest()


def _path(sha256: str) -> Path:
    folder: Path = current_app.config["INSTANCE"] / "files"
    return folder / sha256[:2] / sha256


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(BLOCK), b"")
