"""Files that come with a reply, an objection or a request for review."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("reply_id", sa.BigInteger(), nullable=True),
        sa.Column("contest_id", sa.BigInteger(), nullable=True),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('pdf', 'png', 'jpeg')", name=op.f("ck_attachment_kind")),
        sa.CheckConstraint(
            "(CASE WHEN reply_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN contest_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN request_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_attachment_parent"),
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachment_size")),
        sa.ForeignKeyConstraint(
            ["agency_id", "contest_id"],
            ["contest.agency_id", "contest.id"],
            name=op.f("fk_attachment_agency_id_contest_id_contest"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_attachment_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "reply_id"],
            ["reply.agency_id", "reply.id"],
            name=op.f("fk_attachment_agency_id_reply_id_reply"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "request_id"],
            ["review_request.agency_id", "review_request.id"],
            name=op.f("fk_attachment_agency_id_request_id_review_request"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_attachment_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index("ix_attachment_employee", ["agency_id", "employee_id"], unique=False)
    _append_only()


def _append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER attachment_{deed} BEFORE {deed.upper()} ON attachment "
                "BEGIN SELECT RAISE(ABORT, 'attachment is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER attachment_append_only BEFORE UPDATE OR DELETE ON attachment "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index("ix_attachment_employee")

    op.drop_table("attachment")
