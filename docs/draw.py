"""Draws the life cycles from their tables: `python -m docs.draw` writes docs/lifecycles.md anew."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path

from grants.accounts.rights import GROUP_HOLDERS, HOLDERS, DoneBy, MemberRole, Right, Role
from grants.applications.models import ApplicationStatus
from grants.applications.rules import APPLICATION_STEPS
from grants.awards.models import AwardStatus, RequestStatus, VariationStatus
from grants.awards.requests.rules import REQUEST_STEPS
from grants.awards.rules import AWARD_STEPS
from grants.awards.variations.rules import VARIATION_STEPS
from grants.foundation.records.lifecycle import Step
from grants.funds.models import RoundStatus
from grants.funds.rules import ROUND_STEPS
from grants.outcomes.reports.models import ReportStatus
from grants.outcomes.reports.rules import REPORT_STEPS
from grants.payments.models import BankStatus, BatchStatus, ReversalStatus
from grants.payments.reversals.rules import REVERSAL_STEPS
from grants.payments.rules import BANK_STEPS, BATCH_STEPS

PAGE = Path(__file__).with_name("lifecycles.md")

HEAD = """# The life cycles

Each life cycle is one table in its room's `rules.py`. The table drives the buttons, the checks and this page:
`python -m docs.draw` writes it anew, and a test fails while it differs from the tables. What is not in a table is
refused. *Who* are the roles that have the *right* (`grants/accounts/rights.py`), and *if* is the first line of the
row's own rule; beyond it nobody of the office deals with what belongs to their own group, or with a bid in which
they declared an interest, as the rules of each room say. The state of an award follows from the sums of its ledger,
which decide where a verb with several rows leads; a test walks its table with the real verbs.
"""

CYCLES = (
    ("A round", "grants/funds/rules.py", RoundStatus, ROUND_STEPS),
    ("An application", "grants/applications/rules.py", ApplicationStatus, APPLICATION_STEPS),
    ("An award", "grants/awards/rules.py", AwardStatus, AWARD_STEPS),
    ("A request for a change", "grants/awards/requests/rules.py", RequestStatus, REQUEST_STEPS),
    ("A variation", "grants/awards/variations/rules.py", VariationStatus, VARIATION_STEPS),
    ("A report", "grants/outcomes/reports/rules.py", ReportStatus, REPORT_STEPS),
    ("A set of bank details", "grants/payments/rules.py", BankStatus, BANK_STEPS),
    ("A batch of payments", "grants/payments/rules.py", BatchStatus, BATCH_STEPS),
    ("A reversal of a payment", "grants/payments/reversals/rules.py", ReversalStatus, REVERSAL_STEPS),
)


def page() -> str:
    """The whole page, as it must stand in docs/lifecycles.md."""
    parts = [HEAD]
    for title, path, states, steps in CYCLES:
        parts.append(f"\n## {title}\n\nFrom `{path}`.\n")
        parts.append("\n```mermaid\n" + "\n".join(drawing(states, steps)) + "\n```\n")
        parts.append("\n" + "\n".join(table(states, steps)) + "\n")
    return "".join(parts)


def drawing(states: type, steps: Sequence[Step[DoneBy]]) -> Iterator[str]:
    """The life cycle as a Mermaid state diagram; several verbs between the same two states share an arrow."""
    yield "stateDiagram-v2"
    yield "    direction LR"
    shown = [state for state in states if any(state in (step.start, step.end) for step in steps)]
    yield from (f"    {state.name}: {state.label}" for state in shown)
    starts = {step.start for step in steps}
    yield f"    [*] --> {steps[0].start.name}"
    arrows: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        arrows.setdefault((step.start.name, step.end.name), []).append(step.verb)
    yield from (f"    {start} --> {end}: {', '.join(verbs)}" for (start, end), verbs in arrows.items())
    yield from (f"    {state.name} --> [*]" for state in shown if state not in starts)


def table(states: type, steps: Sequence[Step[DoneBy]]) -> Iterator[str]:
    """The life cycle as a table, row by row as in the code."""
    yield "| From | Verb | To | Who | Right | If |"
    yield "|---|---|---|---|---|---|"
    for step in steps:
        start, end = states(step.start).label, states(step.end).label
        yield f"| {start} | {step.verb} | {end} | {_who(step.who)} | `{step.who.name}` | {_rule(step)} |"


def _who(who: DoneBy) -> str:
    """The roles that have a right, in the order of the roles: those of the office, or those in a group."""
    if isinstance(who, Right):
        return ", ".join(role.label for role in Role if role in HOLDERS[who])
    holders = [role for role in MemberRole if role in GROUP_HOLDERS[who]]
    return f"{' or '.join(holders).capitalize()} of the group"


def _rule(step: Step[DoneBy]) -> str:
    """The first line of the step's rule, without the words that every rule begins with."""
    first = (inspect.getdoc(step.may) or "").partition("\n")[0] if step.may else ""
    return first.removeprefix("Whether ").rstrip(".")


if __name__ == "__main__":
    PAGE.write_text(page())
