"""The demonstration's command."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from grants.foundation.records.db import Refused

from .demo import operations as demo

demo_group = AppGroup("demo", help="The demonstration.")
groups: list[click.Group] = [demo_group]


@demo_group.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing where the demonstration is loaded already.")
def load(if_empty: bool) -> None:
    """Load the demonstration into an empty installation."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("The demonstration has accounts with a public password: set GRANTS_DEMO=1 for it.")
    if if_empty and demo.is_loaded():
        return
    try:
        demo.load()
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo("The demonstration is loaded.")
