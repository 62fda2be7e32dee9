"""One payment with all that was said of it, and what is recorded and approved to put it right."""

from __future__ import annotations

from flask import abort, render_template, request, url_for

from grants.accounts.access import allowed, current_person, needs
from grants.accounts.factors.access import proves_again
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.awards.around.queries import around
from grants.awards.rules import Around
from grants.foundation.records.lifecycle import Ruling
from grants.foundation.web.filters import choice_filter, takes
from grants.foundation.web.posting import Answered, posted, refused, sent
from grants.foundation.web.tables import page_from_request
from grants.payments.blueprint import bp
from grants.payments.models import Payment, PaymentStatus, ReturnLine, Reversal, ReversalStatus
from grants.payments.returns.queries import line_to_record
from grants.payments.returns.rows import bounce_of

from . import forms, operations, queries, rules

LIST_SIZE = 60
PAYMENT = "/payments/all/<string:reference>"
REVERSAL = "/payments/reversals/<int:reversal_id>"
CHANGED = "Somebody else has done something with this since you opened the page. Look at it again."
WAITS = "It is recorded. Another finance officer approves it; until then nothing is paid of this award."


@bp.get(PAYMENT)
@needs(Right.READ_PAYMENTS)
def payment(reference: str) -> str:
    """One payment: what return files said of it, and what was put right."""
    found = _payment(reference)
    may = rules.can_record(current_person(), found, _around(found))
    told = queries.reversals_of(found.id)
    waits = any(one.status == ReversalStatus.RECORDED for one in told)
    return render_template(
        "payments/reversals/payment.html",
        payment=found,
        lines=queries.lines_of(found.id),
        reversals=told,
        may_record=may and not waits,
        may_bounce=may and not waits and found.status == PaymentStatus.PAID,
    )


@bp.route(PAYMENT + "/came-back", methods=["GET", "POST"])
@needs(Right.TAKE_RETURNS)
def record_bounce(reference: str) -> Answered:
    """Record that it came back after it was paid."""
    person, found = allowed(queries.payment_by_reference(reference), _may_record, rules.is_paid)
    line = line_to_record(found.id)
    form = forms.BounceForm(data=bounce_of(line.said) if line else {}).ready()

    def record() -> str:
        assert form.day.data is not None  # noqa: S101 - the field asks for it
        made = operations.record_bounce(
            person=person,
            payment=found,
            day=form.day.data,
            finance_reference=form.finance_reference.data,
            reason=form.reason.data,
        )
        return url_for(".reversal", reversal_id=made.id)

    said = f"{WAITS} The account is blocked."
    return sent(form, record, once=(person.actor, "record bounce"), said=said) or _form_page(
        found, form, "bounce", line
    )


@bp.route(PAYMENT + "/wrong-line", methods=["GET", "POST"])
@needs(Right.TAKE_RETURNS)
def record_wrong_line(reference: str) -> Answered:
    """Record that it was marked wrongly, and what is true."""
    person, found = allowed(queries.payment_by_reference(reference), _may_record)
    form = forms.WrongLineForm().ready(found.state)

    def record() -> str:
        made = operations.record_wrong_line(
            person=person,
            payment=found,
            truth=PaymentStatus(form.truth.data),
            day=form.day.data,
            finance_reference=form.finance_reference.data,
            reason=form.reason.data,
        )
        return url_for(".reversal", reversal_id=made.id)

    return sent(form, record, once=(person.actor, "record wrong line"), said=WAITS) or _form_page(
        found, form, "wrong_line"
    )


@bp.get("/payments/reversals")
@needs(Right.READ_PAYMENTS)
@takes("status", turns=True)
def reversals() -> str:
    """The payments that are put right, the newest first."""
    known = {one.value: one for one in ReversalStatus}
    status = choice_filter(request.args.get("status"), known, name="The status")
    page = page_from_request(queries.listed(status), order=queries.ORDER, size=LIST_SIZE)
    return render_template("payments/reversals/reversals.html", page=page, status=status, statuses=list(ReversalStatus))


@bp.get(REVERSAL)
@needs(Right.READ_PAYMENTS)
def reversal(reversal_id: int) -> Answered:
    """What is put right: before and after, by whom and why."""
    return _page(_reversal(reversal_id))


@bp.post(REVERSAL + "/approve")
@needs(Right.APPROVE_PAYMENTS)
@proves_again
def approve_reversal(reversal_id: int) -> Answered:
    """Approve it: the ledger follows, and the group is told."""
    found, form, person = _reversal(reversal_id), forms.ApproveReversalForm(), current_person()
    return posted(
        form,
        lambda seen: operations.approve(person=person, reversal=found, seen=seen),
        here=url_for(".reversal", reversal_id=found.id),
        said=f"Payment {found.payment.reference} is put right, and the group is told.",
        changed=CHANGED,
        again=lambda: _page(_reversal(reversal_id), form=form),
    )


@bp.post(REVERSAL + "/refuse")
@needs(Right.APPROVE_PAYMENTS)
def refuse_reversal(reversal_id: int) -> Answered:
    """Refuse it with the reason: the payment stays as it was recorded."""
    found, form, person = _reversal(reversal_id), forms.RefuseReversalForm(), current_person()
    return posted(
        form,
        lambda seen: operations.refuse(person=person, reversal=found, seen=seen, why=form.why.data),
        here=url_for(".reversal", reversal_id=found.id),
        said=f"Payment {found.payment.reference} stays as it was recorded.",
        changed=CHANGED,
        again=lambda: _page(_reversal(reversal_id), form=form, refuse_form=form),
    )


def _payment(reference: str) -> Payment:
    return queries.payment_by_reference(reference) or abort(404)


def _may_record(person: Person, payment: Payment) -> Ruling:
    return rules.can_record(person, payment, _around(payment))


def _reversal(reversal_id: int) -> Reversal:
    return queries.by_id(reversal_id) or abort(404)


def _around(payment: Payment) -> Around:
    return around([payment.award_id])[payment.award_id]


def _form_page(
    payment: Payment, form: forms.BounceForm | forms.WrongLineForm, name: str, line: ReturnLine | None = None
) -> Answered:
    page = render_template(f"payments/reversals/{name}.html", payment=payment, form=form, line=line)
    return page, refused(form) if request.method == "POST" else 200


def _page(
    found: Reversal,
    *,
    form: forms.ApproveReversalForm | forms.RefuseReversalForm | None = None,
    refuse_form: forms.RefuseReversalForm | None = None,
) -> Answered:
    person, near, version = current_person(), _around(found.payment), {"version": found.version}
    page = render_template(
        "payments/reversals/reversal.html",
        reversal=found,
        payment=found.payment,
        may_approve=rules.can_approve(person, found, near),
        may_refuse=rules.can_refuse(person, found, near),
        form=form,
        approve_form=forms.ApproveReversalForm(formdata=None, data=version),
        refuse_form=refuse_form or forms.RefuseReversalForm(formdata=None, data=version),
    )
    return page, refused(form) if form else 200
