"""Pages about few of many rows find them by index, on both databases."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import event, text

from portal.db import db
from portal.desk.queries import alarms
from portal.followups.queries import cases
from portal.integrity.queries import waiting_comments
from portal.people.audit_queries import audit_page
from portal.people.queries import Scope
from portal.records.controls import floods
from portal.records.coverage import nameless_ratings
from tests.conftest import NOW
from tests.factories import make_counter, make_employee
from tests.records.cast import PERIOD, rate, release


def plan(read: Callable[[], Any]) -> str:
    """How the database goes about what is read."""
    sent: list[tuple[str, Any]] = []

    def note(_conn: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        sent.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    read()
    event.remove(db.engine, "before_cursor_execute", note)
    connection, explain = db.session.connection(), "EXPLAIN QUERY PLAN"
    if db.engine.dialect.name == "postgresql":
        explain = "EXPLAIN"
        db.session.execute(text("SET LOCAL enable_seqscan = off"))  # of few rows all are read
    rows = [
        row for one in sent for row in connection.exec_driver_sql(f"{explain} {one[0]}", one[1])
    ]
    return "\n".join(str(row[-1]) for row in rows)


def test_pages_find_few_among_many_by_index(app: Flask) -> None:
    counter = make_counter()
    rate(counter, make_employee(), *[4] * 6)
    release(counter)
    agency, day = Scope(counter.agency_id, None), date(2026, 11, 20)
    if db.engine.dialect.name == "sqlite":  # PostgreSQL takes the key while there are so few
        week = plan(lambda: nameless_ratings(counter.agency_id, [counter.id], [day]))
        assert "ix_rating_counter" in week
    for index, read in {
        "ix_rating_comment_inspector": lambda: waiting_comments(agency, None),
        "ix_follow_up_resolved": lambda: cases(agency, None, "resolved", None, 1),
        "ix_score_alarm": lambda: alarms(agency, None, PERIOD, 5),
        "ix_control_count_day": lambda: floods(agency, NOW.date()),
        "ix_audit_event_account": lambda: audit_page(agency, NOW.date(), by=1),
    }.items():
        assert index in plan(read), index
