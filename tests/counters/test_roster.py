"""The week as a grid: placing, moving, copying, leave and named shifts, all as plain forms."""

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.counters import roster_actions
from portal.counters.check_in_actions import check_in
from portal.counters.duty import rebuild_duty
from portal.counters.models import Duty, DutyEvent, Leave, ShiftPattern
from portal.db import db
from portal.people.actions import MOST_TRIES
from portal.people.models import AuditEvent, Employment, Holiday, OutboxMessage
from tests.conftest import NOW
from tests.counters.staff import act_as, send, statements
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    save,
)

MONDAY = date(2026, 11, 23)  # the day of NOW, 10.00 WIB
TUESDAY, NEXT_MONDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=7)
NEXT_WEEK = "day=2026-12-01"


@pytest.fixture
def cast(app: Flask) -> SimpleNamespace:
    office = make_office()
    return SimpleNamespace(
        office=office,
        sari=make_employee(office),
        budi=make_employee(office, "Budi Santoso"),
        three=make_counter(office),
        four=make_counter(office, "Loket 4"),
        coordinator=make_account("coordinator", office),
    )


@pytest.fixture
def keeper(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return act_as(client, cast.coordinator)


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), make_agency().zone)


def duties() -> list[Duty]:
    db.session.expire_all()
    return list(db.session.scalars(select(Duty).where(~Duty.cancelled).order_by(Duty.starts_at)))


def place(keeper: FlaskClient, cast: SimpleNamespace, cell: str, **fields: object):
    sent = {"employee": cast.sari.id, "pattern": 0, "cell": cell} | fields
    return send(keeper, f"/roster?office={cast.office.id}", **sent)


def planned(cast: SimpleNamespace, day: date = TUESDAY, hours: str = "08:00-12:00", **more) -> Duty:
    """A duty as the roster writes it, with its events."""
    start, end = hours.split("-")
    duty_id = roster_actions.put_at_counter(
        cast.coordinator,
        counter=more.get("counter", cast.three),
        employee_id=more.get("employee", cast.sari).id,
        starts_at=at(day, start),
        ends_at=at(day, end),
        now=more.get("now", NOW - timedelta(days=30)),
    )
    db.session.commit()
    return db.session.get_one(Duty, (cast.office.agency_id, duty_id))


def test_one_press_in_a_cell_places_the_chosen_person_for_the_chosen_hours(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    answer = place(keeper, cast, f"{cast.three.id}:{TUESDAY}")
    assert answer.status_code == 302
    assert f"employee={cast.sari.id}" in answer.location  # chosen for the next cell
    assert answer.location.endswith(f"#cell-{cast.three.id}-{TUESDAY}")
    (duty,) = duties()
    assert (duty.starts_at, duty.ends_at) == (at(TUESDAY, "08:00"), at(TUESDAY, "16:00"))
    assert duty.confirmed
    page = keeper.get(answer.location).text
    assert f'href="/roster/{duty.id}"' in page
    assert "08.00–16.00" in page


def test_named_shifts_of_office_and_agency_are_offered_until_they_are_closed(
    keeper: FlaskClient, client: FlaskClient, cast: SimpleNamespace
) -> None:
    path = f"/roster/patterns?office={cast.office.id}"
    fields = {"name": "Pagi", "starts": "07:30", "ends": "11:30", "reach": "office"}
    assert "sesudah jam mulai" in send(keeper, path, **fields | {"ends": "07:00"}).text
    assert "Pilih salah satu" in send(keeper, path, **fields | {"reach": "agency"}).text
    send(keeper, path, **fields)
    pagi = db.session.scalars(select(ShiftPattern)).one()
    place(keeper, cast, f"{cast.three.id}:{TUESDAY}", pattern=pagi.id)
    (duty,) = duties()
    assert (duty.starts_at, duty.ends_at) == (at(TUESDAY, "07:30"), at(TUESDAY, "11:30"))
    act_as(client, make_account("administrator", agency=make_agency()))
    send(client, path, **fields | {"name": "Setengah hari", "reach": "agency"})
    assert "Setengah hari" in client.get(f"/roster?office={make_office(code='lain').id}").text
    act_as(client, cast.coordinator)
    whole = db.session.scalars(select(ShiftPattern).where(ShiftPattern.office_id.is_(None))).one()
    close = "/roster/patterns/{}/close?office={}"
    assert send(keeper, close.format(whole.id, cast.office.id)).status_code == 404
    send(keeper, close.format(pagi.id, cast.office.id))
    assert "Pagi 07.30" not in keeper.get(f"/roster?office={cast.office.id}").text


def test_a_duty_until_midnight_is_planned_moved_and_named_on_screen(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    midnight = at(TUESDAY + timedelta(days=1), "00:00")
    fields = {"name": "Malam", "starts": "16:00", "ends": "00:00", "reach": "office"}
    send(keeper, f"/roster/patterns?office={cast.office.id}", **fields)
    malam = db.session.scalars(select(ShiftPattern)).one()
    page = place(keeper, cast, f"{cast.three.id}:{TUESDAY}", pattern=malam.id)
    (duty,) = duties()
    assert (duty.starts_at, duty.ends_at) == (at(TUESDAY, "16:00"), midnight)
    assert "16.00–24.00" in keeper.get(page.location).text
    path = f"/roster/{duty.id}"
    assert 'value="00:00"' in keeper.get(path).text
    moved = {"employee": cast.sari.id, "counter": cast.four.id, "day": TUESDAY}
    send(keeper, path, **moved, starts="18:00", ends="00:00")
    (duty,) = duties()
    assert (duty.counter_id, duty.starts_at, duty.ends_at) == (
        cast.four.id,
        at(TUESDAY, "18:00"),
        midnight,
    )
    refused = send(keeper, path, **moved, starts="18:00", ends="17:00").text
    assert "sesudah jam mulai" in refused
    form = f"/duties/new?office={cast.office.id}"
    send(keeper, form, **moved | {"counter": cast.three.id}, starts="16:00", ends="00:00")
    assert sorted(one.ends_at for one in duties()) == [midnight, midnight]


def test_a_shift_in_two_parts_is_placed_whole_or_not_at_all(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    away = {"from_time": time(10), "to_time": time(12)}
    whose = {"agency_id": cast.office.agency_id, "employee_id": cast.sari.id}
    save(Leave(**whose, starts_on=TUESDAY, ends_on=TUESDAY, **away))
    planned(cast, hours="13:00-14:00")
    answer = place(keeper, cast, f"{cast.three.id}:{TUESDAY}")
    assert "sudah bertugas di loket itu" in keeper.get(answer.location).text
    assert [one.starts_at for one in duties()] == [at(TUESDAY, "13:00")]


def test_whoever_loses_a_duty_by_somebody_elses_deed_is_told_by_one_mail_that_says_nothing_of_it(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    phone = make_account("employee", cast.office, cast.sari)
    first = planned(cast)
    second = planned(cast, hours="13:00-14:00")
    third = planned(cast, TUESDAY + timedelta(days=1))
    fourth = planned(cast, TUESDAY + timedelta(days=2))
    send(keeper, f"/roster/{first.id}/remove")
    send(keeper, f"/duties/{second.id}/cancel", reason="Loket tidak dibuka")
    (mail,) = db.session.scalars(select(OutboxMessage)).all()
    assert (mail.recipient, mail.subject) == (phone.email, "Jadwal tugas Anda berubah")
    assert "/my-roster" in mail.body
    assert "Loket 3" not in mail.body
    mail.sent_at = NOW
    db.session.commit()
    moved = {"employee": cast.budi.id, "counter": cast.three.id}
    day = TUESDAY + timedelta(days=1)
    send(keeper, f"/roster/{third.id}", **moved, day=day, starts="08:00", ends="12:00")
    told = db.session.scalars(select(OutboxMessage)).all()
    assert len(told) == 2
    for one in told:
        one.tries = MOST_TRIES  # given up: no mail that still tells of later changes
    db.session.commit()
    send(keeper, f"/roster/{fourth.id}/remove")
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 3
    own = make_account("coordinator", cast.office, cast.budi)
    act_as(keeper, own)
    send(keeper, f"/roster/{third.id}/remove")
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 3


def test_a_shift_that_has_begun_asks_for_its_reason_on_the_form(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    answer = place(keeper, cast, f"{cast.three.id}:{MONDAY}")
    assert answer.location.startswith("/duties/new?")
    page = keeper.get(answer.location).text
    assert "Isi alasannya di sini" in page
    assert 'value="08:00"' in page
    assert f'<option selected value="{cast.sari.id}">' in page
    assert duties() == []


def test_a_cell_is_refused_in_words_and_the_choice_is_kept(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    cell = f"{cast.three.id}:{TUESDAY}"
    answer = place(keeper, cast, cell, employee="")
    assert "Pilih dahulu pegawai" in keeper.get(answer.location).text
    place(keeper, cast, cell)
    answer = place(keeper, cast, cell)
    page = keeper.get(answer.location).text
    assert "Selasa 24 November 2026: Pegawai ini sudah bertugas di loket itu" in page
    assert f'<option value="{cast.sari.id}" selected>' in page
    for strange in ("", "x:y", f"{cast.three.id}:besok", f"1:{TUESDAY}"):
        assert place(keeper, cast, strange).status_code == 404
    assert len(duties()) == 1


def test_a_duty_is_moved_by_form_and_by_dropping_and_keeps_its_history(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    duty = planned(cast)
    page = keeper.get(f"/roster/{duty.id}").text
    assert "Ubah jadwal Sari Wulandari" in page
    fields = {"counter": cast.four.id, "employee": cast.budi.id, "day": "2026-11-25"}
    send(keeper, f"/roster/{duty.id}", **fields, starts="09:00", ends="11:00")
    wednesday = date(2026, 11, 25)
    (moved,) = duties()
    assert (moved.counter_id, moved.employee_id) == (cast.four.id, cast.budi.id)
    assert moved.starts_at == at(wednesday, "09:00")
    drop = f"/roster/move?office={cast.office.id}"
    send(keeper, drop, duty=duty.id, cell=f"{cast.three.id}:2026-11-27")
    (moved,) = duties()
    assert (moved.counter_id, moved.starts_at) == (cast.three.id, at(date(2026, 11, 27), "09:00"))
    history = db.session.scalars(select(DutyEvent).where(DutyEvent.duty_id == duty.id)).all()
    assert [event.kind for event in sorted(history, key=lambda event: event.at)] == [
        "planned",
        "confirmed",
    ] * 3
    state = rebuild_duty(history)
    assert (state.counter_id, state.starts_at, state.confirmed) == (
        moved.counter_id,
        moved.starts_at,
        True,
    )


def test_what_was_planned_before_a_move_confirms_nobody(cast: SimpleNamespace, app: Flask) -> None:
    duty = planned(cast)
    roster_actions.move_duty(
        cast.coordinator,
        duty.id,
        counter_id=cast.four.id,
        employee_id=cast.sari.id,
        starts_at=at(TUESDAY, "08:00"),
        ends_at=at(TUESDAY, "12:00"),
        now=NOW,
    )
    phone = make_account("employee", cast.office, cast.sari)
    assert not check_in(phone, cast.three.id, at(TUESDAY, "09:00")).confirmed


def test_moving_a_duty_that_nobody_vouched_for_does_not_confirm_it(
    cast: SimpleNamespace, app: Flask
) -> None:
    hours = at(TUESDAY, "08:00"), at(TUESDAY, "12:00")
    duty = make_duty(cast.sari, cast.three, *hours, confirmed=False)
    roster_actions.move_duty(
        cast.coordinator,
        duty.id,
        counter_id=cast.four.id,
        employee_id=cast.sari.id,
        starts_at=hours[0],
        ends_at=hours[1],
        now=NOW,
    )
    (moved,) = duties()
    assert not moved.confirmed
    history = db.session.scalars(select(DutyEvent).where(DutyEvent.duty_id == duty.id)).all()
    assert not rebuild_duty(history).confirmed


def test_what_has_begun_is_corrected_and_not_moved(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    duty = planned(cast, MONDAY, "08:00-12:00")
    assert keeper.get(f"/roster/{duty.id}").location == f"/duties/{duty.id}"
    drop = f"/roster/move?office={cast.office.id}"
    answer = send(keeper, drop, duty=duty.id, cell=f"{cast.four.id}:{TUESDAY}")
    assert "sudah berjalan" in keeper.get(answer.location).text
    answer = send(keeper, f"/roster/{duty.id}/remove")
    assert answer.location == f"/duties/{duty.id}"
    (same,) = duties()
    assert (same.counter_id, same.starts_at) == (cast.three.id, at(MONDAY, "08:00"))


def test_a_duty_that_has_not_begun_is_taken_off_with_one_press(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    duty = planned(cast)
    answer = send(keeper, f"/roster/{duty.id}/remove")
    assert "Sari Wulandari dihapus dari jadwal" in keeper.get(answer.location).text
    assert duties() == []
    assert keeper.get(f"/roster/{duty.id}").status_code == 404


def test_last_week_is_copied_without_holidays_leave_and_people_who_left(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    rina = make_employee(cast.office, "Rina Kartika")
    for number in range(5):
        planned(cast, MONDAY + timedelta(days=number))
    planned(cast, TUESDAY, employee=cast.budi, counter=cast.four)
    planned(cast, TUESDAY, employee=rina, counter=cast.four)
    make_duty(cast.budi, cast.three)  # since long ago, without end: no pattern of a week
    wati = make_employee(cast.office, "Wati Lestari")  # nor is one that began the week before
    make_duty(wati, cast.four, at(MONDAY - timedelta(days=1), "20:00"), at(TUESDAY, "08:00"))
    save(Holiday(agency_id=cast.office.agency_id, day=NEXT_MONDAY, name="Hari Uji"))
    save(
        Leave(
            agency_id=cast.office.agency_id,
            employee_id=cast.budi.id,
            starts_on=NEXT_MONDAY,
            ends_on=NEXT_MONDAY + timedelta(days=4),
        )
    )
    place_of = db.session.scalars(select(Employment).where(Employment.employee_id == rina.id)).one()
    place_of.ends_on = MONDAY + timedelta(days=6)
    db.session.commit()
    path = f"/roster/copy?office={cast.office.id}&{NEXT_WEEK}"
    page = keeper.get(send(keeper, path).location).text
    assert "4 penugasan disalin" in page
    assert "1 dilewati karena hari libur" in page
    assert "Dilewati karena cuti: Budi Santoso" in page
    assert "tidak lagi bekerja di sini: Rina Kartika" in page
    copied = [duty for duty in duties() if duty.starts_at >= at(NEXT_MONDAY, "00:00")]
    assert [duty.starts_at for duty in copied] == [
        at(NEXT_MONDAY + timedelta(days=number), "08:00") for number in range(1, 5)
    ]
    assert "Tidak ada yang perlu disalin" in keeper.get(send(keeper, path).location).text
    assert db.session.scalars(
        select(AuditEvent.action).where(AuditEvent.action == "copy_week")
    ).all() == ["copy_week"]


def test_a_week_that_is_partly_over_is_copied_from_now_on(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    for number in range(5):
        planned(cast, MONDAY + timedelta(days=number - 7))
    send(keeper, f"/roster/copy?office={cast.office.id}")
    copied = [duty.starts_at for duty in duties() if duty.starts_at >= at(MONDAY, "00:00")]
    assert len(copied) == 4
    assert min(copied) > NOW


def test_who_is_away_is_not_placed(keeper: FlaskClient, cast: SimpleNamespace) -> None:
    path = f"/roster/leaves?office={cast.office.id}"
    assert "Tidak ada yang cuti" in keeper.get(path).text
    fields = {"employee": cast.sari.id, "starts_on": "2026-11-24", "ends_on": "2026-11-26"}
    fields["part"] = "day"
    assert "sebelum hari pertama" in send(keeper, path, **fields | {"ends_on": "2026-11-23"}).text
    half = send(keeper, path, **fields | {"part": "morning"})
    assert (half.status_code, "hanya untuk satu hari" in half.text) == (422, True)
    send(keeper, path, **fields)
    assert "sudah tercatat sebagai cuti" in send(keeper, path, **fields).text
    grid = keeper.get(f"/roster?office={cast.office.id}").text
    assert "Cuti: Sari Wulandari" in grid
    answer = place(keeper, cast, f"{cast.four.id}:2026-11-26")
    assert "Kamis 26 November 2026: Pegawai ini sedang cuti" in keeper.get(answer.location).text
    place(keeper, cast, f"{cast.four.id}:2026-11-27")
    assert len(duties()) == 1
    leave = db.session.scalars(select(Leave)).one()
    send(keeper, f"/roster/leaves/{leave.id}/cancel?office={cast.office.id}")
    place(keeper, cast, f"{cast.four.id}:2026-11-26")
    assert len(duties()) == 2


def test_one_at_two_counters_and_two_at_one_counter_are_allowed_and_said(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    planned(cast)
    planned(cast, counter=cast.four)
    planned(cast, employee=cast.budi)
    page = keeper.get(f"/roster?office={cast.office.id}").text
    words = "Selasa, Loket 3: Sari Wulandari juga di Loket 4; bersama Budi Santoso"
    assert words in " ".join(page.split())


def test_a_holiday_is_named_and_offers_no_button(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    save(Holiday(agency_id=cast.office.agency_id, day=TUESDAY, name="Hari Uji"))
    page = keeper.get(f"/roster?office={cast.office.id}").text
    assert "Libur: Hari Uji" in page
    assert f'value="{cast.three.id}:{TUESDAY}"' not in page
    assert f'value="{cast.three.id}:2026-11-25"' in page
    assert f'value="{cast.three.id}:2026-11-28"' not in page  # a Saturday


def test_one_day_of_the_week_is_shown_alone_and_stays_chosen(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    planned(cast)
    path = f"/roster?office={cast.office.id}"
    assert f"alone={TUESDAY}" in keeper.get(path).text
    page = keeper.get(f"{path}&day={MONDAY}&alone={TUESDAY}").text
    assert f"cell-{cast.three.id}-{TUESDAY}" in page
    assert f"cell-{cast.three.id}-{MONDAY}" not in page
    cell = {"employee": cast.budi.id, "pattern": 0, "cell": f"{cast.four.id}:{TUESDAY}"}
    answer = send(keeper, f"{path}&alone={TUESDAY}", **cell)
    assert f"alone={TUESDAY}" in answer.location
    for strange in ("2026-13-01", "1999-01-01"):
        assert f"cell-{cast.three.id}-{MONDAY}" in keeper.get(f"{path}&alone={strange}").text


def test_the_roster_of_another_office_is_not_there(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    other = make_office(code="dpmptsp")
    counter = make_counter(other)
    duty = make_duty(make_employee(other, "Rina Kartika"), counter, at(TUESDAY, "08:00"))
    here = f"office={cast.office.id}"
    for path in (
        f"/roster?office={other.id}",
        f"/roster/patterns?office={other.id}",
        f"/roster/leaves?office={other.id}",
        f"/roster/{duty.id}",
    ):
        assert keeper.get(path).status_code == 404, path
    for path in (
        f"/roster/copy?office={other.id}",
        f"/roster/{duty.id}/remove",
        "/roster/leaves/1/cancel?" + here,
        "/roster/patterns/1/close?" + here,
    ):
        assert send(keeper, path).status_code == 404, path
    move = f"/roster/move?office={cast.office.id}"
    cell = f"{cast.three.id}:{TUESDAY}"
    assert send(keeper, move, duty=duty.id, cell=cell).status_code == 404
    assert place(keeper, cast, f"{counter.id}:{TUESDAY}").status_code == 404
    stranger = make_employee(other, "Wati Lestari")
    answer = place(keeper, cast, cell, employee=stranger.id)
    assert "tidak bertugas di unit kerja loket itu" in keeper.get(answer.location).text


def test_a_full_week_costs_no_more_statements(keeper: FlaskClient, cast: SimpleNamespace) -> None:
    path = f"/roster?office={cast.office.id}"
    keeper.get(path)
    with statements() as few:
        keeper.get(path)
    office = make_office()
    for number in range(20, 35):
        employee = make_employee(office, f"Pegawai {number}")
        counter = make_counter(office, f"Loket {number}")
        for day in range(5):
            start = at(MONDAY + timedelta(days=day), "08:00")
            make_duty(employee, counter, start, start + timedelta(hours=4))
    with statements() as many:
        assert "Loket 34" in keeper.get(path).text
    assert len(many) == len(few) <= 14
