"""`reference import`: what awards are counted by, from a folder of files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import AppGroup

from grants.foundation.actors import Actor
from grants.foundation.db import Refused
from grants.funds.imports import ReferenceRefused, TableReport

from .imports import import_reference

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
