"""Ratings set aside: the employee asks for a second look, an appeals officer takes it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people.account_queries import accounts_with
from portal.people.blueprint import ID
from portal.people.models import Account
from portal.people.queries import scope_of
from portal.records import set_aside_actions as deeds
from portal.records.attachments import attachments_about
from portal.records.blueprint import blueprint, employee_or_404, own
from portal.records.decision_actions import note_reading
from portal.records.evidence import closed
from portal.records.forms import AskReview, Review
from portal.records.queries import offices_during, shown_score
from portal.records.set_aside import batches, due_days, requests, reviews
from portal.records.words import REVIEWED_WORDS, SIGNAL_WORDS

PATH = f"/records/<{ID}:employee_id>/<period>/set-aside"


def _record(employee_id: int, period: str) -> str:
    return url_for("records.record", employee_id=employee_id, period=period)


@blueprint.route(f"{PATH}/ask", methods=["GET", "POST"])
@role("employee")
def ask_review(employee_id: int, period: str) -> ResponseReturnValue:
    """The employee says why ratings set aside should be looked at again."""
    employee_or_404(employee_id, period)
    form = AskReview()
    back = _record(employee_id, period)
    if form.validate_on_submit():
        officers = _officers(employee_id, period)
        try:
            deeds.ask_review(
                current_user,
                employee_id,
                period,
                form.reason.data,
                clock.now(),
                tell_to=officers,
                files=form.checked,
            )
        except deeds.NothingSetAside:
            flash(_("Tidak ada penilaian Anda yang disisihkan."), "info")
        else:
            flash(_("Permintaan Anda diterima. Pejabat keberatan diberi tahu."), "good")
        return redirect(back)
    return render_template("records/ask_review.html", form=form, period=period, back=back)


def _officers(employee_id: int, period: str) -> list[Account]:
    """Appeals officers in whose scope the employee worked, never the employee."""
    places = offices_during(current_user.agency_id, employee_id, period)
    return [
        account
        for account in accounts_with(current_user.agency_id, "appeals_officer")
        if account.employee_id != employee_id
        and any(place in scope_of(account, "appeals_officer") for place in places)
    ]


@blueprint.route(PATH, methods=["GET", "POST"])
@role("appeals_officer")
def set_aside(employee_id: int, period: str) -> ResponseReturnValue:
    """What was set aside, day by day with its signals; restored or confirmed with a reason."""
    employee = employee_or_404(employee_id, period, "appeals_officer")
    now, agency_id = clock.now(), current_user.agency_id
    back = _record(employee_id, period)
    shown = shown_score(agency_id, employee_id, period)
    if own(employee_id) or shown is None:
        flash(_("Penilaian tentang diri sendiri diperiksa oleh orang lain."), "warn")
        return redirect(back)
    found = batches(shown.run, employee_id, now)
    form = Review()
    form.batches.choices = [(batch.key, "") for batch in found]
    if form.validate_on_submit():
        return _review(form, employee_id, period)
    if not form.is_submitted():
        note_reading(current_user, employee_id, period, now)
    return render_template(
        "records/set_aside.html",
        form=form,
        employee=employee,
        period=period,
        found=found,
        closed=closed(agency_id, period),
        files=attachments_about(agency_id, employee_id),
        asked=requests(agency_id, employee_id, period),
        due=due_days(current_user.agency, employee_id),
        today=now.astimezone(current_user.agency.zone).date(),
        answers=reviews(shown.run, employee_id, now),
        signal_words=SIGNAL_WORDS,
        reviewed_words=REVIEWED_WORDS,
        zone=current_user.agency.timezone,
    )


def _review(form: Review, employee_id: int, period: str) -> ResponseReturnValue:
    try:
        finding = deeds.Finding(form.batches.data, form.outcome.data, form.reason.data)
        number = deeds.review(current_user, employee_id, period, finding, clock.now())
    except (deeds.BatchesMoved, deeds.NothingSetAside):
        flash(_("Daftarnya berubah sejak halaman dibuka. Periksa lagi."), "warn")
    else:
        flash(
            _("Hasil pemeriksaan dicatat untuk %(count)s penilaian.", count=number),
            "good",
        )
        return redirect(_record(employee_id, period))
    return redirect(url_for("records.set_aside", employee_id=employee_id, period=period))
