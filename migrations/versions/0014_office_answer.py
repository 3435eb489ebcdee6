"""Offices answer; a citizen may leave an address to hear of it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "office_answer",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("heard", sa.Text(), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "theme IN ('', 'person', 'procedure', 'facility', 'system')",
            name=op.f("ck_office_answer_theme"),
        ),
        sa.CheckConstraint("length(trim(heard)) > 0", name=op.f("ck_office_answer_heard")),
        sa.CheckConstraint("length(trim(done)) > 0", name=op.f("ck_office_answer_done")),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_office_answer_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "supersedes_id"],
            ["office_answer.agency_id", "office_answer.id"],
            name=op.f("fk_office_answer_agency_id_supersedes_id_office_answer"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_office_answer_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_office_answer_answered_by_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_office_answer")),
        sa.UniqueConstraint(
            "agency_id", "supersedes_id", name=op.f("uq_office_answer_agency_id_supersedes_id")
        ),
    )
    op.create_index(
        "ix_office_answer_office", "office_answer", ["agency_id", "office_id", "period"]
    )
    _append_only()
    op.create_table(
        "contact",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("sealed", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("answers_before", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_contact_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_contact_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "mark", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_office", "contact", ["agency_id", "office_id", "period"])
    op.create_index("ix_contact_given_on", "contact", ["given_on"])
    with op.batch_alter_table("outbox_message") as batch_op:
        batch_op.add_column(
            sa.Column("sealed", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def _append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER office_answer_{deed} BEFORE {deed.upper()} ON office_answer "
                "BEGIN SELECT RAISE(ABORT, 'office_answer is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER office_answer_append_only BEFORE UPDATE OR DELETE ON office_answer "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    # What is still sealed cannot be sent by an older version.
    op.execute(sa.text("DELETE FROM outbox_message WHERE sealed"))
    with op.batch_alter_table("outbox_message") as batch_op:
        batch_op.drop_column("sealed")
    op.drop_table("contact")
    op.drop_table("office_answer")
