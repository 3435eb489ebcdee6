"""The inspector's page."""

from flask import Blueprint, render_template
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import lazy_gettext as _l
from portal.integrity.actions import note_reading
from portal.integrity.queries import flagged_comments
from portal.menu import Entry
from portal.people.queries import scope_of

blueprint = Blueprint("integrity", __name__, template_folder="templates")

MENU = [Entry("integrity.comments", _l("Dugaan pelanggaran"), ("inspector",), icon="shield")]


@blueprint.get("/integrity")
@role("inspector")
def comments() -> str:
    """Comments that allege a levy, harassment or discrimination, in the inspector's offices."""
    note_reading(current_user, clock.now())
    rows = flagged_comments(scope_of(current_user, "inspector"))
    return render_template("integrity/comments.html", rows=rows)
