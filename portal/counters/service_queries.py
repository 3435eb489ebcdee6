"""Reads for the staff's pages of services and their standards."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from portal.counters.models import CounterService, OfficeService, Service
from portal.db import db


@dataclass(frozen=True)
class ServiceRow:
    """A service, and in how many offices and at how many counters it is given."""

    service: Service
    offices: int
    counters: int


def services_of(agency_id: int) -> list[ServiceRow]:
    """All services of an agency by name."""
    offices, counters = (
        select(func.count())
        .select_from(table)
        .where(table.agency_id == Service.agency_id, table.service_id == Service.id)
        .correlate(Service)
        .scalar_subquery()
        for table in (OfficeService, CounterService)
    )
    rows = db.session.execute(
        select(Service, offices, counters)
        .where(Service.agency_id == agency_id)
        .order_by(Service.name, Service.id)
    )
    return [ServiceRow(*row) for row in rows]


def service_of(agency_id: int, service_id: int) -> Service | None:
    return db.session.get(Service, (agency_id, service_id))


def standards_of(agency_id: int, office_id: int) -> list[tuple[OfficeService, Service]]:
    """What an office gives, with its standards."""
    rows = db.session.execute(
        select(OfficeService, Service)
        .join(
            Service,
            and_(
                Service.agency_id == OfficeService.agency_id,
                Service.id == OfficeService.service_id,
            ),
        )
        .where(OfficeService.agency_id == agency_id, OfficeService.office_id == office_id)
        .order_by(Service.name, Service.id)
    )
    return [(standard, service) for standard, service in rows]


def choosable_services(
    agency_id: int, office_id: int | None, held: Collection[int]
) -> list[Service]:
    """What a counter may give: its office's services where the office has named them, else all
    of the agency; and what it gives already."""
    own: set[int] = set()
    if office_id is not None:
        own = {service.id for _standard, service in standards_of(agency_id, office_id)}
    return [
        row.service
        for row in services_of(agency_id)
        if row.service.id in held or (row.service.active and (not own or row.service.id in own))
    ]


def service_ids_of(agency_id: int, counter_id: int) -> set[int]:
    return set(
        db.session.scalars(
            select(CounterService.service_id).where(
                CounterService.agency_id == agency_id, CounterService.counter_id == counter_id
            )
        )
    )
