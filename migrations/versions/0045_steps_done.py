"""Steps of a plan that were done."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "step_done",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("step > 0", name=op.f("ck_step_done_step")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_step_done_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "decision_id"],
            ["decision_plan.agency_id", "decision_plan.decision_id"],
            name=op.f("fk_step_done_agency_id_decision_id_decision_plan"),
        ),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["account.id"], name=op.f("fk_step_done_noted_by_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "decision_id", "step", name=op.f("pk_step_done")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER step_done_{deed} BEFORE {deed.upper()} ON step_done "
                "BEGIN SELECT RAISE(ABORT, 'step_done is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER step_done_append_only BEFORE UPDATE OR DELETE ON step_done "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("step_done")
