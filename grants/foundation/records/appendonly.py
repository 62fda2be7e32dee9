"""Tables that only grow: the database itself refuses to change or delete a row.

Every table only grows, unless it stands below: a test holds the schema to these two lists.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import DDL, FromClause, Table, event

MAY_CHANGE = {
    "awards": ("status",),
    "bank_details": (
        *("status", "sealed", "account_digest", "proof_id", "proof_key", "proof_name", "proof_media_type"),
        *("checked_at", "checked_by_id", "method", "compared", "shared_why", "note", "supplier_number"),
        *("why", "version"),
    ),
    "batch_files": ("sealed",),
    "batches": (
        *("status", "approved_at", "approved_by_id", "exported_at", "exported_by_id", "reconciled_at"),
        *("cancelled_at", "cancelled_by_id", "why", "version"),
    ),
    "offers": (
        *("status", "expires_at", "answered_at", "answered_by_id", "signatory_name", "signatory_position"),
        *("why", "completed_at", "version"),
    ),
    "payments": ("status", "settled_at", "paid_on", "finance_reference", "why", "paid_entry_id"),
    "published_figures": ("topic_id", "amount_pence", "amount_quality", "count", "count_unit", "source"),
    "reports": (
        *("status", "due_on", "saved_at", "people_helped", "people_estimated", "volunteers", "sessions"),
        *("difference", "changed", "other_money", "spent_pence", "story", "story_consent", "submitted_at"),
        *("accepted_at", "waived_pence", "waived_reason", "version"),
    ),
    "return_files": ("stored_key",),
    "reversals": ("status", "judged_at", "judged_by_id", "why", "version"),
    "score_sheets": ("saved_at", "locked_at", "version"),
    "stored_files": ("scan",),
    "variation_requests": ("status", "answered_at", "answered_by_id", "answer", "variation_id", "version"),
    "variations": (
        *("status", "judged_at", "judged_by_id", "why", "needs_agreement", "agreed_at", "agreed_by_id"),
        *("agreement", "agreement_sha256", "version"),
    ),
}
"""The columns of a table that may change after its row was written. Its other columns never do, and no row goes."""

FREE = {
    "answers": "a draft: what was sent is frozen",
    "application_districts": "a draft: what was sent is frozen",
    "application_topics": "a draft: what was sent is frozen",
    "applications": "a draft: what was sent is frozen",
    "authenticator_apps": "set up and taken away: the trail remembers it",
    "award_standings": "made anew from the ledger",
    "batch_counters": "a number that runs",
    "browser_sessions": "they are used and end: the trail remembers who signed in",
    "budget_lines": "a draft: what was sent is frozen",
    "criteria": "the office's words, until its round opens",
    "decision_notice_years": "a number that runs",
    "districts": "the office's words",
    "eligibility_questions": "the office's words, until its round opens",
    "funds": "the office's words",
    "history_values": "what people are forgotten by",
    "identities": "unlinked when a provider knows somebody anew: the trail remembers it",
    "idempotency_keys": "forgotten after a day",
    "invitations": "closed when they are used",
    "memberships": "they end: former_memberships remembers them",
    "office": "the office's settings",
    "organisations": "they are renamed: former_names remembers it",
    "outbox": "letters on their way",
    "passkeys": "added and taken away: the trail remembers it",
    "people": "they change their names, addresses and passwords",
    "plans": "the office's words",
    "priorities": "the office's words",
    "questions": "the office's words, until its round opens",
    "recommendation_drafts": "a draft: what is recommended stands in recommendations",
    "recovery_codes": "used once, and made anew",
    "report_lines": "a draft: what was sent is frozen",
    "return_words": "the words of finance",
    "role_grants": "roles are taken back: the trail remembers them",
    "rounds": "the office's words",
    "scores": "a draft, until the sheet is locked",
    "tokens": "used once",
    "topic_names": "the office's words",
    "topics": "the office's words",
}
"""The tables whose rows may change and go, and why. Whatever the trail holds of them, it holds with each change."""

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""


def append_only(table: FromClause) -> None:
    """Refuse UPDATE (but of the columns that may change) and DELETE on a table, by trigger."""
    assert isinstance(table, Table)  # noqa: S101 - for the type checker
    only = never_change(table) if table.name in MAY_CHANGE else ()
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(table.name, dialect, only=only):
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl)


def never_change(table: Table) -> list[str]:
    """The columns of a table that its rows keep for good."""
    return [column.name for column in table.columns if column.name not in MAY_CHANGE.get(table.name, ())]


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
