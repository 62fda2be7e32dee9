"""What came of the money, for everyone: the totals, the rows behind them, and what was announced."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Response, jsonify, render_template, request
from markupsafe import Markup

from grants.awards.ledger.queries import ledger_head
from grants.foundation.values import clock
from grants.foundation.web.tables import page_from_request
from grants.outcomes.announced import queries as announced
from grants.outcomes.blueprint import bp

from .totals import pictures, queries
from .totals.forms import LABELS, NOTES, Asked, read_filters
from .totals.maps import ATTRIBUTION
from .totals.rules import FilterKind, Filters, Vocabulary, bars
from .totals.statements import claim, remarks, when

REMEMBERED = 64
"""Selections whose pages a process remembers: some 3 MB."""


# The totals


@bp.get("/outcomes")
def outcomes() -> str:
    """One figure, one picture, and how complete the records are."""
    words, asked = _asked()
    body = _body(ledger_head(), words, announced.figures(), asked)
    return render_template("outcomes/outcomes.html", form=asked, body=body)


@bp.get("/outcomes.json")
def outcomes_json() -> Response:
    """The same figures for machines; 400 with the reasons where a filter means nothing."""
    _words, asked = _asked()
    if asked.filters is None:
        answer = jsonify(errors=dict(asked.errors))
        answer.status_code = 400
        return answer
    return jsonify(queries.statement(asked.filters).as_json())


@bp.get("/outcomes/rows")
def rows() -> str:
    """The awards behind a total."""
    words, asked = _asked()
    found: dict[str, Any] = {}
    if asked.filters:
        query, order = queries.listed(asked.filters)
        found = {"page": page_from_request(query, order=order), "totals": queries.picture(asked.filters).totals}
    return render_template("outcomes/rows.html", **_common(words, asked), **found)


def _asked() -> tuple[Vocabulary, Asked]:
    words = queries.vocabulary()
    return words, read_filters(request.args.to_dict(flat=False), words)


def _common(words: Vocabulary, asked: Asked) -> dict[str, Any]:
    """What every page with filters shows. `form` gives its title the word Error where a filter is wrong."""
    return {
        "form": asked,
        "asked": asked,
        "vocabulary": words,
        "kinds": [kind for kind in FilterKind if words.of(kind) or kind in asked.errors],
        "labels": LABELS,
        "notes": NOTES,
        "today": clock.today(),
        "when": when,
        "claim": claim,
        "remarks": remarks,
    }


@lru_cache(maxsize=REMEMBERED)
def _body(head: queries.Head, words: Vocabulary, said: tuple[announced.Figure, ...], asked: Asked) -> Markup:
    """What the page shows below its heading: the same for everyone while ledger, names and announcements stay."""
    found = _figures(head, words, said, asked.filters) if asked.filters else {}
    return Markup(render_template("outcomes/body.html", **_common(words, asked), **found))  # noqa: S704 - made by the template


def _figures(
    head: queries.Head, words: Vocabulary, said: tuple[announced.Figure, ...], filters: Filters
) -> dict[str, Any]:
    picture = queries.picture(filters, head)
    places = pictures.lines(picture, words)
    compared = announced.comparisons(said, filters, head)
    return {
        "totals": picture.totals,
        "years": bars(picture.years),
        "places": places,
        "chart": pictures.year_chart(picture),
        "map": pictures.district_map(places),
        "attribution": ATTRIBUTION,
        "comparisons": compared,
        "glance": announced.at_a_glance(compared),
    }
