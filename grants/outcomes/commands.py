"""The totals on the command line, and what awards are counted by, from a folder of files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import AppGroup

from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, reading
from grants.funds.imports import ReferenceRefused, TableReport

from .announced.imports import import_reference
from .totals import queries
from .totals.filters import NAMES, NOTES, Asked, read_filters
from .totals.rules import Filters

reference = AppGroup("reference", help="Funds, districts, topics, rounds and announced totals.")


@reference.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only report: change nothing.")
@click.option("--correct", is_flag=True, help="Change what is known to what the files say.")
def import_command(folder: Path, *, check: bool, correct: bool) -> None:
    """Bring in funds.csv, districts.csv, topics.csv, rounds.csv and published_figures.csv from FOLDER, or nothing."""
    try:
        reports = import_reference(folder, actor=Actor.command("reference import"), check=check, correct=correct)
    except ReferenceRefused as refused:
        for report in refused.reports:
            for problem in report.problems:
                click.echo(f"{report.file}: {problem}", err=True)
        click.echo("Nothing was imported.", err=True)
        sys.exit(1)
    except (Refused, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    for report in reports:
        for difference in report.differences:
            click.echo(f"{report.file}: {difference}")
    click.echo(_in_words(reports, check=check))


def _in_words(reports: Sequence[TableReport], *, check: bool) -> str:
    if not any(report.new or report.corrected for report in reports):
        return "Nothing to do: everything is here already."
    lines = [
        f"{report.file}: {report.new} new, {report.corrected} corrected, {report.unchanged} here already"
        for report in reports
    ]
    return "\n".join([*lines, "Every line can go in." if check else "Every line is in."])


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
