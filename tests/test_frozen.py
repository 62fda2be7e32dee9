"""What was frozen once is read for ever: a kept record of each form, and every record of each release.

`tests/support/frozen/<kind>-<form>.json` is a record as it was written in that form, and never changes. Where a test
says that a form lacks its file, raise the form, write the new reader beside the old ones, and keep a record of the new
form.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask

import grants
from grants.applications.contents import SUBMISSION, submitted
from grants.applications.document import submission_pdf
from grants.applications.models import Application, Submission
from grants.awards.decisions.contents import DECISION
from grants.awards.models import Agreement, Award, Decision, DecisionNotice, VariationKind
from grants.awards.notices.contents import NOTICE
from grants.awards.offers.contents import AGREEMENT, agreement_pdf
from grants.awards.variations.contents import VARIATION
from grants.foundation.documents.pdf import typst_pdf
from grants.foundation.records.db import db, transaction
from grants.foundation.records.frozen import KINDS, sha256
from grants.foundation.records.office import the_office
from grants.foundation.values import clock as time
from grants.outcomes.reports.contents import REPORT
from grants.outcomes.reports.document import report_pdf
from grants.outcomes.reports.models import ReportSubmission
from grants.payments.models import BankDetails
from grants.payments.sealing import BANK_ACCOUNT, unseal
from tests.support import award_factories, factories, life, release
from tests.support.client import Client

T = TypeVar("T")
FOLDER = Path(__file__).parent / "support" / "frozen"

for _module in pkgutil.walk_packages(grants.__path__, "grants."):
    if _module.name.endswith((".contents", ".sealing")):
        importlib.import_module(_module.name)

FORMS = [(name, form) for name, kind in sorted(KINDS.items()) for form in range(1, kind.form + 1)]


def _kept(name: str, form: int) -> str:
    return (FOLDER / f"{name.replace(' ', '-')}-{form}.json").read_text("utf-8")


def _paths(value: Any, path: str = "") -> set[str]:
    """Each key of plain values with the keys above it; the places of a list count as one."""
    if isinstance(value, dict):
        return {path}.union(*(_paths(inner, f"{path}.{key}") for key, inner in value.items()))
    if isinstance(value, list):
        return {path}.union(*(_paths(inner, f"{path}[]") for inner in value))
    return {path}


# Every form that was ever written


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_kept_record_of_each_form_is_read(name: str, form: int) -> None:
    text = _kept(name, form)

    assert json.loads(text)["form"] == form
    assert KINDS[name].read(text)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_kind_has_a_reader_for_each_of_its_forms_and_for_no_other(name: str) -> None:
    kind = KINDS[name]
    assert sorted(kind.readers) == list(range(1, kind.form + 1))


def test_every_kept_record_is_of_a_kind_that_is_read() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {f"{name.replace(' ', '-')}-{form}" for name, form in FORMS}


def test_what_is_written_today_has_the_shape_of_the_kept_record(clock: Any, app: Flask) -> None:
    """A key more or less is another form: whoever adds one raises the form's number."""
    life.whole_life(clock)
    written = {
        "submission": _one(Submission),
        "decision": _one(Decision),
        "decision notice": _one(DecisionNotice),
        "agreement": _one(Agreement),
        "report": db.session.scalars(db.select(ReportSubmission.content).order_by(ReportSubmission.id)).all()[0],
        "bank account": unseal(db.session.scalars(db.select(BankDetails.sealed)).one()).decode(),
        "variation": award_factories.begun_variation(_one_of(Award), kind=VariationKind.WITHDRAWAL).content,
    }

    assert written.keys() == KINDS.keys()
    for name, text in written.items():
        kept = json.loads(_kept(name, KINDS[name].form))
        assert _paths(json.loads(text)) == _paths(kept), name


def _one(model: Any) -> str:
    text: str = db.session.scalars(db.select(model.content)).one()
    return text


def _one_of(model: type[T]) -> T:
    return db.session.scalars(db.select(model)).one()


# What a reader makes of them


def test_submission_is_read_word_for_word() -> None:
    sent, kept = SUBMISSION.read(_kept("submission", 1)), json.loads(_kept("submission", 1))

    assert sent.bid.title == kept["bid"]["title"]
    assert sent.bid.starts_on is not None
    assert sent.bid.starts_on.isoformat() == kept["bid"]["starts_on"]
    assert [answer.text for answer in sent.bid.answers] == [answer["text"] for answer in kept["bid"]["answers"]]
    assert [line.amount_pence for line in sent.bid.budget] == [400_000, 200_000]
    assert (sent.declaration, sent.declared_name) == (kept["declaration"], kept["declared_name"])


def test_report_is_read_word_for_word() -> None:
    sent, kept = REPORT.read(_kept("report", 1)), json.loads(_kept("report", 1))

    assert sent.declared_name == kept["declared_name"]
    assert (sent.told.difference, sent.told.people_helped) == (kept["report"]["difference"], 72)
    assert [line.spent_pence for line in sent.told.lines] == [350_000, 170_000]
    assert sent.told.unspent_pence == kept["unspent_pence"]


def test_bank_account_is_read_with_whom_it_was_sealed_for() -> None:
    sealed_for, account = BANK_ACCOUNT.read(_kept("bank account", 1))

    assert (sealed_for, account.sort_code, account.number) == (1, "012345", "00733445")


@pytest.mark.parametrize("name", ["decision", "decision notice", "agreement", "variation"])
def test_what_is_shown_as_it_stands_is_read_whole(name: str) -> None:
    """Its fingerprint is taken of every key, those that nobody shows among them."""
    kind = {"decision": DECISION, "decision notice": NOTICE, "agreement": AGREEMENT, "variation": VARIATION}[name]
    text = _kept(name, kind.form)

    assert kind.freeze(kind.read(text)) == (text, sha256(text))


def test_documents_are_made_of_kept_records(app: Flask) -> None:
    bid, report = _kept("submission", 1), _kept("report", 1)
    sent = Submission(content=bid, sha256=sha256(bid))
    told = ReportSubmission(number=1, content=report, sha256=sha256(report), submitted_at=time.now())

    documents = [
        submission_pdf(Application(illustrative=False), sent, office=the_office()),
        report_pdf(told, office=the_office()),
        agreement_pdf(Agreement(content=_kept("agreement", 1))),
        typst_pdf("decision_notice", NOTICE.read(_kept("decision notice", 1))),
    ]

    assert all(document.startswith(b"%PDF") for document in documents)


def test_notice_page_shows_a_kept_record(client: Client) -> None:
    text = _kept("decision notice", 1)
    a_round, kept = factories.open_round(), json.loads(text)
    with transaction() as session:
        session.add(
            DecisionNotice(
                year=2026,
                number=1,
                reference=kept["reference"],
                round_id=a_round.id,
                title=kept["title"],
                signed_at=time.now(),
                signed_by_id=factories.decision_maker().id,
                approved_count=1,
                approved_pence=kept["total_pence"],
                declined_count=0,
                content=text,
                sha256=sha256(text),
                pdf=b"%PDF",
            )
        )

    page = client.get(f"/decisions/notices/{kept['reference']}")

    assert kept["approved"][0]["purpose"] in page.text


# Every record of a release


def test_submissions_of_release_0001_are_read_and_printed(app: Flask) -> None:
    """That release froze no declaration: the words that it showed are read in its place."""
    texts = [row["content"] for row in release.stored("submissions")]
    assert len(texts) == 8

    for text in texts:
        submission = Submission(content=text, sha256=sha256(text))
        sent, kept = submitted(submission), json.loads(text)
        assert sent.bid.title == kept["bid"]["title"]
        assert sent.declaration == "What we say in this application is true, and our group has agreed to it"
    assert submission_pdf(Application(illustrative=False), submission, office=the_office()).startswith(b"%PDF")
