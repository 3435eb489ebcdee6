"""A release writes less: one order of rows, and no key looked up that others already hold.

It writes counts by the ten thousand: one tree of one order costs a quarter of four. What names no
employee or no service is 0, so that the key holds for these too. Verdicts and counts follow from
ratings and counters, which know their agency. The index of arrivals leads SQLite through a period
as it was written; PostgreSQL keeps each period in a table of its own.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KEY = "agency_id, period, employee_id, office_id, service_id, channel, instrument"
EARLIER = "agency_id, period, office_id, employee_id, service_id, channel, instrument"


AGENCY = {"referent_table": "agency", "local_cols": ["agency_id"], "remote_cols": ["id"]}


def upgrade() -> None:
    for table in ("verdict", "control_count"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_agency_id_agency"), type_="foreignkey")
    _set_aside()
    op.create_table(
        "histogram",
        *_columns(nullable=False),
        sa.PrimaryKeyConstraint(*KEY.split(", "), name=op.f("pk_histogram")),
        sqlite_with_rowid=False,
    )
    _bring_back(KEY, KEY.replace("employee_id", "coalesce(employee_id, 0)").replace(
        "service_id", "coalesce(service_id, 0)"))  # fmt: skip
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_rating_arrived", "rating", ["agency_id", "period"])


def downgrade() -> None:
    for table in ("verdict", "control_count"):
        with op.batch_alter_table(table) as batch:
            batch.create_foreign_key(op.f(f"fk_{table}_agency_id_agency"), **AGENCY)
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_rating_arrived", "rating")
    _set_aside()
    op.create_table(
        "histogram",
        *_columns(nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_histogram_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "period", "id", name=op.f("pk_histogram")),
        sa.UniqueConstraint(
            *EARLIER.split(", "), name=op.f(f"uq_histogram_{EARLIER.replace(', ', '_')}")
        ),
    )
    op.create_index("ix_histogram_employee", "histogram", ["agency_id", "period", "employee_id"])
    _bring_back(
        f"{KEY}, id",
        KEY.replace("employee_id", "nullif(employee_id, 0)").replace(
            "service_id", "nullif(service_id, 0)"
        )
        + f", row_number() OVER (ORDER BY {KEY})",
    )


def _columns(*, nullable: bool) -> list[Any]:
    return [
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), autoincrement=False, nullable=nullable),
        sa.Column("office_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("service_id", sa.BigInteger(), autoincrement=False, nullable=nullable),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("instrument", sa.String(length=8), nullable=False),
        sa.Column("bins", sa.JSON(), nullable=False),
    ]


def _set_aside() -> None:
    op.execute("CREATE TABLE histogram_kept AS SELECT * FROM histogram")
    op.drop_table("histogram")


def _bring_back(names: str, values: str) -> None:
    op.execute(f"INSERT INTO histogram ({names}, bins) SELECT {values}, bins FROM histogram_kept")
    op.drop_table("histogram_kept")
