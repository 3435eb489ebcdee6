"""Screens at counters, and how often a day codes were scanned that led to no form."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pairing_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("pairing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("paired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queue_number", sa.String(length=12), nullable=False),
        sa.Column("queue_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(code) = 8", name=op.f("ck_device_length")),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_device_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_device_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_device")),
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_index("ix_device_code", ["code"], unique=False)
        batch_op.create_index("ix_device_counter", ["agency_id", "counter_id"], unique=False)
        batch_op.create_index("ix_device_pairing_hash", ["pairing_hash"], unique=False)

    op.create_table(
        "refused_scan",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('stale_display', 'ended_display', 'used_ticket', 'expired_ticket', 'revoked_ticket', 'replaced', 'revoked', 'closed_counter')",
            name=op.f("ck_refused_scan_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_refused_scan_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_refused_scan_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "counter_id", "day", "kind", name=op.f("pk_refused_scan")
        ),
    )


def downgrade() -> None:
    op.drop_table("refused_scan")
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_index("ix_device_pairing_hash")
        batch_op.drop_index("ix_device_counter")
        batch_op.drop_index("ix_device_code")

    op.drop_table("device")
