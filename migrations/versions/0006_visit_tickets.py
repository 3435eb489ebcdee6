"""Visit tickets, and the queue systems that may issue them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "integration",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_integration_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_integration_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_integration")),
    )
    op.create_table(
        "visit_ticket",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("counter_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("service_id", sa.BigInteger(), nullable=True),
        sa.Column("issuer", sa.String(length=10), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("integration_id", sa.BigInteger(), nullable=True),
        sa.Column("sheet_id", sa.BigInteger(), nullable=True),
        sa.Column("reference", sa.LargeBinary(length=32), nullable=True),
        sa.CheckConstraint(
            "issuer = 'queue' OR employee_id IS NOT NULL",
            name=op.f("ck_visit_ticket_employee_is_named"),
        ),
        sa.CheckConstraint(
            "issuer IN ('queue', 'self', 'sheet')", name=op.f("ck_visit_ticket_issuer")
        ),
        sa.CheckConstraint("length(code) = 10", name=op.f("ck_visit_ticket_length")),
        sa.ForeignKeyConstraint(
            ["agency_id", "counter_id"],
            ["counter.agency_id", "counter.id"],
            name=op.f("fk_visit_ticket_agency_id_counter_id_counter"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_visit_ticket_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "service_id"],
            ["service.agency_id", "service.id"],
            name=op.f("fk_visit_ticket_agency_id_service_id_service"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_visit_ticket_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "code", name=op.f("pk_visit_ticket")),
        sa.UniqueConstraint(
            "agency_id", "reference", name=op.f("uq_visit_ticket_agency_id_reference")
        ),
    )
    with op.batch_alter_table("visit_ticket", schema=None) as batch_op:
        batch_op.create_index("ix_visit_ticket_code", ["code"], unique=False)
        batch_op.create_index("ix_visit_ticket_sheet", ["agency_id", "sheet_id"], unique=False)
        batch_op.create_index(
            "ix_visit_ticket_shift", ["agency_id", "counter_id", "served_on"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("visit_ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_ticket_shift")
        batch_op.drop_index("ix_visit_ticket_sheet")
        batch_op.drop_index("ix_visit_ticket_code")

    op.drop_table("visit_ticket")
    op.drop_table("integration")
