"""What a release finds for the inspector: groups of telephones, whose ratings look odd.

Rows are made by the next release of each open period; closed ones have none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_group",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("density", sa.Float(), nullable=False),
        sa.Column("ratings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_phone_group_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", "number", name=op.f("pk_phone_group")),
    )
    op.create_table(
        "odd_ratings",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("ratings", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.Integer(), nullable=False),
        sa.Column("loud", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_odd_ratings_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_odd_ratings_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_odd_ratings_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "period", "employee_id", "office_id", name=op.f("pk_odd_ratings")
        ),
    )


def downgrade() -> None:
    op.drop_table("odd_ratings")
    op.drop_table("phone_group")
