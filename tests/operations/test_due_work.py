"""Due work: each job once, one worker at a time, one failure stops nothing else."""

import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from flask import Flask
from sqlalchemy import select, text

import portal.tick
from portal.clock import real_now
from portal.db import db
from portal.operations import due_work
from portal.operations.partitions import coming_periods, ensure_partitions
from portal.tick import Job, Lease, run_due
from tests.conftest import NOW
from tests.factories import make_counter, make_rating


def tick(app: Flask) -> int:
    db.session.remove()
    return app.test_cli_runner().invoke(due_work.tick).exit_code


def test_a_tick_leaves_a_heartbeat(app: Flask) -> None:
    assert tick(app) == 0
    promise = db.session.get(Lease, "heartbeat")
    assert promise is not None
    assert promise.expires_at == NOW + timedelta(minutes=10)


def test_a_failing_job_is_told_and_stops_no_other(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def fail(now: datetime) -> int:
        raise RuntimeError("no luck")

    def work(now: datetime) -> int:
        done.append("work")
        return 1

    monkeypatch.setattr(due_work, "JOBS", (Job("bad", fail), Job("good", work)))
    with structlog.testing.capture_logs() as logs:
        assert tick(app) == 1
    assert done == ["work"]
    assert [line["job"] for line in logs if line["event"] == "job_failed"] == ["bad"]


def test_while_one_works_another_ends_at_once_with_success(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner: list[object] = []

    def look(now: datetime) -> int:
        inner.append(run_due([Job("never", lambda now: 1)], now))
        return 0

    monkeypatch.setattr(due_work, "JOBS", (Job("outer", look),))
    assert tick(app) == 0
    assert inner == [None]


def lease(holder: str, seconds: float) -> None:
    until = real_now() + timedelta(seconds=seconds)
    db.session.add(Lease(name="tick", holder=holder, expires_at=until))
    db.session.commit()


def test_a_lease_that_a_worker_elsewhere_could_not_give_back_ends_by_itself(app: Flask) -> None:
    lease("elsewhere/1/abc", 0.4)
    assert run_due([], NOW) is None
    assert run_due([], NOW, patience=5) == {}


def test_a_worker_killed_on_this_machine_is_followed_at_once(app: Flask) -> None:
    with subprocess.Popen(["true"]) as killed:
        killed.wait()
    lease(f"{socket.gethostname()[:14]}/{killed.pid}/abc", 60)
    assert run_due([Job("work", lambda now: 1)], NOW) == {"work": 1}


def test_the_lease_of_a_worker_that_computes_for_long_is_renewed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal.tick, "RENEWAL", 0.05)
    monkeypatch.setattr(portal.tick, "LEASE", timedelta(seconds=0.5))
    others: list[object] = []

    def compute(now: datetime) -> int:
        time.sleep(1.2)
        others.append(run_due([], now))
        return 1

    assert run_due([Job("long", compute)], NOW) == {"long": 1}
    assert others == [None]
    assert run_due([], NOW) == {}


def test_quarters_are_counted_from_the_easternmost_clock() -> None:
    # 16.00 UTC on the last day of the year is next year in Jayapura.
    assert coming_periods(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == [
        "2027-Q1",
        "2027-Q2",
        "2027-Q3",
        "2027-Q4",
        "2028-Q1",
    ]


def partitions() -> set[str]:
    query = text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
    return set(db.session.scalars(query))


def test_partitions_are_made_ahead_of_time(app: Flask) -> None:
    later = datetime(2028, 2, 1, tzinfo=UTC)
    made = ensure_partitions(later)
    if db.engine.dialect.name == "sqlite":
        assert made == 0
        return
    assert made == 5
    assert "rating_p2029_q1" in partitions()
    assert ensure_partitions(later) == 0


def test_ratings_outside_all_partitions_raise_an_alarm_and_stop_nothing(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("partitions are PostgreSQL's")
    make_rating(make_counter(), period="2028-Q2")
    with structlog.testing.capture_logs() as logs:
        ensure_partitions(datetime(2028, 2, 1, tzinfo=UTC))
    assert [line["event"] for line in logs] == ["ratings_outside_all_partitions"]
    assert "rating_p2028_q3" in partitions()
    assert "rating_p2028_q2" not in partitions()


def test_a_new_partition_guards_its_ratings_like_all_others(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("partitions are PostgreSQL's")
    ensure_partitions(datetime(2028, 2, 1, tzinfo=UTC))
    make_rating(make_counter(), period="2028-Q3")
    with pytest.raises(Exception, match="append-only"):
        db.session.execute(text("UPDATE rating SET overall = 1"))
    db.session.rollback()
    assert db.session.scalar(select(text("count(*)")).select_from(text("rating_p2028_q3"))) == 1
