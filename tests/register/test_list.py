"""The register's page: what it lists, how it is sorted and filtered, and what it bears."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from grants.accounts.models import Organisation
from grants.awards.corrections.operations import correct_amount
from grants.awards.entries.operations import record_repayment, withdraw
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.support import factories as make
from tests.support.client import Client, Page
from tests.support.kept import kept_when_first


def listed(page: Page) -> list[str]:
    """The references on a page, in its order."""
    return [str(cell.get_text()) for cell in page.page.select('.g-register td[data-label="Reference"]')]


def named(name: str) -> Organisation:
    return make.organisation(name)


def test_register_with_nothing_in_it_says_so(client: Client) -> None:
    page = client.get("/register")

    assert page.status_code == 200
    assert "No award has been published yet." in page.main


def test_register_shows_an_award_with_its_columns(client: Client) -> None:
    make.award(
        reference="SCF-1", organisation=named("Blast"), title="Safe talks", award_day="2014-10-22", amount=448_000
    )

    page = client.get("/register")

    assert page.page.select_one(".g-register tbody tr") is not None
    assert "Blast Safe talks 22 Oct 2014 SCF CSE Leeds SCF-1 £4,480.00" in page.main
    assert "1 award" in page.main


def test_register_shows_an_unknown_amount_as_not_known_and_never_as_nothing(client: Client) -> None:
    make.award(reference="PUB-1", amount=None, source="https://example.org/news")

    page = client.get("/register")

    assert "not known" in page.main
    assert "£0" not in page.main


def test_register_marks_an_illustrative_award(client: Client) -> None:
    make.award(illustrative=True, source="illustrative: made up")

    assert "Illustrative" in [tag.get_text() for tag in client.get("/register").page.select(".g-register .g-tag")]


def test_register_keeps_a_withdrawn_award_and_says_so(client: Client) -> None:
    award = make.award(reference="SCF-1")
    withdraw(actor=make.TESTS, award=award, effective=Day.parse("2026-04-01"), reason="The project did not begin.")

    page = client.get("/register")

    assert listed(page) == ["SCF-1"]
    assert "Withdrawn" in page.main
    assert "£0.00" in page.main


def test_register_shows_what_came_back(client: Client) -> None:
    award = make.award(amount=540_000)
    record_repayment(
        actor=make.TESTS, award=award, amount=Pence(20_000), effective=Day.parse("2026-05-01"), reason="Unspent."
    )

    assert "£5,400.00 £200.00 came back" in client.get("/register").main


def test_register_shows_a_corrected_amount(client: Client) -> None:
    award = make.award(amount=None, source="https://example.org/news")
    correct_amount(actor=make.TESTS, award=award, amount=Pence(592_550), reason="Found in the minutes.")

    assert "£5,925.50" in client.get("/register").main


# Filters


@kept_when_first
def some_awards() -> None:
    """Six awards that every filter tells apart."""
    cse, knives = make.topic("CSE", ["child sexual exploitation"]), make.topic("knife crime")
    leeds, bradford, all_of_it = make.district("Leeds"), make.district("Bradford"), make.district("West Yorkshire")
    peg = make.fund("PEG", "Partnership Executive Group Fund")
    first = make.open_round(code="SCF 1")
    make.award(
        reference="A1",
        organisation=named("Blast"),
        award_day="2014-05-12",
        topics=[cse],
        a_round=first,
        districts=[leeds],
        title="100% safe",
        amount=448_000,
    )
    make.award(
        reference="A2",
        organisation=named("Karma Nirvana"),
        award_day="2014-10",
        topics=[knives, cse],
        districts=[leeds, bradford],
        title="It’s over",
        amount=None,
        source="a cutting",
    )
    make.award(
        reference="A3",
        organisation=named("Children’s Services"),
        award_day="2015-03-01",
        of=peg,
        topics=[cse],
        districts=[all_of_it],
        title="Five districts",
        amount=38_500_000,
    )
    make.award(
        reference="A4",
        organisation=named("Ænon Mill"),
        award_day="by 2016-06-29",
        topics=[knives],
        districts=[bradford],
        title='O\'Brien "quoted" _one_',
        amount=100_000,
        source="a letter",
    )
    made_up = make.award(
        reference="A5",
        organisation=named("blast off"),
        award_day="2017-04-04",
        topics=[],
        districts=[],
        title="",
        amount=342_600,
        illustrative=True,
        source="illustrative",
    )
    gone = make.award(
        reference="A6",
        organisation=named("Zest"),
        award_day="2017-05-02",
        topics=[knives],
        districts=[leeds],
        amount=500_000,
    )
    withdraw(actor=make.TESTS, award=gone, effective=Day.parse("2017-06-01"), reason="It did not begin.")
    assert made_up.illustrative


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "A6 A5 A4 A3 A2 A1"),
        ("fund=PEG", "A3"),
        ("fund=scf", "A6 A5 A4 A2 A1"),
        ("round=SCF+1", "A1"),
        ("round=scf+1", "A1"),
        ("topic=CSE", "A3 A1"),
        ("topic=child+sexual+exploitation", "A3 A1"),
        ("topic=CSE&other_topics=yes", "A3 A2 A1"),
        ("district=Leeds", "A6 A2 A1"),
        ("district=E08000032", "A4 A2"),
        ("district=West+Yorkshire", "A3"),
        ("year=2014", "A2 A1"),
        ("since=2015-03-01&until=2016-06-29", "A4 A3"),
        ("since=2017", "A6 A5"),
        ("status=withdrawn", "A6"),
        ("status=awarded", "A5 A4 A3 A2 A1"),
        ("amount=unknown", "A2"),
        ("amount=known", "A6 A5 A4 A3 A1"),
        ("illustrative=yes", "A5"),
        ("illustrative=no", "A6 A4 A3 A2 A1"),
        ("q=BLAST", "A5 A1"),
        ("q=blast+safe", "A1"),
        ("q=%25", "A1"),
        ("q=_one_", "A4"),
        ("q=O%27Brien", "A4"),
        ("q=%22quoted%22", "A4"),
        ("q=%C3%86NON", "A4"),
        ("q=a3", "A3"),
        ("q=%5C", ""),
        ("q=+++", "A6 A5 A4 A3 A2 A1"),
        ("fund=SCF&topic=knife+crime&district=Leeds&illustrative=no", "A6 A2"),
    ],
)
def test_register_filters(client: Client, query: str, expected: str) -> None:
    some_awards()

    page = client.get(f"/register?{query}")

    assert listed(page) == expected.split()
    assert page.errors == {}


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", "A6 A5 A4 A3 A2 A1"),
        ("oldest", "A1 A2 A3 A4 A5 A6"),
        ("organisation", "A1 A5 A3 A2 A6 A4"),
        ("organisation-down", "A4 A6 A2 A3 A5 A1"),
        ("largest", "A3 A1 A5 A4 A6 A2"),
        ("smallest", "A6 A4 A5 A1 A3 A2"),
        ("reference", "A1 A2 A3 A4 A5 A6"),
        ("reference-down", "A6 A5 A4 A3 A2 A1"),
    ],
)
def test_register_sorts_with_unknown_amounts_last_either_way(client: Client, sort: str, expected: str) -> None:
    some_awards()

    assert listed(client.get("/register", query_string={"sort": sort})) == expected.split()


def test_register_says_by_which_column_it_is_sorted(client: Client) -> None:
    some_awards()

    page = client.get("/register?sort=largest&fund=SCF").page
    (heading,) = page.select("th[aria-sort]")

    assert heading["aria-sort"] == "descending"
    assert heading.a is not None
    assert heading.a["href"] == "/register?fund=SCF&sort=smallest"


def test_register_lets_each_filter_be_taken_off(client: Client) -> None:
    some_awards()

    words = client.get("/register?fund=SCF&topic=CSE&sort=oldest").page.select(".g-filters__word")

    assert {" ".join(word.get_text(" ").split()): word["href"] for word in words} == {
        "Take off the filter Fund: Safer Communities Fund ×": "/register?topic=CSE&sort=oldest",
        "Take off the filter Main topic: CSE ×": "/register?fund=SCF&sort=oldest",
    }


def test_register_keeps_in_its_fields_what_was_asked_for(client: Client) -> None:
    some_awards()

    page = client.get("/register?q=blast&fund=SCF&since=2014&amount=known").page

    assert page.select_one("#q")["value"] == "blast"  # type: ignore[index]
    assert page.select_one("#fund option[selected]")["value"] == "SCF"  # type: ignore[index]
    assert page.select_one("#since")["value"] == "2014"  # type: ignore[index]
    assert page.select_one("#amount option[selected]")["value"] == "known"  # type: ignore[index]


HOSTILE = {
    "a quote": "O'Brien\"",
    "a percent sign": "%",
    "a NUL": "a\0b",
    "10,000 characters": "x" * 10_000,
    "an impossible date": "2017-02-31",
    "a far year": "99999-01-01",
    "a small year": "0000-01-01",
    "SQL": "1; DROP TABLE awards --",
    "a script": "<script>alert(1)</script>",
    "an emoji": "🙂",
    "right to left": "\u202eevil",
    "a number too large": "9" * 40,
    "another script's digits": "٢٠١٧",
    "brackets": "[%5B]",
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize(
    "name",
    [
        "q",
        "fund",
        "round",
        "topic",
        "priority",
        "district",
        "other_topics",
        "year",
        "since",
        "until",
        "status",
        "amount",
        "illustrative",
        "sort",
        "after",
        "before",
    ],
)
def test_register_bears_any_filter(client: Client, name: str, value: str) -> None:
    some_awards()

    page = client.get("/register", query_string={name: value})
    file = client.get("/register.csv", query_string={name: value})

    unusable = {HOSTILE["a NUL"], HOSTILE["10,000 characters"]}
    finds = name in {"after", "before"} or (name == "q" and value not in unusable)
    assert page.status_code == (200 if finds else 400)
    assert file.status_code == (200 if finds and name == "q" else 400)
    if name not in {"q", "sort", "after", "before"}:
        assert listed(page) == []
        assert page.summary
        assert name in page.errors


def test_register_names_what_was_meant(client: Client) -> None:
    some_awards()

    page = client.get("/register?topic=knife-crme&until=2017-02-31")

    assert page.errors["topic"] == "There is no topic called “knife-crme”. Did you mean “knife crime”?"
    assert page.errors["until"].startswith("“2017-02-31” is not a day of the calendar.")
    assert page.page.title is not None
    assert page.page.title.get_text().startswith("Error: Register of awards")


def test_register_refuses_a_filter_that_is_given_twice(client: Client) -> None:
    some_awards()

    assert "The filter “q” is there more than once. Give it once only." in client.get("/register?q=a&q=b").main


# Pages


@kept_when_first
def many_awards(number: int) -> None:
    """Awards with amounts and days that many of them share, and some with no amount."""
    group, fund = make.organisation("A group that many share"), make.fund()
    for at in range(number):
        make.award(
            reference=f"M-{at:04}",
            of=fund,
            organisation=group,
            award_day=["2015", "2015-12-31", "2016-02-29"][at % 3],
            amount=[None, 100_000, 250_050, 100_000][at % 4],
            source="a list",
        )


@pytest.mark.parametrize("sort", ["newest", "oldest", "organisation", "largest", "smallest", "reference-down"])
def test_register_walked_page_by_page_gives_every_award_once_in_order(client: Client, sort: str) -> None:
    many_awards(123)
    seen: list[str] = []
    sizes = []
    address = f"/register?sort={sort}"

    while address:
        page = client.get(address)
        seen += listed(page)
        sizes.append(len(listed(page)))
        following = page.page.select_one("a[rel=next]")
        address = str(following["href"]) if following else ""

    assert sizes == [50, 50, 23]
    assert sorted(seen) == [f"M-{at:04}" for at in range(123)]
    lines = client.get(f"/register.csv?sort={sort}").get_data(as_text=True).splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == seen


def test_register_goes_back_to_the_page_before(client: Client) -> None:
    many_awards(101)
    first = client.get("/register?fund=SCF")
    second = client.get(str(first.page.select_one("a[rel=next]")["href"]))  # type: ignore[index]

    back = client.get(str(second.page.select_one("a[rel=prev]")["href"]))  # type: ignore[index]

    assert listed(back) == listed(first)
    assert "fund=SCF" in str(second.page.select_one("a[rel=next]")["href"])  # type: ignore[index]


@pytest.mark.parametrize("number", [1, 3, 8])
def test_register_asks_the_same_number_of_questions_however_long_it_is(
    client: Client, count_queries: Callable, number: int
) -> None:
    many_awards(number)

    with count_queries() as queries:
        page = client.get("/register?fund=SCF")

    assert len(listed(page)) == number
    assert queries.count == 5


def test_register_for_somebody_signed_in_asks_at_most_six_questions(sign_in: Callable, count_queries: Callable) -> None:
    many_awards(3)
    officer = sign_in(make.officer())
    officer.get("/register")

    with count_queries() as queries:
        officer.get("/register")

    assert queries.count <= 6


def test_register_page_of_long_names_stays_small(client: Client) -> None:
    for at in range(50):
        group = make.organisation(f"{'Long name of a group ' * 9}{at:03}"[:200])
        make.award(organisation=group, title="A project title of a hundred and twenty characters " * 2)

    page = client.get("/register")

    assert len(listed(page)) == 50
    assert len(page.get_data()) < 60 * 1024


def test_register_counts_anew_after_each_award(client: Client) -> None:
    make.award()
    assert re.search(r"\b1 award\b", client.get("/register").main)

    make.award()

    assert re.search(r"\b2 awards\b", client.get("/register").main)
