"""The totals on the command line."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from grants.foundation.db import reading

from . import queries
from .forms import NAMES, NOTES, Asked, read_filters
from .reference import reference
from .rules import Filters

outcomes = AppGroup("outcomes", help="What came of the money.")


def _filters(asked: Asked) -> Filters:
    """The filters that were asked for. Raises click.UsageError, exit code 2, with every reason."""
    if asked.filters is None:
        reasons = "\n".join(f"--{name.replace('_', '-')}: {message}" for name, message in asked.errors.items())
        raise click.UsageError(f"nothing is counted, because of the filters:\n{reasons}")
    return asked.filters


def _with_filters(command: click.Command) -> click.Command:
    """Give a command one option for each filter."""
    for name in NAMES:
        dashed = f"--{name.replace('_', '-')}"
        command.params.append(click.Option([dashed, name], help=NOTES.get(name, "Only these, by name or code.")))
    return command


@outcomes.command("statement")
@click.option("--format", "as_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def statement(as_format: str, **given: str | None) -> None:
    """Say in one sentence what came of the money, as at a day and as known by an instant."""
    with reading():
        asked = read_filters({name: [text] for name, text in given.items() if text}, queries.vocabulary())
        found = queries.statement(_filters(asked))
    click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2) if as_format == "json" else found.sentence)


_with_filters(statement)

groups = [outcomes, reference]
