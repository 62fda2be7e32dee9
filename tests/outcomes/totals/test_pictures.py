"""The pictures: true to their figures, safe in their words, complete for those who cannot see them."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from grants.outcomes.totals import charts, maps
from grants.outcomes.totals.pictures import district_map, lines, short, year_chart
from grants.outcomes.totals.queries import Picture
from grants.outcomes.totals.rules import MOST_BARS, FilterChoice, FilterKind, Totals, Vocabulary, bars

SVG = "{http://www.w3.org/2000/svg}"
EVIL = '"><script>alert(1)</script>&'

LEEDS = FilterChoice(FilterKind.DISTRICT, 1, "Leeds", "Leeds", "", ("E08000035",))
BRADFORD = FilterChoice(FilterKind.DISTRICT, 2, "Bradford", "Bradford", "", ("E08000032",))
AREA = FilterChoice(FilterKind.DISTRICT, 3, "West Yorkshire", "West Yorkshire", "area", ("E23000010",))
WORDS = Vocabulary((LEEDS, AREA, BRADFORD))


def parsed(markup: str) -> ET.Element:
    return ET.fromstring(str(markup).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314


def words_of(svg: ET.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def test_bars_are_as_long_as_their_amounts() -> None:
    shown = [
        charts.ChartBar("2014", 1000, 0, "£10"),
        charts.ChartBar("2015", 500, 500, "£5"),
        charts.ChartBar("2016", 0, 0, "£0"),
    ]

    svg = parsed(charts.bar_chart(shown, name="c", title="By year", description="More in 2014."))

    rects = [rect for rect in svg.iter(f"{SVG}rect") if rect.get("height") == str(charts.BAR)]
    solid, striped = (float(rect.get("width") or 0) for rect in rects)
    assert solid == pytest.approx(2 * striped, abs=0.2)
    assert rects[1].get("fill") == "url(#c-stripes)"
    assert words_of(svg) == ["2014", "£10", "2015", "£5", "2016", "£0"]


def test_chart_has_a_name_and_a_description() -> None:
    svg = parsed(charts.bar_chart([], name="c", title="By year", description="Nothing yet."))

    assert (svg.get("role"), svg.get("aria-labelledby")) == ("img", "c-title c-desc")
    assert [svg.findtext(f"{SVG}title"), svg.findtext(f"{SVG}desc")] == ["By year", "Nothing yet."]


def test_words_in_pictures_are_escaped() -> None:
    chart = charts.bar_chart([charts.ChartBar(EVIL, 1, 0, EVIL)], name="c", title=EVIL, description=EVIL)
    drawn = maps.district_map([maps.Place("E08000035", EVIL, 1, EVIL)], name="m", title=EVIL, description=EVIL)

    for markup in (chart, drawn):
        assert "<script" not in markup
        assert words_of(parsed(markup)) == [EVIL, EVIL]


def test_pictures_carry_no_inline_style_or_script() -> None:
    picture = Picture(Totals(), {2014: Totals(projects=1, total_pence=5)}, {1: Totals(projects=1, total_pence=5)})

    for markup in (year_chart(picture), district_map(lines(picture, WORDS))):
        assert not re.search(r"style=|<script|\son\w+=", markup)
        assert len(markup) < 12 * 1024


def test_map_shades_by_amount_and_leaves_nothing_blank() -> None:
    places = [maps.Place("E08000035", "Leeds", 100, "£1"), maps.Place("E08000032", "Bradford", 0, "£0")]

    svg = parsed(maps.district_map(places, name="m", title="t", description="d"))

    fills = [path.get("fill") for path in svg.iter(f"{SVG}path")]
    assert sorted(fills) == ["#ffffff", "url(#m-E08000035)"]
    assert sorted(words_of(svg)) == ["Bradford", "Leeds", "£0", "£1"]


def test_map_draws_all_five_districts_within_its_frame() -> None:
    sheet = maps.outlines()

    points = [float(number) for outline in sheet.outlines for number in re.findall(r"[\d.]+", outline.path)]
    assert len(sheet.outlines) == 5
    assert 0 <= min(points) <= max(points) <= maps.WIDTH
    assert all(0 < outline.label[0] < maps.WIDTH and 0 < outline.label[1] < sheet.height for outline in sheet.outlines)


def test_table_by_district_has_the_whole_area_and_the_unplaced_on_lines_of_their_own() -> None:
    one = Totals(projects=1, total_pence=100)

    listed = lines(Picture(one, {}, {1: one, 3: one, 0: one}), WORDS)

    assert [(line.label, line.totals.projects) for line in listed] == [
        ("Bradford", 0),
        ("Leeds", 1),
        ("All of West Yorkshire", 1),
        ("No district recorded", 1),
    ]
    assert words_of(parsed(district_map(listed))) == ["Bradford", "£0", "Leeds", "£1"]


@pytest.mark.parametrize(
    ("totals", "words"),
    [
        (Totals(), "£0"),
        (Totals(projects=1, total_pence=123_499), "£1,234"),
        (Totals(projects=1, unknown_amounts=1), "not known"),
        (Totals(projects=2, total_pence=100, unknown_amounts=1), "≥\N{NO-BREAK SPACE}£1"),
    ],
)
def test_short_amount(totals: Totals, words: str) -> None:
    assert short(totals) == words


def test_years_without_awards_are_shown_too() -> None:
    shown = bars({2014: Totals(projects=1), 2016: Totals(projects=2)})

    assert [(bar.label, bar.totals.projects) for bar in shown] == [("2014", 1), ("2015", 0), ("2016", 2)]


def test_years_of_long_ago_are_taken_together() -> None:
    shown = bars({1805: Totals(projects=1, total_pence=5), 1900: Totals(projects=1, total_pence=7), 2020: Totals()})

    assert len(shown) == MOST_BARS + 1
    assert (shown[0].label, shown[0].totals.total_pence) == ("before 1991", 12)
    assert bars({}) == []
