"""What is printed: long runs, printers, label sheets, and with each print its format."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label_sheet",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("paper_width", sa.Float(), nullable=False),
        sa.Column("paper_height", sa.Float(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("width", sa.Float(), nullable=False),
        sa.Column("height", sa.Float(), nullable=False),
        sa.Column("left", sa.Float(), nullable=False),
        sa.Column("top", sa.Float(), nullable=False),
        sa.Column("pitch_x", sa.Float(), nullable=False),
        sa.Column("pitch_y", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "columns BETWEEN 1 AND 20 AND rows BETWEEN 1 AND 50", name=op.f("ck_label_sheet_grid")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_label_sheet_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_label_sheet")),
        sa.UniqueConstraint("agency_id", "name", name=op.f("uq_label_sheet_agency_id_name")),
    )
    op.create_table(
        "paper_look",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("regional_language", sa.String(length=2), nullable=True),
        sa.Column("crest_kind", sa.String(length=3), nullable=True),
        sa.Column("crest", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("crest_kind IN ('svg', 'png')", name=op.f("ck_paper_look_crest_kind")),
        sa.CheckConstraint(
            "(crest IS NULL) = (crest_kind IS NULL)", name=op.f("ck_paper_look_crest")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_paper_look_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_paper_look")),
    )
    op.create_table(
        "printer",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("right_mm", sa.Float(), nullable=False),
        sa.Column("down_mm", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "abs(right_mm) <= 20 AND abs(down_mm) <= 20", name=op.f("ck_printer_shift")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_printer_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_printer_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_printer")),
        sa.UniqueConstraint(
            "agency_id", "office_id", "name", name=op.f("uq_printer_agency_id_office_id_name")
        ),
    )
    op.create_table(
        "print_run",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=300), nullable=False),
        sa.CheckConstraint("total > 0 AND parts > 0", name=op.f("ck_print_run_size")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_print_run_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_print_run_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_print_run")),
    )
    op.create_index("ix_print_run_account", "print_run", ["account_id", "requested_at"])

    op.create_table(
        "print_part",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "run_id"],
            ["print_run.agency_id", "print_run.id"],
            name=op.f("fk_print_part_agency_id_run_id_print_run"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_print_part_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "run_id", "number", name=op.f("pk_print_part")),
    )
    # Not as a batch: that would copy the table and lose the triggers that keep its rows.
    op.add_column("code_event", sa.Column("format", sa.String(length=20), nullable=True))
    op.add_column("code_event", sa.Column("digest", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("code_event", "digest")
    op.drop_column("code_event", "format")
    op.drop_table("print_part")
    op.drop_index("ix_print_run_account", "print_run")
    op.drop_table("print_run")
    op.drop_table("printer")
    op.drop_table("paper_look")
    op.drop_table("label_sheet")
