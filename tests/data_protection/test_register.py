"""The data protection officer sees what is kept, until when, and what did not go in time."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.data_protection.queries import holdings
from portal.data_protection.words import DECIDED, KINDS
from portal.db import db
from portal.followups.models import FollowUp, FollowUpEvent
from portal.followups.opening_actions import open_cases
from portal.people.models import Agency
from portal.ratings.models import DeviceKey, RatingComment
from portal.records.closing_actions import close_period
from portal.records.measure_models import ObjectiveMeasure
from portal.records.retention_actions import (
    erase_old_comments,
    forget_exact_times,
    forget_measures,
    forget_receipts,
)
from tests.conftest import set_clock
from tests.factories import (
    make_account,
    make_counter,
    make_employee,
    make_ticket,
    save,
    sign_in,
)
from tests.records.cast import DAY, PERIOD, rate

CLOSED = datetime(2027, 1, 11, 2, 0, tzinfo=UTC)
TWO_YEARS_ON = datetime(2029, 1, 2, 2, 0, tzinfo=UTC)


def late(now: datetime) -> set[str]:
    agency = db.session.query(Agency).one()
    return {one.kind for one in holdings(agency, now) if one.overdue}


def kept(now: datetime) -> set[str]:
    agency = db.session.query(Agency).one()
    return {one.kind for one in holdings(agency, now) if one.oldest}


def keep_something_of_a_closed_quarter() -> None:
    counter, employee = make_counter(), make_employee()
    save(DeviceKey(agency_id=counter.agency_id, period=PERIOD, key=b"k" * 32))
    make_ticket(counter, employee)
    rating = rate(counter, employee, 4, 4, 1, 4, 4)[0]
    key = {"agency_id": rating.agency_id, "period": rating.period, "rating_id": rating.id}
    save(RatingComment(**key, text="Terima kasih"))
    close_period("kota", PERIOD, CLOSED)
    open_cases(CLOSED)
    (case,) = db.session.scalars(select(FollowUp))
    note = {"kind": "noted", "text": "Papan diganti", "at": CLOSED}
    save(FollowUpEvent(agency_id=case.agency_id, follow_up_id=case.id, **note))


def test_what_ought_to_be_gone_is_late_until_it_went(app: Flask) -> None:
    keep_something_of_a_closed_quarter()
    due = CLOSED + 10 * DAY
    always = {"comments", "receipts", "notes", "ratings"}
    assert kept(due) == {"times", "tickets"} | always
    assert late(due) == set()  # `portal tick` has a day to do it
    assert late(due + DAY) == {"times", "tickets"}
    forget_exact_times(due)
    assert late(due + DAY) == set()
    assert kept(due + DAY) == always
    assert late(TWO_YEARS_ON) == {"comments", "receipts"}
    erase_old_comments(TWO_YEARS_ON)
    forget_receipts(TWO_YEARS_ON)
    assert late(TWO_YEARS_ON) == set()
    assert kept(TWO_YEARS_ON) == {"notes", "ratings"}
    assert late(TWO_YEARS_ON.replace(year=2033)) == {"notes", "ratings"}


def test_measures_are_late_from_the_day_after_they_ought_to_have_gone(app: Flask) -> None:
    employee = make_employee()
    own = {"agency_id": employee.agency_id, "period": PERIOD, "employee_id": employee.id}
    kept_of_it = {"measure": "Menit", "value": 11.5, "unit": "menit", "imported_at": CLOSED}
    save(ObjectiveMeasure(**own, **kept_of_it))
    due = datetime(2032, 1, 1, 2, 0, tzinfo=UTC)
    assert kept(due) == {"measures"}
    assert late(due) == set()
    assert late(due + DAY) == {"measures"}
    forget_measures(due)
    assert kept(due) == set()


def test_times_that_outlived_their_key_are_late(app: Flask) -> None:
    keep_something_of_a_closed_quarter()
    db.session.query(DeviceKey).delete()
    db.session.commit()
    assert "times" in kept(CLOSED)
    assert "times" in late(CLOSED + 11 * DAY)


def test_the_officers_page_says_it_and_names_nobody(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_something_of_a_closed_quarter()
    erase_old_comments(TWO_YEARS_ON)
    set_clock(monkeypatch, CLOSED + 2 * DAY)
    sign_in(client, make_account("data_protection_officer"))
    page = client.get("/data-protection").text
    assert "Sesuai jadwal" in page
    assert "Terlambat" not in page
    assert "Terima kasih" not in page
    assert "Sari" not in page
    set_clock(monkeypatch, CLOSED + 12 * DAY)
    page = client.get("/data-protection").text
    assert "Ada data yang belum dihapus pada waktunya" in page


def test_what_the_agency_decides_on_is_never_called_late(app: Flask) -> None:
    decided = {kind for kind, one in KINDS.items() if "diputuskan instansi" in str(one.until)}
    assert set(DECIDED) == decided


def test_it_is_the_officers_page_alone(client: FlaskClient) -> None:
    sign_in(client, make_account("administrator"))
    assert client.get("/data-protection").status_code == 403
