"""The import of a file: checked without a lock, written in one transaction or not at all."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.counters.duty_log import lock_employees
from portal.counters.models import Duty
from portal.db import Base, begin_write, db
from portal.imports import (
    accounts,
    counters,
    duties,
    employees,
    holidays,
    measures,
    offices,
    services,
)
from portal.imports.calendars import read_calendar
from portal.imports.files import Sheet, read_sheet
from portal.imports.plan import By, NewRole, Place, Plan, Progress, Report, Task, Values
from portal.people.account_queries import bearers, one_person
from portal.people.actions import grant, lock_accounts, note_act, queue_mail
from portal.people.invitations import invitation
from portal.people.models import Account, Agency
from portal.records.measure_models import ObjectiveMeasure

# In the order in which a new agency imports them.
KINDS: dict[str, ModuleType] = {
    "offices": offices,
    "services": services,
    "counters": counters,
    "employees": employees,
    "accounts": accounts,
    "duties": duties,
    "holidays": holidays,
    "measures": measures,
}
OF_PEOPLE = (Duty, ObjectiveMeasure)
BATCH = 1000  # rows of one statement
PREVIEW = 20  # lines shown before they are imported


class NoSuchAgency(Exception):
    """No agency has this code, and no name was given to make one."""


class ChangedMeanwhile(Exception):
    """Somebody wrote the same while the file was checked; nothing of it was written."""


def import_file(
    kind: str,
    path: Path,
    agency_code: str,
    *,
    dry_run: bool,
    now: datetime,
    progress: Progress = lambda done, total: None,
    new_agency: Callable[[], Agency] | None = None,
) -> Report:
    """Import one file; with problems, or in a dry run, nothing is written."""
    importer = KINDS[kind]
    db.session.rollback()
    agency = db.session.scalar(select(Agency).where(Agency.code == agency_code))
    made = agency is None
    if agency is None:
        if new_agency is None:
            raise NoSuchAgency(agency_code)
        agency = new_agency()
    calendar = importer is duties and path.suffix.lower() == ".ics"
    sheet = _sheet(importer, path.read_bytes(), agency, calendar=calendar)
    plan: Plan = importer.plan(Task(sheet, agency, now, progress))
    if not dry_run and not sheet.problems and (made or plan.changes):
        begin_write()
        try:
            _write(kind, plan, agency, now)
        except IntegrityError:  # the plan was right: what it adds has come from elsewhere
            db.session.rollback()
            raise ChangedMeanwhile from None
    db.session.rollback()
    return _report(kind, sheet, plan)


def import_on_screen(
    kind: str, content: bytes, by: By, now: datetime, *, dry_run: bool, calendar: bool = False
) -> Report:
    """Import duties or measures on screen, of the offices that somebody answers for.

    What is checked is checked once more with the people locked, so that nobody who checks in at
    that moment ends up with two duties at one counter, and two files of one measure come one
    after the other.
    """
    agency = by.account.agency

    def check() -> tuple[Sheet, Plan]:
        sheet = _sheet(KINDS[kind], content, agency, calendar=calendar)
        plan: Plan = KINDS[kind].plan(Task(sheet, agency, now, lambda done, total: None, by))
        return sheet, plan

    sheet, plan = check()
    if not dry_run and not sheet.problems:
        people = {values["employee_id"] for table, values in plan.inserts if table in OF_PEOPLE}
        begin_write()
        lock_employees(agency.id, *people)
        sheet, plan = check()
        if not sheet.problems:
            _write(kind, plan, agency, now, by.account)
    db.session.rollback()
    return _report(kind, sheet, plan)


def _sheet(importer: ModuleType, content: bytes, agency: Agency, *, calendar: bool) -> Sheet:
    if calendar:
        return read_calendar(content, agency.zone)
    return read_sheet(content, importer.NEEDED, importer.OPTIONAL)


def _report(kind: str, sheet: Sheet, plan: Plan) -> Report:
    return Report(
        kind=kind,
        lines=len(sheet.lines),
        created=plan.created,
        updated=plan.updated,
        unchanged=plan.unchanged,
        invited=len(plan.accounts),
        problems=sorted(sheet.problems),
        preview=[line.values for line in sheet.lines[:PREVIEW]],
        removed=plan.removed,
    )


def _write(
    kind: str, plan: Plan, agency: Agency, now: datetime, account: Account | None = None
) -> None:
    """Within the caller's transaction, which it ends."""
    if agency.id is None:
        db.session.add(agency)
        db.session.flush()
        note_act(None, "create_agency", now, agency_id=agency.id, subject=f"agency:{agency.code}")
    agency_id = agency.id
    for table, rows in _by_table(plan).items():
        for start in range(0, len(rows), BATCH):
            batch = [{"agency_id": agency_id, **row} for row in rows[start : start + BATCH]]
            db.session.execute(insert(table), batch)
    _change(plan, agency_id)
    _drop(plan, agency_id)
    _add_accounts(plan, agency_id, now)
    detail: dict[str, object] = {"created": plan.created, "updated": plan.updated}
    if plan.removed:
        detail["removed"] = plan.removed
    note_act(account, "import", now, agency_id=agency_id, subject=f"import:{kind}", detail=detail)
    db.session.commit()


def _by_table(plan: Plan) -> dict[type[Base], list[Values]]:
    """Rows of one table together, tables that others refer to first."""
    tables: dict[type[Base], list[Values]] = defaultdict(list)
    for table, values in plan.inserts:
        tables[table].append(values)
    order = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
    return dict(sorted(tables.items(), key=lambda item: order[item[0].__tablename__]))


def _change(plan: Plan, agency_id: int) -> None:
    """Rows of which the same columns change by one statement: others wait to write meanwhile."""
    alike: dict[Any, list[Values]] = defaultdict(list)
    for table, key, values in plan.updates:
        row = values | {f"key_{name}": value for name, value in key.items()}
        alike[table.__table__, tuple(key), tuple(values)].append(row)
    for (table, key, names), rows in alike.items():
        changed: dict[str, Any] = {name: bindparam(name) for name in names}
        db.session.execute(update(table).where(_is(table, agency_id, key)).values(changed), rows)


def _drop(plan: Plan, agency_id: int) -> None:
    alike: dict[Any, list[Values]] = defaultdict(list)
    for table, key in plan.deletes:
        row = {f"key_{name}": value for name, value in key.items()}
        alike[table.__table__, tuple(key)].append(row)
    for (table, key), rows in alike.items():
        db.session.execute(delete(table).where(_is(table, agency_id, key)), rows)


def _is(table: Table, agency_id: int, key: Iterable[str]) -> Any:
    return and_(
        table.c.agency_id == agency_id, *(table.c[name] == bindparam(f"key_{name}") for name in key)
    )


def _add_accounts(plan: Plan, agency_id: int, now: datetime) -> None:
    """New accounts with their roles, invited by mail, and further roles; each is an act."""
    if not plan.accounts and not plan.roles:
        return
    lock_accounts(agency_id)
    _check_unchanged(plan, agency_id)
    for new in plan.accounts:
        new.account.agency_id = agency_id
    db.session.add_all([new.account for new in plan.accounts])
    db.session.flush()
    for new in plan.accounts:
        first, *further = new.grants
        _grant(new.account, first, "create_account", now)
        queue_mail(new.account, *invitation(new.account), now)
        for place in further:
            _grant(new.account, place, "grant_role", now)
    for role in plan.roles:
        account = db.session.get_one(Account, role.account_id)
        _grant(account, role.place, "grant_role", now)


def _grant(account: Account, place: Place, action: str, now: datetime) -> None:
    role, office_id = place
    grant(account, role, office_id, now)
    subject, agency_id = f"account:{account.id}", account.agency_id
    detail: dict[str, object] = {"role": role, "office": office_id, "by": "command line"}
    note_act(None, action, now, agency_id=agency_id, subject=subject, detail=detail)


def _check_unchanged(plan: Plan, agency_id: int) -> None:
    """Nobody took a name or an address, closed an account or gave one of these roles while the
    file was checked, which held no lock."""
    named = bearers(agency_id)
    emails = set(db.session.scalars(select(Account.email)))
    taken = any(
        new.account.email in emails or one_person(named, new.account.name, new.account.employee_id)
        for new in plan.accounts
    )
    if taken or any(_has_moved(role) for role in plan.roles):
        db.session.rollback()
        raise ChangedMeanwhile


def _has_moved(role: NewRole) -> bool:
    account = db.session.get_one(Account, role.account_id)
    held = {(one.role, one.office_id) for one in account.grants if one.ended_at is None}
    return not account.active or role.place in held
