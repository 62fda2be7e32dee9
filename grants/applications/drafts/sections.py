"""The sections of an application: what each shows, reads and saves. One thing per page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grants.accounts.models import Person
from grants.applications.contents import Bid
from grants.applications.models import Application
from grants.applications.rules import Problem
from grants.foundation.values.money import pounds
from grants.funds import queries as funds
from grants.funds.models import Question

from . import contents, forms, operations
from .contents import Content

NAMES = ("project", "dates", "people", "aims", "budget")
"""The sections that every round has; its questions stand before the budget."""


@dataclass(frozen=True)
class Section:
    """One page of an application: `fill` opens its form, `save` keeps it, `tell` says in words what is stored."""

    name: str
    title: str
    content: Content
    form: Any
    save: Callable[[Any, int, datetime], Application]
    tell: Callable[[Content], Sequence[tuple[str, str]]]
    template: str = "section"
    intro: str = ""

    @property
    def fingerprint(self) -> int:
        """The version that the form carries."""
        return contents.fingerprint(self.content)

    def show(self, problems: Sequence[Problem]) -> None:
        """Say beside the fields what is filled in and does not fit."""
        for problem in problems:
            field = getattr(self.form, problem.field, None)
            if problem.section == self.name and not problem.missing and field is not None:
                field.errors = [problem.message]


def open_section(person: Person, application: Application, name: str) -> Section:
    """A section with its form, filled with what was sent or else with what is stored."""
    return _OPENERS[name](person, application)


def open_answer(person: Person, application: Application, question: Question, text: str) -> Section:
    """The section of one question of the round."""
    content = contents.answer(text)
    form = forms.AnswerForm(data={"text": text, "version": contents.fingerprint(content)})
    form.text.label.text, form.text.description = question.text, question.hint
    form.text.most_words, form.text.required = question.most_words, question.required
    return Section(
        f"questions/{question.key}",
        question.text,
        content,
        form,
        lambda sent, seen, at: operations.save_answer(
            person=person, application=application, seen=seen, question=question, text=sent.text.data, at=at
        ),
        lambda stored: [(question.text, stored["text"])],
        template="answer",
    )


def _project(person: Person, application: Application) -> Section:
    content = contents.project(application)
    return Section(
        "project",
        "Your project",
        content,
        forms.ProjectForm(data={**content, "version": contents.fingerprint(content)}),
        lambda sent, seen, at: operations.save_project(
            person=person,
            application=application,
            seen=seen,
            title=sent.title.data,
            summary=sent.summary.data,
            at=at,
        ),
        lambda stored: [("Project title", stored["title"]), ("Summary", stored["summary"])],
    )


def _dates(person: Person, application: Application) -> Section:
    content = contents.dates(application)
    months = application.round.most_months
    return Section(
        "dates",
        "When the project is",
        content,
        forms.DatesForm(
            data={
                "starts_on": application.starts_on,
                "ends_on": application.ends_on,
                "version": contents.fingerprint(content),
            }
        ),
        lambda sent, seen, at: operations.save_dates(
            person=person,
            application=application,
            seen=seen,
            starts_on=sent.starts_on.data,
            ends_on=sent.ends_on.data,
            at=at,
        ),
        lambda stored: [("First day", stored["starts_on"]), ("Last day", stored["ends_on"])],
        intro=f"A project in this round can last up to {months} months." if months else "",
    )


def _people(person: Person, application: Application) -> Section:
    content = contents.people(application)
    names = {district.id: district.name for district in funds.all_districts()}
    form = forms.PeopleForm(data={**content, "version": contents.fingerprint(content)})
    form.districts.choices = list(names.items())
    return Section(
        "people",
        "Whom it helps, and where",
        content,
        form,
        lambda sent, seen, at: operations.save_people(
            person=person,
            application=application,
            seen=seen,
            people_helped=sent.people_helped.data,
            district_ids=sent.districts.data,
            at=at,
        ),
        lambda stored: [
            ("People helped", str(stored["people_helped"] or "")),
            ("Where", ", ".join(names[number] for number in stored["districts"])),
        ],
    )


def _aims(person: Person, application: Application) -> Section:
    content = contents.aims(application)
    topics = dict(funds.topic_choices())
    priorities = {priority.id: priority.name for priority in funds.priorities_of(application.round)}
    first, others = (content["topics"] or [None])[0], content["topics"][1:]
    form = forms.AimsForm(
        data={
            "topic": first,
            "other_topics": others,
            "priority": content["priority"],
            "version": contents.fingerprint(content),
        }
    )
    form.topic.choices = form.other_topics.choices = list(topics.items())
    form.priority.choices = list(priorities.items())
    return Section(
        "aims",
        "What it is about",
        content,
        form,
        lambda sent, seen, at: operations.save_aims(
            person=person,
            application=application,
            seen=seen,
            topic_ids=[number for number in (sent.topic.data, *sent.other_topics.data) if number],
            priority_id=sent.priority.data,
            at=at,
        ),
        lambda stored: [
            ("Topics, the main one first", ", ".join(topics[number] for number in stored["topics"])),
            ("Priority", priorities.get(stored["priority"], "")),
        ],
    )


def _budget(person: Person, application: Application) -> Section:
    content = contents.budget(application)
    form = forms.BudgetForm(
        data={
            "lines": [{"item": item, "amount": amount} for item, amount in content["lines"]],
            "version": contents.fingerprint(content),
        }
    )
    form.offer_lines()
    return Section(
        "budget",
        "Budget",
        content,
        form,
        lambda sent, seen, at: operations.save_budget(
            person=person, application=application, seen=seen, lines=sent.filled(), at=at
        ),
        lambda stored: [(item, pounds(amount)) for item, amount in stored["lines"]],
        template="budget",
    )


_OPENERS: dict[str, Callable[[Person, Application], Section]] = {
    "project": _project,
    "dates": _dates,
    "people": _people,
    "aims": _aims,
    "budget": _budget,
}


@dataclass(frozen=True)
class SectionTask:
    """A line of the task list: where it leads, and how far it is."""

    name: str
    title: str
    problems: Sequence[Problem]

    @property
    def label(self) -> str:
        """The word on its tag."""
        if not self.problems:
            return "Done"
        return "To do" if all(problem.missing for problem in self.problems) else "To mend"

    @property
    def colour(self) -> str:
        """The tag's modifier."""
        return {"Done": "yes", "To do": "quiet", "To mend": "no"}[self.label]


def tasks(bid: Bid, by_section: dict[str, list[Problem]]) -> list[SectionTask]:
    """Every section of an application in its order, with what is still wrong with it."""
    listed = [("project", "Your project"), ("dates", "When the project is"), ("people", "Whom it helps, and where")]
    listed += [("aims", "What it is about")]
    listed += [(f"questions/{answer.key}", answer.question) for answer in bid.answers]
    listed += [("budget", "Budget")]
    return [SectionTask(name, title, by_section.get(name, [])) for name, title in listed]
