"""Pages of objections, and of ratings set aside that somebody asks to look at again."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people.blueprint import ID
from portal.people.paging import page_of
from portal.people.queries import Scope, scope_of
from portal.records import decision_actions as deeds
from portal.records import judgements, queries
from portal.records.attachments import attachments_about
from portal.records.blueprint import blueprint
from portal.records.decision_views import decision_or_404
from portal.records.forms import Object, Rule
from portal.records.policies import current_policy
from portal.records.queries import offices_during_each
from portal.records.set_aside import Asked, of_others_in, open_request_keys, open_requests

CONTESTS_ON_A_PAGE = 50


@blueprint.route(f"/decisions/<{ID}:decision_id>/contest", methods=["GET", "POST"])
@role("employee")
def contest(decision_id: int) -> ResponseReturnValue:
    """The employee objects to a decision."""
    judged, _employee = decision_or_404(decision_id)
    form = Object()
    back = redirect(url_for("records.decision", decision_id=decision_id))
    if form.validate_on_submit():
        try:
            deeds.contest(
                current_user, decision_id, form.reason.data, clock.now(), files=form.checked
            )
        except deeds.TooLate:
            flash(_("Batas waktu keberatan sudah lewat."), "bad")
        except deeds.AlreadyContested:
            flash(_("Keberatan atas keputusan ini sudah diajukan."), "info")
        except deeds.Superseded:
            flash(_("Keputusan ini sudah digantikan oleh yang lebih baru."), "warn")
        else:
            flash(_("Keberatan Anda diterima. Pejabat keberatan diberi tahu."), "good")
        return back
    return render_template("records/contest.html", form=form, judged=judged)


@blueprint.get("/contests")
@role("appeals_officer")
def contests() -> ResponseReturnValue:
    """Objections from my offices, those waiting first."""
    return render_template(
        "records/contests.html",
        page=page_of(
            judgements.objections(current_user),
            request.args.get("page", 1, type=int),
            CONTESTS_ON_A_PAGE,
        ),
        asked=asked_reviews(),
        now=clock.now(),
        today=clock.now().astimezone(current_user.agency.zone).date(),
        zone=current_user.agency.timezone,
    )


@blueprint.route(f"/contests/<{ID}:contest_id>", methods=["GET", "POST"])
@role("appeals_officer")
def rule(contest_id: int) -> ResponseReturnValue:
    """Answer an objection, once and for all."""
    found = judgements.objection(current_user, contest_id)
    if found is None:
        abort(404)
    form = Rule()
    here = url_for("records.rule", contest_id=contest_id)
    if form.validate_on_submit():
        try:
            deeds.rule(current_user, contest_id, form.outcome.data, form.reason.data, clock.now())
        except deeds.AlreadyRuled:
            flash(_("Keberatan ini sudah diputus."), "info")
        else:
            flash(_("Putusan dicatat. Pegawai dan atasannya diberi tahu."), "good")
        return redirect(here)
    decision_made = found.decision
    if not form.is_submitted():
        deeds.note_reading(
            current_user, decision_made.employee_id, decision_made.period, clock.now()
        )
    return render_template(
        "records/rule.html",
        form=form,
        objection=found,
        files=attachments_about(decision_made.agency_id, decision_made.employee_id),
        score=queries.score_of_run(
            decision_made.agency_id, decision_made.run_id, decision_made.employee_id
        ),
        least=current_policy(decision_made.agency_id).least_new_ratings,
        now=clock.now(),
        zone=current_user.agency.timezone,
    )


def asked_reviews() -> list[Asked]:
    """Open requests to look at ratings set aside, from the reader's offices, never their own."""
    mine = scope_of(current_user, "appeals_officer")
    found = open_requests(current_user.agency, of_others_in(mine, current_user.employee_id))
    there = _there({(one.employee.id, one.request.period) for one in found}, mine)
    return [one for one in found if (one.employee.id, one.request.period) in there]


def reviews_waiting() -> int:
    """How many those are."""
    mine, agency_id = scope_of(current_user, "appeals_officer"), current_user.agency_id
    found = open_request_keys(agency_id, of_others_in(mine, current_user.employee_id))
    there = _there(set(found), mine)
    return sum(key in there for key in found)


def _there(asked: set[tuple[int, str]], mine: Scope) -> set[tuple[int, str]]:
    """Those of some employees in their periods who worked in these offices then."""
    places = offices_during_each(mine.agency_id, asked) if asked else {}
    return {key for key in asked if any(office in mine for office in places[key])}
