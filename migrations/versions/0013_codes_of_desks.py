"""Printed codes of employees' desks (a fact), and what was found at a desk on the poster walk."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_code",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("desk", sa.String(length=20), nullable=False),
        sa.CheckConstraint("desk <> ''", name=op.f("ck_desk_code_desk")),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_desk_code_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_desk_code_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["code"], ["printed_code.code"], name=op.f("fk_desk_code_code_printed_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_desk_code")),
    )
    # Not as a batch: that would copy the table and lose the triggers that keep its rows.
    op.add_column(
        "poster_check",
        sa.Column("desk", sa.String(length=20), server_default="", nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER desk_code_{deed} BEFORE {deed.upper()} ON desk_code "
                "BEGIN SELECT RAISE(ABORT, 'desk_code is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER desk_code_append_only BEFORE UPDATE OR DELETE ON desk_code "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_column("poster_check", "desk")
    op.drop_table("desk_code")
