"""In which lists of names and scores an employee stood that somebody has read or taken away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from portal.db import db
from portal.people.models import Agency, AuditEvent, Office, RoleGrant
from portal.records.models import Decision, Score
from portal.records.queries import offices_during_each, periods_of, visible_scores

# Acts about a list, with a quarter as their subject; of decisions only who has one stands in it.
OF_DECISIONS = ("decisions_read", "decisions_exported", "skp_exported")
OF_CANDIDATES = "candidates_listed"
LISTS = ("records_listed", OF_CANDIDATES, *OF_DECISIONS)
MOST = 60  # acts that are looked at


@dataclass(frozen=True)
class Listing:
    """On which day somebody of these roles and offices saw a list (an act of `LISTS`) of a quarter
    that holds, or may hold, the employee; never who. No office: the whole agency."""

    day: date
    act: str
    period: str
    roles: tuple[tuple[str, str | None], ...]


def listings(agency: Agency, employee_id: int, readers: tuple[str, ...]) -> list[Listing]:
    """The latest first; the same person and list once a day."""
    periods = periods_of(agency.id, employee_id)
    rows = _acts(agency.id, periods)
    if not rows:
        return []
    offices = _above(agency.id, offices_during_each(agency.id, {(employee_id, p) for p in periods}))
    decided, advised = _decided(agency.id, employee_id), _advised(agency.id, employee_id)
    held = _held({row.account_id for row in rows}, readers)
    found: dict[tuple[Any, ...], Listing] = {}
    for row in rows:
        if row.action in OF_DECISIONS and decided.get(row.subject, row.at) >= row.at:
            continue
        if row.action == OF_CANDIDATES and row.subject not in advised:
            continue
        then = tuple(
            (grant.role, grant.name)
            for grant in held.get(row.account_id, [])
            if grant.granted_at <= row.at
            and (grant.ended_at is None or grant.ended_at > row.at)
            and (grant.office_id is None or grant.office_id in offices[employee_id, row.subject])
        )
        day = row.at.astimezone(agency.zone).date()
        if then:
            key = (day, row.account_id, row.action, row.subject)
            found.setdefault(key, Listing(day, row.action, row.subject, then))
    return list(found.values())


def _acts(agency_id: int, periods: list[str]) -> Any:
    return db.session.execute(
        select(AuditEvent.at, AuditEvent.account_id, AuditEvent.action, AuditEvent.subject)
        .where(
            AuditEvent.agency_id == agency_id,
            AuditEvent.subject.in_(periods),
            AuditEvent.action.in_(LISTS),
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(MOST)
    ).all()


def _decided(agency_id: int, employee_id: int) -> dict[str, datetime]:
    """When the first decision about an employee was made, by quarter."""
    rows = db.session.execute(
        select(Decision.period, func.min(Decision.decided_at))
        .where(Decision.agency_id == agency_id, Decision.employee_id == employee_id)
        .group_by(Decision.period)
    )
    return dict(rows.all())


def _advised(agency_id: int, employee_id: int) -> set[str]:
    """The quarters in which somebody's figures advised award or guidance."""
    advised = Score.advice.in_(("award_candidate", "guidance_candidate"))
    own = (Score.agency_id == agency_id, Score.employee_id == employee_id)
    return set(db.session.scalars(visible_scores(Score.period).where(*own, advised)))


def _above(
    agency_id: int, places: dict[tuple[int, str], set[int]]
) -> dict[tuple[int, str], set[int]]:
    """Offices with all that they stand below."""
    rows = db.session.execute(
        select(Office.id, Office.parent_id).where(Office.agency_id == agency_id)
    )
    parents: dict[int, int | None] = dict(rows.all())
    found = {}
    for key, offices in places.items():
        found[key] = set(offices)
        for office in offices:
            above = parents.get(office)
            while above is not None and above not in found[key]:
                found[key].add(above)
                above = parents.get(above)
    return found


def _held(accounts: Iterable[int | None], readers: tuple[str, ...]) -> dict[int, list[Any]]:
    """The roles of readers that accounts hold or held, with the names of their offices."""
    rows = db.session.execute(
        select(
            *(RoleGrant.account_id, RoleGrant.role, RoleGrant.office_id, Office.name),
            *(RoleGrant.granted_at, RoleGrant.ended_at),
        )
        .outerjoin(
            Office,
            (Office.agency_id == RoleGrant.agency_id) & (Office.id == RoleGrant.office_id),
        )
        .where(
            RoleGrant.account_id.in_({one for one in accounts if one is not None}),
            RoleGrant.role.in_(readers),
        )
        .order_by(RoleGrant.role, Office.name)
    )
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.account_id, []).append(row)
    return found
