"""A receipt may be emptied when it has ended, and is never rewritten."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# All that stays of a rating besides its receipt; as in 0002.
FIXED = (
    "agency_id, period, id, counter_id, code_version, channel, service_id, overall, "
    "ramah, cakap, cekatan, cause, employee_id, attributed_by, counts_for, language, rated_on"
)


def upgrade() -> None:
    """Emptied rather than NULL: SQLite would have to write the whole table anew for that."""
    op.execute(_drop("rating_update"))
    op.execute(_guard("rating_update", FIXED))
    op.execute(_guard("rating_receipt", "receipt", "NEW.receipt <> ''"))


def downgrade() -> None:
    op.execute(_drop("rating_receipt"))
    op.execute(_drop("rating_update"))
    op.execute(_guard("rating_update", f"{FIXED}, receipt"))


def _drop(name: str) -> str:
    return f"DROP TRIGGER {name}" + ("" if _sqlite() else " ON rating")


def _guard(name: str, columns: str, when: str = "") -> str:
    """A trigger that refuses changes of some columns, on either database."""
    head = f"CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON rating"
    if _sqlite():
        only = f" WHEN {when}" if when else ""
        return f"{head}{only} BEGIN SELECT RAISE(ABORT, 'rating is append-only'); END"
    only = f" WHEN ({when})" if when else ""
    return f"{head} FOR EACH ROW{only} EXECUTE FUNCTION refuse_change()"


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
