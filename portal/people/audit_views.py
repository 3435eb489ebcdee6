"""The audit log on screen."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.db import db
from portal.i18n import ZONES
from portal.people.agency_views import today
from portal.people.audit_actions import note_export
from portal.people.audit_queries import AuditRow, acts, audit_page, audited_actions
from portal.people.audit_seals import check, known
from portal.people.audit_words import detail_in_words, subject_in_words
from portal.people.blueprint import blueprint, id_argument
from portal.people.forms import AuditFilter
from portal.people.queries import employee_names, scope_of
from portal.people.words import ACT_WORDS
from portal.spreadsheets import BOM, as_line

READERS = ("auditor", "administrator")
CHECKED = timedelta(days=92)  # compared with its seals while somebody waits
FILTERS = ("action", "by", "subject", "since", "until")  # of the address, for page and file alike
COLUMNS = ("at", "by", "act", "action", "subject", "detail", "id")


def _asked() -> tuple[AuditFilter, dict[str, Any]]:
    """The filter as it was sent, and what it asks of the log. What inspectors did is for
    auditors."""
    integrity = "auditor" in current_user.role_names
    form = AuditFilter(request.args)
    form.offer(audited_actions(current_user.agency_id, integrity=integrity))
    sound = form.validate()
    zone = current_user.agency.zone
    since = form.since.data if sound else None
    until = form.until.data if sound else None
    return form, {
        "action": form.action.data if sound else "",
        "by": id_argument("by"),
        "subject": request.args.get("subject", "").replace("\x00", ""),
        "since": datetime.combine(since, time.min, zone) if since else None,
        "until": datetime.combine(until + timedelta(days=1), time.min, zone) if until else None,
        "integrity": integrity,
    }


@blueprint.get("/audit")
@role(*READERS)
def audit() -> ResponseReturnValue:
    """Privileged acts, newest first; nobody changes them, nobody deletes them."""
    form, which = _asked()
    page = audit_page(
        scope_of(current_user, *READERS),
        today(),
        number=request.args.get("page", 1, type=int),
        **which,
    )
    return render_template(
        "people/audit.html",
        form=form,
        page=page,
        only=_only(which),
        asked={name: text for name, text in request.args.items() if name in FILTERS},
        days=_by_day(page.items),
        hours_of=ZONES[current_user.agency.timezone],
        words=ACT_WORDS,
        subject=subject_in_words,
        detail=detail_in_words,
        names=_names([row.event.subject or "" for row in page.items]),
        zone=current_user.agency.timezone,
    )


def _only(which: dict[str, Any]) -> dict[str, str]:
    """The one account and the one subject that the address names, as fields to carry on."""
    named = {"by": str(which["by"] or ""), "subject": which["subject"]}
    return {name: value for name, value in named.items() if value}


def _by_day(rows: list[AuditRow]) -> list[tuple[date, list[AuditRow]]]:
    """The acts of a page under their days, in the agency's time."""

    def local_day(row: AuditRow) -> date:
        return row.event.at.astimezone(current_user.agency.zone).date()

    return [(day, list(acts_then)) for day, acts_then in groupby(rows, local_day)]


@blueprint.get("/audit.csv")
@role(*READERS)
def audit_file() -> Response:
    """The same acts as a file, as many as there are; that it was taken stands in the log."""
    _form, which = _asked()
    now, zone = clock.now(), current_user.agency.zone
    statement = acts(scope_of(current_user, *READERS), today(), **which)
    note_export(current_user, now)

    def lines() -> Iterator[str]:
        yield BOM + as_line(COLUMNS)
        for act, by in db.session.execute(statement, execution_options={"yield_per": 1000}):
            moment = act.at.astimezone(zone).isoformat(timespec="seconds")
            word = str(ACT_WORDS.get(act.action, act.action))
            detail = json.dumps(act.detail, ensure_ascii=False, sort_keys=True)
            yield as_line((moment, by, word, act.action, act.subject, detail, str(act.id)))

    name = f"attachment; filename=audit-{today().isoformat()}.csv"
    return Response(
        stream_with_context(lines()), mimetype="text/csv", headers={"Content-Disposition": name}
    )


@blueprint.get("/audit/seals")
@role("auditor")
def audit_seals() -> str:
    """Whether the acts of the last three months are still those that were sealed day by day, and
    whether a seal that somebody has written down is still there."""
    own = "".join(request.args.get("digest", "").split()).lower()
    return render_template(
        "people/audit_seals.html",
        found=check(current_user.agency_id, clock.now() - CHECKED),
        own=own,
        known=known(current_user.agency_id, own) if own else None,
        zone=current_user.agency.timezone,
    )


def _names(subjects: list[str]) -> dict[int, str]:
    """Names of the employees whom acts of this page were about."""
    asked = [subject.partition(":") for subject in subjects]
    ids = {int(rest) for kind, _, rest in asked if kind == "employee" and rest.isdecimal()}
    return employee_names(current_user.agency_id, ids)
