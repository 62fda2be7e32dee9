"""Batches of payments: the list, a new one, one batch with its verbs, and its file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO

from flask import abort, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, needs
from grants.accounts.factors.access import proves_again
from grants.accounts.queries import others_who_may
from grants.accounts.rights import Right
from grants.awards.around.queries import around
from grants.foundation.values.money import Pence, pounds
from grants.foundation.web.filters import choice_filter, takes
from grants.foundation.web.posting import Answered, done, posted, refused
from grants.foundation.web.tables import page_from_request
from grants.payments import rules
from grants.payments.blueprint import bp
from grants.payments.models import MOST_PAYMENTS, Batch, BatchStatus, FileKind

from . import forms, operations, queries
from . import rules as batch_rules
from .operations import BadPayment

LIST_SIZE = 60
MOST_HINDERED = 20
"""Awards that cannot be paid now, of which the page of a new batch says why."""
BATCH = "/payments/batches/<string:number>"
CHANGEABLE = frozenset({BatchStatus.PREPARED, BatchStatus.APPROVED})
"""The states of a batch whose file has not left."""
CHANGED = "Somebody else has done something with this batch since you opened the page. Look at it again."


@bp.get("/payments/batches")
@needs(Right.READ_PAYMENTS)
@takes("status", turns=True)
def batches() -> str:
    """The batches, the newest first."""
    status = _status()
    page = page_from_request(queries.listed(status), order=queries.ORDER, size=LIST_SIZE)
    return render_template(
        "payments/batches/batches.html",
        page=page,
        status=status,
        statuses=list(BatchStatus),
        may=current_person().may(Right.PREPARE_PAYMENTS),
    )


@bp.get("/payments/batches/new")
@needs(Right.PREPARE_PAYMENTS)
def new_batch() -> Answered:
    """The awards that can be paid, each with its whole rest; what one other officer could approve is ticked."""
    offered = _offered(None)
    lines = [
        {"award": award_id, "pay": award_id not in offered.prospect.doubts, "amount": one.rest}
        for award_id, one in offered.payable.items()
    ]
    return _new_page(forms.PrepareForm(data={"lines": lines}), offered, 200)


@bp.post("/payments/batches/new")
@needs(Right.PREPARE_PAYMENTS)
def prepare_batch() -> Answered:
    """Prepare the batch, once."""
    person, form = current_person(), forms.PrepareForm()
    offered = _offered({line.form.award.data or 0 for line in form.lines.entries})

    def make() -> str:
        batch = operations.prepare(person=person, amounts=_amounts(form))
        return url_for(".batch", number=batch.number)

    if _is_whole(form, offered):
        gone_on = done(
            form,
            make,
            once=(person.actor, "prepare batch"),
            said="The batch is prepared. Another finance officer approves it.",
            beside={BadPayment: partial(_refuse_line, form, offered)},
        )
        if gone_on:
            return gone_on
    return _new_page(form, offered, refused(form))


@bp.get(BATCH)
@needs(Right.READ_PAYMENTS)
def batch(number: str) -> Answered:
    """One batch, its accounts covered, with what can be done next."""
    return _page(_found(number))


@bp.post(BATCH + "/approve")
@needs(Right.APPROVE_PAYMENTS)
@proves_again
def approve_batch(number: str) -> Answered:
    """Approve it, which freezes its files."""
    found, form, person = _found(number), forms.ApproveForm(), current_person()
    return posted(
        form,
        lambda seen: operations.approve(person=person, batch=found, seen=seen),
        here=url_for(".batch", number=found.number),
        said=f"Batch {found.number} is approved. Its file is made, and stays as it is.",
        changed=CHANGED,
        again=lambda: _page(_found(number), form=form),
    )


@bp.post(BATCH + "/cancel")
@needs(Right.PREPARE_PAYMENTS)
def cancel_batch(number: str) -> Answered:
    """Cancel it with the reason; its awards can be paid in another."""
    found, form, person = _found(number), forms.CancelForm(), current_person()
    return posted(
        form,
        lambda seen: operations.cancel(person=person, batch=found, seen=seen, reason=form.reason.data),
        here=url_for(".batch", number=found.number),
        said=f"Batch {found.number} is cancelled. Its awards can be paid in another batch.",
        changed=CHANGED,
        again=lambda: _page(_found(number), form=form, cancel_form=form),
    )


@bp.post(BATCH + "/payments.xlsx")
@needs(Right.EXPORT_PAYMENTS)
@proves_again
def payments_xlsx(number: str) -> Response:
    """The payment file to open in a spreadsheet. It shows bank details, so it is a POST and is written down."""
    return _file(number, FileKind.XLSX)


@bp.post(BATCH + "/payments.csv")
@needs(Right.EXPORT_PAYMENTS)
@proves_again
def payments_csv(number: str) -> Response:
    """The payment file for machines."""
    return _file(number, FileKind.CSV)


def _file(number: str, kind: FileKind) -> Response:
    file = operations.download(person=current_person(), batch=_found(number), kind=kind)
    return send_file(BytesIO(file.content), file.media_type, as_attachment=True, download_name=file.name, max_age=0)


def _status() -> BatchStatus | None:
    return choice_filter(request.args.get("status"), {one.value: one for one in BatchStatus}, name="The status")


def _found(number: str) -> Batch:
    return queries.by_number(number) or abort(404)


def _page(
    found: Batch,
    *,
    form: forms.ApproveForm | forms.CancelForm | None = None,
    cancel_form: forms.CancelForm | None = None,
) -> Answered:
    person, payees = current_person(), queries.payees_of(found)
    version = {"version": found.version}
    page = render_template(
        "payments/batches/batch.html",
        batch=found,
        lines=list(zip(found.payments, payees, strict=True)),
        is_changeable=found.state in CHANGEABLE,
        changed_since=rules.changed_since if found.state in CHANGEABLE else lambda _: "",
        doubts=_doubts(found, payees) if found.state == BatchStatus.PREPARED else {},
        files=queries.files_of(found) if found.approved_at else [],
        may_approve=rules.can_approve(person, found, payees),
        may_cancel=rules.can_cancel(person, found, payees),
        may_download=rules.can_download(person, found, payees),
        form=form,
        approve_form=forms.ApproveForm(formdata=None, data=version),
        cancel_form=cancel_form or forms.CancelForm(formdata=None, data=version),
    )
    return page, refused(form) if form else 200


def _doubts(batch: Batch, payees: Sequence[rules.Payee]) -> Mapping[int, str]:
    """Why a payment could not be approved, by its award, as the officer who prepared the batch saw it."""
    officers = others_who_may(Right.APPROVE_PAYMENTS, batch.prepared_by)
    awards = [payment.award_id for payment in batch.payments]
    return batch_rules.prospect(officers, dict(zip(awards, payees, strict=True))).doubts


@dataclass(frozen=True)
class _Offered:
    """What a page for a new batch offers: the awards that can be paid, by id, who could approve them, and the others
    with the reason; `more` of these are not shown."""

    payable: dict[int, queries.Payable]
    prospect: batch_rules.Prospect
    hindered: list[tuple[queries.Hindered, str]]
    more: int


def _offered(award_ids: Collection[int] | None) -> _Offered:
    person = current_person()
    payable = {one.snapshot.award_id: one for one in queries.payable(person, most=MOST_PAYMENTS, award_ids=award_ids)}
    hindered, count = queries.hindered(person, most=MOST_HINDERED)
    near = around([*payable, *(one.snapshot.award_id for one in hindered)])
    payees = {award_id: rules.Payee(one.details, near[award_id]) for award_id, one in payable.items()}
    officers = others_who_may(Right.APPROVE_PAYMENTS, person)
    return _Offered(
        payable,
        batch_rules.prospect(officers, payees),
        [(one, batch_rules.can_go_in(person, one, near[one.snapshot.award_id]).reason) for one in hindered],
        count - len(hindered),
    )


def _new_page(form: forms.PrepareForm, offered: _Offered, code: int) -> Answered:
    lines = [line.form for line in form.lines.entries]
    ticked = [line.amount.data for line in lines if line.pay.data]
    page = render_template(
        "payments/batches/new_batch.html",
        form=form,
        rows=[(line, offered.payable.get(line.award.data or 0)) for line in lines],
        offered=offered,
        count=len(ticked),
        total=Pence(sum(amount or 0 for amount in ticked)),
        unread=ticked.count(None),
        most=MOST_PAYMENTS,
    )
    return page, code


def _is_whole(form: forms.PrepareForm, offered: _Offered) -> bool:
    """Whether every award that is ticked can be paid what stands beside it; each that cannot says so, all at once."""
    is_valid = bool(form.validate())
    for line in (line.form for line in form.lines.entries if line.form.pay.data):
        one = offered.payable.get(line.award.data or 0)
        if one and line.amount.data and not line.amount.errors and line.amount.data > one.rest:
            line.amount.errors = [f"The amount must be more than £0, and {pounds(one.rest)} or less."]
            is_valid = False
        if one and line.amount.errors:
            line.amount.errors = [f"{one.snapshot.reference}: {words}" for words in line.amount.errors]
    return is_valid


def _amounts(form: forms.PrepareForm) -> list[tuple[int, Pence]]:
    return [
        (line.form.award.data or 0, line.form.amount.data or Pence(0))
        for line in form.lines.entries
        if line.form.pay.data
    ]


def _refuse_line(form: forms.PrepareForm, offered: _Offered, refused: BadPayment) -> None:
    line = next(line.form for line in form.lines.entries if line.form.award.data == refused.award_id)
    one = offered.payable.get(refused.award_id)
    line.amount.errors = [f"{one.snapshot.reference}: {refused}" if one else str(refused)]
