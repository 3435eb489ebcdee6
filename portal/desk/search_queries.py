"""What a text is found in: each kind of thing only as far as the reader's own pages go."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.counters.models import Counter, Service
from portal.db import db
from portal.people.models import Employee, Office
from portal.people.queries import Scope
from portal.records.queries import works_in

MOST = 10  # of a kind; who looks for more says more


def has(text: str, *columns: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether the text stands in one of the columns, in capitals or not."""
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def offices(scope: Scope, text: str) -> Sequence[Any]:
    """Rows of id, code and name."""
    statement = select(Office.id, Office.code, Office.name).where(
        Office.agency_id == scope.agency_id, has(text, Office.name, Office.code)
    )
    if scope.offices is not None:
        statement = statement.where(Office.id.in_(scope.offices))
    return db.session.execute(statement.order_by(Office.name, Office.id).limit(MOST)).all()


def counters(scope: Scope, text: str, *, open_only: bool = False) -> Sequence[Any]:
    """Rows of id, label, place and name of the office."""
    statement = (
        select(Counter.id, Counter.label, Counter.place, Office.name)
        .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
        .where(Counter.agency_id == scope.agency_id, has(text, Counter.label, Counter.place))
    )
    if scope.offices is not None:
        statement = statement.where(Counter.office_id.in_(scope.offices))
    if open_only:
        statement = statement.where(Counter.active)
    statement = statement.order_by(Office.name, Counter.label, Counter.id)
    return db.session.execute(statement.limit(MOST)).all()


def services(agency_id: int, text: str) -> Sequence[Any]:
    """Rows of id and name."""
    return db.session.execute(
        select(Service.id, Service.name)
        .where(Service.agency_id == agency_id, has(text, Service.name, Service.code))
        .order_by(Service.name, Service.id)
        .limit(MOST)
    ).all()


def records(scope: Scope, period: str, text: str) -> Sequence[Any]:
    """Rows of id and name: civil servants employed in the scope during a period."""
    return db.session.execute(
        select(Employee.id, Employee.name)
        .where(
            Employee.agency_id == scope.agency_id,
            Employee.kind != "non_asn",
            works_in(scope, period),
            has(text, Employee.name),
        )
        .order_by(Employee.name, Employee.id)
        .limit(MOST)
    ).all()
