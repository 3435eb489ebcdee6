"""Drafts of decisions, decisions that ask for a second person, and their plans."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

JUDGEMENTS = ("decision_plan", "proposed_decision", "proposal_answer")


def upgrade() -> None:
    op.create_table(
        "decision_draft",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_decision_draft_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "employee_id"],
            ["employee.agency_id", "employee.id"],
            name=op.f("fk_decision_draft_agency_id_employee_id_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_decision_draft_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "employee_id", "period", "account_id", name=op.f("pk_decision_draft")
        ),
    )
    op.create_table(
        "decision_plan",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("award", sa.String(length=20), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "award IN ('', 'letter', 'employee_of_quarter', 'training', 'other')",
            name=op.f("ck_decision_plan_award"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "decision_id"],
            ["decision.agency_id", "decision.id"],
            name=op.f("fk_decision_plan_agency_id_decision_id_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_decision_plan_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "decision_id", name=op.f("pk_decision_plan")),
    )
    op.create_table(
        "proposed_decision",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("against_advice", sa.Boolean(), nullable=False),
        sa.Column("second_reason", sa.Text(), nullable=False),
        sa.Column("evidence_digest", sa.String(length=64), nullable=False),
        sa.Column("award", sa.String(length=20), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "award IN ('', 'letter', 'employee_of_quarter', 'training', 'other')",
            name=op.f("ck_proposed_decision_award"),
        ),
        sa.CheckConstraint(
            "kind IN ('award', 'guidance', 'none')", name=op.f("ck_proposed_decision_kind")
        ),
        sa.CheckConstraint(
            "NOT against_advice OR length(trim(second_reason)) > 0",
            name=op.f("ck_proposed_decision_second_reason"),
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_proposed_decision_reason")),
        sa.ForeignKeyConstraint(
            ["agency_id", "run_id", "employee_id"],
            ["score.agency_id", "score.run_id", "score.employee_id"],
            name=op.f("fk_proposed_decision_agency_id_run_id_employee_id_score"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "supersedes_id"],
            ["decision.agency_id", "decision.id"],
            name=op.f("fk_proposed_decision_agency_id_supersedes_id_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_proposed_decision_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_proposed_decision_proposed_by_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_proposed_decision")),
        sa.UniqueConstraint(
            "agency_id",
            "id",
            "proposed_by",
            name=op.f("uq_proposed_decision_agency_id_id_proposed_by"),
        ),
    )
    with op.batch_alter_table("proposed_decision") as batch_op:
        batch_op.create_index(
            "ix_proposed_decision_employee", ["agency_id", "employee_id", "period"], unique=False
        )

    op.create_table(
        "proposal_answer",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "answered_by <> proposed_by", name=op.f("ck_proposal_answer_second_person")
        ),
        sa.CheckConstraint(
            "approved OR length(trim(reason)) > 0", name=op.f("ck_proposal_answer_reason")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "proposal_id", "proposed_by"],
            [
                "proposed_decision.agency_id",
                "proposed_decision.id",
                "proposed_decision.proposed_by",
            ],
            name="fk_proposal_answer_proposal",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_proposal_answer_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_proposal_answer_answered_by_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "proposal_id", name=op.f("pk_proposal_answer")),
    )
    for table in JUDGEMENTS:
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
    op.drop_table("proposal_answer")
    with op.batch_alter_table("proposed_decision") as batch_op:
        batch_op.drop_index("ix_proposed_decision_employee")

    op.drop_table("proposed_decision")
    op.drop_table("decision_plan")
    op.drop_table("decision_draft")
