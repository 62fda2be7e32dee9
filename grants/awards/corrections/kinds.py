"""What an officer can correct on an award's pages: each kind with its form, what it starts with, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from grants.accounts.models import Person
from grants.accounts.organisations.operations import make_organisation
from grants.awards.around.queries import around
from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as entries
from grants.awards.ledger.operations import lock
from grants.awards.ledger.queries import held_ids, story_length
from grants.awards.models import Award, AwardSnapshot, ChangedField, EntryKind
from grants.awards.rules import can_move
from grants.foundation.records.db import LostUpdate, db, transaction
from grants.foundation.records.lifecycle import YES, Ruling, no
from grants.foundation.values.days import Day
from grants.funds.models import District, Topic

from .forms import (
    AmountForm,
    CorrectionForm,
    DateForm,
    DistrictsForm,
    GroupForm,
    ProjectCorrectionForm,
    ReinstateForm,
    RepaymentForm,
    TopicsForm,
    WithdrawalForm,
)
from .rules import can_correct

Deed = dict[str, Any]


@dataclass(frozen=True)
class CorrectionKind:
    """One thing that can be corrected. `verb` is the one of the award's table, where it is a step of that.

    What is `of_the_past` is corrected of awards alone that were not decided here: of those it is varied.
    """

    key: str
    title: str
    about: str
    form: type[CorrectionForm]
    start: Callable[[AwardSnapshot], dict[str, Any]]
    do: Callable[[Any, Deed], None]
    verb: str = ""
    of_the_past: bool = False

    def is_of(self, award: Award | AwardSnapshot) -> Ruling:
        """Whether an award is corrected so at all, by where it was decided."""
        if self.of_the_past and award.is_paid_here:
            return no("This award was decided here, so a variation changes it, which another approves.")
        return YES

    def fits(self, award: Award) -> Ruling:
        """Whether an award can be corrected so, in its state and by where it was decided."""
        return self.is_of(award) and (can_move(award.status, self.verb) if self.verb else YES)


def correct_by_hand(kind: CorrectionKind, *, person: Person, award_id: int, form: Any) -> None:
    """Enter the correction. Raises Refused, and LostUpdate where the award's story has grown since."""
    with transaction() as session:
        award = session.get_one(Award, award_id)
        lock(award)
        can_correct(person, around([award_id])[award_id].ties).or_refuse()
        kind.fits(award).or_refuse()
        length = story_length(award_id)
        if form.version.data != length:
            raise LostUpdate(form.version.data, length)
        kind.do(form, {"actor": person.actor, "award": award, "reason": form.reason.data})


def _nothing(_snapshot: AwardSnapshot) -> dict[str, Any]:
    return {}


def _amount(form: AmountForm, deed: Deed) -> None:
    corrections.correct_amount(**deed, amount=form.amount.data)


def _date(form: DateForm, deed: Deed) -> None:
    assert form.day.data is not None  # noqa: S101 - it is required
    day = form.day.data.isoformat()
    corrections.correct_award_date(**deed, award_day=Day.parse(day if form.how.data == "on" else f"by {day}"))


def _start_date(snapshot: AwardSnapshot) -> dict[str, Any]:
    day = snapshot.award_day
    return {"day": day.last, "how": "on"} if day.is_exact else {"day": day.last, "how": "by"}


def _withdraw(form: WithdrawalForm, deed: Deed) -> None:
    entries.withdraw(**deed, effective=_exactly(form.day))


def _reinstate(_form: ReinstateForm, deed: Deed) -> None:
    corrections.reinstate(**deed)


def _repay(form: RepaymentForm, deed: Deed) -> None:
    assert form.amount.data is not None  # noqa: S101 - it is required
    recovered = form.kind.data == EntryKind.RECOVERY
    verb = entries.record_recovery if recovered else entries.record_repayment
    verb(
        **deed,
        amount=form.amount.data,
        effective=_exactly(form.day),
        bank_reference=form.bank_reference.data,
    )


def _topics(form: TopicsForm, deed: Deed) -> None:
    others = [number for number in form.others.data if number != form.primary.data]
    numbers = [form.primary.data, *others] if form.primary.data else others
    topics = {topic.id: topic for topic in db.session.scalars(select(Topic).where(Topic.id.in_(numbers)))}
    _change(form, deed, ChangedField.TOPICS, [topics[number] for number in numbers])


def _start_topics(snapshot: AwardSnapshot) -> dict[str, Any]:
    held = held_ids(snapshot.award_id, ChangedField.TOPICS)
    return {"primary": next(iter(held), None), "others": held[1:]}


def _districts(form: DistrictsForm, deed: Deed) -> None:
    districts = db.session.scalars(select(District).where(District.id.in_(form.districts.data)).order_by(District.id))
    _change(form, deed, ChangedField.DISTRICTS, list(districts))


def _start_districts(snapshot: AwardSnapshot) -> dict[str, Any]:
    return {"districts": held_ids(snapshot.award_id, ChangedField.DISTRICTS)}


def _group(form: GroupForm, deed: Deed) -> None:
    group = form.chosen or make_organisation(actor=deed["actor"], name=form.name.data)
    _change(form, deed, ChangedField.RECIPIENT, group)


def _project(form: ProjectCorrectionForm, deed: Deed) -> None:
    _change(form, deed, ChangedField.TITLE, form.title.data)


def _change(form: Any, deed: Deed, field: ChangedField, value: Any) -> None:
    effective = _exactly(form.since) if form.since.data else None
    corrections.change_field(**deed, field=field, value=value, effective=effective)


def _exactly(field: Any) -> Day:
    return Day.exactly(field.data)


KINDS = (
    CorrectionKind(
        "amount",
        "Amount",
        "An amount was found, or was written wrongly",
        AmountForm,
        lambda snapshot: {"amount": snapshot.awarded_pence or None},
        _amount,
        verb="correct amount",
        of_the_past=True,
    ),
    CorrectionKind(
        "date",
        "Day of the award",
        "The day was another, or is known better now",
        DateForm,
        _start_date,
        _date,
        of_the_past=True,
    ),
    CorrectionKind(
        "withdrawal",
        "Withdrawal",
        "The award was withdrawn, perhaps long ago",
        WithdrawalForm,
        _nothing,
        _withdraw,
        verb="withdraw",
        of_the_past=True,
    ),
    CorrectionKind(
        "reinstatement",
        "Taking a withdrawal back",
        "The award was not withdrawn after all",
        ReinstateForm,
        _nothing,
        _reinstate,
        verb="reinstate",
        of_the_past=True,
    ),
    CorrectionKind(
        "repayment",
        "Money that came back",
        "The group repaid, or money was recovered",
        RepaymentForm,
        _nothing,
        _repay,
        verb="record repayment",
    ),
    CorrectionKind(
        "topics", "Topics", "What the project is about was written wrongly", TopicsForm, _start_topics, _topics
    ),
    CorrectionKind(
        "districts",
        "Districts",
        "Where the project works was written wrongly",
        DistrictsForm,
        _start_districts,
        _districts,
    ),
    CorrectionKind(
        "group",
        "Group",
        "The award went to another group",
        GroupForm,
        _nothing,
        _group,
        of_the_past=True,
    ),
    CorrectionKind(
        "project",
        "Project",
        "The title of the project is another",
        ProjectCorrectionForm,
        lambda snapshot: {"title": snapshot.title},
        _project,
        of_the_past=True,
    ),
)

KINDS_BY_KEY = {kind.key: kind for kind in KINDS}
