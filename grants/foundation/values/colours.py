"""Whether text in a colour can be read: the contrast of WCAG 2.2."""

from __future__ import annotations

import re

PLUM, LINK = "#3d2c6b", "#4a3596"
WHITE, MIST = "#ffffff", "#f6f4fa"
LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, level AA."""


class BadColour(ValueError):
    """The colour cannot be used; the message says why."""


def contrast(one: str, other: str) -> float:
    """The contrast of two colours written #rrggbb, from 1 (the same) to 21 (black on white).

    >>> contrast("#000000", "#ffffff"), round(contrast(PLUM, WHITE), 1)
    (21.0, 11.9)
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def check(colour: str, *, thing: str) -> str:
    """A colour of the office's own, as #rrggbb in small letters. Raises BadColour.

    Text in this colour stands on white and on our light ground, and white text stands on it.
    """
    tidy = colour.strip().lower()
    if not re.fullmatch("#[0-9a-f]{6}", tidy):
        raise BadColour(f"The {thing} must be written like {PLUM}.")
    least = min(contrast(tidy, ground) for ground in (WHITE, MIST))
    if least < LEAST_CONTRAST:
        raise BadColour(
            f"The {thing} {tidy} is too light to be read: its contrast is {least:.1f} to 1, "
            f"and {LEAST_CONTRAST} to 1 is the least. Choose a darker one."
        )
    return tidy


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[n : n + 2], 16) / 255) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
