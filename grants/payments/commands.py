"""Payments on the command line: seal everything anew after a change of keys."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from grants.foundation.records.actors import Actor

from .operations import reseal_all

payments = AppGroup("payments", help="Bank details and payments.")
groups: list[click.Group] = [payments]


@payments.command("reseal")
def reseal_command() -> None:
    """Seal bank details, payment and return files anew under the first of BANK_KEYS; then older keys can go."""
    details, files, returned = reseal_all(actor=Actor.command("payments reseal"))
    click.echo(f"Sealed anew: {details} sets of bank details, {files} payment files and {returned} return files.")
