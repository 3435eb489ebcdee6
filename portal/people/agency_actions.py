"""What is done to an agency and its offices: each function one deed, one transaction."""

from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.db import begin_write, db
from portal.people.actions import (
    CodeTaken,
    change_values,
    grant,
    keep_account,
    new_account,
    new_agency,
    note_act,
    queue_mail,
)
from portal.people.invitations import invitation
from portal.people.models import Account, Agency, Holiday, Office
from portal.people.queries import host_id, with_descendants


class HolidayKnown(Exception):
    """The day is already a holiday."""


class OwnDescendant(Exception):
    """An office cannot stand below itself or below one of its own."""


class ActiveBelow(Exception):
    """An office cannot close while offices below it are open."""


class NotTheHost(Exception):
    """Only the agency that runs the portal adds others."""


def add_agency(
    by: Account, now: datetime, *, code: str, name: str, timezone: str, person: str, email: str
) -> Agency:
    """Another agency, with its first administrator, who is invited by mail; an act in the logs of
    both. Raises NotTheHost, CodeTaken, EmailTaken."""
    begin_write()
    if by.agency_id != host_id():
        raise NotTheHost
    agency = new_agency(code, name, timezone)
    db.session.add(agency)
    _flush_code()
    account = new_account(agency.id, name=person, email=email)
    keep_account(account)
    grant(account, "administrator", None, now)
    subject = f"agency:{code}"
    note_act(by, "create_agency", now, subject=subject)
    host: dict[str, object] = {"by": by.agency.name}
    note_act(None, "create_agency", now, agency_id=agency.id, subject=subject, detail=host)
    detail: dict[str, object] = {"role": "administrator", **host}
    subject = f"account:{account.id}"
    note_act(None, "create_account", now, agency_id=agency.id, subject=subject, detail=detail)
    queue_mail(account, *invitation(account), now)
    db.session.commit()
    return agency


def edit_agency(
    by: Account,
    agency: Agency,
    now: datetime,
    *,
    name: str,
    initials: str,
    colour: str,
    timezone: str,
    opens_at: time,
    closes_at: time,
    working_days: str,
    report_name: str,
    report_url: str,
    release_at: time,
) -> None:
    """Change what the agency is called and when it works."""
    begin_write()
    changed = change_values(
        agency,
        name=name,
        initials=initials,
        colour=colour,
        timezone=timezone,
        opens_at=opens_at,
        closes_at=closes_at,
        working_days=working_days,
        report_name=report_name,
        report_url=report_url,
        release_at=release_at,
    )
    if changed:
        detail: dict[str, object] = {"changed": changed}
        note_act(by, "edit_agency", now, subject=f"agency:{agency.code}", detail=detail)
    db.session.commit()


def add_holiday(
    by: Account, day: date, name: str, now: datetime, hours: tuple[time, time] | None = None
) -> None:
    """Close the agency's counters on a day, or open them for these hours only."""
    begin_write()
    opens_at, closes_at = hours or (None, None)
    db.session.add(
        Holiday(agency_id=by.agency_id, day=day, name=name, opens_at=opens_at, closes_at=closes_at)
    )
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise HolidayKnown from None
    note_act(by, "add_holiday", now, subject=f"holiday:{day.isoformat()}")
    db.session.commit()


def remove_holiday(by: Account, holiday: Holiday, now: datetime) -> None:
    """Let the day be a working day again."""
    begin_write()
    note_act(by, "remove_holiday", now, subject=f"holiday:{holiday.day.isoformat()}")
    db.session.delete(holiday)
    db.session.commit()


def add_office(
    by: Account,
    now: datetime,
    *,
    code: str,
    name: str,
    kind: str,
    address: str,
    parent_id: int | None,
) -> Office:
    """A new node of the tree."""
    begin_write()
    office = Office(
        agency_id=by.agency_id,
        code=code,
        name=name,
        kind=kind,
        address=address,
        parent_id=parent_id,
    )
    db.session.add(office)
    _flush_code()
    note_act(by, "add_office", now, subject=f"office:{code}")
    db.session.commit()
    return office


def edit_office(
    by: Account,
    office: Office,
    now: datetime,
    *,
    code: str,
    name: str,
    kind: str,
    address: str,
    parent_id: int | None,
    active: bool,
) -> None:
    """Change an office, its place in the tree, or close and reopen it."""
    begin_write()
    below = with_descendants(office.agency_id, {office.id})
    if parent_id in below:
        raise OwnDescendant
    if office.active and not active and _any_active(office, below):
        raise ActiveBelow
    changed = change_values(
        office,
        code=code,
        name=name,
        kind=kind,
        address=address,
        parent_id=parent_id,
        active=active,
    )
    _flush_code()
    if changed:
        detail: dict[str, object] = {"changed": changed}
        note_act(by, "edit_office", now, subject=f"office:{code}", detail=detail)
    db.session.commit()


def _flush_code() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise CodeTaken from None


def _any_active(office: Office, below: frozenset[int]) -> bool:
    found = db.session.scalar(
        select(Office.id)
        .where(
            Office.agency_id == office.agency_id,
            Office.id.in_(below - {office.id}),
            Office.active,
        )
        .limit(1)
    )
    return found is not None
