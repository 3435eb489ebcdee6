"""Reads of cases: by office and what is due; never whom they are about, nor the day of the visit.

A case about the reader does not exist for the reader.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from portal.db import db
from portal.followups.models import FollowUp, FollowUpEvent
from portal.followups.notices import HANDLERS, told_roles
from portal.people.account_queries import accounts_with
from portal.people.models import Account, Office
from portal.people.paging import COUNTED, Page, read_page
from portal.people.queries import Scope, scope_of
from portal.ratings.models import Rating, RatingComment, Release, Withdrawal
from portal.ratings.reattribution_queries import ever_about
from portal.records.policies import AgencyPolicy

CASES_ON_A_PAGE = 25
# Not "other than resolved", which no index finds among the many that are.
WAITING = FollowUp.state.in_(("open", "assigned"))
SHOWN: dict[str, ColumnElement[bool]] = {
    "open": WAITING,
    "resolved": FollowUp.state == "resolved",
}


@dataclass(frozen=True)
class Line:
    """A case in the list."""

    id: int
    office: str
    why: str
    theme: str
    period: str
    state: str
    opened_on: date
    due_on: date
    outcome: str | None
    holder: str | None


@dataclass(frozen=True)
class Event:
    """What was done in a case, by whom; nobody where due work did it."""

    kind: str
    text: str
    at: datetime
    by: str | None
    to: str | None


@dataclass(frozen=True)
class Tally:
    """What became of the cases of an office in a period."""

    office: str
    cases: int
    waiting: int
    late: int
    fixed: int
    logged: int
    explained: int
    in_time: int

    @property
    def resolved(self) -> int:
        return self.fixed + self.logged + self.explained


def _lines(scope: Scope, besides: int | None) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(FollowUp.id, Office.name, FollowUp.why, FollowUp.theme, FollowUp.period),
            *(FollowUp.state, FollowUp.opened_on, FollowUp.due_on, FollowUp.outcome),
            Account.name,
        )
        .join(Office, _office())
        .outerjoin(Account, Account.id == FollowUp.assigned_to)
        .where(*_mine(scope, besides))
    )


def cases_with(scope: Scope, besides: int | None, text: str, most: int) -> list[Line]:
    """Cases with a text in a note, or in the name of their office or of whoever holds them."""
    noted = exists().where(
        FollowUpEvent.agency_id == FollowUp.agency_id,
        FollowUpEvent.follow_up_id == FollowUp.id,
        FollowUpEvent.text.icontains(text, autoescape=True),
    )
    named = [one.icontains(text, autoescape=True) for one in (Office.name, Account.name)]
    statement = _lines(scope, besides).where(or_(noted, *named))
    rows = db.session.execute(statement.order_by(FollowUp.due_on, FollowUp.id).limit(most))
    return [Line(*row) for row in rows]


def cases(
    scope: Scope, besides: int | None, show: str, office_id: int | None, number: int
) -> Page[Line]:
    """Cases of a scope, those first that are due first."""
    statement = _lines(scope, besides).where(SHOWN[show])
    if office_id is not None:
        statement = statement.where(FollowUp.office_id == office_id)
    latest = (FollowUp.resolved_on.desc(), FollowUp.id.desc())
    ordered = statement.order_by(
        *(latest if show == "resolved" else (FollowUp.due_on, FollowUp.id))
    )
    return read_page(ordered, number, Line, CASES_ON_A_PAGE, counted=COUNTED)


def due_count(
    scope: Scope, besides: int | None, today: date, *needs: ColumnElement[bool]
) -> tuple[int, int]:
    """How many cases wait, and how many of them are late."""
    late = func.coalesce(func.sum(case((FollowUp.due_on < today, 1), else_=0)), 0)
    here = (*_mine(scope, besides), WAITING, *needs)
    row = db.session.execute(select(func.count(), late).select_from(FollowUp).where(*here)).one()
    return row[0], int(row[1])


def waiting_for(account: Account, policy: AgencyPolicy, today: date) -> tuple[int, int]:
    """The same of what needs this account: what goes to it by the agency's rule, what it holds,
    and what was late and therefore told to those above."""
    mine = scope_of(account, *HANDLERS)
    needs = or_(
        _of(scope_of(account, *told_roles(policy))),
        FollowUp.assigned_to == account.id,
        and_(FollowUp.escalated_on.is_not(None), _of(scope_of(account, "supervisor"))),
    )
    return due_count(mine, account.employee_id, today, needs)


def _of(scope: Scope) -> ColumnElement[bool]:
    return true() if scope.offices is None else FollowUp.office_id.in_(scope.offices)


@dataclass(frozen=True)
class Held:
    """A case that somebody holds."""

    id: int
    office: str
    why: str
    due_on: date


def held_by(agency_id: int, account_id: int) -> list[Held]:
    """The unfinished cases that an account holds, those first that are due first."""
    rows = db.session.execute(
        select(FollowUp.id, Office.name, FollowUp.why, FollowUp.due_on)
        .join(Office, _office())
        .where(
            FollowUp.agency_id == agency_id,
            FollowUp.assigned_to == account_id,
            WAITING,
        )
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(CASES_ON_A_PAGE)
    )
    return [Held(*row) for row in rows]


def case_in(scope: Scope, besides: int | None, case_id: int) -> FollowUp | None:
    """One case, if the reader may see it."""
    return db.session.scalar(select(FollowUp).where(FollowUp.id == case_id, *_mine(scope, besides)))


def said(case_: FollowUp) -> RatingComment | None:
    """The comment that came with it, while it may be read: not erased, not taken back."""
    last = (
        select(func.max(Release.started_at))
        .where(
            Release.agency_id == case_.agency_id,
            Release.period == case_.period,
            Release.done_at.is_not(None),
        )
        .scalar_subquery()
    )
    gone = exists().where(
        Withdrawal.agency_id == RatingComment.agency_id,
        Withdrawal.period == RatingComment.period,
        Withdrawal.rating_id == RatingComment.rating_id,
        Withdrawal.at <= last,
    )
    return db.session.scalar(
        select(RatingComment).where(
            RatingComment.agency_id == case_.agency_id,
            RatingComment.period == case_.period,
            RatingComment.rating_id == case_.rating_id,
            RatingComment.released.is_not(None),
            ~RatingComment.for_inspector,
            ~gone,
        )
    )


def events_of(case_: FollowUp) -> list[Event]:
    """What was done, the oldest first."""
    to = aliased(Account)
    rows = db.session.execute(
        select(FollowUpEvent.kind, FollowUpEvent.text, FollowUpEvent.at, Account.name, to.name)
        .outerjoin(Account, Account.id == FollowUpEvent.account_id)
        .outerjoin(to, to.id == FollowUpEvent.assigned_to)
        .where(FollowUpEvent.agency_id == case_.agency_id, FollowUpEvent.follow_up_id == case_.id)
        .order_by(FollowUpEvent.at, FollowUpEvent.id)
    )
    return [Event(*row) for row in rows]


def may_handle(account: Account, case_: FollowUp) -> bool:
    """Whether the account handles cases of this office, and the case is not about its owner."""
    if not account.active or account.agency_id != case_.agency_id:
        return False
    if case_.office_id not in scope_of(account, *HANDLERS):
        return False
    about = select(FollowUp.id).where(
        FollowUp.agency_id == case_.agency_id,
        FollowUp.id == case_.id,
        _about(account.employee_id or 0),
    )
    return db.session.scalar(about) is None


def handlers_of(case_: FollowUp) -> list[Account]:
    """Who can be given this case."""
    found = accounts_with(case_.agency_id, *HANDLERS)
    return [account for account in found if may_handle(account, case_)]


def tallies(scope: Scope, period: str, today: date) -> list[Tally]:
    """Per office of a scope, by name; also cases about the reader count: a number names nobody."""
    return [Tally(*row) for row in db.session.execute(_tallied(scope, period, today))]


def tallies_page(scope: Scope, period: str, today: date, number: int) -> Page[Tally]:
    """The same, so many offices a page: only their cases are counted."""
    cases = select(FollowUp.office_id).where(
        FollowUp.agency_id == scope.agency_id, FollowUp.period == period
    )
    offices = (
        select(Office.id)
        .where(Office.agency_id == scope.agency_id, Office.id.in_(_within(cases, scope)))
        .order_by(Office.name, Office.id)
    )
    page = read_page(offices, number, int)
    shown = Scope(scope.agency_id, frozenset(page.items))
    return Page(tallies(shown, period, today), page.page, page.total, page.size)


def _tallied(scope: Scope, period: str, today: date) -> Select[Any]:
    def number(*which: ColumnElement[bool]) -> Any:
        return func.sum(case((and_(*which), 1), else_=0))

    statement = (
        select(
            Office.name,
            func.count(),
            number(WAITING),
            number(WAITING, FollowUp.due_on < today),
            *(number(FollowUp.outcome == one) for one in ("fixed", "logged", "explained")),
            number(FollowUp.resolved_on <= FollowUp.due_on),
        )
        .select_from(FollowUp)
        .join(Office, _office())
        .where(FollowUp.agency_id == scope.agency_id, FollowUp.period == period)
        .group_by(Office.id, Office.name)
        .order_by(Office.name, Office.id)
    )
    return _within(statement, scope)


def _office() -> ColumnElement[bool]:
    return and_(Office.agency_id == FollowUp.agency_id, Office.id == FollowUp.office_id)


def _within(statement: Select[Any], scope: Scope) -> Select[Any]:
    if scope.offices is None:
        return statement
    return statement.where(FollowUp.office_id.in_(scope.offices))


def _mine(scope: Scope, besides: int | None) -> list[ColumnElement[bool]]:
    found = [FollowUp.agency_id == scope.agency_id]
    if scope.offices is not None:
        found.append(FollowUp.office_id.in_(scope.offices))
    return found if besides is None else [*found, ~_about(besides)]


def _about(employee_id: int) -> ColumnElement[bool]:
    """Cases of ratings that name this employee, or ever did."""
    return exists().where(
        Rating.agency_id == FollowUp.agency_id,
        Rating.period == FollowUp.period,
        Rating.id == FollowUp.rating_id,
        ever_about(employee_id),
    )
