"""The sections of an application: what each shows, reads and saves. One thing per page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import url_for

from grants.accounts.models import Person
from grants.applications.contents import Bid
from grants.applications.models import Application
from grants.foundation.records.drafts import fingerprint
from grants.foundation.values.money import pounds
from grants.foundation.web.sections import Section
from grants.funds import queries as funds
from grants.funds import sections
from grants.funds.kinds.registry import kind_of
from grants.funds.models import Question
from grants.funds.sections import BidSection, question_section

from . import contents, forms, operations

Opened = Section[Application]


def section_address(reference: str, name: str) -> str:
    """The page of a section of a draft, by the section's name: a question of the round has a page of its own."""
    _questions, _, key = name.partition("/")
    if key:
        return url_for("applications.question", reference=reference, key=key)
    return url_for("applications.section", reference=reference, section=name)


def open_section(person: Person, application: Application, name: str, at: datetime) -> Opened:
    """A section with its form, filled with what was sent or else with what is stored."""
    return SECTIONS[BidSection(name)](person, application, at)


def open_answer(person: Person, application: Application, question: Question, text: str, at: datetime) -> Opened:
    """The section of one question of the round."""
    content = contents.answer(text)
    kind = kind_of(question)
    return Section(
        question_section(question.key),
        question.text,
        content,
        forms.answer_form(question)(data={"text": kind.shown(text), "version": fingerprint(content)}),
        lambda sent: operations.save_answer(
            **_by(person, application, sent, at),
            question=question,
            text=kind.kept(sent.text.data),
        ),
        lambda stored: [(question.text, kind.words(stored["text"]))],
        template="answer",
    )


def _by(person: Person, application: Application, sent: Any, at: datetime) -> operations.SavingBid:
    return {"person": person, "application": application, "seen": sent.version.data, "at": at}


def _project(person: Person, application: Application, at: datetime) -> Opened:
    content = contents.project(application)
    return Section.of(
        BidSection.PROJECT,
        content,
        forms.ProjectForm(data={**content, "version": fingerprint(content)}),
        lambda sent: operations.save_project(
            **_by(person, application, sent, at),
            title=sent.title.data,
            summary=sent.summary.data,
        ),
        lambda stored: [("Project title", stored["title"]), ("Summary", stored["summary"])],
    )


def _dates(person: Person, application: Application, at: datetime) -> Opened:
    content = contents.dates(application)
    months = application.round.most_months
    return Section.of(
        BidSection.DATES,
        content,
        forms.DatesForm(
            data={
                "starts_on": application.starts_on,
                "ends_on": application.ends_on,
                "version": fingerprint(content),
            }
        ),
        lambda sent: operations.save_dates(
            **_by(person, application, sent, at),
            starts_on=sent.starts_on.data,
            ends_on=sent.ends_on.data,
        ),
        lambda stored: [("First day", stored["starts_on"]), ("Last day", stored["ends_on"])],
        intro=f"A project in this round can last up to {months} months." if months else "",
    )


def _people(person: Person, application: Application, at: datetime) -> Opened:
    content = contents.people(application)
    names = {district.id: district.name for district in funds.all_districts()}
    form = forms.PeopleForm(data={**content, "version": fingerprint(content)})
    form.districts.choices = list(names.items())
    return Section.of(
        BidSection.PEOPLE,
        content,
        form,
        lambda sent: operations.save_people(
            **_by(person, application, sent, at),
            people_helped=sent.people_helped.data,
            district_ids=sent.districts.data,
        ),
        lambda stored: [
            ("People helped", str(stored["people_helped"] or "")),
            ("Where", ", ".join(names[number] for number in stored["districts"])),
        ],
    )


def _aims(person: Person, application: Application, at: datetime) -> Opened:
    content = contents.aims(application)
    topics = dict(funds.topic_choices())
    priorities = {priority.id: priority.name for priority in funds.priorities_of(application.round)}
    first, others = (content["topics"] or [None])[0], content["topics"][1:]
    form = forms.AimsForm(
        data={
            "topic": first,
            "other_topics": others,
            "priority": content["priority"],
            "version": fingerprint(content),
        }
    )
    form.topic.choices = form.other_topics.choices = list(topics.items())
    form.priority.choices = list(priorities.items())
    return Section.of(
        BidSection.AIMS,
        content,
        form,
        lambda sent: operations.save_aims(
            **_by(person, application, sent, at),
            topic_ids=[number for number in (sent.topic.data, *sent.other_topics.data) if number],
            priority_id=sent.priority.data,
        ),
        lambda stored: [
            ("Topics, the main one first", ", ".join(topics[number] for number in stored["topics"])),
            ("Priority", priorities.get(stored["priority"], "")),
        ],
    )


def _budget(person: Person, application: Application, at: datetime) -> Opened:
    content = contents.budget(application)
    form = forms.BudgetForm(
        data={
            "lines": [{"item": item, "amount": amount} for item, amount in content["lines"]],
            "version": fingerprint(content),
        }
    )
    form.offer_lines()
    return Section.of(
        BidSection.BUDGET,
        content,
        form,
        lambda sent: operations.save_budget(**_by(person, application, sent, at), lines=sent.filled()),
        lambda stored: [(item, pounds(amount)) for item, amount in stored["lines"]],
        template="budget",
    )


SECTIONS: dict[BidSection, Callable[[Person, Application, datetime], Opened]] = {
    BidSection.PROJECT: _project,
    BidSection.DATES: _dates,
    BidSection.PEOPLE: _people,
    BidSection.AIMS: _aims,
    BidSection.BUDGET: _budget,
}


def in_order(bid: Bid) -> list[tuple[str, str]]:
    """Every section of a bid by name and title."""
    return sections.in_order((answer.key, answer.question) for answer in bid.answers)
