"""What is left to do is done in the end, once, and the mail leaves."""

from __future__ import annotations

from grants.foundation.records import outbox

from . import deeds
from .deeds import Deed, Load
from .installation import Installation, Server


def finish(of: Installation, server: Server, every: list[Deed], left: list[Deed]) -> None:
    """The server that runs goes on: what got no answer is sent again as it was, and each letter leaves once."""
    load = Load(of.port, left)
    load.wait()
    server.kill()
    with of.opened():
        assert load.unanswered == []
        assert deeds.faults(every) == []
        assert deeds.undone(every) == []
        sent, failed = 1, 0
        while sent:
            sent, failed = outbox.send_pending(most=1000)
            assert failed == 0
        letters = list((of.folder / "mail").glob("*.eml"))
        assert len(letters) == deeds.letters_sent()
