"""A named shift may last until midnight, which a field for a time writes as 00.00."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _order("ends_at > starts_at OR ends_at = '00:00:00.000000'")


def downgrade() -> None:
    op.execute("UPDATE shift_pattern SET ends_at = '23:59:00.000000' WHERE ends_at <= starts_at")
    _order("ends_at > starts_at")


def _order(rule: str) -> None:
    with op.batch_alter_table("shift_pattern") as batch_op:
        batch_op.drop_constraint(op.f("ck_shift_pattern_order"), type_="check")
        batch_op.create_check_constraint(op.f("ck_shift_pattern_order"), rule)
