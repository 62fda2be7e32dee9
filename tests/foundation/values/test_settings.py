"""The settings from the environment, and the premises without which the app does not start."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grants import create_app
from grants.foundation.values import clock, premises, settings
from grants.foundation.values.settings import BadSetting, Environment

ROOT = Path(__file__).parents[3]
GOOD_SECRET = "5f0c" * 4 + "0123456789-qrstuvwxyz"
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
    assert (found["SESSION_COOKIE_NAME"], found["SESSION_COOKIE_SECURE"]) == ("__Host-grants", True)
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
    assert _load(tmp_path, SECRET_KEY=GOOD_SECRET)["SECRET_KEY"] == GOOD_SECRET
    assert not (tmp_path / "secret-key").exists()


CANNOT_BE = [
    ("SECRET_KEY", "short", "SECRET_KEY must be 32 characters or more"),
    ("SECRET_KEY", "a" * 64, "SECRET_KEY must be"),
    ("SECRET_KEY", "please-Change-Me-0123456789-abcdefghij", "SECRET_KEY must be"),
    ("SECRET_KEY", "django-insecure-0123456789-qrstuvwxyz", "SECRET_KEY must be"),
    *(
        ("DATABASE_URL", url, "DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
        for url in (
            "mysql://db",
            "postgresql://db",
            "postgresql+psycopg2://db",
            "sqlite:relative",
            "x",
        )
    ),
    ("RATELIMIT_STORAGE_URI", "http://cache", "RATELIMIT_STORAGE_URI must begin with one of memory://, redis://"),
    ("RATELIMIT_STORAGE_URI", "memory", "RATELIMIT_STORAGE_URI must begin with one of"),
    ("RATELIMIT_STORAGE_URI", "memcached://cache:11211", "install the package pymemcache"),
    ("MAIL_URL", "http://mail.example.org", "MAIL_URL must be smtp://"),
    ("MAIL_FROM", "the office", "MAIL_FROM must be an e-mail address"),
    ("CLAMAV_SOCKET", "clamd", "CLAMAV_SOCKET must be the path of a socket"),
    ("PORT", "0", "PORT must be 1 or more"),
    ("PORT", "70000", "PORT must be 65535 or less"),
    ("GROUP_QUOTA_MB", "0", "GROUP_QUOTA_MB must be 1 or more"),
    ("PUBLIC_URL", "grants.example.org", "PUBLIC_URL must be a whole address"),
    ("PUBLIC_URL", "https://[grants", "PUBLIC_URL must be a whole address"),
    ("PUBLIC_URL", "http://grants.example.org", "PUBLIC_URL must begin with https://"),
    ("OIDC_ISSUER", "https://id.example.org", "OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are set together"),
    ("ROLES_APART", "officer", "ROLES_APART names pairs"),
    ("SECOND_STEP_ROLES", "clerk", "SECOND_STEP_ROLES"),
    ("BANK_KEYS", "short", "BANK_KEYS must be keys"),
    ("GRANTS_DEMO", "yes", "GRANTS_DEMO must be 1 or 0"),
]
"""A setting, a value that it cannot have, and what is said of it."""


@pytest.mark.parametrize(("name", "value", "said"), CANNOT_BE)
def test_setting_that_cannot_be_right_is_named_with_what_to_do(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    with _environment(tmp_path / "instance", **{name: value}), pytest.raises(BadSetting) as told:
        create_app()

    (line,) = str(told.value).split("\n")
    assert said in line
    assert not (tmp_path / "instance").exists()


def test_all_that_cannot_be_right_is_named_at_once_a_line_each(tmp_path: Path) -> None:
    wrong = {name: value for name, value, _ in CANNOT_BE if name != "PUBLIC_URL"}
    with _environment(tmp_path / "instance", **wrong), pytest.raises(BadSetting) as told:
        create_app()

    lines = str(told.value).split("\n")
    assert len(lines) == len(wrong)
    assert [name for name in wrong if not any(name in line for line in lines)] == []


@pytest.mark.parametrize("program", ["flask --app wsgi routes", "gunicorn --check-config wsgi:app"])
def test_whoever_starts_it_reads_sentences_and_no_traceback(tmp_path: Path, program: str) -> None:
    wrong = {"SECRET_KEY": "short", "DATABASE_URL": "mysql://db", "BANK_KEYS": "short"}
    command = [sys.executable, "-m", *program.split()]

    with _environment(tmp_path, **wrong):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "The app does not start until this is put right:" in said
    assert [name for name in wrong if f"\n{name} " not in said] == []
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://192.168.1.20:8000", True),
        ("http://grants:8000", True),
        ("http://demo.grants.local", True),
        ("", True),
        ("https://grants.example.org", False),
        ("http://93.184.216.34", False),
    ],
)
def test_demonstration_has_no_public_address(tmp_path: Path, url: str, may: bool) -> None:
    """The risk: accounts with a published password on the internet."""
    if may:
        assert _load(tmp_path, GRANTS_DEMO="1", PUBLIC_URL=url)["DEMO"] is True
    else:
        with pytest.raises(BadSetting, match="GRANTS_DEMO is for this machine or its own network"):
            _load(tmp_path, GRANTS_DEMO="1", PUBLIC_URL=url)


def test_secret_of_the_folder_that_is_too_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short")

    with pytest.raises(BadSetting, match="secret-key must hold 32 characters or more"):
        _load(tmp_path)


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(BadSetting, match="GRANTS_INSTANCE must be a folder"):
        _load(tmp_path / "file" / "instance")


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


PROOF = "sslmode=verify-full&sslrootcert=/etc/ssl/db.pem"

ELSEWHERE = [
    ("DATABASE_URL", "postgresql+psycopg://grants@/grants", True),
    ("DATABASE_URL", "postgresql+psycopg:///grants?host=/run/postgresql", True),
    ("DATABASE_URL", "postgresql+psycopg://grants:a%40b@127.0.0.1:5432/grants", True),
    ("DATABASE_URL", "postgresql+psycopg://grants@[::1]:5432/grants", True),
    ("DATABASE_URL", "postgresql+psycopg://grants@localhost/grants", True),
    ("DATABASE_URL", f"postgresql+psycopg://grants@db.example.org/grants?{PROOF}", True),
    ("DATABASE_URL", "postgresql+psycopg://grants@db.example.org/grants", False),
    ("DATABASE_URL", "postgresql+psycopg://grants@db/grants?sslmode=require&sslrootcert=/etc/ssl/db.pem", False),
    ("DATABASE_URL", "postgresql+psycopg://grants@db/grants?sslmode=verify-full", False),
    ("DATABASE_URL", f"postgresql+psycopg://grants@db/grants?{PROOF}&sslmode=disable", False),
    ("DATABASE_URL", "postgresql+psycopg://grants@127.0.0.1,10.0.0.2/grants", False),
    ("DATABASE_URL", "postgresql+psycopg://grants@/grants?host=/run/postgresql,db.example.org", False),
    ("DATABASE_URL", "postgresql+psycopg://grants@localhost/grants?hostaddr=10.0.0.2", False),
    ("DATABASE_URL", "postgresql+psycopg:///grants?service=office", False),
    ("RATELIMIT_STORAGE_URI", "redis://127.0.0.1:6379/0", True),
    ("RATELIMIT_STORAGE_URI", "redis+unix:///run/redis.sock", True),
    ("RATELIMIT_STORAGE_URI", "redis://:hunter2@[::1]:6379", True),
    ("RATELIMIT_STORAGE_URI", "rediss://cache.example.org:6379/0?ssl_ca_certs=/etc/ssl/cache.pem", True),
    ("RATELIMIT_STORAGE_URI", "redis://:hunter2@cache.example.org:6379/0", False),
    ("RATELIMIT_STORAGE_URI", "redis+cluster://localhost:7000,10.0.0.2:7000", False),
    ("RATELIMIT_STORAGE_URI", "rediss://cache.example.org?ssl_cert_reqs=none", False),
    ("RATELIMIT_STORAGE_URI", "rediss://cache.example.org?ssl_check_hostname=False", False),
    ("RATELIMIT_STORAGE_URI", "memcached://cache.example.org:11211", False),
    ("CLAMAV_SOCKET", "/run/clamav/clamd.ctl", True),
    ("CLAMAV_SOCKET", "127.0.0.1:3310", True),
    ("CLAMAV_SOCKET", "scanner.example.org:3310", False),
]
"""An address of something that the app speaks to, and whether nobody in between can read or answer."""


@pytest.mark.parametrize(("name", "value", "may"), ELSEWHERE)
def test_what_goes_to_another_machine_is_encrypted_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, may: bool
) -> None:
    """The risk: people's bank details, read on the office's network; the demonstration has none of anybody."""
    monkeypatch.setattr(premises, "RATE_LIMITS", dict.fromkeys(premises.RATE_LIMITS, ""))
    assert _load(tmp_path, GRANTS_DEMO="1", **{name: value})["DEMO"] is True
    if may:
        assert value in _load(tmp_path, **{name: value}).values()
    else:
        with pytest.raises(BadSetting, match=f"{name} names another machine"):
            _load(tmp_path, **{name: value})


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
