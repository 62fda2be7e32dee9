"""A whole installation in one file, and back: the database as it stands at one moment, and the stored files.

The file is a tar with a manifest that holds the SHA-256 of each part. It does not hold the
secret key, which is kept elsewhere, so that one theft does not give away both.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from flask import current_app
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from grants.foundation.values import clock, disk, private

from . import presence
from .db import db, is_postgresql, note_sizes, reading
from .files import DRAFT

DATABASE = "database"
FILES = "files"
MANIFEST = "manifest.json"
FORMAT = 1
ASIDE = "before_restore"
"""The schema that PostgreSQL keeps the old tables in until the new ones are whole."""


class BackupFailed(RuntimeError):
    """It could not be done, and nothing was changed; the message says why."""


@dataclass(frozen=True)
class BackupSummary:
    """What a backup holds: the instant it was made (ISO, UTC), the kind of database, and its stored files."""

    made_at: str
    kind: str
    files: int


def back_up(target: Path) -> BackupSummary:
    """Write the installation to a new file. Raises BackupFailed."""
    if target.exists():
        raise BackupFailed(f"{target} is there already: name a new file.")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        work = Path(folder)
        _dump(work / DATABASE)
        stored = _copy_files(work)
        manifest = {
            "format": FORMAT,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "kind": _kind(),
            "sha256": {str(name): _sha256(work / name) for name in [PurePosixPath(DATABASE), *stored]},
        }
        (work / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True))
        draft = work / "draft.tar"
        with tarfile.open(draft, "w") as tar:
            for name in [PurePosixPath(MANIFEST), PurePosixPath(DATABASE), *stored]:
                tar.add(work / name, arcname=str(name))
        draft.chmod(0o600)
        disk.sync(draft)
        draft.replace(target)
        disk.sync(target.parent)
    return _summary(manifest)


def restore(source: Path, *, force: bool = False) -> BackupSummary:
    """Put a backup in place of what is here, where neither a server nor a mail worker runs.

    Raises BackupFailed, also where something is here and not `force`.
    """
    with presence.alone(_instance()) as is_alone:
        if not is_alone:
            raise BackupFailed("The server or the mail worker of this installation is running: stop both first.")
        if not force and not _is_empty():
            raise BackupFailed(
                "This installation is not empty. With --force the backup takes the place of what is here."
            )
        return _put_back(source)


def _put_back(source: Path) -> BackupSummary:
    with tempfile.TemporaryDirectory(dir=_instance(), prefix=".restore-") as folder:
        work = Path(folder)
        manifest = _unpack(source, work)
        if manifest["kind"] != _kind():
            raise BackupFailed(f"The backup is of {manifest['kind']}, and this installation runs on {_kind()}.")
        _load(work / DATABASE)
        _swap_files(work)
    note_sizes()
    return _summary(manifest)


def _summary(manifest: dict[str, Any]) -> BackupSummary:
    return BackupSummary(manifest["made_at"], manifest["kind"], len(manifest["sha256"]) - 1)


def _kind() -> str:
    return "PostgreSQL" if is_postgresql() else "SQLite"


def _instance() -> Path:
    return Path(current_app.config["INSTANCE"])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_empty() -> bool:
    """Whether no table but Alembic's own holds a row."""
    with reading(), db.engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        quoted = [connection.dialect.identifier_preparer.quote(name) for name in names]
        return not any(connection.scalar(text(f"SELECT EXISTS (SELECT 1 FROM {name})")) for name in quoted)  # noqa: S608


def _dump(target: Path) -> None:
    if is_postgresql():
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
        return
    with closing(sqlite3.connect(_sqlite_path())) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _load(source: Path) -> None:
    db.session.remove()
    db.engine.dispose()
    if is_postgresql():
        _load_postgresql(source)
        return
    with closing(sqlite3.connect(source)) as copy, closing(sqlite3.connect(_sqlite_path(), timeout=30)) as live:
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BackupFailed("The database in the backup is damaged.")
        copy.backup(live)
        live.execute("PRAGMA journal_mode = WAL")


def _load_postgresql(source: Path) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE"))
        connection.execute(text(f"ALTER SCHEMA public RENAME TO {ASIDE}"))
        connection.execute(text("CREATE SCHEMA public"))
    try:
        _run("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(source))
    except BackupFailed:
        with db.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text(f"ALTER SCHEMA {ASIDE} RENAME TO public"))
        raise
    with db.engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {ASIDE} CASCADE"))


def _sqlite_path() -> str:
    path = db.engine.url.database
    if not path or path == ":memory:":
        raise BackupFailed("There is no database file.")
    return path


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on our database; the password goes by the environment, not the command line."""
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    address = url.set(drivername="postgresql", password=None).render_as_string()
    found = shutil.which(program)
    if not found:
        raise BackupFailed(f"{program} is not installed here.")
    environment = {**os.environ, **({"PGPASSWORD": url.password} if url.password else {})}
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, with our own arguments
        [found, f"--dbname={address}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupFailed(f"{program} failed: {done.stderr.strip()[-500:]}")


def _copy_files(work: Path) -> list[PurePosixPath]:
    """Copy what is stored, after the database: a content is there before its row. What is coming in has no row yet."""
    kept = _instance() / FILES
    if kept.is_dir():
        shutil.copytree(kept, work / FILES, symlinks=False, ignore=shutil.ignore_patterns(f"{DRAFT}*"))
    return sorted(PurePosixPath(path.relative_to(work)) for path in (work / FILES).rglob("*") if path.is_file())


def _swap_files(work: Path) -> None:
    kept, new = _instance() / FILES, work / FILES
    if new.exists():
        private.close([new, *new.rglob("*")])
        disk.sync_all(new)
    if kept.exists():
        kept.replace(work / "old-files")
    if new.exists():
        new.replace(kept)
    disk.sync(kept.parent)


def _unpack(source: Path, work: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source) as tar:
            _take_out(tar, work)
        manifest: dict[str, Any] = json.loads((work / MANIFEST).read_text())
        expected: dict[str, str] = manifest["sha256"]
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise BackupFailed(f"{source} is not a backup of this system: {error}") from error
    if manifest.get("format") != FORMAT:
        raise BackupFailed("The backup was made by another version of this system.")
    found = {str(PurePosixPath(path.relative_to(work))) for path in work.rglob("*") if path.is_file()} - {MANIFEST}
    if found != set(expected) or DATABASE not in found:
        raise BackupFailed("The backup does not hold what its manifest lists.")
    for name, digest in expected.items():
        if _sha256(work / name) != digest:
            raise BackupFailed(f"{name} in the backup is not what was backed up.")
    return manifest


def _take_out(tar: tarfile.TarFile, work: Path) -> None:
    """Write the files of a tar into a folder, and nothing that is no file or has another place.

    The filter of tarfile's own for that is not in Python 3.11 before 3.11.4. Raises ValueError.
    """
    for member in tar:
        name = PurePosixPath(member.name)
        content = tar.extractfile(member) if member.isreg() else None
        if content is None or name.is_absolute() or ".." in name.parts:
            raise ValueError(f"{member.name} is no file of a backup")
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with content, path.open("xb") as file:
            shutil.copyfileobj(content, file)
