"""Who proposed a decision takes it back.

Going back, the proposals that were taken back wait again: the version before has no word for it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLE = "proposal_answer"
SECOND = "ck_proposal_answer_second_person"


def upgrade() -> None:
    with op.batch_alter_table(TABLE) as batch_op:
        batch_op.add_column(
            sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.drop_constraint(op.f(SECOND), type_="check")
        batch_op.create_check_constraint(op.f(SECOND), "(answered_by = proposed_by) = withdrawn")
        batch_op.create_check_constraint(
            op.f("ck_proposal_answer_withdrawn"), "NOT (approved AND withdrawn)"
        )
    _append_only()


def downgrade() -> None:
    _changeable()
    op.execute(f"DELETE FROM {TABLE} WHERE withdrawn")
    with op.batch_alter_table(TABLE) as batch_op:
        batch_op.drop_constraint(op.f("ck_proposal_answer_withdrawn"), type_="check")
        batch_op.drop_constraint(op.f(SECOND), type_="check")
        batch_op.create_check_constraint(op.f(SECOND), "answered_by <> proposed_by")
        batch_op.drop_column("withdrawn")
    _append_only()


def _changeable() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{deed}")
    else:
        op.execute(f"DROP TRIGGER IF EXISTS {TABLE}_append_only ON {TABLE}")


def _append_only() -> None:
    """SQLite made the table anew, and its triggers went with the old one."""
    _changeable()
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {TABLE}_{deed} BEFORE {deed.upper()} ON {TABLE} "
                f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
            )
    else:
        op.execute(
            f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
