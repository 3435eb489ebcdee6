"""Decisions found by who made them."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_decision_decider", "decision", ["agency_id", "decided_by"])


def downgrade() -> None:
    op.drop_index("ix_decision_decider", table_name="decision")
