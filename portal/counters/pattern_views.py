"""Named shifts, by which people are placed in an office."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters import roster_actions
from portal.counters import roster_queries as read
from portal.counters.blueprint import KEEPERS, blueprint, office_in, scope
from portal.counters.roster_forms import WHOLE_AGENCY, PatternForm
from portal.i18n import gettext as _
from portal.people.blueprint import ID, id_argument


@blueprint.route("/roster/patterns", methods=["GET", "POST"])
@role(*KEEPERS)
def patterns() -> ResponseReturnValue:
    """The shifts by which people are placed in an office."""
    office = office_in(scope(), id_argument("office"))
    whole_agency = scope().offices is None
    form = PatternForm()
    form.offer(office.name, whole_agency)
    if form.validate_on_submit():
        roster_actions.add_pattern(
            current_user,
            None if form.reach.data == WHOLE_AGENCY else office.id,
            form.name.data,
            (form.starts.data, form.ends.data),
            clock.now(),
        )
        flash(_("Pola %(name)s disimpan.", name=form.name.data), "good")
        return redirect(url_for("counters.patterns", office=office.id))
    return render_template(
        "counters/patterns.html",
        form=form,
        office=office,
        whole_agency=whole_agency,
        agency=current_user.agency,
        patterns=read.patterns_for(current_user.agency, office.id),
    )


@blueprint.post(f"/roster/patterns/<{ID}:pattern_id>/close")
@role(*KEEPERS)
def close_pattern(pattern_id: int) -> ResponseReturnValue:
    office = office_in(scope(), id_argument("office"))
    pattern = read.pattern_in(scope(), pattern_id)
    if pattern is None:
        abort(404)
    name = pattern.name
    roster_actions.close_pattern(current_user, pattern_id, clock.now())
    flash(_("Pola %(name)s tidak ditawarkan lagi.", name=name), "good")
    return redirect(url_for("counters.patterns", office=office.id))
