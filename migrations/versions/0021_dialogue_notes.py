"""What supervisor and employee talked about, signed by both."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dialogue_note",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(trim(text)) > 0", name=op.f("ck_dialogue_note_text")),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_dialogue_note_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_dialogue_note_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["account.id"], name=op.f("fk_dialogue_note_written_by_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_dialogue_note")),
    )
    with op.batch_alter_table("dialogue_note") as batch_op:
        batch_op.create_index(
            "ix_dialogue_note_employee", ["agency_id", "employee_id", "period"], unique=False
        )

    op.create_table(
        "dialogue_signature",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "note_id"],
            ["dialogue_note.agency_id", "dialogue_note.id"],
            name=op.f("fk_dialogue_signature_agency_id_note_id_dialogue_note"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_dialogue_signature_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["account.id"], name=op.f("fk_dialogue_signature_signed_by_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "note_id", name=op.f("pk_dialogue_signature")),
    )
    for table in ("dialogue_note", "dialogue_signature"):
        _append_only(table)


def _append_only(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_{deed} BEFORE {deed.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    else:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("dialogue_signature")
    with op.batch_alter_table("dialogue_note") as batch_op:
        batch_op.drop_index("ix_dialogue_note_employee")

    op.drop_table("dialogue_note")
