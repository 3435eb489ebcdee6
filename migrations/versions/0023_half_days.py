"""Half days: leave from or until a time, days with other opening hours; agencies to try things in.

Going back, a leave of half a day is cancelled and a day with hours of its own forgotten: the
version before would keep the person away, and the counters closed, for the whole of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OPENING = (
    "(opens_at IS NULL AND closes_at IS NULL) "
    "OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND closes_at > opens_at)"
)
TIMES = "from_time IS NULL OR to_time IS NULL OR ends_on > starts_on OR to_time > from_time"


def upgrade() -> None:
    op.add_column(
        "agency", sa.Column("trial", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    with op.batch_alter_table("holiday") as batch_op:
        batch_op.add_column(sa.Column("opens_at", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("closes_at", sa.Time(), nullable=True))
        batch_op.create_check_constraint(op.f("ck_holiday_hours"), OPENING)
    with op.batch_alter_table("leave") as batch_op:
        batch_op.add_column(sa.Column("from_time", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("to_time", sa.Time(), nullable=True))
        batch_op.create_check_constraint(op.f("ck_leave_times"), TIMES)


def downgrade() -> None:
    half = "from_time IS NOT NULL OR to_time IS NOT NULL"
    op.execute(f"UPDATE leave SET cancelled = true WHERE {half}")
    op.execute("DELETE FROM holiday WHERE opens_at IS NOT NULL")
    with op.batch_alter_table("leave") as batch_op:
        batch_op.drop_constraint(op.f("ck_leave_times"), type_="check")
        batch_op.drop_column("to_time")
        batch_op.drop_column("from_time")
    with op.batch_alter_table("holiday") as batch_op:
        batch_op.drop_constraint(op.f("ck_holiday_hours"), type_="check")
        batch_op.drop_column("closes_at")
        batch_op.drop_column("opens_at")
    op.drop_column("agency", "trial")
