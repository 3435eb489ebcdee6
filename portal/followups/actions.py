"""What is done in a case: it is given to somebody, noted on, resolved."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.db import begin_write, db
from portal.followups.models import FollowUp, FollowUpEvent
from portal.followups.notices import tell_assigned
from portal.followups.queries import may_handle
from portal.people.actions import note_act
from portal.people.models import Account
from portal.ratings.masking import mask


class NotTheirs(Exception):
    """The account may not handle this case: another office, or the case is about its owner."""


class Resolved(Exception):
    """The case is resolved: nothing more is done in it."""


@dataclass(frozen=True)
class Resolution:
    """What became of a case: fixed, logged (by when), or explained; and the reason in words."""

    outcome: str
    text: str
    logged_for: date | None = None


def assign(by: Account, case_id: int, to: Account, now: datetime) -> None:
    """Give a case to somebody who handles cases of its office; raises NotTheirs and Resolved."""
    case = _open_case(by, case_id)
    if not may_handle(to, case):
        db.session.rollback()
        raise NotTheirs
    if case.assigned_to == to.id:
        db.session.rollback()
        return
    case.assigned_to, case.state = to.id, "assigned"
    _event(by, case, "assigned", now, assigned_to=to.id)
    note_act(by, "assign_follow_up", now, subject=f"follow_up:{case.id}")
    if to.id != by.id:
        tell_assigned(to, case.id, now)
    db.session.commit()


def note(by: Account, case_id: int, text: str, now: datetime) -> None:
    """Append what was done or found out; personal numbers are masked. Raises Resolved."""
    case = _open_case(by, case_id)
    _event(by, case, "noted", now, text=mask(text))
    note_act(by, "note_follow_up", now, subject=f"follow_up:{case.id}")
    db.session.commit()


def resolve(by: Account, case_id: int, resolution: Resolution, now: datetime) -> None:
    """End a case with what became of it. Whoever ends a case nobody holds has held it.

    Raises NotTheirs and Resolved.
    """
    case = _open_case(by, case_id)
    if case.assigned_to is None:
        case.assigned_to = by.id
    case.state, case.outcome = "resolved", resolution.outcome
    case.logged_for = resolution.logged_for
    case.resolved_on = now.astimezone(by.agency.zone).date()
    _event(by, case, "resolved", now, text=mask(resolution.text))
    detail: dict[str, object] = {"outcome": resolution.outcome}
    note_act(by, "resolve_follow_up", now, subject=f"follow_up:{case.id}", detail=detail)
    db.session.commit()


def _open_case(by: Account, case_id: int) -> FollowUp:
    """The case, held until the end of the transaction."""
    begin_write()
    case = db.session.get(FollowUp, (by.agency_id, case_id), with_for_update=True)
    if case is None or not may_handle(by, case):
        db.session.rollback()
        raise NotTheirs
    if case.state == "resolved":
        db.session.rollback()
        raise Resolved
    return case


def _event(
    by: Account,
    case: FollowUp,
    kind: str,
    now: datetime,
    *,
    text: str = "",
    assigned_to: int | None = None,
) -> None:
    db.session.add(
        FollowUpEvent(
            agency_id=case.agency_id,
            follow_up_id=case.id,
            kind=kind,
            text=text,
            assigned_to=assigned_to,
            at=now,
            account_id=by.id,
        )
    )
