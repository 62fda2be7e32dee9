"""What a fund offers, and the words by which its awards are counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.foundation.records.db import Id, Model, Versioned, one_of, pence_check
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.foundation.values.statuses import Status

LARGEST_SCORE = 5
SUMMARY_WORDS = 75
"""How long the summary of a project may be; it is published as the purpose of a grant."""

VARIATION_PERCENT = 25
VARIATION_DAYS = 92
"""How much of a grant a second officer may take off, in percent, where a round says nothing else."""
OFFER_DAYS = 14
"""Days that a group has to accept its grant, where a round says nothing else."""

WORDS = "words"
"""The kind of question that is answered in words: what a question is unless it says otherwise."""

AGREEMENT_TERMS = """The grant is for the project that is named here, and for nothing else.

Ask us before you change the project, its dates or its budget, and wait for our answer in writing.

Keep records and receipts of what you spend, and show them to us when we ask.

Report to us what you did, whom it helped and what you spent, by the dates that we give you.

Pay back what you do not spend, and what was spent on anything else.

Tell us at once when something goes wrong that touches the project, the people it helps or the money."""
"""What every group agrees to, where a round says nothing else."""


class Fund(Model):
    """A pot of money with a name that the public knows. `code` is what files and filters use."""

    __tablename__ = "funds"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    funding_source: Mapped[str]
    open_call: Mapped[bool]
    largest_grant_is_set_by: Mapped[str]
    description: Mapped[str]

    __table_args__ = (
        CheckConstraint("largest_grant_is_set_by IN ('round', 'award')", name="largest_grant_is_set_by_known"),
    )


class RoundStatus(Status):
    """Where a round is in its life."""

    DRAFT = "draft", "Being prepared", "quiet"
    OPEN = "open", "Open", "yes"
    CLOSED = "closed", "Being decided", "wait"
    COMPLETE = "complete", "Complete", "quiet"


class Round(Versioned, Model):
    """One call of a fund. A past round holds what is known of it: days as they were given, totals as announced.

    `opens_at` and `closes_at` are instants (UTC) and set for a round that this system runs.
    `largest_grant_pence` is a hard limit of this round; `pot_pence` is not: awards may exceed it, with a reason.
    A project may last `most_months`; an organisation may have `bids_each` live applications; a decision needs
    `scores_needed` locked score sheets; a group accepts its grant within `offer_days`, and with it what
    `agreement_terms` says. It reports within `report_days` of its project's end, and up to `waivable_pence` that it did
    not spend need not come back; more than `variation_percent` of a grant only the decision maker takes off,
    and only they move the last day of a project by more than `variation_days`.
    `questions_sha256` is set when the question set freezes. The codes are what finance books its commitments under.
    """

    __tablename__ = "rounds"

    id: Mapped[Id]
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    largest_grant_pence: Mapped[Pence | None]
    pot_pence: Mapped[Pence | None]
    summary: Mapped[str] = mapped_column(default="")
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    opens_day: Mapped[Day | None]
    closes_day: Mapped[Day | None]
    closes_at_noon: Mapped[bool] = mapped_column(default=False)
    awarded_day: Mapped[Day | None]
    announced_awards: Mapped[int | None]
    announced_pence: Mapped[Pence | None]
    announced_quality: Mapped[str] = mapped_column(default="")
    announced_applications: Mapped[int | None]
    announced_requested_pence: Mapped[Pence | None]
    note: Mapped[str] = mapped_column(default="")
    last_number: Mapped[int] = mapped_column(default=0)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"), index=True)
    most_months: Mapped[int | None]
    bids_each: Mapped[int] = mapped_column(default=1)
    scores_needed: Mapped[int] = mapped_column(default=3)
    offer_days: Mapped[int] = mapped_column(default=OFFER_DAYS)
    agreement_terms: Mapped[str] = mapped_column(default=AGREEMENT_TERMS)
    questions_sha256: Mapped[str] = mapped_column(default="")
    cost_centre: Mapped[str] = mapped_column(default="")
    account_code: Mapped[str] = mapped_column(default="")
    project_code: Mapped[str] = mapped_column(default="")
    report_days: Mapped[int] = mapped_column(default=30)
    waivable_pence: Mapped[Pence] = mapped_column(default=Pence(2500))
    variation_percent: Mapped[int] = mapped_column(default=VARIATION_PERCENT)
    variation_days: Mapped[int] = mapped_column(default=VARIATION_DAYS)
    illustrative: Mapped[bool] = mapped_column(default=False)

    fund: Mapped[Fund] = relationship(lazy="joined")
    questions: Mapped[list[Question]] = relationship(order_by="Question.position", back_populates="round")
    criteria: Mapped[list[Criterion]] = relationship(order_by="Criterion.position", back_populates="round")
    plan: Mapped[Plan | None] = relationship()

    __table_args__ = (
        one_of("status", RoundStatus),
        pence_check("largest_grant_pence", least=1),
        pence_check("pot_pence"),
        pence_check("announced_pence"),
        pence_check("announced_requested_pence"),
        CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),
        CheckConstraint("most_months BETWEEN 1 AND 120", name="most_months_in_range"),
        CheckConstraint("bids_each BETWEEN 1 AND 100", name="bids_each_in_range"),
        CheckConstraint("scores_needed BETWEEN 1 AND 20", name="scores_needed_in_range"),
        CheckConstraint("offer_days BETWEEN 1 AND 90", name="offer_days_in_range"),
        CheckConstraint("report_days BETWEEN 1 AND 365", name="report_days_in_range"),
        pence_check("waivable_pence"),
        CheckConstraint("variation_percent BETWEEN 0 AND 100", name="variation_percent_in_range"),
        CheckConstraint("variation_days BETWEEN 0 AND 1000", name="variation_days_in_range"),
        CheckConstraint(
            "status NOT IN ('open', 'closed') OR (opens_at IS NOT NULL AND closes_at IS NOT NULL "
            "AND largest_grant_pence IS NOT NULL)",
            name="has_dates_and_limit_if_run",
        ),
    )

    @property
    def state(self) -> RoundStatus:
        """Its status with its label and colour."""
        return RoundStatus(self.status)


class EligibilityQuestion(Model):
    """Asked before an account is needed. The answer that is not `good_answer` ends kindly with `advice`."""

    __tablename__ = "eligibility_questions"

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    position: Mapped[int]
    text: Mapped[str]
    hint: Mapped[str]
    good_answer: Mapped[bool]
    advice: Mapped[str]

    __table_args__ = (UniqueConstraint("round_id", "position"),)


class Question(Model):
    """A question of a round. It freezes when the round opens.

    `kind` is a name in `funds.kinds.registry`, and `settings` is what only that kind knows, like the options of a
    choice. `most_words` is for answers in words; for any other kind it is 1 and says nothing.
    """

    __tablename__ = "questions"

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    position: Mapped[int]
    key: Mapped[str]
    text: Mapped[str]
    hint: Mapped[str]
    most_words: Mapped[int]
    required: Mapped[bool]
    kind: Mapped[str] = mapped_column(default=WORDS)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    round: Mapped[Round] = relationship(back_populates="questions")

    __table_args__ = (
        UniqueConstraint("round_id", "position"),
        UniqueConstraint("round_id", "key"),
        CheckConstraint("most_words BETWEEN 1 AND 5000", name="most_words_in_range"),
        CheckConstraint("kind <> ''", name="has_kind"),
    )


class Criterion(Model):
    """What the panel scores from 0 to 5. `anchors` are six lines, one for each score from 0 up."""

    __tablename__ = "criteria"

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    position: Mapped[int]
    title: Mapped[str]
    description: Mapped[str]
    anchors: Mapped[str]
    weight: Mapped[int] = mapped_column(default=1)

    round: Mapped[Round] = relationship(back_populates="criteria")

    __table_args__ = (
        UniqueConstraint("round_id", "position"),
        CheckConstraint("weight BETWEEN 1 AND 10", name="weight_in_range"),
    )

    def anchor(self, score: int) -> str:
        """What a score stands for, in words."""
        return self.anchors.split("\n")[score]


class Plan(Model):
    """A version of the police and crime plan; its priorities belong to it."""

    __tablename__ = "plans"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)

    priorities: Mapped[list[Priority]] = relationship(order_by="Priority.position", back_populates="plan")


class Priority(Model):
    """A priority of one plan. Plans rename their priorities; topics stay."""

    __tablename__ = "priorities"

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    position: Mapped[int]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]

    plan: Mapped[Plan] = relationship(back_populates="priorities", lazy="joined")

    __table_args__ = (UniqueConstraint("plan_id", "position"), UniqueConstraint("plan_id", "name"))


class Topic(Model):
    """What an award is about, in a word that stays while plans come and go.

    `wording` is how a sentence names projects about it, like "with young people"; blank means "tackling" and its name.
    """

    __tablename__ = "topics"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    wording: Mapped[str] = mapped_column(default="")

    other_names: Mapped[list[TopicName]] = relationship(order_by="TopicName.name", cascade="all, delete-orphan")


class TopicName(Model):
    """Another name that counts as the topic."""

    __tablename__ = "topic_names"

    name: Mapped[str] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), index=True)


class District(Model):
    """A place that a project serves, with its GSS code; the whole area is one too."""

    __tablename__ = "districts"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]

    @property
    def is_whole_area(self) -> bool:
        """Whether it is the area of the whole force rather than one district."""
        return self.kind == "police force area"
