"""The quarters of an agency as a calendar: when each may be closed, when it was, and what is left
to do in it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, false, func, or_, select

from portal.counters.periods import first_day, last_day, next_period, period_of
from portal.db import db
from portal.people.models import Agency
from portal.people.queries import Scope
from portal.ratings.models import Release
from portal.records.candidates import undecided
from portal.records.judgements import AWAITS_RULING, not_superseded, with_ruling
from portal.records.models import Contest, Decision
from portal.records.policies import AgencyPolicy
from portal.records.queries import works_in

# What comes next in a quarter, from the one to come to the one that is done.
AHEAD, RUNS, WAITS, CLOSABLE, DECIDE, RULE, OBJECT, DONE = (
    "ahead", "runs", "waits", "closable", "decide", "rule", "object", "done",
)  # fmt: skip
A_YEAR = 4  # quarters in which those without a decision are still counted


@dataclass(frozen=True)
class Quarter:
    """A quarter with its days, in the agency's time zone.

    closable      the first day on which it may be closed
    objections    the last day on which somebody may object to a decision in place; none: nobody may
    undecided     people whose record advises award or guidance and nobody has decided
    contests      objections that wait, and `rulings` the day by which the last is due
    """

    period: str
    closable: date
    closed_at: datetime | None
    released_at: datetime | None
    objections: date | None
    undecided: int
    contests: int
    rulings: date | None
    today: date

    @property
    def first(self) -> date:
        return first_day(self.period)

    @property
    def last(self) -> date:
        return last_day(self.period)

    @property
    def step(self) -> str:
        """What comes next: the first of these that holds."""
        if self.closed_at is None:
            return self._before_closing()
        if self.undecided:
            return DECIDE
        if self.contests:
            return RULE
        return OBJECT if self.objections and self.objections >= self.today else DONE

    def _before_closing(self) -> str:
        if self.today < self.first:
            return AHEAD
        if self.today <= self.last:
            return RUNS
        return WAITS if self.today < self.closable else CLOSABLE


def closable_on(period: str, policy: AgencyPolicy) -> date:
    """The first day on which a quarter may be closed."""
    return last_day(period) + timedelta(days=1 + policy.closing_days)


def quarters(agency: Agency, scope: Scope, policy: AgencyPolicy, today: date) -> list[Quarter]:
    """The quarter to come, the running one and all that have figures, the newest first.

    Decisions and people are counted as far as a scope goes; a scope of nothing counts none.
    """
    current, released = period_of(today), _releases(agency.id)
    periods = sorted({current, next_period(current), *released}, reverse=True)
    judged = _decisions(scope, periods) if scope else {}
    closed = [period for period in periods if period in released and released[period].closed]
    return [
        Quarter(
            period,
            closable_on(period, policy),
            released[period].closed if period in released else None,
            released[period].last if period in released else None,
            _until(judged.get(period), agency, policy),
            _undecided(scope, period) if scope and period in closed[:A_YEAR] else 0,
            judged[period].waiting if period in judged else 0,
            judged[period].due if period in judged else None,
            today,
        )
        for period in periods
    ]


def _until(judged: Any, agency: Agency, policy: AgencyPolicy) -> date | None:
    if judged is None or judged.last is None:
        return None
    day: date = judged.last.astimezone(agency.zone).date()
    return day + timedelta(days=policy.contest_days)


def _releases(agency_id: int) -> dict[str, Any]:
    """By quarter: when figures last moved (`last`), and when it was closed (`closed`)."""
    done = func.min(Release.done_at).filter(Release.closes).label("closed")
    rows = db.session.execute(
        select(Release.period, func.max(Release.done_at).label("last"), done)
        .where(Release.agency_id == agency_id, Release.done_at.is_not(None))
        .group_by(Release.period)
    )
    return {row.period: row for row in rows}


def _decisions(scope: Scope, periods: list[str]) -> dict[str, Any]:
    """By quarter: when the last decision was made to which nobody has objected (`last`), the
    objections that wait (`waiting`) and when the last of them is due (`due`)."""
    worked = [and_(Decision.period == period, works_in(scope, period)) for period in periods]
    rows = db.session.execute(
        with_ruling(
            Decision.period,
            func.max(Decision.decided_at).filter(Contest.id.is_(None)).label("last"),
            func.count().filter(AWAITS_RULING).label("waiting"),
            func.max(Contest.due_on).filter(AWAITS_RULING).label("due"),
        )
        .where(
            Decision.agency_id == scope.agency_id,
            not_superseded(scope.agency_id),
            or_(false(), *worked) if scope.offices is not None else Decision.period.in_(periods),
        )
        .group_by(Decision.period)
    )
    return {row.period: row for row in rows}


def _undecided(scope: Scope, period: str) -> int:
    return db.session.scalar(undecided(scope, period, func.count())) or 0
