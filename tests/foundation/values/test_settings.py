"""The settings from the environment, and the premises without which the app does not start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grants.foundation.values import clock, settings
from grants.foundation.values.settings import BadSetting, Environment

ROOT = Path(__file__).parents[3]
NAMES = [name.upper() for name in Environment.model_fields]
OF_THE_SERVER = {"BIND", "PORT", "WEB_CONCURRENCY"}
"""What gunicorn.conf.py reads beside them."""


@contextmanager
def _environment(folder: Path, **environ: str) -> Iterator[None]:
    """An environment that holds these settings alone. Afterwards the clock is true again."""
    with pytest.MonkeyPatch.context() as patch:
        for name in NAMES:
            patch.delenv(name, raising=False)
        for name, value in {"GRANTS_INSTANCE": str(folder), **environ}.items():
            patch.setenv(name, value)
        try:
            yield
        finally:
            clock.run_true()


def _load(folder: Path, **environ: str) -> dict[str, object]:
    with _environment(folder, **environ):
        return settings.load()


def test_settings_default_to_sqlite_in_the_instance_folder(tmp_path: Path) -> None:
    found = _load(tmp_path)
    assert found["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path / 'grants.db'}"
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["DEMO"] is False


def test_instance_folder_is_made_where_it_is_missing(tmp_path: Path) -> None:
    _load(tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder").is_dir()


def test_demonstration_works_over_plain_http(tmp_path: Path) -> None:
    found = _load(tmp_path, GRANTS_DEMO="1")
    assert (found["DEMO"], found["SESSION_COOKIE_SECURE"], found["REMEMBER_COOKIE_SECURE"]) == (True, False, False)


def test_secret_is_kept_between_starts_for_its_owner_only(tmp_path: Path) -> None:
    first, second = _load(tmp_path)["SECRET_KEY"], _load(tmp_path)["SECRET_KEY"]
    assert first == second
    assert len(str(first)) == 64
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_secret_of_the_environment_comes_first(tmp_path: Path) -> None:
    assert _load(tmp_path, SECRET_KEY="from the environment")["SECRET_KEY"] == "from the environment"
    assert not (tmp_path / "secret-key").exists()


@pytest.mark.parametrize("url", ["mysql://db", "postgresql://db", "postgresql+psycopg2://db", "sqlite:relative", "x"])
def test_database_of_another_kind_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadSetting, match="DATABASE_URL"):
        _load(tmp_path, DATABASE_URL=url)


@pytest.mark.parametrize(("text", "count"), [("", 0), ("2", 2), ("-1", 0)])
def test_number_of_proxies_is_read(tmp_path: Path, text: str, count: int) -> None:
    assert _load(tmp_path, TRUSTED_PROXIES=text)["TRUSTED_PROXIES"] == count


def test_number_of_proxies_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="TRUSTED_PROXIES"):
        _load(tmp_path, TRUSTED_PROXIES="two")


def test_clock_moves_in_the_demonstration_only(tmp_path: Path) -> None:
    """The risk: a deadline that somebody moved by the environment of the real service."""
    with pytest.raises(BadSetting, match="demonstration only"):
        _load(tmp_path, GRANTS_NOW="2027-01-01T12:00:00Z")
    with pytest.raises(BadSetting, match="ISO instant"):
        _load(tmp_path, GRANTS_NOW="tomorrow", GRANTS_DEMO="1")
    with _environment(tmp_path, GRANTS_NOW="2031-01-01T12:00:00Z", GRANTS_DEMO="1"):
        settings.load()
        assert clock.now().year == 2031


def test_public_address_has_no_slash_at_its_end(tmp_path: Path) -> None:
    assert _load(tmp_path, PUBLIC_URL="https://grants.example.org/")["PUBLIC_URL"] == "https://grants.example.org"
    assert _load(tmp_path, PORT="8123")["PUBLIC_URL"] == "http://127.0.0.1:8123"


def test_mail_server_is_read(tmp_path: Path) -> None:
    found = _load(tmp_path, MAIL_URL="smtps://mail.example.org")
    assert (found["MAIL_URL"], found["MAIL_CA_FILE"]) == ("smtps://mail.example.org", "")


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://mail.example.org:post"])
def test_mail_server_of_another_kind_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadSetting, match="MAIL_URL"):
        _load(tmp_path, MAIL_URL=url)


def test_file_of_authorities_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The risk: mail that nobody gets, found out when the first letter should have gone."""
    with pytest.raises(BadSetting, match="MAIL_CA_FILE"):
        _load(tmp_path, MAIL_URL="smtps://mail.example.org", MAIL_CA_FILE=str(tmp_path / "none.pem"))


def test_settings_that_are_wrong_are_all_named_and_no_secret_is(tmp_path: Path) -> None:
    """The risk: a start that is tried again for each of them, and a password in the log."""
    wrong = {"GRANTS_NOW": "x", "DATABASE_URL": "mysql://hunter2@db", "TRUSTED_PROXIES": "two", "MAIL_URL": "hunter2"}
    with pytest.raises(BadSetting) as told:
        _load(tmp_path, GRANTS_DEMO="perhaps", **wrong)
    assert [name for name in ("GRANTS_DEMO must", *wrong) if name not in str(told.value)] == []
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(("text", "is_demo"), [("1", True), ("0", False), ("", False)])
def test_demonstration_is_on_or_off(tmp_path: Path, text: str, is_demo: bool) -> None:
    assert _load(tmp_path, GRANTS_DEMO=text)["DEMO"] is is_demo


@pytest.mark.parametrize("text", ["true", "yes", "on", "2"])
def test_demonstration_is_on_by_one_word_alone(tmp_path: Path, text: str) -> None:
    """The risk: an installation whose cookies go over plain HTTP, by a word that somebody meant otherwise."""
    with pytest.raises(BadSetting, match="GRANTS_DEMO must be 1 or 0"):
        _load(tmp_path, GRANTS_DEMO=text)


def test_setting_is_read_by_its_name_in_capitals(tmp_path: Path) -> None:
    assert _load(tmp_path, public_url="https://elsewhere.example")["PUBLIC_URL"] == "http://127.0.0.1:8000"


def test_every_setting_is_explained_to_whoever_runs_it() -> None:
    rows = re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \|", (ROOT / "docs" / "running.md").read_text(), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"[A-Z_]+", row)}
    assert told == {*NAMES, *OF_THE_SERVER}


def test_settings_are_read_in_one_place() -> None:
    """A setting that is read elsewhere has no check, no default that is told, and no line in the page."""
    readers = {
        path.name for path in (ROOT / "grants").rglob("*.py") if re.search(r"os\.(environ|getenv)", path.read_text())
    }
    assert readers == {"backup.py"}  # which hands the environment on to the programs of PostgreSQL
