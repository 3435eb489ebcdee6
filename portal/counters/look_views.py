"""How an agency's paper looks: its crest, its region's language."""

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.counters import print_queries as read
from portal.counters.blueprint import blueprint
from portal.counters.print_actions import set_paper_look
from portal.counters.print_forms import LookForm
from portal.counters.printing.crests import BadCrest, CrestTooLarge, checked, crest_picture
from portal.i18n import STAFF_LANGUAGES, languages
from portal.i18n import gettext as _
from portal.people.queries import scope_of


@blueprint.route("/posters/look", methods=["GET", "POST"])
@role("administrator")
def paper_look() -> ResponseReturnValue:
    """For who administers the whole agency: all its paper changes with this."""
    if scope_of(current_user, "administrator").offices is not None:
        abort(403)
    form = LookForm(regional=read.regional_language(current_user.agency_id) or "")
    regional = {code: name for code, name in languages().items() if code not in STAFF_LANGUAGES}
    form.regional.choices = [
        SelectChoice(code, name) for code, name in {"": _("Tidak ada"), **regional}.items()
    ]
    if form.validate_on_submit() and _kept(form):
        flash(_("Perubahan disimpan. Cetakan berikutnya memakainya."), "good")
        return redirect(url_for("counters.posters"))
    house = read.house_of(current_user.agency)
    return render_template("counters/paper_look.html", form=form, house=house)


@blueprint.get("/posters/crest.png")
@role("administrator")
def crest() -> ResponseReturnValue:
    """The crest as it is printed."""
    house = read.house_of(current_user.agency)
    if house.crest is None:
        abort(404)
    return Response(crest_picture(house.crest_kind, house.crest), mimetype="image/png")


def _kept(form: LookForm) -> bool:
    crest = None
    content = form.crest.data.read() if form.crest.data else b""
    try:
        crest = checked(content) if content else None
    except CrestTooLarge:
        form.crest.errors = [_("Berkas ini lebih besar dari 64 KB. Perkecil dahulu gambarnya.")]
        return False
    except BadCrest:
        form.crest.errors = [_("Berkas ini bukan gambar SVG atau PNG yang dapat dicetak.")]
        return False
    set_paper_look(
        current_user,
        form.regional.data or None,
        clock.now(),
        crest=crest,
        without_crest=form.without_crest.data,
    )
    return True
