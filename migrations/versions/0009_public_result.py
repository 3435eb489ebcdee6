"""What the public reads of an office's period."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_result",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.Integer(), nullable=True),
        sa.Column("mean", sa.Float(), nullable=True),
        sa.Column("lo", sa.Float(), nullable=True),
        sa.Column("hi", sa.Float(), nullable=True),
        sa.Column("served", sa.Integer(), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.CheckConstraint("counted >= 5", name=op.f("ck_public_result_counted")),
        sa.CheckConstraint(
            "set_aside = 0 OR set_aside >= 5", name=op.f("ck_public_result_set_aside")
        ),
        sa.CheckConstraint("lo <= mean AND mean <= hi", name=op.f("ck_public_result_interval")),
        sa.CheckConstraint("answered <= served", name=op.f("ck_public_result_served")),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_public_result_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_public_result_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", "office_id", name=op.f("pk_public_result")),
    )


def downgrade() -> None:
    op.drop_table("public_result")
