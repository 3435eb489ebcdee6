"""Duty when two act at once, and when chance acts: the events always add up to the duty."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.counters import duty_actions as duties
from portal.counters import duty_rules
from portal.counters.check_in_actions import CheckIn, check_in, check_out, check_out_due
from portal.counters.duty import rebuild_duty
from portal.counters.models import Duty, DutyEvent
from portal.counters.queries import duties_at
from portal.counters.roster_actions import move_duty, take_off
from portal.db import db
from portal.people.models import Account
from tests.conftest import NOW
from tests.factories import make_account, make_counter, make_employee, make_office

MINUTE = timedelta(minutes=1)
Deed = Callable[[Account], CheckIn]


def at_once(app: Flask, deeds: list[tuple[int, Deed]]) -> list[CheckIn | BaseException]:
    """Each deed in its own thread, all released together; what came of each."""
    start = threading.Barrier(len(deeds))
    outcomes: list[CheckIn | BaseException] = [RuntimeError("did not run")] * len(deeds)

    def run(place: int, account_id: int, deed: Deed) -> None:
        with app.app_context():
            account = db.session.get_one(Account, account_id)
            start.wait(10)
            try:
                outcomes[place] = deed(account)
            except BaseException as error:  # noqa: BLE001  handed to the test
                outcomes[place] = error

    threads = [
        threading.Thread(target=run, args=(place, *deed)) for place, deed in enumerate(deeds)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    return outcomes


def rows(agency_id: int, counter_id: int) -> list[int]:
    return [row.employee_id for row in duties_at(agency_id, counter_id, NOW, timedelta(0))]


def test_two_people_check_in_at_one_counter_in_one_second_and_one_is_told_of_the_other(
    app: Flask,
) -> None:
    office = make_office()
    counter = make_counter(office)
    staff = [make_employee(office, "Sari Wulandari"), make_employee(office, "Budi Santoso")]
    phones = [make_account("employee", office, employee).id for employee in staff]
    names, agency_id, counter_id = {one.id for one in staff}, office.agency_id, counter.id
    outcomes = at_once(app, [(phone, lambda me: check_in(me, counter_id, NOW)) for phone in phones])
    done = [one for one in outcomes if isinstance(one, CheckIn) and not one.already]
    assert len(done) == 2, outcomes
    assert sorted(len(one.others) for one in done) == [0, 1]
    # Both serve there, and the citizen's page asks which of them it was.
    assert set(rows(agency_id, counter_id)) == names


def test_one_person_on_two_phones_at_once_has_one_duty(app: Flask) -> None:
    office = make_office()
    counter = make_counter(office)
    sari = make_employee(office)
    phone = make_account("employee", office, sari).id
    agency_id, counter_id, sari_id = office.agency_id, counter.id, sari.id
    outcomes = at_once(app, [(phone, lambda me: check_in(me, counter_id, NOW))] * 6)
    done = [one for one in outcomes if isinstance(one, CheckIn)]
    assert len(done) == 6, outcomes
    assert len({one.duty_id for one in done}) == 1
    assert sorted(one.already for one in done) == [False] + [True] * 5
    assert rows(agency_id, counter_id) == [sari_id]


def test_one_person_at_two_counters_at_once_ends_up_at_one(app: Flask) -> None:
    office = make_office()
    counters = [make_counter(office).id, make_counter(office, "Loket 4").id]
    phone = make_account("employee", office, make_employee(office)).id
    agency_id = office.agency_id

    def deed(place: int) -> tuple[int, Deed]:
        # The clocks of two servers differ a little.
        moment = NOW - place * timedelta(milliseconds=3)
        return phone, lambda me: check_in(me, counters[place], moment)

    outcomes = at_once(app, [deed(0), deed(1)])
    assert all(isinstance(one, CheckIn) for one in outcomes), outcomes
    soon = NOW + MINUTE  # whoever came first may have sat at the other one for 3 milliseconds
    there = [duties_at(agency_id, counter, soon, timedelta(0)) for counter in counters]
    assert sorted(map(len, there)) == [0, 1]


def attempt(deed: str, who: int, where: int, now: datetime, cast: "Cast") -> None:
    """Try a deed; what the portal refuses by name is as good as done."""
    existing = list(db.session.scalars(select(Duty.id).order_by(Duty.starts_at, Duty.id)))
    duty_id = existing[(who + where) % len(existing)] if existing else 0
    times = {"starts_at": now + where * 7 * MINUTE, "ends_at": now + (where + 2) * 31 * MINUTE}
    boss, phone, counter_id = cast.boss, cast.phones[who], cast.counters[where]
    employee_id = cast.employees[who]
    deeds: dict[str, Callable[[], object]] = {
        "plan": lambda: duties.plan_duty(
            boss,
            counter_id=counter_id,
            employee_id=employee_id,
            now=now,
            confirmed=where > 0,
            reason="catatan",
            **times,
        ),
        "in": lambda: check_in(phone, counter_id, now),
        "out": lambda: check_out(phone, duty_id, now),
        "move": lambda: move_duty(
            boss, duty_id, counter_id=counter_id, employee_id=employee_id, now=now, **times
        ),
        "off": lambda: take_off(boss, duty_id, now),
        "tick": lambda: check_out_due(now),
        "confirm": lambda: duties.confirm_duty(boss, duty_id, now),
        "cancel": lambda: duties.cancel_duty(boss, duty_id, "batal", now),
        "correct": lambda: duties.correct_duty(
            boss, duty_id, employee_id=employee_id, reason="koreksi", now=now, **times
        ),
    }
    try:
        deeds[deed]()
    except (
        duty_rules.AlreadyOnDuty,
        duty_rules.NotOnDuty,
        duty_rules.DutyClosed,
        duty_rules.AlreadyConfirmed,
        duty_rules.DutyChanged,
        duty_rules.DutyBegun,
    ):
        db.session.rollback()


class Cast:
    def __init__(self) -> None:
        office = make_office()
        staff = [make_employee(office, name) for name in ("Sari W", "Budi S", "Rina K")]
        self.agency_id = office.agency_id
        self.employees = [one.id for one in staff]
        self.counters = [make_counter(office, f"Loket {number}").id for number in range(3)]
        self.phones = [make_account("employee", office, one) for one in staff]
        self.boss = make_account("coordinator", office)


deeds = st.tuples(
    st.sampled_from(
        ["plan", "plan", "in", "in", "out", "move", "off", "tick", "confirm", "cancel", "correct"]
    ),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 40),
)


def test_whatever_happens_the_events_add_up_and_nobody_sits_twice_at_a_counter(
    app: Flask,
) -> None:
    cast = Cast()
    clock = [NOW]

    @settings(
        max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
    )
    @given(st.lists(deeds, min_size=4, max_size=12))
    def a_day(day: list[tuple[str, int, int, int]]) -> None:
        for deed, who, where, minutes in day:
            clock[0] += minutes * MINUTE
            attempt(deed, who, where, clock[0], cast)
        clock[0] += timedelta(days=1)
        assert_all_adds_up()

    a_day()


def assert_all_adds_up() -> None:
    db.session.expire_all()
    stored = list(db.session.scalars(select(Duty)))
    history: dict[int, list[DutyEvent]] = {}
    for event in db.session.scalars(select(DutyEvent)):
        history.setdefault(event.duty_id, []).append(event)
    for duty in stored:
        state = rebuild_duty(history[duty.id])
        kept = {field: getattr(duty, field) for field in state.__dataclass_fields__}
        assert kept == {field: getattr(state, field) for field in kept}
    held = [duty for duty in stored if not duty.cancelled]
    for one in held:
        for other in held:
            same = (one.employee_id, one.counter_id) == (other.employee_id, other.counter_id)
            if same and one.id < other.id and one.ends_at and other.ends_at:
                assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
