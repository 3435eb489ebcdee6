"""Comments for the inspector, cases that are done and an office's cases of a quarter are found by
an index, however many there are."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        *("ix_rating_comment_inspector", "rating_comment", ["agency_id", "period"]),
        unique=False,
        sqlite_where=sa.text("for_inspector = 1"),
        postgresql_where=sa.text("for_inspector"),
    )
    resolved = ["agency_id", "state", "resolved_on", "id"]
    op.create_index("ix_follow_up_resolved", "follow_up", resolved, unique=False)
    tally = ["agency_id", "period", "office_id"]
    op.create_index("ix_follow_up_tally", "follow_up", tally, unique=False)


def downgrade() -> None:
    op.drop_index("ix_follow_up_tally", "follow_up")
    op.drop_index("ix_follow_up_resolved", "follow_up")
    op.drop_index("ix_rating_comment_inspector", "rating_comment")
