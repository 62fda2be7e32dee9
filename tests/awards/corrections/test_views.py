"""The pages by which an officer corrects an award."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grants.awards.corrections import operations as corrections
from grants.awards.corrections.kinds import KINDS_BY_KEY
from grants.awards.entries import operations as entries
from grants.awards.models import Award, AwardChange, AwardSnapshot, LedgerEntry
from grants.foundation.records.db import db
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.support import award_factories, factories
from tests.support.client import Client
from tests.support.factories import TESTS
from tests.support.queries import Queries

SOURCE = "https://example.org/announcement"
SignIn = Callable[[Any], Client]


def past_award(**more: Any) -> Award:
    return factories.award(
        **{"reference": "PUB-1", "amount": 500_000, "award_day": "2016-03-03", "source": SOURCE} | more
    )


def snapshot() -> AwardSnapshot:
    return db.session.scalars(select(AwardSnapshot).execution_options(populate_existing=True)).one()


def send(client: Client, what: str, **fields: Any) -> Any:
    """Open the form and send it with these fields."""
    return client.submit(f"/awards/PUB-1/corrections/{what}", {"reason": "The office's list says so."} | fields)


def day(name: str, text: str) -> dict[str, str]:
    year, month, number = text.split("-")
    return {f"{name}-day": number, f"{name}-month": month, f"{name}-year": year}


def test_found_amount_is_entered_with_its_reason(app: Flask, sign_in: SignIn) -> None:
    past_award(amount=None)

    answer = send(sign_in(factories.officer()), "amount", amount="£4,480")

    assert answer.goes_to == "/awards/PUB-1"
    assert snapshot().awarded_pence == 448_000
    last = db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id.desc())).first()
    assert last is not None
    assert (last.kind, last.reason, last.unknown_delta) == ("correction", "The office's list says so.", -1)


def test_late_withdrawal_is_entered_on_its_own_day(app: Flask, sign_in: SignIn) -> None:
    past_award()

    send(sign_in(factories.officer()), "withdrawal", **day("day", "2016-12-01"))

    assert not snapshot().is_project
    last = db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id.desc())).first()
    assert last is not None
    assert last.effective_last.isoformat() == "2016-12-01"


def test_withdrawal_is_taken_back(app: Flask, sign_in: SignIn) -> None:
    award = past_award()
    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-12-01"), reason="Misread.")

    send(sign_in(factories.officer()), "reinstatement")

    assert snapshot().awarded_pence == 500_000


def test_repayment_is_entered(app: Flask, sign_in: SignIn) -> None:
    past_award()

    send(
        sign_in(factories.officer()),
        "repayment",
        kind="repayment",
        amount="200",
        bank_reference="BACS 77",
        **day("day", "2017-01-01"),
    )

    assert snapshot().returned_pence == 20_000
    last = db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id.desc())).first()
    assert last is not None
    assert last.bank_reference == "BACS 77"


def test_topics_are_corrected(app: Flask, sign_in: SignIn) -> None:
    past_award(topics=[factories.topic("CSE")])
    right, other = factories.topic("FGM"), factories.topic("hate crime")

    send(sign_in(factories.officer()), "topics", primary=str(right.id), others=[str(other.id)])

    assert (snapshot().primary_topic, snapshot().other_topics) == ("FGM", "hate crime")


def test_districts_are_corrected(app: Flask, sign_in: SignIn) -> None:
    past_award(districts=[factories.district("Leeds")])
    right = factories.district("Bradford")

    send(sign_in(factories.officer()), "districts", districts=[str(right.id)])

    assert snapshot().districts == "Bradford"


def test_group_is_corrected_to_a_known_one(app: Flask, sign_in: SignIn) -> None:
    past_award()
    factories.organisation("Getaway Girls")
    right = factories.organisation("Getaway Girls", charity_number="1122334")
    client = sign_in(factories.officer())

    found = client.get("/awards/PUB-1/corrections/group/choose?q=getaway%20girls")
    links = [str(link["href"]) for link in found.page.select("main li a")]
    assert "charity 1122334; 0 awards" in found.main.replace("\xa0", " ")
    page = client.get(links[1])
    assert "Goes to Getaway Girls" in page.words
    client.submit(page, {"reason": "The minutes say so."})

    assert len(links) == 2
    assert snapshot().organisation_id == right.id


def test_name_that_is_typed_makes_a_new_group_and_takes_none_that_registered_it(app: Flask, sign_in: SignIn) -> None:
    past_award()
    squatter = factories.organisation("Getaway Girls")
    client = sign_in(factories.officer())

    without = send(client, "group", name="")
    send(client, "group", name="Getaway Girls")

    assert without.errors == {"name": "Enter the name of the new group, or choose one from the list"}
    assert snapshot().organisation_name == "Getaway Girls"
    assert snapshot().organisation_id != squatter.id


def test_project_is_corrected_from_a_day_on(app: Flask, sign_in: SignIn) -> None:
    past_award()

    send(sign_in(factories.officer()), "project", title="Other evenings", **day("since", "2016-06-01"))

    change = db.session.scalars(select(AwardChange)).one()
    assert (change.after, change.effective_last.isoformat()) == ("Other evenings", "2016-06-01")


def test_award_date_is_corrected_as_no_more_exact_than_known(app: Flask, sign_in: SignIn) -> None:
    past_award()

    send(sign_in(factories.officer()), "date", how="by", **day("day", "2015-06-29"))

    assert snapshot().award_day == Day.parse("by 2015-06-29")


def test_correction_without_a_reason_is_refused_beside_the_field(app: Flask, sign_in: SignIn) -> None:
    past_award(amount=None)

    answer = send(sign_in(factories.officer()), "amount", amount="4480", reason="")

    assert answer.status_code == 422
    assert answer.errors == {"reason": "Enter the reason"}
    assert snapshot().awarded_pence is None


def test_correction_that_a_rule_refuses_keeps_what_was_typed(app: Flask, sign_in: SignIn) -> None:
    past_award()

    answer = send(
        sign_in(factories.officer()), "repayment", kind="repayment", amount="5000.01", **day("day", "2017-01-01")
    )

    assert answer.status_code == 422
    assert "More would have come back" in answer.text
    assert 'value="5,000.01"' in answer.text


def test_correction_of_an_award_that_grew_since_is_refused_until_it_was_seen(app: Flask, sign_in: SignIn) -> None:
    award = past_award()
    client = sign_in(factories.officer())
    page = client.get("/awards/PUB-1/corrections/amount")
    corrections.correct_amount(actor=TESTS, award=award, amount=Pence(480_000), reason="Misread.")

    refused = client.submit(page, {"amount": "4900", "reason": "The office's list says so."})
    accepted = client.submit(refused, {"reason": "The office's list says so."})

    assert refused.status_code == 409
    assert "after you opened the page" in refused.text
    assert "£4,800" in refused.text
    assert accepted.goes_to == "/awards/PUB-1"
    assert snapshot().awarded_pence == 490_000


def test_correction_sent_twice_is_entered_once(app: Flask, sign_in: SignIn) -> None:
    past_award()
    client = sign_in(factories.officer())
    page = client.get("/awards/PUB-1/corrections/repayment")
    fields = {"kind": "repayment", "amount": "200", "reason": "Underspent.", **day("day", "2017-01-01")}

    client.submit(page, fields)
    client.submit(page, fields)

    assert snapshot().returned_pence == 20_000


def test_day_in_the_future_is_refused(app: Flask, sign_in: SignIn) -> None:
    past_award()

    answer = send(sign_in(factories.officer()), "withdrawal", **day("day", "2099-01-01"))

    assert answer.status_code == 422
    assert snapshot().is_project


def test_withdrawn_award_offers_to_take_the_withdrawal_back(app: Flask, sign_in: SignIn) -> None:
    award = past_award()
    client = sign_in(factories.officer())
    before = client.get("/awards/PUB-1/corrections").text
    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2016-12-01"), reason="It ended.")

    after = client.get("/awards/PUB-1/corrections").text

    assert ("corrections/withdrawal" in before, "corrections/reinstatement" in before) == (True, False)
    assert ("corrections/withdrawal" in after, "corrections/reinstatement" in after) == (False, True)


def test_corrections_that_an_award_cannot_have_now_are_not_offered(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(factories.officer())

    def offered(award: Award) -> set[str]:
        page = client.get(f"/awards/{award.reference}/corrections").page
        keys = {str(link["href"]).rpartition("/")[2] for link in page.select("main li a")}
        return keys & {"amount", "withdrawal", "reinstatement", "repayment"}

    assert offered(past_award()) == {"amount", "withdrawal", "repayment"}
    assert offered(award_factories.decided_award()) == {"repayment"}
    assert offered(award_factories.offered_award()) == set()
    assert offered(award_factories.paid_award()) == {"repayment"}
    assert offered(award_factories.withdrawn_award()) == {"repayment"}


def test_what_was_decided_here_is_corrected_in_topics_districts_and_repayments_alone(
    app: Flask, sign_in: SignIn
) -> None:
    award, client = award_factories.paid_award(), sign_in(factories.officer())
    page = client.get(f"/awards/{award.reference}/corrections").page
    listed = {str(link["href"]).rpartition("/")[2] for link in page.select("main li a")}

    open_to = {
        key for key in KINDS_BY_KEY if client.get(f"/awards/{award.reference}/corrections/{key}").status_code == 200
    }

    assert listed == {"repayment", "topics", "districts"} == open_to


@pytest.mark.parametrize("page", ["", "/topics", "/amount"])
def test_page_has_few_queries(
    app: Flask, sign_in: SignIn, page: str, count_queries: Callable[[], AbstractContextManager[Queries]]
) -> None:
    past_award()
    client = sign_in(factories.officer())

    with count_queries() as queries:
        client.get(f"/awards/PUB-1/corrections{page}")

    assert queries.count <= 6, queries
