"""What nobody calls: `python -m tests.dead_code` names it, and `make check` runs it.

Vulture finds functions, methods and classes whose name stands nowhere else in the product's Python. What a template
names is used too. What only a test uses is dead.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).parents[1]
REGISTERED = (
    "@bp.*",
    "@*.command*",
    "@event.*",
    "@app.*",
    "@*reader*",
    "@validates*",
    "@*_loader",
    "@model_validator*",
)
"""Decorators that hand the function over: who calls it is not written in the code."""
CALLED_BY_LIBRARIES = {
    "process_bind_param": "SQLAlchemy, to write a column type",
    "process_result_value": "SQLAlchemy, to read a column type",
    "process_formdata": "WTForms, to read a field",
    "process_data": "WTForms, to fill a field",
    "to_python": "Werkzeug, to read a part of an address",
    "get_id": "Flask-Login, to write the cookie of a session",
    "get_environment": "waitress, to hand a request to the application",
    "service": "waitress, to answer a request",
    "finish": "waitress, to end an answer",
    "WaitressWorker": "gunicorn, by its name in gunicorn.conf.py",
    "validate_returned": "WTForms, to validate the field `returned`",
}
OF_THE_LIFE_OF_A_GRANT = {
    "make_fund": "the verb of a new fund, which the fund office puts on a page",
    "topics_of": "an award’s topics as at a day, beside `is_served_by`: what published figures will be counted by",
    "start_of_day": "the other end of `end_of_day`, which opens a period",
    "of_decision": "the reader of what was decided on, kept for those who prove it years later",
    "unescape": "what docs/decisions.md promises to a program that reads our CSV",
}


def dead() -> Iterator[str]:
    """Each thing that nobody calls, with its place."""
    finder = Vulture(ignore_decorators=list(REGISTERED))
    finder.scavenge([str(ROOT / name) for name in ("grants", "wsgi.py", "migrations", "docs", "bench")])
    pages = " ".join(path.read_text() for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".typ"})
    named = set(re.findall(r"\w+", pages)) | CALLED_BY_LIBRARIES.keys() | OF_THE_LIFE_OF_A_GRANT.keys()
    for item in finder.get_unused_code():
        place = item.filename.relative_to(ROOT)
        if (
            item.typ in {"function", "method", "class", "import"}
            and item.name not in named
            and place.parts[0] == "grants"
        ):
            yield f"{place}:{item.first_lineno}: {item.typ} {item.name} is used nowhere"


if __name__ == "__main__":
    found = list(dead())
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
