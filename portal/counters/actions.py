"""What is done to services, counters and printed codes: each function one deed."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import IntegrityError

from portal.counters.codes import new_code
from portal.counters.duty_queries import staff_of
from portal.counters.models import (
    CodeEvent,
    Counter,
    CounterService,
    DeskCode,
    Device,
    OfficeService,
    PrintedCode,
    Service,
)
from portal.db import begin_write, db, new_id
from portal.people.actions import CodeTaken, change_values, note_act
from portal.people.models import Account, Agency


class LabelTaken(Exception):
    """The office has a counter of this name."""


class CounterHasCode(Exception):
    """The counter has a current code; a new one replaces it, with a reason."""


class NotOfThisOffice(Exception):
    """The employee does not work in the counter's office."""


class NoCurrentCode(Exception):
    """This is not, or not any more, the counter's code: nothing to replace or revoke."""


def add_service(by: Account, code: str, name: str, now: datetime) -> int:
    """Something citizens come for, in all offices of the agency."""
    begin_write()
    service = Service(agency_id=by.agency_id, id=new_id(), code=code, name=name)
    db.session.add(service)
    _flush_or(CodeTaken)
    note_act(by, "add_service", now, subject=f"service:{code}")
    db.session.commit()
    return service.id


def edit_service(
    by: Account, service: Service, now: datetime, *, code: str, name: str, active: bool
) -> None:
    begin_write()
    if change_values(service, code=code, name=name, active=active):
        _flush_or(CodeTaken)
        note_act(by, "edit_service", now, subject=f"service:{code}")
    db.session.commit()


def set_standard(
    by: Account, office_id: int, service_id: int, now: datetime, **standard: str
) -> None:
    """What this service asks for and promises in this office."""
    begin_write()
    key = (by.agency_id, office_id, service_id)
    row = db.session.get(OfficeService, key)
    if row is None:
        row = OfficeService(agency_id=by.agency_id, office_id=office_id, service_id=service_id)
        db.session.add(row)
    change_values(row, **standard)
    note_act(by, "set_standard", now, subject=f"office:{office_id}")
    db.session.commit()


def drop_standard(by: Account, office_id: int, service_id: int, now: datetime) -> None:
    """The office does not give this service any more."""
    begin_write()
    row = db.session.get(OfficeService, (by.agency_id, office_id, service_id))
    if row is not None:
        db.session.delete(row)
        note_act(by, "drop_standard", now, subject=f"office:{office_id}")
    db.session.commit()


def add_counter(
    by: Account,
    office_id: int,
    now: datetime,
    *,
    label: str,
    place: str,
    service_ids: Collection[int],
) -> int:
    """A counter and its first code, ready to be printed."""
    begin_write()
    counter = Counter(
        agency_id=by.agency_id, id=new_id(), office_id=office_id, label=label, place=place
    )
    db.session.add(counter)
    _flush_or(LabelTaken)
    _set_services(counter, service_ids)
    _issue(counter, now, by)
    note_act(by, "add_counter", now, subject=f"counter:{counter.id}")
    db.session.commit()
    return counter.id


def edit_counter(
    by: Account,
    counter_id: int,
    now: datetime,
    *,
    label: str,
    place: str,
    active: bool,
    service_ids: Collection[int],
) -> None:
    begin_write()
    counter = _locked(by.agency_id, counter_id)
    change_values(counter, label=label, place=place, active=active)
    _flush_or(LabelTaken)
    _set_services(counter, service_ids)
    note_act(by, "edit_counter", now, subject=f"counter:{counter_id}")
    db.session.commit()


def issue_code(by: Account, counter_id: int, now: datetime) -> str:
    """The first code of a counter, or the next after a revoked one."""
    begin_write()
    counter = _locked(by.agency_id, counter_id)
    latest = _latest_code(counter)
    if latest is not None and not _revoked(latest):
        raise CounterHasCode
    code = _issue(counter, now, by)
    note_act(by, "issue_code", now, subject=f"code:{code}")
    db.session.commit()
    return code


def issue_desk_code(
    by: Account, counter_id: int, desk: str, employee_id: int, now: datetime
) -> str:
    """A code for one employee's desk at a counter, beside the counter's own.

    Raises CounterHasCode where the desk has one, NotOfThisOffice for a stranger.
    """
    begin_write()
    counter = _locked(by.agency_id, counter_id)
    latest = _latest_code(counter, desk)
    if latest is not None and not _revoked(latest):
        raise CounterHasCode
    if employee_id not in dict(staff_of(by.agency_id, counter.office_id, _day(by, now))):
        raise NotOfThisOffice
    code = _issue(counter, now, by, (desk, employee_id))
    note_act(by, "issue_desk_code", now, subject=f"code:{code}")
    db.session.commit()
    return code


def _day(by: Account, now: datetime) -> date:
    return now.astimezone(db.session.get_one(Agency, by.agency_id).zone).date()


def replace_code(by: Account, counter_id: int, code: str, reason: str, now: datetime) -> str:
    """A new code in its place; whoever scans the old paper is told that it was replaced.

    The old one is named, so that of two who replace it only one does.
    """
    begin_write()
    counter = _locked(by.agency_id, counter_id)
    old = _current_code(counter, code)
    at = db.session.get(DeskCode, old.code)
    new = _issue(counter, now, by, (at.desk, at.employee_id) if at else None)
    db.session.add(code_event(old, "replaced", now, by.id, reason=reason))
    note_act(by, "replace_code", now, subject=f"code:{old.code}")
    db.session.commit()
    return new


def revoke_code(by: Account, counter_id: int, code: str, reason: str, now: datetime) -> None:
    """The paper is worth nothing any more, and no other takes its place yet."""
    begin_write()
    old = _current_code(_locked(by.agency_id, counter_id), code)
    db.session.add(code_event(old, "revoked", now, by.id, reason=reason))
    note_act(by, "revoke_code", now, subject=f"code:{old.code}")
    db.session.commit()


def code_event(
    code: PrintedCode,
    kind: str,
    now: datetime,
    account_id: int | None = None,
    *,
    reason: str = "",
    public_url: str | None = None,
    paper: str | None = None,
    digest: str | None = None,
) -> CodeEvent:
    """What happened to a code, to be added."""
    return CodeEvent(
        agency_id=code.agency_id,
        code=code.code,
        kind=kind,
        at=now,
        account_id=account_id,
        reason=reason,
        public_url=public_url,
        format=paper,
        digest=digest,
    )


def unused_code() -> str:
    """A code that no paper and no screen of any agency ever had; tickets are longer."""
    code = new_code()
    while db.session.scalar(
        select(exists().where(PrintedCode.code == code) | exists().where(Device.code == code))
    ):
        code = new_code()
    return code


def _issue(
    counter: Counter,
    now: datetime,
    by: Account,
    at: tuple[str, int] | None = None,
) -> str:
    """The next of the counter's codes, whose versions count on over all its desks.

    at: the desk and whose it is, for a code of a desk.
    """
    code = unused_code()
    version = db.session.scalar(
        select(func.coalesce(func.max(PrintedCode.version), 0) + 1).where(
            PrintedCode.agency_id == counter.agency_id, PrintedCode.counter_id == counter.id
        )
    )
    row = PrintedCode(
        code=code,
        agency_id=counter.agency_id,
        counter_id=counter.id,
        version=version,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    if at:
        desk, employee_id = at
        db.session.add(
            DeskCode(code=code, agency_id=counter.agency_id, desk=desk, employee_id=employee_id)
        )
    db.session.add(code_event(row, "issued", now, by.id))
    return code


def _locked(agency_id: int, counter_id: int) -> Counter:
    """The counter, so that of two who change its codes one waits for the other."""
    return db.session.get_one(
        Counter,
        (agency_id, counter_id),
        with_for_update={"key_share": True},
        populate_existing=True,
    )


def _latest_code(counter: Counter, desk: str = "") -> PrintedCode | None:
    """Of the counter itself, or of a desk at it."""
    return db.session.scalar(
        select(PrintedCode)
        .outerjoin(DeskCode, DeskCode.code == PrintedCode.code)
        .where(
            PrintedCode.agency_id == counter.agency_id,
            PrintedCode.counter_id == counter.id,
            func.coalesce(DeskCode.desk, "") == desk,
        )
        .order_by(PrintedCode.version.desc())
        .limit(1)
    )


def _current_code(counter: Counter, code: str) -> PrintedCode:
    at = db.session.get(DeskCode, code)
    latest = _latest_code(counter, at.desk if at else "")
    if latest is None or latest.code != code or _revoked(latest):
        raise NoCurrentCode
    return latest


def _revoked(code: PrintedCode) -> bool:
    return bool(
        db.session.scalar(
            select(exists().where(CodeEvent.code == code.code, CodeEvent.kind == "revoked"))
        )
    )


def _set_services(counter: Counter, service_ids: Collection[int]) -> None:
    held = CounterService.counter_id == counter.id
    db.session.execute(
        delete(CounterService).where(CounterService.agency_id == counter.agency_id, held)
    )
    for service_id in set(service_ids):
        db.session.add(
            CounterService(
                agency_id=counter.agency_id, counter_id=counter.id, service_id=service_id
            )
        )


def _flush_or(refusal: type[Exception]) -> None:
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise refusal from None
