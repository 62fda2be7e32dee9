"""Return files: what finance says was paid."""

from __future__ import annotations

from io import BytesIO

from flask import abort, flash, render_template, send_file, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, needs
from grants.accounts.factors.access import proves_again
from grants.accounts.rights import Right
from grants.foundation.records.db import Refused
from grants.foundation.values.words import some
from grants.foundation.web.filters import takes
from grants.foundation.web.posting import Answered, done, sent, shown
from grants.foundation.web.tables import page_from_request
from grants.payments.blueprint import bp

from . import forms, operations, queries
from .contents import FIELDS, words_of
from .rows import COLUMNS

LIST_SIZE = 60
SHOWN = ("reference", "status", "amount", "date", "finance reference", "reason")
CHANGED = "Somebody else has set these words since you opened the page. Look at them again."
NOTHING_TO_DO = "Nothing to do: this file says nothing that is not recorded already."


@bp.get("/payments/returns")
@needs(Right.READ_PAYMENTS)
@takes(turns=True)
def returns() -> Answered:
    """The return files that were taken in, and the form for the next."""
    return _page(forms.ReturnForm(formdata=None), 200)


@bp.post("/payments/returns")
@needs(Right.TAKE_RETURNS)
def take_return() -> Answered:
    """Take a file in, line by line."""
    person, form = current_person(), forms.ReturnForm()
    if not form.validate() or form.brought is None:
        return _page(form, 422)
    brought = form.brought
    words, kind = NOTHING_TO_DO, "yes"

    def make() -> str:
        nonlocal words, kind
        taken = operations.take_in(person=person, brought=brought)
        words, kind = _told(taken)
        return url_for(".return_file", return_id=taken.file.id)

    gone_on = done(form, make, once=(person.actor, "take return file"), beside={Refused: "returned"})
    if gone_on is None:
        return _page(form, 422)
    flash(words, kind)
    return gone_on


@bp.get("/payments/returns/<int:return_id>")
@needs(Right.READ_PAYMENTS)
def return_file(return_id: int) -> str:
    """What a file did, line by line, its differences first."""
    found = queries.by_id(return_id) or abort(404)
    return render_template(
        "payments/returns/return.html",
        file=found,
        columns=SHOWN,
        to_record=queries.lines_to_record(found),
        reversals=queries.reversals_by_line(found),
        may_download=current_person().may(Right.TAKE_RETURNS),
    )


@bp.post("/payments/returns/<int:return_id>/file")
@needs(Right.TAKE_RETURNS)
@proves_again
def download_return(return_id: int) -> Response:
    """The file as it was sent. It may show bank details, so it is a POST and is written down."""
    found = queries.by_id(return_id) or abort(404)
    content = operations.download(person=current_person(), file=found)
    return send_file(BytesIO(content), found.media_type, as_attachment=True, download_name=found.name, max_age=0)


@bp.route("/payments/returns/words", methods=["GET", "POST"])
@needs(Right.TAKE_RETURNS)
def return_words() -> Answered:
    """What finance calls things in its files."""
    row, person = queries.return_words(), current_person()
    start = {name: getattr(row, name) for name in FIELDS} if row else {}
    form = forms.WordsForm(data={**start, "version": row.version if row else 0})

    def save() -> str:
        words = {name: form[name].data for name in FIELDS}
        operations.set_words(person=person, seen=form.version.data, **words)
        return url_for(".returns")

    said = "The words are saved. The next file is read by them."
    return sent(form, save, said=said, changed=CHANGED) or shown(
        "payments/returns/words.html", form=form, fields=[form[name] for name in FIELDS]
    )


def _told(taken: operations.Taken) -> tuple[str, str]:
    """What a file did, in one line, and the kind of that: it is not green where a line needs somebody."""
    file = taken.file
    recorded = file.paid_count + file.failed_count + file.repeated_count
    open_lines = file.bounced_count + file.difference_count
    needed = f"{open_lines} {'needs' if open_lines == 1 else 'need'} you" if open_lines else ""
    if not taken.is_new:
        return (f"{NOTHING_TO_DO} Of its lines {needed} still.", "wait") if needed else (NOTHING_TO_DO, "yes")
    said = f"{recorded} of {some(recorded + open_lines, 'line')} recorded"
    return (f"{said}; {needed}.", "wait") if needed else (f"{said}.", "yes")


def _page(form: forms.ReturnForm, code: int) -> Answered:
    page = page_from_request(queries.listed(), order=queries.ORDER, size=LIST_SIZE)
    words = render_template(
        "payments/returns/returns.html",
        page=page,
        form=form,
        columns=COLUMNS,
        finance_words=words_of(queries.return_words()),
        may=current_person().may(Right.TAKE_RETURNS),
    )
    return words, code
