"""Over HTTP: a retry is never thanked for unless it wrote, and a form keeps whom it named."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.db import db
from portal.ratings.models import Rating, Withdrawal
from tests.conftest import NOW, set_clock
from tests.factories import make_code, make_counter, make_duty, make_employee
from tests.ratings.test_scan_and_rate import CODE, send, token_in


def stored() -> Rating:
    db.session.rollback()
    return db.session.scalars(select(Rating)).one()


def test_neither_first_try_nor_retry_is_thanked_for_while_the_standbys_are_cut_off(
    app, client, database_url
) -> None:
    """Only what is written waits for the standbys: a retry that writes nothing would be thanked
    for at once, and the row be gone after the failover."""
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite has no standbys")
    make_code(make_counter(), CODE)
    fields = {"token": token_in(client.get(f"/n/{CODE}").text), "overall": "4"}
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END $$"
        )
        # After each row that is really written, as the wait is at COMMIT.
        connection.exec_driver_sql(
            "CREATE TRIGGER cut_off AFTER INSERT OR UPDATE ON rating "
            "FOR EACH ROW EXECUTE FUNCTION cut_off()"
        )
    for _try in range(3):
        assert client.post(f"/n/{CODE}", data=fields).status_code == 503
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER cut_off ON rating")
    assert client.post(f"/n/{CODE}", data=fields).status_code == 303
    assert stored().tries == 3


@pytest.mark.parametrize("minutes", [5, 30, 24 * 60])
def test_a_form_opened_at_1158_counts_for_the_one_it_named_whenever_it_is_sent(
    app, client, monkeypatch, minutes: int
) -> None:
    noon = NOW + timedelta(hours=2)  # 12.00 WIB
    counter = make_counter()
    make_code(counter, CODE)
    sari, budi = make_employee(), make_employee(name="Budi Santoso")
    make_duty(sari, counter, NOW - timedelta(hours=2), noon)
    make_duty(budi, counter, noon, noon + timedelta(hours=4))
    wanted = sari.id
    set_clock(monkeypatch, noon - timedelta(minutes=2))
    page = client.get(f"/n/{CODE}").text
    set_clock(monkeypatch, noon - timedelta(minutes=2) + timedelta(minutes=minutes))
    assert send(client, page, overall="1").status_code == 303
    rating = stored()
    assert (rating.employee_id, rating.counts_for) == (wanted, "A")
    assert rating.attributed_by == "one_on_duty"


def test_taking_a_rating_back_twenty_times_at_once_is_taking_it_back_once(app, client) -> None:
    make_code(make_counter(), CODE)
    sent = send(client, client.get(f"/n/{CODE}").text, overall="2")
    receipt = sent.location.split("?")[0]
    db.session.remove()

    def take_back(_number: int) -> int:
        return app.test_client().post(receipt).status_code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(take_back, range(20))) == {303}
    assert db.session.scalar(select(func.count()).select_from(Withdrawal)) == 1
