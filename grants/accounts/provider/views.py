"""The way to the office's provider, and back."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import local_path, there
from grants.accounts.blueprint import bp
from grants.accounts.sessions import operations as sessions

from . import operations

_NEXT = "next after provider"


@bp.get("/sign-in/office")
def to_provider() -> Response:
    """To the office's own sign-in, for who asks for it here: no other site signs anybody in."""
    there(operations.issuer(), bool)
    where = sessions.next_path()
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        return redirect(url_for("accounts.sign_in", next=where or None))
    answer = operations.leave_for()
    session[_NEXT] = where
    return answer


@bp.get("/sign-in/office/answer")
def provider_answered() -> Response:
    """Back from it: sign in whom it means, unless a second step is missing."""
    there(operations.issuer(), bool)
    where = local_path(session.get(_NEXT))
    person = operations.come_back()
    if not sessions.enter(person):
        return redirect(url_for("accounts.second_step_asked", next=where or None))
    return redirect(where or url_for("desk.desk"))
