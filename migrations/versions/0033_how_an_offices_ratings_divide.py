"""How an office's ratings divide: by service, channel and hour; comments are found by office.

Rows are made by the next release of each open period; closed ones have none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

INDEX = "ix_rating_comment_office"


def upgrade() -> None:
    op.create_table(
        "office_parts",
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "office_id"],
            ["office.agency_id", "office.id"],
            name=op.f("fk_office_parts_agency_id_office_id_office"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_office_parts_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", "office_id", name=op.f("pk_office_parts")),
    )
    op.add_column("rating_comment", sa.Column("office_id", sa.BigInteger(), nullable=True))
    op.create_index(INDEX, "rating_comment", ["agency_id", "period", "office_id"])
    op.execute(
        "UPDATE rating_comment SET office_id = (SELECT counter.office_id FROM rating JOIN counter "
        "ON counter.agency_id = rating.agency_id AND counter.id = rating.counter_id "
        "WHERE rating.agency_id = rating_comment.agency_id "
        "AND rating.period = rating_comment.period AND rating.id = rating_comment.rating_id) "
        "WHERE released IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index(INDEX, "rating_comment")
    op.drop_column("rating_comment", "office_id")
    op.drop_table("office_parts")
