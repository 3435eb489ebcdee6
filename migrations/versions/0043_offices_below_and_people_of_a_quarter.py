"""Indexes for the offices below one, and for the people of a quarter with what is advised of them."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("office") as batch_op:
        batch_op.create_index("ix_office_below", ["agency_id", "parent_id"])
    with op.batch_alter_table("score") as batch_op:
        batch_op.create_index(
            "ix_score_period", ["agency_id", "period", "employee_id", "advice", "run_id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("score") as batch_op:
        batch_op.drop_index("ix_score_period")
    with op.batch_alter_table("office") as batch_op:
        batch_op.drop_index("ix_office_below")
