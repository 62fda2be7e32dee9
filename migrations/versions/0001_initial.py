"""The tables of every room, and the triggers of those that only grow."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "audit_lines": (),
    "award_changes": (),
    "award_districts": (),
    "award_topics": (),
    "awards": (
        "id",
        "reference",
        "decision_id",
        "application_id",
        "fund_id",
        "round_id",
        "organisation_id",
        "primary_topic_id",
        "priority_id",
        "title",
        "purpose",
        "reasons",
        "conditions",
        "award_day",
        "award_last",
        "requested_pence",
        "starts_on",
        "ends_on",
        "illustrative",
        "source",
        "recorded_at",
        "entered_at",
    ),
    "decisions": (),
    "imported_rows": (),
    "ledger_entries": (),
    "submissions": (),
}
"""Table to the columns that never change; none named means all."""


def upgrade() -> None:
    op.create_table(
        "audit_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("digests", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_lines")),
    )
    op.create_index("ix_audit_lines_kind_thing_id", "audit_lines", ["kind", "thing_id"], unique=False)
    op.create_index("ix_audit_lines_reference", "audit_lines", ["reference"], unique=False)
    op.create_table(
        "districts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_districts")),
        sa.UniqueConstraint("code", name=op.f("uq_districts_code")),
        sa.UniqueConstraint("name", name=op.f("uq_districts_name")),
    )
    op.create_table(
        "funds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("funding_source", sa.Text(), nullable=False),
        sa.Column("open_call", sa.Boolean(), nullable=False),
        sa.Column("largest_grant_is_set_by", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "largest_grant_is_set_by IN ('round', 'award')", name=op.f("ck_funds_largest_grant_is_set_by_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funds")),
        sa.UniqueConstraint("code", name=op.f("uq_funds_code")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "office",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("decision_maker", sa.Text(), nullable=False),
        sa.Column("legal_power", sa.Text(), nullable=False),
        sa.Column("organisation_identifier", sa.Text(), nullable=False),
        sa.Column("publisher_prefix", sa.Text(), nullable=False),
        sa.Column("is_test_prefix", sa.Boolean(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("brand_colour", sa.Text(), nullable=False),
        sa.Column("link_colour", sa.Text(), nullable=False),
        sa.Column("keep_refused_years", sa.Integer(), nullable=False),
        sa.Column("keep_awarded_years", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_office_there_is_one_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("charity_number", sa.Text(), nullable=False),
        sa.Column("company_number", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('voluntary group', 'charity', 'company or CIC', 'council', 'public agency', 'not recorded')",
            name=op.f("ck_organisations_kind_is_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_index(op.f("ix_organisations_name_key"), "organisations", ["name_key"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'sent', 'failed', 'void')", name=op.f("ck_outbox_status_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_status_not_before", "outbox", ["status", "not_before"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_key", sa.Text(), nullable=False),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_people_email_is_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("name", name=op.f("uq_plans_name")),
    )
    op.create_table(
        "stored_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scan", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "scan IN ('not scanned', 'awaiting scan', 'clean', 'infected')", name=op.f("ck_stored_files_scan_is_known")
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_stored_files_size_is_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
    )
    op.create_table(
        "topics",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("name", name=op.f("uq_topics_name")),
    )
    op.create_table(
        "history_values",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["audit_lines.id"], name=op.f("fk_history_values_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_values")),
    )
    op.create_index(op.f("ix_history_values_line_id"), "history_values", ["line_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("invited_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_invitations_email_is_lower_case")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["people.id"], name=op.f("fk_invitations_invited_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_invitations_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("digest", name=op.f("uq_invitations_digest")),
    )
    op.create_index(op.f("ix_invitations_invited_by_id"), "invitations", ["invited_by_id"], unique=False)
    op.create_index(op.f("ix_invitations_organisation_id"), "invitations", ["organisation_id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_memberships_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_memberships_person_id")),
        sa.PrimaryKeyConstraint("person_id", "organisation_id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_organisation_id"), "memberships", ["organisation_id"], unique=False)
    op.create_table(
        "priorities",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_priorities_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_priorities")),
        sa.UniqueConstraint("plan_id", "name", name=op.f("uq_priorities_plan_id_name")),
        sa.UniqueConstraint("plan_id", "position", name=op.f("uq_priorities_plan_id_position")),
        sa.UniqueConstraint("slug", name=op.f("uq_priorities_slug")),
    )
    op.create_table(
        "published_figures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("as_at_day", sa.String(length=16), nullable=False),
        sa.Column("as_at_last", sa.Date(), nullable=False),
        sa.Column("fund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("figure_kind", sa.Text(), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=True),
        sa.Column("amount_quality", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("count_unit", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "amount_pence >= 0 AND amount_pence <= 10000000000000",
            name=op.f("ck_published_figures_amount_pence_in_range"),
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_published_figures_fund_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_published_figures_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_figures")),
        sa.UniqueConstraint(
            "as_at_day",
            "fund_id",
            "scope",
            "figure_kind",
            name=op.f("uq_published_figures_as_at_day_fund_id_scope_figure_kind"),
        ),
    )
    op.create_index(op.f("ix_published_figures_fund_id"), "published_figures", ["fund_id"], unique=False)
    op.create_index(op.f("ix_published_figures_topic_id"), "published_figures", ["topic_id"], unique=False)
    op.create_table(
        "role_grants",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "role IN ('officer', 'panel', 'decision-maker', 'finance', 'auditor', 'administrator')",
            name=op.f("ck_role_grants_role_is_known"),
        ),
        sa.ForeignKeyConstraint(["granted_by_id"], ["people.id"], name=op.f("fk_role_grants_granted_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_role_grants_person_id")),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_role_grants")),
    )
    op.create_index(op.f("ix_role_grants_granted_by_id"), "role_grants", ["granted_by_id"], unique=False)
    op.create_table(
        "rounds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("largest_grant_pence", sa.BigInteger(), nullable=True),
        sa.Column("pot_pence", sa.BigInteger(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opens_day", sa.String(length=16), nullable=True),
        sa.Column("closes_day", sa.String(length=16), nullable=True),
        sa.Column("closes_at_noon", sa.Boolean(), nullable=False),
        sa.Column("awarded_day", sa.String(length=16), nullable=True),
        sa.Column("announced_awards", sa.Integer(), nullable=True),
        sa.Column("announced_pence", sa.BigInteger(), nullable=True),
        sa.Column("announced_quality", sa.Text(), nullable=False),
        sa.Column("announced_applications", sa.Integer(), nullable=True),
        sa.Column("announced_requested_pence", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("most_months", sa.Integer(), nullable=True),
        sa.Column("bids_each", sa.Integer(), nullable=False),
        sa.Column("scores_needed", sa.Integer(), nullable=False),
        sa.Column("questions_sha256", sa.Text(), nullable=False),
        sa.Column("cost_centre", sa.Text(), nullable=False),
        sa.Column("account_code", sa.Text(), nullable=False),
        sa.Column("project_code", sa.Text(), nullable=False),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'open', 'closed', 'complete')", name=op.f("ck_rounds_status_is_known")),
        sa.CheckConstraint(
            "status NOT IN ('open', 'closed') OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND largest_grant_pence IS NOT NULL)",
            name=op.f("ck_rounds_has_dates_and_limit_if_run"),
        ),
        sa.CheckConstraint(
            "announced_pence >= 0 AND announced_pence <= 10000000000000",
            name=op.f("ck_rounds_announced_pence_in_range"),
        ),
        sa.CheckConstraint(
            "announced_requested_pence >= 0 AND announced_requested_pence <= 10000000000000",
            name=op.f("ck_rounds_announced_requested_pence_in_range"),
        ),
        sa.CheckConstraint("bids_each BETWEEN 1 AND 100", name=op.f("ck_rounds_bids_each_in_range")),
        sa.CheckConstraint(
            "largest_grant_pence >= 1 AND largest_grant_pence <= 10000000000000",
            name=op.f("ck_rounds_largest_grant_pence_in_range"),
        ),
        sa.CheckConstraint("most_months BETWEEN 1 AND 120", name=op.f("ck_rounds_most_months_in_range")),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_rounds_opens_before_it_closes")),
        sa.CheckConstraint("pot_pence >= 0 AND pot_pence <= 10000000000000", name=op.f("ck_rounds_pot_pence_in_range")),
        sa.CheckConstraint("scores_needed BETWEEN 1 AND 20", name=op.f("ck_rounds_scores_needed_in_range")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_rounds_fund_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_rounds_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
        sa.UniqueConstraint("code", name=op.f("uq_rounds_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_rounds_slug")),
    )
    op.create_index(op.f("ix_rounds_fund_id"), "rounds", ["fund_id"], unique=False)
    op.create_index(op.f("ix_rounds_plan_id"), "rounds", ["plan_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("browser_digest", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('confirm', 'change-email', 'reset', 'invite')", name=op.f("ck_tokens_purpose_is_known")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tokens_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_index(op.f("ix_tokens_person_id"), "tokens", ["person_id"], unique=False)
    op.create_table(
        "topic_names",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_topic_names_topic_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_topic_names")),
    )
    op.create_index(op.f("ix_topic_names_topic_id"), "topic_names", ["topic_id"], unique=False)
    op.create_table(
        "applications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("people_helped", sa.Integer(), nullable=True),
        sa.Column("priority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("requested_pence", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("declared_name", sa.Text(), nullable=False),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status = 'draft' OR status = 'withdrawn' OR (submitted_at IS NOT NULL AND submitted_by_id IS NOT NULL)",
            name=op.f("ck_applications_has_submission_if_submitted"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'eligible', 'ineligible', 'recommended', 'awarded', 'declined', 'withdrawn')",
            name=op.f("ck_applications_status_is_known"),
        ),
        sa.CheckConstraint(
            "people_helped IS NULL OR people_helped >= 0", name=op.f("ck_applications_people_helped_in_range")
        ),
        sa.CheckConstraint(
            "requested_pence >= 0 AND requested_pence <= 10000000000000",
            name=op.f("ck_applications_requested_pence_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_applications_organisation_id")
        ),
        sa.ForeignKeyConstraint(["priority_id"], ["priorities.id"], name=op.f("fk_applications_priority_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_applications_round_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["people.id"], name=op.f("fk_applications_started_by_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["people.id"], name=op.f("fk_applications_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("reference", name=op.f("uq_applications_reference")),
    )
    op.create_index(op.f("ix_applications_organisation_id"), "applications", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_applications_priority_id"), "applications", ["priority_id"], unique=False)
    op.create_index("ix_applications_round_id_status", "applications", ["round_id", "status"], unique=False)
    op.create_index(op.f("ix_applications_started_by_id"), "applications", ["started_by_id"], unique=False)
    op.create_index("ix_applications_status_submitted_at", "applications", ["status", "submitted_at"], unique=False)
    op.create_index(op.f("ix_applications_submitted_by_id"), "applications", ["submitted_by_id"], unique=False)
    op.create_table(
        "criteria",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("anchors", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint("weight BETWEEN 1 AND 10", name=op.f("ck_criteria_weight_in_range")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_criteria_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criteria")),
        sa.UniqueConstraint("round_id", "position", name=op.f("uq_criteria_round_id_position")),
    )
    op.create_table(
        "eligibility_questions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("good_answer", sa.Boolean(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_eligibility_questions_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_questions")),
        sa.UniqueConstraint("round_id", "position", name=op.f("uq_eligibility_questions_round_id_position")),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("most_words", sa.Integer(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.CheckConstraint("most_words BETWEEN 1 AND 5000", name=op.f("ck_questions_most_words_in_range")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_questions_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("round_id", "key", name=op.f("uq_questions_round_id_key")),
        sa.UniqueConstraint("round_id", "position", name=op.f("uq_questions_round_id_position")),
    )
    op.create_table(
        "answers",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_answers_application_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_answers_question_id")),
        sa.PrimaryKeyConstraint("application_id", "question_id", name=op.f("pk_answers")),
    )
    op.create_index(op.f("ix_answers_question_id"), "answers", ["question_id"], unique=False)
    op.create_table(
        "application_bars",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("barred_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_application_bars_application_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_application_bars_person_id")),
        sa.PrimaryKeyConstraint("application_id", "person_id", name=op.f("pk_application_bars")),
    )
    op.create_index(op.f("ix_application_bars_person_id"), "application_bars", ["person_id"], unique=False)
    op.create_table(
        "application_districts",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("district_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_application_districts_application_id")
        ),
        sa.ForeignKeyConstraint(["district_id"], ["districts.id"], name=op.f("fk_application_districts_district_id")),
        sa.PrimaryKeyConstraint("application_id", "district_id", name=op.f("pk_application_districts")),
    )
    op.create_index(
        op.f("ix_application_districts_district_id"), "application_districts", ["district_id"], unique=False
    )
    op.create_table(
        "application_topics",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_application_topics_application_id")
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_application_topics_topic_id")),
        sa.PrimaryKeyConstraint("application_id", "topic_id", name=op.f("pk_application_topics")),
    )
    op.create_index(op.f("ix_application_topics_topic_id"), "application_topics", ["topic_id"], unique=False)
    op.create_table(
        "budget_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_pence >= 0 AND amount_pence <= 10000000000000", name=op.f("ck_budget_lines_amount_pence_in_range")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_budget_lines_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_lines")),
        sa.UniqueConstraint("application_id", "position", name=op.f("uq_budget_lines_application_id_position")),
    )
    op.create_table(
        "checks",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("passed OR reason <> ''", name=op.f("ck_checks_has_reason_if_not_passed")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_checks_application_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["people.id"], name=op.f("fk_checks_officer_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_checks")),
    )
    op.create_index(op.f("ix_checks_officer_id"), "checks", ["officer_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision_maker", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("legal_power", sa.Text(), nullable=False),
        sa.Column("interests", sa.Text(), nullable=False),
        sa.Column("over_pot_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'approved') = (amount_pence > 0)", name=op.f("ck_decisions_has_amount_if_approved")
        ),
        sa.CheckConstraint("outcome IN ('approved', 'declined')", name=op.f("ck_decisions_outcome_is_known")),
        sa.CheckConstraint("reasons <> ''", name=op.f("ck_decisions_has_reasons")),
        sa.CheckConstraint(
            "amount_pence >= 0 AND amount_pence <= 10000000000000", name=op.f("ck_decisions_amount_pence_in_range")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_decisions_application_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_decisions_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("application_id", name=op.f("uq_decisions_application_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_decisions_reference")),
    )
    op.create_index(op.f("ix_decisions_decided_by_id"), "decisions", ["decided_by_id"], unique=False)
    op.create_table(
        "recommendations",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recommended_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_recommendations_has_reason")),
        sa.CheckConstraint(
            "amount_pence >= 0 AND amount_pence <= 10000000000000",
            name=op.f("ck_recommendations_amount_pence_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_recommendations_application_id")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["people.id"], name=op.f("fk_recommendations_officer_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_recommendations")),
    )
    op.create_index(op.f("ix_recommendations_officer_id"), "recommendations", ["officer_id"], unique=False)
    op.create_table(
        "score_sheets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("has_conflict", sa.Boolean(), nullable=False),
        sa.Column("conflict_note", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "NOT has_conflict OR locked_at IS NULL", name=op.f("ck_score_sheets_not_locked_if_conflict")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_score_sheets_application_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_score_sheets_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_sheets")),
        sa.UniqueConstraint("application_id", "person_id", name=op.f("uq_score_sheets_application_id_person_id")),
    )
    op.create_index(op.f("ix_score_sheets_person_id"), "score_sheets", ["person_id"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_submissions_application_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_submissions")),
    )
    op.create_table(
        "awards",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("primary_topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("priority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("award_day", sa.String(length=16), nullable=False),
        sa.Column("award_last", sa.Date(), nullable=False),
        sa.Column("requested_pence", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('awarded', 'complete', 'withdrawn')", name=op.f("ck_awards_status_is_known")),
        sa.CheckConstraint(
            "requested_pence >= 0 AND requested_pence <= 10000000000000",
            name=op.f("ck_awards_requested_pence_in_range"),
        ),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_awards_application_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_awards_decision_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_awards_fund_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_awards_organisation_id")),
        sa.ForeignKeyConstraint(["primary_topic_id"], ["topics.id"], name=op.f("fk_awards_primary_topic_id")),
        sa.ForeignKeyConstraint(["priority_id"], ["priorities.id"], name=op.f("fk_awards_priority_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_awards_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_awards")),
        sa.UniqueConstraint("application_id", name=op.f("uq_awards_application_id")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_awards_decision_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_awards_reference")),
    )
    op.create_index(op.f("ix_awards_award_last"), "awards", ["award_last"], unique=False)
    op.create_index(op.f("ix_awards_fund_id"), "awards", ["fund_id"], unique=False)
    op.create_index(op.f("ix_awards_organisation_id"), "awards", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_awards_primary_topic_id"), "awards", ["primary_topic_id"], unique=False)
    op.create_index(op.f("ix_awards_priority_id"), "awards", ["priority_id"], unique=False)
    op.create_index(op.f("ix_awards_round_id"), "awards", ["round_id"], unique=False)
    op.create_table(
        "scores",
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("criterion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 5", name=op.f("ck_scores_score_in_range")),
        sa.ForeignKeyConstraint(["criterion_id"], ["criteria.id"], name=op.f("fk_scores_criterion_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["score_sheets.id"], name=op.f("fk_scores_sheet_id")),
        sa.PrimaryKeyConstraint("sheet_id", "criterion_id", name=op.f("pk_scores")),
    )
    op.create_index(op.f("ix_scores_criterion_id"), "scores", ["criterion_id"], unique=False)
    op.create_table(
        "award_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("fund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("priority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("award_last", sa.Date(), nullable=True),
        sa.Column("effective_day", sa.String(length=16), nullable=False),
        sa.Column("effective_last", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "field IN ('fund', 'round', 'organisation', 'topics', 'districts', 'priority', 'project', 'purpose', 'award_date', 'source')",
            name=op.f("ck_award_changes_field_is_known"),
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_award_changes_has_reason")),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_award_changes_award_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_award_changes_fund_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_award_changes_organisation_id")
        ),
        sa.ForeignKeyConstraint(["priority_id"], ["priorities.id"], name=op.f("fk_award_changes_priority_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_award_changes_round_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_award_changes_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_changes")),
    )
    op.create_index("ix_award_changes_award_id_field", "award_changes", ["award_id", "field"], unique=False)
    op.create_index(op.f("ix_award_changes_fund_id"), "award_changes", ["fund_id"], unique=False)
    op.create_index(op.f("ix_award_changes_organisation_id"), "award_changes", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_award_changes_priority_id"), "award_changes", ["priority_id"], unique=False)
    op.create_index(op.f("ix_award_changes_round_id"), "award_changes", ["round_id"], unique=False)
    op.create_index(op.f("ix_award_changes_topic_id"), "award_changes", ["topic_id"], unique=False)
    op.create_table(
        "award_standings",
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("fund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("primary_topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("priority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fund_code", sa.Text(), nullable=False),
        sa.Column("round_code", sa.Text(), nullable=False),
        sa.Column("organisation_name", sa.Text(), nullable=False),
        sa.Column("organisation_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("primary_topic", sa.Text(), nullable=False),
        sa.Column("other_topics", sa.Text(), nullable=False),
        sa.Column("districts", sa.Text(), nullable=False),
        sa.Column("award_day", sa.String(length=16), nullable=False),
        sa.Column("award_last", sa.Date(), nullable=False),
        sa.Column("requested_pence", sa.BigInteger(), nullable=True),
        sa.Column("awarded_pence", sa.BigInteger(), nullable=True),
        sa.Column("returned_pence", sa.BigInteger(), nullable=False),
        sa.Column("is_project", sa.Boolean(), nullable=False),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("first_published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_award_standings_award_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_award_standings_fund_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_award_standings_organisation_id")
        ),
        sa.ForeignKeyConstraint(["primary_topic_id"], ["topics.id"], name=op.f("fk_award_standings_primary_topic_id")),
        sa.ForeignKeyConstraint(["priority_id"], ["priorities.id"], name=op.f("fk_award_standings_priority_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_award_standings_round_id")),
        sa.PrimaryKeyConstraint("award_id", name=op.f("pk_award_standings")),
        sa.UniqueConstraint("reference", name=op.f("uq_award_standings_reference")),
    )
    op.create_index(
        "ix_award_standings_award_last_award_id", "award_standings", ["award_last", "award_id"], unique=False
    )
    op.create_index(
        "ix_award_standings_awarded_pence_award_id", "award_standings", ["awarded_pence", "award_id"], unique=False
    )
    op.create_index(
        "ix_award_standings_fund_id_award_last_award_id",
        "award_standings",
        ["fund_id", "award_last", "award_id"],
        unique=False,
    )
    op.create_index(op.f("ix_award_standings_organisation_id"), "award_standings", ["organisation_id"], unique=False)
    op.create_index(
        "ix_award_standings_organisation_key_award_id",
        "award_standings",
        ["organisation_key", "award_id"],
        unique=False,
    )
    op.create_index(op.f("ix_award_standings_primary_topic_id"), "award_standings", ["primary_topic_id"], unique=False)
    op.create_index(op.f("ix_award_standings_priority_id"), "award_standings", ["priority_id"], unique=False)
    op.create_index(op.f("ix_award_standings_round_id"), "award_standings", ["round_id"], unique=False)
    op.create_table(
        "imported_rows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_imported_rows_award_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_rows")),
    )
    op.create_index(op.f("ix_imported_rows_award_id"), "imported_rows", ["award_id"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=True),
        sa.Column("project_delta", sa.Integer(), nullable=False),
        sa.Column("unknown_delta", sa.Integer(), nullable=False),
        sa.Column("effective_day", sa.String(length=16), nullable=False),
        sa.Column("effective_last", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(kind = 'award' AND project_delta = 1) OR (kind = 'withdrawal' AND project_delta = -1) OR kind = 'correction' OR project_delta = 0",
            name=op.f("ck_ledger_entries_project_delta_fits_kind"),
        ),
        sa.CheckConstraint(
            "account <> 'returned' OR kind IN ('repayment', 'recovery', 'correction')",
            name=op.f("ck_ledger_entries_returned_fits_kind"),
        ),
        sa.CheckConstraint("account IN ('awarded', 'returned')", name=op.f("ck_ledger_entries_account_is_known")),
        sa.CheckConstraint(
            "amount_pence IS NOT NULL OR kind IN ('award', 'withdrawal', 'correction')",
            name=op.f("ck_ledger_entries_unknown_fits_kind"),
        ),
        sa.CheckConstraint(
            "kind <> 'award' OR amount_pence IS NULL OR amount_pence >= 0",
            name=op.f("ck_ledger_entries_award_is_not_negative"),
        ),
        sa.CheckConstraint(
            "kind <> 'withdrawal' OR amount_pence IS NULL OR amount_pence <= 0",
            name=op.f("ck_ledger_entries_withdrawal_is_not_positive"),
        ),
        sa.CheckConstraint("kind = 'award' OR reason <> ''", name=op.f("ck_ledger_entries_has_reason_unless_award")),
        sa.CheckConstraint(
            "kind IN ('award', 'variation', 'correction', 'withdrawal', 'repayment', 'recovery')",
            name=op.f("ck_ledger_entries_kind_is_known"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('repayment', 'recovery') OR (account = 'returned' AND amount_pence < 0)",
            name=op.f("ck_ledger_entries_return_comes_back"),
        ),
        sa.CheckConstraint(
            "amount_pence >= -10000000000000 AND amount_pence <= 10000000000000",
            name=op.f("ck_ledger_entries_amount_pence_in_range"),
        ),
        sa.CheckConstraint("project_delta IN (-1, 0, 1)", name=op.f("ck_ledger_entries_project_delta_is_one_step")),
        sa.CheckConstraint("unknown_delta IN (-1, 0, 1)", name=op.f("ck_ledger_entries_unknown_delta_is_one_step")),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_ledger_entries_award_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["ledger_entries.id"], name=op.f("fk_ledger_entries_corrects_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(op.f("ix_ledger_entries_award_id"), "ledger_entries", ["award_id"], unique=False)
    op.create_index(op.f("ix_ledger_entries_corrects_id"), "ledger_entries", ["corrects_id"], unique=False)
    op.create_index(
        "ix_ledger_entries_effective_last_recorded_at",
        "ledger_entries",
        ["effective_last", "recorded_at"],
        unique=False,
    )
    op.create_index(
        "uq_ledger_entries_one_award_entry",
        "ledger_entries",
        ["award_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'award'"),
        postgresql_where=sa.text("kind = 'award'"),
    )
    op.create_table(
        "award_districts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("change_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("district_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_award_districts_award_id")),
        sa.ForeignKeyConstraint(["change_id"], ["award_changes.id"], name=op.f("fk_award_districts_change_id")),
        sa.ForeignKeyConstraint(["district_id"], ["districts.id"], name=op.f("fk_award_districts_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_districts")),
        sa.UniqueConstraint(
            "award_id", "change_id", "district_id", name=op.f("uq_award_districts_award_id_change_id_district_id")
        ),
    )
    op.create_index(op.f("ix_award_districts_award_id"), "award_districts", ["award_id"], unique=False)
    op.create_index(op.f("ix_award_districts_change_id"), "award_districts", ["change_id"], unique=False)
    op.create_index(op.f("ix_award_districts_district_id"), "award_districts", ["district_id"], unique=False)
    op.create_table(
        "award_topics",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("change_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"], name=op.f("fk_award_topics_award_id")),
        sa.ForeignKeyConstraint(["change_id"], ["award_changes.id"], name=op.f("fk_award_topics_change_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_award_topics_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_topics")),
        sa.UniqueConstraint(
            "award_id", "change_id", "topic_id", name=op.f("uq_award_topics_award_id_change_id_topic_id")
        ),
    )
    op.create_index(op.f("ix_award_topics_award_id"), "award_topics", ["award_id"], unique=False)
    op.create_index(op.f("ix_award_topics_change_id"), "award_topics", ["change_id"], unique=False)
    op.create_index(op.f("ix_award_topics_topic_id"), "award_topics", ["topic_id"], unique=False)
    for table, only in APPEND_ONLY.items():
        for statement in _statements(table, op.get_bind().dialect.name, only=only):
            op.execute(statement)


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
    op.drop_table("award_topics")
    op.drop_table("award_districts")
    op.drop_table("ledger_entries")
    op.drop_table("imported_rows")
    op.drop_table("award_standings")
    op.drop_table("award_changes")
    op.drop_table("scores")
    op.drop_table("awards")
    op.drop_table("submissions")
    op.drop_table("score_sheets")
    op.drop_table("recommendations")
    op.drop_table("decisions")
    op.drop_table("checks")
    op.drop_table("budget_lines")
    op.drop_table("application_topics")
    op.drop_table("application_districts")
    op.drop_table("application_bars")
    op.drop_table("answers")
    op.drop_table("questions")
    op.drop_table("eligibility_questions")
    op.drop_table("criteria")
    op.drop_table("applications")
    op.drop_table("topic_names")
    op.drop_table("tokens")
    op.drop_table("rounds")
    op.drop_table("role_grants")
    op.drop_table("published_figures")
    op.drop_table("priorities")
    op.drop_table("memberships")
    op.drop_table("invitations")
    op.drop_table("history_values")
    op.drop_table("topics")
    op.drop_table("stored_files")
    op.drop_table("plans")
    op.drop_table("people")
    op.drop_table("outbox")
    op.drop_table("organisations")
    op.drop_table("office")
    op.drop_table("idempotency_keys")
    op.drop_table("funds")
    op.drop_table("districts")
    op.drop_table("audit_lines")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_change()")
