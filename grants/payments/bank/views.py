"""Bank details for finance: the list, one set, and the verbs of verification. An auditor sees no numbers."""

from __future__ import annotations

from io import BytesIO

from flask import render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import allowed, current_person, needs
from grants.accounts.factors.access import proves_again
from grants.accounts.rights import Right
from grants.foundation.values import clock
from grants.foundation.web.filters import choice_filter, takes
from grants.foundation.web.forms import Form
from grants.foundation.web.posting import Answered, posted, refused
from grants.foundation.web.tables import page_from_request
from grants.payments import rules
from grants.payments.blueprint import bp
from grants.payments.models import BankDetails, BankStatus, CheckMethod, Compared
from grants.payments.sealing import BankAccount

from . import forms, operations, queries

LIST_SIZE = 60
DETAILS = "/payments/bank-details/<int:details_id>"
CHANGED = "The group has sent something new since you opened this page. Look at it again."

Found = tuple[BankDetails, BankDetails | None]


@bp.get("/payments/bank-details")
@needs(Right.READ_PAYMENTS)
@takes("status", turns=True)
def bank_details() -> str:
    """The details that wait to be verified, or those of another status."""
    status = _status()
    page = page_from_request(queries.listed(status=status), order=queries.ORDER, size=LIST_SIZE)
    return render_template(
        "payments/bank/bank_details.html",
        page=page,
        status=status,
        statuses=list(BankStatus),
        differs={one.id for one in page.rows if operations.name_differs(one)},
        now=clock.now(),
    )


@bp.get(DETAILS)
@needs(Right.READ_PAYMENTS)
def details(details_id: int) -> Answered:
    """One set of details, its numbers covered."""
    return _page(_found(details_id))


@bp.post(DETAILS + "/show")
@needs(Right.SEE_BANK_NUMBERS)
@proves_again
def show_details(details_id: int) -> Answered:
    """The numbers, for this once: it is written down who saw them."""
    found = _found(details_id)
    return _page(found, account=operations.show(person=current_person(), details=found[0]))


@bp.post(DETAILS + "/proof")
@needs(Right.SEE_BANK_NUMBERS)
@proves_again
def open_proof(details_id: int) -> Response:
    """The proof as a file: it is written down who opened it."""
    found, _old = _found(details_id)
    content = operations.show_proof(person=current_person(), details=found)
    return send_file(
        BytesIO(content), found.proof_media_type, as_attachment=True, download_name=found.proof_name, max_age=0
    )


@bp.post(DETAILS + "/verify")
@needs(Right.VERIFY_BANK_DETAILS)
@proves_again
def verify_details(details_id: int) -> Answered:
    """Say how they were verified."""
    (details, _old), form, person = _found(details_id), forms.VerifyForm(), current_person()

    def verify(seen: int) -> BankDetails:
        return operations.verify(
            person=person,
            details=details,
            seen=seen,
            method=CheckMethod(form.method.data),
            compared=[Compared(one) for one in form.compared.data],
            note=form.note.data,
            shared_why=form.shared_why.data,
            supplier_number=form.supplier_number.data,
        )

    return posted(
        form,
        verify,
        here=url_for(".bank_details"),
        said=f"The bank details of {details.organisation.name} are verified.",
        changed=CHANGED,
        again=lambda: _page(_found(details_id), verify_form=form),
    )


@bp.post(DETAILS + "/refuse")
@needs(Right.VERIFY_BANK_DETAILS)
def refuse_details(details_id: int) -> Answered:
    """Refuse them with the reason."""
    (details, _old), form, person = _found(details_id), forms.RefuseForm(), current_person()
    return posted(
        form,
        lambda seen: operations.refuse(person=person, details=details, seen=seen, reason=form.reason.data),
        here=url_for(".bank_details"),
        said=f"The bank details of {details.organisation.name} are refused, and the group is told why.",
        changed=CHANGED,
        again=lambda: _page(_found(details_id), refuse_form=form),
    )


def _status() -> BankStatus | None:
    return choice_filter(request.args.get("status"), {one.value: one for one in BankStatus}, name="The status")


def _found(details_id: int) -> Found:
    return allowed(queries.with_old_set(details_id), lambda person, sets: rules.can_read_details(person, sets[0]))[1]


def _page(
    found: Found,
    *,
    account: BankAccount | None = None,
    verify_form: forms.VerifyForm | None = None,
    refuse_form: forms.RefuseForm | None = None,
) -> Answered:
    person, (one, old) = current_person(), found
    form: Form | None = verify_form or refuse_form
    seen = {"version": one.version, "supplier_number": old.supplier_number if old else ""}
    around = queries.around_group(one.organisation_id)
    may_show = rules.can_show(person, around)
    page = render_template(
        "payments/bank/details.html",
        details=one,
        failed=queries.last_failed(one.id) if one.status == BankStatus.BLOCKED else None,
        why_failed=rules.why_failed,
        old=old,
        account=account,
        number_on_file=operations.number_on_file(person=person, details=old or one, around=around) if may_show else "",
        may_show=may_show,
        name_differs=operations.name_differs(one),
        shared_with=operations.shared_with(one) if may_show else [],
        has_looked=rules.has_looked(queries.seen_by(person, one.id)),
        may_verify=rules.can_verify(person, one, old, clock.now(), around),
        may_refuse=rules.can_refuse(person, one, around),
        form=form,
        verify_form=verify_form or forms.VerifyForm(formdata=None, data=seen),
        refuse_form=refuse_form or forms.RefuseForm(formdata=None, data=seen),
    )
    return page, refused(form) if form else 200
