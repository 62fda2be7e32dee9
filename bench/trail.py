"""How long `audit verify` takes, and how much memory: a trail of many deeds, made as the trail makes it, and proved.

.venv/bin/python -m bench.trail --lines 1000000
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select
from tqdm import tqdm

from bench.measure import ROOT

DEEDS_OF_EACH = 5
"""How often each group is written: made once, and then changed."""
BATCH = 5_000
BEGAN = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)

Deed = tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any] | None]
"""A line, the value and the row digest that it holds, and the group as it is after its last change."""


def main() -> None:
    """Make the trail, prove it in a process of its own, and print what that took."""
    parser = argparse.ArgumentParser(prog="python -m bench.trail", description="Prove a long audit trail.")
    parser.add_argument("--lines", type=int, default=1_000_000, help="how many deeds are in it")
    parser.add_argument("--database", default="", help="an empty database of its own; SQLite in a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grants-trail-") as folder:
        os.environ |= {
            "GRANTS_INSTANCE": folder,
            "GRANTS_DEMO": "1",
            "SECRET_KEY": "only for bench: 0123456789 and qrstuvwxyz",
            "DATABASE_URL": options.database or f"sqlite:///{folder}/trail.db",
        }
        flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
        subprocess.run([*flask, "db", "upgrade"], cwd=ROOT, check=True)
        _fill(options.lines)
        begun = time.perf_counter()
        verify = subprocess.Popen([*flask, "audit", "verify"], cwd=ROOT)
        _, status, used = os.wait4(verify.pid, 0)
        seconds = time.perf_counter() - begun
    processor, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(
        f"{options.lines:,} lines: {seconds:.0f} s, {processor:.0f} s of the processor, at most {peak:.0f} MB of memory"
    )
    sys.exit(os.waitstatus_to_exitcode(status))


def _fill(lines: int) -> None:
    from grants import create_app
    from grants.accounts.models import Organisation
    from grants.foundation.records import audit, held
    from grants.foundation.records.db import db, transaction

    with create_app().app_context(), tqdm(total=lines, desc="Lines", unit="line", disable=None) as bar:
        rest = _deeds(lines)
        while some := list(islice(rest, BATCH)):
            with transaction() as session:
                to, (made, values, rows, groups) = session.connection(), zip(*some, strict=True)
                to.execute(insert(audit.AuditLine), list(made))
                to.execute(insert(audit.HistoryValue), list(values))
                to.execute(insert(held.RowDigest), list(rows))
                if last := [group for group in groups if group]:
                    to.execute(insert(Organisation), last)
            bar.update(len(some))
        db.engine.dispose()


def _deeds(lines: int) -> Iterator[Deed]:
    """The deeds in their order: each group is made, and all are changed in turn."""
    from grants.accounts.acts import AccountAct
    from grants.accounts.models import Organisation, OrganisationKind, name_key
    from grants.foundation.records import audit, held
    from grants.foundation.records.db import db

    last = db.session.execute(select(func.max(audit.AuditLine.id), func.max(audit.AuditLine.hash))).one()
    assert last[0] is None, "the database is not empty"
    shape, previous, groups = held.shape_of(Organisation.__table__), audit.GENESIS, -(-lines // DEEDS_OF_EACH)
    for number in range(1, lines + 1):
        turn, key = divmod(number - 1, groups)
        before, after = (f"1{turn - 1:02}{key:06}" if turn else "", f"1{turn:02}{key:06}")
        group = {
            "id": key + 1,
            "name": f"Group {key} (made up)",
            "name_key": name_key(f"Group {key} (made up)"),
            "kind": OrganisationKind.GROUP,
            "charity_number": after,
            "company_number": "",
            "made_at": BEGAN,
            "version": turn + 1,
        }
        value = audit.HistoryValue(field="charity_number", before=before, after=after, key=secrets.token_hex(16))
        digest = shape.digest([group[name] for name in shape.names])
        row = ("organisations", str(group["id"]))
        line = audit.AuditLine(
            id=number,
            at=BEGAN + timedelta(seconds=number),
            actor="command:bench",
            verb=AccountAct.CHANGE_ORGANISATION if turn else AccountAct.MAKE_ORGANISATION,
            kind="organisations",
            thing_id=group["id"],
            reference="",
            digests=json.dumps(
                {value.field: audit.digest(value), held.ROWS: held.root_of({row: digest})}, sort_keys=True
            ),
            why="",
            previous=previous,
        )
        line.hash = previous = audit.line_hash(line)
        yield (
            _columns(line),
            {**_columns(value), "line_id": number},
            {"line_id": number, "table_name": row[0], "row_key": row[1], "sha256": digest},
            group if number + groups > lines else None,
        )


def _columns(thing: Any) -> dict[str, Any]:
    held = {column.name: getattr(thing, column.name) for column in thing.__table__.columns}
    return {name: value for name, value in held.items() if value is not None}


if __name__ == "__main__":
    main()
