"""Paper ballots: batches, and what each of two people read on them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ballot_batch",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ballots BETWEEN 1 AND 50", name=op.f("ck_ballot_batch_ballots")),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_ballot_batch_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_ballot_batch_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_ballot_batch")),
    )
    op.create_table(
        "ballot_entry",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("overall", sa.SmallInteger(), nullable=True),
        sa.Column("cause", sa.String(length=10), nullable=True),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "cause IS NULL OR cause IN ('person', 'procedure', 'facility', 'system')",
            name=op.f("ck_ballot_entry_cause"),
        ),
        sa.CheckConstraint(
            "overall IS NULL OR overall BETWEEN 1 AND 4", name=op.f("ck_ballot_entry_overall")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_ballot_entry_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "batch_id"],
            ["ballot_batch.agency_id", "ballot_batch.id"],
            name=op.f("fk_ballot_entry_agency_id_batch_id_ballot_batch"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_ballot_entry_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_ballot_entry_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "batch_id", "account_id", "number", name=op.f("pk_ballot_entry")
        ),
    )


def downgrade() -> None:
    op.drop_table("ballot_entry")
    op.drop_table("ballot_batch")
