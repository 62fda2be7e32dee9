"""Totals turned into what a page shows: a chart by year, a map of the districts, and their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grants.foundation.values.money import pounds

from . import charts, maps
from .queries import Picture
from .rules import NOTHING, FilterChoice, FilterKind, Totals, Vocabulary, YearBar, bars


@dataclass(frozen=True)
class DistrictLine:
    """One line of a table by district: the district, or None where an award has none, and its totals."""

    district: FilterChoice | None
    totals: Totals

    @property
    def is_area(self) -> bool:
        """Whether it is the line of the awards for the whole area."""
        return self.district is not None and bool(self.district.note)

    @property
    def label(self) -> str:
        """What the table calls it."""
        if self.district is None:
            return "No district recorded"
        return f"All of {self.district.name}" if self.is_area else self.district.name


def short(totals: Totals) -> str:
    """An amount for a narrow place: whole pounds, and ≥ where some of it is not known.

    >>> short(Totals(projects=2, total_pence=973049, unknown_amounts=1)), short(NOTHING)
    ('≥\\xa0£9,730', '£0')
    """
    if totals.projects and totals.projects == totals.unknown_amounts and not totals.total_pence:
        return "not known"
    least = "≥\u00a0" if totals.unknown_amounts else ""
    return least + pounds(totals.total_pence // 100 * 100)


def year_chart(picture: Picture, *, name: str = "by-year") -> Markup:
    """The bar chart of a selection by year of award; illustrative rows are striped."""
    shown = bars(picture.years)
    return charts.bar_chart(
        [
            charts.ChartBar(bar.label, bar.totals.total_pence, bar.totals.illustrative_pence, short(bar.totals))
            for bar in shown
        ],
        name=name,
        title="Amounts awarded by year",
        description=_year_words(shown),
    )


def _year_words(shown: Sequence[YearBar]) -> str:
    most = max(shown, key=lambda bar: bar.totals.total_pence, default=None)
    if most is None or not most.totals.total_pence:
        return "No amounts are known. The table beside it has the same figures."
    return (
        f"From {shown[0].label} to {shown[-1].label}; the most in {most.label}, {pounds(most.totals.total_pence)}. "
        "The table beside it has the same figures."
    )


def lines(picture: Picture, vocabulary: Vocabulary) -> list[DistrictLine]:
    """The table by district: every district by name, the whole area, and awards without any if there are such."""
    known = sorted(vocabulary.of(FilterKind.DISTRICT), key=lambda choice: (bool(choice.note), choice.name))
    listed = [DistrictLine(choice, picture.districts.get(choice.id, NOTHING)) for choice in known]
    return [*listed, DistrictLine(None, picture.districts[0])] if 0 in picture.districts else listed


def district_map(listed: Sequence[DistrictLine], *, name: str = "by-district") -> Markup:
    """The map of a selection; the whole area and awards without a district are left to the table."""
    shown = [line for line in listed if line.district is not None and not line.is_area]
    places = [
        maps.Place(line.district.others[0], line.label, line.totals.total_pence, short(line.totals))
        for line in shown
        if line.district is not None and line.district.others
    ]
    words = "; ".join(f"{line.label}: {claim_words(line.totals)}" for line in shown)
    return maps.district_map(places, name=name, title="Amounts awarded by district", description=words)


def claim_words(totals: Totals) -> str:
    """A total in a few words.

    >>> claim_words(Totals(projects=2, total_pence=54000))
    '2 projects, £540'
    """
    noun = "project" if totals.projects == 1 else "projects"
    return f"{totals.projects:,} {noun}, {short(totals)}".replace("\u00a0", " ")
