"""Nothing acknowledged is lost, nothing is counted twice."""

import fcntl
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import OperationalError

from portal.db import db
from portal.ratings.models import Rating
from tests.conftest import NOW, set_clock
from tests.factories import make_code, make_counter, make_duty, make_employee
from tests.ratings.test_scan_and_rate import CODE, token_in


@pytest.fixture
def page(app: Flask, client) -> str:
    counter = make_counter()
    make_code(counter, CODE)
    make_duty(make_employee(), counter)
    return client.get(f"/n/{CODE}").text


def stored() -> list[Rating]:
    db.session.rollback()
    return list(db.session.scalars(select(Rating)))


def test_the_same_token_fifty_times_at_once_is_one_row_and_one_receipt(app, page) -> None:
    token = token_in(page)

    def post(_number: int) -> tuple[int, str]:
        answer = app.test_client().post(f"/n/{CODE}", data={"token": token, "overall": "4"})
        return answer.status_code, str(answer.location)

    with ThreadPoolExecutor(25) as pool:
        answers = set(pool.map(post, range(50)))
    assert len(answers) == 1
    assert answers.pop()[0] == 303
    (rating,) = stored()
    assert rating.tries == 49


def test_a_retry_after_the_end_of_the_period_keeps_the_period_of_the_form(
    app, client, monkeypatch
) -> None:
    last_day = NOW.replace(month=12, day=31)
    set_clock(monkeypatch, last_day)
    counter = make_counter()
    make_code(counter, CODE)
    token = token_in(client.get(f"/n/{CODE}").text)
    for later in (timedelta(0), timedelta(days=1)):
        set_clock(monkeypatch, last_day + later)
        client.post(f"/n/{CODE}", data={"token": token, "overall": "4"})
    (rating,) = stored()
    assert (rating.period, rating.tries) == ("2026-Q4", 1)


def test_a_warning_of_the_database_on_the_write_is_never_thanked_for(
    app, client, page, database_url
) -> None:
    """A standby cut off: COMMIT succeeds with a warning, and the row may be gone tomorrow."""

    @event.listens_for(Engine, "after_cursor_execute")
    def warn(connection, cursor, statement, *rest) -> None:
        if statement.startswith("INSERT INTO rating "):
            connection.info.setdefault("warnings", []).append("canceling wait for replication")

    answer = client.post(f"/n/{CODE}", data={"token": token_in(page), "overall": "4"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    event.remove(Engine, "after_cursor_execute", warn)


def test_a_warning_from_postgresql_reaches_the_writer(app, client, page, database_url) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite has neither standbys nor warnings")
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE WARNING 'as if a standby were cut off'; RETURN NEW; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER warn BEFORE INSERT ON rating FOR EACH ROW EXECUTE FUNCTION warn()"
        )
    answer = client.post(f"/n/{CODE}", data={"token": token_in(page), "overall": "4"})
    assert answer.status_code == 503


def test_while_the_database_fails_nothing_is_acknowledged_and_nothing_lost(
    app, client, page
) -> None:
    @event.listens_for(Engine, "before_cursor_execute")
    def full(connection, cursor, statement, *rest) -> None:
        if statement.startswith("INSERT INTO rating "):
            raise OperationalError(statement, {}, Exception("database or disk is full"))

    fields = {"token": token_in(page), "overall": "1", "comment": "Antre tiga jam"}
    answer = client.post(f"/n/{CODE}", data=fields)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Antre tiga jam" in answer.text
    event.remove(Engine, "before_cursor_execute", full)
    assert client.post(f"/n/{CODE}", data=fields).status_code == 303
    assert len(stored()) == 1


def test_a_worker_killed_between_commit_and_answer_loses_nothing(app, client, page, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*args: object, **values: object) -> None:
        raise Killed

    monkeypatch.setattr("portal.ratings.views._to_receipt", die)
    fields = {"token": token_in(page), "overall": "3"}
    with pytest.raises(Killed):
        client.post(f"/n/{CODE}", data=fields)
    monkeypatch.undo()
    set_clock(monkeypatch, NOW)
    (rating,) = stored()
    answer = client.post(f"/n/{CODE}", data=fields)
    assert answer.location.startswith(f"/t/{rating.receipt}")
    assert len(stored()) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_sqlite_a_rating_waits_for_another_process_to_end_its_turn(app, client, page) -> None:
    data = {"token": token_in(page), "overall": "4"}
    with ThreadPoolExecutor(1) as pool:
        with Path(f"{db.engine.url.database}.turn").open("a") as other:
            fcntl.flock(other, fcntl.LOCK_EX)  # as a release in another process holds it
            answer = pool.submit(app.test_client().post, f"/n/{CODE}", data=data)
            with pytest.raises(TimeoutError):
                answer.result(timeout=0.3)
            assert stored() == []
        assert answer.result(timeout=30).status_code == 303
    assert len(stored()) == 1
