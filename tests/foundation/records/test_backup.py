"""A backup holds everything, and comes back as it was; a damaged one changes nothing."""

from __future__ import annotations

import json
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.foundation.records import audit, files, presence
from grants.foundation.records.db import db
from grants.foundation.records.kinds import PDF, Upload
from tests.support import factories
from tests.support.queries import rows_known_of


@pytest.fixture
def kept(instance: Path) -> Iterator[Path]:
    """The folder of stored files, with one in it."""
    folder = instance / "files" / "a1"
    shutil.rmtree(instance / "files", ignore_errors=True)  # what other tests sent
    folder.mkdir(parents=True)
    (folder / "constitution").write_bytes(b"We are a group.")
    yield instance / "files"
    for path in sorted((instance / "files").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (instance / "files").rmdir()


def _fill() -> None:
    person = factories.person(name="Sam")
    audit.record(actor=person.actor, verb="look")
    db.session.rollback()


def test_backup_comes_back_as_it_was(runner: Any, kept: Path, tmp_path: Path) -> None:
    _fill()
    made = runner.invoke(args=["backup", str(tmp_path / "one.backup")])
    assert made.exit_code == 0, made.output
    assert "1 stored files" in made.output
    factories.person(name="Later")
    (kept / "a1" / "constitution").write_bytes(b"changed")
    (kept / "later").write_bytes(b"x")

    refused = runner.invoke(args=["restore", str(tmp_path / "one.backup")])
    assert refused.exit_code == 1
    assert "not empty" in refused.output
    restored = runner.invoke(args=["restore", "--force", str(tmp_path / "one.backup")])

    assert restored.exit_code == 0, restored.output
    assert db.session.scalars(select(Person.name)).all() == ["Sam"]
    assert (kept / "a1" / "constitution").read_bytes() == b"We are a group."
    assert not (kept / "later").exists()
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    factories.person(name="Next")
    assert db.session.scalar(select(func.count()).select_from(Person)) == 2


@contextmanager
def _people_uploading(app: Any) -> Iterator[Callable[[], int]]:
    """Somebody else sends one file after the other meanwhile; gives how many are stored."""
    stored, enough = [], threading.Event()

    def upload() -> None:
        with app.app_context():
            while not enough.is_set():
                content = f"letter {len(stored)}".encode() * 5_000
                files.store(Upload("letter.pdf", PDF.media_type, len(content), BytesIO(content)), owner=files.OFFICE)
                stored.append(content)

    thread = threading.Thread(target=upload)
    thread.start()
    try:
        yield lambda: len(stored)
    finally:
        enough.set()
        thread.join()


def test_backup_while_people_upload_holds_the_content_of_every_file_that_it_names(
    app: Any, runner: Any, kept: Path, tmp_path: Path
) -> None:
    """Risk: the nightly backup fails, or a letter that came in meanwhile cannot be read after a restore."""
    with _people_uploading(app) as stored:
        made = [runner.invoke(args=["backup", str(tmp_path / f"{number}.backup")]) for number in range(6)]
        assert [one.exit_code for one in made] == [0] * 6, made
        assert stored()
    restored = runner.invoke(args=["restore", "--force", str(tmp_path / "5.backup")])

    assert restored.exit_code == 0, restored.output
    assert db.session.scalar(select(func.count()).select_from(files.StoredFile))
    assert list(files.damaged()) == []


def test_backup_leaves_out_what_is_not_taken_in_whole(runner: Any, kept: Path, tmp_path: Path) -> None:
    (kept / "new-half").write_bytes(b"We are")
    (kept / "new-gone").symlink_to(kept / "nowhere")  # as if it got its name while the folder was read
    made = runner.invoke(args=["backup", str(tmp_path / "one.backup")])
    assert "1 stored files" in made.output, made.output


def test_restore_lets_the_planner_know_how_much_came_back(runner: Any, tmp_path: Path) -> None:
    _fill()
    runner.invoke(args=["backup", str(tmp_path / "one.backup")])
    assert runner.invoke(args=["restore", "--force", str(tmp_path / "one.backup")]).exit_code == 0
    assert rows_known_of("people") == 1


def test_backup_is_for_its_owner_only_and_overwrites_nothing(runner: Any, tmp_path: Path) -> None:
    path = tmp_path / "one.backup"
    assert runner.invoke(args=["backup", str(path)]).exit_code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    again = runner.invoke(args=["backup", str(path)])
    assert (again.exit_code, path.read_bytes()) == (1, before)
    assert [item.name for item in tmp_path.iterdir()] == ["one.backup"]


def test_restore_into_an_empty_installation_needs_no_force(runner: Any, tmp_path: Path) -> None:
    assert runner.invoke(args=["backup", str(tmp_path / "empty.backup")]).exit_code == 0
    assert runner.invoke(args=["restore", str(tmp_path / "empty.backup")]).exit_code == 0


@pytest.mark.parametrize("part", ["database", "files/a1/constitution"])
def test_restore_of_a_damaged_backup_changes_nothing(runner: Any, kept: Path, tmp_path: Path, part: str) -> None:
    _fill()
    runner.invoke(args=["backup", str(tmp_path / "one.backup")])
    _rewrite(tmp_path / "one.backup", tmp_path / "bad.backup", part)
    factories.person(name="Later")
    result = runner.invoke(args=["restore", "--force", str(tmp_path / "bad.backup")])
    assert result.exit_code == 1
    assert f"{part} in the backup is not what was backed up" in result.output
    assert db.session.scalar(select(func.count()).select_from(Person)) == 2
    assert (kept / "a1" / "constitution").read_bytes() == b"We are a group."


def _rewrite(source: Path, target: Path, part: str) -> None:
    folder = target.parent / "unpacked"
    with tarfile.open(source) as tar:
        for member in tar:
            (folder / member.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / member.name).write_bytes(tar.extractfile(member).read())  # type: ignore[union-attr]
    damaged = bytearray((folder / part).read_bytes())
    damaged[-1] ^= 1
    (folder / part).write_bytes(damaged)
    with tarfile.open(target, "w") as tar:
        for name in ["manifest.json", *json.loads((folder / "manifest.json").read_text())["sha256"]]:
            tar.add(folder / name, arcname=name)


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\0" * 10_240])
def test_restore_of_another_file_says_so(runner: Any, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "some.file").write_bytes(content)
    result = runner.invoke(args=["restore", str(tmp_path / "some.file")])
    assert result.exit_code == 1
    assert "is not a backup of this system" in result.output


@pytest.mark.parametrize("name", ["../out", "/grants-out", "files/a1/link"])
def test_restore_writes_nothing_but_files_in_their_place(runner: Any, kept: Path, tmp_path: Path, name: str) -> None:
    """Risk: a file that somebody else made is taken for a backup, and writes over the service's own code."""
    runner.invoke(args=["backup", str(tmp_path / "one.backup")])
    with tarfile.open(tmp_path / "one.backup", "a") as tar:
        added = tarfile.TarInfo(name)
        added.type = tarfile.SYMTYPE if "link" in name else tarfile.REGTYPE
        added.linkname = "/etc/passwd" if "link" in name else ""
        tar.addfile(added)
    result = runner.invoke(args=["restore", "--force", str(tmp_path / "one.backup")])
    assert result.exit_code == 1
    assert f"{name} is no file of a backup" in result.output


def test_restore_waits_for_nobody_to_run_there(runner: Any, instance: Path, tmp_path: Path) -> None:
    """Risk: a server writes into a database that is being put back, and serves half of each."""
    runner.invoke(args=["backup", str(tmp_path / "one.backup")])
    with presence.mark(instance), presence.mark(instance):
        refused = runner.invoke(args=["restore", "--force", str(tmp_path / "one.backup")])
    restored = runner.invoke(args=["restore", "--force", str(tmp_path / "one.backup")])
    assert (refused.exit_code, "stop both first" in refused.output) == (1, True)
    assert restored.exit_code == 0, restored.output


def test_server_that_starts_during_a_restore_waits_for_its_end(instance: Path) -> None:
    begun, marked = threading.Event(), threading.Event()

    def start() -> None:
        begun.set()
        with presence.mark(instance):
            marked.set()

    thread = threading.Thread(target=start)
    with presence.alone(instance) as is_alone:
        thread.start()
        assert begun.wait(10)
        assert (is_alone, marked.wait(0.2)) == (True, False)
    assert marked.wait(10)
    thread.join()
