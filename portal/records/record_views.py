"""Pages of records: the list of a scope, one record, the reader's own, and the policy."""

from datetime import date, datetime, timedelta

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters.blueprint import office_in
from portal.counters.periods import period_of
from portal.counters.words import quarter
from portal.i18n import gettext as _
from portal.people.blueprint import ID, id_argument
from portal.people.queries import Scope, scope_of
from portal.records import evidence, judgements, queries
from portal.records.attachments import attachments_about
from portal.records.blueprint import (
    READERS,
    blueprint,
    employee_or_404,
    own,
    periods_within,
    scope,
)
from portal.records.decision_actions import contest_until, note_listing, note_reading
from portal.records.disclosure import disclosed, shows_score
from portal.records.effects import effects
from portal.records.forms import Choose, choices
from portal.records.funnel import funnel, same_work
from portal.records.models import Decision
from portal.records.policies import current_policy
from portal.records.proposal_models import ProposedDecision
from portal.records.proposals import may_read, open_proposal
from portal.records.queries import Shown
from portal.records.seen import Seen, comments, seen, waiting
from portal.records.set_aside import Stretch, due_days, requests, reviews, stretches
from portal.records.words import (
    ADVICE_KINDS,
    ADVICE_MEANINGS,
    ADVICE_WORDS,
    CAUSE_WORDS,
    DECISION_KINDS,
    DECISION_WORDS,
    FACE_WORDS,
    FUNNEL_WORDS,
    OUTCOME_WORDS,
    REASON_WORDS,
    REVIEWED_WORDS,
    SIGNAL_WORDS,
    STATE_KINDS,
    STATE_WORDS,
)

WORDS: dict[str, object] = {
    "advice_words": ADVICE_WORDS,
    "advice_kinds": ADVICE_KINDS,
    "advice_meanings": ADVICE_MEANINGS,
    "cause_words": CAUSE_WORDS,
    "decision_words": DECISION_WORDS,
    "decision_kinds": DECISION_KINDS,
    "face_words": FACE_WORDS,
    "funnel_words": FUNNEL_WORDS,
    "outcome_words": OUTCOME_WORDS,
    "reason_words": REASON_WORDS,
    "reviewed_words": REVIEWED_WORDS,
    "signal_words": SIGNAL_WORDS,
    "state_words": STATE_WORDS,
    "state_kinds": STATE_KINDS,
}


@blueprint.context_processor
def words() -> dict[str, object]:
    return WORDS


def _this_period() -> str:
    return period_of(clock.now().astimezone(current_user.agency.zone).date())


@blueprint.get("/records")
@role(*READERS)
def people() -> ResponseReturnValue:
    """The employees of my offices, by name, with what stands in their records."""
    mine, agency_id = scope(), current_user.agency_id
    form, period = _choices(mine)
    office_id = id_argument("office")
    if office_id is not None:
        office_in(mine, office_id)
    note_listing(current_user, "records_listed", period, clock.now())
    page = queries.people_in(
        mine,
        period,
        office_id=office_id,
        advice=form.advice.data if form.advice.data in ADVICE_WORDS else "",
        number=request.args.get("page", 1, type=int),
    )
    ids = [employee.id for employee in page.items]
    return render_template(
        "records/people.html",
        page=page,
        form=form,
        period=period,
        scores=queries.shown_scores(agency_id, period, ids),
        places=queries.places_of(agency_id, ids, period),
        decisions=judgements.latest_decisions(agency_id, ids, period),
        least=current_policy(agency_id).least_new_ratings,
        closed=evidence.closed(agency_id, period),
        last=evidence.last_release(agency_id, period),
        zone=current_user.agency.timezone,
    )


def _choices(mine: Scope) -> tuple[Choose, str]:
    """The form of the list, and the period that was chosen or is current."""
    form = Choose(request.args)
    current = _this_period()
    periods = sorted({current, *queries.periods_with_figures(mine.agency_id)}, reverse=True)
    form.period.choices = choices({period: quarter(period) for period in periods})
    form.office.choices = choices(
        {"": _("Semua unit kerja")}
        | {str(office_id): name for office_id, name in queries.offices_in(mine)}
    )
    if form.period.data not in periods:
        form.period.data = current
    return form, str(form.period.data)


@blueprint.get("/records/mine")
@role("employee")
def mine() -> ResponseReturnValue:
    """My own record: of this period, or of the last one that has figures."""
    if current_user.employee_id is None:
        abort(404)
    employee_id, period = current_user.employee_id, _this_period()
    seen = queries.trend(current_user.agency_id, employee_id)
    if seen and seen[-1].period != period:
        period = seen[-1].period
    return redirect(url_for("records.record", employee_id=employee_id, period=period))


@blueprint.get(f"/records/<{ID}:employee_id>")
@role(*READERS)
def latest(employee_id: int) -> ResponseReturnValue:
    """On to an employee's record: of the last period with figures that the reader may open, or of
    this one."""
    known = queries.periods_of(current_user.agency_id, employee_id)
    open_to_me = periods_within(employee_id, [*known, _this_period()], *READERS)
    if not open_to_me:
        abort(404)
    return redirect(url_for("records.record", employee_id=employee_id, period=open_to_me[0]))


@blueprint.get(f"/records/<{ID}:employee_id>/<period>")
@role("employee", *READERS)
def record(employee_id: int, period: str) -> ResponseReturnValue:
    """One employee, one period: the figures, how they came about, and what followed."""
    employee = employee_or_404(employee_id, period, *READERS)
    agency_id, now = current_user.agency_id, clock.now()
    if not own(employee_id):
        note_reading(current_user, employee_id, period, now)
    shown = queries.shown_score(agency_id, employee_id, period)
    places = queries.offices_during(agency_id, employee_id, period)
    least = current_policy(agency_id).least_new_ratings
    told = disclosed(shown.score, least) if shown else None
    ratings = seen(shown.run, employee_id) if shown else []
    trend = [row for row in queries.trend(agency_id, employee_id) if shows_score(row, least)]
    about = judgements.judgements_about(agency_id, employee_id)
    return render_template(
        "records/record.html",
        employee=employee,
        period=period,
        offices=list(queries.office_names(agency_id, places).values()),
        shown=shown,
        told=told,
        funnel=funnel(shown, least) if shown and told and told.shows_score else None,
        same_work=same_work(shown, least) if shown and told and told.shows_score else None,
        least=least,
        services=queries.service_names(agency_id) if shown else {},
        trend=trend,
        effects=effects(about, trend, period),
        comments=comments(ratings, shown.run, least) if shown else [],
        waiting=waiting(ratings, shown.run) if shown else 0,
        asked=(asked := requests(agency_id, employee_id, period)),
        due=due_days(current_user.agency, employee_id) if asked else {},
        today=now.astimezone(current_user.agency.zone).date(),
        answers=reviews(shown.run, employee_id, now) if shown else [],
        stretches=_stretches(shown, ratings, least),
        reviews=not own(employee_id) and _holds("appeals_officer", places),
        judgements=[one for one in about if one.decision.period == period],
        files=attachments_about(agency_id, employee_id),
        replies=judgements.replies_to_evidence(agency_id, employee_id, period),
        closed=evidence.closed(agency_id, period),
        mine=own(employee_id),
        proposed=None if own(employee_id) else _proposed(employee_id, period),
        others=_other_periods(employee_id, period),
        unanswered=unanswered(now) if own(employee_id) else [],
        decides=shown is not None and not own(employee_id) and _holds("supervisor", places),
        zone=current_user.agency.timezone,
        printed_at=now,
    )


def _stretches(shown: Shown | None, ratings: list[Seen], least: int) -> list[Stretch]:
    """When ratings were set aside, for readers other than the employee."""
    if shown is None or own(shown.score.employee_id) or shown.score.set_aside < least:
        return []
    return stretches(ratings, shown.score.period, least)


def _proposed(employee_id: int, period: str) -> ProposedDecision | None:
    """The proposal that waits, for those who may see it."""
    found = open_proposal(current_user.agency_id, employee_id, period)
    return found if found is not None and may_read(current_user, found) else None


def _other_periods(employee_id: int, period: str) -> list[str]:
    """The other periods of this employee that the reader may open, newest first."""
    known = queries.periods_of(current_user.agency_id, employee_id)
    others = [other for other in known if other != period]
    if others and not own(employee_id):
        return periods_within(employee_id, others, *READERS)
    return others


def unanswered(now: datetime) -> list[tuple[Decision, date]]:
    """Decisions about the reader that they can still object to, with the last day for it."""
    agency = current_user.agency
    days = current_policy(agency.id).contest_days
    today = now.astimezone(agency.zone).date()
    found = judgements.unanswered(
        agency.id, current_user.employee_id, now - timedelta(days=days + 1)
    )
    listed = [(decision, contest_until(decision, agency, days)) for decision in found]
    return [(decision, until) for decision, until in listed if today <= until]


def _holds(name: str, places: set[int]) -> bool:
    """Whether the reader holds a role in one of these offices."""
    mine = scope_of(current_user, name)
    return any(office in mine for office in places)
