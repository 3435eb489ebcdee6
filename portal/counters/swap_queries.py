"""Reads for swapping duties, and for one's own roster."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.counters.duty_queries import Shift, select_shifts, within
from portal.counters.models import Counter, Duty, SwapRequest
from portal.db import db
from portal.people.models import Account, Employee, Employment
from portal.people.queries import Scope

AHEAD = timedelta(days=28)
REMEMBERED = timedelta(days=14)  # what was decided stays on the page so long
MOST = 50


@dataclass(frozen=True)
class Swap:
    """A request with the names and duties that people read."""

    id: int
    state: str
    asker_id: int
    asker_name: str
    colleague_id: int
    colleague_name: str
    note: str
    reason: str
    shift: Shift
    back: Shift | None


def own_roster(agency_id: int, employee_id: int, now: datetime) -> list[Shift]:
    """One's own duties of the next four weeks."""
    rows = db.session.execute(
        select_shifts().where(
            Duty.agency_id == agency_id,
            Duty.employee_id == employee_id,
            ~Duty.cancelled,
            within((now, now + AHEAD)),
        )
    )
    return [Shift(*row) for row in rows]


def own_swaps(agency_id: int, employee_id: int, now: datetime) -> list[Swap]:
    """Requests that one has made or was asked, open or decided lately; two statements."""
    return _swaps(
        agency_id,
        or_(SwapRequest.employee_id == employee_id, SwapRequest.colleague_id == employee_id),
        or_(
            and_(SwapRequest.state.in_(("asked", "agreed")), Duty.starts_at > now),
            SwapRequest.asked_at > now - REMEMBERED,
        ),
    )


def unanswered_swaps(agency_id: int, employee_id: int, now: datetime) -> int:
    """How many requests wait for this colleague's word, about duties that have not begun."""
    statement = (
        select(func.count())
        .select_from(SwapRequest)
        .join(Duty, and_(Duty.agency_id == SwapRequest.agency_id, Duty.id == SwapRequest.duty_id))
        .where(
            SwapRequest.agency_id == agency_id,
            SwapRequest.colleague_id == employee_id,
            SwapRequest.state == "asked",
            Duty.starts_at > now,
        )
    )
    return db.session.scalar(statement) or 0


def swaps_asked_of(agency_id: int, employee_id: int, now: datetime) -> list[Swap]:
    """The requests that wait for this colleague's word."""
    return _swaps(
        agency_id,
        SwapRequest.colleague_id == employee_id,
        SwapRequest.state == "asked",
        Duty.starts_at > now,
    )


def waiting_swaps(scope: Scope, now: datetime) -> list[Swap]:
    """What both have agreed on and a coordinator has not yet decided."""
    found = [SwapRequest.state == "agreed", Duty.starts_at > now]
    if scope.offices is not None:
        found.append(Counter.office_id.in_(scope.offices))
    return _swaps(scope.agency_id, *found)


def swap_in(scope: Scope, swap_id: int) -> Swap | None:
    """A request about a counter of the scope."""
    found = _swaps(scope.agency_id, SwapRequest.id == swap_id)
    return found[0] if found and found[0].shift.office_id in scope else None


def _swaps(agency_id: int, *conditions: Any) -> list[Swap]:
    asker, colleague = aliased(Employee), aliased(Employee)
    rows = db.session.execute(
        select(SwapRequest, asker.name, colleague.name)
        .join(Duty, and_(Duty.agency_id == SwapRequest.agency_id, Duty.id == SwapRequest.duty_id))
        .join(Counter, and_(Counter.agency_id == Duty.agency_id, Counter.id == Duty.counter_id))
        .join(
            asker,
            and_(asker.agency_id == SwapRequest.agency_id, asker.id == SwapRequest.employee_id),
        )
        .join(
            colleague,
            and_(
                colleague.agency_id == SwapRequest.agency_id,
                colleague.id == SwapRequest.colleague_id,
            ),
        )
        .where(SwapRequest.agency_id == agency_id, *conditions)
        .order_by(Duty.starts_at, SwapRequest.asked_at.desc(), SwapRequest.id)
        .limit(MOST)
    ).all()
    wanted = {key for row, *_names in rows for key in (row.duty_id, row.return_duty_id) if key}
    if not wanted:
        return []
    found = db.session.execute(
        select_shifts().where(Duty.agency_id == agency_id, Duty.id.in_(wanted))
    )
    shifts = {row.id: Shift(*row) for row in found}
    return [
        Swap(
            id=row.id,
            state=row.state,
            asker_id=row.employee_id,
            asker_name=asker_name,
            colleague_id=row.colleague_id,
            colleague_name=colleague_name,
            note=row.note,
            reason=row.reason,
            shift=shifts[row.duty_id],
            back=shifts.get(row.return_duty_id or 0),
        )
        for row, asker_name, colleague_name in rows
    ]


def colleagues_for(agency_id: int, shift: Shift, day: date) -> list[tuple[int, str]]:
    """Who of the counter's office may be asked: people with an account, who can answer."""
    rows = db.session.execute(
        select(Employee.id, Employee.name)
        .join(
            Employment,
            and_(Employment.agency_id == Employee.agency_id, Employment.employee_id == Employee.id),
        )
        .join(
            Account,
            and_(Account.agency_id == Employee.agency_id, Account.employee_id == Employee.id),
        )
        .join(
            Counter,
            and_(
                Counter.agency_id == Employment.agency_id,
                Counter.office_id == Employment.office_id,
            ),
        )
        .where(
            Counter.agency_id == agency_id,
            Counter.id == shift.counter_id,
            Employee.id != shift.employee_id,
            Employee.active,
            Account.active,
            Employment.starts_on <= day,
            or_(Employment.ends_on.is_(None), Employment.ends_on >= day),
        )
        .distinct()
        .order_by(Employee.name, Employee.id)
    )
    return [(employee_id, name) for employee_id, name in rows]


def shifts_of(agency_id: int, office_id: int, employees: list[int], now: datetime) -> list[Shift]:
    """What these people are planned for in an office in the next four weeks."""
    rows = db.session.execute(
        select_shifts().where(
            Duty.agency_id == agency_id,
            Counter.office_id == office_id,
            Duty.employee_id.in_(employees),
            ~Duty.cancelled,
            Duty.starts_at > now,
            Duty.starts_at < now + AHEAD,
        )
    )
    return [Shift(*row) for row in rows]
