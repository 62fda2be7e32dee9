"""Past awards and the ledger on the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from tqdm import tqdm

from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, note_sizes

from .past.imports import ImportRefused, ImportReport, import_awards
from .snapshots.operations import rebuild_snapshots

awards = AppGroup("awards", help="Past awards, and the ledger.")
groups: list[click.Group] = [awards]


@awards.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only report: change nothing.")
@click.option("--correct", is_flag=True, help="Turn what differs from known awards into dated corrections.")
def import_command(file: Path, *, check: bool, correct: bool) -> None:
    """Enter past awards from a CSV or XLSX FILE: every line, or nothing."""
    actor = Actor.command("awards import")
    try:
        report = import_awards(file, actor=actor, check=check, correct_known=correct, watch=show_progress)
    except ImportRefused as refused:
        for problem in refused.report.problems:
            click.echo(problem, err=True)
        lines = refused.report.problems.lines
        click.echo(f"Nothing was imported: {lines:,} {'line is' if lines == 1 else 'lines are'} refused.", err=True)
        sys.exit(1)
    except (Refused, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if not check:
        note_sizes()
    for difference in report.differences:
        click.echo(str(difference))
    click.echo(_in_words(report, check=check))


@awards.command("rebuild")
def rebuild_command() -> None:
    """Make the list of awards again from the ledger."""
    click.echo(f"{rebuild_snapshots():,} awards, each as its ledger makes it.")


def show_progress(lines: Iterable[Any], what: str, most: int | None) -> Iterable[Any]:
    """A progress bar where somebody is looking."""
    shown: Iterable[Any] = tqdm(lines, desc=what, total=most, unit=" lines", file=sys.stderr, disable=None, leave=False)
    return shown


def _in_words(report: ImportReport, *, check: bool) -> str:
    if not report.new and not report.corrected:
        return f"Nothing to do: all {report.unchanged:,} awards are here already."
    parts = [f"{report.new:,} new"] if report.new else []
    parts += [f"{report.corrected:,} corrected"] if report.corrected else []
    parts += [f"{report.unchanged:,} here already"] if report.unchanged else []
    return f"{'Every line can go in' if check else 'Every line is in'}: {', '.join(parts)}."
