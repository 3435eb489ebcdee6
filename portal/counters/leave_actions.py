"""Noting leave: who is away has no duty then, unless they really came."""

from collections.abc import Collection
from datetime import datetime

from portal.counters.duty_log import append_event, duty_rows, lock_employees
from portal.counters.duty_notices import tell_changed
from portal.counters.duty_rules import LeaveKnown, OwnDuty
from portal.counters.leave import Away, OpenSpan
from portal.counters.leave_queries import Concerned, concerned_by, leaves_of
from portal.counters.models import Duty, Leave
from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account

REASON = "cuti"  # as it stands in the history of a duty


class DutiesConcerned(Exception):
    """Duties would end by this leave of which the coordinator has not said so."""


def add_leave(
    account: Account,
    employee_id: int,
    away: Away,
    now: datetime,
    *,
    agreed: Collection[int] = (),
) -> int:
    """Note that somebody is away; their duties of that time end, by events with the reason.

    agreed: the duties that the coordinator has seen and lets go; others raise DutiesConcerned.
    A duty with a check-in of these days stands until it is corrected, and only what is still to
    come of it ends. Raises LeaveKnown, and OwnDuty where one's own past would change.
    """
    begin_write()
    agency = account.agency
    lock_employees(account.agency_id, employee_id)
    if leaves_of(account.agency_id, [employee_id], agency.zone, away.span(agency.zone)):
        raise LeaveKnown
    ending = [one for one in concerned_by(agency, employee_id, away, now) if not one.whole]
    if not {one.duty.id for one in ending} <= set(agreed):
        raise DutiesConcerned
    begins = away.span(agency.zone)[0]
    if account.employee_id == employee_id and any(
        not one.holds and max(one.duty.starts_at, begins) <= now for one in ending
    ):
        raise OwnDuty
    leave = Leave(
        agency_id=account.agency_id,
        employee_id=employee_id,
        starts_on=away.starts_on,
        ends_on=away.ends_on,
        from_time=away.from_time,
        to_time=away.to_time,
    )
    db.session.add(leave)
    db.session.flush()
    for one in ending:
        _end(account, one, now)
    if ending:
        tell_changed(account, employee_id, now)
    detail: dict[str, object] = {"duties": len(ending)}
    note_act(account, "add_leave", now, subject=f"employee:{employee_id}", detail=detail)
    db.session.commit()
    return leave.id


def cancel_leave(account: Account, leave_id: int, now: datetime) -> None:
    """They are not away after all, or are back; duties that ended by it are placed anew."""
    begin_write()
    leave = db.session.get_one(Leave, (account.agency_id, leave_id), populate_existing=True)
    leave.cancelled = True
    note_act(account, "cancel_leave", now, subject=f"employee:{leave.employee_id}")
    db.session.commit()


def _end(account: Account, one: Concerned, now: datetime) -> None:
    """Never as 'corrected', which would say that they were there: cancelled, or planned anew."""
    duty = one.duty
    if not one.left:
        duty.cancelled = True
        append_event(duty, "cancelled", now, account, REASON)
        return
    kept = _kept(one)
    duty.starts_at, duty.ends_at = kept
    kinds = ("planned", "confirmed") if duty.confirmed else ("planned",)
    for kind in kinds:
        append_event(duty, kind, now, account, REASON)
    for span in one.left:
        if span != kept:
            db.session.add_all(_rest(account, duty, span, kinds, now))


def _kept(one: Concerned) -> OpenSpan:
    """The part that stays this duty: the one of its check-in, else the first."""
    came = one.vouched.came_at
    for start, end in one.left:
        if came is not None and start <= came and (end is None or came < end):
            return start, end
    return one.left[0]


def _rest(
    account: Account, duty: Duty, span: OpenSpan, kinds: tuple[str, ...], now: datetime
) -> list[object]:
    other, events = duty_rows(
        agency_id=duty.agency_id,
        employee_id=duty.employee_id,
        counter_id=duty.counter_id,
        starts_at=span[0],
        ends_at=span[1],
        kinds=kinds,
        now=now,
        account_id=account.id,
        reason=REASON,
    )
    return [other, *events]
