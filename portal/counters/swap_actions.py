"""Swapping duties: one asks, the colleague agrees, the coordinator confirms.

Only the confirmation changes anything: the duties are planned anew, as events of their own.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.counters.duty_log import append_event, lock_employees
from portal.counters.duty_rules import (
    DutyBegun,
    DutyChanged,
    NotEmployedThere,
    OwnDuty,
    ReasonMissing,
    SwapKnown,
    SwapOver,
    check_employment,
    check_free,
    check_present,
    open_counter,
)
from portal.counters.models import Duty, SwapRequest
from portal.counters.swap_notices import tell_about
from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account

OPEN = ("asked", "agreed")


def ask_swap(
    account: Account,
    duty_id: int,
    colleague_id: int,
    now: datetime,
    *,
    return_duty_id: int | None = None,
    note: str = "",
) -> int:
    """Ask a colleague to take one's duty, or to exchange it for one of theirs."""
    begin_write()
    asker_id = account.employee_id
    if asker_id is None or colleague_id == asker_id:
        raise NotEmployedThere
    lock_employees(account.agency_id, asker_id, colleague_id)
    duty = _swappable(account.agency_id, duty_id, asker_id, now)
    _check_can_take(duty, colleague_id)
    if return_duty_id is not None:
        _check_can_take(_swappable(account.agency_id, return_duty_id, colleague_id, now), asker_id)
    request = SwapRequest(
        agency_id=account.agency_id,
        duty_id=duty_id,
        employee_id=asker_id,
        colleague_id=colleague_id,
        return_duty_id=return_duty_id,
        state="asked",
        note=note,
        asked_at=now,
    )
    db.session.add(request)
    try:
        db.session.flush()
    except IntegrityError:  # one open request for a duty, says the index
        db.session.rollback()
        raise SwapKnown from None
    tell_about(request, now)
    db.session.commit()
    return request.id


def answer_swap(account: Account, swap_id: int, now: datetime, *, agrees: bool) -> None:
    """The colleague's word."""
    begin_write()
    request = _locked(account.agency_id, swap_id)
    if request.colleague_id != account.employee_id or request.state != "asked":
        raise SwapOver
    request.state = "agreed" if agrees else "declined"
    request.answered_at = now
    tell_about(request, now)
    db.session.commit()


def withdraw_swap(account: Account, swap_id: int, now: datetime) -> None:
    """Whoever asked needs it no longer."""
    begin_write()
    request = _locked(account.agency_id, swap_id)
    if request.employee_id != account.employee_id or request.state not in OPEN:
        raise SwapOver
    request.state = "withdrawn"
    request.decided_at = now
    tell_about(request, now)
    db.session.commit()


def confirm_swap(account: Account, swap_id: int, now: datetime) -> None:
    """The coordinator's word: each duty now is the other's, planned anew and confirmed."""
    begin_write()
    request = _agreed(account, swap_id)
    asker_id, colleague_id = request.employee_id, request.colleague_id
    lock_employees(account.agency_id, asker_id, colleague_id)
    duty = _swappable(account.agency_id, request.duty_id, asker_id, now)
    back = (
        _swappable(account.agency_id, request.return_duty_id, colleague_id, now)
        if request.return_duty_id is not None
        else None
    )
    _hand_over(account, duty, colleague_id, now)
    if back is not None:
        _hand_over(account, back, asker_id, now)
    _check_overlap(duty)
    if back is not None:
        _check_overlap(back)
    request.state, request.decided_at, request.decided_by = "confirmed", now, account.id
    tell_about(request, now)
    note_act(account, "confirm_swap", now, subject=f"duty:{duty.id}")
    db.session.commit()


def refuse_swap(account: Account, swap_id: int, reason: str, now: datetime) -> None:
    """It stays as planned; both read why."""
    begin_write()
    request = _agreed(account, swap_id)
    if not reason:
        raise ReasonMissing
    request.state, request.decided_at, request.decided_by = "refused", now, account.id
    request.reason = reason
    tell_about(request, now)
    note_act(account, "refuse_swap", now, subject=f"duty:{request.duty_id}")
    db.session.commit()


def _locked(agency_id: int, swap_id: int) -> SwapRequest:
    found = db.session.scalars(
        select(SwapRequest)
        .where(SwapRequest.agency_id == agency_id, SwapRequest.id == swap_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise SwapOver
    return found


def _agreed(account: Account, swap_id: int) -> SwapRequest:
    request = _locked(account.agency_id, swap_id)
    if request.state != "agreed":
        raise SwapOver
    if account.employee_id in {request.employee_id, request.colleague_id}:
        raise OwnDuty
    return request


def _swappable(agency_id: int, duty_id: int, employee_id: int, now: datetime) -> Duty:
    """A duty of this employee that has not begun."""
    duty = db.session.get(Duty, (agency_id, duty_id), populate_existing=True)
    if duty is None or duty.cancelled or duty.employee_id != employee_id:
        raise DutyChanged
    if duty.starts_at <= now:
        raise DutyBegun
    return duty


def _check_can_take(duty: Duty, employee_id: int) -> None:
    counter = open_counter(duty.agency_id, duty.counter_id)
    check_employment(counter, employee_id, duty.starts_at)
    check_present(counter, employee_id, duty.starts_at, duty.ends_at)


def _hand_over(account: Account, duty: Duty, employee_id: int, now: datetime) -> None:
    _check_can_take(duty, employee_id)
    duty.employee_id = employee_id
    duty.confirmed = True
    append_event(duty, "planned", now, account)
    append_event(duty, "confirmed", now, account)


def _check_overlap(duty: Duty) -> None:
    """After both were handed over, so that an exchange does not clash with itself."""
    counter = open_counter(duty.agency_id, duty.counter_id)
    check_free(counter, duty.employee_id, duty.starts_at, duty.ends_at, besides=duty.id)
