"""The blueprint of records: who may open which record, and how pages name them."""

from datetime import date

from flask import Blueprint, abort
from flask_security import current_user

from portal.counters.periods import NotAPeriod, first_day, last_day
from portal.db import db
from portal.people.models import Employee
from portal.people.queries import Scope, scope_of
from portal.records.queries import offices_during, workplaces

blueprint = Blueprint("records", __name__, template_folder="templates")

READERS = ("supervisor", "hr", "appeals_officer", "auditor")


def scope() -> Scope:
    """The offices whose records the reader may open."""
    return scope_of(current_user, *READERS)


def known_period(period: str) -> str:
    try:
        first_day(period)
    except NotAPeriod:
        abort(404)
    return period


def own(employee_id: int) -> bool:
    return bool(current_user.employee_id == employee_id)


def within(employee_id: int, period: str, *roles: str) -> bool:
    """Whether the employee worked, in that period, where the reader holds one of the roles."""
    found = scope_of(current_user, *roles)
    return any(
        office in found for office in offices_during(current_user.agency_id, employee_id, period)
    )


def periods_within(employee_id: int, periods: list[str], *roles: str) -> list[str]:
    """Those periods in which the employee worked where the reader holds one of the roles."""
    found = scope_of(current_user, *roles)
    places = [
        (place.starts_on, place.ends_on or date.max)
        for place in workplaces(current_user.agency_id, employee_id)
        if place.office_id in found
    ]
    return [
        period
        for period in periods
        if any(starts <= last_day(period) and ends >= first_day(period) for starts, ends in places)
    ]


def employee_or_404(employee_id: int, period: str, *roles: str) -> Employee:
    """The employee, if it is the reader or worked in the reader's scope; for anybody else there
    is no such page."""
    known_period(period)
    employee = db.session.get(Employee, (current_user.agency_id, employee_id))
    if employee is None or not (own(employee_id) or within(employee_id, period, *roles)):
        abort(404)
    return employee
