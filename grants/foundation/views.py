"""Pages that belong to no room: the health of the service, and what the law asks a site to say."""

from __future__ import annotations

import time
from functools import cache, lru_cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Response, current_app, jsonify, render_template
from sqlalchemy.exc import SQLAlchemyError

from .blueprint import bp
from .records.db import db
from .records.health import why_not_write
from .records.office import the_office
from .values import colours
from .values.version import VERSION


@bp.get("/healthz")
def health() -> tuple[Response, int]:
    """Whether the service can work: the database answers, has every migration and takes writes. And its version."""
    reason = what_is_wrong()
    told = {"status": "unavailable", "reason": reason} if reason else {"status": "ok"}
    answer = jsonify(**told, version=VERSION)
    answer.cache_control.no_store = True
    return answer, 503 if reason else 200


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


@bp.get("/brand.css")
def brand() -> Response:
    """The office's own colours, where it has chosen any. Its address changes with them, so browsers may keep it."""
    office = the_office()
    rules = {
        "brand": colours.check(office.brand_colour, thing="main colour"),
        "link": colours.check(office.link_colour, thing="colour of links"),
    }
    text = ":root{" + "".join(f"--govuk-{name}-colour:{colour};" for name, colour in rules.items()) + "}\n"
    response = Response(text, mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def what_is_wrong() -> str:
    """Why the service cannot work, or nothing. At most once a second it also tries to write."""
    try:
        found = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    except SQLAlchemyError:
        db.session.rollback()
        return "The database does not answer."
    if found != wanted_heads():
        return "A migration is missing: run `flask --app wsgi db upgrade`."
    db.session.rollback()
    return _why_not_write(int(time.monotonic()))


@lru_cache(maxsize=1)
def _why_not_write(_second: int) -> str:
    return why_not_write()


def wanted_heads() -> set[str]:
    """The last migrations that this version of the service knows."""
    return _heads(current_app.config["MIGRATIONS"])


@cache
def _heads(folder: str) -> set[str]:
    return set(ScriptDirectory(folder).get_heads())
