"""Objective measures as the audit, their officer and the employee read them; no score does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, select

from portal.counters.periods import period_of
from portal.db import db
from portal.people.models import Employment
from portal.people.queries import Scope
from portal.records.measure_models import ObjectiveMeasure
from portal.records.queries import employed_during

if TYPE_CHECKING:
    from portal.scoring.data import Floats

KEEP_YEARS = 5  # after the quarter, as ratings


@dataclass(frozen=True)
class Held:
    """One measure of a period: how many employees have a value, and when the last one came."""

    period: str
    measure: str
    unit: str
    employees: int
    imported_at: datetime


def oldest_kept(today: date) -> str:
    """The quarter before which measures are forgotten."""
    return period_of(today.replace(year=today.year - KEEP_YEARS, day=1))


def within(scope: Scope, period: str) -> ColumnElement[bool]:
    """Measures of a period about those who worked in a scope then."""
    own = and_(ObjectiveMeasure.agency_id == scope.agency_id, ObjectiveMeasure.period == period)
    if scope.offices is None:
        return own
    there = select(Employment.employee_id).where(
        Employment.agency_id == scope.agency_id,
        Employment.office_id.in_(scope.offices),
        employed_during(period),
    )
    return and_(own, ObjectiveMeasure.employee_id.in_(there))


def held(scope: Scope, period: str) -> list[Held]:
    """What a scope has of a period, by name."""
    rows = db.session.execute(
        select(
            ObjectiveMeasure.measure,
            func.min(ObjectiveMeasure.unit),
            func.count(),
            func.max(ObjectiveMeasure.imported_at),
        )
        .where(within(scope, period))
        .group_by(ObjectiveMeasure.measure)
        .order_by(ObjectiveMeasure.measure)
    )
    return [Held(period, *row) for row in rows]


def periods_held(agency_id: int) -> list[str]:
    """Quarters with a measure, the newest first."""
    rows = db.session.scalars(
        select(ObjectiveMeasure.period)
        .where(ObjectiveMeasure.agency_id == agency_id)
        .distinct()
        .order_by(ObjectiveMeasure.period.desc())
    )
    return list(rows)


def values_of(agency_id: int, employee_id: int) -> Sequence[ObjectiveMeasure]:
    """All that is held about one employee, for that employee."""
    return db.session.scalars(
        select(ObjectiveMeasure)
        .where(ObjectiveMeasure.agency_id == agency_id, ObjectiveMeasure.employee_id == employee_id)
        .order_by(ObjectiveMeasure.period, ObjectiveMeasure.measure)
    ).all()


def anchors(agency_id: int, period: str, employees: Sequence[int]) -> "dict[str, Floats]":
    """Each measure of a period, parallel to the employees; NaN: not measured."""
    import numpy as np  # noqa: PLC0415  a web process loads it for the audit only

    place = {employee_id: at for at, employee_id in enumerate(employees)}
    rows = db.session.execute(
        select(ObjectiveMeasure.measure, ObjectiveMeasure.employee_id, ObjectiveMeasure.value)
        .where(ObjectiveMeasure.agency_id == agency_id, ObjectiveMeasure.period == period)
        .order_by(ObjectiveMeasure.measure)
    )
    found: dict[str, Floats] = {}
    for measure, employee_id, value in rows:
        if employee_id in place:
            values = found.setdefault(measure, np.full(len(place), np.nan))
            values[place[employee_id]] = value
    return found
