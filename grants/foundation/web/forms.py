"""The forms that every room's forms come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import wtforms
from flask import has_request_context, request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict

from .fields.hidden import FingerprintField, KeyField, VersionField
from .fields.upload import UploadField

TOO_OLD = "This page was open for too long. Check what you entered and send it again"


class FormError(NamedTuple):
    """One line of the error summary: the id of the element that it leads to (or ""), and the message."""

    id: str
    text: str


class Form(FlaskForm):
    """The base of every form. Its fields tidy what is typed and keep it when something is wrong."""

    class Meta(FlaskForm.Meta):
        """What a form takes of a request."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Take texts, and a file only where a field takes one: no field meets what it is not made for."""
            if has_request_context() and request.is_json:
                return None
            found = super().wrap_formdata(form, formdata)
            if not isinstance(found, CombinedMultiDict):
                return found
            sent = request.files.items(multi=True)
            files = [(name, file) for name, file in sent if name in form and isinstance(form[name], UploadField)]
            return CombinedMultiDict([MultiDict(files), request.form])

    is_overtaken = False
    """Whether somebody else changed the thing since this form was opened."""

    def refuse(self, message: str) -> None:
        """Show what a rule said (`str(refused)`) at the top of the error summary."""
        self.form_errors.append(message)

    def errors_in_order(self) -> list[FormError]:
        """Every error, in the order of the page; those of the whole form come first."""
        whole = [FormError("", message) for message in self.form_errors]
        return whole + [
            FormError("", TOO_OLD) if field.name == self.meta.csrf_field_name else FormError(_anchor(field), message)
            for field in _all(self)
            for message in field.errors
        ]


class VersionedForm(Form):
    """A form that changes something: `thing.expect_version(form.version.data)` refuses a lost update."""

    version = VersionField()


class SectionForm(Form):
    """A section of a draft: it carries the fingerprint of what the section held when it was opened."""

    version = FingerprintField()

    def refuse_saving(self, refused: Exception) -> None:
        """Say why it was not saved: above the form, unless a form knows the field that it is about."""
        self.refuse(str(refused))


class CreatingForm(Form):
    """A form that makes something: sent twice it makes it once, by its key."""

    idempotency_key = KeyField()


class PartForm(wtforms.Form):
    """One row of a repeated part, like a budget line, for `FieldList(FormField(…))`."""


def _all(fields: Iterable[Any]) -> Iterator[Any]:
    for field in fields:
        if isinstance(field, wtforms.FormField):
            yield from _all(field.form)
        elif isinstance(field, wtforms.FieldList):
            yield from _all(field.entries)
        else:
            yield field


def _anchor(field: Any) -> str:
    if isinstance(field, FingerprintField | KeyField | VersionField):
        return ""
    return str(getattr(field, "error_id", field.id))
