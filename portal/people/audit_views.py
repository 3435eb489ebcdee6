"""The audit log on screen."""

from datetime import datetime, time, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal.access import role
from portal.people.agency_views import today
from portal.people.audit_queries import audit_page, audited_actions
from portal.people.audit_words import detail_in_words, subject_in_words
from portal.people.blueprint import blueprint
from portal.people.forms import AuditFilter
from portal.people.queries import employee_names, scope_of
from portal.people.words import ACT_WORDS


@blueprint.get("/audit")
@role("auditor", "administrator")
def audit() -> ResponseReturnValue:
    """Privileged acts, newest first; nobody changes them, nobody deletes them. What inspectors
    did is for auditors."""
    integrity = "auditor" in current_user.role_names
    form = AuditFilter(request.args)
    form.offer(audited_actions(current_user.agency_id, integrity=integrity))
    sound = form.validate()
    zone = current_user.agency.zone
    since = form.since.data if sound else None
    until = form.until.data if sound else None
    midnight = time.min
    page = audit_page(
        scope_of(current_user, "auditor", "administrator"),
        today(),
        action=form.action.data if sound else "",
        since=datetime.combine(since, midnight, zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), midnight, zone) if until else None,
        integrity=integrity,
        number=request.args.get("page", 1, type=int),
    )
    return render_template(
        "people/audit.html",
        form=form,
        page=page,
        words=ACT_WORDS,
        subject=subject_in_words,
        detail=detail_in_words,
        names=_names([row.event.subject or "" for row in page.items]),
        zone=current_user.agency.timezone,
    )


def _names(subjects: list[str]) -> dict[int, str]:
    """Names of the employees whom acts of this page were about."""
    asked = [subject.partition(":") for subject in subjects]
    ids = {int(rest) for kind, _, rest in asked if kind == "employee" and rest.isdecimal()}
    return employee_names(current_user.agency_id, ids)
