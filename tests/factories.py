"""Plain functions that make what a test needs, and whatever that needs in turn."""

import uuid
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any, TypeVar

from flask import g
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from sqlalchemy import select

from portal.counters.models import (
    Counter,
    CounterService,
    Device,
    Duty,
    DutyEvent,
    PrintedCode,
    Service,
    VisitTicket,
)
from portal.db import Base, db
from portal.people.models import Account, Agency, Employee, Employment, Office, RoleGrant
from portal.ratings.models import Rating
from portal.records.attachment_models import Attachment
from portal.records.models import ReviewRequest

Row = TypeVar("Row", bound=Base)
_SERIAL = count(1)  # no two employees with one number
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def save(row: Row) -> Row:
    db.session.add(row)
    db.session.commit()
    return row


def make_attachment(employee: Employee) -> Attachment:
    """A picture that came with a request to look again at what was set aside."""
    own = {"agency_id": employee.agency_id, "employee_id": employee.id}
    asked = save(ReviewRequest(**own, period="2026-Q4", reason="Itu teman saya", at=LONG_AGO))
    content = b"\xff\xd8\xff\xe0 a picture"
    told = {"kind": "jpeg", "size": len(content), "digest": sha256(content).hexdigest()}
    return save(Attachment(**own, request_id=asked.id, **told, content=content, at=LONG_AGO))


def make_agency(code: str = "kota", **values: Any) -> Agency:
    defaults = {"name": f"Kota {code.title()}", "initials": "KC"}
    found = db.session.scalar(select(Agency).where(Agency.code == code))
    return found or save(Agency(code=code, **(defaults | values)))


def make_office(agency: Agency | None = None, code: str = "dukcapil", **values: Any) -> Office:
    agency = agency or make_agency()
    found = db.session.scalar(
        select(Office).where(Office.agency_id == agency.id, Office.code == code)
    )
    defaults = {"name": f"Dinas {code.title()}", "kind": "dinas"}
    return found or save(Office(agency_id=agency.id, code=code, **(defaults | values)))


def make_service(agency: Agency | None = None, code: str = "ktp", **values: Any) -> Service:
    agency = agency or make_agency()
    found = db.session.scalar(
        select(Service).where(Service.agency_id == agency.id, Service.code == code)
    )
    return found or save(Service(agency_id=agency.id, code=code, **({"name": "KTP-el"} | values)))


def make_employee(
    office: Office | None = None, name: str = "Sari Wulandari", **values: Any
) -> Employee:
    office = office or make_office()
    serial = next(_SERIAL) % 1000
    nip = None if values.get("kind") == "non_asn" else f"198609262015012{serial:03}"
    defaults = {"title": "Ibu", "kind": "pns", "nip": nip}
    employee = save(Employee(agency_id=office.agency_id, name=name, **(defaults | values)))
    save(
        Employment(
            agency_id=office.agency_id,
            employee_id=employee.id,
            office_id=office.id,
            starts_on=date(2026, 1, 1),
        )
    )
    return employee


def make_counter(
    office: Office | None = None, label: str = "Loket 3", services: tuple[Service, ...] = ()
) -> Counter:
    office = office or make_office()
    counter = save(Counter(agency_id=office.agency_id, office_id=office.id, label=label))
    for service in services:
        save(
            CounterService(agency_id=office.agency_id, counter_id=counter.id, service_id=service.id)
        )
    return counter


def make_code(counter: Counter | None = None, code: str = "7K3M9QXA", version: int = 1) -> str:
    counter = counter or make_counter()
    save(
        PrintedCode(
            code=code,
            agency_id=counter.agency_id,
            counter_id=counter.id,
            version=version,
            created_at=LONG_AGO,
        )
    )
    return code


def make_display(counter: Counter | None = None, code: str = "9WXM4TQ2", **values: Any) -> Device:
    """A screen that is signed in."""
    counter = counter or make_counter()
    defaults = {
        "created_at": LONG_AGO,
        "paired_at": LONG_AGO,
        "expires_at": datetime(2030, 1, 1, tzinfo=UTC),
    }
    return save(
        Device(
            agency_id=counter.agency_id,
            counter_id=counter.id,
            code=code,
            **(defaults | values),
        )
    )


def make_ticket(
    counter: Counter, employee: Employee | None = None, code: str = "K7M3Q9XA42", **values: Any
) -> VisitTicket:
    defaults: dict[str, Any] = {
        "issuer": "self" if employee else "queue",
        "served_on": date(2026, 11, 23),
        "period": "2026-Q4",
        "rating_id": uuid.uuid4(),
        "issued_at": datetime(2026, 11, 23, 3, 0, tzinfo=UTC),
        "expires_at": datetime(2026, 11, 26, 3, 0, tzinfo=UTC),
    }
    return save(
        VisitTicket(
            agency_id=counter.agency_id,
            code=code,
            counter_id=counter.id,
            employee_id=employee.id if employee else None,
            **(defaults | values),
        )
    )


def make_duty(
    employee: Employee,
    counter: Counter,
    starts_at: datetime = LONG_AGO,
    ends_at: datetime | None = None,
    **values: Any,
) -> Duty:
    defaults = {"source": "roster", "confirmed": True}
    return save(
        Duty(
            agency_id=counter.agency_id,
            employee_id=employee.id,
            counter_id=counter.id,
            starts_at=starts_at,
            ends_at=ends_at,
            **(defaults | values),
        )
    )


def make_check_in(duty: Duty) -> None:
    """The employee has begun this duty at the counter."""
    save(
        DutyEvent(
            agency_id=duty.agency_id,
            duty_id=duty.id,
            kind="checked_in",
            employee_id=duty.employee_id,
            counter_id=duty.counter_id,
            starts_at=duty.starts_at,
            ends_at=duty.ends_at,
            at=duty.starts_at,
        )
    )


def make_account(
    role: str = "supervisor",
    office: Office | None = None,
    employee: Employee | None = None,
    agency: Agency | None = None,
) -> Account:
    """An account that holds one role in one office (or, without office, in all)."""
    agency = agency or (db.session.get(Agency, office.agency_id) if office else make_agency())
    assert agency
    account = save(
        Account(
            agency_id=agency.id,
            employee_id=employee.id if employee else None,
            name=employee.name if employee else role,
            email=f"{role}.{uuid.uuid4().hex[:8]}@kota.example",
            password="$argon2id$nobody-signs-in-with-this",
            fs_uniquifier=uuid.uuid4().hex,
        )
    )
    save(
        RoleGrant(
            agency_id=agency.id,
            account_id=account.id,
            role=role,
            office_id=office.id if office else None,
            granted_at=LONG_AGO,
        )
    )
    db.session.refresh(account)
    return account


def give_password(account: Account, password: str = "melati-putih-harum") -> Account:
    """So that somebody can sign in by the page."""
    account.password = hash_password(password)
    db.session.commit()
    return account


def sign_in(client: FlaskClient, account: Account) -> FlaskClient:
    g.pop("_login_user", None)  # kept by the test's own application context
    with client.session_transaction() as session:
        session["_user_id"] = account.fs_uniquifier
        session["_fresh"] = True
    return client


def make_rating(
    counter: Counter,
    employee: Employee | None = None,
    overall: int = 4,
    rated_at: datetime | None = None,
    period: str = "2026-Q4",
    **values: Any,
) -> Rating:
    """A rating as `submit_rating` would have stored it."""
    rated_at = rated_at or datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    person = employee is not None and employee.civil_servant
    defaults: dict[str, Any] = {
        "id": uuid.uuid4(),
        "receipt": uuid.uuid4().hex[:12].upper(),
        "code_version": 1,
        "channel": "poster",
        "attributed_by": "one_on_duty" if person else "nobody_on_duty",
        "counts_for": "A" if person else "O",
        "language": "id",
        "device": uuid.uuid4().bytes,
        "rated_on": (rated_at + timedelta(hours=7)).date(),
        "issued_at": rated_at - timedelta(seconds=20),
        "received_at": rated_at,
    }
    return save(
        Rating(
            agency_id=counter.agency_id,
            period=period,
            counter_id=counter.id,
            employee_id=employee.id if employee else None,
            overall=overall,
            **(defaults | values),
        )
    )
