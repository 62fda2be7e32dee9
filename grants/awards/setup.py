"""What the room of awards wants done with the app."""

from __future__ import annotations

from functools import partial

from flask import Flask
from sqlalchemy import ScalarSelect, func, select

from grants.accounts.models import Organisation, Person
from grants.accounts.people.queries import tell_work
from grants.accounts.rights import Right
from grants.applications import queries as bids
from grants.applications.models import Application
from grants.foundation.records import copies, proof
from grants.foundation.web import pages
from grants.funds.models import District, Fund, Round, Topic

from .models import Award, AwardDistrict, AwardSnapshot, AwardStatus, AwardTopic, Variation, VariationStatus
from .snapshots.operations import renew_of
from .snapshots.queries import pence_beside, pence_of_bid, that_differ


def init_app(app: Flask) -> None:
    """Put the decisions into the navigation of those who decide, and keep the names in the snapshots as they are."""
    for columns, where in (
        ((Organisation.name, Organisation.name_key), AwardSnapshot.organisation_id),
        ((Fund.code,), AwardSnapshot.fund_id),
        ((Round.code, Round.report_days), AwardSnapshot.round_id),
        ((Topic.name,), AwardTopic.topic_id),
        ((District.name,), AwardDistrict.district_id),
    ):
        copies.keep(app, *columns, renew=partial(renew_of, where))
    of_bid = Award.application_id == Application.id
    status = select(Award.status).where(of_bid).correlate(Application).scalar_subquery()
    holder = select(AwardSnapshot.organisation_id).join(Award, Award.id == AwardSnapshot.award_id).where(of_bid)
    holder_id = holder.correlate(Application).scalar_subquery()
    bids.tell_grants(app, bids.Grants(status, holder_id, pence_of_bid(), pence_beside, AwardStatus))
    proof.compare(app, "award_standings", that_differ)
    begun = "change of a grant that waits for approval", "changes of grants that wait for approval"
    tell_work(app, (*begun, _open_variations))
    pages.add_tab(app, "Decisions", "awards.decisions", order=47, shown=_decides)


def _open_variations(person: Person) -> ScalarSelect[int]:
    """How many variations somebody began that wait for approval."""
    begun = select(func.count()).select_from(Variation).where(Variation.begun_by_id == person.id)
    return begun.where(Variation.status == VariationStatus.WAITING).scalar_subquery()


def _decides(person: Person | None) -> bool:
    return person is not None and person.may(Right.DECIDE)
