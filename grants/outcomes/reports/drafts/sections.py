"""The sections of a report: what each shows, reads and saves. One thing per page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from grants.accounts.models import Person
from grants.applications.drafts.contents import Content, fingerprint
from grants.applications.drafts.sections import SectionTask
from grants.applications.rules import Problem, missing_by_section
from grants.foundation.values.money import pounds, pounds_exact
from grants.outcomes.reports.contents import Told
from grants.outcomes.reports.models import Report
from grants.outcomes.reports.rules import ReportCase

from . import contents, forms, operations
from .operations import Spent

TITLES = {
    "people": "Whom it helped",
    "difference": "What difference it made",
    "spending": "What it cost",
    "story": "A story for the public",
}
"""The sections, in their order."""


@dataclass(frozen=True)
class Section:
    """One page of a report: `fill` opens its form, `save` keeps it, `tell` says in words what is stored."""

    name: str
    content: Content
    form: Any
    save: Callable[[Any], Report]
    tell: Callable[[Content], Sequence[tuple[str, str]]]

    @property
    def title(self) -> str:
        """Its heading."""
        return TITLES[self.name]

    @property
    def fingerprint(self) -> int:
        """The version that the form carries."""
        return fingerprint(self.content)

    def show(self, problems: Sequence[Problem]) -> None:
        """Say beside the fields what is filled in and does not fit."""
        for problem in problems:
            if problem.section == self.name and not problem.missing:
                self.field(problem.field).errors = [problem.message]

    def field(self, name: str) -> Any:
        """A field of the form by the name that it has on the page."""
        if not name.startswith("lines-"):
            return self.form[name]
        _, at, part = name.split("-")
        return self.form.lines.entries[int(at)].form[part]


def open_section(person: Person, case: ReportCase, report: Report, name: str) -> Section:
    """A section with its form, filled with what was sent or else with what is stored."""
    return _OPENERS[name](person, case, report)


def tasks(problems: Sequence[Problem]) -> list[SectionTask]:
    """Every section in its order, with what is still wrong with it."""
    by_section = missing_by_section(problems)
    return [SectionTask(name, title, by_section.get(name, [])) for name, title in TITLES.items()]


def _people(person: Person, case: ReportCase, report: Report) -> Section:
    content = contents.people(report)
    estimated = content["people_estimated"]
    how = None if estimated is None else forms.ESTIMATED if estimated else forms.COUNTED
    return Section(
        "people",
        content,
        forms.ReportPeopleForm(data={**content, "counted": how, "version": fingerprint(content)}),
        lambda sent: operations.save_people(
            person=person,
            award=case.award,
            seen=sent.version.data,
            people_helped=sent.people_helped.data,
            people_estimated=None if sent.counted.data is None else sent.counted.data == forms.ESTIMATED,
            volunteers=sent.volunteers.data,
            sessions=sent.sessions.data,
        ),
        lambda stored: [
            ("People helped", _number(stored["people_helped"]) + (" (estimate)" if stored["people_estimated"] else "")),
            ("Volunteers", _number(stored["volunteers"])),
            ("Sessions", _number(stored["sessions"])),
        ],
    )


def _difference(person: Person, case: ReportCase, report: Report) -> Section:
    content = contents.difference(report)
    return Section(
        "difference",
        content,
        forms.DifferenceForm(data={**content, "version": fingerprint(content)}),
        lambda sent: operations.save_difference(
            person=person,
            award=case.award,
            seen=sent.version.data,
            difference=sent.difference.data,
            changed=sent.changed.data,
        ),
        lambda stored: [("What difference it made", stored["difference"]), ("What changed", stored["changed"])],
    )


def _spending(person: Person, case: ReportCase, report: Report) -> Section:
    content = contents.spending(report)
    lines = [{"spent": pence, "reason": reason} for pence, reason in content["lines"]]
    items = [line.item for line in report.lines]
    return Section(
        "spending",
        content,
        forms.SpendingForm(
            data={"lines": lines, "other_money": content["other_money"], "version": fingerprint(content)}
        ),
        lambda sent: operations.save_spending(
            person=person,
            award=case.award,
            seen=sent.version.data,
            lines=[Spent(entry.form.spent.data, entry.form.reason.data) for entry in sent.lines.entries],
            other_money=sent.other_money.data,
        ),
        lambda stored: [
            *(
                (item, f"{pounds_exact(pence, unknown='Not said yet')}{f': {reason}' if reason else ''}")
                for item, (pence, reason) in zip(items, stored["lines"], strict=True)
            ),
            ("Other money", stored["other_money"]),
        ],
    )


def _story(person: Person, case: ReportCase, report: Report) -> Section:
    content = contents.story(report)
    return Section(
        "story",
        content,
        forms.StoryForm(data={**content, "version": fingerprint(content)}),
        lambda sent: operations.save_story(
            person=person,
            award=case.award,
            seen=sent.version.data,
            story=sent.story.data,
            story_consent=sent.story_consent.data,
        ),
        lambda stored: [("Story", stored["story"])],
    )


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


_OPENERS: dict[str, Callable[[Person, ReportCase, Report], Section]] = {
    "people": _people,
    "difference": _difference,
    "spending": _spending,
    "story": _story,
}


def saved_words(told: Told) -> str:
    """What saving the spending came to, for the person who saved it."""
    if told.other_pence:
        return f"Saved. You spent {pounds(told.other_pence)} more than we paid."
    return f"Saved. {pounds(told.unspent_pence)} of what we paid is not spent."
