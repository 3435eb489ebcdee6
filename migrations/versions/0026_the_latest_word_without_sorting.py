"""The latest word about a rating is read from the end of an index: nothing is sorted for it."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

RATING = ["agency_id", "period", "rating_id"]


def upgrade() -> None:
    _by([*RATING, "at", "id"])


def downgrade() -> None:
    _by(RATING)


def _by(columns: list[str]) -> None:
    for table in ("attribution_event", "verdict_review"):
        op.drop_index(f"ix_{table}_rating", table)
        op.create_index(f"ix_{table}_rating", table, columns)
