"""Calm pages for what goes wrong. No text that somebody typed is lost to an expired session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request, session
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.urls import iri_to_uri

from grants.foundation.records.db import SAFE_METHODS, LostUpdate, Refused, reading
from grants.foundation.records.health import PERHAPS_LATER, may_work_later
from grants.foundation.records.once import BadKey

from .filters import BadFilter
from .tables import url_with

SECRET_WORDS = ("password", "code", "secret")
"""A field whose name holds one of these is never written back into a page."""

MOST_FIELDS = 2000
RETRY_SECONDS = 30
"""When it is worth trying again, where the database or the disk cannot do it now."""

NOTHING_DONE = frozenset({403, 404, 405, 410})
"""Where a form leads nowhere, as when another person signed in on its page: what was typed is shown, to be copied."""

PAGES = frozenset({403, 404, 405, 410, 413, 429, 500, 503})
"""Statuses that have a page of their own in templates/errors/; any other gets the page of 400 or 500."""


def init_app(app: Flask) -> None:
    """Show a page for every error."""
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(CSRFError, lambda _error: send_again())
    app.register_error_handler(Refused, refused)
    app.register_error_handler(LostUpdate, lost_update)
    app.register_error_handler(BadFilter, bad_filter)
    app.register_error_handler(BadKey, lambda _error: page(400))
    for kind in PERHAPS_LATER:
        app.register_error_handler(kind, not_now)


def page(status: int, template: str = "", *, headers: Mapping[str, str] | None = None, **context: Any) -> Response:
    """An error page: that of the status, or a template of templates/errors/ by name."""
    name = template or str(status if status in PAGES else 500 if status >= 500 else 400)
    with reading():
        response = make_response(render_template(f"errors/{name}.html", status=status, **context), status)
    for header, value in (headers or {}).items():
        response.headers[header] = value
    return response


def http_error(error: HTTPException) -> Response | HTTPException:
    """The page of an HTTP error. Where the app itself failed, the page does without the database."""
    status = error.code or 500
    if status < 400:
        return error
    if isinstance(error, InternalServerError):
        g.without_database = True
        g.pop("office", None)
    kept = {"Retry-After", "Allow"}
    headers = {name: value for name, value in error.get_headers() if name in kept}
    typed = _entered() if status in NOTHING_DONE else []
    return page(status, headers=headers, description=_said(error), typed=typed)


def _said(error: HTTPException) -> str:
    """What the code that stopped the request said, but not Werkzeug's own words."""
    said = error.description or ""
    return "" if said == type(error).description else said


def not_now(error: Exception) -> Response:
    """The database or the disk cannot do it now: the page says when to try again, and keeps what was typed.

    Raises the error again where it is of another kind: then the app is at fault.
    """
    if not may_work_later(error):
        raise error
    current_app.logger.error("Nothing could be done: %s", error)
    g.without_database = True
    g.pop("office", None)
    kept = _kept() if request.method not in SAFE_METHODS else {"typed": []}
    return page(503, "not_now" if kept["typed"] else "", headers={"Retry-After": str(RETRY_SECONDS)}, **kept)


def refused(error: Refused) -> Response:
    """A rule said no, and the view had no form to say it in."""
    return page(422, "refused", sentence=str(error), typed=_entered())


def lost_update(_error: LostUpdate) -> Response:
    """Somebody else saved first, and the view had no form to show both texts in: what was typed is shown."""
    return page(409, "lost_update", typed=_typed())


def bad_filter(error: BadFilter) -> Response:
    """A list or file was asked for what it does not know: it is not shown as if that had not been asked."""
    if request.path.endswith(".json"):
        return make_response(jsonify(errors={error.parameter: str(error)}), 400)
    without = url_with(**{error.parameter: None}) if error.parameter else iri_to_uri(request.path)
    return page(400, "filter", sentence=str(error), without=without, one=bool(error.parameter))


def send_again() -> Response:
    """The page that keeps what was typed when the session or its token has run out.

    It holds the fields that were sent, and a fresh token, behind a button. It is offered only where
    the browser says that the form stood on our own site, and never sends itself.
    """
    return page(400, "send_again", signed_out=not _has_login(), **_kept())


def _kept() -> dict[str, Any]:
    """What was typed, for a form that sends it again."""
    typed = _typed() if came_from_us() else []
    left_out = bool(typed) and (
        any(_is_secret(name) for name in request.form) or any(file.filename for file in request.files.values())
    )
    return {"typed": typed, "left_out": left_out, "action": _own_address()}


def _entered() -> list[tuple[str, str]]:
    """What was typed into a form of ours, to be copied."""
    return _typed() if request.method not in SAFE_METHODS and came_from_us() else []


def came_from_us() -> bool:
    """Whether the form that was sent stood on this site."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.host


def _typed() -> list[tuple[str, str]]:
    try:
        pairs = list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        return []
    return [pair for pair in pairs[:MOST_FIELDS] if pair[0] != "csrf_token" and not _is_secret(pair[0])]


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_WORDS)


def _own_address() -> str:
    """This address as a path on this site: two slashes at its start would lead to another."""
    return "/" + request.full_path.rstrip("?").lstrip("/")


def _has_login() -> bool:
    return "_user_id" in session
