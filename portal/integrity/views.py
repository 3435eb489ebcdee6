"""How tickets were issued; with the inspector's pages, what this package shows."""

from datetime import date, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters.ticket_queries import idle_slips
from portal.counters.words import IDLE_SLIPS
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.integrity import allegation_views, block_views, inbox_views
from portal.integrity import ticket_queries as read
from portal.integrity.actions import note_served
from portal.integrity.blueprint import blueprint
from portal.menu import Entry
from portal.people.paging import page_of
from portal.people.queries import scope_of

WATCHERS = ("coordinator", "administrator", "inspector")
KEEPERS = ("coordinator", "administrator")
PAST = timedelta(days=14)
SHIFTS_ON_A_PAGE = 50
MOST_PEOPLE = 2000

__all__ = ["MENU", "allegation_views", "block_views", "blueprint", "inbox_views"]

MENU = [
    Entry(
        "integrity.reports",
        _l("Laporan integritas"),
        ("inspector",),
        icon="mail",
        badge=inbox_views.waiting,
    ),
    Entry("integrity.comments", _l("Dugaan pelanggaran"), ("inspector",), icon="shield"),
    Entry("integrity.dense_blocks", _l("Kelompok telepon"), ("inspector",), icon="people"),
    Entry("integrity.shifts", _l("Karcis per tugas"), WATCHERS, icon="chart"),
]


@blueprint.get("/tickets/shifts")
@role(*WATCHERS)
def shifts() -> str:
    """By duty: people served, tickets issued, ratings by ticket. Never which ticket, nor one's
    own figures."""
    mine = scope_of(current_user, *WATCHERS)
    now = clock.now()
    since = now.astimezone(current_user.agency.zone).date() - PAST
    rows = read.shifts(mine, since, now, besides=current_user.employee_id)
    rows.sort(key=lambda row: not (row.issued or row.partial))  # where none was issued, last
    page = page_of(rows, request.args.get("page", 1, type=int), SHIFTS_ON_A_PAGE)
    shown = read.with_answers(mine, page.items, besides=current_user.employee_id)
    slips = read.sheets(mine, since, besides=current_user.employee_id)
    held = {(row.counter_id, row.employee_id) for row in slips}
    return render_template(
        "integrity/shifts.html",
        page=page,
        issued=[row for row in shown if row.issued or row.partial],
        without=[row for row in shown if not row.issued and not row.partial],
        bare=sum(not (row.issued or row.partial) for row in rows),
        sheets=slips,
        idle=idle_slips(current_user.agency, held, now),
        idle_words=IDLE_SLIPS,
        keeper=bool(current_user.role_names & set(KEEPERS)),
    )


@blueprint.post("/tickets/shifts")
@role(*KEEPERS)
def served() -> ResponseReturnValue:
    """How many were served on a duty, from the office's register."""
    people = request.form.get("people", type=int)
    counter_id, employee_id = (request.form.get(key, type=int) for key in ("counter", "employee"))
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        abort(404)
    now, mine = clock.now(), scope_of(current_user, *KEEPERS)
    known = read.shifts(mine, day, now, besides=current_user.employee_id)
    wanted = (counter_id, employee_id, day)
    duty = next(
        (one for one in known if (one.counter_id, one.employee_id, one.day) == wanted),
        None,
    )
    if duty is None or duty.employee_id is None:
        abort(404)
    if people is None or not 0 <= people <= MOST_PEOPLE:
        flash(_("Tulis berapa orang yang dilayani, dengan angka."), "warn")
    else:
        note_served(
            current_user,
            counter_id=duty.counter_id,
            employee_id=duty.employee_id,
            day=day,
            people=people,
            now=now,
        )
        flash(_("Jumlah yang dilayani disimpan."), "good")
    return redirect(url_for("integrity.shifts"))
