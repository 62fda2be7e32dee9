"""Answering a form that was sent: do what it asks, once, and go on; or show it again with what is wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, TypedDict, Unpack

from flask import flash, redirect, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from grants.foundation.records import once as keys
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import LostUpdate, Refused

from .forms import Form

BLOCK = 1024 * 1024

NOT_DONE = (
    "This page was sent before with something else in it, and that was done. What you see here now was not. "
    "Look at what is there already. If this has to be done as well, send it again."
)

Answered = str | Response | tuple[str, int]
"""What a view gives back: a page, an answer that leads on, or a page with its code."""

Beside = Mapping[type[Exception], str | Callable[[Exception], None]]
"""Where a refusal of a kind is told: beside the field of this name, or by a function."""


class Manner(TypedDict, total=False):
    """How a form is answered: see `done`."""

    once: tuple[Actor, str] | None
    said: str
    beside: Beside | None
    changed: str


def sent(form: Any, do: Callable[[], str], **how: Unpack[Manner]) -> Response | None:
    """What `done` answers where the form was sent and is well filled in; else None, and the view shows the form."""
    return done(form, do, **how) if request.method == "POST" and form.validate() else None


def posted(
    form: Any, verb: Callable[[int], object], *, here: str, said: str, changed: str, again: Callable[[], Answered]
) -> Answered:
    """Do a verb to a thing at the version of which its page was looked at, and go `here`; or show the page `again`.

    The verb is given that version. `said` and `changed` are those of `done`.
    """

    def do() -> str:
        verb(form.version.data)
        return here

    return sent(form, do, said=said, changed=changed) or again()


def done(
    form: Any,
    do: Callable[[], str],
    *,
    once: tuple[Actor, str] | None = None,
    said: str = "",
    beside: Beside | None = None,
    changed: str = "",
) -> Response | None:
    """Do what a valid form asks, and lead to the address that `do` returns; None where it is refused, as the form says.

    With `once`, who does it and for what purpose, it is done once for the form's key, however often it is sent by this
    actor; sent with other content, it is refused, and keeps what was typed under a new key. `said` stands on the next
    page. `changed` is told where somebody else changed the thing meanwhile; without it, and without LostUpdate in
    `beside`, that is raised.
    """
    kinds = dict(beside or {})
    try:
        if once:
            actor, purpose = once
            key = form.idempotency_key.data
            where = keys.once(key=key, actor=actor, purpose=purpose, make=do, content=_content())
        else:
            where = do()
    except tuple(kinds) as error:
        _tell(form, error, next(how for kind, how in kinds.items() if isinstance(error, kind)))
    except keys.OtherContent:
        form.idempotency_key.data = keys.new_key()
        form.is_overtaken = True
        form.refuse(NOT_DONE)
    except LostUpdate as lost:
        if not changed:
            raise
        form.version.data = lost.args[1]
        form.is_overtaken = True
        form.refuse(changed)
    except Refused as error:
        form.refuse(str(error))
    else:
        if said:
            flash(said, "yes")
        return redirect(where)
    return None


def _content() -> str:
    """What was sent, but for what differs each time that the same page is opened."""
    typed = [pair for pair in request.form.items(multi=True) if pair[0] not in {"csrf_token", "idempotency_key"}]
    files = [(name, file.filename, _sha256(file)) for name, file in request.files.items(multi=True)]
    return json.dumps([sorted(typed), sorted(files)])


def _sha256(file: FileStorage) -> str:
    file.stream.seek(0)
    digest = hashlib.sha256(usedforsecurity=False)
    while block := file.stream.read(BLOCK):
        digest.update(block)
    file.stream.seek(0)
    return digest.hexdigest()


def _tell(form: Any, error: Exception, how: str | Callable[[Exception], None]) -> None:
    if isinstance(how, str):
        form[how].errors = [str(error)]
    else:
        how(error)


def shown(template: str, **context: Any) -> tuple[str, int]:
    """The page of `form`: with the code of `refused` where it was sent and could not be done, else 200."""
    form: Form = context["form"]
    return render_template(template, **context), refused(form) if request.method == "POST" else 200


def refused(form: Form) -> int:
    """The code of a page that shows a form again: 409 where somebody else was quicker, else 422."""
    return 409 if form.is_overtaken else 422
