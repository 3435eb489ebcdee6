"""The roster from a file, of the office whose week it is."""

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters.blueprint import KEEPERS, office_in, scope
from portal.counters.roster import monday_of
from portal.imports.blueprint import blueprint, page_of
from portal.imports.forms import DutyFileForm
from portal.people.blueprint import id_argument


@blueprint.route("/roster/import", methods=["GET", "POST"])
@role(*KEEPERS)
def roster() -> ResponseReturnValue:
    """Upload a file, see what it would change or what is wrong with it, then import it."""
    office = office_in(scope(), id_argument("office"))
    form = DutyFileForm()
    calendar = form.calendar
    form.kind.data = "ics" if calendar else "csv"
    return page_of(
        "duties",
        form,
        scope(),
        url_for("counters.roster", office=office.id),
        calendar=calendar,
        office=office,
        monday=monday_of(clock.now().astimezone(current_user.agency.zone).date()),
    )
