"""What finance calls things in its return files, as it set them."""

from __future__ import annotations

from grants.foundation.records.db import Refused
from grants.foundation.values.words import count_characters
from grants.payments.models import PaymentStatus, ReturnWords

from .rows import COLUMNS, OPTIONAL, STATUSES, FinanceWords

HEADINGS = {column.replace(" ", "_"): column for column in (*COLUMNS, *OPTIONAL)}
"""The fields that hold other headings, and the columns that these are of."""
FIELDS = (*HEADINGS, *STATUSES)
MOST_WORDS = 20
LONGEST_WORD = 100


def lines_in(text: str) -> list[str]:
    """The words of a text, one a line, each once."""
    return list(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))


def words_of(row: ReturnWords | None) -> FinanceWords:
    """The words by which a file is read."""
    if row is None:
        return FinanceWords()
    return FinanceWords(
        headings={word: column for name, column in HEADINGS.items() for word in lines_in(getattr(row, name))},
        statuses={word: PaymentStatus(name) for name in STATUSES for word in lines_in(getattr(row, name))},
    )


def check_words(row: ReturnWords) -> None:
    """Raise Refused where a word means two things, is too long, or there are too many."""
    for names, ours in ((list(HEADINGS), HEADINGS), (list(STATUSES), {name: name for name in STATUSES})):
        meant = {own.casefold(): name for name, own in ours.items()}
        for name in names:
            words = lines_in(getattr(row, name))
            if len(words) > MOST_WORDS:
                raise Refused(f"At most {MOST_WORDS} words can be set for one thing.")
            for word in words:
                if count_characters(word) > LONGEST_WORD:
                    raise Refused(f"A word must be {LONGEST_WORD} characters or fewer.")
                if meant.setdefault(word.casefold(), name) != name:
                    raise Refused(f"“{word}” cannot mean two things.")
