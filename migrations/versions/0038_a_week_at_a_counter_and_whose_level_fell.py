"""The ratings of a counter, what controls noticed on a day, and whose level fell, are found by an
index."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    of_counter = ["agency_id", "period", "counter_id", "rated_on"]
    op.create_index("ix_rating_counter", "rating", of_counter, unique=False)
    of_day = ["agency_id", "day", "control"]
    op.create_index("ix_control_count_day", "control_count", of_day, unique=False)
    op.create_index(
        *("ix_score_alarm", "score", ["agency_id", "period", "employee_id"]),
        unique=False,
        sqlite_where=sa.text(
            "json_extract(detail, '$.past.fell') = 1 OR json_extract(detail, '$.past.warned') = 1"
        ),
        postgresql_where=sa.text(
            "(detail -> 'past' ->> 'fell') = 'true' OR (detail -> 'past' ->> 'warned') = 'true'"
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_score_alarm", "score")
    op.drop_index("ix_control_count_day", "control_count")
    op.drop_index("ix_rating_counter", "rating")
