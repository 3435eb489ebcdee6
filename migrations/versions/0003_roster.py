"""The roster: shift patterns, leave, swap requests; ends of duty are found by their time."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leave",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_leave_order")),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_leave_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_leave_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_leave")),
    )
    with op.batch_alter_table("leave", schema=None) as batch_op:
        batch_op.create_index(
            "ix_leave_employee", ["agency_id", "employee_id", "ends_on"], unique=False
        )

    op.create_table(
        "shift_pattern",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_shift_pattern_order")),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_shift_pattern_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_shift_pattern_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_shift_pattern")),
    )
    with op.batch_alter_table("shift_pattern", schema=None) as batch_op:
        batch_op.create_index("ix_shift_pattern_office", ["agency_id", "office_id"], unique=False)

    op.create_table(
        "swap_request",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("duty_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("colleague_id", sa.BigInteger(), nullable=False),
        sa.Column("return_duty_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'declined', 'withdrawn', 'confirmed', 'refused')",
            name=op.f("ck_swap_request_state"),
        ),
        sa.CheckConstraint("colleague_id <> employee_id", name=op.f("ck_swap_request_two_people")),
        sa.ForeignKeyConstraint(
            ["agency_id", "colleague_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_swap_request_agency_id_colleague_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "duty_id"],
            ["duty.agency_id", "duty.id"],
            name=op.f("fk_swap_request_agency_id_duty_id_duty"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_swap_request_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "return_duty_id"],
            ["duty.agency_id", "duty.id"],
            name=op.f("fk_swap_request_agency_id_return_duty_id_duty"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_swap_request_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_swap_request")),
    )
    with op.batch_alter_table("swap_request", schema=None) as batch_op:
        batch_op.create_index(
            "ix_swap_request_colleague", ["agency_id", "colleague_id"], unique=False
        )
        batch_op.create_index(
            "ix_swap_request_employee", ["agency_id", "employee_id"], unique=False
        )
        batch_op.create_index(
            "uq_swap_request_open",
            ["agency_id", "duty_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('asked', 'agreed')"),
            postgresql_where=sa.text("state IN ('asked', 'agreed')"),
        )

    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.create_index("ix_duty_ends_at", ["ends_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_ends_at")

    with op.batch_alter_table("swap_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_swap_request_open",
            sqlite_where=sa.text("state IN ('asked', 'agreed')"),
            postgresql_where=sa.text("state IN ('asked', 'agreed')"),
        )
        batch_op.drop_index("ix_swap_request_employee")
        batch_op.drop_index("ix_swap_request_colleague")

    op.drop_table("swap_request")
    with op.batch_alter_table("shift_pattern", schema=None) as batch_op:
        batch_op.drop_index("ix_shift_pattern_office")

    op.drop_table("shift_pattern")
    with op.batch_alter_table("leave", schema=None) as batch_op:
        batch_op.drop_index("ix_leave_employee")

    op.drop_table("leave")
