"""Every status has words and a colour of its own."""

from __future__ import annotations

import pytest

from grants.applications.models import ApplicationStatus
from grants.foundation.values.statuses import Status


@pytest.mark.parametrize("status", [member for kind in Status.__subclasses__() for member in kind])
def test_status_has_words_and_a_colour(status: Status) -> None:
    assert status.label
    assert status.colour in {"yes", "wait", "no", "quiet"}


def test_status_is_its_value() -> None:
    status = ApplicationStatus("eligible")

    assert status is ApplicationStatus.ELIGIBLE
    assert (str(status), f"{status}", status.value, status == "eligible") == ("eligible", "eligible", "eligible", True)
    assert (status.label, status.colour) == ("With the panel", "wait")
