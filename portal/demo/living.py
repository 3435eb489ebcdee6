"""What makes the demo's roster a living one: shift patterns, leave, a half day, swaps that wait."""

from datetime import date, time, timedelta

from sqlalchemy import select

from portal.counters.duty_actions import plan_duty
from portal.counters.leave import NOON, Away
from portal.counters.leave_actions import add_leave
from portal.counters.models import Duty, ShiftPattern, SwapRequest
from portal.db import begin_write, db
from portal.demo.accounts import STORY_OFFICES
from portal.demo.city import CITY
from portal.demo.draft import Draft
from portal.demo.roster import WEEK
from portal.demo.staff import Person
from portal.demo.story import COLLEAGUE, HEAD
from portal.people.models import Account, Holiday, RoleGrant

HOUR = timedelta(hours=1)

PATTERNS = (
    ("Pagi", time(8, 0), time(12, 0)),
    ("Siang", time(12, 0), time(16, 0)),
    ("Setengah hari", time(8, 0), time(11, 30)),
)
# On Friday of next week all counters close early.
EARLY = ("Rapat kerja seluruh pegawai", time(8, 0), time(11, 30))
ASKED = "Anak saya diwisuda hari itu. Terima kasih banyak."
AGREED = "Saya harus mengantar orang tua ke rumah sakit."


def fill_roster(draft: Draft, agency_id: int) -> None:
    """Beside the duties of next week in the story's first office; the city only."""
    if draft.plan is not CITY:
        return
    office = STORY_OFFICES[0]
    monday = draft.window.standing_from + 2 * WEEK
    begin_write()
    db.session.add(
        Holiday(
            agency_id=agency_id,
            day=monday + timedelta(days=4),
            name=EARLY[0],
            opens_at=EARLY[1],
            closes_at=EARLY[2],
        )
    )
    db.session.add_all(
        ShiftPattern(agency_id=agency_id, name=name, starts_at=starts, ends_at=ends)
        for name, starts, ends in PATTERNS
    )
    here = [person for person in draft.people if person.office == office and person.counter]
    known = [person for person in here if person.role not in {COLLEAGUE, HEAD}]
    planned = _planned(draft, agency_id, monday)
    away = next(one for one in here if one.role == COLLEAGUE and one.id in planned)
    # The first of them has the demo's first account: something waits for it, too.
    first, second, third = [one for one in known if one.id in planned][:3]
    db.session.add(_swap(draft, agency_id, planned[second.id][3], second, first, "asked", ASKED))
    db.session.add(_swap(draft, agency_id, planned[third.id][4], third, second, "agreed", AGREED))
    db.session.commit()
    free = [one for one in here if one.civil_servant and one.id not in planned]
    _leave(draft, agency_id, (away, free[:1]), monday, planned[away.id])


def _leave(
    draft: Draft,
    agency_id: int,
    people: tuple[Person, list[Person]],
    monday: date,
    duties: list[int],
) -> None:
    """From Tuesday to Thursday noon somebody is away; whoever is free stands in for two days, and
    Thursday morning is left for whoever tries the demo."""
    boss = db.session.scalars(
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(Account.agency_id == agency_id, RoleGrant.role == "coordinator")
        .order_by(Account.id)
    ).first()
    assert boss is not None  # noqa: S101  every agency of the demo has one
    (away, stand_ins), told = people, draft.window.midnight(draft.window.today) - HOUR * 9
    days = Away(monday + timedelta(days=1), monday + timedelta(days=3), None, NOON)
    counter_id = db.session.get_one(Duty, (agency_id, duties[1])).counter_id
    add_leave(boss, away.id, days, told, agreed=duties)
    for one in stand_ins:
        for day in (1, 2):
            start = draft.window.midnight(monday + timedelta(days=day))
            plan_duty(
                boss,
                counter_id=counter_id,
                employee_id=one.id,
                starts_at=start,
                ends_at=draft.window.midnight(monday + timedelta(days=day + 1)),
                now=told + HOUR,
            )


def _planned(draft: Draft, agency_id: int, monday: date) -> dict[int, list[int]]:
    """By person the duties of a week, Monday first."""
    start = draft.window.midnight(monday)
    rows = db.session.execute(
        select(Duty.employee_id, Duty.id)
        .where(Duty.agency_id == agency_id, Duty.starts_at >= start, Duty.starts_at < start + WEEK)
        .order_by(Duty.starts_at)
    )
    found: dict[int, list[int]] = {}
    for employee_id, duty_id in rows:
        found.setdefault(employee_id, []).append(duty_id)
    return found


def _swap(  # noqa: PLR0917
    draft: Draft, agency_id: int, duty_id: int, asker: Person, asked: Person, state: str, note: str
) -> SwapRequest:
    yesterday = draft.window.midnight(draft.window.today) - timedelta(hours=15)
    return SwapRequest(
        agency_id=agency_id,
        duty_id=duty_id,
        employee_id=asker.id,
        colleague_id=asked.id,
        state=state,
        note=note,
        asked_at=yesterday,
        answered_at=yesterday + timedelta(hours=2) if state == "agreed" else None,
    )
