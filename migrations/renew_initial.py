"""Write the initial migration anew from the models: `make migration-initial`. Only while it is unreleased.

Run in an app on an empty SQLite database of its own, so that everything is missing there.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import text

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
TARGET = HERE / "versions" / "0001_initial.py"

FRAME = '''"""The tables of every room, and the triggers of those that only grow."""

import sqlalchemy as sa
from alembic import op

from grants.foundation.appendonly import statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY: dict[str, tuple[str, ...]] = {triggers}
"""Table to the columns that never change; none named means all."""


def upgrade() -> None:
{upgrade}
    for table, only in APPEND_ONLY.items():
        for statement in statements(table, op.get_bind().dialect.name, only=only):
            op.execute(statement)


def downgrade() -> None:
{downgrade}
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_change()")
'''


def main() -> None:
    """Write the file."""
    from grants import create_app
    from grants.foundation.db import DayType, UTCDateTime, db

    def render_item(kind: str, thing: object, _autogen: object) -> str | bool:
        if kind == "type" and isinstance(thing, UTCDateTime):
            return "sa.DateTime(timezone=True)"
        if kind == "type" and isinstance(thing, DayType):
            return "sa.String(length=16)"
        return False

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}", "INSTANCE": Path(folder)})
        with app.app_context():
            with db.engine.connect() as connection:
                made = MigrationContext.configure(connection, opts={"target_metadata": db.metadata})
                script = produce_migrations(made, db.metadata)
                up = render_python_code(script.upgrade_ops, render_item=render_item, migration_context=made)
                down = render_python_code(script.downgrade_ops, render_item=render_item, migration_context=made)
            db.create_all()
            with db.engine.connect() as connection:
                triggers = _append_only(connection)
            db.engine.dispose()
    TARGET.write_text(FRAME.format(triggers=repr(triggers), upgrade=_body(up), downgrade=_body(down)))
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(TARGET)], check=True)  # noqa: S603


def _append_only(connection: object) -> dict[str, tuple[str, ...]]:
    rows = connection.execute(  # type: ignore[attr-defined]
        text("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_update' ORDER BY 1")
    )
    found = {}
    for table, sql in rows:
        columns = re.search(r"BEFORE UPDATE OF (.+?) ON ", sql)
        found[table] = tuple(columns[1].split(", ")) if columns else ()
    return found


def _body(code: str) -> str:
    """The code without Alembic's comments; an index goes with its table."""
    lines = [line for line in code.splitlines() if not line.strip().startswith(("#", "op.drop_index"))]
    return "\n".join(line if line.startswith("    ") or not line else f"    {line}" for line in lines)


if __name__ == "__main__":
    main()
