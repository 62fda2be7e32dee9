"""The ranking of a round, on its page and as files."""

from __future__ import annotations

from dataclasses import replace

from flask import render_template
from sqlalchemy import select
from werkzeug.wrappers import Response

from grants.accounts.access import hands_out, needs
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.foundation.documents.exports import csv_response, xlsx_response
from grants.foundation.records.lifecycle import Ruling
from grants.foundation.web.filters import takes
from grants.foundation.web.tables import page_from_request
from grants.funds.models import Round
from grants.review import rules
from grants.review.access import round_of
from grants.review.acts import ReviewAct
from grants.review.blueprint import bp
from grants.review.waiting import queries as work

from . import columns as files
from . import queries as ranking

RANKING_SIZE = 50


# The ranking


@bp.get("/review/rounds/<string:slug>")
@needs(Right.READ_RANKING)
@takes(turns=True)
def ranked(slug: str) -> str:
    """The applications of a round by what the panel said, against its pot."""
    person, a_round = round_of(slug)
    may = _may_see_ranking(person, a_round)
    if not may:
        return render_template("review/ranking/no_ranking.html", a_round=a_round, may=may)
    found = ranking.ranking(person, a_round)
    page = page_from_request(select(found), order=ranking.order_of(found), size=RANKING_SIZE)
    return render_template(
        "review/ranking/ranking.html",
        a_round=a_round,
        page=replace(page, rows=[ranking.as_ranked(row) for row in page.rows]),
        summary=ranking.summary_of(person, a_round),
        door=_door(person),
        may_draft=rules.can_draft(person),
        may_export=rules.can_export_scores(person),
    )


@bp.get("/review/rounds/<string:slug>/ranking.csv")
@needs(Right.READ_RANKING)
@takes()
@hands_out(ReviewAct.EXPORT_RANKING, kind="rounds", named="slug")
def ranking_csv(slug: str) -> Response:
    """The whole ranking as CSV. Raises Refused for a panel member who still scores."""
    person, a_round = round_of(slug)
    _may_see_ranking(person, a_round).or_refuse()
    return csv_response(files.ranked_rows(person, a_round), files.ranking_columns(a_round), f"ranking {a_round.code}")


@bp.get("/review/rounds/<string:slug>/ranking.xlsx")
@needs(Right.READ_RANKING)
@takes()
@hands_out(ReviewAct.EXPORT_RANKING, kind="rounds", named="slug")
def ranking_xlsx(slug: str) -> Response:
    """The whole ranking as XLSX. Raises Refused for a panel member who still scores."""
    person, a_round = round_of(slug)
    _may_see_ranking(person, a_round).or_refuse()
    rows, columns = files.ranked_rows(person, a_round), files.ranking_columns(a_round)
    return xlsx_response(rows, columns, f"ranking {a_round.code}", title=f"Ranking {a_round.code}")


def _may_see_ranking(person: Person, a_round: Round) -> Ruling:
    blind = not person.may(Right.READ_SCORES)
    return rules.can_see_ranking(person, left=work.left_to_score(person, a_round) if blind else 0)


def _door(person: Person) -> str:
    """The page that an application of the ranking leads this person to."""
    doors = {
        Right.RECOMMEND: "review.recommend",
        Right.DECIDE: "awards.decide",
        Right.READ_APPLICATIONS: "applications.application",
        Right.SCORE_APPLICATIONS: "review.score",
    }
    return next(door for right, door in doors.items() if person.may(right))
