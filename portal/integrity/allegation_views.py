"""The inspector's page of comments that allege misconduct, and what is done about each."""

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.integrity import actions as deeds
from portal.integrity import queries as read
from portal.integrity.allegation_words import FINDING_KINDS, FINDING_WORDS
from portal.integrity.blueprint import blueprint
from portal.integrity.forms import Find
from portal.people.queries import Scope, scope_of


def _scope() -> Scope:
    return scope_of(current_user, "inspector")


@blueprint.get("/integrity")
@role("inspector")
def comments() -> str:
    """Comments that allege a levy, harassment or discrimination, in the inspector's offices."""
    deeds.note_reading(current_user, clock.now())
    mine, besides = _scope(), current_user.employee_id
    return render_template(
        "integrity/comments.html",
        waiting=read.waiting_comments(mine, besides),
        done=read.done_comments(mine, besides),
        most=read.MOST,
        finding_words=FINDING_WORDS,
        finding_kinds=FINDING_KINDS,
    )


@blueprint.route("/integrity/<period>/<uuid:key>", methods=["GET", "POST"])
@role("inspector")
def comment(period: str, key: uuid.UUID) -> ResponseReturnValue:
    """One of them: what was done about it, and the next step."""
    shown = read.flagged_comment(_scope(), current_user.employee_id, period, key)
    if shown is None:
        if request.method == "POST" and read.handed_by(current_user, period, key):
            return redirect(url_for("integrity.comments"))  # the same step, sent twice
        abort(404)
    form = Find()
    form.offer(hands_over=not read.closes(current_user.agency_id, period))
    if form.validate_on_submit():
        return _keep(form, shown)
    deeds.note_reading(current_user, clock.now())
    return render_template(
        "integrity/comment.html",
        form=form,
        shown=shown,
        findings=read.findings_about(current_user.agency_id, period, key),
        finding_words=FINDING_WORDS,
        zone=current_user.agency.timezone,
    )


def _keep(form: Find, shown: read.Flagged) -> ResponseReturnValue:
    finding = deeds.Finding(form.outcome.data, form.reason.data)
    try:
        deeds.note_finding(current_user, shown, finding, clock.now())
    except deeds.AllegationGone:
        flash(_("Komentar ini sudah diserahkan ke moderator, atau sudah dihapus."), "warn")
    except deeds.PeriodClosed:
        flash(_("Triwulan ini sudah ditutup; komentarnya tidak sampai lagi ke moderator."), "warn")
    else:
        flash(_("Langkahnya dicatat."), "good")
    return redirect(url_for("integrity.comments"))
