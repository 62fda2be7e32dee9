"""The thread through all rooms, with the test client; in a browser it is in test_thread.py."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from grants.applications.queries import by_reference
from tests.support import factories
from tests.support.client import Client, Page


def test_thread_walks_through_all_rooms(client: Client, sign_in: Callable[[Any], Client]) -> None:
    factories.open_round(code="SCF-21", questions=2, criteria=2)
    plan = factories.priority()
    topic, district = factories.topic(), factories.district("Leeds")
    group = factories.organisation("Northside Youth Project")
    person = factories.applicant(group)

    assert client.get("/rounds").status_code == 200
    page = client.get("/rounds/scf-21")
    assert "Check whether you can apply" in page.main
    assert client.get("/rounds/scf-21/questions").status_code == 200
    assert client.get("/rounds/scf-21/blank-form.pdf").data.startswith(b"%PDF")
    asked = client.get("/eligibility/scf-21")
    assert asked.status_code == 200

    applicant = sign_in(person)
    started = applicant.submit("/rounds/scf-21/apply")
    where = started.goes_to
    assert where == "/applications/SCF-21-0001"
    again = applicant.submit("/rounds/scf-21/apply")
    assert again.goes_to == where

    def save(section: str, **data: Any) -> Page:
        return applicant.submit(f"{where}/{section}", data)

    assert save("project", title="Safe evenings", summary="Evening sessions for young people.").goes_to == where
    dates = {"starts_on-day": "11", "starts_on-month": "1", "starts_on-year": "2027"}
    dates |= {"ends_on-day": "30", "ends_on-month": "6", "ends_on-year": "2027"}
    assert save("dates", **dates).goes_to == where
    assert save("people", people_helped="60", districts=[str(district.id)]).goes_to == where
    assert save("aims", topic=str(topic.id), priority=str(plan.id)).goes_to == where
    assert save("questions/question-1", text="People ask for it.").goes_to == where
    assert save("questions/question-2", text="Two evenings a week.").goes_to == where
    over = save("budget", **{"lines-0-item": "Workers", "lines-0-amount": "6000.01"})
    assert over.status_code == 422
    assert "£6,000.01" in over.errors["lines-0-amount"]
    assert save("budget", **{"lines-0-item": "Workers", "lines-0-amount": "£6,000.00"}).goes_to == where
    tasks = applicant.get(where)
    assert "7 of 7 sections are done" in tasks.main
    sent = applicant.submit(f"{where}/check", {"agrees": "yes", "declared_name": "Alex Applicant"})
    assert sent.goes_to == f"{where}/receipt"
    assert applicant.get(sent.goes_to).status_code == 200

    officer = sign_in(factories.officer())
    assert "Safe evenings" in officer.get("/applications").main
    assert officer.submit("/review/SCF-21-0001/check", {"outcome": "pass"}).goes_to == "/review"

    for number in range(3):
        member = sign_in(factories.panel_member(f"Pat Panel {number}"))
        assert "Safe evenings" in member.get("/review").main
        declared = member.submit("/review/SCF-21-0001", {"interest": "none"})
        sheet = member.get(declared.goes_to)
        assert "People ask for it." in sheet.main
        marks = {f"marks-{n}-score": "4" for n in range(2)} | {f"marks-{n}-reason": "Clear." for n in range(2)}
        locked = member.submit(sheet, marks, button="Lock my scores")
        assert "median" in member.get(locked.goes_to).main

    pcc = sign_in(factories.decision_maker())
    assert "Safe evenings" in pcc.get("/decisions").main
    decided = pcc.submit(
        "/decisions/SCF-21-0001",
        {
            "outcome": "approved",
            "amount": "5400",
            "reasons": "It should make the estate safer.",
            "interests": "None",
            "confirmed": "yes",
        },
        form="form[action='/decisions/SCF-21-0001']",
    )
    assert decided.goes_to == "/decisions/SCF-21-0001"
    assert "£5,400" in pcc.get(decided.goes_to).main

    finance = sign_in(factories.finance_officer())
    assert "£5,400.00" in finance.get("/payments").main
    csv = finance.get("/payments/awards.csv").get_data(as_text=True)
    assert "SCF-21-0001,Northside Youth Project,Safe evenings,5400.00,SCF,SCF-21" in csv
    book = load_workbook(BytesIO(finance.get("/payments/awards.xlsx").data), read_only=True)
    rows = list(book.worksheets[0].values)
    assert rows[1][:4] == ("SCF-21-0001", "Northside Youth Project", "Safe evenings", 5400)
    assert by_reference("SCF-21-0001").status == "awarded"
    assert "£5,400" in client.get("/awards/SCF-21-0001").main
    assert "£5,400" in client.get("/outcomes").main
    assert "SCF-21-0001" in client.get("/register").main
