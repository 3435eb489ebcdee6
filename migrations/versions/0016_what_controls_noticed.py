"""What the controls of submissions noticed, by counter and day."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "control_count",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("control", sa.String(length=20), nullable=False),
        sa.Column("monitored", sa.Boolean(), nullable=False),
        sa.Column("ratings", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_control_count_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_control_count_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "period", "counter_id", "day", "control", name=op.f("pk_control_count")
        ),
    )


def downgrade() -> None:
    op.drop_table("control_count")
