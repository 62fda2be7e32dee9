"""A new name is everywhere at once: pages, files, filters and forms. What is frozen keeps the name of its day."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from grants.accounts.models import FormerName, Organisation, Person
from grants.accounts.organisations.operations import change_organisation
from grants.accounts.rights import Role
from grants.applications.models import Submission
from grants.awards.corrections.operations import change_field
from grants.awards.models import Agreement, Award, AwardSnapshot, ChangedField, DecisionNotice
from grants.awards.snapshots.operations import rebuild_snapshots
from grants.foundation.records.copies import copied
from grants.foundation.records.db import Base, Refused, db, transaction
from grants.foundation.records.held import NotHeld
from grants.foundation.records.office import Office
from grants.foundation.values.clock import now
from grants.funds.models import District, Fund, Plan, Priority, Round, Topic, TopicName
from grants.outcomes.reports.models import ReportSubmission
from grants.payments.models import Payment
from tests.conftest import Runner
from tests.support import factories, life
from tests.support.client import Client, Page
from tests.support.factories import TESTS
from tests.support.kept import kept
from tests.support.life import Life

NAMES = (
    (Fund, ("code", "name")),
    (Round, ("code",)),
    (Plan, ("name",)),
    (Priority, ("name",)),
    (Topic, ("name",)),
    (TopicName, ("name",)),
    (District, ("name",)),
    (Organisation, ("name",)),
    (Person, ("name",)),
    (Office, ("name",)),
)
"""Everything that has a name which somebody may change."""
NOT_RENAMED = {
    "former_names.name": "a name that was",
    "stored_files.name": "the file's own name, as it was sent",
    "return_files.name": "the file's own name, as it was sent",
    "districts.code": "the GSS code: it is not ours",
}
"""Columns that are called so and hold no name that changes, and why."""
SECTIONS = ("amount", "date", "repayment", "topics", "districts", "group", "project")

SignIn = Callable[[Any], Client]


def rename_everything(mark: str) -> None:
    """Give everything a new name that begins with the mark, as whoever writes by objects would."""
    with transaction() as session:
        for model, columns in NAMES:
            for thing in session.scalars(select(model)).unique():
                for column in columns:
                    setattr(thing, column, f"{mark} {model.__name__.lower()}-{column}-{getattr(thing, 'id', 1)}")


@pytest.fixture
def grant(clock: Any, app: Flask) -> Life:
    """A whole life, and an award of the past with two topics and two districts; all was renamed twice since."""
    made, ended = kept("a whole life, renamed twice", lambda: (_renamed(clock), now()))
    clock.move_to(ended)
    return made


def _renamed(clock: Any) -> Life:
    made = life.whole_life(clock)
    factories.award(
        reference="PUB-1",
        amount=500_000,
        award_day="2016-03-03",
        source="https://example.org/announcement",
        organisation=made.group,
        topics=[factories.topic(), factories.topic("knife crime", ["knives"])],
        districts=[factories.district(), factories.district("Bradford")],
        a_round=made.round,
    )
    factories.person(Role.AUDITOR, name="Ada Auditor")
    factories.administrator()
    rename_everything("Former")
    change_field(
        actor=TESTS, award=made.award, field=ChangedField.TITLE, value="Bygone title", reason="The group asked for it."
    )
    rename_everything("Present")
    change_field(
        actor=TESTS, award=made.award, field=ChangedField.TITLE, value="Present title", reason="The group asked again."
    )
    return made


# Nothing is renamed past the copies


def test_every_table_with_a_name_is_renamed_here() -> None:
    """Whoever adds a name says here that its copies are renewed, or why it never changes."""
    named = {
        f"{mapper.local_table.name}.{column.name}"  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        for column in mapper.local_table.columns
        if column.name in {"name", "code"}
    }
    renamed = {f"{model.__tablename__}.{column}" for model, columns in NAMES for column in columns}

    assert named - NOT_RENAMED.keys() == renamed


def test_copies_are_what_a_rebuild_would_make_of_them(grant: Life) -> None:
    kept = _snapshots()
    rebuild_snapshots()

    assert kept == _snapshots()
    assert all("Present" in row["search"].title() for row in kept)


def _snapshots() -> list[dict[str, Any]]:
    rows = db.session.execute(select(*AwardSnapshot.__table__.columns).order_by(AwardSnapshot.award_id))
    return [dict(row) for row in rows.mappings()]


def test_copy_is_renewed_in_the_same_flush_and_in_what_is_loaded(app: Flask) -> None:
    award = factories.award()
    loaded = db.session.get_one(AwardSnapshot, award.id)
    with transaction() as session:
        session.get_one(Organisation, award.organisation_id).name = "Open Doors"
        session.flush()

        assert (loaded.organisation_name, loaded.organisation_key) == ("Open Doors", "open doors")


def test_rename_that_is_taken_back_leaves_the_copies(app: Flask) -> None:
    award = factories.award()
    before = _snapshots()

    with pytest.raises(Refused):
        _rename_in_vain(award)

    assert _snapshots() == before


def _rename_in_vain(award: Award) -> None:
    with transaction() as session:
        session.get_one(Organisation, award.organisation_id).name = "Open Doors"
        session.flush()
        raise Refused("No.")


def test_longer_time_to_report_moves_the_days_that_follow_from_it(grant: Life) -> None:
    before = db.session.get_one(AwardSnapshot, grant.award.id).report_due_on
    with transaction() as session:
        session.get_one(Round, grant.round.id).report_days += 7

    after = db.session.get_one(AwardSnapshot, grant.award.id, populate_existing=True).report_due_on
    assert before is not None
    assert after is not None
    assert (after - before).days == 7


def test_bulk_update_of_what_others_copy_is_refused(app: Flask) -> None:
    models = list(copied(app))
    assert {Organisation, Fund, Round, Topic, District} <= set(models)

    for model in models:
        with pytest.raises(NotHeld, match=model.__tablename__), transaction() as session:  # type: ignore[attr-defined]
            session.execute(update(model).values(id=1))


# Pages and files


def _public(grant: Life) -> Iterator[str]:
    yield from ("/register", "/register.csv", "/register.xlsx", "/register/360giving.json", "/outcomes")
    yield from ("/register/open-data", "/outcomes/rows", "/outcomes.json", "/rounds", f"/rounds/{grant.round.slug}")
    yield from (f"/awards/{grant.reference}", "/awards/PUB-1", f"/rounds/{grant.round.slug}/blank-form.pdf")


def _officer(grant: Life) -> Iterator[str]:
    yield from ("/desk", "/applications", "/applications.csv", "/applications.xlsx", "/reports", "/reports.csv")
    yield from ("/reports.xlsx", "/review", "/decisions", f"/applications/{grant.reference}", "/people")
    yield from (f"/grants/{grant.reference}/story{ending}" for ending in ("", ".json", ".csv"))
    yield from (f"/reports/{grant.reference}", f"/awards/{grant.reference}/offer", f"/decisions/{grant.reference}")
    yield from (f"/review/rounds/{grant.round.slug}{page}" for page in ("", "/ranking.csv", "/scores.csv"))
    yield f"/rounds/{grant.round.slug}/progress"
    yield from (f"/awards/PUB-1/corrections{kind}" for kind in ("", *(f"/{section}" for section in SECTIONS)))


def _finance(_grant: Life) -> Iterator[str]:
    yield from ("/desk", "/payments", "/payments/all", "/payments/all.csv", "/payments/all.xlsx", "/payments/awards")
    yield from ("/payments/awards.csv", "/payments/awards.xlsx", "/payments/batches/new", "/payments/bank-details")
    yield from ("/payments/batches", "/payments/batches/B-2026-0001", "/payments/returns", "/payments/bank-details/1")


def _applicant(grant: Life) -> Iterator[str]:
    yield from ("/desk", "/account", f"/organisations/{grant.group.id}", f"/organisations/{grant.group.id}/details")
    yield from (f"/reports/{grant.reference}", f"/awards/{grant.reference}/offer", "/reports")


def _with_role(role: Role) -> Person:
    return db.session.scalars(
        select(Person).where(Person.grants.any(role=role)).order_by(Person.id).options(db.joinedload(Person.grants))
    ).first() or factories.person(role)


READERS: dict[str, tuple[Callable[[Life], Any], Callable[[Life], Iterator[str]]]] = {
    "nobody": (lambda _grant: None, _public),
    "officer": (lambda grant: grant.officer, _officer),
    "finance": (lambda grant: grant.verifier, _finance),
    "decision maker": (lambda grant: grant.decision_maker, lambda _grant: iter(("/desk", "/decisions"))),
    "panel": (lambda grant: grant.panel[0], lambda _grant: iter(("/desk", "/review", "/review/locked"))),
    "auditor": (lambda _grant: _with_role(Role.AUDITOR), _officer),
    "administrator": (lambda _grant: _with_role(Role.ADMINISTRATOR), lambda _grant: iter(("/desk", "/people"))),
    "group": (lambda grant: grant.applicant, _applicant),
}


@pytest.mark.parametrize("reader", READERS)
def test_no_page_and_no_file_knows_a_former_name(reader: str, grant: Life, client: Client) -> None:
    who, pages = READERS[reader]
    person = who(grant)
    if person is not None:
        client.sign_in(person)
    read = {}
    for address in pages(grant):
        answer = client.get(address)
        if answer.status_code == 200:
            read[address] = _text(answer)

    assert read
    assert [address for address, text in read.items() if "former" in text.casefold()] == []
    ledger = {f"/awards/{grant.reference}", *(f"/grants/{grant.reference}/story{end}" for end in ("", ".json", ".csv"))}
    assert {address for address, text in read.items() if "Bygone" in text} <= ledger


def _text(answer: Page) -> str:
    """Everything that stands in an answer, tags and all; of a spreadsheet what stands in its parts."""
    body = answer.get_data()
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return "".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


def _name(of: Any, column: str = "name") -> str:
    return f"Present {type(of).__name__.lower()}-{column}-{of.id}"


def test_register_its_files_and_the_award_show_every_present_name(grant: Life, client: Client) -> None:
    fund, a_round, group = factories_of(Fund), grant.round, grant.group
    topics, districts = _all(Topic), _all(District)
    short = [_name(a_round, "code"), _name(group), *map(_name, topics), *map(_name, districts), "Present title"]
    whole = [*short, _name(fund), _name(fund, "code"), *map(_name, _all(Priority)), *map(_name, _all(Plan))]

    for address, names in (("/register", short), ("/register.csv", whole), ("/register.xlsx", whole)):
        text = _text(client.get(address))
        assert [name for name in names if name not in text] == [], address
    assert "E08000035; E08000032" in client.get("/register.csv").text
    page = client.get(f"/awards/{grant.reference}").main
    assert [name for name in (_name(fund), _name(group), "Present title", _name(topics[0])) if name not in page] == []


def factories_of(model: Any) -> Any:
    """The one row of a table."""
    return db.session.scalars(select(model)).one()


def _all(model: Any) -> list[Any]:
    return list(db.session.scalars(select(model).order_by(model.id)))


# Filters


def test_register_is_filtered_by_each_present_name(grant: Life, client: Client) -> None:
    fund, (bradford,) = factories_of(Fund), [one for one in _all(District) if one.code == "E08000032"]
    knives = _all(Topic)[1]
    both, past = {grant.reference, "PUB-1"}, {"PUB-1"}
    for query, references in (
        ({"fund": _name(fund, "code")}, both),
        ({"round": _name(grant.round, "code")}, both),
        ({"topic": _name(_all(Topic)[0])}, both),
        ({"topic": _name(knives), "other_topics": "yes"}, past),
        ({"district": _name(bradford)}, past),
        ({"q": _name(grant.group)}, both),
        ({"q": _name(bradford)}, past),
    ):
        page = client.get("/register", query_string=query)
        shown = {str(cell.get_text()) for cell in page.page.select('.g-register td[data-label="Reference"]')}
        assert shown == references, query


def test_lists_of_the_office_and_of_finance_are_filtered_by_present_names(grant: Life, sign_in: SignIn) -> None:
    leeds = _name(_all(District)[0])
    for person, address, queries in (
        (
            grant.verifier,
            "/payments/awards",
            [
                {"fund": _name(factories_of(Fund), "code")},
                {"round": _name(grant.round, "code")},
                {"topic": _name(_all(Topic)[0])},
                {"district": leeds},
                {"words": _name(grant.group)},
            ],
        ),
        (grant.officer, "/applications", [{"district": leeds}, {"q": _name(grant.group)}]),
        (grant.officer, "/reports", [{"round": _name(grant.round, "code")}, {"q": _name(grant.group)}]),
    ):
        client = sign_in(person)
        for query in queries:
            page = client.get(address, query_string=query)
            assert page.status_code == 200, query
            assert grant.reference in page.main, (address, query)


# Forms


def test_correction_forms_open_with_what_is_there_now(grant: Life, sign_in: SignIn) -> None:
    client = sign_in(grant.officer)

    districts = client.get("/awards/PUB-1/corrections/districts").page
    topics = client.get("/awards/PUB-1/corrections/topics").page
    group = client.get("/awards/PUB-1/corrections/group").main

    assert {str(box["value"]) for box in districts.select("[name=districts][checked]")} == {"1", "2"}
    assert [str(option["value"]) for option in topics.select("[name=primary] option[selected]")] == ["1"]
    assert [str(box["value"]) for box in topics.select("[name=others][checked]")] == ["2"]
    assert _name(grant.group) in group


def test_group_is_chosen_by_its_present_and_by_its_former_name(grant: Life, sign_in: SignIn) -> None:
    group = db.session.get_one(Organisation, grant.group.id)
    change_organisation(
        person=grant.applicant,
        organisation=group,
        version=group.version,
        name="Open Doors",
        kind=group.kind,
        charity_number="",
        company_number="",
    )
    award = db.session.scalars(select(Award).where(Award.reference == "PUB-1")).one()
    change_field(
        actor=factories.TESTS,
        award=award,
        field=ChangedField.RECIPIENT,
        value=factories.organisation("Another group"),
        reason="It was theirs.",
    )
    client = sign_in(grant.officer)

    for name in ("open doors", f"present organisation-name-{group.id}"):
        page = client.get("/awards/PUB-1/corrections/group/choose", query_string={"q": name}).page
        assert [str(link["href"]).rpartition("=")[2] for link in page.select("main li a")] == [str(group.id)], name

    assert db.session.scalar(select(func.count(FormerName.id))) == 1


def test_corrected_district_of_a_file_is_found_under_its_new_name(
    app: Flask, client: Client, runner: Runner, tmp_path: Path
) -> None:
    factories.award(reference="PUB-1", districts=[factories.district()])
    (tmp_path / "districts.csv").write_text("code,name,kind\nE08000035,City of Leeds,metropolitan district\n")
    assert "PUB-1" in client.get("/register?district=Leeds").main

    result = runner.invoke(args=["reference", "import", str(tmp_path), "--correct"])

    assert result.exit_code == 0, result.output
    assert "PUB-1" in client.get("/register?district=City+of+Leeds").main
    assert "City of Leeds" in client.get("/register.csv").text
    assert "E08000035" in client.get("/register.csv").text


# What is frozen


def test_what_is_frozen_keeps_the_name_of_its_day(grant: Life) -> None:
    texts = [db.session.scalars(select(model.content)).all()[0] for model in (Submission, DecisionNotice, Agreement)]
    texts.append(db.session.scalars(select(ReportSubmission.content)).all()[0])

    assert all("Northside Youth Project" in text for text in texts)
    assert not [text for text in texts if "Present" in text or "Former" in text]
    assert {payment.payee for payment in _all(Payment)} == {"Northside Youth Project"}
    assert json.loads(texts[0])["bid"]["districts"] == ["Leeds"]
