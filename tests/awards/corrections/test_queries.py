"""Whom a name in a file of past awards means."""

from __future__ import annotations

from flask import Flask

from grants.accounts.models import Organisation, OrganisationKind
from grants.accounts.organisations.operations import change_organisation
from grants.awards.corrections.queries import recipients_like, recipients_named
from tests.support import factories


def test_group_that_registered_a_name_first_and_was_awarded_nothing_is_not_meant(app: Flask) -> None:
    squatter = factories.organisation("Genesis")
    factories.applicant(squatter)
    assert recipients_named({"genesis"}) == {}

    of_the_records = factories.organisation("GENESIS")

    assert recipients_named({"genesis", "nobody"}) == {"genesis": of_the_records.id}


def test_oldest_group_of_a_name_is_meant_that_holds_an_award_or_that_nobody_acts_for(app: Flask) -> None:
    holds, later = factories.organisation("Genesis"), factories.organisation("Genesis")
    factories.applicant(holds)
    assert recipients_named({"genesis"}) == {"genesis": later.id}

    factories.award(organisation=holds)

    assert recipients_named({"genesis"}) == {"genesis": holds.id}


def _renamed(group: Organisation, name: str) -> None:
    details = {"kind": OrganisationKind.CHARITY, "charity_number": "", "company_number": ""}
    person = factories.applicant(group)
    change_organisation(person=person, organisation=group, version=group.version, name=name, **details)


def test_group_is_meant_under_the_name_that_it_had_until_another_bears_it(app: Flask) -> None:
    group, taker = factories.organisation("Genesis"), factories.organisation("Exodus")
    factories.award(organisation=group)
    _renamed(group, "Genesis Leeds")
    _renamed(taker, "Numbers")
    assert recipients_named({"genesis", "genesis leeds", "exodus"}) == {"genesis": group.id, "genesis leeds": group.id}

    other = factories.organisation("Genesis")

    assert recipients_named({"genesis"}) == {"genesis": other.id}


def test_groups_like_some_words_are_counted_and_leave_out_the_one_that_holds_the_award(app: Flask) -> None:
    holder, other = factories.organisation("Genesis"), factories.organisation("New Genesis", charity_number="1122334")
    factories.award(organisation=other)
    factories.applicant(other)

    (row,) = recipients_like("genesis", but=holder.id)

    assert (row.Organisation.id, row.awards, row.people) == (other.id, 1, 1)
    assert [row.Organisation.id for row in recipients_like("112233", but=holder.id)] == [other.id]
