"""What an operator does at the command line: each function one deed, one transaction."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from portal.db import begin_write, db
from portal.people.actions import (
    check_another_person,
    grant,
    keep_account,
    new_account,
    new_agency,
    note_act,
)
from portal.people.models import Account, Agency, Office
from portal.tick import Lease

HEARTBEAT = "heartbeat"
PATIENCE = timedelta(minutes=10)


class NoSuchAgency(Exception):
    """No agency has this code, and no name was given to make one."""


class NoSuchOffice(Exception):
    """No office of the agency has this code."""


def create_account(
    *,
    agency_code: str,
    agency_name: str | None,
    timezone: str,
    name: str,
    email: str,
    password: str,
    role: str,
    office_code: str | None,
    now: datetime,
) -> Account:
    """An account with one role, in the whole agency or in one office and all below it.

    With `agency_name` an agency that is not there yet is made first. Raises NoSuchAgency,
    NoSuchOffice and people's EmailTaken and NameTaken.
    """
    begin_write()
    agency = _agency(agency_code, agency_name, timezone, now)
    office_id = _office_id(agency.id, office_code)
    check_another_person(agency.id, name, None)
    account = new_account(agency.id, name=name, email=email, password=password)
    keep_account(account)
    grant(account, role, office_id, now)
    detail: dict[str, object] = {"role": role, "office": office_code or "", "by": "command line"}
    subject = f"account:{account.id}"
    note_act(None, "account_created", now, agency_id=agency.id, subject=subject, detail=detail)
    db.session.commit()
    return account


def _agency(code: str, name: str | None, timezone: str, now: datetime) -> Agency:
    agency = db.session.scalar(select(Agency).where(Agency.code == code))
    if agency is not None:
        return agency
    if name is None:
        raise NoSuchAgency(code)
    agency = new_agency(code, name, timezone)
    db.session.add(agency)
    db.session.flush()
    note_act(None, "create_agency", now, agency_id=agency.id, subject=f"agency:{code}")
    return agency


def _office_id(agency_id: int, code: str | None) -> int | None:
    if code is None:
        return None
    found = db.session.scalar(
        select(Office.id).where(Office.agency_id == agency_id, Office.code == code)
    )
    if found is None:
        raise NoSuchOffice(code)
    return found


def beat(now: datetime) -> int:
    """Promise that due work is looked at again within ten minutes; `portal doctor` holds us to it.

    The last of the due work, so it tells that all before it came to an end.
    """
    begin_write()
    promise = {"holder": "tick", "expires_at": now + PATIENCE}
    if db.session.get(Lease, HEARTBEAT) is None:
        db.session.add(Lease(name=HEARTBEAT, **promise))
    else:
        db.session.execute(update(Lease).where(Lease.name == HEARTBEAT).values(**promise))
    db.session.commit()
    return 0
