"""A bar chart as SVG: data in, markup out. It reads in black and white, on a phone, and without its colours.

A bar is solid for what is on record and striped for what is illustrative. Colours are classes, so
that the office's own plum reaches them; the attributes are for where there is no style sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH = 320
"""Units across: about the points of a small phone, so that text keeps its size there."""

ROW, BAR, TOP = 28, 16, 4
VALUE = 92
"""Units kept free at the right of the longest bar for its amount."""

LETTER = 9
"""Units that a letter of a label takes at most, in the widest of the fonts that a browser may have."""

STRIPES = Markup(
    '<pattern id="{id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#fff"/><rect width="3" height="6" class="g-chart__ink" fill="#3d2c6b"/></pattern>'
)


@dataclass(frozen=True)
class ChartBar:
    """One bar: its label, its length and how much of that is striped (in the same unit), and its value in words."""

    label: str
    length: int
    striped: int
    words: str


def bar_chart(bars: Sequence[ChartBar], *, name: str, title: str, description: str) -> Markup:
    """A horizontal bar chart. `name` makes its ids unique on the page; `description` says it in words."""
    height = TOP * 2 + ROW * len(bars)
    left = round(max((len(bar.label) for bar in bars), default=0) * LETTER) + 8
    most = max((bar.length for bar in bars), default=0)
    scale = (WIDTH - left - VALUE) / most if most > 0 else 0.0
    rows = Markup("").join(_row(bar, TOP + ROW * place, left, scale, name) for place, bar in enumerate(bars))
    return Markup(
        '<svg class="g-chart" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-title {name}-desc" '
        'focusable="false"><title id="{name}-title">{title}</title><desc id="{name}-desc">{description}</desc>'
        '<defs>{stripes}</defs>{rows}<path class="g-chart__line" d="M{left} 0V{height}" stroke="#8a7fa3" fill="none"/>'
        "</svg>"
    ).format(
        width=WIDTH,
        height=height,
        name=name,
        title=title,
        description=description,
        stripes=STRIPES.format(id=f"{name}-stripes"),
        rows=rows,
        left=left,
    )


def _row(bar: ChartBar, top: int, left: int, scale: float, name: str) -> Markup:
    solid = max(0, bar.length - bar.striped) * scale
    striped = max(0, min(bar.striped, bar.length)) * scale
    middle = top + ROW / 2 + 4.5
    return Markup(
        '<text class="g-chart__label" x="{label_x}" y="{middle}" font-size="14" text-anchor="end">{label}</text>'
        "{solid}{striped}"
        '<text class="g-chart__value" x="{value_x}" y="{middle}" font-size="14">{words}</text>'
    ).format(
        label_x=left - 8,
        middle=f"{middle:g}",
        label=bar.label,
        solid=_rect(left, top, solid, "g-chart__ink", "#3d2c6b"),
        striped=_rect(left + solid, top, striped, "g-chart__striped", f"url(#{name}-stripes)"),
        value_x=f"{left + solid + striped + 7:.1f}",
        words=bar.words,
    )


def _rect(x: float, top: int, width: float, kind: str, fill: str) -> Markup:
    if width <= 0:
        return Markup("")
    return Markup(
        '<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" stroke="#3d2c6b"/>'
    ).format(
        kind=kind, x=f"{x:.1f}", y=f"{top + (ROW - BAR) / 2:g}", width=f"{max(width, 1):.1f}", height=BAR, fill=fill
    )
