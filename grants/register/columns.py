"""The columns of the public register, in the order in which the page, the CSV and the XLSX have them.

The list is a promise to whoever reads the files by machine: a key never changes its meaning or its
place, and a new column comes at the end. It serves the Elected Local Policing Bodies (Specified
Information) Order 2011, Sch. 3(f), and the Local Government Transparency Code 2015. Contacts, bank
details, addresses and scores are not in it and never will be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from grants.awards.models import AwardStatus, known_returned
from grants.foundation.documents.exports import Column, Kind
from grants.foundation.values.clock import london
from grants.foundation.values.days import Day, known_financial_year
from grants.foundation.values.money import Pence

JOIN = "; "
"""Between several names in one cell."""


@dataclass(frozen=True)
class RegisterRow:
    """One award as the register shows it. Amounts are pence; None is not known.

    The last two are for the award's own page, where they decide who is led to its offer; they are never published.
    """

    reference: str
    fund_code: str
    fund_name: str
    round_code: str
    decision_reference: str | None
    decided_at: datetime | None
    decision_maker: str | None
    department: str | None
    legal_power: str | None
    organisation_name: str
    organisation_kind: str
    charity_number: str
    company_number: str
    title: str
    purpose: str
    reasons: str
    conditions: str
    requested_pence: Pence | None
    awarded_pence: Pence | None
    paid_pence: Pence | None
    returned_pence: Pence
    starts_on: date | None
    ends_on: date | None
    districts: str
    district_codes: str
    primary_topic: str
    other_topics: str
    priority: str | None
    plan: str | None
    funding_source: str
    award_day: Day
    status: str
    withdrawn_day: Day | None
    completed_at: datetime | None
    first_published_at: datetime
    last_changed_at: datetime
    illustrative: bool
    source: str
    organisation_id: int | None = None
    is_offered: bool = False
    notice_number: str | None = None
    varied_by: str | None = None

    @property
    def variations(self) -> list[str]:
        """The variations in force of it, the oldest first."""
        return sorted((self.varied_by or "").split(), key=lambda reference: int(reference.rpartition("V")[2]))

    @property
    def net_pence(self) -> Pence | None:
        """What was awarded, less what came back; None where the amount is not known."""
        return None if self.awarded_pence is None else Pence(self.awarded_pence - self.returned_pence)

    @property
    def status_day(self) -> Day | None:
        """Since when it has its status, where a record says so."""
        match self.status:
            case AwardStatus.AWARDED:
                return self.award_day
            case AwardStatus.WITHDRAWN:
                return self.withdrawn_day
        return Day.exactly(london(self.completed_at).date()) if self.completed_at else None


Value = str | int | date | Day | None


@dataclass(frozen=True)
class RegisterColumn:
    """One column: its key in the CSV, its heading for people, what it says, and how a row fills it."""

    key: str
    title: str
    says: str
    value: Callable[[RegisterRow], Value]
    kind: Kind = "text"


def months(start: date | None, end: date | None) -> int | None:
    """How many months a project runs; a month that is begun counts.

    >>> months(date(2027, 1, 1), date(2027, 12, 31)), months(date(2027, 1, 15), date(2027, 2, 15))
    (12, 2)
    """
    if start is None or end is None:
        return None
    return (end.year - start.year) * 12 + end.month - start.month + (end.day >= start.day)


def _london_day(instant: datetime | None) -> date | None:
    return london(instant).date() if instant else None


_OUT = "Blank where it is not known."

COLUMNS: tuple[RegisterColumn, ...] = (
    RegisterColumn("reference", "Reference", "The award’s own reference. It never changes.", lambda r: r.reference),
    RegisterColumn("fund", "Fund", "The fund’s short code.", lambda r: r.fund_code),
    RegisterColumn("fund_name", "Name of the fund", "The fund’s name.", lambda r: r.fund_name),
    RegisterColumn("round", "Round", "The round in which it was awarded. " + _OUT, lambda r: r.round_code),
    RegisterColumn(
        "award_date",
        "Award date",
        "As exactly as it is known: a day (YYYY-MM-DD), a month, a year, or “by” a day.",
        lambda r: r.award_day,
        "date",
    ),
    RegisterColumn(
        "decision_reference", "Decision", "The number of the decision. " + _OUT, lambda r: r.decision_reference or ""
    ),
    RegisterColumn(
        "decision_date", "Decision date", "The day of the decision.", lambda r: _london_day(r.decided_at), "date"
    ),
    RegisterColumn(
        "decision_maker", "Decision maker", "The title of who decided, not a name.", lambda r: r.decision_maker or ""
    ),
    RegisterColumn("department", "Department", "The department that made the grant.", lambda r: r.department or ""),
    RegisterColumn("legal_power", "Legal power", "The power under which it was made.", lambda r: r.legal_power or ""),
    RegisterColumn("recipient", "Group", "The organisation that was awarded.", lambda r: r.organisation_name),
    RegisterColumn(
        "recipient_kind", "Kind of group", "Voluntary group, charity, council …", lambda r: r.organisation_kind
    ),
    RegisterColumn("charity_number", "Charity number", "As text: leading zeros stay.", lambda r: r.charity_number),
    RegisterColumn("company_number", "Company number", "As text: leading zeros stay.", lambda r: r.company_number),
    RegisterColumn("project", "Project", "The project’s title. " + _OUT, lambda r: r.title),
    RegisterColumn("purpose", "Purpose", "What the money is for. " + _OUT, lambda r: r.purpose),
    RegisterColumn("reasons", "Reasons", "Why it should reduce crime and disorder. " + _OUT, lambda r: r.reasons),
    RegisterColumn("conditions", "Conditions", "What the recipient agreed to. " + _OUT, lambda r: r.conditions),
    RegisterColumn(
        "amount_requested_gbp", "Asked for (£)", "What was asked for. " + _OUT, lambda r: r.requested_pence, "pounds"
    ),
    RegisterColumn(
        "amount_awarded_gbp",
        "Awarded (£)",
        "What stands awarded: the award, its variations and corrections, less withdrawals. Blank where it is not"
        " known: an unknown amount is never 0.",
        lambda r: r.awarded_pence,
        "pounds",
    ),
    RegisterColumn(
        "amount_paid_gbp",
        "Paid (£)",
        "What was paid out so far. Blank where this system has no record of it.",
        lambda r: r.paid_pence,
        "pounds",
    ),
    RegisterColumn(
        "amount_returned_gbp",
        "Returned (£)",
        "What was repaid or recovered. Blank where this system has no record of it.",
        lambda r: known_returned(r.paid_pence, r.returned_pence),
        "pounds",
    ),
    RegisterColumn(
        "amount_net_gbp",
        "Net (£)",
        "Awarded, less what is known to have been returned.",
        lambda r: r.net_pence,
        "pounds",
    ),
    RegisterColumn("planned_start", "Planned start", "The project’s first day. " + _OUT, lambda r: r.starts_on, "date"),
    RegisterColumn("planned_end", "Planned end", "The project’s last day. " + _OUT, lambda r: r.ends_on, "date"),
    RegisterColumn(
        "planned_months",
        "Months",
        "How long it was to run; a month that is begun counts.",
        lambda r: months(r.starts_on, r.ends_on),
        "number",
    ),
    RegisterColumn("districts", "Districts", "The places that it serves, separated by “;”.", lambda r: r.districts),
    RegisterColumn(
        "district_codes",
        "District codes",
        "The same places as GSS codes of the Office for National Statistics.",
        lambda r: r.district_codes,
    ),
    RegisterColumn(
        "primary_topic", "Main topic", "The topic under which it is counted. " + _OUT, lambda r: r.primary_topic
    ),
    RegisterColumn("other_topics", "Other topics", "Its other topics, separated by “;”.", lambda r: r.other_topics),
    RegisterColumn(
        "plan_priority", "Plan priority", "The priority of the plan that it serves.", lambda r: r.priority or ""
    ),
    RegisterColumn("plan", "Plan", "The version of the plan that the priority belongs to.", lambda r: r.plan or ""),
    RegisterColumn(
        "funding_source", "Funding source", "Where the fund’s money comes from.", lambda r: r.funding_source
    ),
    RegisterColumn(
        "aris_category",
        "ARIS category",
        "The use category of the Asset Recovery Incentivisation Scheme. Blank where none is recorded.",
        lambda _r: "",
    ),
    RegisterColumn(
        "financial_year",
        "Financial year",
        "April to March, of the award date. Blank where that is too vague to say.",
        lambda r: known_financial_year(r.award_day) or "",
    ),
    RegisterColumn("status", "Status", "Awarded, complete or withdrawn.", lambda r: r.status),
    RegisterColumn("status_date", "Status date", "Since when. " + _OUT, lambda r: r.status_day, "date"),
    RegisterColumn(
        "first_published",
        "First published",
        "The day on which it first stood in this register.",
        lambda r: _london_day(r.first_published_at),
        "date",
    ),
    RegisterColumn(
        "last_changed",
        "Last changed",
        "The day on which its entry last changed.",
        lambda r: _london_day(r.last_changed_at),
        "date",
    ),
    RegisterColumn(
        "illustrative",
        "Illustrative",
        "“yes” where the row is made up to show how the system works.",
        lambda r: "yes" if r.illustrative else "no",
    ),
    RegisterColumn("source", "Source", "Where this system has the award from.", lambda r: r.source),
)


def for_machines() -> list[Column]:
    """The columns of the CSV, headed by their keys."""
    return [Column(column.key, column.value, column.kind) for column in COLUMNS]


def for_people() -> list[Column]:
    """The columns of the XLSX, headed by their titles."""
    return [Column(column.title, _unless_blank(column), column.kind) for column in COLUMNS]


def _unless_blank(column: RegisterColumn) -> Callable[[RegisterRow], Value]:
    """A blank text is no cell at all: a large file is a quarter smaller and is made sooner."""
    return lambda row: None if (value := column.value(row)) == "" else value
