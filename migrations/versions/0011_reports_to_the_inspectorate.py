"""Reports to the inspectorate, sealed; its keys, and the sessions in which one lies open."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Words stay as they were written; only the seal for the inspectorate is made anew with its key.
FIXED = "agency_id, report_id, number, sending, author, written_on, for_citizen"


def upgrade() -> None:
    op.create_table(
        "integrity_key",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("replaced_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_integrity_key_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_integrity_key")),
    )
    op.create_table(
        "integrity_report",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(length=32), nullable=False),
        sa.Column("citizen_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("overdue_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("last_by", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "last_by IN ('citizen', 'inspectorate')", name=op.f("ck_integrity_report_last_by")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_integrity_report_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_integrity_report_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_integrity_report")),
        sa.UniqueConstraint(
            "agency_id", "mailbox", name=op.f("uq_integrity_report_agency_id_mailbox")
        ),
    )
    with op.batch_alter_table("integrity_report", schema=None) as batch_op:
        batch_op.create_index("ix_integrity_report_mailbox", ["mailbox"], unique=False)

    op.create_table(
        "integrity_message",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sending", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(length=12), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("for_inspectorate", sa.LargeBinary(), nullable=False),
        sa.Column("for_citizen", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(author = 'inspectorate') = (for_citizen IS NOT NULL)",
            name=op.f("ck_integrity_message_answers_reach_the_citizen"),
        ),
        sa.CheckConstraint(
            "author IN ('citizen', 'inspectorate')", name=op.f("ck_integrity_message_author")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "key_id"],
            ["integrity_key.agency_id", "integrity_key.id"],
            name=op.f("fk_integrity_message_agency_id_key_id_integrity_key"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "report_id"],
            ["integrity_report.agency_id", "integrity_report.id"],
            name=op.f("fk_integrity_message_agency_id_report_id_integrity_report"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_integrity_message_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "report_id", "number", name=op.f("pk_integrity_message")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "report_id",
            "sending",
            name=op.f("uq_integrity_message_agency_id_report_id_sending"),
        ),
    )
    op.create_table(
        "integrity_opening",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("lent", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_integrity_opening_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "key_id"],
            ["integrity_key.agency_id", "integrity_key.id"],
            name=op.f("fk_integrity_opening_agency_id_key_id_integrity_key"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_integrity_opening_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "account_id", name=op.f("pk_integrity_opening")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER integrity_message_update BEFORE UPDATE OF {FIXED} "
            "ON integrity_message "
            "BEGIN SELECT RAISE(ABORT, 'integrity_message is append-only'); END"
        )
        op.execute(
            "CREATE TRIGGER integrity_message_delete BEFORE DELETE ON integrity_message WHEN ("
            "SELECT closed_on FROM integrity_report AS report "
            "WHERE report.agency_id = OLD.agency_id AND report.id = OLD.report_id) IS NULL "
            "BEGIN SELECT RAISE(ABORT, 'integrity_message stays until it is closed'); END"
        )
    else:
        op.execute(
            f"CREATE TRIGGER integrity_message_update BEFORE UPDATE OF {FIXED} "
            "ON integrity_message FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE FUNCTION keep_open_report() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF (SELECT closed_on FROM integrity_report AS report "
            "WHERE report.agency_id = OLD.agency_id AND report.id = OLD.report_id) IS NULL "
            "THEN RAISE EXCEPTION 'integrity_message stays until it is closed'; END IF; "
            "RETURN OLD; END $$"
        )
        op.execute(
            "CREATE TRIGGER integrity_message_delete BEFORE DELETE ON integrity_message "
            "FOR EACH ROW EXECUTE FUNCTION keep_open_report()"
        )


def downgrade() -> None:
    op.drop_table("integrity_opening")
    op.drop_table("integrity_message")
    with op.batch_alter_table("integrity_report", schema=None) as batch_op:
        batch_op.drop_index("ix_integrity_report_mailbox")

    op.drop_table("integrity_report")
    op.drop_table("integrity_key")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION keep_open_report()")
