"""The comments that wait for a moderator are found by an index, however many there are."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

COLUMNS = ["agency_id", "moderated", "rude", "period", "key"]


def upgrade() -> None:
    op.create_index("ix_rating_comment_queue", "rating_comment", COLUMNS, unique=False)


def downgrade() -> None:
    op.drop_index("ix_rating_comment_queue", "rating_comment")
