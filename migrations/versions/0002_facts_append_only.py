"""Facts and judgements are append-only: triggers on SQLite and PostgreSQL alike."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Facts and judgements: appended, never changed, never removed.
APPEND_ONLY = (
    "printed_code",
    "code_event",
    "duty_event",
    "attribution_event",
    "withdrawal",
    "erasure_event",
    "audit_event",
    "verdict_review",
    "performance_record",
    "decision",
    "reply",
    "contest",
    "contest_ruling",
    "policy",
)

# A rating never changes, except: tries counts repeated sendings, and what could unmask a
# citizen may be blanked (never rewritten) when its period has been closed for 10 days.
RATING_FIXED = (
    "agency_id, period, id, receipt, counter_id, code_version, channel, service_id, overall, "
    "ramah, cakap, cekatan, cause, employee_id, attributed_by, counts_for, language, rated_on"
)
RATING_BLANKED = ("device", "issued_at", "received_at")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in _sqlite() if dialect == "sqlite" else _postgresql():
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_update")
            op.execute(f"DROP TRIGGER {table}_delete")
        for name in ("rating_update", "rating_blank", "rating_tries", "rating_delete"):
            op.execute(f"DROP TRIGGER {name}")
        for name in ("scoring_run_update", "scoring_run_delete", "score_update"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP FUNCTION refuse_change() CASCADE")


def _sqlite() -> list[str]:
    statements = []
    for table in APPEND_ONLY:
        for deed in ("update", "delete"):
            statements.append(
                f"CREATE TRIGGER {table}_{deed} BEFORE {deed.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    blanked = " OR ".join(f"NEW.{column} IS NOT NULL" for column in RATING_BLANKED)
    refuse = "BEGIN SELECT RAISE(ABORT, 'rating is append-only'); END"
    return [
        *statements,
        f"CREATE TRIGGER rating_update BEFORE UPDATE OF {RATING_FIXED} ON rating {refuse}",
        f"CREATE TRIGGER rating_blank BEFORE UPDATE OF {', '.join(RATING_BLANKED)} ON rating "
        f"WHEN {blanked} {refuse}",
        f"CREATE TRIGGER rating_tries BEFORE UPDATE OF tries ON rating "
        f"WHEN NEW.tries < OLD.tries {refuse}",
        f"CREATE TRIGGER rating_delete BEFORE DELETE ON rating {refuse}",
        # Results: never rewritten; the run of a closed period is never removed either.
        "CREATE TRIGGER scoring_run_update BEFORE UPDATE ON scoring_run "
        "BEGIN SELECT RAISE(ABORT, 'scoring_run is append-only'); END",
        "CREATE TRIGGER scoring_run_delete BEFORE DELETE ON scoring_run "
        "WHEN OLD.kind <> 'release' BEGIN SELECT RAISE(ABORT, 'a closed run stays'); END",
        "CREATE TRIGGER score_update BEFORE UPDATE ON score "
        "BEGIN SELECT RAISE(ABORT, 'score is append-only'); END",
    ]


def _postgresql() -> list[str]:
    blanked = " OR ".join(f"NEW.{column} IS NOT NULL" for column in RATING_BLANKED)
    refuse = "EXECUTE FUNCTION refuse_change()"
    return [
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW {refuse}"
            for table in APPEND_ONLY
        ),
        f"CREATE TRIGGER rating_update BEFORE UPDATE OF {RATING_FIXED} ON rating "
        f"FOR EACH ROW {refuse}",
        f"CREATE TRIGGER rating_blank BEFORE UPDATE OF {', '.join(RATING_BLANKED)} ON rating "
        f"FOR EACH ROW WHEN ({blanked}) {refuse}",
        f"CREATE TRIGGER rating_tries BEFORE UPDATE OF tries ON rating "
        f"FOR EACH ROW WHEN (NEW.tries < OLD.tries) {refuse}",
        f"CREATE TRIGGER rating_delete BEFORE DELETE ON rating FOR EACH ROW {refuse}",
        f"CREATE TRIGGER scoring_run_update BEFORE UPDATE ON scoring_run FOR EACH ROW {refuse}",
        f"CREATE TRIGGER scoring_run_delete BEFORE DELETE ON scoring_run "
        f"FOR EACH ROW WHEN (OLD.kind <> 'release') {refuse}",
        f"CREATE TRIGGER score_update BEFORE UPDATE ON score FOR EACH ROW {refuse}",
    ]
