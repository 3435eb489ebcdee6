"""Every key of a table that belongs to an agency begins with the agency: data never mix, and the
tables can be spread over machines."""

import pytest
from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint

import portal.operations.due_work  # noqa: F401  with it every table is known
from portal.db import Base

# Known without their agency, or belonging to none: kept whole on every machine.
REFERENCE = {"agency", "account", "printed_code", "desk_code", "lease"}
TABLES = sorted(Base.metadata.tables.values(), key=lambda table: table.name)
OWNED = [table for table in TABLES if table.name not in REFERENCE]


def by_name(table: Table) -> str:
    return table.name


def test_the_reference_tables_are_these() -> None:
    without = {table.name for table in TABLES if "agency_id" not in table.primary_key.columns}
    assert without == REFERENCE


@pytest.mark.parametrize("table", OWNED, ids=by_name)
def test_primary_and_unique_keys_hold_the_agency(table: Table) -> None:
    assert "agency_id" in table.primary_key.columns
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            assert "agency_id" in constraint.columns, constraint.name
    for index in table.indexes:
        assert not index.unique or "agency_id" in index.columns, index.name


@pytest.mark.parametrize("table", TABLES, ids=by_name)
def test_foreign_keys_stay_inside_the_agency(table: Table) -> None:
    for constraint in table.constraints:
        if not isinstance(constraint, ForeignKeyConstraint):
            continue
        if constraint.referred_table.name in REFERENCE:
            continue
        assert "agency_id" in constraint.columns, f"{table.name}.{constraint.name}"


@pytest.mark.parametrize("table", TABLES, ids=by_name)
def test_every_constraint_has_a_name(table: Table) -> None:
    assert all(constraint.name for constraint in table.constraints)


def test_the_key_of_a_rating_is_agency_period_and_id() -> None:
    rating = Base.metadata.tables["rating"]
    assert rating.primary_key.columns.keys() == ["agency_id", "period", "id"]
