"""Reads about screens at counters, for the screens themselves and for their coordinators."""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select

from portal.counters import qr
from portal.counters.codes import is_code, scan_address
from portal.counters.duty import EARLY
from portal.counters.models import Counter, Device, RefusedScan
from portal.counters.otp import display_keys, fresh_at, minute_shown, otp
from portal.counters.print_queries import free_counters
from portal.counters.queries import (
    DutyRow,
    ResolvedCode,
    checked_in_among,
    duties_at,
    resolve_device,
)
from portal.db import db
from portal.people.models import Agency, Office
from portal.people.paging import Page, read_page
from portal.people.queries import Scope

# Agency, screen and key: numbers no larger than the database keeps.
CREDENTIAL = re.compile(r"[0-9]{1,9}\.[0-9]{1,16}\.[\w-]{20,64}", re.ASCII)


# A number called longer ago than this is of another day.
A_SHIFT = timedelta(hours=8)


@dataclass(frozen=True)
class DeviceRow:
    """A screen as its coordinator sees it."""

    id: int
    kind: str
    code: str
    label: str
    counter_id: int
    counter_label: str
    office_id: int
    office_name: str
    created_at: datetime
    pairing_until: datetime | None
    paired_at: datetime | None
    expires_at: datetime
    seen_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """revoked, expired, waiting (for its pairing), quiet (not seen today), or working."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at <= now:
            return "expired"
        if self.paired_at is None or self.seen_at is None:
            return "waiting"
        return "quiet" if now - self.seen_at > timedelta(hours=1) else "working"


def _devices(scope: Scope) -> Any:
    statement = (
        select(
            Device.id,
            Device.kind,
            Device.code,
            Device.label,
            Counter.id,
            Counter.label,
            Office.id,
            Office.name,
            Device.created_at,
            Device.pairing_until,
            Device.paired_at,
            Device.expires_at,
            Device.seen_at,
            Device.revoked_at,
        )
        .join(Counter, and_(Counter.agency_id == Device.agency_id, Counter.id == Device.counter_id))
        .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
        .where(Device.agency_id == scope.agency_id)
        .order_by(
            Office.name, func.length(Counter.label), Counter.label, Device.created_at, Device.id
        )
    )
    if scope.offices is not None:
        statement = statement.where(Counter.office_id.in_(scope.offices))
    return statement


def devices_in(scope: Scope, number: int) -> Page[DeviceRow]:
    """The screens of my counters that are not revoked."""
    return read_page(_devices(scope).where(Device.revoked_at.is_(None)), number, DeviceRow)


def devices_at(scope: Scope, counter_id: int) -> list[DeviceRow]:
    """The screens of one counter that are not revoked."""
    own = (Device.revoked_at.is_(None), Device.counter_id == counter_id)
    statement = _devices(scope).where(*own)
    return [DeviceRow(*row) for row in db.session.execute(statement)]


def device_row(scope: Scope, device_id: int) -> DeviceRow | None:
    row = db.session.execute(_devices(scope).where(Device.id == device_id)).first()
    return DeviceRow(*row) if row else None


def refusals_since(scope: Scope, since: date) -> dict[int, dict[str, int]]:
    """By counter and kind, how many scans led to no form since that day."""
    rows = db.session.execute(
        select(RefusedScan.counter_id, RefusedScan.kind, func.sum(RefusedScan.times))
        .where(RefusedScan.agency_id == scope.agency_id, RefusedScan.day >= since)
        .group_by(RefusedScan.counter_id, RefusedScan.kind)
    )
    found: dict[int, dict[str, int]] = {}
    for counter_id, kind, times in rows:
        found.setdefault(counter_id, {})[kind] = int(times)
    return found


def device_of(credential: str, kind: str, now: datetime) -> Device | None:
    """The device of this kind that keeps this key (its name and key in one text) and is signed in
    still."""
    agency_id, _dot, rest = credential.partition(".")
    device_id, _dot, key = rest.partition(".")
    if not CREDENTIAL.fullmatch(credential):
        return None
    device = db.session.get(Device, (int(agency_id), int(device_id)))
    if device is None or device.key_hash is None or device.kind != kind:
        return None
    if device.revoked_at is not None or device.expires_at <= now:
        return None
    given = hashlib.sha256(key.encode()).digest()
    return device if hmac.compare_digest(device.key_hash, given) else None


@dataclass(frozen=True)
class DisplayScan:
    """A code that a screen has shown, and when; `at` is None for one of long ago."""

    place: ResolvedCode
    at: datetime | None


def resolve_display(
    code: str, word: str, signing_keys: Sequence[str], now: datetime
) -> DisplayScan | None:
    """What both halves of a screen's code (normalised) stand for; None where no screen of ours
    ever showed them."""
    found = resolve_device(code, now) if is_code(code) else None
    if found is None:
        return None
    place, device_id = found
    minute = minute_shown(display_keys(signing_keys, place.agency_id, device_id), word, now)
    return None if minute is None else DisplayScan(place, fresh_at(minute, now))


@dataclass(frozen=True)
class Screen:
    """What stands on a screen beside its code."""

    device: Device
    agency: Agency
    office: str
    counter: str
    names: tuple[str, ...]  # who is on duty, as citizens read it
    expected: tuple[str, ...]  # who is to be on duty now or soon, and has not checked in
    number: str  # of the queue, where a queue system gives it
    free: bool  # every service of the counter is


def screen_of(device: Device, now: datetime) -> Screen:
    agency = db.session.get_one(Agency, device.agency_id)
    counter = db.session.get_one(Counter, (device.agency_id, device.counter_id))
    office = db.session.get_one(Office, (device.agency_id, counter.office_id))
    near = duties_at(device.agency_id, counter.id, now + EARLY, EARLY)
    near = [row for row in near if row.ends_at is None or row.ends_at > now]
    begun = checked_in_among(device.agency_id, {row.id for row in near})
    names = _names(row for row in near if row.starts_at <= now)
    expected = _names(row for row in near if row.id not in begun)
    called = device.queue_number if device.queue_at and now - device.queue_at < A_SHIFT else ""
    free = bool(free_counters(device.agency_id, [counter.id]))
    return Screen(device, agency, office.name, counter.label, names, expected, called, free)


def _names(duties: Iterable[DutyRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.public_name for row in duties))


def codes_shown(
    public_url: str, code: str, key: bytes, first: int, count: int
) -> list[dict[str, str]]:
    """The codes of these minutes, each with its QR: rows of bits, eight in a byte, in base64."""
    found = []
    for minute in range(first, first + count):
        word = otp(key, minute)
        modules = qr.matrix(f"{scan_address(public_url, code)}/{word}")
        bits = "".join("1" if dark else "0" for row in modules for dark in row)
        packed = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
        found.append({"otp": word, "size": str(len(modules)), "qr": b64encode(packed).decode()})
    return found
