"""The register as open data: a package of the 360Giving Data Standard 1.4.

Only awards that are complete go in: an exact date and a known amount, neither illustrative nor withdrawn.
Whatever is left out is counted, by reason. Nothing is guessed to fill a gap.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, and_, case, func, not_, select, type_coerce

from grants.accounts.models import OrganisationKind
from grants.awards.ledger.queries import ledger_head
from grants.awards.models import AwardSnapshot
from grants.foundation.records.db import db
from grants.foundation.records.office import Office
from grants.foundation.values import clock
from grants.foundation.values.money import plain
from grants.foundation.web.addresses import public_address

from .columns import JOIN, RegisterRow, months

VERSION = "1.4"
"""Of the standard, as a package names it; the schema's own release is 1.4.3."""

LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
CURRENCY = "GBP"
NO_PREFIX = "NO-PREFIX"
"""Stands in identifiers where 360Giving has not issued a publisher prefix: such a file is not to be published."""

GEO_TYPES = {"E06": "UA", "E07": "NMD", "E08": "MD", "E23": "PFA"}
"""The standard's geoCodeType for a GSS code, by the code's first three characters."""

WHOLE_AREA = "E23"
"""GSS codes of police force areas begin with this."""


@dataclass(frozen=True)
class NotPublished:
    """How many awards of the register the package holds, and how many it leaves out, each under one reason."""

    published: int
    illustrative: int
    withdrawn: int
    amount_and_date: int
    amount: int
    date: int

    @property
    def reasons(self) -> dict[str, int]:
        """The reasons in words, each with its number; together they are all that is left out."""
        return {
            "illustrative": self.illustrative,
            "withdrawn": self.withdrawn,
            "neither amount nor exact date known": self.amount_and_date,
            "amount not known": self.amount,
            "exact date not known": self.date,
        }

    @property
    def number(self) -> int:
        """How many are left out, for whatever reason."""
        return sum(self.reasons.values())


_is_exact = func.length(type_coerce(AwardSnapshot.award_day, Text)) == len("2017-05-02")
_is_known = AwardSnapshot.awarded_pence.is_not(None)
COMPLETE = and_(AwardSnapshot.is_project, AwardSnapshot.illustrative.is_(False), _is_known, _is_exact)
"""The awards that go into the package."""


def left_out() -> NotPublished:
    """Count the register by what the package does with each award; remembered until the ledger grows."""
    return _left_out(ledger_head())


@lru_cache(maxsize=8)
def _left_out(_head: tuple[int, int, int]) -> NotPublished:
    reason = case(
        (AwardSnapshot.illustrative, "illustrative"),
        (not_(AwardSnapshot.is_project), "withdrawn"),
        (and_(not_(_is_known), not_(_is_exact)), "amount_and_date"),
        (not_(_is_known), "amount"),
        (not_(_is_exact), "date"),
        else_="published",
    ).label("reason")
    counted = db.session.execute(select(reason, func.count()).select_from(AwardSnapshot).group_by(reason))
    found: dict[str, int] = {why: number for why, number in counted}  # noqa: C416 - rows are no pairs to mypy
    return NotPublished(**{name: found.get(name, 0) for name in NotPublished.__dataclass_fields__})


@dataclass(frozen=True)
class Publisher:
    """Who publishes, and whether 360Giving would take it."""

    office: Office

    @property
    def prefix(self) -> str:
        """The publisher prefix as 360Giving issues it, or a word that says that there is none."""
        return self.office.publisher_prefix or NO_PREFIX

    @property
    def missing(self) -> list[str]:
        """What the office's settings lack before the file may be published."""
        lacks = []
        if not self.office.publisher_prefix:
            lacks.append("a publisher prefix, which 360Giving issues")
        if not self.office.organisation_identifier:
            lacks.append("the office’s own organisation identifier")
        return lacks

    @property
    def label(self) -> str:
        """What a reader must know before using the file; nothing where it may be published."""
        if self.missing:
            return f"Not publishable: the office has not set {' and '.join(self.missing)}."
        return "A test: the publisher prefix is only a trial one." if self.office.is_test_prefix else ""

    def own_identifier(self, name: str) -> str:
        """An organisation identifier in the publisher's own list: 360G-<prefix>-<name>."""
        return f"360G-{self.prefix.removeprefix('360G-')}-{name}"

    @property
    def funder(self) -> dict[str, str]:
        """The funder of every grant."""
        named = {
            "id": self.office.organisation_identifier or self.own_identifier("FUNDER"),
            "name": self.office.name,
        }
        return {**named, "department": self.office.department} if self.office.department else named


def package(publisher: Publisher, counts: NotPublished, rows: Iterator[tuple[int, RegisterRow, bool]]) -> Iterator[str]:
    """The package as pieces of JSON text, a grant at a time, so that its size does not matter.

    `rows` gives the organisation's id, the award, and whether its fund has open calls.
    """
    head = json.dumps(metadata(publisher, counts), ensure_ascii=False, indent=1)
    yield head.removesuffix("\n}") + ',\n "grants": ['
    between = "\n"
    for organisation_id, row, open_call in rows:
        yield between + json.dumps(grant(publisher, organisation_id, row, open_call), ensure_ascii=False)
        between = ",\n"
    yield "\n ]\n}\n"


def metadata(publisher: Publisher, counts: NotPublished) -> dict[str, Any]:
    """Everything of the package but its grants."""
    office = publisher.office
    described: dict[str, Any] = {"name": office.name}
    if office.organisation_identifier:
        described["identifier"] = office.organisation_identifier
    if is_web_address(office.website):
        described["website"] = office.website
    title = f"Grants of {office.name}: {office.service}"
    return {
        "version": VERSION,
        "title": f"{title} ({publisher.label.split(':')[0].lower()})" if publisher.label else title,
        "description": _description(publisher, counts),
        "identifier": f"{publisher.prefix}-register",
        "issued": clock.today().isoformat(),
        "publisher": described,
        "license": LICENCE,
        "accessURL": public_address("register.open_data"),
        "downloadURL": public_address("register.giving_json"),
        "leftOut": {"total": counts.number, **counts.reasons},
    }


def _description(publisher: Publisher, counts: NotPublished) -> str:
    why = ", ".join(f"{number} {reason}" for reason, number in counts.reasons.items() if number)
    parts = [
        publisher.label,
        f"{counts.published} awards with an exact date and a known amount.",
        f"{counts.number} awards of the register are left out: {why}." if counts.number else "No award is left out.",
        "The amount awarded is what stands awarded today: the award, its variations and corrections, less withdrawals."
        " Money that was repaid is not taken off.",
    ]
    return " ".join(part for part in parts if part)


def grant(publisher: Publisher, organisation_id: int, row: RegisterRow, open_call: bool) -> dict[str, Any]:
    """One grant of the package."""
    title = row.title or f"Grant to {row.organisation_name}"
    made: dict[str, Any] = {
        "id": f"{publisher.prefix}-{row.reference}",
        "title": title,
        "description": description_of(row, title),
        "currency": CURRENCY,
        "amountAwarded": _number(row.awarded_pence or 0),
        "awardDate": row.award_day.text,
        "url": public_address("register.award", reference=row.reference),
        "recipientOrganization": [recipient(publisher, organisation_id, row)],
        "fundingOrganization": [publisher.funder],
        "grantProgramme": [{"code": row.fund_code, "title": row.fund_name}],
        "fromOpenCall": "Yes" if open_call else "No",
        "dateModified": _instant(row.last_changed_at),
    }
    if row.requested_pence is not None:
        made["amountAppliedFor"] = _number(row.requested_pence)
    return made | _dates(row) | _places(row) | _topics(row)


def description_of(row: RegisterRow, title: str) -> str:
    """The award's purpose; where none was written, a sentence made of what is known, never the title again."""
    if row.purpose.strip() and row.purpose.strip() != title:
        return row.purpose.strip()
    about = JOIN.join(word for word in (row.primary_topic, row.other_topics) if word).replace(JOIN, ", ")
    parts = [
        f"{row.title}: a project of {row.organisation_name}" if row.title else f"A project of {row.organisation_name}",
        f"about {about}" if about else "",
        f"in {row.districts.replace(JOIN, ', ')}" if row.districts else "",
        f"with money of the {row.fund_name}" + (f", round {row.round_code}" if row.round_code else ""),
    ]
    return " ".join(part for part in parts if part) + "."


def recipient(publisher: Publisher, organisation_id: int, row: RegisterRow) -> dict[str, str]:
    """Who was awarded: identifier, name and public numbers, and nothing else."""
    made = {"id": recipient_identifier(publisher, organisation_id, row), "name": row.organisation_name}
    if row.charity_number:
        made["charityNumber"] = row.charity_number
    if row.company_number:
        made["companyNumber"] = row.company_number
    if row.organisation_kind != OrganisationKind.UNKNOWN:
        made["organisationType"] = row.organisation_kind
    return made


def recipient_identifier(publisher: Publisher, organisation_id: int, row: RegisterRow) -> str:
    """The organisation identifier: by charity number, by company number, else in the publisher's own list.

    A council's GB-LAE- identifier needs its code in the register of local authorities, which is not recorded;
    it gets one of the publisher's own.
    """
    charity, company = _compact(row.charity_number), _compact(row.company_number)
    for pattern, register in CHARITIES.items():
        if re.fullmatch(pattern, charity):
            return f"{register}-{charity}"
    if re.fullmatch(r"[0-9]{1,8}", company):
        return f"GB-COH-{company.zfill(8)}"
    if re.fullmatch(r"[A-Z]{2}[0-9]{6}", company):
        return f"GB-COH-{company}"
    return publisher.own_identifier(f"ORG{organisation_id}")


CHARITIES = {r"[0-9]{6,7}": "GB-CHC", r"SC[0-9]{6}": "GB-SC", r"NIC?[0-9]{6}": "GB-NIC"}
"""Registers of charities in org-id.guide, by what their numbers look like."""


def is_web_address(text: str) -> bool:
    """Whether a text may become a link: http or https, with a host, and nothing that a URI cannot hold."""
    return re.fullmatch(r"https?://[A-Za-z0-9][^\s\"<>\\^`{|}]*", text) is not None and text.isascii()


def _compact(number: str) -> str:
    return re.sub(r"[\s-]", "", number).upper()


def _dates(row: RegisterRow) -> dict[str, Any]:
    if row.starts_on is None:
        return {}
    event: dict[str, Any] = {"startDate": row.starts_on.isoformat()}
    if row.ends_on:
        event |= {"endDate": row.ends_on.isoformat(), "duration": months(row.starts_on, row.ends_on)}
    return {"plannedDates": [event]}


def _places(row: RegisterRow) -> dict[str, Any]:
    if not row.districts:
        return {}
    places = list(zip(row.districts.split(JOIN), row.district_codes.split(JOIN), strict=True))
    whole = any(code.startswith(WHOLE_AREA) for _, code in places)
    return {
        "beneficiaryLocation": [_place(name, code) for name, code in places],
        "locationScope": "GLS040" if whole else "GLS050",
    }


def _place(name: str, code: str) -> dict[str, str]:
    made = {"name": name, "countryCode": "GB"}
    if code:
        made["geoCode"] = code
    if code[:3] in GEO_TYPES:
        made["geoCodeType"] = GEO_TYPES[code[:3]]
    return made


def _topics(row: RegisterRow) -> dict[str, Any]:
    named: Mapping[str, str] = {"Primary topic": row.primary_topic, "Other topics": row.other_topics}
    listed = [
        {"vocabulary": vocabulary, "title": title}
        for vocabulary, titles in named.items()
        for title in titles.split(JOIN)
        if title
    ]
    return {"classifications": listed} if listed else {}


def _number(pence: int) -> int | float:
    """Pence as the JSON number of pounds that the standard wants; its text has the same two decimals."""
    return pence // 100 if pence % 100 == 0 else float(plain(pence))


def _instant(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
