"""Check-in and check-out: what an employee does at the counter, and what closing time does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal.counters.duty import EARLY
from portal.counters.duty_log import append_event, duty_rows, lock_counter, lock_employees
from portal.counters.duty_rules import (
    NotEmployedThere,
    NotOnDuty,
    check_employment,
    locked_duty,
    open_counter,
)
from portal.counters.models import Counter, Duty, DutyEvent
from portal.counters.opening_queries import special_days
from portal.db import begin_write, db
from portal.people.models import Account, Agency, Employee, Holiday

PLANNING = ("planned", "corrected")  # what says when somebody is to be there
# Closing time is looked at for so long: time enough for a server that was down over a weekend.
LOOK_BACK = timedelta(days=4)
PIECE = 100  # duties ended in one transaction


@dataclass(frozen=True)
class CheckIn:
    """How a check-in ended."""

    duty_id: int
    confirmed: bool
    already: bool  # on duty here before: nothing changed
    left: tuple[str, ...]  # counters where the employee was checked out by this
    others: tuple[str, ...] = ()  # who else serves at this counter now
    planned_from: datetime | None = None  # came early: the confirmed roster begins only then


def check_in(account: Account, counter_id: int, now: datetime) -> CheckIn:
    """Begin to serve here; a duty at another counter ends with it, unless the confirmed roster has
    the employee at both.

    Two who check in at one counter at once do so one after the other, whatever the database:
    both serve there, and the second is told of the first.
    """
    begin_write()
    if account.employee_id is None:
        raise NotEmployedThere
    counter = open_counter(account.agency_id, counter_id)
    lock_counter(counter)
    lock_employees(account.agency_id, account.employee_id)
    check_employment(counter, account.employee_id, now)
    near = _duties_near(account.agency_id, account.employee_id, now)
    left = tuple(_leave(duty, now, account) for duty in _ending(near, counter, now))
    here = next((duty for duty in near if duty.counter_id == counter_id), None)
    already = here is not None and _running(here, now) and _checked_in(here)
    early = here is not None and here.confirmed and not _running(here, now)
    planned_from = here.starts_at if here is not None and early else None
    if here is not None and not already:
        _arrive(here, now, account, early=early)
    if here is None or early:
        here = _begin_duty(counter, account, now)
    others = _others_at(counter, account.employee_id, now)
    outcome = CheckIn(here.id, here.confirmed, already, left, others, planned_from)
    db.session.commit()
    return outcome


def counters_left(agency_id: int, employee_id: int, counter_id: int, now: datetime) -> list[str]:
    """Where a check-in at this counter would end the employee's duty; nothing is written."""
    counter = db.session.get_one(Counter, (agency_id, counter_id))
    ending = _ending(_duties_near(agency_id, employee_id, now), counter, now)
    return [db.session.get_one(Counter, (agency_id, duty.counter_id)).label for duty in ending]


def check_out(account: Account, duty_id: int, now: datetime) -> None:
    """Serve here no longer."""
    begin_write()
    if account.employee_id is None:
        raise NotOnDuty
    lock_employees(account.agency_id, account.employee_id)
    running = _duties_near(account.agency_id, account.employee_id, now)
    duty = next((one for one in running if one.id == duty_id and one.starts_at <= now), None)
    if duty is None:
        raise NotOnDuty
    _leave(duty, now, account)
    db.session.commit()


def check_out_due(now: datetime) -> int:
    """End what nobody ended: everyone still checked in when their duty's time was over.

    May be run again at any time: a duty that was checked out is left alone.
    """
    due = list(db.session.execute(_not_checked_out(now)))
    done = 0
    for start in range(0, len(due), PIECE):
        done += _check_out_piece(
            [(row.agency_id, row.id) for row in due[start : start + PIECE]], now
        )
    return done


def _not_checked_out(now: datetime) -> Select[int, int]:
    """Duties with a check-in, no check-out, and an end that has come; or with none at all."""

    def noted(kind: str) -> ColumnElement[bool]:
        event = aliased(DutyEvent)
        return exists().where(
            event.agency_id == Duty.agency_id, event.duty_id == Duty.id, event.kind == kind
        )

    over = and_(Duty.ends_at <= now, Duty.ends_at > now - LOOK_BACK)
    early = [
        and_(
            Duty.agency_id == agency_id,
            Duty.starts_at >= opened,
            Duty.starts_at < closed,
            Duty.ends_at > closed,
        )
        for agency_id, opened, closed in _closed_early(now)
    ]
    return select(Duty.agency_id, Duty.id).where(
        or_(over, Duty.ends_at.is_(None), *early),
        ~Duty.cancelled,
        noted("checked_in"),
        ~noted("checked_out"),
    )


def _check_out_piece(keys: list[tuple[int, int]], now: datetime) -> int:
    begin_write()
    done = 0
    for agency_id, duty_id in keys:
        duty = locked_duty(agency_id, duty_id)
        end = duty.ends_at or _closing(agency_id, duty.starts_at)
        if special := _closing_of(agency_id, duty.starts_at):
            end = min(end, special)
        if end <= now:
            duty.ends_at = end
            append_event(duty, "checked_out", now)
            done += 1
    db.session.commit()
    return done


def _duties_near(agency_id: int, employee_id: int, now: datetime) -> list[Duty]:
    """The person's duties that run now or begin soon; those that run come first."""
    return list(
        db.session.scalars(
            select(Duty)
            .where(
                Duty.agency_id == agency_id,
                Duty.employee_id == employee_id,
                ~Duty.cancelled,
                Duty.starts_at <= now + EARLY,
                or_(Duty.ends_at.is_(None), Duty.ends_at > now),
            )
            .order_by(Duty.starts_at)
            .execution_options(populate_existing=True)
        )
    )


def _ending(near: Sequence[Duty], counter: Counter, now: datetime) -> list[Duty]:
    """What a check-in at this counter ends: the duties at others that run now, without those that
    the confirmed roster has beside a duty here."""
    here = next((duty for duty in near if duty.counter_id == counter.id), None)
    begins = here.starts_at if here is not None and _by_plan(here, now) else None
    if here is None and near and _planned_end(counter, near[0].employee_id, now):
        begins = now  # back from a break
    return [
        duty
        for duty in near
        if duty.counter_id != counter.id
        and _running(duty, now)
        and not (begins and _lasts(duty, begins) and _by_plan(duty, now))
    ]


def _lasts(duty: Duty, until: datetime) -> bool:
    return duty.ends_at is None or until < duty.ends_at


def _by_plan(duty: Duty, now: datetime) -> bool:
    """Whether the confirmed roster, or a coordinator's correction, has the person there; a
    check-in that was confirmed later is no plan."""
    if duty.source != "check_in":
        return duty.confirmed
    counter = db.session.get_one(Counter, (duty.agency_id, duty.counter_id))
    return duty.confirmed and _planned_end(counter, duty.employee_id, now) is not None


def _running(duty: Duty, now: datetime) -> bool:
    """Begun; a check-in that another server's clock dates a little later has begun as well."""
    return duty.starts_at <= now or duty.source == "check_in"


def _arrive(duty: Duty, now: datetime, account: Account, *, early: bool) -> None:
    """Note that the employee is there. What a coordinator confirmed begins when they said:
    the time before it is a duty of its own, provisional like any other off the roster.
    """
    if not early:
        duty.starts_at = min(duty.starts_at, now)
    if not _checked_in(duty):
        append_event(duty, "checked_in", now, account)


def _others_at(counter: Counter, employee_id: int, now: datetime) -> tuple[str, ...]:
    return tuple(
        db.session.scalars(
            select(Employee.name)
            .join(Duty, (Duty.agency_id == Employee.agency_id) & (Duty.employee_id == Employee.id))
            .where(
                Duty.agency_id == counter.agency_id,
                Duty.counter_id == counter.id,
                Duty.employee_id != employee_id,
                ~Duty.cancelled,
                Duty.starts_at <= now,
                or_(Duty.ends_at.is_(None), Duty.ends_at > now),
            )
            .distinct()
            .order_by(Employee.name)
        )
    )


def _checked_in(duty: Duty) -> bool:
    found = db.session.scalar(
        select(DutyEvent.id)
        .where(
            DutyEvent.agency_id == duty.agency_id,
            DutyEvent.duty_id == duty.id,
            DutyEvent.kind == "checked_in",
        )
        .limit(1)
    )
    return found is not None


def _begin_duty(counter: Counter, account: Account, now: datetime) -> Duty:
    """A duty off the roster, provisional; or a return to a confirmed one after a break."""
    employee_id = account.employee_id or 0
    planned_end = _planned_end(counter, employee_id, now)
    end = _until_next(counter, employee_id, now, planned_end or _closing(counter.agency_id, now))
    duty, events = duty_rows(
        agency_id=counter.agency_id,
        employee_id=employee_id,
        counter_id=counter.id,
        starts_at=now,
        ends_at=end,
        kinds=("checked_in", "confirmed") if planned_end else ("checked_in",),
        now=now,
        account_id=account.id,
    )
    db.session.add_all([duty, *events])
    return duty


def _planned_end(counter: Counter, employee_id: int, now: datetime) -> datetime | None:
    """Until when a confirmed roster has this person here now, although checked out since.

    Of a duty that was planned anew only the latest plan holds.
    """
    later = aliased(DutyEvent)
    planned_anew = (
        select(later.id)
        .where(
            later.agency_id == DutyEvent.agency_id,
            later.duty_id == DutyEvent.duty_id,
            later.kind.in_(PLANNING),
            later.at > DutyEvent.at,
        )
        .correlate(DutyEvent)
        .exists()
    )
    return db.session.scalar(
        select(DutyEvent.ends_at)
        .join(Duty, (Duty.agency_id == DutyEvent.agency_id) & (Duty.id == DutyEvent.duty_id))
        .where(
            DutyEvent.agency_id == counter.agency_id,
            DutyEvent.employee_id == employee_id,
            DutyEvent.counter_id == counter.id,
            DutyEvent.kind.in_(PLANNING),
            DutyEvent.starts_at <= now,
            DutyEvent.ends_at > now,
            ~planned_anew,
            Duty.confirmed,
            ~Duty.cancelled,
            Duty.employee_id == employee_id,
        )
        .limit(1)
    )


def _closing(agency_id: int, now: datetime) -> datetime:
    """When a duty begun by check-in ends by itself: at closing time, after it at midnight.

    Otherwise whoever forgets to check out would be named to tomorrow's citizens.
    """
    agency = db.session.get_one(Agency, agency_id)
    local = now.astimezone(agency.zone)
    usual = datetime.combine(local.date(), agency.closes_at, agency.zone)
    closing = _closing_of(agency_id, now) or usual
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), agency.zone)
    return closing if local < closing else midnight


def _closing_of(agency_id: int, moment: datetime) -> datetime | None:
    """When the counters close on a day with hours of its own, for what began before; else none."""
    agency = db.session.get_one(Agency, agency_id)
    day = moment.astimezone(agency.zone).date()
    special = special_days(agency_id, day, day).get(day)
    if special is None or special.hours is None:
        return None
    closing = datetime.combine(day, special.hours[1], agency.zone)
    return closing if moment < closing else None


def _closed_early(now: datetime) -> list[tuple[int, datetime, datetime]]:
    """Agencies with a day of other hours of late that are closed by now: when it began, and when
    they closed."""
    rows = db.session.execute(
        select(Holiday.agency_id, Holiday.day, Holiday.closes_at, Agency.timezone)
        .join(Agency, Agency.id == Holiday.agency_id)
        .where(
            Holiday.closes_at.is_not(None),
            Holiday.day.between((now - LOOK_BACK).date(), (now + timedelta(days=1)).date()),
        )
    )
    found = []
    for agency_id, day, closes_at, zone in rows:
        began = datetime.combine(day, time(), ZoneInfo(zone))
        closed = datetime.combine(day, closes_at or time.max, ZoneInfo(zone))
        if closed <= now:
            found.append((agency_id, began, closed))
    return found


def _until_next(counter: Counter, employee_id: int, now: datetime, end: datetime) -> datetime:
    """No later than the person's next duty at this counter, so that the two never overlap."""
    following = db.session.scalar(
        select(func.min(Duty.starts_at)).where(
            Duty.agency_id == counter.agency_id,
            Duty.employee_id == employee_id,
            Duty.counter_id == counter.id,
            ~Duty.cancelled,
            Duty.starts_at > now,
        )
    )
    return end if following is None else min(end, following)


def _leave(duty: Duty, now: datetime, account: Account) -> str:
    """End a duty now; one that began this very instant never was. Says which counter it was."""
    counter = db.session.get_one(Counter, (duty.agency_id, duty.counter_id))
    if duty.starts_at < now:
        duty.ends_at = now
        append_event(duty, "checked_out", now, account)
    else:
        duty.cancelled = True
        append_event(duty, "cancelled", now, account)
    return counter.label
