"""Objective measures of work, which the fairness audit holds beside the scores."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "objective_measure",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("measure", sa.String(length=60), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(period) = 7", name=op.f("ck_objective_measure_period")),
        sa.CheckConstraint("length(trim(measure)) > 0", name=op.f("ck_objective_measure_measure")),
        sa.CheckConstraint("length(trim(unit)) > 0", name=op.f("ck_objective_measure_unit")),
        sa.CheckConstraint(
            "value >= 0 AND value < 1000000000", name=op.f("ck_objective_measure_value")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_objective_measure_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_objective_measure_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "period", "measure", "employee_id", name=op.f("pk_objective_measure")
        ),
    )
    with op.batch_alter_table("objective_measure") as batch_op:
        batch_op.create_index("ix_objective_measure_employee", ["agency_id", "employee_id"])


def downgrade() -> None:
    op.drop_table("objective_measure")
