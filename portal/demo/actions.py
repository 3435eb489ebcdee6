"""Writing the demo into an empty database: one agency, one transaction."""

from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from flask_security.utils import hash_password
from sqlalchemy import Table, insert, select

from portal.counters.models import (
    CodeEvent,
    Counter,
    CounterService,
    Duty,
    DutyEvent,
    OfficeService,
    PrintedCode,
    ServedCount,
    Service,
    VisitTicket,
)
from portal.db import begin_write, db
from portal.demo.accounts import PASSWORD, AccountPlan
from portal.demo.chance import Chance, ids, uuids
from portal.demo.draft import Draft
from portal.demo.roster import Shift
from portal.demo.rows import Keys, Row, rating_rows
from portal.demo.standards import SERVICES
from portal.demo.tickets import served_counts, with_tickets
from portal.people.actions import note_act
from portal.people.models import (
    Account,
    Agency,
    Employee,
    Employment,
    Holiday,
    Office,
    RoleGrant,
)
from portal.ratings.models import Rating, RatingComment, Withdrawal

PIECE = 4_000
# When somebody works in an office, papers hang and accounts exist: before the first rating.
BEFORE = timedelta(days=30)


class NotEmpty(Exception):
    """The database already has agencies, which a demo must not be mixed with."""


def fill_agency(draft: Draft, accounts: list[AccountPlan], public_url: str, chance: Chance) -> int:
    """Everything of one agency up to its ratings; returns its key."""
    begin_write()
    if db.session.scalar(select(Agency.id).where(Agency.code == draft.plan.code)):
        raise NotEmpty
    agency = _agency(draft)
    db.session.add(agency)
    db.session.flush()
    _fill_people(draft, agency.id, chance)
    _fill_counters(draft, agency.id, public_url, chance)
    _fill_accounts(draft, agency.id, accounts, chance)
    _fill_duties(draft, agency.id, chance)
    _fill_ratings(draft, agency.id, chance)
    began = draft.window.midnight(draft.window.first) - BEFORE
    note_act(None, "fill_demo", began, agency_id=agency.id, subject=f"agency:{agency.code}")
    db.session.commit()
    return agency.id


def refuse_unless_empty() -> None:
    """Raise NotEmpty where the database holds any agency."""
    found = db.session.scalar(select(Agency.id).limit(1))
    db.session.rollback()
    if found is not None:
        raise NotEmpty


def _agency(draft: Draft) -> Agency:
    """With usual hours on paper, yet on trial: a counter can be rated whenever one likes."""
    plan = draft.plan
    return Agency(
        code=plan.code,
        name=plan.name,
        initials=plan.initials,
        colour=plan.colour,
        timezone=plan.timezone,
        opens_at=time(8, 0),
        closes_at=time(16, 0),
        trial=True,
    )


def _insert(table: Any, rows: list[Row]) -> None:
    statement = insert(table.__table__ if not isinstance(table, Table) else table)
    for start in range(0, len(rows), PIECE):
        db.session.execute(statement, rows[start : start + PIECE])


def _fill_people(draft: Draft, agency_id: int, chance: Chance) -> None:
    source = chance.stream(f"people {draft.plan.code}")
    own = {"agency_id": agency_id}
    _insert(Holiday, [{**own, "day": day, "name": name} for day, name in draft.holidays.items()])
    _insert(Office, [
        {
            **own,
            "id": draft.offices[office.code],
            "parent_id": draft.offices.get(office.parent or ""),
            "code": office.code,
            "name": office.name,
            "kind": office.kind,
            "address": office.address,
        }
        for office in draft.plan.offices
    ])  # fmt: skip
    _insert(Employee, [
        {
            **own,
            "id": person.id,
            "title": person.title,
            "name": person.name,
            "kind": person.kind,
            "nip": person.nip,
            "job": person.job,
        }
        for person in draft.people
    ])  # fmt: skip
    _insert(Employment, [
        {
            **own,
            "id": row_id,
            "employee_id": person.id,
            "office_id": draft.offices[person.office],
            "starts_on": _began(draft, person.years, person.late_start),
        }
        for person, row_id in zip(draft.people, ids(source, len(draft.people)), strict=True)
    ])  # fmt: skip


def _began(draft: Draft, years: float, late_start: bool) -> date:
    if late_start:
        return draft.window.standing_from
    return draft.window.first - timedelta(days=round(365 * years))


def _fill_counters(draft: Draft, agency_id: int, public_url: str, chance: Chance) -> None:
    own = {"agency_id": agency_id}
    _insert(Service, [
        {**own, "id": number, "code": code, "name": SERVICES[code].name}
        for code, number in draft.services.items()
    ])  # fmt: skip
    _insert(OfficeService, _standards(draft, agency_id))
    counters, given = [], []
    for office in draft.plan.offices:
        for counter in office.counters:
            counter_id = draft.counters[office.code, counter.label]
            counters.append({
                **own,
                "id": counter_id,
                "office_id": draft.offices[office.code],
                "label": counter.label,
                "place": counter.place,
            })  # fmt: skip
            given += [
                {**own, "counter_id": counter_id, "service_id": draft.services[code]}
                for code in counter.services
            ]
    _insert(Counter, counters)
    _insert(CounterService, given)
    _fill_codes(draft, agency_id, public_url, chance)


def _standards(draft: Draft, agency_id: int) -> list[Row]:
    """One standard for each office and service given there."""
    rows = []
    for office in draft.plan.offices:
        given = dict.fromkeys(code for counter in office.counters for code in counter.services)
        for code in given:
            plan = SERVICES[code]
            rows.append({
                "agency_id": agency_id,
                "office_id": draft.offices[office.code],
                "service_id": draft.services[code],
                "requirements": plan.requirements,
                "duration": plan.duration,
                "cost": plan.cost,
                "product": plan.product,
            })  # fmt: skip
    return rows


def _fill_codes(draft: Draft, agency_id: int, public_url: str, chance: Chance) -> None:
    """Each counter's code, issued and printed before the first rating; one was replaced."""
    began = draft.window.midnight(draft.window.first) - BEFORE
    codes: list[Row] = []
    events: list[Row] = []
    for place, versions in draft.codes.items():
        for version, code in enumerate(versions, 1):
            at = began + timedelta(days=7 * (version - 1))
            codes.append({
                "code": code,
                "agency_id": agency_id,
                "counter_id": draft.counters[place],
                "version": version,
                "created_at": at,
            })  # fmt: skip
            if version > 1:
                reason = "Poster robek dan sudah diganti"
                events.append(_code_event(versions[version - 2], "replaced", at, None, reason))
            events.append(_code_event(code, "issued", at, None))
            events.append(_code_event(code, "printed", at + timedelta(hours=2), public_url))
    keys = ids(chance.stream(f"code events {draft.plan.code}"), len(events))
    _insert(PrintedCode, codes)
    _insert(CodeEvent, [
        {**event, "agency_id": agency_id, "id": key}
        for event, key in zip(events, keys, strict=True)
    ])  # fmt: skip


def _code_event(code: str, kind: str, at: datetime, url: str | None, reason: str = "") -> Row:
    return {"code": code, "kind": kind, "at": at, "public_url": url, "reason": reason}


def _fill_accounts(
    draft: Draft, agency_id: int, accounts: list[AccountPlan], chance: Chance
) -> None:
    source = chance.stream(f"accounts {draft.plan.code}")
    own = [account for account in accounts if account.agency == draft.plan.code]
    password = hash_password(PASSWORD)  # once: hashing is slow on purpose
    began = draft.window.midnight(draft.window.first) - BEFORE
    for plan, unique in zip(own, uuids(source, len(own)), strict=True):
        account = Account(
            agency_id=agency_id,
            employee_id=plan.employee_id,
            name=plan.name,
            email=plan.email,
            password=password,
            fs_uniquifier=unique.hex,
        )
        db.session.add(account)
        db.session.flush()
        db.session.add_all(
            RoleGrant(
                agency_id=agency_id,
                account_id=account.id,
                role=plan.role,
                office_id=draft.offices[office] if office else None,
                granted_at=began,
            )
            for office in plan.offices or ("",)
        )


def _fill_duties(draft: Draft, agency_id: int, chance: Chance) -> None:
    """Every shift as a duty, with the events that it adds up to."""
    source = chance.stream(f"duties {draft.plan.code}")
    duties: list[Row] = []
    events: list[Row] = []
    for shift, duty_id in zip(draft.shifts, ids(source, len(draft.shifts)), strict=True):
        span = {
            "agency_id": agency_id,
            "employee_id": shift.person.id,
            "counter_id": draft.counters[shift.place],
            "starts_at": shift.starts_at,
            "ends_at": shift.ends_at,
        }
        state = {"id": duty_id, "source": "roster", "confirmed": shift.confirmed}
        duties.append({**span, **state, "cancelled": False})
        events += [{**span, "duty_id": duty_id, **event} for event in _events(shift, source, draft)]
    for event, key in zip(events, ids(source, len(events)), strict=True):
        event["id"] = key
    _insert(Duty, duties)
    _insert(DutyEvent, events)


def _events(shift: Shift, source: np.random.Generator, draft: Draft) -> list[Row]:
    """Planned on Thursday, confirmed on Friday of the week before; of late also checked in."""
    monday = shift.starts_at - timedelta(days=shift.starts_at.weekday())
    planned = monday - timedelta(days=3, hours=float(np.round(source.uniform(8, 14), 2)))
    found: list[Row] = [{"kind": "planned", "at": planned}]
    if shift.confirmed:
        found.append({"kind": "confirmed", "at": planned + timedelta(days=1)})
    recent = shift.starts_at >= draft.window.midnight(draft.window.standing_from)
    if recent and shift.ends_at <= draft.window.midnight(draft.window.today):
        came = shift.starts_at + timedelta(minutes=int(source.integers(1, 40)))
        if source.random() < 0.93:  # now and then somebody forgets it
            found.append({"kind": "checked_in", "at": came})
            found.append({"kind": "checked_out", "at": shift.ends_at})
    return [{**event, "reason": ""} for event in found]


def _fill_ratings(draft: Draft, agency_id: int, chance: Chance) -> None:
    versions = {place: len(codes) for place, codes in draft.codes.items()}
    keys = Keys(agency_id, draft.counters, draft.services, versions)
    rows = rating_rows(draft.visits, keys, draft.window, chance)
    _insert(VisitTicket, with_tickets(rows.ratings, draft, agency_id, chance))
    _insert(ServedCount, served_counts(draft, agency_id, chance))
    _insert(Rating, rows.ratings)
    _insert(RatingComment, rows.comments)
    _insert(Withdrawal, rows.withdrawals)
