"""The data protection officer's page."""

from flask import Blueprint, render_template
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.data_protection import queries as read
from portal.data_protection.words import DECIDED, KINDS
from portal.i18n import lazy_gettext as _l
from portal.menu import Entry
from portal.people.words import ACT_WORDS

blueprint = Blueprint("data_protection", __name__, template_folder="templates")

MENU = [
    Entry(
        "data_protection.register",
        _l("Pelindungan data"),
        ("data_protection_officer",),
        icon="shield",
    ),
]


@blueprint.get("/data-protection")
@role("data_protection_officer")
def register() -> str:
    """What is kept and until when, whether it went in time, and what staff did lately.

    No person and no rating: kinds of data, days and counts of the whole agency.
    """
    agency, now = current_user.agency, clock.now()
    return render_template(
        "data_protection/register.html",
        holdings=read.holdings(agency, now),
        kinds=KINDS,
        decided=DECIDED,
        erased=read.erased_comments(agency.id),
        acts=read.acts_lately(agency.id, now),
        act_words=ACT_WORDS,
    )
