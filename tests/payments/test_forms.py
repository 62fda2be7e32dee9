"""No whole account number gets into what an officer writes in the room of payments."""

from __future__ import annotations

from importlib import import_module

import pytest
from flask import Flask

from grants.foundation.web.fields.text import LineField
from grants.foundation.web.forms import Form

OF_OFFICERS = ("bank", "batches", "reversals")
OF_THE_BANK = {"finance_reference"}
"""What a bank or finance system numbers in its own way."""
FORMS = [
    form
    for room in OF_OFFICERS
    for form in vars(import_module(f"grants.payments.{room}.forms")).values()
    if isinstance(form, type) and issubclass(form, Form) and form.__module__.startswith("grants.payments")
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_text_of_an_officer_is_without_account_numbers(app: Flask, form: type[Form]) -> None:
    with app.test_request_context():
        texts = [field for field in form() if isinstance(field, LineField) and field.name not in OF_THE_BANK]

    assert all(field.covers_accounts for field in texts), [field.name for field in texts if not field.covers_accounts]
