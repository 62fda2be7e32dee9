"""What every round asks of a project beside its own questions: the sections of an application, by name."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

QUESTIONS = "questions"
"""Where the questions of a round stand in addresses, each by its key."""


class BidSection(StrEnum):
    """The sections that every application has, in their order; the questions of its round stand before the budget."""

    PROJECT = "project"
    DATES = "dates"
    PEOPLE = "people"
    AIMS = "aims"
    BUDGET = "budget"

    @property
    def label(self) -> str:
        """Its heading."""
        return {
            "project": "Your project",
            "dates": "When the project is",
            "people": "Whom it helps, and where",
            "aims": "What it is about",
            "budget": "Budget",
        }[self]


def question_section(key: str) -> str:
    """The name of the section that is one question of the round.

    >>> question_section("difference-made")
    'questions/difference-made'
    """
    return f"{QUESTIONS}/{key}"


def in_order(questions: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Every section of an application as (name, heading); `questions` are those of its round as (key, text).

    >>> [name for name, _ in in_order([("need", "Why is it needed?")])]
    ['project', 'dates', 'people', 'aims', 'questions/need', 'budget']
    """
    always = [(section.value, section.label) for section in BidSection]
    return [*always[:-1], *((question_section(key), text) for key, text in questions), always[-1]]
