"""What an installation writes is for the user that it runs as, and for nobody else on the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from grants import create_app
from grants.foundation.records import files, outbox
from grants.foundation.records.kinds import Upload
from grants.foundation.values import clock, private
from grants.foundation.values.settings import Environment


@pytest.fixture(autouse=True)
def _open_handed() -> Iterator[None]:
    """A process that would give everything to everybody."""
    before = os.umask(0)
    yield
    os.umask(before)


def _for_others(folder: Path) -> list[str]:
    return [str(path) for path in [folder, *folder.rglob("*")] if path.lstat().st_mode & 0o077]


def test_nothing_of_an_installation_is_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    instance, backups = tmp_path / "instance", tmp_path / "backups"
    monkeypatch.setenv("GRANTS_INSTANCE", str(instance))
    monkeypatch.setenv("GRANTS_DEMO", "1")
    monkeypatch.setenv("GRANTS_NOW", "2026-11-22T09:00:00Z")
    backups.mkdir(mode=0o700)
    app = create_app()
    runner, target = app.test_cli_runner(), str(backups / "one.tar")

    assert runner.invoke(args=["db", "upgrade"]).exit_code == 0
    with app.app_context():
        files.store(Upload("a.pdf", "application/pdf", 4, BytesIO(b"%PDF")), owner=files.OFFICE)
        outbox.queue(to="jo@example.org", subject="Hello", body="Good day.", purpose="greeting")
    for command in (["mail", "send"], ["backup", target], ["restore", "--force", target]):
        assert runner.invoke(args=command).exit_code == 0
    clock.run_true()

    names = {path.name for path in instance.rglob("*")}
    assert {"secret-key", "grants.db", "clock.json", "files", "mail"} <= names
    assert _for_others(instance) == _for_others(backups) == []


def test_folder_of_an_older_installation_is_closed_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir(mode=0o755)
    (tmp_path / "grants.db").touch(mode=0o644)
    (tmp_path / "elsewhere").symlink_to("/dev/null")
    assert _for_others(tmp_path) != []

    private.make(tmp_path)

    assert [path for path in _for_others(tmp_path) if not Path(path).is_symlink()] == []
    assert (tmp_path / "grants.db").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700


def test_content_that_comes_back_is_closed_however_it_was_stored(tmp_path: Path) -> None:
    (tmp_path / "a1").mkdir(mode=0o755)
    (tmp_path / "a1" / "content").touch(mode=0o666)

    private.close([tmp_path, *tmp_path.rglob("*")])

    assert _for_others(tmp_path) == []
