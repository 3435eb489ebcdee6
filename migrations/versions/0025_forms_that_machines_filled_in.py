"""Forms in which a machine filled in the hidden field are counted like scans that led nowhere."""

from alembic import op

revision = "0025"
down_revision = "0024"
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
)


def upgrade() -> None:
    _kinds((*BEFORE, "honeypot"))


def downgrade() -> None:
    op.execute("DELETE FROM refused_scan WHERE kind = 'honeypot'")
    _kinds(BEFORE)


def _kinds(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("refused_scan") as batch_op:
        batch_op.drop_constraint(op.f("ck_refused_scan_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_refused_scan_kind"), f"kind IN {kinds}")
