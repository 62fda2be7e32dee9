"""What officers write of payments holds no whole account number, whoever calls the verb: a page is not the only way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from grants.foundation.records.db import Refused
from grants.foundation.values import clock
from grants.foundation.values.account_numbers import TAKE_IT_OUT
from grants.payments.bank import operations as bank
from grants.payments.batches import operations as batches
from grants.payments.models import CheckMethod, PaymentStatus
from grants.payments.reversals import operations as reversals
from tests.support import payments_factories as make

WHOLE = "Rang about 00733445"
Deed = Callable[[], Any]


def _details(**said: str) -> Deed:
    details = make.given(make.accepted_award())
    return lambda: make.verify(details, CheckMethod.BOTH, **{"note": "Rang Alex.", **said})


def _refused_details() -> Deed:
    details = make.given(make.accepted_award())
    return lambda: bank.refuse(person=make.finance(), details=details, seen=details.version, reason=WHOLE)


def _cancelled() -> Deed:
    batch = make.batch()
    return lambda: batches.cancel(person=make.finance(), batch=batch, seen=batch.version, reason=WHOLE)


def _bounce() -> Deed:
    about: dict[str, Any] = {"person": make.finance(), "payment": make.settled(), "finance_reference": "R-1"}
    return lambda: reversals.record_bounce(**about, day=clock.today(), reason=WHOLE)


def _wrong_line() -> Deed:
    about: dict[str, Any] = {"person": make.finance(), "payment": make.settled(), "truth": PaymentStatus.FAILED}
    return lambda: reversals.record_wrong_line(**about, reason=WHOLE)


def _refused_bounce() -> Deed:
    found, other = make.bounced(make.settled()), make.finance("Sue Second")
    return lambda: reversals.refuse(person=other, reversal=found, seen=found.version, why=WHOLE)


@pytest.mark.parametrize(
    "deed",
    [
        lambda: _details(note=WHOLE),
        lambda: _details(supplier_number="12-34-56"),
        _refused_details,
        _cancelled,
        _bounce,
        _wrong_line,
        _refused_bounce,
    ],
)
def test_verb_keeps_no_whole_account_number(app: Flask, clock: Any, deed: Callable[[], Deed]) -> None:
    do = deed()

    with pytest.raises(Refused, match=TAKE_IT_OUT):
        do()
