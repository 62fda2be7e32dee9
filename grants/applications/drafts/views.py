"""The pages of a draft: starting one, and its sections, one thing per page."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for

from grants.accounts.access import current_person, signed_in, there
from grants.accounts.models import Person
from grants.accounts.rights import GroupRight
from grants.applications import queries, rules
from grants.applications.access import of_group
from grants.applications.blueprint import bp
from grants.applications.models import Application
from grants.foundation.web.arrival import arrived
from grants.foundation.web.posting import Answered, sent
from grants.foundation.web.sections import any_of, edited
from grants.funds import queries as funds
from grants.funds.rules import is_public
from grants.funds.sections import QUESTIONS, BidSection

from . import forms, operations, sections
from .sections import Opened

# Starting


@bp.get("/rounds/<string:slug>/apply")
@signed_in
def start(slug: str) -> Answered:
    """For which group somebody applies in a round."""
    person = current_person()
    a_round = there(funds.round_by_slug(slug), is_public)
    if not person.organisation_ids:
        return redirect(url_for("accounts.new_organisation", next=url_for(".start", slug=slug)))
    answer = rules.can_start(person, a_round, arrived())
    return render_template("applications/drafts/start.html", a_round=a_round, form=_start_form(person), answer=answer)


@bp.post("/rounds/<string:slug>/apply")
@signed_in
def start_post(slug: str) -> Answered:
    """Start an application; sent twice, or from two tabs, it is one."""
    person = current_person()
    a_round = there(funds.round_by_slug(slug), is_public)
    form = _start_form(person)
    answer = rules.can_start(person, a_round, arrived())
    if gone_on := sent(
        form,
        lambda: url_for(
            ".application",
            reference=operations.start(
                person=person, a_round=a_round, organisation_id=form.organisation.data, at=arrived()
            ).reference,
        ),
        once=(person.actor, "start application"),
    ):
        return gone_on
    return render_template("applications/drafts/start.html", a_round=a_round, form=form, answer=answer), 422


def _start_form(person: Person) -> forms.StartForm:
    own = person.groups_where(GroupRight.WRITE_APPLICATIONS)
    groups = [(row.organisation_id, row.organisation.name) for row in person.memberships if row.organisation_id in own]
    form = forms.StartForm()
    form.organisation.choices = groups
    if len(groups) == 1 and form.organisation.data is None:
        form.organisation.data = groups[0][0]
    return form


@bp.route(f"/applications/<string:reference>/{any_of(BidSection)}", methods=["GET", "POST"])
@signed_in
def section(reference: str, section: str) -> Answered:
    """One section of a draft."""
    person, found = of_group(reference, GroupRight.WRITE_APPLICATIONS)
    return _section(person, found, sections.open_section(person, found, section, arrived()))


@bp.route(f"/applications/<string:reference>/{QUESTIONS}/<string:key>", methods=["GET", "POST"])
@signed_in
def question(reference: str, key: str) -> Answered:
    """One question of the round."""
    person, found = of_group(reference, GroupRight.WRITE_APPLICATIONS)
    asked = queries.answer_to(found, key) or abort(404)
    return _section(person, found, sections.open_answer(person, found, *asked, arrived()))


def _section(person: Person, found: Application, opened: Opened) -> Answered:
    edit = rules.can_edit(person, found, arrived())
    return edited(
        opened,
        may=edit,
        problems=lambda: rules.problems(queries.draft_bid(found), found.round),
        page=lambda stored: render_template(
            f"applications/drafts/{opened.template}.html",
            application=found,
            section=opened,
            form=opened.form,
            stored=stored,
            edit=edit,
        ),
        done=lambda saved: _after_save(saved, opened),
    )


def _after_save(saved: Application, opened: Opened) -> str:
    """On to the task list; back to the page where what was saved does not fit yet."""
    problems = rules.problems(queries.draft_bid(saved), saved.round)
    if any(problem.section == opened.name and not problem.missing for problem in problems):
        flash("Saved. Something on this page must be mended before you submit.", "wait")
        return sections.section_address(saved.reference, opened.name)
    flash("Saved.", "yes")
    return url_for(".application", reference=saved.reference)
