"""What the office does to the group's application, by its verbs: for the walks that are about the group alone."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from grants.applications.clarifications.operations import ask
from grants.applications.models import Application
from grants.desk.demo import grants_made, together
from grants.desk.demo.bids import DemoBid

from .applying import ASKED
from .judging import CONDITIONS, LESS, REASONS
from .stage import PANEL, REFERENCE, Stage
from .walking import reading


class Office:
    """The people of the demonstration, who deal with the one application."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def asks(self) -> None:
        """An officer asks a question."""
        self._do(lambda bid: ask(person=bid.officer, application=bid.application, question=ASKED))

    def decides(self) -> None:
        """Everything from the check to the signed notice."""
        self._do(DemoBid.check, *(lambda bid, turn=turn: bid.score(turn) for turn in range(len(PANEL))))
        self._do(DemoBid.recommend, DemoBid.decide, lambda bid: together.sign([bid]))

    def pays(self) -> None:
        """Everything from the bank details to the return file."""
        verbs = (together.prepare, together.approve, together.settle)
        self._do(grants_made.verify_bank_details, *(lambda bid, verb=verb: verb([bid]) for verb in verbs))

    def closes(self) -> None:
        """The report is accepted, and what was not spent came back."""
        self._do(grants_made.accept_report, grants_made.repay)

    def _do(self, *deeds: Callable[[DemoBid], None]) -> None:
        with reading() as session:
            application = session.scalars(select(Application).where(Application.reference == REFERENCE)).one()
            row = {
                "group": "own",
                "scores": [[name, [4, 4, 4, 4]] for name in PANEL],
                "recommended": [570_000, "The panel likes it."],
                "decided": [540_000, REASONS, CONDITIONS],
                "less": LESS,
            }
            cast = self.stage.other.cast
            cast.groups = {**cast.groups, "own": application.organisation}
            bid = DemoBid(cast, "open", row, 0)
            bid.application = application
            for deed in deeds:
                deed(bid)
