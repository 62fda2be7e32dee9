"""A grant's whole life: notices, offers, payments and reports, and the states that go with them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


@dataclass(frozen=True)
class Changed:
    """What changes in a table: CHECKs as (name, before, after), None where there is none; and what is added."""

    checks: tuple[tuple[str, str | None, str | None], ...] = ()
    columns: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()

    @property
    def back(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """The CHECKs the other way round."""
        return tuple((name, after, before) for name, before, after in self.checks)


CHANGED: dict[str, Changed] = {
    "applications": Changed(
        checks=(
            (
                "ck_applications_approved_pence_in_range",
                None,
                "approved_pence >= 0 AND approved_pence <= 10000000000000",
            ),
            (
                "ck_applications_status_is_known",
                "status IN ('draft', 'submitted', 'eligible', 'ineligible', 'recommended', 'awarded', 'declined', 'withdrawn')",
                "status IN ('draft', 'submitted', 'eligible', 'ineligible', 'recommended', 'decided', 'awarded', 'declined', 'withdrawn')",
            ),
        ),
        columns=("approved_pence BIGINT",),
        constraints=(),
        indexes=(
            "CREATE INDEX ix_applications_submitted_at_id ON applications (submitted_at, id)",
            "CREATE INDEX ix_applications_round_id_submitted_at_id ON applications (round_id, submitted_at, id)",
        ),
    ),
    "award_changes": Changed(
        checks=(
            (
                "ck_award_changes_field_is_known",
                "field IN ('fund', 'round', 'organisation', 'topics', 'districts', 'priority', 'project', 'purpose', 'award_date', 'source')",
                "field IN ('fund', 'round', 'organisation', 'topics', 'districts', 'priority', 'project', 'purpose', 'starts_on', 'ends_on', 'conditions', 'award_date', 'source')",
            ),
        ),
    ),
    "award_standings": Changed(
        checks=(
            (
                "ck_award_standings_awarded_pence_in_range",
                None,
                "awarded_pence >= 0 AND awarded_pence <= 10000000000000",
            ),
            (
                "ck_award_standings_committed_pence_in_range",
                None,
                "committed_pence >= 0 AND committed_pence <= 10000000000000",
            ),
            ("ck_award_standings_committed_within_awarded", None, "NOT is_project OR committed_pence <= awarded_pence"),
            ("ck_award_standings_nothing_awarded_if_withdrawn", None, "is_project OR awarded_pence = 0"),
            ("ck_award_standings_paid_pence_in_range", None, "paid_pence >= 0 AND paid_pence <= 10000000000000"),
            ("ck_award_standings_paid_within_committed", None, "paid_pence <= committed_pence"),
            (
                "ck_award_standings_requested_pence_in_range",
                None,
                "requested_pence >= 0 AND requested_pence <= 10000000000000",
            ),
            (
                "ck_award_standings_returned_pence_in_range",
                None,
                "returned_pence >= 0 AND returned_pence <= 10000000000000",
            ),
            ("ck_award_standings_returned_within_awarded", None, "NOT is_project OR returned_pence <= awarded_pence"),
            ("ck_award_standings_returned_within_paid", None, "returned_pence <= paid_pence"),
            ("ck_award_standings_status_is_known", None, "status IN ('awarded', 'complete', 'withdrawn')"),
        ),
        columns=(
            "committed_pence BIGINT",
            "conditions TEXT NOT NULL",
            "ends_on DATE",
            "paid_pence BIGINT",
            "report_due_on DATE",
            "starts_on DATE",
        ),
        constraints=(),
        indexes=(
            "CREATE INDEX ix_award_standings_report_due_on_award_id ON award_standings (report_due_on, award_id)",
        ),
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
        constraints=(),
        indexes=(),
    ),
    "decisions": Changed(
        checks=(
            (
                "ck_decisions_has_reason_if_less",
                None,
                "outcome = 'declined' OR amount_pence = requested_pence OR less_reason <> ''",
            ),
            ("ck_decisions_not_more_than_was_asked", None, "amount_pence <= requested_pence"),
            (
                "ck_decisions_requested_pence_in_range",
                None,
                "requested_pence >= 0 AND requested_pence <= 10000000000000",
            ),
        ),
        columns=(
            "content TEXT NOT NULL",
            "feedback TEXT NOT NULL",
            "less_reason TEXT NOT NULL",
            "requested_pence BIGINT NOT NULL",
            "sha256 TEXT NOT NULL",
        ),
        constraints=(),
        indexes=(),
    ),
    "invitations": Changed(
        checks=(("ck_invitations_role_is_known", None, "role IN ('owner', 'editor', 'reader')"),),
        columns=("role TEXT NOT NULL",),
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
                "kind IN ('award', 'variation', 'correction', 'withdrawal', 'repayment', 'recovery', 'commitment', 'payment', 'reversal')",
            ),
            (
                "ck_ledger_entries_payment_accounts_fit_kind",
                None,
                "account NOT IN ('committed', 'paid') OR kind IN ('commitment', 'payment', 'reversal', 'correction')",
            ),
            (
                "ck_ledger_entries_reversal_names_its_payment",
                None,
                "kind <> 'reversal' OR (account = 'paid' AND amount_pence < 0 AND corrects_id IS NOT NULL)",
            ),
            (
                "ck_ledger_entries_payment_goes_out",
                None,
                "kind <> 'payment' OR (account = 'paid' AND amount_pence > 0)",
            ),
        ),
        columns=("bank_reference TEXT NOT NULL",),
        constraints=(),
        indexes=(),
    ),
    "memberships": Changed(
        checks=(("ck_memberships_role_is_known", None, "role IN ('owner', 'editor', 'reader')"),),
        columns=("role TEXT NOT NULL",),
    ),
    "office": Changed(
        checks=(),
        columns=("how_to_repay TEXT NOT NULL", "vat_treatment TEXT NOT NULL"),
        constraints=(),
        indexes=(),
    ),
    "idempotency_keys": Changed(columns=("digest TEXT NOT NULL",)),
    "outbox": Changed(columns=("sealed TEXT NOT NULL",)),
    "recommendations": Changed(
        checks=(),
        columns=("set_id INTEGER NOT NULL",),
        constraints=("CONSTRAINT fk_recommendations_set_id FOREIGN KEY(set_id) REFERENCES recommendation_sets (id)",),
        indexes=("CREATE INDEX ix_recommendations_set_id ON recommendations (set_id)",),
    ),
    "stored_files": Changed(
        columns=("owner TEXT NOT NULL",), indexes=("CREATE INDEX ix_stored_files_owner ON stored_files (owner)",)
    ),
    "questions": Changed(
        checks=(("ck_questions_has_kind", None, "kind <> ''"),),
        columns=("kind TEXT NOT NULL", "settings JSON NOT NULL"),
        constraints=(),
        indexes=(),
    ),
    "rounds": Changed(
        checks=(
            ("ck_rounds_offer_days_in_range", None, "offer_days BETWEEN 1 AND 90"),
            ("ck_rounds_report_days_in_range", None, "report_days BETWEEN 1 AND 365"),
            ("ck_rounds_variation_days_in_range", None, "variation_days BETWEEN 0 AND 1000"),
            ("ck_rounds_variation_percent_in_range", None, "variation_percent BETWEEN 0 AND 100"),
            ("ck_rounds_waivable_pence_in_range", None, "waivable_pence >= 0 AND waivable_pence <= 10000000000000"),
        ),
        columns=(
            "agreement_terms TEXT NOT NULL",
            "offer_days INTEGER NOT NULL",
            "report_days INTEGER NOT NULL",
            "variation_days INTEGER NOT NULL",
            "variation_percent INTEGER NOT NULL",
            "waivable_pence BIGINT NOT NULL",
        ),
        constraints=(),
        indexes=(),
    ),
    "score_sheets": Changed(
        checks=(),
        columns=("saved_at DATETIME",),
        constraints=(),
        indexes=(),
    ),
}

_ASKED = "(SELECT requested_pence FROM applications WHERE applications.id = decisions.application_id)"
_NOTHING_YET = "(SELECT CASE WHEN decision_id IS NOT NULL THEN 0 END FROM awards WHERE awards.id = award_id)"

FILLED = {
    "applications.approved_pence": "(SELECT amount_pence FROM decisions WHERE application_id = applications.id)",
    "award_standings.committed_pence": _NOTHING_YET,
    "award_standings.conditions": "(SELECT conditions FROM awards WHERE id = award_standings.award_id)",
    "award_standings.ends_on": "(SELECT ends_on FROM awards WHERE id = award_standings.award_id)",
    "award_standings.paid_pence": _NOTHING_YET,
    "award_standings.starts_on": "(SELECT starts_on FROM awards WHERE id = award_standings.award_id)",
    "decisions.content": "''",
    "decisions.feedback": "''",
    "decisions.less_reason": f"CASE WHEN outcome = 'approved' AND amount_pence < {_ASKED} "
    "THEN 'Not recorded: decided before this was asked.' ELSE '' END",
    "decisions.requested_pence": f"CASE WHEN amount_pence > {_ASKED} THEN amount_pence ELSE {_ASKED} END",
    "decisions.sha256": "''",
    "invitations.role": "'owner'",
    "idempotency_keys.digest": "''",
    "ledger_entries.bank_reference": "''",
    "memberships.role": "'owner'",
    "office.how_to_repay": "''",
    "outbox.sealed": "''",
    "office.vat_treatment": "'Outside the scope'",
    "stored_files.owner": "''",
    "questions.kind": "'words'",
    "questions.settings": "'{}'",
    "recommendations.set_id": "application_id",
    "rounds.agreement_terms": "'The grant is for the project that is named here, and for nothing else.\n\nAsk us before you change the project, its dates or its budget, and wait for our answer in writing.\n\nKeep records and receipts of what you spend, and show them to us when we ask.\n\nReport to us what you did, whom it helped and what you spent, by the dates that we give you.\n\nPay back what you do not spend, and what was spent on anything else.\n\nTell us at once when something goes wrong that touches the project, the people it helps or the money.'",
    "rounds.offer_days": "14",
    "rounds.report_days": "30",
    "rounds.variation_days": "92",
    "rounds.variation_percent": "25",
    "rounds.waivable_pence": "2500",
}
"""What a column that is added holds in the rows that are there."""

APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "row_digests": (),
    "agreements": (),
    "bank_details": ("id", "organisation_id", "last_digits", "given_at", "given_by_id", "changes_id", "held_until"),
    "batch_files": ("id", "batch_id", "kind", "sha256", "size"),
    "batches": ("id", "number", "payment_count", "total_pence", "prepared_at", "prepared_by_id"),
    "former_names": (),
    "offers": ("id", "award_id", "amount_pence", "conditions", "terms", "made_at"),
    "reports": ("id", "award_id", "number", "made_at"),
    "clarification_answers": (),
    "clarifications": (),
    "decision_notices": (),
    "notice_decisions": (),
    "payments": (
        "id",
        "reference",
        "batch_id",
        "award_id",
        "bank_details_id",
        "payee",
        "amount_pence",
        "cost_centre",
        "account_code",
        "project_code",
        "funding_source",
        "vat_treatment",
    ),
    "former_memberships": (),
    "variation_requests": ("id", "award_id", "wish", "asked_at", "asked_by_id"),
    "variations": (
        "id",
        "award_id",
        "number",
        "reference",
        "kind",
        "level",
        "to_group_id",
        "reason",
        "content",
        "sha256",
        "begun_at",
        "begun_by_id",
    ),
    "recommendation_sets": (),
    "report_answers": (),
    "report_submissions": (),
    "return_files": (
        *("id", "name", "media_type", "stored_id", "sha256", "received_at", "received_by_id"),
        *("paid_count", "failed_count", "repeated_count", "bounced_count", "difference_count"),
    ),
    "reversals": (
        *("id", "payment_id", "kind", "line_id", "blocks_id", "was", "was_paid_on", "was_finance_reference"),
        *("becomes", "day", "finance_reference", "reason", "recorded_at", "recorded_by_id"),
    ),
    "return_lines": (),
    "taken_awards": (),
}
"""Table to the columns that never change; none named means all."""

APPEND_ONLY_NOW: dict[str, tuple[str, ...]] = {
    "application_bars": (),
    "checks": (),
    "published_figures": ("id", "as_at_day", "as_at_last", "fund_id", "scope", "figure_kind"),
    "recommendations": (),
    "score_sheets": ("id", "application_id", "person_id", "has_conflict", "conflict_note", "declared_at"),
    "stored_files": ("id", "sha256", "name", "media_type", "size", "made_at", "owner"),
}
"""The same of tables that there were, and that could be changed until now."""

TABLES = (
    "taken_awards",
    "row_digests",
    "return_words",
    "reversals",
    "former_names",
    "former_memberships",
    "browser_sessions",
    "authenticator_apps",
    "passkeys",
    "recovery_codes",
    "identities",
    "report_answers",
    "return_lines",
    "report_submissions",
    "report_lines",
    "agreements",
    "reports",
    "payments",
    "variation_requests",
    "variations",
    "offers",
    "notice_decisions",
    "clarification_answers",
    "recommendation_drafts",
    "clarifications",
    "recommendation_sets",
    "decision_notices",
    "batch_files",
    "return_files",
    "batches",
    "bank_details",
    "decision_notice_years",
    "batch_counters",
)
"""What is new, from the last to the first."""


UNLIKE_BEFORE = {
    "recommendation_sets": "excess_pence > 0",
    "row_digests": "1 = 0",
    "browser_sessions": "1 = 0",
    "invitations": "role <> 'owner' AND closed_at IS NULL",
    "memberships": "role <> 'owner'",
}
"""Which rows of a table say more than the older version can hold, where not all of a new one do."""

NARROWER_NOW = ("invitations", "memberships")
"""Tables that there were, whose rows may say less than the older version takes them to say."""


FOUND_BY = ("actor", "verb", "kind", "at")
"""What lines of the audit trail are found by, each in their order."""


def upgrade() -> None:
    for column in FOUND_BY:
        op.create_index(f"ix_audit_lines_{column}_id", "audit_lines", [column, "id"], unique=False)
    op.create_table(
        "row_digests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["audit_lines.id"], name=op.f("fk_row_digests_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_row_digests")),
    )
    op.create_index("ix_row_digests_line_id_id", "row_digests", ["line_id", "id"], unique=False)
    op.create_index(
        "ix_row_digests_table_name_row_key_line_id", "row_digests", ["table_name", "row_key", "line_id"], unique=False
    )
    op.create_table(
        "former_names",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_former_names_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_names")),
    )
    op.create_index(op.f("ix_former_names_name_key"), "former_names", ["name_key"], unique=False)
    op.create_index(op.f("ix_former_names_organisation_id"), "former_names", ["organisation_id"], unique=False)
    op.create_table(
        "former_memberships",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("since <= until", name=op.f("ck_former_memberships_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_former_memberships_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_former_memberships_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_memberships")),
    )
    for column in ("organisation_id", "person_id"):
        op.create_index(op.f(f"ix_former_memberships_{column}"), "former_memberships", [column], unique=False)
    op.create_table(
        "browser_sessions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.Column("device_digest", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needs_proof", sa.Boolean(), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.CheckConstraint("made_at <= seen_at", name=op.f("ck_browser_sessions_seen_after_it_was_made")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_browser_sessions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_browser_sessions_digest")),
    )
    op.create_index(op.f("ix_browser_sessions_person_id"), "browser_sessions", ["person_id"], unique=False)
    op.create_table(
        "authenticator_apps",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_step >= 0", name=op.f("ck_authenticator_apps_step_is_counted")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_authenticator_apps_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_authenticator_apps")),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sign_count >= 0", name=op.f("ck_passkeys_uses_are_counted")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_passkeys_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_person_id"), "passkeys", ["person_id"], unique=False)
    op.create_table(
        "identities",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identities_issuer_subject")),
        sa.UniqueConstraint("person_id", "issuer", name=op.f("uq_identities_person_id_issuer")),
    )
    op.create_index(op.f("ix_identities_person_id"), "identities", ["person_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("digest", name=op.f("uq_recovery_codes_digest")),
    )
    op.create_index(op.f("ix_recovery_codes_person_id"), "recovery_codes", ["person_id"], unique=False)
    op.create_table(
        "batch_counters",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_batch_counters")),
    )
    op.create_table(
        "decision_notice_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_decision_notice_years")),
    )
    op.create_table(
        "bank_details",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("last_digits", sa.Text(), nullable=False),
        sa.Column("account_digest", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proof_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("proof_key", sa.Text(), nullable=False),
        sa.Column("proof_name", sa.Text(), nullable=False),
        sa.Column("proof_media_type", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("compared", sa.Text(), nullable=False),
        sa.Column("shared_why", sa.Text(), nullable=False),
        sa.Column("supplier_number", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(proof_id IS NULL) = (proof_key = '')", name=op.f("ck_bank_details_proof_is_sealed")),
        sa.CheckConstraint(
            "status <> 'given' OR checked_at IS NULL", name=op.f("ck_bank_details_not_checked_while_given")
        ),
        sa.CheckConstraint(
            "status <> 'refused' OR (checked_at IS NOT NULL AND why <> '')",
            name=op.f("ck_bank_details_has_reason_if_refused"),
        ),
        sa.CheckConstraint(
            "status <> 'verified' OR (checked_at IS NOT NULL AND proof_id IS NOT NULL AND method <> '')",
            name=op.f("ck_bank_details_proven_if_verified"),
        ),
        sa.CheckConstraint(
            "status <> 'verified' OR compared <> ''", name=op.f("ck_bank_details_says_what_was_compared_if_verified")
        ),
        sa.CheckConstraint(
            "status <> 'verified' OR changes_id IS NULL OR (note <> '' AND checked_at >= held_until)",
            name=op.f("ck_bank_details_change_is_called_back_after_its_hold"),
        ),
        sa.CheckConstraint(
            "status IN ('given', 'verified', 'refused', 'blocked', 'replaced')",
            name=op.f("ck_bank_details_status_is_known"),
        ),
        sa.CheckConstraint("(changes_id IS NULL) = (held_until IS NULL)", name=op.f("ck_bank_details_held_if_change")),
        sa.CheckConstraint(
            "(checked_at IS NULL) = (checked_by_id IS NULL)", name=op.f("ck_bank_details_checked_by_somebody")
        ),
        sa.CheckConstraint(
            "held_until IS NULL OR held_until > given_at", name=op.f("ck_bank_details_held_after_given")
        ),
        sa.CheckConstraint("length(last_digits) = 4", name=op.f("ck_bank_details_shows_four_digits")),
        sa.ForeignKeyConstraint(["changes_id"], ["bank_details.id"], name=op.f("fk_bank_details_changes_id")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["people.id"], name=op.f("fk_bank_details_checked_by_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["people.id"], name=op.f("fk_bank_details_given_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_bank_details_organisation_id")
        ),
        sa.ForeignKeyConstraint(["proof_id"], ["stored_files.id"], name=op.f("fk_bank_details_proof_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_details")),
    )
    op.create_index(op.f("ix_bank_details_account_digest"), "bank_details", ["account_digest"], unique=False)
    op.create_index(op.f("ix_bank_details_changes_id"), "bank_details", ["changes_id"], unique=False)
    op.create_index(op.f("ix_bank_details_checked_by_id"), "bank_details", ["checked_by_id"], unique=False)
    op.create_index(op.f("ix_bank_details_given_by_id"), "bank_details", ["given_by_id"], unique=False)
    op.create_index("ix_bank_details_organisation_id_id", "bank_details", ["organisation_id", "id"], unique=False)
    op.create_index(op.f("ix_bank_details_proof_id"), "bank_details", ["proof_id"], unique=False)
    op.create_index("ix_bank_details_status_given_at_id", "bank_details", ["status", "given_at", "id"], unique=False)
    op.create_index(
        "uq_bank_details_one_given",
        "bank_details",
        ["organisation_id"],
        unique=True,
        sqlite_where=sa.text("status = 'given'"),
        postgresql_where=sa.text("status = 'given'"),
    )
    op.create_index(
        "uq_bank_details_one_verified",
        "bank_details",
        ["organisation_id"],
        unique=True,
        sqlite_where=sa.text("status = 'verified'"),
        postgresql_where=sa.text("status = 'verified'"),
    )
    op.create_index(
        "uq_bank_details_one_blocked",
        "bank_details",
        ["organisation_id"],
        unique=True,
        sqlite_where=sa.text("status = 'blocked'"),
        postgresql_where=sa.text("status = 'blocked'"),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payment_count", sa.Integer(), nullable=False),
        sa.Column("total_pence", sa.BigInteger(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prepared_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exported_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reconciled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL AND why <> '' AND exported_at IS NULL)",
            name=op.f("ck_batches_cancelled_with_reason_before_export"),
        ),
        sa.CheckConstraint(
            "(status = 'reconciled') = (reconciled_at IS NOT NULL)", name=op.f("ck_batches_reconciled_at_an_instant")
        ),
        sa.CheckConstraint(
            "status IN ('prepared', 'approved', 'exported', 'reconciled', 'cancelled')",
            name=op.f("ck_batches_status_is_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'exported', 'reconciled') OR approved_at IS NOT NULL",
            name=op.f("ck_batches_approved_if_beyond"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('exported', 'reconciled') OR exported_at IS NOT NULL",
            name=op.f("ck_batches_exported_if_beyond"),
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by_id IS NULL)", name=op.f("ck_batches_approved_by_somebody")
        ),
        sa.CheckConstraint("approved_by_id <> prepared_by_id", name=op.f("ck_batches_approved_by_another")),
        sa.CheckConstraint("payment_count > 0", name=op.f("ck_batches_has_payments")),
        sa.CheckConstraint(
            "total_pence >= 1 AND total_pence <= 10000000000000", name=op.f("ck_batches_total_pence_in_range")
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["people.id"], name=op.f("fk_batches_approved_by_id")),
        sa.ForeignKeyConstraint(["cancelled_by_id"], ["people.id"], name=op.f("fk_batches_cancelled_by_id")),
        sa.ForeignKeyConstraint(["exported_by_id"], ["people.id"], name=op.f("fk_batches_exported_by_id")),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["people.id"], name=op.f("fk_batches_prepared_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("number", name=op.f("uq_batches_number")),
    )
    op.create_index(op.f("ix_batches_approved_by_id"), "batches", ["approved_by_id"], unique=False)
    op.create_index(op.f("ix_batches_cancelled_by_id"), "batches", ["cancelled_by_id"], unique=False)
    op.create_index(op.f("ix_batches_exported_by_id"), "batches", ["exported_by_id"], unique=False)
    op.create_index(op.f("ix_batches_prepared_by_id"), "batches", ["prepared_by_id"], unique=False)
    op.create_index("ix_batches_status_prepared_at", "batches", ["status", "prepared_at"], unique=False)
    op.create_table(
        "return_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("stored_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stored_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paid_count", sa.Integer(), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("repeated_count", sa.Integer(), nullable=False),
        sa.Column("bounced_count", sa.Integer(), nullable=False),
        sa.Column("difference_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("stored_key <> ''", name=op.f("ck_return_files_is_sealed")),
        sa.CheckConstraint(
            "paid_count >= 0 AND failed_count >= 0 AND repeated_count >= 0 AND bounced_count >= 0 AND difference_count >= 0 AND paid_count + failed_count + repeated_count + bounced_count + difference_count > 0",
            name=op.f("ck_return_files_counts_its_lines"),
        ),
        sa.ForeignKeyConstraint(["received_by_id"], ["people.id"], name=op.f("fk_return_files_received_by_id")),
        sa.ForeignKeyConstraint(["stored_id"], ["stored_files.id"], name=op.f("fk_return_files_stored_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_files")),
    )
    op.create_index(op.f("ix_return_files_received_by_id"), "return_files", ["received_by_id"], unique=False)
    op.create_index(op.f("ix_return_files_sha256"), "return_files", ["sha256"], unique=False)
    op.create_index(op.f("ix_return_files_stored_id"), "return_files", ["stored_id"], unique=False)
    op.create_table(
        "batch_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('xlsx', 'csv')", name=op.f("ck_batch_files_kind_is_known")),
        sa.CheckConstraint("size > 0", name=op.f("ck_batch_files_size_is_positive")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_files_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_files")),
        sa.UniqueConstraint("batch_id", "kind", name=op.f("uq_batch_files_batch_id_kind")),
    )
    op.create_table(
        "decision_notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("approved_count", sa.Integer(), nullable=False),
        sa.Column("approved_pence", sa.BigInteger(), nullable=False),
        sa.Column("declined_count", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(approved_count = 0) = (approved_pence = 0)", name=op.f("ck_decision_notices_has_total_if_approved")
        ),
        sa.CheckConstraint(
            "approved_count >= 0 AND declined_count >= 0", name=op.f("ck_decision_notices_counts_are_not_negative")
        ),
        sa.CheckConstraint(
            "approved_pence >= 0 AND approved_pence <= 10000000000000",
            name=op.f("ck_decision_notices_approved_pence_in_range"),
        ),
        sa.CheckConstraint("corrects_id < id", name=op.f("ck_decision_notices_corrects_an_earlier_one")),
        sa.CheckConstraint("number > 0", name=op.f("ck_decision_notices_number_is_positive")),
        sa.ForeignKeyConstraint(["corrects_id"], ["decision_notices.id"], name=op.f("fk_decision_notices_corrects_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_decision_notices_round_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["people.id"], name=op.f("fk_decision_notices_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_notices")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_decision_notices_corrects_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_decision_notices_reference")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_decision_notices_year_number")),
    )
    op.create_index(op.f("ix_decision_notices_round_id"), "decision_notices", ["round_id"], unique=False)
    op.create_index(op.f("ix_decision_notices_signed_by_id"), "decision_notices", ["signed_by_id"], unique=False)
    op.create_table(
        "recommendation_sets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recommended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total_pence", sa.BigInteger(), nullable=False),
        sa.Column("excess_pence", sa.BigInteger(), nullable=False),
        sa.Column("excess_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "excess_pence = 0 OR excess_reason <> ''", name=op.f("ck_recommendation_sets_has_reason_if_over_pot")
        ),
        sa.CheckConstraint(
            "excess_pence >= 0 AND excess_pence <= 10000000000000",
            name=op.f("ck_recommendation_sets_excess_pence_in_range"),
        ),
        sa.CheckConstraint(
            "total_pence >= 0 AND total_pence <= 10000000000000",
            name=op.f("ck_recommendation_sets_total_pence_in_range"),
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["people.id"], name=op.f("fk_recommendation_sets_officer_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_recommendation_sets_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation_sets")),
    )
    op.create_index(op.f("ix_recommendation_sets_officer_id"), "recommendation_sets", ["officer_id"], unique=False)
    op.create_index(op.f("ix_recommendation_sets_round_id"), "recommendation_sets", ["round_id"], unique=False)
    op.create_table(
        "clarifications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("question <> ''", name=op.f("ck_clarifications_has_question")),
        sa.CheckConstraint("answer_by > asked_at", name=op.f("ck_clarifications_asked_before_the_answer_is_due")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_clarifications_application_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_clarifications_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clarifications")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_clarifications_application_id_number")),
    )
    op.create_index(op.f("ix_clarifications_asked_by_id"), "clarifications", ["asked_by_id"], unique=False)
    op.create_table(
        "recommendation_drafts",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "NOT chosen OR (amount_pence IS NOT NULL AND reason <> '')",
            name=op.f("ck_recommendation_drafts_is_whole_if_chosen"),
        ),
        sa.CheckConstraint(
            "amount_pence >= 0 AND amount_pence <= 10000000000000",
            name=op.f("ck_recommendation_drafts_amount_pence_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_recommendation_drafts_application_id")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["people.id"], name=op.f("fk_recommendation_drafts_officer_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_recommendation_drafts")),
    )
    op.create_index(op.f("ix_recommendation_drafts_officer_id"), "recommendation_drafts", ["officer_id"], unique=False)
    op.create_table(
        "clarification_answers",
        sa.Column("clarification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("answer <> ''", name=op.f("ck_clarification_answers_has_answer")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["people.id"], name=op.f("fk_clarification_answers_answered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["clarification_id"], ["clarifications.id"], name=op.f("fk_clarification_answers_clarification_id")
        ),
        sa.PrimaryKeyConstraint("clarification_id", name=op.f("pk_clarification_answers")),
    )
    op.create_index(
        op.f("ix_clarification_answers_answered_by_id"), "clarification_answers", ["answered_by_id"], unique=False
    )
    op.create_table(
        "notice_decisions",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_notice_decisions_decision_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["decision_notices.id"], name=op.f("fk_notice_decisions_notice_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_notice_decisions")),
    )
    op.create_index(op.f("ix_notice_decisions_notice_id"), "notice_decisions", ["notice_id"], unique=False)
    op.create_table(
        "offers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
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
            "status IN ('made', 'accepted', 'declined', 'lapsed', 'void')", name=op.f("ck_offers_status_is_known")
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
    op.create_table(
        "variations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("to_group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("needs_agreement", sa.Boolean(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("agreement_sha256", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(agreed_at IS NULL) = (agreed_by_id IS NULL) AND (agreed_at IS NULL) = (agreement = '')",
            name=op.f("ck_variations_agreed_by_somebody_with_its_words"),
        ),
        sa.CheckConstraint(
            "(status = 'waiting') = (judged_at IS NULL)", name=op.f("ck_variations_judged_if_not_waiting")
        ),
        sa.CheckConstraint(
            "NOT needs_agreement OR status = 'in force'", name=op.f("ck_variations_in_force_if_to_be_agreed")
        ),
        sa.CheckConstraint(
            "kind IN ('change', 'withdrawal', 'reinstatement')", name=op.f("ck_variations_kind_is_known")
        ),
        sa.CheckConstraint("level IN ('officer', 'decision maker')", name=op.f("ck_variations_level_is_known")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_variations_has_reason")),
        sa.CheckConstraint(
            "status <> 'in force' OR judged_by_id <> begun_by_id", name=op.f("ck_variations_approved_by_another")
        ),
        sa.CheckConstraint("status <> 'refused' OR why <> ''", name=op.f("ck_variations_has_reason_if_refused")),
        sa.CheckConstraint(
            "status IN ('waiting', 'in force', 'refused', 'cancelled')", name=op.f("ck_variations_status_is_known")
        ),
        sa.CheckConstraint(
            "(judged_at IS NULL) = (judged_by_id IS NULL)", name=op.f("ck_variations_judged_by_somebody")
        ),
        sa.CheckConstraint("agreed_at IS NULL OR needs_agreement", name=op.f("ck_variations_agreed_only_if_asked")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_variations_sha256_is_whole")),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["people.id"], name=op.f("fk_variations_agreed_by_id")),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_variations_award_id")),
        sa.ForeignKeyConstraint(["begun_by_id"], ["people.id"], name=op.f("fk_variations_begun_by_id")),
        sa.ForeignKeyConstraint(["judged_by_id"], ["people.id"], name=op.f("fk_variations_judged_by_id")),
        sa.ForeignKeyConstraint(["to_group_id"], ["organisations.id"], name=op.f("fk_variations_to_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variations")),
        sa.UniqueConstraint("award_id", "number", name=op.f("uq_variations_award_id_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_variations_reference")),
    )
    op.create_index(op.f("ix_variations_agreed_by_id"), "variations", ["agreed_by_id"], unique=False)
    op.create_index(op.f("ix_variations_begun_by_id"), "variations", ["begun_by_id"], unique=False)
    op.create_index(op.f("ix_variations_judged_by_id"), "variations", ["judged_by_id"], unique=False)
    op.create_index(op.f("ix_variations_to_group_id"), "variations", ["to_group_id"], unique=False)
    op.create_index("ix_variations_status_begun_at_id", "variations", ["status", "begun_at", "id"], unique=False)
    op.create_index(
        "uq_variations_one_waiting",
        "variations",
        ["award_id"],
        unique=True,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "variation_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("variation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL)", name=op.f("ck_variation_requests_answered_by_somebody")
        ),
        sa.CheckConstraint(
            "(status = 'open') = (answered_at IS NULL)", name=op.f("ck_variation_requests_answered_if_not_open")
        ),
        sa.CheckConstraint(
            "(status = 'taken up') = (variation_id IS NOT NULL)",
            name=op.f("ck_variation_requests_has_variation_if_taken_up"),
        ),
        sa.CheckConstraint("wish <> ''", name=op.f("ck_variation_requests_has_wish")),
        sa.CheckConstraint(
            "status <> 'declined' OR answer <> ''", name=op.f("ck_variation_requests_has_answer_if_declined")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'taken up', 'declined', 'taken back')",
            name=op.f("ck_variation_requests_status_is_known"),
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["people.id"], name=op.f("fk_variation_requests_answered_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_variation_requests_asked_by_id")),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_variation_requests_award_id")),
        sa.ForeignKeyConstraint(["variation_id"], ["variations.id"], name=op.f("fk_variation_requests_variation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variation_requests")),
    )
    for column in ("answered_by_id", "asked_by_id", "award_id", "variation_id"):
        op.create_index(op.f(f"ix_variation_requests_{column}"), "variation_requests", [column], unique=False)
    op.create_index(
        "ix_variation_requests_status_asked_at_id", "variation_requests", ["status", "asked_at", "id"], unique=False
    )
    op.create_index(
        "uq_variation_requests_one_open",
        "variation_requests",
        ["award_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bank_details_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("cost_centre", sa.Text(), nullable=False),
        sa.Column("account_code", sa.Text(), nullable=False),
        sa.Column("project_code", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("vat_treatment", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("finance_reference", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("paid_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(status IN ('paid', 'bounced')) = (paid_on IS NOT NULL) "
            "AND (status NOT IN ('paid', 'bounced') OR finance_reference <> '')",
            name=op.f("ck_payments_has_day_and_reference_if_paid"),
        ),
        sa.CheckConstraint(
            "(paid_on IS NULL) = (paid_entry_id IS NULL)", name=op.f("ck_payments_is_in_the_ledger_if_paid")
        ),
        sa.CheckConstraint(
            "(status = 'waiting') = (settled_at IS NULL)", name=op.f("ck_payments_settled_if_not_waiting")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'paid', 'failed', 'bounced', 'cancelled')", name=op.f("ck_payments_status_is_known")
        ),
        sa.CheckConstraint(
            "amount_pence >= 1 AND amount_pence <= 10000000000000", name=op.f("ck_payments_amount_pence_in_range")
        ),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_payments_award_id")),
        sa.ForeignKeyConstraint(["bank_details_id"], ["bank_details.id"], name=op.f("fk_payments_bank_details_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_payments_batch_id")),
        sa.ForeignKeyConstraint(["paid_entry_id"], ["ledger_entries.id"], name=op.f("fk_payments_paid_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("batch_id", "award_id", name=op.f("uq_payments_batch_id_award_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_payments_reference")),
    )
    op.create_index(op.f("ix_payments_award_id"), "payments", ["award_id"], unique=False)
    op.create_index(op.f("ix_payments_bank_details_id"), "payments", ["bank_details_id"], unique=False)
    op.create_index(op.f("ix_payments_batch_id"), "payments", ["batch_id"], unique=False)
    op.create_index(op.f("ix_payments_paid_entry_id"), "payments", ["paid_entry_id"], unique=False)
    op.create_index(
        "uq_payments_one_live_payment",
        "payments",
        ["award_id"],
        unique=True,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people_helped", sa.Integer(), nullable=True),
        sa.Column("people_estimated", sa.Boolean(), nullable=True),
        sa.Column("volunteers", sa.Integer(), nullable=True),
        sa.Column("sessions", sa.Integer(), nullable=True),
        sa.Column("difference", sa.Text(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("other_money", sa.Text(), nullable=False),
        sa.Column("spent_pence", sa.BigInteger(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("story_consent", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waived_pence", sa.BigInteger(), nullable=False),
        sa.Column("waived_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'accepted') = (accepted_at IS NOT NULL)", name=op.f("ck_reports_has_day_if_accepted")
        ),
        sa.CheckConstraint("(waived_pence > 0) = (waived_reason <> '')", name=op.f("ck_reports_has_reason_if_waived")),
        sa.CheckConstraint(
            "status = 'draft' OR submitted_at IS NOT NULL", name=op.f("ck_reports_has_submission_unless_draft")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'returned', 'accepted')", name=op.f("ck_reports_status_is_known")
        ),
        sa.CheckConstraint("waived_pence = 0 OR status = 'accepted'", name=op.f("ck_reports_accepted_if_waived")),
        sa.CheckConstraint("number BETWEEN 1 AND 9", name=op.f("ck_reports_number_in_range")),
        sa.CheckConstraint("people_helped BETWEEN 0 AND 1000000", name=op.f("ck_reports_people_helped_in_range")),
        sa.CheckConstraint("sessions BETWEEN 0 AND 1000000", name=op.f("ck_reports_sessions_in_range")),
        sa.CheckConstraint(
            "spent_pence >= 0 AND spent_pence <= 10000000000000", name=op.f("ck_reports_spent_pence_in_range")
        ),
        sa.CheckConstraint("volunteers BETWEEN 0 AND 1000000", name=op.f("ck_reports_volunteers_in_range")),
        sa.CheckConstraint(
            "waived_pence >= 0 AND waived_pence <= 10000000000000", name=op.f("ck_reports_waived_pence_in_range")
        ),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_reports_award_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("award_id", "number", name=op.f("uq_reports_award_id_number")),
    )
    op.create_index("ix_reports_status_submitted_at", "reports", ["status", "submitted_at"], unique=False)
    op.create_table(
        "agreements",
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_agreements_sha256_is_whole")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_agreements_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_agreements")),
    )
    op.create_table(
        "report_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("asked_pence", sa.BigInteger(), nullable=False),
        sa.Column("spent_pence", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "asked_pence >= 0 AND asked_pence <= 10000000000000", name=op.f("ck_report_lines_asked_pence_in_range")
        ),
        sa.CheckConstraint(
            "spent_pence >= 0 AND spent_pence <= 10000000000000", name=op.f("ck_report_lines_spent_pence_in_range")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_lines_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_lines")),
        sa.UniqueConstraint("report_id", "position", name=op.f("uq_report_lines_report_id_position")),
    )
    op.create_table(
        "report_submissions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_report_submissions_sha256_is_whole")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_report_submissions_number_is_positive")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_submissions_report_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["people.id"], name=op.f("fk_report_submissions_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_submissions")),
        sa.UniqueConstraint("report_id", "number", name=op.f("uq_report_submissions_report_id_number")),
    )
    op.create_index(
        op.f("ix_report_submissions_submitted_by_id"), "report_submissions", ["submitted_by_id"], unique=False
    )
    op.create_table(
        "return_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("return_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'difference') = (reason <> '')", name=op.f("ck_return_lines_difference_says_why")
        ),
        sa.CheckConstraint(
            "outcome = 'difference' OR payment_id IS NOT NULL", name=op.f("ck_return_lines_knows_its_payment")
        ),
        sa.CheckConstraint(
            "outcome IN ('paid', 'failed', 'repeated', 'bounced', 'difference')",
            name=op.f("ck_return_lines_outcome_is_known"),
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_return_lines_payment_id")),
        sa.ForeignKeyConstraint(["return_file_id"], ["return_files.id"], name=op.f("fk_return_lines_return_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_lines")),
        sa.UniqueConstraint("return_file_id", "line", name=op.f("uq_return_lines_return_file_id_line")),
    )
    op.create_index(op.f("ix_return_lines_payment_id"), "return_lines", ["payment_id"], unique=False)
    op.create_table(
        "taken_awards",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_project", sa.Boolean(), nullable=False),
        sa.Column("awarded_pence", sa.BigInteger(), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("fund_code", sa.Text(), nullable=False),
        sa.Column("round_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_taken_awards_award_id")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["people.id"], name=op.f("fk_taken_awards_taken_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_taken_awards_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taken_awards")),
    )
    for column in ("award_id", "taken_by_id", "organisation_id"):
        op.create_index(op.f(f"ix_taken_awards_{column}"), "taken_awards", [column], unique=False)
    op.create_table(
        "return_words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("reference", "date", "finance_reference", "amount", "status", "reason")
        ),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("paid", "failed", "bounced")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_return_words_is_the_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_words")),
    )
    op.create_table(
        "reversals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("blocks_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("was_paid_on", sa.Date(), nullable=True),
        sa.Column("was_finance_reference", sa.Text(), nullable=False),
        sa.Column("becomes", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("finance_reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('bounce', 'wrong line')", name=op.f("ck_reversals_kind_is_known")),
        sa.CheckConstraint("status IN ('recorded', 'approved', 'refused')", name=op.f("ck_reversals_status_is_known")),
        sa.CheckConstraint(
            "was IN ('waiting', 'paid', 'failed', 'bounced', 'cancelled')", name=op.f("ck_reversals_was_is_known")
        ),
        sa.CheckConstraint(
            "becomes IN ('waiting', 'paid', 'failed', 'bounced', 'cancelled')",
            name=op.f("ck_reversals_becomes_is_known"),
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_reversals_has_reason")),
        sa.CheckConstraint("(kind = 'bounce') = (becomes = 'bounced')", name=op.f("ck_reversals_bounce_bounces")),
        sa.CheckConstraint("kind <> 'bounce' OR was = 'paid'", name=op.f("ck_reversals_only_what_was_paid_bounces")),
        sa.CheckConstraint(
            "becomes NOT IN ('paid', 'bounced') OR (day IS NOT NULL AND finance_reference <> '')",
            name=op.f("ck_reversals_has_day_and_reference_if_money_moved"),
        ),
        sa.CheckConstraint("judged_by_id <> recorded_by_id", name=op.f("ck_reversals_judged_by_another")),
        sa.CheckConstraint(
            "(status = 'recorded') = (judged_at IS NULL)", name=op.f("ck_reversals_judged_unless_recorded")
        ),
        sa.CheckConstraint(
            "(judged_at IS NULL) = (judged_by_id IS NULL)", name=op.f("ck_reversals_judged_by_somebody")
        ),
        sa.CheckConstraint("(status = 'refused') = (why <> '')", name=op.f("ck_reversals_has_reason_if_refused")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_reversals_payment_id")),
        sa.ForeignKeyConstraint(["line_id"], ["return_lines.id"], name=op.f("fk_reversals_line_id")),
        sa.ForeignKeyConstraint(["blocks_id"], ["bank_details.id"], name=op.f("fk_reversals_blocks_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["people.id"], name=op.f("fk_reversals_recorded_by_id")),
        sa.ForeignKeyConstraint(["judged_by_id"], ["people.id"], name=op.f("fk_reversals_judged_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversals")),
    )
    for column in ("payment_id", "line_id", "blocks_id", "recorded_by_id", "judged_by_id"):
        op.create_index(op.f(f"ix_reversals_{column}"), "reversals", [column], unique=False)
    op.create_index("ix_reversals_status_recorded_at", "reversals", ["status", "recorded_at"], unique=False)
    op.create_index(
        "uq_reversals_one_open",
        "reversals",
        ["payment_id"],
        unique=True,
        sqlite_where=sa.text("status = 'recorded'"),
        postgresql_where=sa.text("status = 'recorded'"),
    )
    op.create_table(
        "report_answers",
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "outcome <> 'returned' OR words <> ''", name=op.f("ck_report_answers_has_words_if_returned")
        ),
        sa.CheckConstraint("outcome IN ('returned', 'accepted')", name=op.f("ck_report_answers_outcome_is_known")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["people.id"], name=op.f("fk_report_answers_answered_by_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["report_submissions.id"], name=op.f("fk_report_answers_submission_id")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_report_answers")),
    )
    op.create_index(op.f("ix_report_answers_answered_by_id"), "report_answers", ["answered_by_id"], unique=False)
    for table, only in APPEND_ONLY.items():
        for statement in _statements(table, op.get_bind().dialect.name, only=only):
            op.execute(sa.text(_escaped(statement)))
    _put_recommendations_in_sets()
    for table, changed in CHANGED.items():
        if _is_sqlite():
            _make_anew(table, changed, checks=changed.checks)
        else:
            _alter(table, changed)
    _cut_links_out_of_letters_that_left()
    for table, only in APPEND_ONLY_NOW.items():
        for statement in _statements(table, op.get_bind().dialect.name, only=only):
            op.execute(sa.text(_escaped(statement)))


def _statements(table: str, dialect: str, *, only: Sequence[str] = ()) -> list[str]:
    """The triggers by which the database refuses to change or delete a row, as they were when this was released."""
    columns = f" OF {', '.join(only)}" if only else ""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE{columns} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
        ]
    return [
        "\nCREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
        "    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;\nEND $$\n",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE{columns} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def downgrade() -> None:
    for table in (*TABLES, *NARROWER_NOW):
        _refuse_to_lose(table)
    for table in APPEND_ONLY_NOW:
        for what in ("update", "delete") if _is_sqlite() else ("update", "delete", "truncate"):
            op.execute(f"DROP TRIGGER {table}_no_{what}" + ("" if _is_sqlite() else f" ON {table}"))
    for table, changed in CHANGED.items():
        if _is_sqlite():
            _make_anew(table, changed, checks=changed.back, away=True)
        else:
            _alter_back(table, changed)
    for table in TABLES:
        op.drop_table(table)
    for column in FOUND_BY:
        op.drop_index(f"ix_audit_lines_{column}_id", "audit_lines")


def _put_recommendations_in_sets() -> None:
    """Each recommendation that there is was made alone."""
    op.execute(
        "INSERT INTO recommendation_sets "
        "(id, round_id, officer_id, recommended_at, total_pence, excess_pence, excess_reason) "
        "SELECT application_id, round_id, officer_id, recommended_at, amount_pence, 0, '' "
        "FROM recommendations JOIN applications ON applications.id = application_id"
    )
    if not _is_sqlite():
        op.execute(
            "SELECT setval(pg_get_serial_sequence('recommendation_sets', 'id'), "
            "(SELECT coalesce(max(id), 0) + 1 FROM recommendation_sets), false)"
        )


def _cut_links_out_of_letters_that_left() -> None:
    """The older version kept the links that confirm, reset and invite in the letters that it had sent."""
    bind, gap = op.get_bind(), "[The link stood in the letter alone. Ask for a new one.]"
    letters = bind.execute(sa.text("SELECT id, body FROM outbox WHERE status IN ('sent', 'failed', 'void')")).all()
    for number, body in letters:
        cut = re.sub(r"https?://\S+/(confirm|reset-password|invitation)/\S+", gap, body)
        if cut != body:
            bind.execute(sa.text("UPDATE outbox SET body = :body WHERE id = :id"), {"body": cut, "id": number})


def _refuse_to_lose(table: str) -> None:
    """The older version has no place for what is in these tables, and nothing is thrown away."""
    more = UNLIKE_BEFORE.get(table, "1 = 1")
    if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table} WHERE {more}")).scalar_one():
        raise RuntimeError(f"There is data in {table} that the older version cannot hold: restore a backup instead.")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _escaped(statement: str) -> str:
    return statement.replace(":", "\\:")


def _filled(table: str, column: str) -> str | None:
    return FILLED.get(f"{table}.{column.split(maxsplit=1)[0]}")


def _alter(table: str, changed: Changed) -> None:
    """PostgreSQL changes a table in place; what is append-only may be filled in while its triggers sleep."""
    for name, before, _after in changed.checks:
        if before is not None:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for column in changed.columns:
        name, _, kind = column.replace("DATETIME", "TIMESTAMP WITH TIME ZONE").partition(" ")
        kind = kind.replace("INTEGER", "BIGINT") if name.endswith("_id") else kind
        filled = FILLED.get(f"{table}.{name}")
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind.removesuffix(' NOT NULL')}")
        if filled is not None:
            op.execute(sa.text(_escaped(f"UPDATE {table} SET {name} = {filled}")))
        if kind.endswith(" NOT NULL"):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL")
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    for constraint in [*_checks(changed.checks), *changed.constraints]:
        op.execute(sa.text(_escaped(f"ALTER TABLE {table} ADD {constraint}")))
    for index in changed.indexes:
        op.execute(index)


def _alter_back(table: str, changed: Changed) -> None:
    for index in changed.indexes:
        op.execute(f"DROP INDEX {index.split()[2]}")
    for name, before, _after in changed.back:
        if before is not None:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for column in changed.columns:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")
    for constraint in _checks(changed.back):
        op.execute(sa.text(_escaped(f"ALTER TABLE {table} ADD {constraint}")))


def _checks(checks: tuple[tuple[str, str | None, str | None], ...]) -> list[str]:
    return [f"CONSTRAINT {name} CHECK ({after})" for name, _before, after in checks if after is not None]


def _make_anew(
    table: str, changed: Changed, *, checks: tuple[tuple[str, str | None, str | None], ...], away: bool = False
) -> None:
    """SQLite makes a changed table anew: its definition with other parts, its rows, its indexes and its triggers."""
    bind, named = op.get_bind(), {"name": table}
    (definition,) = bind.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), named
    ).one()
    others = bind.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :name AND type IN ('index', 'trigger') AND sql <> ''"),
        named,
    ).scalars()
    indexes = [" ".join(index.split()) for index in changed.indexes]
    kept_others = [statement for statement in others if " ".join(statement.split()) not in indexes]
    gone = {f"CONSTRAINT {name} CHECK ({before})" for name, before, _after in checks if before is not None}
    if away:
        gone |= {*changed.columns, *changed.constraints}
    kept = [part for part in _parts(definition) if part not in gone]
    columns = [part for part in kept if not part.startswith(("CONSTRAINT ", "PRIMARY KEY"))]
    added = () if away else changed.columns
    constraints = () if away else changed.constraints
    parts = [*columns, *added, *(part for part in kept if part not in columns), *constraints, *_checks(checks)]
    filled = {name: FILLED[key] for name in _names(added) if (key := f"{table}.{name}") in FILLED}
    names, values = [*_names(columns), *filled], [*_names(columns), *filled.values()]
    for statement in (
        f"CREATE TABLE new_{table} ({', '.join(parts)})",
        f"INSERT INTO new_{table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table}",
        f"DROP TABLE {table}",
        f"ALTER TABLE new_{table} RENAME TO {table}",
        *kept_others,
        *(() if away else changed.indexes),
    ):
        bind.execute(sa.text(_escaped(statement)))


def _names(columns: Iterable[str]) -> list[str]:
    return [column.split()[0] for column in columns]


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
