"""What is done to several bids of the demonstration at once: notices that are signed, and batches that are paid."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

from sqlalchemy import select

from grants.awards.models import Decision
from grants.awards.notices.operations import sign_notice
from grants.foundation.records.db import db
from grants.foundation.records.kinds import CSV, Upload
from grants.foundation.values import clock
from grants.payments.batches import operations as batches
from grants.payments.batches.queries import payable
from grants.payments.models import Batch, FileKind
from grants.payments.returns import operations as returns

from .bids import DemoBid
from .grants_made import award_of

Bids = Sequence[DemoBid]


def sign(bids: Bids) -> None:
    """The decision maker signs a notice of these decisions: the groups hear of them, and awards are offered."""
    person, a_round = bids[0].cast.person("decision"), bids[0].round
    numbers = db.session.scalars(
        select(Decision.id).where(Decision.application_id.in_([bid.application.id for bid in bids]))
    ).all()
    sign_notice(
        person=person,
        a_round=a_round,
        decision_ids=numbers,
        title=f"Grants of the round {a_round.code}",
        interests="None.",
        signature=person.name,
    )


def prepare(bids: Bids, by: str = "finance1") -> None:
    """A finance officer prepares a batch of all that is awarded to these bids."""
    person, wanted = bids[0].cast.person(by), [award_of(bid).id for bid in bids]
    rows = payable(person, most=len(wanted), award_ids=wanted)
    batches.prepare(person=person, amounts=[(row.snapshot.award_id, row.rest) for row in rows])


def approve(bids: Bids, by: str = "finance2") -> None:
    """Another finance officer approves it, and downloads its file for the bank."""
    person, batch = bids[0].cast.person(by), _batch()
    batches.approve(person=person, batch=batch, seen=batch.version)
    batches.download(person=person, batch=batch, kind=FileKind.XLSX)


def settle(bids: Bids) -> None:
    """The return file says that all of it was paid yesterday."""
    table = StringIO()
    rows = csv.writer(table)
    rows.writerow(["reference", "date", "finance reference", "amount", "status"])
    for at, payment in enumerate(_batch().payments, start=1):
        amount = f"{payment.amount_pence // 100}.{payment.amount_pence % 100:02}"
        rows.writerow([payment.reference, clock.today().isoformat(), f"F{70000 + at}", amount, "paid"])
    content = table.getvalue().encode()
    upload = Upload("return file.csv", CSV.media_type, len(content), BytesIO(content))
    returns.take(person=bids[0].cast.person("finance1"), upload=upload)


def _batch() -> Batch:
    return db.session.scalars(select(Batch).order_by(Batch.id.desc()).limit(1)).one()
