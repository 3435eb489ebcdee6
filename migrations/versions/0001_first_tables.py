"""First tables: people, counters, ratings (partitioned by period on PostgreSQL), records."""

from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# `portal tick` makes the later ones ahead of time; the DEFAULT partition catches what is left.
PERIODS = [f"{year}-Q{quarter}" for year in (2026, 2027) for quarter in (1, 2, 3, 4)] + ["2028-Q1"]


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("initials", sa.String(length=4), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        sa.Column("working_days", sa.String(length=7), nullable=False),
        sa.Column("report_name", sa.String(length=80), nullable=False),
        sa.Column("report_url", sa.String(length=300), nullable=False),
        sa.Column("release_at", sa.Time(), nullable=False),
        sa.CheckConstraint(
            "timezone IN ('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura')",
            name=op.f("ck_agency_timezone"),
        ),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_agency_hours")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("code", name=op.f("uq_agency_code")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "audit_event",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_audit_event_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_at", ["agency_id", "at"], unique=False)

    op.create_table(
        "device_key",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_device_key_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", name=op.f("pk_device_key")),
    )
    op.create_table(
        "employee",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("nip", sa.String(length=18), nullable=True),
        sa.Column("job", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'non_asn') = (nip IS NULL)", name=op.f("ck_employee_nip_of_asn")
        ),
        sa.CheckConstraint("kind IN ('pns', 'pppk', 'non_asn')", name=op.f("ck_employee_kind")),
        sa.CheckConstraint("nip IS NULL OR length(nip) = 18", name=op.f("ck_employee_nip_length")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_employee_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_employee")),
        sa.UniqueConstraint("agency_id", "nip", name=op.f("uq_employee_agency_id_nip")),
    )
    op.create_table(
        "erasure_event",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_erasure_event_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_erasure_event")),
    )
    with op.batch_alter_table("erasure_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_erasure_event_rating", ["agency_id", "period", "rating_id"], unique=False
        )

    op.create_table(
        "histogram",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("service_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("instrument", sa.String(length=8), nullable=False),
        sa.Column("bins", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_histogram_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", "id", name=op.f("pk_histogram")),
        sa.UniqueConstraint(
            "agency_id",
            "period",
            "office_id",
            "employee_id",
            "service_id",
            "channel",
            "instrument",
            name=op.f(
                "uq_histogram_agency_id_period_office_id_employee_id_service_id_channel_instrument"
            ),
        ),
    )
    with op.batch_alter_table("histogram", schema=None) as batch_op:
        batch_op.create_index(
            "ix_histogram_employee", ["agency_id", "period", "employee_id"], unique=False
        )

    op.create_table(
        "holiday",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_holiday_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "day", name=op.f("pk_holiday")),
    )
    op.create_table(
        "office",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('badan', 'dinas', 'kecamatan', 'kelurahan', 'upt', 'mpp', 'bagian', 'other')",
            name=op.f("ck_office_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "parent_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_office_agency_id_parent_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_office_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_office")),
        sa.UniqueConstraint("agency_id", "code", name=op.f("uq_office_agency_id_code")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_outbox_message_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_outbox_message")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_message_due", ["sent_at", "due_at"], unique=False)

    op.create_table(
        "policy",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_policy_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "version", name=op.f("pk_policy")),
    )
    op.create_table(
        "scoring_run",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("code_version", sa.String(length=40), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("set_aside", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('release', 'closing', 'correction')", name=op.f("ck_scoring_run_kind")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_scoring_run_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_scoring_run")),
    )
    with op.batch_alter_table("scoring_run", schema=None) as batch_op:
        batch_op.create_index("ix_scoring_run_period", ["agency_id", "period"], unique=False)

    op.create_table(
        "service",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_service_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_service")),
        sa.UniqueConstraint("agency_id", "code", name=op.f("uq_service_agency_id_code")),
    )
    op.create_table(
        "verdict",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("fraud_score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.String(length=200), nullable=False),
        sa.Column("engine", sa.String(length=40), nullable=False),
        sa.CheckConstraint("weight BETWEEN 0 AND 1", name=op.f("ck_verdict_weight")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_verdict_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "period", "rating_id", "release", name=op.f("pk_verdict")
        ),
    )
    op.create_table(
        "verdict_review",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_verdict_review_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_verdict_review")),
    )
    with op.batch_alter_table("verdict_review", schema=None) as batch_op:
        batch_op.create_index(
            "ix_verdict_review_rating", ["agency_id", "period", "rating_id"], unique=False
        )

    op.create_table(
        "withdrawal",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_withdrawal_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", "rating_id", name=op.f("pk_withdrawal")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_account_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_account_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint(
            "agency_id", "employee_id", name=op.f("uq_account_agency_id_employee_id")
        ),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_account_fs_uniquifier")),
    )
    op.create_table(
        "attribution_event",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("counts_for", sa.String(length=1), nullable=False),
        sa.Column("attributed_by", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "counts_for = 'O' OR employee_id IS NOT NULL",
            name=op.f("ck_attribution_event_person_is_named"),
        ),
        sa.CheckConstraint(
            "counts_for IN ('A', 'O')", name=op.f("ck_attribution_event_counts_for")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_attribution_event_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_attribution_event_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_attribution_event")),
    )
    with op.batch_alter_table("attribution_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attribution_event_rating", ["agency_id", "period", "rating_id"], unique=False
        )

    op.create_table(
        "counter",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_counter_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_counter_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_counter")),
        sa.UniqueConstraint(
            "agency_id", "office_id", "label", name=op.f("uq_counter_agency_id_office_id_label")
        ),
    )
    op.create_table(
        "employment",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_employment_order")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_employment_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_employment_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_employment_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_employment")),
        sa.UniqueConstraint(
            "agency_id",
            "employee_id",
            "office_id",
            "starts_on",
            name=op.f("uq_employment_agency_id_employee_id_office_id_starts_on"),
        ),
    )
    with op.batch_alter_table("employment", schema=None) as batch_op:
        batch_op.create_index("ix_employment_office", ["agency_id", "office_id"], unique=False)

    op.create_table(
        "office_result",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Float(), nullable=True),
        sa.Column("bins", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_office_result_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_office_result_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", "office_id", name=op.f("pk_office_result")),
    )
    op.create_table(
        "office_service",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("requirements", sa.Text(), nullable=False),
        sa.Column("duration", sa.String(length=120), nullable=False),
        sa.Column("cost", sa.String(length=120), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_office_service_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "service_id"],
            ["service.agency_id", "service.id"],
            name=op.f("fk_office_service_agency_id_service_id_service"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_office_service_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "office_id", "service_id", name=op.f("pk_office_service")
        ),
    )
    op.create_table(
        "release",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ratings", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_release_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", "number", name=op.f("pk_release")),
    )
    op.create_table(
        "score",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.Integer(), nullable=False),
        sa.Column("other_causes", sa.Integer(), nullable=False),
        sa.Column("raw_mean", sa.Float(), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("lo", sa.Float(), nullable=False),
        sa.Column("hi", sa.Float(), nullable=False),
        sa.Column("reliability", sa.Float(), nullable=False),
        sa.Column("percentile", sa.Float(), nullable=False),
        sa.Column("p_above", sa.Float(), nullable=False),
        sa.Column("p_below", sa.Float(), nullable=False),
        sa.Column("advice", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "advice IN ('award_candidate', 'guidance_candidate', 'none', 'insufficient')",
            name=op.f("ck_score_advice"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_score_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "run_id"],
            ["scoring_run.agency_id", "scoring_run.id"],
            name=op.f("fk_score_agency_id_run_id_scoring_run"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_score_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "run_id", "employee_id", name=op.f("pk_score")),
    )
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_index(
            "ix_score_employee", ["agency_id", "employee_id", "period"], unique=False
        )

    op.create_table(
        "counter_service",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_counter_service_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "service_id"],
            ["service.agency_id", "service.id"],
            name=op.f("fk_counter_service_agency_id_service_id_service"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_counter_service_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "counter_id", "service_id", name=op.f("pk_counter_service")
        ),
    )
    op.create_table(
        "decision",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("against_advice", sa.Boolean(), nullable=False),
        sa.Column("second_reason", sa.Text(), nullable=False),
        sa.Column("evidence_digest", sa.String(length=64), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('award', 'guidance', 'none')", name=op.f("ck_decision_kind")),
        sa.CheckConstraint(
            "NOT against_advice OR length(trim(second_reason)) > 0",
            name=op.f("ck_decision_second_reason"),
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_decision_reason")),
        sa.ForeignKeyConstraint(
            ["agency_id", "run_id", "employee_id"],
            ["score.agency_id", "score.run_id", "score.employee_id"],
            name=op.f("fk_decision_agency_id_run_id_employee_id_score"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "supersedes_id"],
            ["decision.agency_id", "decision.id"],
            name=op.f("fk_decision_agency_id_supersedes_id_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_decision_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_decision_decided_by_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_decision")),
        sa.UniqueConstraint(
            "agency_id", "supersedes_id", name=op.f("uq_decision_agency_id_supersedes_id")
        ),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(
            "ix_decision_employee", ["agency_id", "employee_id", "period"], unique=False
        )

    op.create_table(
        "duty",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "source IN ('roster', 'check_in', 'correction')", name=op.f("ck_duty_source")
        ),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name=op.f("ck_duty_order")),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_duty_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_duty_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_duty_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_duty")),
    )
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.create_index(
            "ix_duty_counter", ["agency_id", "counter_id", "starts_at"], unique=False
        )
        batch_op.create_index(
            "ix_duty_employee", ["agency_id", "employee_id", "starts_at"], unique=False
        )

    op.create_table(
        "duty_event",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("duty_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "kind IN ('planned', 'confirmed', 'checked_in', 'checked_out', 'corrected', 'cancelled')",
            name=op.f("ck_duty_event_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_duty_event_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_duty_event_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_duty_event_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_duty_event")),
    )
    with op.batch_alter_table("duty_event", schema=None) as batch_op:
        batch_op.create_index("ix_duty_event_duty", ["agency_id", "duty_id"], unique=False)

    op.create_table(
        "performance_record",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "run_id", "employee_id"],
            ["score.agency_id", "score.run_id", "score.employee_id"],
            name=op.f("fk_performance_record_agency_id_run_id_employee_id_score"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_performance_record_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "employee_id", "period", "run_id", name=op.f("pk_performance_record")
        ),
    )
    op.create_table(
        "printed_code",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(code) = 8", name=op.f("ck_printed_code_length")),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_printed_code_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_printed_code_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_printed_code")),
        sa.UniqueConstraint(
            "agency_id",
            "counter_id",
            "version",
            name=op.f("uq_printed_code_agency_id_counter_id_version"),
        ),
    )
    op.create_table(
        "rating",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt", sa.String(length=12), nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("code_version", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=True),
        sa.Column("overall", sa.SmallInteger(), nullable=False),
        sa.Column("ramah", sa.SmallInteger(), nullable=True),
        sa.Column("cakap", sa.SmallInteger(), nullable=True),
        sa.Column("cekatan", sa.SmallInteger(), nullable=True),
        sa.Column("cause", sa.String(length=10), nullable=True),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("attributed_by", sa.String(length=30), nullable=False),
        sa.Column("counts_for", sa.String(length=1), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("device", sa.LargeBinary(length=16), nullable=True),
        sa.Column("rated_on", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "cause IS NULL OR cause IN ('person', 'procedure', 'facility', 'system')",
            name=op.f("ck_rating_cause"),
        ),
        sa.CheckConstraint(
            "channel IN ('poster', 'display', 'ticket', 'kiosk', 'assisted', 'list')",
            name=op.f("ck_rating_channel"),
        ),
        sa.CheckConstraint(
            "counts_for = 'O' OR employee_id IS NOT NULL", name=op.f("ck_rating_person_is_named")
        ),
        sa.CheckConstraint("counts_for IN ('A', 'O')", name=op.f("ck_rating_counts_for")),
        sa.CheckConstraint("cakap IS NULL OR cakap BETWEEN 1 AND 4", name=op.f("ck_rating_cakap")),
        sa.CheckConstraint(
            "cekatan IS NULL OR cekatan BETWEEN 1 AND 4", name=op.f("ck_rating_cekatan")
        ),
        sa.CheckConstraint("overall BETWEEN 1 AND 4", name=op.f("ck_rating_overall")),
        sa.CheckConstraint("ramah IS NULL OR ramah BETWEEN 1 AND 4", name=op.f("ck_rating_ramah")),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_rating_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_rating_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "service_id"],
            ["service.agency_id", "service.id"],
            name=op.f("fk_rating_agency_id_service_id_service"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_rating_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", "id", name=op.f("pk_rating")),
        postgresql_partition_by="RANGE (period)",
    )
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.create_index(
            "ix_rating_employee", ["agency_id", "period", "employee_id"], unique=False
        )
        batch_op.create_index("ix_rating_receipt", ["receipt"], unique=False)

    if op.get_bind().dialect.name == "postgresql":
        for first, after in pairwise(PERIODS):
            op.execute(
                f"CREATE TABLE rating_p{first.replace('-', '_').lower()} PARTITION OF rating "
                f"FOR VALUES FROM ('{first}') TO ('{after}')"
            )
        op.execute("CREATE TABLE rating_pdefault PARTITION OF rating DEFAULT")

    op.create_table(
        "role_grant",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_role_grant_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_role_grant_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_role_grant")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index("ix_role_grant_account", ["account_id"], unique=False)

    op.create_table(
        "code_event",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("public_url", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "kind IN ('issued', 'printed', 'replaced', 'revoked')", name=op.f("ck_code_event_kind")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_code_event_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["code"], ["printed_code.code"], name=op.f("fk_code_event_code_printed_code")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_code_event")),
    )
    with op.batch_alter_table("code_event", schema=None) as batch_op:
        batch_op.create_index("ix_code_event_code", ["code"], unique=False)

    op.create_table(
        "contest",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "decision_id"],
            ["decision.agency_id", "decision.id"],
            name=op.f("fk_contest_agency_id_decision_id_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_contest_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_contest")),
        sa.UniqueConstraint(
            "agency_id", "decision_id", name=op.f("uq_contest_agency_id_decision_id")
        ),
    )
    op.create_table(
        "rating_comment",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("for_inspector", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "period", "rating_id"],
            ["rating.agency_id", "rating.period", "rating.id"],
            name=op.f("fk_rating_comment_agency_id_period_rating_id_rating"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_rating_comment_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", "rating_id", name=op.f("pk_rating_comment")),
    )
    op.create_table(
        "reply",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "decision_id"],
            ["decision.agency_id", "decision.id"],
            name=op.f("fk_reply_agency_id_decision_id_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_reply_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_reply_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_reply")),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reply_employee", ["agency_id", "employee_id", "period"], unique=False
        )

    op.create_table(
        "contest_ruling",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("contest_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('upheld', 'revoked')", name=op.f("ck_contest_ruling_outcome")
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_contest_ruling_reason")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contest_id"],
            ["contest.agency_id", "contest.id"],
            name=op.f("fk_contest_ruling_agency_id_contest_id_contest"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_contest_ruling_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_contest_ruling_decided_by_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "contest_id", name=op.f("pk_contest_ruling")),
    )


def downgrade() -> None:
    op.drop_table("contest_ruling")
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.drop_index("ix_reply_employee")

    op.drop_table("reply")
    op.drop_table("rating_comment")
    op.drop_table("contest")
    with op.batch_alter_table("code_event", schema=None) as batch_op:
        batch_op.drop_index("ix_code_event_code")

    op.drop_table("code_event")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index("ix_role_grant_account")

    op.drop_table("role_grant")
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.drop_index("ix_rating_receipt")
        batch_op.drop_index("ix_rating_employee")

    op.drop_table("rating")
    op.drop_table("printed_code")
    op.drop_table("performance_record")
    with op.batch_alter_table("duty_event", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_event_duty")

    op.drop_table("duty_event")
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_employee")
        batch_op.drop_index("ix_duty_counter")

    op.drop_table("duty")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_employee")

    op.drop_table("decision")
    op.drop_table("counter_service")
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_index("ix_score_employee")

    op.drop_table("score")
    op.drop_table("release")
    op.drop_table("office_service")
    op.drop_table("office_result")
    with op.batch_alter_table("employment", schema=None) as batch_op:
        batch_op.drop_index("ix_employment_office")

    op.drop_table("employment")
    op.drop_table("counter")
    with op.batch_alter_table("attribution_event", schema=None) as batch_op:
        batch_op.drop_index("ix_attribution_event_rating")

    op.drop_table("attribution_event")
    op.drop_table("account")
    op.drop_table("withdrawal")
    with op.batch_alter_table("verdict_review", schema=None) as batch_op:
        batch_op.drop_index("ix_verdict_review_rating")

    op.drop_table("verdict_review")
    op.drop_table("verdict")
    op.drop_table("service")
    with op.batch_alter_table("scoring_run", schema=None) as batch_op:
        batch_op.drop_index("ix_scoring_run_period")

    op.drop_table("scoring_run")
    op.drop_table("policy")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_message_due")

    op.drop_table("outbox_message")
    op.drop_table("office")
    op.drop_table("holiday")
    with op.batch_alter_table("histogram", schema=None) as batch_op:
        batch_op.drop_index("ix_histogram_employee")

    op.drop_table("histogram")
    with op.batch_alter_table("erasure_event", schema=None) as batch_op:
        batch_op.drop_index("ix_erasure_event_rating")

    op.drop_table("erasure_event")
    op.drop_table("employee")
    op.drop_table("device_key")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_at")

    op.drop_table("audit_event")
    op.drop_table("lease")
    op.drop_table("agency")
