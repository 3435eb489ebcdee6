"""Duties as files: a week of an office as CSV or calendar, one's own as calendar."""

import csv
import io
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

from flask import Response, current_app
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters import export_queries as read
from portal.counters.blueprint import KEEPERS, blueprint, day_argument, office_in, scope
from portal.counters.export_queries import Exported
from portal.counters.icalendar import Event, Status, write_calendar
from portal.counters.leave_queries import own_leaves
from portal.counters.roster import monday_of
from portal.counters.roster_actions import note_export
from portal.counters.roster_queries import week_span
from portal.i18n import gettext as _
from portal.people.blueprint import id_argument

COLUMNS = ("nip", "name", "office", "counter", "date", "starts", "ends", "confirmed")
BACK, AHEAD = timedelta(days=14), timedelta(days=180)


@blueprint.get("/roster/week.csv")
@role(*KEEPERS)
def week_csv() -> ResponseReturnValue:
    """The week in the columns of `portal import duties`."""
    rows, name = _week()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerows(_lines(row))
    return _file(text.getvalue().encode("utf-8"), f"{name}.csv", "text/csv; charset=utf-8")


@blueprint.get("/roster/week.ics")
@role(*KEEPERS)
def week_calendar() -> ResponseReturnValue:
    """The week as a calendar of the office: who is where, and what was cancelled."""
    rows, name = _week(cancelled=True)
    events = [_event(row, row.employee_name, row.counter_label) for row in rows]
    return _file(write_calendar(name, events), f"{name}.ics", "text/calendar; charset=utf-8")


@blueprint.get("/my-roster/calendar.ics")
@role("employee")
def my_calendar() -> ResponseReturnValue:
    """One's own duties, for the calendar of one's phone."""
    now, me = clock.now(), current_user.employee_id
    rows = []
    if me is not None:
        rows = read.duties_of_person(current_user.agency_id, me, (now - BACK, now + AHEAD))
    events = [
        _event(
            row,
            _("Bertugas di %(counter)s", counter=row.counter_label),
            ", ".join(part for part in (row.office_name, row.place) if part),
        )
        for row in rows
    ]
    if me is not None:
        events += _leaves(me, now)
    calendar = write_calendar(_("Jadwal loket"), events)
    return _file(calendar, "jadwal-loket.ics", "text/calendar; charset=utf-8")


def _leaves(employee_id: int, now: datetime) -> list[Event]:
    """One's own leave; what was deleted as cancelled, so that it leaves the calendar."""
    agency = current_user.agency
    found = []
    for leave in own_leaves(agency.id, employee_id, (now - BACK).date(), (now + AHEAD).date()):
        starts_at, ends_at = leave.away.span(agency.zone)
        event = Event(
            uid=f"leave-{agency.id}-{leave.id}@{_host()}",
            starts_at=starts_at,
            ends_at=ends_at,
            changed_at=now,
            summary=_("Cuti"),
            location="",
            category="cuti",
            status="CANCELLED" if leave.cancelled else "CONFIRMED",
            revision=int(leave.cancelled),
        )
        found.append(event)
    return found


def _host() -> str:
    return urlsplit(current_app.config["SETTINGS"].public_url or "").hostname or "suara-loket"


def _week(*, cancelled: bool = False) -> tuple[list[Exported], str]:
    """The duties of the week that the address names, and what a file of them is called."""
    office = office_in(scope(), id_argument("office"))
    monday = monday_of(day_argument())
    span = week_span(monday, current_user.agency.zone)
    rows = read.duties_of_office(office.agency_id, office.id, span, cancelled=cancelled)
    name = f"jadwal-{office.code}-{monday.isoformat()}"
    note_export(current_user, office.id, monday, clock.now())
    return rows, name


def _lines(row: Exported) -> list[list[str]]:
    """One line for each day, since an imported duty begins and ends on one day."""
    zone = current_user.agency.zone
    starts, ends = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    lines = []
    while starts < ends:
        midnight = datetime.combine(starts.date() + timedelta(days=1), time(), zone)
        stop = min(ends, midnight)
        clock = "24:00" if stop == midnight else f"{stop:%H:%M}"
        if f"{starts:%H:%M}" != clock:  # less than a minute is no duty to plan
            lines.append(
                [
                    row.nip or "",
                    row.employee_name,
                    row.office_code,
                    row.counter_label,
                    starts.date().isoformat(),
                    f"{starts:%H:%M}",
                    clock,
                    "yes" if row.confirmed else "no",
                ]
            )
        starts = midnight
    return lines


def _event(row: Exported, summary: str, location: str) -> Event:
    return Event(
        uid=f"duty-{row.agency_id}-{row.id}@{_host()}",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        changed_at=row.changed_at,
        summary=summary,
        location=location,
        category=row.office_code,
        status=_status(row),
        revision=row.changes,
    )


def _status(row: Exported) -> Status:
    if row.cancelled:
        return "CANCELLED"
    return "CONFIRMED" if row.confirmed else "TENTATIVE"


def _file(content: bytes, name: str, kind: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
