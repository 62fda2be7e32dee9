"""What is frozen of a decision: its words, and what it was decided on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grants.applications.models import Submission
from grants.awards.models import Decision
from grants.foundation.records.actors import Actor
from grants.foundation.records.audit import as_text
from grants.foundation.records.frozen import Content, Kind, canonical, sha256
from grants.review.models import Recommendation, ScoreSheet
from grants.review.rules import result_of, share_of

DECISION: Kind[Content] = Kind("decision", form=1)

PLACES = 6
"""Decimal places of a share of the most points, so that it is written alike wherever it is reckoned."""


def freeze(
    decision: Decision,
    *,
    submission: Submission,
    recommendation: Recommendation | None,
    sheets: Sequence[ScoreSheet],
) -> tuple[str, str]:
    """The canonical JSON of a decision and its SHA-256: with the submission, recommendation and scores that it saw."""
    advice, scores = _recommendation(recommendation), _scores(sheets)
    return DECISION.freeze(
        {
            "decision": _decision(decision),
            "submission_sha256": submission.sha256,
            "recommendation": advice,
            "recommendation_sha256": sha256(canonical(advice)) if advice else "",
            "scores": scores,
            "scores_sha256": sha256(canonical(scores)) if scores else "",
        }
    )


def _decision(decision: Decision) -> dict[str, Any]:
    names = (
        "reference",
        "outcome",
        "requested_pence",
        "amount_pence",
        "reasons",
        "less_reason",
        "feedback",
        "conditions",
        "interests",
        "over_pot_reason",
        "decision_maker",
        "department",
        "legal_power",
    )
    return {
        **{name: getattr(decision, name) for name in names},
        "decided_at": as_text(decision.decided_at),
        "decided_by": Actor.person(decision.decided_by_id).key,
    }


def _recommendation(recommendation: Recommendation | None) -> dict[str, Any] | None:
    if recommendation is None:
        return None
    return {
        "amount_pence": recommendation.amount_pence,
        "reason": recommendation.reason,
        "recommended_at": as_text(recommendation.recommended_at),
        "recommended_by": Actor.person(recommendation.officer_id).key,
    }


def _scores(sheets: Sequence[ScoreSheet]) -> dict[str, Any] | None:
    result = result_of(sheets)
    if result is None:
        return None
    return {
        "sheets": [
            {
                "member": Actor.person(sheet.person_id).key,
                "locked_at": as_text(sheet.locked_at),
                "share": round(share_of(sheet), PLACES),
                "scores": [[score.criterion_id, score.score, score.reason] for score in sheet.scores],
            }
            for sheet in sheets
        ],
        "mean": round(result.mean, PLACES),
        "median": round(result.median, PLACES),
        "low": round(result.low, PLACES),
        "high": round(result.high, PLACES),
    }


def of_decision(decision: Decision) -> Content:
    """What was frozen of a decision, as plain values. Raises UnknownForm.

    Release 0.1 froze nothing: a decision of its time has no content.
    """
    return DECISION.read(decision.content)


@DECISION.reader(1)
def _first_form(content: Content) -> Content:
    return content
