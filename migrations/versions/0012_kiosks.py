"""Devices at counters are displays or kiosks."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = "kind IN ('display', 'kiosk')"


def upgrade() -> None:
    with op.batch_alter_table("device") as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=8), nullable=False, server_default="display")
        )
        batch_op.create_check_constraint(op.f("ck_device_kind"), KINDS)


def downgrade() -> None:
    op.execute("DELETE FROM device WHERE kind = 'kiosk'")
    with op.batch_alter_table("device") as batch_op:
        batch_op.drop_constraint(op.f("ck_device_kind"), type_="check")
        batch_op.drop_column("kind")
