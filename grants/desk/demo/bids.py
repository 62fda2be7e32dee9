"""A bid of the demonstration, and the deeds done to it: each calls the verb of its room, with the right person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import select

from grants.accounts.models import Organisation, Person
from grants.applications.clarifications import operations as clarifications
from grants.applications.drafts import contents
from grants.applications.drafts import operations as drafts
from grants.applications.models import Application
from grants.applications.submissions import operations as submissions
from grants.awards.decisions import operations as decisions
from grants.awards.models import Outcome
from grants.foundation.records.db import db
from grants.foundation.records.drafts import fingerprint
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.funds.models import Criterion, District, Priority, Round, Topic
from grants.review.checks import operations as checks
from grants.review.recommendations import operations as recommendations
from grants.review.scores import operations as sheets

OFFICERS = "officer", "officer2"


@dataclass
class Cast:
    """Everybody and everything that the bids of the demonstration are made with."""

    people: Mapping[str, Person]
    groups: Mapping[str, Organisation]
    reasons: Mapping[str, Mapping[str, list[str]]]
    """What panel members write: by criterion, by score, one for each of them in turn."""
    rounds: dict[str, Round] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """Who has the account name@example.org."""
        return self.people[f"{name}@example.org"]

    @cached_property
    def topics(self) -> dict[str, int]:
        """The number of each topic by its name."""
        return {topic.name: topic.id for topic in db.session.scalars(select(Topic))}

    @cached_property
    def districts(self) -> dict[str, int]:
        """The number of each district by its name."""
        return {district.name: district.id for district in db.session.scalars(select(District))}

    @cached_property
    def priorities(self) -> dict[str, int]:
        """The number of each priority of the plan by its name."""
        return {priority.name: priority.id for priority in db.session.scalars(select(Priority))}


_NEEDED = {
    "declare": "conflict",
    "answer": "answer",
    "begin-variation": "varied",
    "approve-variation": "varied",
}
"""Deeds that are done only where the bid's file has what they need."""


class DemoBid:
    """One application as its file describes it. Each public method is a deed, done at the time that the clock shows."""

    application: Application

    def __init__(self, cast: Cast, round_name: str, row: Mapping[str, Any], number: int) -> None:
        self.cast, self.round_name, self.row, self.number = cast, round_name, row, number
        self.group = cast.groups[row["group"]]
        self.person = self.group.memberships[0].person
        self.officer = cast.person(OFFICERS[number % len(OFFICERS)])
        self.other_officer = cast.person(OFFICERS[(number + 1) % len(OFFICERS)])

    @property
    def round(self) -> Round:
        """The round that it is made in."""
        return self.cast.rounds[self.round_name]

    def calls_for(self, deed: str) -> bool:
        """Whether its file has what a deed needs: a note for a conflict, a line of scores for a score."""
        if deed.startswith("score-"):
            return len(self.row.get("scores", [])) >= int(deed.split("-")[1])
        needed = _NEEDED.get(deed.removesuffix("-late"))
        return needed is None or needed in self.row

    def start(self) -> None:
        """The group starts it."""
        self.application = drafts.start(person=self.person, a_round=self.round, organisation_id=self.group.id)

    def write(self) -> None:
        """The group fills in what its file has."""
        row, person, draft, seen = self.row, self.person, self.application, fingerprint
        drafts.save_project(
            person=person,
            application=draft,
            seen=seen(contents.project(draft)),
            title=row["title"],
            summary=row["summary"],
        )
        if "starts" in row:
            starts_on = clock.london(draft.round.closes_at or clock.now()).date() + timedelta(days=row["starts"])
            drafts.save_dates(
                person=person,
                application=draft,
                seen=seen(contents.dates(draft)),
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=row["lasts"] - 1),
            )
        if "where" in row:
            drafts.save_people(
                person=person,
                application=draft,
                seen=seen(contents.people(draft)),
                people_helped=row["people"],
                district_ids=[self.cast.districts[name] for name in row["where"]],
            )
        if "topics" in row:
            drafts.save_aims(
                person=person,
                application=draft,
                seen=seen(contents.aims(draft)),
                topic_ids=[self.cast.topics[name] for name in row["topics"]],
                priority_id=self.cast.priorities.get(row.get("priority", "")),
            )
        for question in self.round.questions:
            if text := row["answers"].get(question.key):
                drafts.save_answer(
                    person=person, application=draft, seen=seen(contents.answer("")), question=question, text=text
                )
        if "budget" in row:
            drafts.save_budget(
                person=person,
                application=draft,
                seen=seen(contents.budget(draft)),
                lines=[(item, Pence(amount)) for item, amount in row["budget"]],
            )

    def submit(self) -> None:
        """The group sends it in."""
        submissions.submit(person=self.person, application=self.application, declared_name=self.person.name)

    def withdraw(self) -> None:
        """The group withdraws it."""
        submissions.withdraw(person=self.person, application=self.application, why=self.row["withdrawn"])

    def ask(self) -> None:
        """An officer asks the group a question."""
        clarifications.ask(person=self.officer, application=self.application, question=self.row["question"])

    def answer(self) -> None:
        """The group answers."""
        clarifications.answer(person=self.person, application=self.application, number=1, text=self.row["answer"])

    def check(self) -> None:
        """An officer passes it to the panel, or fails it where its file says why."""
        reason = self.row.get("failed", "")
        checks.check(person=self.officer, application=self.application, passed=not reason, reason=reason)

    def declare(self) -> None:
        """A panel member says that they have an interest."""
        who, note = self.row["conflict"]
        sheets.declare(person=self.cast.person(who), application=self.application, has_conflict=True, note=note)

    def score(self, turn: int) -> None:
        """A panel member scores it; a sheet that is whole is locked."""
        who, scores = self.row["scores"][turn]
        person = self.cast.person(who)
        sheet = sheets.declare(person=person, application=self.application, has_conflict=False)
        marks = {
            criterion.id: (score, self._reason(criterion, score, turn))
            for criterion, score in zip(self.round.criteria, scores, strict=True)
            if score is not None
        }
        if None in scores:
            sheets.save_scores(person=person, application=self.application, seen=sheet.version, marks=marks)
        else:
            sheets.lock(person=person, application=self.application, seen=sheet.version, marks=marks)

    def recommend(self) -> None:
        """An officer recommends an amount, or nothing."""
        amount, reason = self.row["recommended"]
        recommendations.recommend(
            person=self.officer, application=self.application, amount=Pence(amount), reason=reason
        )

    def decide(self) -> None:
        """The decision maker approves an amount, or declines."""
        amount, reasons, conditions = self.row["decided"]
        decisions.decide(
            person=self.cast.person("decision"),
            application=self.application,
            outcome=Outcome.APPROVED if amount else Outcome.DECLINED,
            amount=Pence(amount),
            reasons=reasons,
            conditions=conditions,
            less_reason=self.row.get("less", ""),
        )

    def _reason(self, criterion: Criterion, score: int, turn: int) -> str:
        texts = self.cast.reasons[criterion.title][str(score)]
        return texts[(self.number + turn) % len(texts)]
