"""Tables that only grow: the database itself refuses to change or delete a row."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import DDL, FromClause, Table, event

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""


def append_only(table: FromClause, *, only: Sequence[str] = ()) -> None:
    """Refuse UPDATE (of the columns in `only`, else of any) and DELETE on a table, by trigger."""
    assert isinstance(table, Table)  # noqa: S101 - for the type checker
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(table.name, dialect, only=only):
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl)


def statements(table: str, dialect: str, *, only: Sequence[str] = ()) -> list[str]:
    """The DDL of the triggers, for the models and for a migration."""
    columns = f" OF {', '.join(only)}" if only else ""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE{columns} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
        ]
    return [
        _FUNCTION,
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE{columns} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
