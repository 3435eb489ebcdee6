"""How a duty and its events are written: together, one after the other, never one alone."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.counters.duty import CONFIRMING, SOURCE_OF
from portal.counters.models import Counter, Duty, DutyEvent
from portal.db import db, new_id
from portal.people.models import Account, Employee

TICK = timedelta(microseconds=1)


def duty_rows(
    *,
    agency_id: int,
    employee_id: int,
    counter_id: int,
    starts_at: datetime,
    ends_at: datetime | None,
    kinds: tuple[str, ...],
    now: datetime,
    account_id: int | None = None,
    reason: str = "",
) -> tuple[Duty, list[DutyEvent]]:
    """A new duty and the events it begins with, such as planned, confirmed; nothing is stored."""
    duty = Duty(
        agency_id=agency_id,
        id=new_id(),
        employee_id=employee_id,
        counter_id=counter_id,
        starts_at=starts_at,
        ends_at=ends_at,
        source=SOURCE_OF[kinds[0]],
        confirmed=bool(CONFIRMING & set(kinds)),
        cancelled=False,
    )
    return duty, [
        _event(duty, kind, now + order * TICK, account_id, reason)
        for order, kind in enumerate(kinds)
    ]


def append_event(
    duty: Duty, kind: str, now: datetime, account: Account | None = None, reason: str = ""
) -> None:
    """Add what was done, with the duty's values as they are after it.

    Within one duty each event is later than the one before, whatever the servers' clocks say:
    their order is what `rebuild_duty` goes by.
    """
    last = db.session.scalar(
        select(func.max(DutyEvent.at)).where(
            DutyEvent.agency_id == duty.agency_id, DutyEvent.duty_id == duty.id
        )
    )
    at = now if last is None else max(now, last + TICK)
    db.session.add(_event(duty, kind, at, account.id if account else None, reason))


def lock_employees(agency_id: int, *employee_ids: int) -> None:
    """Whatever is done to a person's duties is done one after the other.

    SQLite's write lock does this by itself. The weaker row lock lets ratings of the person
    go on being stored meanwhile.
    """
    db.session.execute(
        select(Employee.id)
        .where(Employee.agency_id == agency_id, Employee.id.in_(employee_ids))
        .order_by(Employee.id)
        .with_for_update(key_share=True)
    )


def lock_counter(counter: Counter) -> None:
    """Whoever begins to serve at a counter sees who began before; taken before the people."""
    db.session.execute(
        select(Counter.id)
        .where(Counter.agency_id == counter.agency_id, Counter.id == counter.id)
        .with_for_update(key_share=True)
    )


def _event(duty: Duty, kind: str, at: datetime, account_id: int | None, reason: str) -> DutyEvent:
    return DutyEvent(
        agency_id=duty.agency_id,
        duty_id=duty.id,
        kind=kind,
        employee_id=duty.employee_id,
        counter_id=duty.counter_id,
        starts_at=duty.starts_at,
        ends_at=duty.ends_at,
        at=at,
        account_id=account_id,
        reason=reason,
    )
