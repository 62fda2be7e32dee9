"""A grant's whole life: notices, offers, payments and reports, and the states that go with them."""

import re
from dataclasses import dataclass

import sqlalchemy as sa
from alembic import op

from grants.foundation.appendonly import statements

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


@dataclass(frozen=True)
class Changed:
    """What changes in a table: CHECKs as (name, before, after), None where there is none; and columns added."""

    checks: tuple[tuple[str, str | None, str | None], ...] = ()
    columns: tuple[str, ...] = ()


CHANGED: dict[str, Changed] = {
    "applications": Changed(
        checks=(
            (
                "ck_applications_status_is_known",
                "status IN ('draft', 'submitted', 'eligible', 'ineligible', 'recommended', 'awarded', 'declined', 'withdrawn')",
                "status IN ('draft', 'submitted', 'eligible', 'ineligible', 'recommended', 'decided', 'awarded', 'declined', 'withdrawn')",
            ),
        ),
        columns=(),
    ),
    "award_standings": Changed(
        checks=(),
        columns=("paid_pence BIGINT",),
    ),
    "awards": Changed(
        checks=(
            (
                "ck_awards_status_is_known",
                "status IN ('awarded', 'complete', 'withdrawn')",
                "status IN ('awarded', 'offered', 'accepted', 'paid', 'complete', 'withdrawn')",
            ),
        ),
        columns=(),
    ),
    "ledger_entries": Changed(
        checks=(
            (
                "ck_ledger_entries_account_is_known",
                "account IN ('awarded', 'returned')",
                "account IN ('awarded', 'returned', 'committed', 'paid')",
            ),
            ("ck_ledger_entries_commitment_fits_account", None, "kind <> 'commitment' OR account = 'committed'"),
            (
                "ck_ledger_entries_kind_is_known",
                "kind IN ('award', 'variation', 'correction', 'withdrawal', 'repayment', 'recovery')",
                "kind IN ('award', 'variation', 'correction', 'withdrawal', 'repayment', 'recovery', 'commitment', 'payment')",
            ),
            (
                "ck_ledger_entries_payment_accounts_fit_kind",
                None,
                "account NOT IN ('committed', 'paid') OR kind IN ('commitment', 'payment', 'correction')",
            ),
            (
                "ck_ledger_entries_payment_goes_out",
                None,
                "kind <> 'payment' OR (account = 'paid' AND amount_pence > 0)",
            ),
        ),
        columns=(),
    ),
}

FILLED = {
    "rounds.offer_days": "14",
    "rounds.report_days": "30",
}
"""What a column that must hold something holds in the rows that are there."""

APPEND_ONLY: dict[str, tuple[str, ...]] = {}
"""Table to the columns that never change; none named means all."""

TABLES = ("offers",)
"""What is new, from the last to the first."""


def upgrade() -> None:
    for table, changed in CHANGED.items():
        _change(table, changed)
    op.create_table(
        "offers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("signatory_name", sa.Text(), nullable=False),
        sa.Column("signatory_position", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'made') = (answered_at IS NULL)", name=op.f("ck_offers_is_answered_if_not_open")),
        sa.CheckConstraint("completed_at IS NULL OR status = 'accepted'", name=op.f("ck_offers_accepted_if_completed")),
        sa.CheckConstraint(
            "status <> 'accepted' OR (signatory_name <> '' AND answered_by_id IS NOT NULL)",
            name=op.f("ck_offers_has_signatory_if_accepted"),
        ),
        sa.CheckConstraint(
            "status IN ('made', 'accepted', 'declined', 'lapsed')", name=op.f("ck_offers_status_is_known")
        ),
        sa.CheckConstraint(
            "amount_pence >= 1 AND amount_pence <= 10000000000000", name=op.f("ck_offers_amount_pence_in_range")
        ),
        sa.CheckConstraint("made_at < expires_at", name=op.f("ck_offers_expires_after_it_is_made")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["people.id"], name=op.f("fk_offers_answered_by_id")),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_offers_award_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index(op.f("ix_offers_answered_by_id"), "offers", ["answered_by_id"], unique=False)
    op.create_index(op.f("ix_offers_award_id"), "offers", ["award_id"], unique=False)
    op.create_index(
        "uq_offers_one_live_offer",
        "offers",
        ["award_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('made', 'accepted')"),
        postgresql_where=sa.text("status IN ('made', 'accepted')"),
    )
    for table, only in APPEND_ONLY.items():
        for statement in statements(table, op.get_bind().dialect.name, only=only):
            op.execute(sa.text(_escaped(statement)))


def downgrade() -> None:
    _refuse_to_lose()
    for table in TABLES:
        op.drop_table(table)
    for table, changed in CHANGED.items():
        back = tuple((name, after, before) for name, before, after in changed.checks)
        if _is_sqlite():
            _make_anew(table, back, add=(), drop=changed.columns)
        else:
            _alter(table, back, add=(), drop=changed.columns)


def _change(table: str, changed: Changed) -> None:
    if _is_sqlite():
        _make_anew(table, changed.checks, add=changed.columns, drop=())
    else:
        _alter(table, changed.checks, add=changed.columns, drop=())


def _refuse_to_lose() -> None:
    """The older version has no place for what is in these tables, and nothing is thrown away."""
    for table in TABLES:
        if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one():
            raise RuntimeError(
                f"There is data in {table} that the older version cannot hold: restore a backup instead."
            )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _escaped(statement: str) -> str:
    return statement.replace(":", "\\:")


def _filled(table: str, column: str) -> str | None:
    return FILLED.get(f"{table}.{column.split(maxsplit=1)[0]}")


def _alter(
    table: str, checks: tuple[tuple[str, str | None, str | None], ...], *, add: tuple[str, ...], drop: tuple[str, ...]
) -> None:
    """PostgreSQL changes a table in place."""
    for name, before, _after in checks:
        if before is not None:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for column in drop:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")
    for column in add:
        filled = _filled(table, column)
        words = column.replace("DATETIME", "TIMESTAMP WITH TIME ZONE")
        op.execute(f"ALTER TABLE {table} ADD COLUMN {words}" + (f" DEFAULT {filled}" if filled else ""))
        if filled:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column.split()[0]} DROP DEFAULT")
    for name, _before, after in checks:
        if after is not None:
            op.execute(sa.text(_escaped(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({after})")))


def _make_anew(
    table: str, checks: tuple[tuple[str, str | None, str | None], ...], *, add: tuple[str, ...], drop: tuple[str, ...]
) -> None:
    """SQLite makes a changed table anew: its definition with other parts, its rows, its indexes and its triggers."""
    bind = op.get_bind()
    named = {"name": table}
    definition = bind.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), named
    ).scalar_one()
    others = (
        bind.execute(
            sa.text(
                "SELECT sql FROM sqlite_master WHERE tbl_name = :name AND type IN ('index', 'trigger') AND sql <> ''"
            ),
            named,
        )
        .scalars()
        .all()
    )
    gone = {f"CONSTRAINT {name} CHECK ({before})" for name, before, _ in checks if before is not None} | set(drop)
    kept = [part for part in _parts(definition) if part not in gone]
    columns = [part.split()[0] for part in kept if not part.startswith(("CONSTRAINT ", "PRIMARY KEY"))]
    added = [f"CONSTRAINT {name} CHECK ({after})" for name, _, after in checks if after is not None]
    constraints = [part for part in kept if part.split()[0] not in columns]
    parts = [*(part for part in kept if part.split()[0] in columns), *add, *constraints, *added]
    bind.execute(sa.text(_escaped(f"CREATE TABLE new_{table} ({', '.join(parts)})")))
    filled = [(column.split()[0], value) for column in add if (value := _filled(table, column))]
    names = ", ".join([*columns, *(name for name, _ in filled)])
    values = ", ".join([*columns, *(value for _, value in filled)])
    bind.execute(sa.text(f"INSERT INTO new_{table} ({names}) SELECT {values} FROM {table}"))
    bind.execute(sa.text(f"DROP TABLE {table}"))
    bind.execute(sa.text(f"ALTER TABLE new_{table} RENAME TO {table}"))
    for statement in others:
        bind.execute(sa.text(_escaped(statement)))


def _parts(statement: str) -> list[str]:
    """The columns and constraints of a CREATE TABLE."""
    body = statement[statement.index("(") + 1 : statement.rindex(")")]
    parts, depth, begun = [], 0, 0
    for at, sign in enumerate(body):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(body[begun:at])
            begun = at + 1
    return [re.sub(r"\s+", " ", part).strip() for part in (*parts, body[begun:])]
