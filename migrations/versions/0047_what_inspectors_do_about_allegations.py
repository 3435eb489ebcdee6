"""What inspectors do about comments that allege misconduct."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allegation_finding",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('examined', 'dismissed', 'handed')",
            name=op.f("ck_allegation_finding_outcome"),
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_allegation_finding_reason")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_allegation_finding_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_allegation_finding")),
    )
    op.create_index(
        "ix_allegation_finding_rating",
        "allegation_finding",
        ["agency_id", "period", "rating_id", "at"],
    )
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER allegation_finding_{deed} BEFORE {deed.upper()} "
                "ON allegation_finding "
                "BEGIN SELECT RAISE(ABORT, 'allegation_finding is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER allegation_finding_append_only BEFORE UPDATE OR DELETE "
            "ON allegation_finding FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("allegation_finding")
