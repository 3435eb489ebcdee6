"""The poster walk: once a month a coordinator scans every poster, signed in."""

from datetime import datetime, time

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.config import Settings
from portal.counters import walk_queries as read
from portal.counters.blueprint import KEEPERS, blueprint, office_choices, office_in, scope, today
from portal.counters.codes import is_code, normalise_code
from portal.counters.counter_views import counter_or_404
from portal.counters.page_queries import counter_row
from portal.counters.queries import resolve_code
from portal.counters.walk_actions import LONGEST_FOUND, judge, note_check
from portal.counters.words import POSTER_OUTCOMES
from portal.i18n import gettext as _
from portal.people.blueprint import ID, id_argument
from portal.people.forms import plain


@blueprint.get("/walk")
@role(*KEEPERS)
def walk() -> ResponseReturnValue:
    """What is checked this month and what is not, office by office."""
    mine = scope()
    choices = office_choices(mine)
    counts = read.unchecked(mine, _month())
    office_id = id_argument("office")
    if office_id is None:
        # The first office in which something is still to be looked at.
        known = [one for choice in choices if (one := counts.get(int(choice.value)))]
        open_ones = [one for one in known if one.checked < one.counters]
        office_id = next((one.office_id for one in open_ones or known), None)
    if office_id is None:
        return render_template("counters/no_office.html", title=_("Periksa poster"))
    office = office_in(mine, office_id)
    return render_template(
        "counters/walk.html",
        office=office,
        offices=choices,
        counts=counts,
        rows=read.walk(mine, office.id, _month()),
        outcomes=POSTER_OUTCOMES,
        found=plain(request.args.get("found", ""))[:LONGEST_FOUND],
        zone=current_user.agency.timezone,
    )


@blueprint.get("/walk/at/<code>")
@role(*KEEPERS)
def check_poster(code: str) -> ResponseReturnValue:
    """A poster that was scanned: one button when it hangs where it belongs.

    A code that is not ours leads to the list, where it is noted at the counter at which it hangs.
    """
    normal = normalise_code(code)
    place = resolve_code(normal) if is_code(normal) else None
    mine = counter_row(scope(), place.counter_id, clock.now()) if place else None
    if place is None or mine is None:  # nobody's, or that of an office which is not mine
        return redirect(url_for("counters.walk", found=plain(code)[:LONGEST_FOUND]))
    return render_template("counters/check_poster.html", counter=mine, place=place)


@blueprint.post(f"/walk/<{ID}:counter_id>")
@role(*KEEPERS)
def note_poster(counter_id: int) -> ResponseReturnValue:
    """What hangs at this counter: scanned, typed, or nothing."""
    counter = counter_or_404(counter_id)
    found = plain(request.form.get("found", ""))
    back = redirect(url_for("counters.walk", office=counter.office_id))
    desk = plain(request.form.get("desk", ""))[:20]
    if "missing" in request.form:
        outcome = "missing"
    elif found:
        outcome = judge(current_user.agency_id, counter_id, desk, found, _public_url())
    else:
        flash(_("Ketik kode atau alamat yang tertulis pada kertas itu."), "warn")
        return back
    note_check(current_user, counter_id, outcome, found, clock.now(), desk=desk)
    _word, kind, advice = POSTER_OUTCOMES[outcome]
    flash(f"{counter.label}: {advice}", kind)
    return back


def _month() -> datetime:
    """The beginning of this month in the agency."""
    return datetime.combine(today().replace(day=1), time(), current_user.agency.zone)


def _public_url() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url
