"""What came of the money, for everyone: the totals, the rows behind them, and what was announced."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, render_template, request

from grants.awards.ledger.queries import ledger_head
from grants.foundation.values import clock
from grants.foundation.web.filters import takes
from grants.foundation.web.posting import Answered
from grants.foundation.web.tables import page_from_request
from grants.outcomes.announced import queries as announced
from grants.outcomes.blueprint import bp

from .totals import pictures, queries
from .totals.filters import LABELS, NAMES, NOTES, Asked, read_filters
from .totals.maps import ATTRIBUTION
from .totals.rules import FilterKind, Filters, Vocabulary, bars
from .totals.statements import claim, remarks, told_since, when

# The totals


@bp.get("/outcomes")
@takes(*NAMES)
def outcomes() -> Answered:
    """One figure, one picture, and how complete the records are."""
    words, asked = _asked()
    found = _figures(words, asked.filters) if asked.filters else {}
    return render_template("outcomes/outcomes.html", **_common(words, asked), **found), _code(asked)


@bp.get("/outcomes.json")
@takes(*NAMES)
def outcomes_json() -> Response:
    """The same figures for machines; 400 with the reasons where a filter means nothing."""
    _words, asked = _asked()
    if asked.filters is None:
        answer = jsonify(errors=dict(asked.errors))
        answer.status_code = 400
        return answer
    return jsonify(queries.statement(asked.filters).as_json())


@bp.get("/outcomes/rows")
@takes(*NAMES, turns=True)
def rows() -> Answered:
    """The awards behind a total."""
    words, asked = _asked()
    found: dict[str, Any] = {}
    if asked.filters:
        query, order = queries.listed(asked.filters)
        picture = queries.picture(asked.filters)
        found = {
            "page": page_from_request(query, order=order, outer_joins=True),
            "totals": picture.totals,
            "told": told_since(picture.records),
        }
    return render_template("outcomes/rows.html", **_common(words, asked), **found), _code(asked)


def _code(asked: Asked) -> int:
    return 400 if asked.errors else 200


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


def _figures(words: Vocabulary, filters: Filters) -> dict[str, Any]:
    """What the page shows of a selection. Its figures are remembered while the ledger stays; the pictures are drawn."""
    head = ledger_head()
    picture = queries.picture(filters, head)
    places = pictures.lines(picture, words)
    compared = announced.comparisons(announced.figures(), filters, head)
    return {
        "totals": picture.totals,
        "told": told_since(picture.records),
        "years": bars(picture.years),
        "places": places,
        "chart": pictures.year_chart(picture),
        "map": pictures.district_map(places),
        "attribution": ATTRIBUTION,
        "comparisons": compared,
        "glance": announced.at_a_glance(compared),
    }
