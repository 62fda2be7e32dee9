"""Batches."""

from __future__ import annotations

from typing import Any

from grants.payments.models import BatchStatus
from tests.support import payments_factories as make


def test_a_batch_goes_all_the_way(app: Any) -> None:
    batch = make.batch(BatchStatus.EXPORTED)
    assert batch.number.startswith("B-")
