"""Duty: every deed, what it leaves behind, and what it refuses."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.counters import duty_actions as duties
from portal.counters import duty_rules
from portal.counters.check_in_actions import check_in, check_out
from portal.counters.duty import rebuild_duty
from portal.counters.models import Counter, Duty, DutyEvent
from portal.counters.queries import duties_at
from portal.db import db
from portal.people.models import Account, AuditEvent, Employee, Employment
from tests.conftest import NOW
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_office,
    save,
)

HOUR = timedelta(hours=1)


class Cast:
    """Sari, her account, a coordinator, and two counters of one office."""

    def __init__(self) -> None:
        self.office = make_office()
        self.sari: Employee = make_employee(self.office)
        self.budi: Employee = make_employee(self.office, "Budi Santoso", title="Bapak")
        self.phone: Account = make_account("employee", self.office, self.sari)
        self.coordinator: Account = make_account("coordinator", self.office)
        self.three: Counter = make_counter(self.office)
        self.four: Counter = make_counter(self.office, "Loket 4")

    def plan(
        self,
        employee: Employee | None = None,
        counter: Counter | None = None,
        start: datetime = NOW + HOUR,
        end: datetime = NOW + 3 * HOUR,
        **more: object,
    ) -> int:
        return duties.plan_duty(
            self.coordinator,
            counter_id=(counter or self.three).id,
            employee_id=(employee or self.sari).id,
            starts_at=start,
            ends_at=end,
            now=more.pop("now", NOW),  # type: ignore[arg-type]
            **more,  # type: ignore[arg-type]
        )


@pytest.fixture
def cast(app: Flask) -> Cast:
    return Cast()


def the(duty_id: int) -> Duty:
    db.session.expire_all()
    return db.session.scalars(select(Duty).where(Duty.id == duty_id)).one()


def events_of(duty_id: int) -> list[DutyEvent]:
    return list(
        db.session.scalars(
            select(DutyEvent).where(DutyEvent.duty_id == duty_id).order_by(DutyEvent.at)
        )
    )


def kinds_of(duty_id: int) -> list[str]:
    return [event.kind for event in events_of(duty_id)]


def all_duties() -> list[Duty]:
    db.session.expire_all()
    return list(db.session.scalars(select(Duty).order_by(Duty.starts_at)))


def test_a_planned_duty_is_confirmed_by_the_coordinator_who_plans_it(cast: Cast) -> None:
    duty_id = cast.plan()
    assert the(duty_id).confirmed
    assert the(duty_id).source == "roster"
    assert kinds_of(duty_id) == ["planned", "confirmed"]
    assert db.session.scalars(select(AuditEvent.action)).all() == ["plan_duty"]


def test_a_draft_waits_for_confirmation(cast: Cast) -> None:
    duty_id = cast.plan(confirmed=False)
    assert not the(duty_id).confirmed
    duties.confirm_duty(cast.coordinator, duty_id, NOW)
    assert the(duty_id).confirmed
    with pytest.raises(duty_rules.AlreadyConfirmed):
        duties.confirm_duty(cast.coordinator, duty_id, NOW)
    assert kinds_of(duty_id) == ["planned", "confirmed"]


def test_a_duty_of_the_past_is_a_correction_and_needs_a_reason(cast: Cast) -> None:
    with pytest.raises(duty_rules.ReasonMissing):
        cast.plan(start=NOW - HOUR)
    duty_id = cast.plan(start=NOW - HOUR, reason="Jadwal terlambat dicatat")
    assert the(duty_id).source == "correction"
    assert the(duty_id).confirmed
    assert kinds_of(duty_id) == ["corrected"]


def test_one_person_has_one_duty_at_one_counter_at_a_time(cast: Cast) -> None:
    cast.plan()
    with pytest.raises(duty_rules.AlreadyOnDuty):
        cast.plan(start=NOW + 2 * HOUR, end=NOW + 4 * HOUR)
    cast.plan(start=NOW + 3 * HOUR, end=NOW + 4 * HOUR)
    cast.plan(counter=cast.four)
    cast.plan(employee=cast.budi)
    assert len(all_duties()) == 4


def test_only_staff_of_the_office_on_that_day_sit_at_its_counters(cast: Cast) -> None:
    stranger = make_employee(make_office(code="dpmptsp"), "Rina Kartika")
    with pytest.raises(duty_rules.NotEmployedThere):
        cast.plan(employee=stranger)
    place = db.session.scalars(
        select(Employment).where(Employment.employee_id == cast.budi.id)
    ).one()
    place.ends_on = date(2026, 11, 23)
    db.session.commit()
    cast.plan(employee=cast.budi)
    with pytest.raises(duty_rules.NotEmployedThere):
        cast.plan(employee=cast.budi, start=NOW + 24 * HOUR, end=NOW + 25 * HOUR)


def test_nobody_is_put_at_a_closed_counter(cast: Cast) -> None:
    closed = save(
        Counter(
            agency_id=cast.office.agency_id, office_id=cast.office.id, label="Lama", active=False
        )
    )
    with pytest.raises(duty_rules.CounterClosed):
        cast.plan(counter=closed)
    with pytest.raises(duty_rules.CounterClosed):
        check_in(cast.phone, closed.id, NOW)


def test_a_cancelled_duty_is_nobodys_duty_and_stays_so(cast: Cast) -> None:
    duty_id = cast.plan(start=NOW - HOUR, reason="Terlambat dicatat")
    duties.cancel_duty(cast.coordinator, duty_id, "Salah orang", NOW)
    assert the(duty_id).cancelled
    assert duties_at(cast.office.agency_id, cast.three.id, NOW, timedelta(0)) == []
    with pytest.raises(duty_rules.DutyClosed):
        duties.cancel_duty(cast.coordinator, duty_id, "Sekali lagi", NOW)
    with pytest.raises(duty_rules.DutyClosed):
        duties.confirm_duty(cast.coordinator, duty_id, NOW)


def test_cancelling_needs_a_reason(cast: Cast) -> None:
    with pytest.raises(duty_rules.ReasonMissing):
        duties.cancel_duty(cast.coordinator, cast.plan(), "", NOW)


def test_a_correction_names_another_person_and_keeps_what_was_said_before(cast: Cast) -> None:
    duty_id = cast.plan(start=NOW - HOUR, reason="Terlambat dicatat")
    duties.correct_duty(
        cast.coordinator,
        duty_id,
        employee_id=cast.budi.id,
        starts_at=NOW - HOUR,
        ends_at=NOW,
        reason="Budi menggantikan Sari",
        now=NOW,
    )
    assert the(duty_id).employee_id == cast.budi.id
    assert the(duty_id).ends_at == NOW
    before, after = events_of(duty_id)
    assert (before.employee_id, after.employee_id) == (cast.sari.id, cast.budi.id)
    assert after.reason == "Budi menggantikan Sari"
    assert after.at > before.at  # both were done at NOW, and still have an order


def test_a_correction_confirms_a_provisional_duty(cast: Cast) -> None:
    duty_id = check_in(cast.phone, cast.three.id, NOW - HOUR).duty_id
    duties.correct_duty(
        cast.coordinator,
        duty_id,
        employee_id=cast.sari.id,
        starts_at=NOW - 2 * HOUR,
        ends_at=NOW,
        reason="Lupa memulai",
        now=NOW,
    )
    assert the(duty_id).confirmed
    assert the(duty_id).source == "check_in"


def test_nobody_decides_on_their_own_duty_that_has_begun(cast: Cast) -> None:
    both = make_account("coordinator", cast.office, cast.budi)
    duty_id = cast.plan(employee=cast.budi, start=NOW - HOUR, reason="Terlambat dicatat")
    with pytest.raises(duty_rules.OwnDuty):
        duties.cancel_duty(both, duty_id, "Bukan saya", NOW)
    with pytest.raises(duty_rules.OwnDuty):
        duties.correct_duty(
            both,
            duty_id,
            employee_id=cast.sari.id,
            starts_at=NOW - HOUR,
            ends_at=NOW,
            reason="Bukan saya",
            now=NOW,
        )
    provisional = check_in(both, cast.four.id, NOW).duty_id
    with pytest.raises(duty_rules.OwnDuty):
        duties.confirm_duty(both, provisional, NOW)


def test_another_agencys_duty_cannot_be_touched(cast: Cast) -> None:
    outsider = make_account("coordinator", agency=make_agency("kabupaten"))
    duty_id = cast.plan()
    with pytest.raises(duty_rules.DutyChanged):
        duties.cancel_duty(outsider, duty_id, "Iseng", NOW)


def test_duties_at_takes_in_what_ended_shortly_before(cast: Cast) -> None:
    quarter = timedelta(minutes=15)
    first = check_in(cast.phone, cast.three.id, NOW - HOUR).duty_id
    check_out(cast.phone, first, NOW)
    agency_id, counter_id = cast.office.agency_id, cast.three.id
    assert [row.id for row in duties_at(agency_id, counter_id, NOW + quarter, quarter)] == [first]
    later = NOW + quarter + timedelta(seconds=1)
    assert duties_at(agency_id, counter_id, later, quarter) == []
    assert duties_at(agency_id, counter_id, NOW - 2 * HOUR, quarter) == []


def test_the_events_of_every_duty_add_up_to_the_stored_duty(cast: Cast) -> None:
    """A whole day of every deed in turn; the property test does the same with chance."""
    planned = cast.plan(start=NOW, end=NOW + 4 * HOUR, now=NOW - HOUR)
    check_in(cast.phone, cast.three.id, NOW)
    check_out(cast.phone, planned, NOW + HOUR)
    check_in(cast.phone, cast.four.id, NOW + HOUR)
    back = check_in(cast.phone, cast.three.id, NOW + 2 * HOUR).duty_id
    duties.correct_duty(
        cast.coordinator,
        back,
        employee_id=cast.budi.id,
        starts_at=NOW + HOUR,
        ends_at=NOW + 2 * HOUR,
        reason="Budi yang duduk",
        now=NOW + 3 * HOUR,
    )
    assert_events_add_up()


def assert_events_add_up() -> None:
    for duty in all_duties():
        state = rebuild_duty(events_of(duty.id))
        for field in state.__dataclass_fields__:
            assert getattr(state, field) == getattr(duty, field), field
