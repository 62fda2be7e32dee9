"""The sections of a report: what each shows, reads and saves. One thing per page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for

from grants.accounts.models import Person
from grants.foundation.records.drafts import fingerprint
from grants.foundation.values.money import pounds, pounds_exact
from grants.foundation.web.sections import Section
from grants.outcomes.reports.contents import Told
from grants.outcomes.reports.models import Report
from grants.outcomes.reports.rules import ReportCase
from grants.outcomes.reports.sections import ReportSection

from . import contents, forms, operations
from .operations import Spent

Opened = Section[Report]


def report_section_address(reference: str, name: str) -> str:
    """The page of a section of a report, by the section's name."""
    return url_for("outcomes.report_section", reference=reference, section=name)


def open_section(person: Person, case: ReportCase, report: Report, name: str) -> Opened:
    """A section with its form, filled with what was sent or else with what is stored."""
    return SECTIONS[ReportSection(name)](person, case, report)


def _by(person: Person, case: ReportCase, sent: Any) -> operations.SavingReport:
    return {"person": person, "award": case.award, "seen": sent.version.data}


def _people(person: Person, case: ReportCase, report: Report) -> Opened:
    content = contents.people(report)
    estimated = content["people_estimated"]
    how = None if estimated is None else forms.ESTIMATED if estimated else forms.COUNTED
    return Section.of(
        ReportSection.PEOPLE,
        content,
        forms.ReportPeopleForm(data={**content, "counted": how, "version": fingerprint(content)}),
        lambda sent: operations.save_people(
            **_by(person, case, sent),
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
        template="people",
    )


def _difference(person: Person, case: ReportCase, report: Report) -> Opened:
    content = contents.difference(report)
    return Section.of(
        ReportSection.DIFFERENCE,
        content,
        forms.DifferenceForm(data={**content, "version": fingerprint(content)}),
        lambda sent: operations.save_difference(
            **_by(person, case, sent),
            difference=sent.difference.data,
            changed=sent.changed.data,
        ),
        lambda stored: [(ReportSection.DIFFERENCE.label, stored["difference"]), ("What changed", stored["changed"])],
        template="difference",
    )


def _spending(person: Person, case: ReportCase, _report: Report) -> Opened:
    content = contents.spending(case.told)
    lines = [{"item": item, "spent": pence, "reason": reason} for item, pence, reason in content["lines"]]
    form = forms.SpendingForm(
        data={"lines": lines, "other_money": content["other_money"], "version": fingerprint(content)}
    )
    if form.version.data != fingerprint(content):
        form.follow([line["item"] for line in lines])
    return Section.of(
        ReportSection.SPENDING,
        content,
        form,
        lambda sent: operations.save_spending(
            **_by(person, case, sent),
            lines=[Spent(entry.form.spent.data, entry.form.reason.data) for entry in sent.lines.entries],
            other_money=sent.other_money.data,
        ),
        lambda stored: [
            *(
                (item, f"{pounds_exact(pence, unknown='Not said yet')}{f': {reason}' if reason else ''}")
                for item, pence, reason in stored["lines"]
            ),
            ("Other money", stored["other_money"]),
        ],
        template="spending",
    )


def _story(person: Person, case: ReportCase, report: Report) -> Opened:
    content = contents.story(report)
    return Section.of(
        ReportSection.STORY,
        content,
        forms.StoryForm(data={**content, "version": fingerprint(content)}),
        lambda sent: operations.save_story(
            **_by(person, case, sent),
            story=sent.story.data,
            story_consent=sent.story_consent.data,
        ),
        lambda stored: [("Story", stored["story"])],
        template="story",
    )


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


SECTIONS: dict[ReportSection, Callable[[Person, ReportCase, Report], Opened]] = {
    ReportSection.PEOPLE: _people,
    ReportSection.DIFFERENCE: _difference,
    ReportSection.SPENDING: _spending,
    ReportSection.STORY: _story,
}


def saved_words(told: Told) -> str:
    """What saving the spending came to, for the person who saved it."""
    if told.other_pence:
        return f"Saved. You spent {pounds(told.other_pence)} more than we paid."
    return f"Saved. {pounds(told.unspent_pence)} of what we paid is not spent."
