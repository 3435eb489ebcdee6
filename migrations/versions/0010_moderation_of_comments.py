"""A moderator reads comments with their release, lets rude words stand, and masks more by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

DRAWN = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
# Masks now say of what kind the covered words were; of those made before nobody knows.
MASKS = ("▇▇▇", "▇number▇")


def upgrade() -> None:
    _reviews()
    with op.batch_alter_table("rating_comment") as batch:
        batch.add_column(sa.Column("key", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("rude", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(
            sa.Column("rude_words", sa.String(length=8), nullable=False, server_default="covered")
        )
        batch.add_column(sa.Column("released", sa.Integer(), nullable=True))
        batch.add_column(
            sa.Column("moderated", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(f"UPDATE rating_comment SET key = {DRAWN[op.get_bind().dialect.name]}")
    _replace(*MASKS)
    with op.batch_alter_table("rating_comment") as batch:
        batch.alter_column("key", existing_type=sa.Uuid(), nullable=False)
        for column in ("rude", "rude_words", "moderated"):
            batch.alter_column(column, server_default=None)
        batch.create_unique_constraint(
            op.f("uq_rating_comment_agency_id_period_key"), ["agency_id", "period", "key"]
        )
        batch.create_check_constraint("rude_words", "rude_words IN ('covered', 'shown')")


def _reviews() -> None:
    op.create_table(
        "comment_review",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("rude_words", sa.String(length=8), nullable=False),
        sa.Column("masked", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "rude_words IN ('covered', 'shown')", name=op.f("ck_comment_review_rude_words")
        ),
        sa.CheckConstraint(
            "masked = 0 OR length(trim(reason)) > 0", name=op.f("ck_comment_review_reason")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_comment_review_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_comment_review")),
    )
    op.create_index(
        "ix_comment_review_rating", "comment_review", ["agency_id", "period", "rating_id"]
    )
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER comment_review_{deed} BEFORE {deed.upper()} ON comment_review "
                "BEGIN SELECT RAISE(ABORT, 'comment_review is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER comment_review_append_only BEFORE UPDATE OR DELETE ON comment_review "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def _replace(old: str, new: str) -> None:
    op.execute(
        sa.text("UPDATE rating_comment SET text = replace(text, :old, :new)").bindparams(
            old=old, new=new
        )
    )


def downgrade() -> None:
    op.drop_table("comment_review")
    with op.batch_alter_table("rating_comment") as batch:
        batch.drop_constraint(op.f("ck_rating_comment_rude_words"), type_="check")
        batch.drop_constraint(op.f("uq_rating_comment_agency_id_period_key"), type_="unique")
        for column in ("moderated", "released", "rude_words", "rude", "key"):
            batch.drop_column(column)
