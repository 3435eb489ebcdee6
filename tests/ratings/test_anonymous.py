"""A citizen stays anonymous: what is never kept, what is kept for a while, and what that tells."""

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from portal import create_app
from portal.access import public
from portal.db import Base, db
from portal.ratings.models import DeviceKey, Rating, RatingComment
from portal.records.closing_actions import close_period
from portal.records.retention_actions import forget_exact_times
from tests.conftest import NOW, set_clock, settings_for
from tests.factories import make_code, make_counter, make_duty, make_employee
from tests.ratings.test_scan_and_rate import CODE, ratings, send
from tests.records.cast import DAY, PERIOD, rate
from tests.records.test_closing import CLOSED

SCRIPTS = sorted(Path("portal/ratings/scripts").glob("*.js"))
# By these a page could tell one phone from another without asking.
FINGERPRINTS = (
    "userAgent|platform|plugins|mimeTypes|hardwareConcurrency|deviceMemory|getContext|toDataURL|"
    "AudioContext|WebGL|screen\\.|colorDepth|devicePixelRatio|getTimezoneOffset|resolvedOptions|"
    "getBattery|mediaDevices\\.(?!getUserMedia\\()|enumerateDevices|getCapabilities|getSettings|"
    "connection\\.|geolocation|navigator\\.languages?|maxTouchPoints"
)


@pytest.fixture
def counter(app: Flask) -> Any:
    counter = make_counter()
    make_code(counter, CODE)
    make_duty(make_employee(), counter)
    return counter


def phone(app: Flask, address: str, browser: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base |= {
        "REMOTE_ADDR": address,
        "HTTP_USER_AGENT": browser,
        "HTTP_X_FORWARDED_FOR": address,
        "HTTP_REFERER": f"https://{address}/",
    }
    return client


def everything() -> str:
    """Whatever the database holds, as one text."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return "\n".join(
            str(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table))
        )


def test_neither_address_nor_browser_nor_any_header_leaves_a_trace(app: Flask, counter) -> None:
    one = phone(app, "203.0.113.77", "Mozilla/5.0 (Redmi Nota 7)")
    other = phone(app, "198.51.100.4", "Opera Mini/36 (Advan S3)")
    for client in (one, other):
        send(client, client.get(f"/n/{CODE}").text, overall="2", comment="Antre lama")
    left, right = (
        {column.name: getattr(rating, column.name) for column in Rating.__table__.columns}
        for rating in ratings()
    )
    assert {name for name in left if left[name] != right[name]} == {"id", "receipt", "device"}
    kept = everything()
    for told in ("203.0.113", "198.51.100", "Mozilla", "Redmi", "Opera", "Advan"):
        assert told not in kept


def test_what_a_mask_covers_is_nowhere_in_the_database(app: Flask, client, counter) -> None:
    said = "NIK 3372014506890001, HP 0812-3456-7890, mobil B 1234 XYZ"
    send(client, client.get(f"/n/{CODE}").text, overall="1", comment=said)
    kept = everything()
    assert "▇nik▇" in kept
    for told in ("33720145", "3456-7890", "1234 XYZ"):
        assert told not in kept


def test_an_error_is_logged_without_what_the_citizen_sent(
    app: Flask, client, counter, capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    page = client.get(f"/n/{CODE}").text
    noisy = create_app(settings_for(database_url, log_level="DEBUG"))

    said: list[str] = []

    def fails() -> str:
        values = {
            "agency_id": 0,
            "period": PERIOD,
            "rating_id": uuid.uuid4(),
            "text": request.args["words"],
        }
        try:
            db.session.execute(insert(RatingComment), values)
        except IntegrityError as error:
            said.append(str(error))
            db.session.rollback()
            raise ValueError(request.args["words"]) from error
        return "stored"

    noisy.add_url_rule("/fails", "fails", public(fails))
    with noisy.app_context():
        assert noisy.test_client().get("/fails?words=RAHASIA").status_code == 500
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE rating_comment RENAME TO elsewhere"))
        told = "RAHASIA, kata warga"
        answer = send(phone(noisy, "203.0.113.77", "Redmi"), page, overall="1", comment=told)
        assert answer.status_code == 503
        db.engine.dispose()
    logged = "".join(capsys.readouterr()) + said[0]
    assert "unforeseen_error" in logged
    assert "rating_not_kept" in logged
    for private in ("RAHASIA", "203.0.113", "Redmi"):
        assert private not in logged


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_of_a_citizens_page_asks_what_phone_it_runs_on(script: Path) -> None:
    assert re.findall(FINGERPRINTS, script.read_text(encoding="utf-8")) == []


def test_the_phone_is_kept_as_a_hash_that_is_another_each_quarter(
    app: Flask, client, counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for moment in (NOW, NOW + DAY, NOW + 60 * DAY):  # the last one in 2027-Q1
        set_clock(monkeypatch, moment)
        send(client, client.get(f"/n/{CODE}").text, overall="4")
    cookie = client.get_cookie("device")
    assert cookie is not None
    first, second, later = sorted(ratings(), key=lambda rating: rating.received_at or NOW)
    assert first.device == second.device
    assert later.device != first.device
    assert cookie.value not in everything()
    assert (cookie.http_only, len(cookie.value)) == (True, 22)  # 128 random bits
    assert cookie.max_age == 400 * 86_400


def test_until_ten_days_after_closing_the_database_tells_moments_and_which_share_a_phone(
    app: Flask, counter
) -> None:
    """What an administrator with the database can learn, and from when on no longer."""
    employee = make_employee(name="Budi Santoso")
    rate(counter, employee, 4, 4, 4, 4, 4, device=b"one telephone 16")
    db.session.add(DeviceKey(agency_id=counter.agency_id, period=PERIOD, key=b"k" * 32))
    db.session.commit()
    assert len({rating.device for rating in ratings()}) == 1
    assert all(rating.received_at for rating in ratings())
    close_period("kota", PERIOD, CLOSED)
    forget_exact_times(CLOSED + 10 * DAY)
    for rating in ratings():
        assert (rating.device, rating.issued_at, rating.received_at) == (None, None, None)
    assert db.session.scalars(select(DeviceKey)).all() == []


def test_who_has_both_the_database_and_a_receipt_reads_its_answer(client, counter) -> None:
    """Why nobody should be asked for a receipt: it opens the answer to an administrator."""
    sent = send(client, client.get(f"/n/{CODE}").text, overall="1")
    code = re.search(r"/t/(\w+)", sent.location)
    assert code
    found = db.session.scalars(select(Rating).where(Rating.receipt == code[1])).one()
    assert found.overall == 1


def test_two_ratings_of_one_page_cannot_be_paired_by_their_ids(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    send(client, page, overall="4")
    send(client, page, overall="1", spare="1")
    one, other = (rating.id for rating in ratings())
    for first, second in ((one, other), (other, one)):
        assert second not in {uuid.uuid5(first, name) for name in ("", "spare", first.hex)}
        assert second not in {uuid.uuid3(first, name) for name in ("", "spare", first.hex)}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_sqlite_the_order_of_arrival_outlives_the_times(app: Flask, counter) -> None:
    """What remains for an administrator of a small installation."""
    sent = [rating.id.hex for rating in rate(counter, make_employee(), 4, 4, 4, 4, 4)]
    close_period("kota", PERIOD, CLOSED)
    forget_exact_times(CLOSED + 10 * DAY)
    with db.engine.connect() as connection:
        kept = connection.execute(text("SELECT id FROM rating ORDER BY rowid")).scalars().all()
    assert kept == sent
