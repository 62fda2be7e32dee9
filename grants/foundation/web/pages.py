"""How pages are made: templates, their filters, and what every page knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, has_request_context, request, url_for
from jinja2 import BaseLoader, ChoiceLoader, PackageLoader, PrefixLoader, Undefined
from jinja2.utils import missing
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.local import LocalProxy

from grants.foundation.records.db import db
from grants.foundation.records.office import DEFAULTS, Office, the_office
from grants.foundation.values import colours, money
from grants.foundation.values.clock import london
from grants.foundation.values.days import MONTHS, Day, long_date
from grants.foundation.values.version import VERSION

STATIC = Path(__file__).resolve().parents[2] / "static"
NBSP = "\u00a0"
_ONE_MINUTE = timedelta(minutes=1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Careful(Undefined):
    """A name that a template uses and nobody gave it.

    A missing name or attribute stops the page, so that a slip is found by its test. A missing key of
    a mapping, and `{% if name %}`, pass: the components of govuk-frontend-jinja live by that.
    """

    @property
    def _is_slip(self) -> bool:
        return self._undefined_obj is missing or not isinstance(self._undefined_obj, Mapping)

    def __str__(self) -> str:
        if self._is_slip:
            self._fail_with_undefined_error()
        return ""

    def __iter__(self) -> Any:
        if self._is_slip:
            self._fail_with_undefined_error()
        return iter(())

    def __bool__(self) -> bool:
        if self._is_slip and self._undefined_obj is not missing:
            self._fail_with_undefined_error()
        return False


@dataclass(frozen=True)
class Tab:
    """A word of the main navigation. `shown` says to whom: it gets the person, or None."""

    label: str
    endpoint: str
    order: int
    shown: Callable[[Any], bool]


def init_app(app: Flask) -> None:
    """Set up the templates of an app."""
    app.jinja_env.undefined = Careful
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_loader = _loader(app)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(asset=asset, office=LocalProxy(office), person=LocalProxy(person), tabs=tabs)
    app.jinja_env.globals.update(house_colours=(colours.PLUM, colours.LINK), product_version=VERSION)
    app.extensions["assets"] = _read_assets()
    app.extensions["tabs"] = []
    app.context_processor(_context)
    if "app.css" not in app.extensions["assets"]:
        app.logger.warning("The styles are not compiled: run `make assets`. Pages work, but plainly.")


def add_tab(
    app: Flask, label: str, endpoint: str, *, order: int = 50, shown: Callable[[Any], bool] = lambda _person: True
) -> None:
    """Put a word into the main navigation, from a room's `init_app`. It stands only while its endpoint exists."""
    app.extensions["tabs"].append(Tab(label, endpoint, order, shown))


def tabs() -> list[tuple[str, str, str]]:
    """The navigation for this page, as (label, URL, aria-current)."""
    somebody = person()
    shown = [
        tab
        for tab in sorted(current_app.extensions["tabs"], key=lambda tab: (tab.order, tab.label))
        if tab.endpoint in current_app.view_functions and tab.shown(somebody)
    ]
    return [(tab.label, url_for(tab.endpoint), _current(url_for(tab.endpoint))) for tab in shown]


def _current(url: str) -> str:
    if request.path == url:
        return "page"
    return "true" if url != "/" and request.path.startswith(url + "/") else ""


def office() -> Office:
    """The office, read once per request; plain settings where the database must not be asked or does not answer."""
    if "office" not in g:
        g.office = Office(id=1, **DEFAULTS) if g.get("without_database") else _office_or_plain()
    kept: Office = g.office
    return kept


def _office_or_plain() -> Office:
    try:
        return the_office()
    except SQLAlchemyError:
        db.session.rollback()
        g.without_database = True
        return Office(id=1, **DEFAULTS)


def person() -> Any:
    """Who is signed in, or None."""
    if not has_request_context() or g.get("without_database") or not hasattr(current_app, "login_manager"):
        return None
    from flask_login import current_user

    return current_user.person if current_user and current_user.is_authenticated else None


def asset(name: str) -> str:
    """The address of a compiled file; its name holds a hash of its content, so browsers may keep it for ever."""
    return f"/static/build/{current_app.extensions['assets'].get(name, name)}"


def _read_assets() -> dict[str, str]:
    try:
        names: dict[str, str] = json.loads((STATIC / "build" / "manifest.json").read_text())
    except FileNotFoundError:
        return {}
    return names


def _loader(app: Flask) -> BaseLoader:
    ours = app.jinja_loader
    parts: Iterable[BaseLoader] = [ours] if ours else []
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    return ChoiceLoader([*parts, components])


def _context() -> dict[str, Any]:
    return {"is_demo": current_app.config["DEMO"]}


def day(value: Day | date | None, unknown: str = "not known") -> str:
    """A day as people read it.

    >>> day(date(2017, 5, 2)).replace(NBSP, " ")
    '2 May 2017'
    """
    if value is None:
        return unknown
    if isinstance(value, datetime):
        value = london(value).date()
    return str(value).replace(" ", NBSP) if isinstance(value, Day) else long_date(value)


def time_of_day(value: datetime) -> str:
    """The time in Europe/London: 3:05pm, 9am, 12 noon, midnight."""
    here = london(value)
    if (here.hour, here.minute) in {(12, 0), (0, 0)}:
        return f"12{NBSP}noon" if here.hour else "midnight"
    hour, half = here.hour % 12 or 12, "pm" if here.hour >= 12 else "am"
    return f"{hour}:{here.minute:02}{half}" if here.minute else f"{hour}{half}"


def instant(value: datetime | None, zone: bool = False, unknown: str = "not known") -> str:
    """An instant as something that happened.

    >>> from datetime import UTC
    >>> instant(datetime(2026, 12, 4, 15, 5, tzinfo=UTC)).replace(NBSP, " ")
    '3:05pm on 4 December 2026'
    """
    if value is None:
        return unknown
    text = f"{time_of_day(value)} on {long_date(london(value).date())}"
    return text + _zone(value) if zone else text


def deadline(value: datetime | None, zone: bool = False, unknown: str = "no date yet") -> str:
    """An instant as something to be ready for. Midnight is the end of the day before, as people take it.

    >>> from datetime import UTC
    >>> deadline(datetime(2026, 12, 4, 12, tzinfo=UTC), zone=True).replace(NBSP, " ")
    '12 noon, Friday 4 December 2026 (UK time, GMT)'
    >>> deadline(datetime(2026, 12, 5, 0, tzinfo=UTC)).replace(NBSP, " ")
    '11:59pm, Friday 4 December 2026'
    """
    if value is None:
        return unknown
    last = last_moment(value)
    here = london(last)
    text = f"{time_of_day(last)}, {WEEKDAYS[here.weekday()]} {long_date(here.date())}"
    return text + _zone(last) if zone else text


def last_day(value: datetime | None, unknown: str = "not known") -> str:
    """The last day on which something is in time, for a narrow column: where that is midnight, the day before."""
    return short_day(last_moment(value), unknown) if value else unknown


def last_moment(value: datetime) -> datetime:
    """The instant by which something that ends at this one is told to end."""
    here = london(value)
    return value - _ONE_MINUTE if (here.hour, here.minute) == (0, 0) else value


def _zone(value: datetime) -> str:
    return f" (UK{NBSP}time,{NBSP}{london(value).tzname()})"


def short_day(value: Day | date | datetime | None, unknown: str = "not known") -> str:
    """A day for a narrow column: 2 May 2017 becomes 2 May 2017 with a short month, 22 Oct 2014."""
    text = day(value, unknown)
    for month in MONTHS[1:]:
        text = text.replace(month, month[:3])
    return text


def plural(count: int, one: str, many: str = "") -> str:
    """A number and its word.

    >>> plural(1, "project"), plural(1200, "body", "bodies")
    ('1\\xa0project', '1,200\\xa0bodies')
    """
    return f"{count:,}{NBSP}{one if count == 1 else many or one + 's'}"


def paragraphs(text: str) -> Markup:
    """Plain text that somebody typed, as paragraphs and lines."""
    blocks = [block.strip().split("\n") for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    return Markup("").join(
        Markup('<p class="govuk-body">{}</p>').format(Markup("<br>").join(lines)) for lines in blocks
    )


def breakable(text: str) -> Markup:
    """An address that may break after its @ and its dots where there is no room, and so nowhere inside a word."""
    return Markup("").join(Markup("{}<wbr>").format(mark) if mark in "@." else mark for mark in text)


FILTERS: dict[str, Callable[..., Any]] = {
    "breakable": breakable,
    "pounds": money.pounds,
    "pounds_exact": money.pounds_exact,
    "day": day,
    "short_day": short_day,
    "last_day": last_day,
    "instant": instant,
    "deadline": deadline,
    "time_of_day": time_of_day,
    "plural": plural,
    "paragraphs": paragraphs,
}
