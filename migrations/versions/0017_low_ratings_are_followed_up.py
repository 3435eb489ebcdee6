"""Low ratings and worrying comments are followed up."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "followed_release",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_followed_release_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", name=op.f("pk_followed_release")),
    )
    op.create_table(
        "follow_up",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("assigned_to", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("logged_for", sa.Date(), nullable=True),
        sa.Column("resolved_on", sa.Date(), nullable=True),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'logged') = (logged_for IS NOT NULL)", name=op.f("ck_follow_up_logged_for")
        ),
        sa.CheckConstraint(
            "(state = 'resolved') = (outcome IS NOT NULL)", name=op.f("ck_follow_up_resolved")
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('fixed', 'logged', 'explained')",
            name=op.f("ck_follow_up_outcome"),
        ),
        sa.CheckConstraint(
            "state = 'open' OR assigned_to IS NOT NULL", name=op.f("ck_follow_up_assigned")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'assigned', 'resolved')", name=op.f("ck_follow_up_state")
        ),
        sa.CheckConstraint(
            "theme IN ('', 'person', 'procedure', 'facility', 'system')",
            name=op.f("ck_follow_up_theme"),
        ),
        sa.CheckConstraint("why IN ('low', 'comment')", name=op.f("ck_follow_up_why")),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_follow_up_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "period", "rating_id"],
            ["rating.agency_id", "rating.period", "rating.id"],
            name=op.f("fk_follow_up_agency_id_period_rating_id_rating"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_follow_up_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["assigned_to"], ["account.id"], name=op.f("fk_follow_up_assigned_to_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint(
            "agency_id", "period", "rating_id", name=op.f("uq_follow_up_agency_id_period_rating_id")
        ),
    )
    with op.batch_alter_table("follow_up") as batch_op:
        batch_op.create_index("ix_follow_up_due", ["state", "due_on"], unique=False)
        batch_op.create_index(
            "ix_follow_up_office", ["agency_id", "office_id", "state"], unique=False
        )

    op.create_table(
        "follow_up_event",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("follow_up_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("assigned_to", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('assigned', 'noted', 'resolved', 'escalated')",
            name=op.f("ck_follow_up_event_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "follow_up_id"],
            ["follow_up.agency_id", "follow_up.id"],
            name=op.f("fk_follow_up_event_agency_id_follow_up_id_follow_up"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_follow_up_event_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_follow_up_event")),
    )
    with op.batch_alter_table("follow_up_event") as batch_op:
        batch_op.create_index(
            "ix_follow_up_event_case", ["agency_id", "follow_up_id"], unique=False
        )
    _append_only()
    _never_to_the_rated()
    # What was released before is not followed up: its citizens wait for nothing any more.
    op.execute(
        "INSERT INTO followed_release (agency_id, period, number) "
        "SELECT agency_id, period, max(number) FROM release "
        "WHERE done_at IS NOT NULL GROUP BY agency_id, period"
    )


def _append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER follow_up_event_{deed} BEFORE {deed.upper()} ON follow_up_event "
                "BEGIN SELECT RAISE(ABORT, 'follow_up_event is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER follow_up_event_append_only BEFORE UPDATE OR DELETE ON "
            "follow_up_event FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


# Whether the account of NEW.assigned_to belongs to somebody whom the rating names, or ever named.
RATED = """EXISTS (
    SELECT 1 FROM account a WHERE a.id = NEW.assigned_to AND a.employee_id IS NOT NULL AND (
        EXISTS (
            SELECT 1 FROM rating r WHERE r.agency_id = NEW.agency_id AND r.period = NEW.period
            AND r.id = NEW.rating_id AND r.employee_id = a.employee_id)
        OR EXISTS (
            SELECT 1 FROM attribution_event e WHERE e.agency_id = NEW.agency_id
            AND e.period = NEW.period AND e.rating_id = NEW.rating_id
            AND e.employee_id = a.employee_id)))"""


def _never_to_the_rated() -> None:
    words = "a follow-up is never given to the employee who was rated"
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER follow_up_rated_{deed.lower()} BEFORE {deed} ON follow_up "
                f"WHEN {RATED} BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION never_to_the_rated() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {RATED} THEN RAISE EXCEPTION '{words}'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER follow_up_rated BEFORE INSERT OR UPDATE ON follow_up "
        "FOR EACH ROW EXECUTE FUNCTION never_to_the_rated()"
    )


def downgrade() -> None:
    op.drop_table("follow_up_event")
    op.drop_table("follow_up")
    op.drop_table("followed_release")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION never_to_the_rated()")
