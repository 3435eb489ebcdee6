"""A policy is proposed by one account and approved by another."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposed_policy",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_proposed_policy_reason")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_proposed_policy_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_proposed_policy_proposed_by_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_proposed_policy")),
        sa.UniqueConstraint(
            "agency_id",
            "id",
            "proposed_by",
            name=op.f("uq_proposed_policy_agency_id_id_proposed_by"),
        ),
    )
    with op.batch_alter_table("proposed_policy", schema=None) as batch_op:
        batch_op.create_index("ix_proposed_policy_version", ["agency_id", "based_on"], unique=False)

    op.create_table(
        "policy_answer",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(answered_by = proposed_by) = (outcome = 'withdrawn')",
            name=op.f("ck_policy_answer_second_person"),
        ),
        sa.CheckConstraint(
            "outcome = 'approved' OR length(trim(reason)) > 0", name=op.f("ck_policy_answer_reason")
        ),
        sa.CheckConstraint(
            "outcome IN ('approved', 'returned', 'withdrawn')",
            name=op.f("ck_policy_answer_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "proposal_id", "proposed_by"],
            ["proposed_policy.agency_id", "proposed_policy.id", "proposed_policy.proposed_by"],
            name="fk_policy_answer_proposal",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_policy_answer_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_policy_answer_answered_by_account")
        ),
        sa.PrimaryKeyConstraint("agency_id", "proposal_id", name=op.f("pk_policy_answer")),
    )
    for table in ("proposed_policy", "policy_answer"):
        _append_only(table)
    _second_person()


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


def _second_person() -> None:
    """From its second version on an agency's policy is one that somebody else has approved."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    same = (
        "p.thresholds = NEW.thresholds" if sqlite else ("p.thresholds::text = NEW.thresholds::text")
    )
    alone = (
        "NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM proposed_policy p JOIN policy_answer a "
        "ON a.agency_id = p.agency_id AND a.proposal_id = p.id "
        "WHERE p.agency_id = NEW.agency_id AND p.based_on = NEW.version - 1 "
        f"AND a.outcome = 'approved' AND a.answered_by = NEW.approved_by AND {same})"
    )
    words = "a policy wants the approval of a second person"
    if sqlite:
        op.execute(
            f"CREATE TRIGGER policy_second_person BEFORE INSERT ON policy WHEN {alone} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )
    else:
        op.execute(
            "CREATE FUNCTION refuse_lone_policy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {alone} THEN RAISE EXCEPTION '{words}'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER policy_second_person BEFORE INSERT ON policy "
            "FOR EACH ROW EXECUTE FUNCTION refuse_lone_policy()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER policy_second_person")
    else:
        op.execute("DROP TRIGGER policy_second_person ON policy")
        op.execute("DROP FUNCTION refuse_lone_policy()")
    op.drop_table("policy_answer")
    with op.batch_alter_table("proposed_policy", schema=None) as batch_op:
        batch_op.drop_index("ix_proposed_policy_version")

    op.drop_table("proposed_policy")
