"""Leave ends the duties of its time; a real check-in holds; half days leave the other half."""

from datetime import time, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.counters.check_in_actions import check_in, check_out_due
from portal.counters.duty import rebuild_duty
from portal.counters.duty_queries import counter_days, day_of
from portal.counters.duty_rules import LeaveKnown, OwnDuty
from portal.counters.leave import NOON, Away
from portal.counters.leave_actions import DutiesConcerned, add_leave
from portal.counters.models import Duty, DutyEvent, Leave
from portal.counters.queries import duties_at
from portal.db import db
from portal.imports.actions import import_file
from portal.people.models import AuditEvent, Holiday
from tests.conftest import NOW
from tests.counters.staff import act_as, send
from tests.counters.test_roster import (
    MONDAY,
    NEXT_MONDAY,
    NEXT_WEEK,
    TUESDAY,
    at,
    cast,
    duties,
    place,
    planned,
)
from tests.factories import make_account, make_duty, save

__all__ = ["cast"]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
A_DAY = timedelta(days=1)


@pytest.fixture
def keeper(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return act_as(client, cast.coordinator)


def leave(cast: SimpleNamespace, away: Away, *lost: Duty, now=NOW) -> int:
    agreed = [duty.id for duty in lost]
    return add_leave(cast.coordinator, cast.sari.id, away, now, agreed=agreed)


def times() -> list[tuple[str, str]]:
    """From when until when the duties are, day and clock of the wall."""
    zone = db.session.scalars(select(Duty)).first() and at(MONDAY, "00:00").tzinfo
    return [
        (f"{one.starts_at.astimezone(zone):%d %H.%M}", f"{one.ends_at.astimezone(zone):%d %H.%M}")
        for one in duties()
        if one.ends_at
    ]


def history(duty_id: int) -> list[DutyEvent]:
    found = db.session.scalars(select(DutyEvent).where(DutyEvent.duty_id == duty_id))
    return sorted(found, key=lambda event: event.at)


def present(cast: SimpleNamespace, moment) -> set[int]:
    rows = duties_at(cast.office.agency_id, cast.three.id, moment, timedelta())
    return {row.employee_id for row in rows if row.ends_at is None or row.ends_at > moment}


def test_noting_leave_names_the_duties_first_and_ends_them_with_the_reason_once_agreed(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    duty = planned(cast)
    path = f"/roster/leaves?office={cast.office.id}"
    fields = {"employee": cast.sari.id, "starts_on": TUESDAY, "ends_on": TUESDAY, "part": "day"}
    page = " ".join(send(keeper, path, **fields).text.split())
    assert "Belum dicatat" in page
    assert "Selasa 24 November 2026, Loket 3" in page
    assert "dilepas" in page
    assert f'name="agreed" type="hidden" value="{duty.id}"' in page
    assert db.session.scalars(select(Leave)).all() == []
    answer = send(keeper, path, **fields, agreed=duty.id)
    assert answer.status_code == 302
    assert duties() == []
    last = history(duty.id)[-1]
    assert (last.kind, last.reason, last.account_id) == ("cancelled", "cuti", cast.coordinator.id)
    act = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "add_leave")).one()
    assert act.detail == {"duties": 1}


def test_a_duty_that_came_meanwhile_is_asked_for_again(cast: SimpleNamespace) -> None:
    first = planned(cast)
    second = planned(cast, hours="13:00-16:00")
    with pytest.raises(DutiesConcerned):
        leave(cast, Away(TUESDAY, TUESDAY), first)
    db.session.rollback()
    assert [duty.id for duty in duties()] == [first.id, second.id]


def test_half_a_day_leaves_the_other_half_and_a_long_duty_goes_on_after_the_leave(
    cast: SimpleNamespace,
) -> None:
    day = planned(cast, hours="08:00-16:00")
    leave(cast, Away(TUESDAY, TUESDAY, NOON), day)
    assert times() == [("24 08.00", "24 12.00")]
    leave(cast, Away(TUESDAY, TUESDAY, None, time(9)), day)  # the halves of a day are two leaves
    assert times() == [("24 09.00", "24 12.00")]
    with pytest.raises(LeaveKnown):
        leave(cast, Away(TUESDAY, TUESDAY))
    db.session.rollback()
    week = planned(cast, MONDAY + 7 * A_DAY, "08:00-16:00", counter=cast.four)
    week.ends_at = at(NEXT_MONDAY + 4 * A_DAY, "16:00")
    db.session.commit()
    leave(cast, Away(NEXT_MONDAY + A_DAY, NEXT_MONDAY + 2 * A_DAY), week)
    assert times()[1:] == [("30 08.00", "01 00.00"), ("03 00.00", "04 16.00")]
    for duty in duties():
        state = rebuild_duty(history(duty.id))
        assert (state.starts_at, state.ends_at) == (duty.starts_at, duty.ends_at)
        assert state.confirmed == duty.confirmed is True


def test_a_check_in_of_that_day_holds_and_the_contradiction_is_said(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    duty = planned(cast, MONDAY, "08:00-16:00")
    phone = make_account("employee", cast.office, cast.sari)
    check_in(phone, cast.three.id, NOW - HOUR)
    leave(cast, Away(MONDAY, MONDAY), duty)  # of today only what is to come ends
    assert present(cast, NOW - HOUR / 2) == {cast.sari.id}
    assert present(cast, NOW + HOUR) == set()
    page = keeper.get(f"/roster/leaves?office={cast.office.id}").text
    assert "Tercatat bertugas padahal cuti: Senin 23 November 2026, Loket 3" in page
    assert f'href="/duties/{duty.id}"' in page
    assert "Tercatat cuti: 23 November 2026" in keeper.get(f"/duties/{duty.id}").text


def test_who_did_not_come_on_a_past_day_of_leave_is_named_no_more(cast: SimpleNamespace) -> None:
    duty = planned(cast, MONDAY, "08:00-16:00")
    assert present(cast, NOW - HOUR) == {cast.sari.id}
    leave(cast, Away(MONDAY, MONDAY), duty)
    assert duties() == []
    assert [event.kind for event in history(duty.id)][-1] == "cancelled"


def test_nobody_takes_their_own_past_duty_away_by_leave(cast: SimpleNamespace) -> None:
    duty = planned(cast, MONDAY, "08:00-16:00")
    boss = make_account("coordinator", cast.office, cast.sari)
    with pytest.raises(OwnDuty):
        add_leave(boss, cast.sari.id, Away(MONDAY, MONDAY), NOW, agreed=[duty.id])
    db.session.rollback()
    assert [one.id for one in duties()] == [duty.id]


def test_a_leave_from_before_covers_no_duty_that_was_left_standing(
    cast: SimpleNamespace,
) -> None:
    """As older versions noted it, and as an unconfirmed clock may: the leave holds at once."""
    make_duty(cast.sari, cast.three)
    own = {"agency_id": cast.office.agency_id, "employee_id": cast.sari.id}
    save(Leave(**own, starts_on=MONDAY, ends_on=MONDAY, from_time=NOON))
    noon = at(MONDAY, "12:00")
    assert present(cast, noon - MINUTE) == {cast.sari.id}
    assert present(cast, noon + MINUTE) == set()
    assert present(cast, at(TUESDAY, "00:00")) == {cast.sari.id}
    (row,) = duties_at(cast.office.agency_id, cast.three.id, noon + MINUTE, HOUR)
    assert row.ends_at == noon  # just left, for whoever was served by her


def test_half_days_shorten_what_is_copied_and_what_is_placed(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    for number in range(2):
        planned(cast, MONDAY + number * A_DAY, "08:00-16:00")
    leave(cast, Away(NEXT_MONDAY, NEXT_MONDAY, None, NOON))
    early = {"name": "Rapat", "opens_at": time(8), "closes_at": time(11, 30)}
    for day in (NEXT_MONDAY + A_DAY, NEXT_MONDAY + 2 * A_DAY):
        save(Holiday(agency_id=cast.office.agency_id, day=day, **early))
    path = f"/roster/copy?office={cast.office.id}&{NEXT_WEEK}"
    page = keeper.get(send(keeper, path).location).text
    assert "Dipendekkan karena cuti atau buka setengah hari: Sari Wulandari" in page
    assert "Rapat: buka 08.00–11.30" in " ".join(page.split())
    assert "mulai pukul 12.00" not in page
    assert "sampai pukul 12.00" in page
    assert times()[2:] == [("30 12.00", "30 16.00"), ("01 08.00", "01 11.30")]
    place(keeper, cast, f"{cast.three.id}:{NEXT_MONDAY + 2 * A_DAY}")
    answer = place(keeper, cast, f"{cast.four.id}:{NEXT_MONDAY}")
    assert "hari itu: 12.00–16.00" in keeper.get(answer.location).text
    assert ("02 08.00", "02 11.30") in times()


def test_on_a_day_that_closes_early_everybody_is_checked_out_then(
    app: Flask, cast: SimpleNamespace
) -> None:
    early = {"name": "Rapat", "opens_at": time(8), "closes_at": time(11, 30)}
    save(Holiday(agency_id=cast.office.agency_id, day=MONDAY, **early))
    planned(cast, MONDAY, "08:00-16:00")
    for counter, person in ((cast.three, cast.sari), (cast.four, cast.budi)):
        check_in(make_account("employee", cast.office, person), counter.id, NOW)
    assert check_out_due(NOW + HOUR) == 0
    assert check_out_due(NOW + 2 * HOUR) == 2
    assert check_out_due(NOW + 3 * HOUR) == 0
    assert {one.ends_at for one in duties()} == {at(MONDAY, "11:30")}


def test_on_a_day_closed_after_the_roster_was_made_only_who_came_is_on_duty(
    cast: SimpleNamespace,
) -> None:
    for person in (cast.sari, cast.budi):
        planned(cast, MONDAY, "08:00-16:00", employee=person)
    early = {"name": "Rapat", "opens_at": time(9), "closes_at": time(11, 30)}
    holiday = save(Holiday(agency_id=cast.office.agency_id, day=MONDAY, **early))
    both, noon = {cast.sari.id, cast.budi.id}, at(MONDAY, "12:00")
    assert present(cast, at(MONDAY, "08:30")) == present(cast, noon) == set()
    assert present(cast, at(MONDAY, "09:30")) == both
    rows = duties_at(cast.office.agency_id, cast.three.id, noon, HOUR)
    assert {row.ends_at for row in rows} == {at(MONDAY, "11:30")}
    holiday.opens_at = holiday.closes_at = None  # closed all day
    db.session.commit()
    assert present(cast, noon) == set()
    agency = cast.coordinator.agency
    assert counter_days(agency, cast.office.id, day_of(agency, MONDAY))[0].overlaps == []
    check_in(make_account("employee", cast.office, cast.sari), cast.three.id, NOW)
    assert present(cast, noon) == {cast.sari.id}


def test_a_file_places_nobody_who_is_away(cast: SimpleNamespace, tmp_path) -> None:
    leave(cast, Away(TUESDAY, TUESDAY, None, NOON))
    line = ",Sari Wulandari,dukcapil,Loket 3,2026-11-24,{},yes\n"
    head = "nip,name,office,counter,date,starts,ends,confirmed\n"
    path = tmp_path / "duties.csv"
    path.write_text(head + line.format("08:00,16:00") + line.format("12:00,16:00"))
    report = import_file("duties", path, "kota", dry_run=True, now=NOW)
    assert [(one.line, one.column) for one in report.problems] == [(2, "date")]
    assert "on leave" in str(report.problems[0])
