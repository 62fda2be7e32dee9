"""What docs/running.md has an office type is there to be typed: its commands, its settings, its units."""

from __future__ import annotations

import re
import subprocess
from configparser import ConfigParser
from pathlib import Path

import click
import pytest
from flask import Flask

from grants.foundation.values.settings import Environment

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/running.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
SHELL = [block for kind, block in BLOCKS if kind == "sh"]
SERVERS_OWN = {"BIND", "PORT", "WEB_CONCURRENCY"}
UNIT = "/etc/systemd/system/grants.service"


def _file(path: str) -> str:
    """What the page has an office write into a file."""
    found = re.findall(rf"`{re.escape(path)}`:\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert len(found) == 1, path
    return str(found[0])


def _unit(text: str) -> dict[str, dict[str, str]]:
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.splitlines()[0][:40])
def test_block_is_read_by_a_shell(block: str) -> None:
    done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_is_one_of_the_app_with_options_that_it_has(the_app: Flask) -> None:
    """Risk: a command or an option gets another name, and the page goes on naming the old one."""
    lines = [
        line
        for block in SHELL
        for line in re.findall(r"(?:^|[(|] *)(?:[\w=]+=)?grants ([a-z][^\n|#)]*)", block, re.MULTILINE)
    ]
    lines += re.findall(r"--app wsgi ([a-z ]+)$", PAGE, re.MULTILINE)
    lines += re.findall(r"`grants ([a-z][a-z -]*)", PAGE)
    assert len(lines) > 15
    for line in lines:
        _resolve(the_app.cli, line.split())


def _resolve(command: click.Command, words: list[str]) -> None:
    context = click.Context(command)
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, words
        command, words = found, words[1:]
    known = {option for parameter in command.get_params(context) for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known, words


def test_settings_of_the_page_are_settings() -> None:
    block = next(block for block in SHELL if "cat >/etc/grants.env" in block)
    named = set(re.findall(r"^([A-Z_]+)=", block, re.MULTILINE))
    assert named > {"DATABASE_URL", "PUBLIC_URL", "BANK_KEYS"}
    assert named <= {name.upper() for name in Environment.model_fields} | SERVERS_OWN


def test_mail_workers_unit_comes_out_of_the_servers(tmp_path: Path) -> None:
    """Risk: the worker is started before the database is up to date, or waits for a word that only gunicorn says."""
    block = next(block for block in SHELL if "grants-mail.service" in block)
    made = tmp_path / "grants.service"
    made.write_text(_file(UNIT))
    command = block[: block.index("systemctl")].replace("/etc/systemd/system", str(tmp_path))
    subprocess.run(["bash", "-e"], input=command, text=True, check=True)
    server, mail = _unit(made.read_text()), _unit((tmp_path / "grants-mail.service").read_text())

    assert mail["Service"].pop("ExecStart").endswith("flask --app wsgi mail run")
    assert server["Service"].pop("ExecStart").endswith("gunicorn wsgi:app")
    assert server["Service"].pop("ExecStartPre").endswith("flask --app wsgi db upgrade")
    assert server["Service"].pop("Type") == "notify"
    assert mail["Service"] == server["Service"]
    assert "grants.service" in mail["Unit"]["After"].split()


def test_service_writes_to_its_instance_alone() -> None:
    service = _unit(_file(UNIT))["Service"]
    block = next(block for block in SHELL if "cat >/etc/grants.env" in block)
    instance = re.findall(r"^GRANTS_INSTANCE=(.*)$", block, re.MULTILINE)
    assert [service["ReadWritePaths"]] == instance
    assert (service["ProtectSystem"], service["User"], service["CapabilityBoundingSet"]) == ("strict", "grants", "")
