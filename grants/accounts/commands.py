"""Commands for the office's own machine: the first administrator comes from here."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused

from . import queries
from .people import operations
from .provider import operations as provider
from .rights import Role

_role = click.Choice([role.value for role in Role])


people = AppGroup("people", help="People of the office and their roles.")
groups: list[click.Group] = [people]


@people.command("add")
@click.argument("email")
@click.option("--name", required=True, help="As it should stand on decisions.")
@click.option("--role", "roles", multiple=True, type=_role, help="May be given several times.")
def add(email: str, name: str, roles: tuple[str, ...]) -> None:
    """Make an account, and mail its owner a link to choose a password."""
    try:
        operations.invite_colleague(
            actor=Actor.command("people add"), email=email, name=name, roles=[Role(role) for role in roles]
        )
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"The account is made. A mail with a link to choose a password goes to {email}.")


@people.command("grant")
@click.argument("email")
@click.argument("role", type=_role)
def grant(email: str, role: str) -> None:
    """Give somebody a role."""
    person = queries.person_by_email(email)
    if person is None:
        raise click.ClickException(f"There is no account with the address {email}.")
    operations.grant_role(actor=Actor.command("people grant"), person=person, role=Role(role))
    click.echo(f"{person.name} has the role “{Role(role).label}”.")


@people.command("reset-second-step")
@click.argument("email")
def reset_second_step(email: str) -> None:
    """Take every second step off an account, when phone, key and recovery codes are lost."""
    person = queries.person_by_email(email)
    if person is None:
        raise click.ClickException(f"There is no account with the address {email}.")
    operations.reset_second_step(actor=Actor.command("people reset-second-step"), person=person)
    click.echo(f"{person.name} signs in with the password, and sets up a new second step then.")


@people.command("unlink")
@click.argument("email")
def unlink(email: str) -> None:
    """Let the office's sign-in know somebody anew, when it gave them another account there."""
    person = queries.person_by_email(email)
    if person is None:
        raise click.ClickException(f"There is no account with the address {email}.")
    provider.unlink(actor=Actor.command("people unlink"), person=person)
    click.echo(f"The next sign-in by the office's provider with the address {email} is taken as {person.name}'s.")
