"""The administrator's page of queue systems."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import and_, select

from portal import clock
from portal.access import role
from portal.counters import integration_actions as deeds
from portal.counters.blueprint import blueprint, office_choices, office_in
from portal.counters.models import Integration
from portal.db import db
from portal.i18n import gettext as _
from portal.people.blueprint import ID
from portal.people.forms import plain
from portal.people.models import Office
from portal.people.queries import Scope, scope_of


@blueprint.get("/integrations")
@role("administrator")
def integrations() -> ResponseReturnValue:
    return _page()


@blueprint.post("/integrations")
@role("administrator")
def new_integration() -> ResponseReturnValue:
    """The key stands on this one answer, and nowhere else ever."""
    office = office_in(_mine(), request.form.get("office", type=int))
    name = plain(request.form.get("name", ""))[:80]
    if not name:
        flash(_("Tulis nama sistem antrean itu."), "warn")
        return redirect(url_for("counters.integrations"))
    return _page(deeds.add_integration(current_user, office.id, name, clock.now()))


@blueprint.post(f"/integrations/<{ID}:integration_id>/revoke")
@role("administrator")
def end_integration(integration_id: int) -> ResponseReturnValue:
    row = db.session.get(Integration, (current_user.agency_id, integration_id))
    office_in(_mine(), row.office_id if row else None)
    deeds.revoke_integration(current_user, integration_id, clock.now())
    flash(_("Kunci dicabut. Karcis yang sudah diterbitkan tetap berlaku."), "good")
    return redirect(url_for("counters.integrations"))


def _mine() -> Scope:
    return scope_of(current_user, "administrator")


def _page(key: str = "") -> ResponseReturnValue:
    mine = _mine()
    rows = db.session.execute(
        select(Integration, Office.name)
        .join(
            Office,
            and_(Office.agency_id == Integration.agency_id, Office.id == Integration.office_id),
        )
        .where(Integration.agency_id == mine.agency_id)
        .order_by(Integration.created_at.desc())
    )
    return render_template(
        "counters/integrations.html",
        rows=[(row, office) for row, office in rows if row.office_id in mine],
        offices=office_choices(mine),
        key=key,
        zone=current_user.agency.timezone,
    )
