"""A flood of ratings is told to who watches within minutes, in steps, and slows nobody."""

import uuid
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from portal.counters.models import Counter
from portal.db import db
from portal.ratings.models import Rating
from portal.records.flood_actions import note_floods
from tests.conftest import NOW
from tests.factories import make_account, make_counter, make_office, make_rating
from tests.records.cast import DAY, enter, release

MINUTE = timedelta(minutes=1)
TITLE = "Penilaian membanjir di"


def pour(counter: Counter, number: int, **values: Any) -> None:
    """So many ratings at a counter, a minute ago or when it is said."""
    first = make_rating(counter, **{"rated_at": NOW - MINUTE} | values)
    row = {column.name: getattr(first, column.name) for column in Rating.__table__.columns}
    new = [row | {"id": uuid.uuid4()} for _at in range(number - 1)]
    db.session.execute(insert(Rating), new)
    db.session.commit()


def test_a_flood_is_told_before_the_next_release_by_steps_and_to_its_own_office(
    app: Flask, client: FlaskClient
) -> None:
    counter = make_counter()
    pour(counter, 59)
    assert note_floods(NOW) == 0
    pour(counter, 15)
    assert note_floods(NOW) == 1
    assert note_floods(NOW + MINUTE) == 1  # the same flood is noted once
    enter(client, make_account("coordinator", make_office()))
    for path in ("/controls", "/today"):
        page = client.get(path).text
        assert page.count(f"{TITLE} {counter.label}") == 1
        assert "ebih dari 60 dalam satu jam" in page
    assert "Tidak satu penilaian pun ditolak atau diperlambat" in client.get("/controls").text
    enter(client, make_account("coordinator", make_office(code="kecamatan")))
    assert TITLE not in client.get("/controls").text
    assert TITLE not in client.get("/today").text
    release(counter)  # tells by its controls what it was
    assert note_floods(NOW + DAY) == 0


def test_a_busy_counter_and_what_signed_in_devices_gathered_are_no_flood(app: Flask) -> None:
    busy, kiosk = make_counter(), make_counter(label="Loket 4")
    pour(kiosk, 70, channel="kiosk")
    pour(busy, 60)
    pour(busy, 1000, rated_at=NOW - DAY)  # some 12 an hour, of which 60 are five times as many
    assert note_floods(NOW) == 0
