"""Decisions that are made and signed, for tests."""

from __future__ import annotations

from typing import Any

from grants.accounts.models import Person
from grants.applications.models import Application
from grants.awards.models import Decision, DecisionNotice
from grants.foundation.records.db import db

from . import factories
from .kept import kept_when_first


def sign(*decisions: Decision, by: Person | None = None, **more: Any) -> DecisionNotice:
    """Sign a notice of these decisions, by whoever decided the first of them."""
    from grants.awards.notices.operations import sign_notice

    person = by or db.session.get_one(Person, decisions[0].decided_by_id)
    application = db.session.get_one(Application, decisions[0].application_id)
    return sign_notice(
        person=person,
        a_round=application.round,
        decision_ids=[decision.id for decision in decisions],
        title=more.pop("title", "Grants to make communities safer"),
        interests=more.pop("interests", "None."),
        signature=more.pop("signature", person.name),
        **more,
    )


@kept_when_first
def announced(of: Application | None = None, **more: Any) -> Decision:
    """A decision that is made and signed: an approval has its award, its offer and its letters."""
    decision = factories.decision(of, **more)
    sign(decision)
    return decision
