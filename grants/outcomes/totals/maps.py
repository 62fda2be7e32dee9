"""A map of the districts as SVG: data in, markup out. The more, the darker and the denser; each carries its words."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

OUTLINES = Path(__file__).parent / "data" / "districts.geojson"

ATTRIBUTION = (
    "Contains Ordnance Survey and Office for National Statistics data "
    "© Crown copyright and database right 2016, under the Open Government Licence v3.0"
)
"""What the licence of the outlines asks to stand beside the map."""

WIDTH = 320
MARGIN = 4

LIGHTEST, DARKEST = (0xF3, 0xEF, 0xFA), (0x97, 0x80, 0xC9)
"""The grounds of the least and the most; dark text stays readable on both."""

WIDEST, CLOSEST = 12.0, 3.5
"""Units between the lines on the least and on the most."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """A district by its GSS code: its name, its amount, and the amount in words."""

    code: str
    name: str
    amount: int
    words: str


@dataclass(frozen=True)
class Outline:
    """A district drawn in the units of the map: its path, and where its label stands."""

    code: str
    path: str
    label: Point


@dataclass(frozen=True)
class Sheet:
    """All outlines, and the height that they need."""

    outlines: tuple[Outline, ...]
    height: int


def district_map(places: Sequence[Place], *, name: str, title: str, description: str) -> Markup:
    """The map with each place shaded by its amount. A place without an outline is left to the table beside it."""
    sheet = outlines()
    known = {place.code: place for place in places}
    most = max((place.amount for place in places), default=0)
    shown = [(outline, known[outline.code]) for outline in sheet.outlines if outline.code in known]
    drawn = [(outline, place, shade(place.amount, most)) for outline, place in shown]
    return Markup(
        '<svg class="g-map" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-title {name}-desc" '
        'focusable="false"><title id="{name}-title">{title}</title><desc id="{name}-desc">{description}</desc>'
        "<defs>{patterns}</defs>{areas}{labels}</svg>"
    ).format(
        width=WIDTH,
        height=sheet.height,
        name=name,
        title=title,
        description=description,
        patterns=Markup("").join(_pattern(outline, name, dark) for outline, _place, dark in drawn if dark),
        areas=Markup("").join(_area(outline, name, dark) for outline, _place, dark in drawn),
        labels=Markup("").join(_label(outline, place) for outline, place, _dark in drawn),
    )


def shade(amount: int, most: int) -> float:
    """How dark a place is: 0 for nothing, 1 for the most; differences near the most are drawn out.

    >>> shade(0, 100), shade(50, 100), shade(100, 100)
    (0.0, 0.25, 1.0)
    """
    return (amount / most) ** 2 if amount > 0 and most > 0 else 0.0


def _pattern(outline: Outline, name: str, dark: float) -> Markup:
    step = WIDEST + (CLOSEST - WIDEST) * dark
    mixed = (round(light + (deep - light) * dark) for light, deep in zip(LIGHTEST, DARKEST, strict=True))
    return Markup(
        '<pattern id="{name}-{code}" width="{step}" height="{step}" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="{step}" height="{step}" fill="{ground}"/>'
        '<rect width="0.7" height="{step}" class="g-map__ink" fill="#3d2c6b"/></pattern>'
    ).format(name=name, code=outline.code, step=f"{step:.1f}", ground="#" + "".join(f"{part:02x}" for part in mixed))


def _area(outline: Outline, name: str, dark: float) -> Markup:
    fill = f"url(#{name}-{outline.code})" if dark else "#ffffff"
    return Markup('<path class="g-map__area" d="{path}" fill="{fill}" stroke="#1f1b2e"/>').format(
        path=outline.path, fill=fill
    )


def _label(outline: Outline, place: Place) -> Markup:
    x, y = outline.label
    return Markup(
        '<g class="g-map__label" text-anchor="middle" paint-order="stroke" stroke="#fff" stroke-width="4" '
        'stroke-linejoin="round" fill="#1f1b2e"><text x="{x}" y="{above}" font-size="14" font-weight="bold">'
        "{name}</text>"
        '<text x="{x}" y="{below}" font-size="14">{words}</text></g>'
    ).format(x=f"{x:.0f}", above=f"{y - 3:.0f}", below=f"{y + 13:.0f}", name=place.name, words=place.words)


@lru_cache(maxsize=1)
def outlines() -> Sheet:
    """The districts' outlines from the room's data, drawn to the width of the map."""
    features = json.loads(OUTLINES.read_text(encoding="utf-8"))["features"]
    rings = {feature["properties"]["code"]: _rings(feature["geometry"]) for feature in features}
    return _drawn(rings)


def _rings(geometry: Mapping[str, Any]) -> list[list[Point]]:
    several = geometry["type"] == "MultiPolygon"
    polygons = geometry["coordinates"] if several else [geometry["coordinates"]]
    return [[(point[0], point[1]) for point in ring] for polygon in polygons for ring in polygon]


def _drawn(rings: Mapping[str, list[list[Point]]]) -> Sheet:
    """Longitude shrinks with the cosine of the latitude in the middle, which at this size is true enough."""
    points = [point for found in rings.values() for ring in found for point in ring]
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    narrowing = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / ((east - west) * narrowing)

    def put(point: Point) -> Point:
        return (MARGIN + (point[0] - west) * narrowing * scale, MARGIN + (north - point[1]) * scale)

    placed = {code: [[put(point) for point in ring] for ring in found] for code, found in rings.items()}
    drawn = tuple(Outline(code, _path(found), centre(max(found, key=len))) for code, found in placed.items())
    return Sheet(drawn, math.ceil((north - south) * scale + 2 * MARGIN))


def _path(rings: Sequence[Sequence[Point]]) -> str:
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring[:-1]) + "Z" for ring in rings)


def centre(ring: Sequence[Point]) -> Point:
    """The middle of an area by its weight.

    >>> centre([(0, 0), (4, 0), (4, 2), (0, 2), (0, 0)])
    (2.0, 1.0)
    """
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        area += cross / 2
        x += (x1 + x2) * cross / 6
        y += (y1 + y2) * cross / 6
    return (x / area, y / area)
