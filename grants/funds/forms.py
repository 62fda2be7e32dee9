"""The forms of the public's pages about rounds."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from grants.foundation.web.fields.choices import YesNoField
from grants.foundation.web.forms import Form

from .models import EligibilityQuestion


def eligibility_form(questions: Sequence[EligibilityQuestion], answers: MultiDict[str, str]) -> FlaskForm:
    """The yes/no questions of a round. It is sent by GET and stores nothing, so it needs no token."""
    fields = {
        f"q{question.id}": YesNoField(question.text, thing=f"yes or no: {question.text}", hint=question.hint)
        for question in questions
    }
    made = type("EligibilityForm", (Form,), {**fields, "Meta": _Open})
    form: FlaskForm = made(formdata=answers or None)
    return form


class _Open:
    csrf = False
