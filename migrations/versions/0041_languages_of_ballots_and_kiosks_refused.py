"""In which language a batch of ballots was printed, and what the portal refused of a kiosk."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BEFORE = (
    "stale_display",
    "ended_display",
    "used_ticket",
    "expired_ticket",
    "revoked_ticket",
    "replaced",
    "revoked",
    "closed_counter",
    "honeypot",
)


def upgrade() -> None:
    # In place: the entries of a batch point at its table.
    op.add_column(
        "ballot_batch",
        sa.Column("language", sa.String(length=8), nullable=False, server_default="id"),
    )
    _kinds((*BEFORE, "kiosk"))


def downgrade() -> None:
    op.execute("DELETE FROM refused_scan WHERE kind = 'kiosk'")
    _kinds(BEFORE)
    op.drop_column("ballot_batch", "language")


def _kinds(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("refused_scan") as batch_op:
        batch_op.drop_constraint(op.f("ck_refused_scan_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_refused_scan_kind"), f"kind IN {kinds}")
