"""What an operator does at the command line: each function one deed, one transaction."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_security import hash_password
from sqlalchemy import select, update

from portal.access import ROLES
from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import ZONES, Account, Agency, Office, RoleGrant
from portal.tick import Lease

HEARTBEAT = "heartbeat"
PATIENCE = timedelta(minutes=10)


class AccountExists(Exception):
    """This address already has an account."""


class NoSuchAgency(Exception):
    """No agency has this code, and no name was given to make one."""


class NoSuchOffice(Exception):
    """No office of the agency has this code."""


@dataclass(frozen=True)
class NewAgency:
    """What an agency needs that is made together with its first account."""

    name: str
    initials: str
    timezone: str

    def __post_init__(self) -> None:
        if self.timezone not in ZONES:
            raise ValueError(f"the time zone is one of {', '.join(ZONES)}")


def create_account(
    *,
    agency_code: str,
    new_agency: NewAgency | None,
    name: str,
    email: str,
    password: str,
    role: str,
    office_code: str | None,
    now: datetime,
) -> Account:
    """An account with one role, in the whole agency or in one office and all below it."""
    if role not in ROLES:
        raise ValueError(f"no such role: {role}")
    begin_write()
    if db.session.scalar(select(Account.id).where(Account.email == email)):
        raise AccountExists(email)
    agency = _agency(agency_code, new_agency)
    office_id = _office_id(agency.id, office_code)
    account = Account(
        agency_id=agency.id,
        name=name,
        email=email,
        password=hash_password(password),
        fs_uniquifier=uuid.uuid4().hex,
    )
    db.session.add(account)
    db.session.flush()
    db.session.add(
        RoleGrant(
            agency_id=agency.id,
            account_id=account.id,
            role=role,
            office_id=office_id,
            granted_at=now,
        )
    )
    detail: dict[str, object] = {"role": role, "office": office_code or "", "by": "command line"}
    note_act(
        None,
        "account_created",
        now,
        agency_id=agency.id,
        subject=f"account {account.id}",
        detail=detail,
    )
    db.session.commit()
    return account


def _agency(code: str, new: NewAgency | None) -> Agency:
    agency = db.session.scalar(select(Agency).where(Agency.code == code))
    if agency is not None:
        return agency
    if new is None:
        raise NoSuchAgency(code)
    agency = Agency(code=code, name=new.name, initials=new.initials, timezone=new.timezone)
    db.session.add(agency)
    db.session.flush()
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


def note_export(agency_id: int, period: str, ratings: int, now: datetime) -> None:
    """That ratings left the portal as a file stands in the audit log."""
    begin_write()
    detail: dict[str, object] = {"ratings": ratings, "by": "command line"}
    note_act(None, "ratings_exported", now, agency_id=agency_id, subject=period, detail=detail)
    db.session.commit()


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
