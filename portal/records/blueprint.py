"""The blueprint of records: who may open which record, and how pages name them."""

from flask import Blueprint, abort
from flask_security import current_user

from portal.db import db
from portal.people.models import Employee
from portal.people.queries import Scope, scope_of
from portal.ratings.periods import NotAPeriod, first_day
from portal.records.queries import offices_during

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


def employee_or_404(employee_id: int, period: str, *roles: str) -> Employee:
    """The employee, if it is the reader or worked in the reader's scope; for anybody else there
    is no such page."""
    known_period(period)
    employee = db.session.get(Employee, (current_user.agency_id, employee_id))
    if employee is None or not (own(employee_id) or within(employee_id, period, *roles)):
        abort(404)
    return employee
