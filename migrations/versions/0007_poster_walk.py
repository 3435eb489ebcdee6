"""What was found on the poster walk (a fact), and how many people were served by the register."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "poster_check",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("found", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('good', 'stale', 'misplaced', 'foreign', 'missing')",
            name=op.f("ck_poster_check_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_poster_check_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_poster_check_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_poster_check")),
    )
    with op.batch_alter_table("poster_check", schema=None) as batch_op:
        batch_op.create_index(
            "ix_poster_check_counter", ["agency_id", "counter_id", "at"], unique=False
        )

    op.create_table(
        "served_count",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people BETWEEN 0 AND 2000", name=op.f("ck_served_count_people")),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_served_count_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_served_count_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_served_count_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "counter_id", "employee_id", "day", name=op.f("pk_served_count")
        ),
    )
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER poster_check_{deed} BEFORE {deed.upper()} ON poster_check "
                "BEGIN SELECT RAISE(ABORT, 'poster_check is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER poster_check_append_only BEFORE UPDATE OR DELETE ON poster_check "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("served_count")
    with op.batch_alter_table("poster_check", schema=None) as batch_op:
        batch_op.drop_index("ix_poster_check_counter")

    op.drop_table("poster_check")
