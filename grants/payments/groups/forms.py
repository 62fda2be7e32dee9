"""The forms by which a group gives its bank details. No field that a page must give back is called a code or a secret:
see foundation.web.errors.
"""

from __future__ import annotations

import re
from typing import Any

from wtforms.validators import StopValidation

from grants.accounts.models import LONGEST_NAME
from grants.foundation.records.kinds import JPEG, PDF, PNG
from grants.foundation.values.bank_names import at_bank, has_other_letters
from grants.foundation.web.fields.choices import ConfirmField
from grants.foundation.web.fields.text import LineField
from grants.foundation.web.fields.upload import UploadField
from grants.foundation.web.forms import CreatingForm
from grants.payments.sealing import BankAccount


class DigitsField(LineField):
    """So many digits, which people write with spaces and hyphens. Zeros at the start stay."""

    inputmode = "numeric"

    def __init__(self, label: str, *, digits: int, example: str, **kwargs: Any) -> None:
        super().__init__(label, **{"width": "10", "autocomplete": "off", **kwargs})
        self.digits, self.example = digits, example

    def check(self) -> None:
        """Take out spaces and hyphens; what is left must be the digits."""
        super().check()
        found = re.sub(r"[\s\-‐‑‒–—]", "", self.data)
        if not re.fullmatch(rf"[0-9]{{{self.digits}}}", found):
            raise StopValidation(self.must(f"be {self.digits} digits, like {self.example}"))
        if not found.strip("0"):
            raise StopValidation(self.must("not be zeros alone"))
        self.data = found


class AccountNameField(LineField):
    """A name that can be brought to the characters that banks take."""

    def check(self) -> None:
        """It is in the letters A to Z, with or without accents."""
        super().check()
        if has_other_letters(self.data) or not re.search("[A-Za-z]", at_bank(self.data)):
            raise StopValidation(self.must("be in the letters A to Z, as the bank statement has it"))


class BankDetailsForm(CreatingForm):
    """The account to which a group's grants are paid."""

    account_name = AccountNameField(
        "Name on the account",
        thing="the name on the account",
        longest=LONGEST_NAME,
        autocomplete="off",
        hint="As it stands on the bank statement. It must be an account of the group, not of a person. Banks take the "
        "letters A to Z, digits, and . - & /: we leave out accents and other signs, like an apostrophe, when we pay",
    )
    sort = DigitsField("Sort code", thing="the sort code", digits=6, example="01-02-03", hint="6 digits, like 01-02-03")
    number = DigitsField(
        "Account number",
        thing="the account number",
        digits=8,
        example="00012345",
        hint="8 digits, like 00012345. If yours has 7, put a 0 in front",
    )
    reference = LineField(
        "Roll number or reference",
        thing="the roll number or reference",
        longest=35,
        required=False,
        autocomplete="off",
        width="20",
        hint="Some building society accounts have one",
    )
    number_on_file = LineField(
        "Telephone number of the group",
        thing="a telephone number of the group",
        longest=40,
        width="20",
        autocomplete="tel",
        hint="We ring it if these details ever change, so that nobody can take your money",
    )

    agrees = ConfirmField(
        "This is an account of our group, and I have compared these details with a bank statement",
        thing="this is an account of your group and you have compared the details",
    )

    def account(self) -> BankAccount:
        """What was entered."""
        return BankAccount(
            name=self.account_name.data,
            sort_code=self.sort.data,
            number=self.number.data,
            reference=self.reference.data,
            number_on_file=self.number_on_file.data,
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Hold every field against its rule, and the telephone number against what one looks like."""
        ok = bool(super().validate(extra_validators))
        typed = self.number_on_file
        if not typed.errors and not re.fullmatch(r"\+?[0-9][0-9 ()./-]{8,}", typed.data):
            typed.errors = ["The telephone number must be one that we can ring, like 0113 496 0000"]
            return False
        return ok


class ProofForm(CreatingForm):
    """A form of its own for the file, so that no error elsewhere loses it."""

    proof = UploadField(
        "Bank statement or headed letter",
        thing="the bank statement or letter",
        kinds=(PDF, JPEG, PNG),
        hint="It shows the name, sort code and account number, and is no older than three months. "
        "You may black out the payments on it.",
    )
