"""When the counters are open, as the engine weighs what was rated out of hours."""

from datetime import date, datetime, time

import numpy as np
from flask import Flask

from portal import scoring
from portal.people.models import Holiday
from portal.ratings.hours import GRACE
from portal.records.evidence import Moment
from portal.records.reading import Hours, hours_of
from tests.conftest import NOW
from tests.factories import make_agency, save


def test_pages_give_clocks_as_much_grace_as_the_engine() -> None:
    assert scoring.Policy().hours_slack == GRACE


def closed(hours: Hours, *clocks: str) -> list[bool]:
    """Whether the counters were closed at these hours of Monday, 23 November 2026, in WIB."""
    moments = [
        int(datetime.fromisoformat(f"2026-11-23T{clock}:00+07:00").timestamp()) for clock in clocks
    ]
    return hours.closed_at(np.array(moments, dtype=np.int64), 0).tolist()


def test_a_day_with_hours_of_its_own_is_open_for_these_and_keeps_its_word_when_frozen(
    app: Flask,
) -> None:
    agency = make_agency()
    moment = Moment(agency.id, "2026-Q4", 1, NOW)
    usual = hours_of(agency.id, moment)
    assert closed(usual, "09:00", "13:00", "17:00") == [False, False, True]
    assert "special" not in usual.to_dict()  # what was frozen before reads the same
    early = {"name": "Rapat", "opens_at": time(8), "closes_at": time(11, 30)}
    save(Holiday(agency_id=agency.id, day=date(2026, 11, 23), **early))
    found = hours_of(agency.id, moment)
    assert closed(found, "07:00", "09:00", "13:00") == [True, False, True]
    again = Hours.from_dict(found.to_dict())
    assert closed(again, "07:00", "09:00", "13:00") == [True, False, True]
    agency.trial = True
    assert closed(hours_of(agency.id, moment), "02:00", "13:00") == [False, False]
