"""Trainings of a plan that somebody has taken part in."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "training_taken",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("step > 0", name=op.f("ck_training_taken_step")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_training_taken_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "decision_id"],
            ["decision_plan.agency_id", "decision_plan.decision_id"],
            name=op.f("fk_training_taken_agency_id_decision_id_decision_plan"),
        ),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["account.id"], name=op.f("fk_training_taken_noted_by_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "decision_id", "step", name=op.f("pk_training_taken")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER training_taken_{deed} BEFORE {deed.upper()} ON training_taken "
                "BEGIN SELECT RAISE(ABORT, 'training_taken is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER training_taken_append_only BEFORE UPDATE OR DELETE ON training_taken "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("training_taken")
