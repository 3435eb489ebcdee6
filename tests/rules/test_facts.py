"""Facts and judgements are appended, never changed, never removed: the database itself refuses."""

import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, Connection, Table, text
from sqlalchemy.exc import DatabaseError

import portal.operations.due_work  # noqa: F401  with it every table is known
from portal.db import Base, db, statement_engine
from tests.conftest import NOW

APPEND_ONLY = (
    "printed_code",
    "code_event",
    "duty_event",
    "attribution_event",
    "withdrawal",
    "erasure_event",
    "audit_event",
    "audit_seal",
    "poster_check",
    "desk_code",
    "policy",
    "proposed_policy",
    "policy_answer",
    "verdict_review",
    "comment_review",
    "allegation_finding",
    "performance_record",
    "decision",
    "decision_plan",
    "dialogue_note",
    "dialogue_signature",
    "training_taken",
    "step_done",
    "proposed_decision",
    "proposal_answer",
    "reply",
    "attachment",
    "contest",
    "contest_ruling",
    "review_request",
    "office_answer",
    "follow_up_event",
)
# Values that the tables' own checks ask for; all other columns get something of their type.
KINDS = {
    "code_event": "issued",
    "duty_event": "planned",
    "decision": "award",
    "proposed_decision": "award",
    "attachment": "pdf",
    "scoring_run": "closing",
    "release": "release",
    "follow_up_event": "noted",
}
OUTCOMES = {"allegation_finding": "examined", "poster_check": "good", "policy_answer": "approved"}
PARTICULAR = {
    "period": "2026-Q4",
    "counts_for": "O",
    "theme": "facility",
    "channel": "poster",
    "cause": "person",
    "code": "7K3M9QXA",
    "overall": 3,
    "ramah": 3,
    "cakap": 3,
    "cekatan": 3,
    "advice": "none",
    "award": "letter",
    "answered_by": 2,  # somebody else than who proposed
    "weight": 1.0,
    "rude_words": "covered",
}


BY_TYPE: dict[str, Any] = {
    "Uuid": uuid.uuid4(),
    "LargeBinary": b"0123456789abcdef",
    "UtcDateTime": NOW,
    "Date": NOW.date(),
    "String": "x",
    "Text": "x",
    "JSON": {},
    "Integer": 1,
    "BigInteger": 1,
    "SmallInteger": 1,
    "Float": 1.0,
    "Boolean": False,
}


def value_of(table: Table, column: Column[Any]) -> Any:
    if column.name == "kind":
        return KINDS[table.name]
    if table.name == "attachment" and column.name in {"contest_id", "request_id"}:
        return None  # it belongs to one thing only
    if column.name == "outcome":
        return OUTCOMES.get(table.name, "upheld")
    return PARTICULAR.get(column.name, BY_TYPE[type(column.type).__name__])


def without_foreign_keys(connection: Connection, off: bool) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA foreign_keys={'OFF' if off else 'ON'}")
    else:
        role = "replica" if off else "origin"
        connection.exec_driver_sql(f"SET session_replication_role = {role}")


def insert_one(name: str) -> Table:
    """One row that hangs in the air: what it refers to does not matter here."""
    table = Base.metadata.tables[name]
    row = {column.name: value_of(table, column) for column in table.columns}
    with statement_engine().connect() as connection:
        without_foreign_keys(connection, off=True)
        connection.execute(table.insert().values(**row))
        connection.commit()
        without_foreign_keys(connection, off=False)
        connection.commit()
    return table


def refused(statement: str) -> bool:
    """Whether a trigger of ours refused it; any other trouble is an error of the test."""
    words = ""
    try:
        with db.engine.begin() as connection:
            connection.execute(text(statement))
    except DatabaseError as error:
        words = str(error.orig)
        if "append-only" not in words and "stays" not in words:
            raise
    return bool(words)


def test_no_column_of_a_fact_can_be_changed_and_no_row_removed(app: Flask) -> None:
    for name in APPEND_ONLY:
        table = insert_one(name)
        for column in table.columns:
            assert refused(f'UPDATE "{name}" SET "{column.name}" = "{column.name}"'), column
        assert refused(f'DELETE FROM "{name}"'), name


def test_answers_of_a_rating_can_never_be_changed(app: Flask) -> None:
    rating = insert_one("rating")
    free = {"tries", "device", "issued_at", "received_at"}  # each with its own rule
    for column in rating.columns:
        if column.name not in free:
            assert refused(f"UPDATE rating SET {column.name} = {column.name}"), column.name
    assert refused("DELETE FROM rating")


def test_a_repeated_sending_is_counted_and_never_uncounted(app: Flask) -> None:
    insert_one("rating")
    assert not refused("UPDATE rating SET tries = tries + 1")
    assert refused("UPDATE rating SET tries = 0")


@pytest.mark.parametrize("column", ["device", "issued_at", "received_at"])
def test_what_could_unmask_a_citizen_cannot_be_rewritten(app: Flask, column: str) -> None:
    insert_one("rating")
    assert refused(f"UPDATE rating SET {column} = {column}")


def test_what_could_unmask_a_citizen_can_be_blanked_once_and_for_all(app: Flask) -> None:
    insert_one("rating")
    blank = "UPDATE rating SET device = NULL, issued_at = NULL, received_at = NULL"
    assert not refused(blank)
    assert not refused(blank)
    with db.engine.connect() as connection:
        left = connection.execute(text("SELECT device, issued_at, received_at FROM rating")).one()
    assert tuple(left) == (None, None, None)


def test_a_receipt_can_be_emptied_once_and_for_all_and_never_rewritten(app: Flask) -> None:
    insert_one("rating")
    assert refused("UPDATE rating SET receipt = 'XXXXXXXXXXXX'")
    assert not refused("UPDATE rating SET receipt = ''")
    assert refused("UPDATE rating SET receipt = 'x'")
    assert refused("UPDATE rating SET receipt = '', overall = 1")


def test_a_blanked_rating_still_counts_repeated_sendings(app: Flask) -> None:
    insert_one("rating")
    assert not refused("UPDATE rating SET device = NULL, issued_at = NULL, received_at = NULL")
    assert not refused("UPDATE rating SET tries = tries + 1")


@pytest.mark.parametrize("name", ["scoring_run", "score"])
def test_frozen_figures_are_never_rewritten(app: Flask, name: str) -> None:
    table = insert_one(name)
    for column in table.columns:
        assert refused(f"UPDATE {name} SET {column.name} = {column.name}"), column.name


def test_the_run_of_a_closed_period_is_never_removed(app: Flask) -> None:
    insert_one("scoring_run")
    assert refused("DELETE FROM scoring_run")
