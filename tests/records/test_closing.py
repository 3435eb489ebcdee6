"""Closing a period, what comes too late, and forgetting in time."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.counters.models import VisitTicket
from portal.db import db
from portal.people.models import Agency, AuditEvent
from portal.ratings.models import (
    AttributionEvent,
    DeviceKey,
    ErasureEvent,
    Rating,
    RatingComment,
    Verdict,
)
from portal.ratings.queries import receipt_status
from portal.records.closing_actions import (
    AlreadyClosed,
    NoSuchAgency,
    TooEarly,
    close_period,
)
from portal.records.models import OfficeResult, PerformanceRecord, ScoringRun
from portal.records.release_actions import release_due, release_now
from portal.records.retention_actions import (
    erase_old_comments,
    forget_exact_times,
    forget_receipts,
)
from tests.conftest import NOW, set_clock
from tests.factories import make_counter, make_employee, make_rating, make_ticket, save
from tests.records.cast import DAY, PERIOD, rate, release, score_of, withdraw

FIRST_MOMENT = datetime(2027, 1, 10, 17, 0, tzinfo=UTC)  # 11 January, 00.00 WIB
CLOSED = FIRST_MOMENT + timedelta(hours=9)


def test_a_period_cannot_be_closed_before_ten_days_have_passed(app: Flask) -> None:
    make_counter()
    with pytest.raises(TooEarly) as error:
        close_period("kota", PERIOD, FIRST_MOMENT - timedelta(minutes=1))
    assert error.value.from_ == FIRST_MOMENT
    close_period("kota", PERIOD, FIRST_MOMENT)


def test_the_ten_days_are_counted_in_the_time_zone_of_the_agency(app: Flask) -> None:
    counter = make_counter()
    db.session.get_one(Agency, counter.agency_id).timezone = "Asia/Jayapura"
    db.session.commit()
    close_period("kota", PERIOD, FIRST_MOMENT - timedelta(hours=2))


def test_a_period_is_closed_once(app: Flask) -> None:
    make_counter()
    close_period("kota", PERIOD, CLOSED)
    with pytest.raises(AlreadyClosed):
        close_period("kota", PERIOD, CLOSED + DAY)
    with pytest.raises(NoSuchAgency):
        close_period("nirwana", PERIOD, CLOSED)


def test_closing_gives_everybody_a_record_in_one_run(app: Flask) -> None:
    counter, first, second = make_counter(), make_employee(), make_employee(name="Budi Santoso")
    rate(counter, first, 4, 4, 3, 4, 4)
    release(counter)
    rate(counter, second, 4, 2, 3, 4, 4, since=3)
    assert close_period("kota", PERIOD, CLOSED).moved == 2
    records = db.session.scalars(select(PerformanceRecord)).all()
    assert {row.employee_id for row in records} == {first.id, second.id}
    run = db.session.scalars(select(ScoringRun).where(ScoringRun.kind == "closing")).one()
    assert {row.run_id for row in records} == {run.id}
    for employee in (first, second):
        score = score_of(employee)
        assert score is not None
        assert score.run_id == run.id
    closing = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "close_period"))
    assert closing.one().subject == PERIOD


def test_fewer_than_five_at_closing_count_for_the_office_only(app: Flask) -> None:
    counter, employee, other = make_counter(), make_employee(), make_employee(name="Budi S")
    rate(counter, employee, 4, 4, 3, 4, 4)
    release(counter)
    left = rate(counter, employee, 1, 1, since=4)
    never = rate(counter, other, 1, 1, 2, 2, since=6)
    close_period("kota", PERIOD, CLOSED)
    events = db.session.scalars(select(AttributionEvent)).all()
    assert {event.rating_id for event in events} == {rating.id for rating in left + never}
    assert {event.reason for event in events} == {"fewer than 5 at closing"}
    score = score_of(employee)
    assert score is not None
    assert score.counted == 5
    assert score_of(other) is None
    assert db.session.scalars(select(OfficeResult)).one().counted == 11


def test_five_or_more_left_at_closing_join(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, employee, 4, 4, 3, 4, 4)
    close_period("kota", PERIOD, CLOSED)
    score = score_of(employee)
    assert score is not None
    assert score.counted == 5


def test_what_arrives_after_closing_is_kept_uncounted_and_its_receipt_says_so(
    app: Flask,
) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, employee, 4, 4, 3, 4, 4)
    close_period("kota", PERIOD, CLOSED)
    late = rate(counter, employee, 1, 1, 1, 1, 1, 1, since=9)
    assert release_now(CLOSED + DAY) == 0
    assert release_due(CLOSED + 2 * DAY) == 0
    score = score_of(employee)
    assert score is not None
    assert score.counted == 5
    judged = set(db.session.scalars(select(Verdict.rating_id)))
    assert not judged & {rating.id for rating in late}
    status = receipt_status(late[0].receipt)
    assert status is not None
    assert status.state == "too_late"


def test_exact_times_and_the_device_key_go_ten_days_after_closing(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    save(DeviceKey(agency_id=counter.agency_id, period=PERIOD, key=b"k" * 32))
    save(DeviceKey(agency_id=counter.agency_id, period="2027-Q1", key=b"l" * 32))
    rate(counter, employee, 4, 4, 3, 4, 4)
    close_period("kota", PERIOD, CLOSED)
    assert forget_exact_times(CLOSED + 10 * DAY - timedelta(seconds=1)) == 0
    assert forget_exact_times(CLOSED + 10 * DAY) == 5
    assert forget_exact_times(CLOSED + 11 * DAY) == 0
    for rating in db.session.scalars(select(Rating)):
        assert (rating.device, rating.issued_at, rating.received_at) == (None, None, None)
        assert rating.rated_on
    assert db.session.scalars(select(DeviceKey.period)).all() == ["2027-Q1"]


def test_the_words_of_a_rating_taken_back_go_with_the_exact_times(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    kept, taken_back, alleged = rate(counter, employee, 4, 1, 1, 4, 4)[:3]
    for rating, words in ((kept, "Baik"), (taken_back, "Buruk"), (alleged, "Ada pungli")):
        key = {"agency_id": rating.agency_id, "period": rating.period, "rating_id": rating.id}
        save(RatingComment(**key, text=words, for_inspector="pungli" in words))
    withdraw(taken_back)
    withdraw(alleged)
    close_period("kota", PERIOD, CLOSED)
    forget_exact_times(CLOSED + 10 * DAY - timedelta(seconds=1))
    assert len(db.session.scalars(select(RatingComment)).all()) == 3
    forget_exact_times(CLOSED + 10 * DAY)
    left = set(db.session.scalars(select(RatingComment.text)))
    assert left == {"Baik", "Ada pungli"}
    assert db.session.scalars(select(ErasureEvent.rating_id)).all() == [taken_back.id]


def test_tickets_go_with_the_exact_times_of_their_period(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    make_ticket(counter, employee)
    make_ticket(counter, employee, "K7M3Q9XA43", period="2027-Q1")
    close_period("kota", PERIOD, CLOSED)
    forget_exact_times(CLOSED + 10 * DAY - timedelta(seconds=1))
    assert len(db.session.scalars(select(VisitTicket.code)).all()) == 2
    forget_exact_times(CLOSED + 10 * DAY)
    assert db.session.scalars(select(VisitTicket.period)).all() == ["2027-Q1"]


def test_comments_go_after_two_years_and_leave_an_erasure_event(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    rating = rate(counter, employee, 4)[0]
    key = {"agency_id": rating.agency_id, "period": rating.period, "rating_id": rating.id}
    save(RatingComment(**key, text="Terima kasih"))
    two_years_on = datetime(2028, 12, 31, 10, 0, tzinfo=UTC)
    assert erase_old_comments(NOW) == 0
    assert erase_old_comments(two_years_on) == 0
    assert erase_old_comments(two_years_on + DAY) == 1
    assert erase_old_comments(two_years_on + DAY) == 0
    assert db.session.scalars(select(RatingComment)).all() == []
    event = db.session.scalars(select(ErasureEvent)).one()
    assert (event.rating_id, event.account_id) == (uuid.UUID(rating.id.hex), None)


def test_a_receipt_opens_nothing_13_months_after_its_quarter_and_is_then_forgotten(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, employee = make_counter(), make_employee()
    receipt = rate(counter, employee, 4, 4, 3, 4, 4)[0].receipt
    newer = make_rating(counter, employee, rated_at=FIRST_MOMENT, period="2027-Q1").receipt
    end = datetime(2028, 1, 31, 17, 0, tzinfo=UTC)  # 1 February, 00.00 WIB
    set_clock(monkeypatch, end - timedelta(minutes=1))
    assert client.get(f"/t/{receipt}").status_code == 200
    assert forget_receipts(end - timedelta(minutes=1)) == 0
    set_clock(monkeypatch, end)
    ended = client.get(f"/t/{receipt}")
    assert ended.status_code == 404
    assert "berakhir sesudah 13 bulan" in ended.text
    assert client.post(f"/t/{receipt}/contact", data={"email": "a@contoh.id"}).status_code == 404
    assert client.get(f"/t/{receipt}/reminder.ics").status_code == 404
    assert forget_receipts(end) == 5
    assert forget_receipts(end + DAY) == 0
    assert sorted(db.session.scalars(select(Rating.receipt))) == ["", "", "", "", "", newer]
    assert client.get(f"/t/{receipt}").text == ended.text
