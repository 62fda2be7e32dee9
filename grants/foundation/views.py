"""Pages that belong to no room: the health of the service, and what the law asks a site to say."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify, render_template
from sqlalchemy.exc import SQLAlchemyError

from .db import db

bp = Blueprint("foundation", __name__)


@bp.get("/healthz")
def health() -> tuple[Response, int]:
    """Whether the service can work: the database answers and has every migration."""
    reason = what_is_wrong()
    if reason:
        return jsonify(status="unavailable", reason=reason), 503
    return jsonify(status="ok"), 200


@bp.get("/accessibility")
def accessibility() -> str:
    """The accessibility statement that the 2018 Regulations ask for."""
    return render_template("foundation/accessibility.html")


@bp.get("/privacy")
def privacy() -> str:
    """What is kept about people, why, and for how long."""
    return render_template("foundation/privacy.html")


@bp.get("/cookies")
def cookies() -> str:
    """The cookies of this site."""
    return render_template("foundation/cookies.html")


def what_is_wrong() -> str:
    """Why the service cannot work, or nothing."""
    try:
        found = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    except SQLAlchemyError:
        db.session.rollback()
        return "The database does not answer."
    wanted = set(ScriptDirectory(current_app.config["MIGRATIONS"]).get_heads())
    return "" if found == wanted else "A migration is missing: run `flask --app wsgi db upgrade`."
