"""The employee's first page: my record as others see it, what awaits me, who looked; my data."""

import json
from datetime import date
from typing import Any

from flask import Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role, signed_in
from portal.counters.blueprint import today
from portal.counters.periods import period_of
from portal.counters.swap_queries import swaps_asked_of
from portal.db import db
from portal.desk.actions import note_taken
from portal.desk.blueprint import BEGINNERS, blueprint
from portal.desk.own_data import own_data
from portal.desk.own_sheet import sheet
from portal.followups.queries import held_by
from portal.people.models import Employee
from portal.people.words import ACT_WORDS, ROLE_WORDS
from portal.records import judgements, queries
from portal.records.blueprint import READERS
from portal.records.decision_words import step_state
from portal.records.dialogues import unsigned
from portal.records.disclosure import Disclosed, disclosed, shows_score
from portal.records.documents import as_pdf
from portal.records.heard import Element, elements, readings
from portal.records.judgements import Judged
from portal.records.listings import listings
from portal.records.plan_steps import planned
from portal.records.policies import current_policy
from portal.records.queries import Shown
from portal.records.record_views import WORDS, unanswered
from portal.records.set_aside import of_person, open_requests
from portal.records.trainings import compared
from portal.records.words import ELEMENT_WORDS

MOST_READINGS = 10  # on the page; the file has more


@blueprint.get("/start")
@signed_in
def start() -> ResponseReturnValue:
    """Where everybody lands after signing in: each on the first page of their role."""
    held = current_user.role_names
    if held & set(BEGINNERS):
        return redirect(url_for("desk.first_page"))
    if "employee" in held and current_user.employee_id is not None:
        return redirect(url_for("desk.mine"))
    return redirect(url_for("people.home"))


def _myself() -> Employee:
    if current_user.employee_id is None:
        abort(404)
    key = (current_user.agency_id, current_user.employee_id)
    return db.session.get_one(Employee, key)


@blueprint.get("/my")
@role("employee")
def mine() -> ResponseReturnValue:
    """My record as others see it, what awaits me, and what the portal holds about me."""
    employee, agency, now = _myself(), current_user.agency, clock.now()
    least = current_policy(agency.id).least_new_ratings
    trend = queries.trend(agency.id, employee.id)
    period = trend[-1].period if trend else period_of(today())
    shown = queries.shown_score(agency.id, employee.id, period)
    told = disclosed(shown.score, least) if shown else None
    found = judgements.judgements_about(agency.id, employee.id)
    read_by = readings(agency, employee.id, READERS)
    return render_template(
        "desk/my.html",
        **WORDS,
        employee=employee,
        period=period,
        shown=shown,
        told=told,
        least=least,
        compared=compared(told.services if told and told.shows_score else ()),
        elements=_elements(shown, told, least),
        element_words=ELEMENT_WORDS,
        services=queries.service_names(agency.id) if told and told.services else {},
        trend=[row for row in trend if shows_score(row, least)],
        judged=found,
        unanswered=unanswered(now),
        contested=[one for one in found if one.open],
        asked=open_requests(agency, of_person(employee.id)),
        **_steps(found),
        unsigned=unsigned(agency.id, employee.id),
        swaps=swaps_asked_of(agency.id, employee.id, now),
        held=held_by(agency.id, current_user.id),
        today=today(),
        readings=read_by[:MOST_READINGS],
        more_readings=len(read_by) - MOST_READINGS,
        listings=listings(agency, employee.id, READERS)[:MOST_READINGS],
        act_words=ACT_WORDS,
        role_words=ROLE_WORDS,
        zone=agency.timezone,
    )


def _steps(found: list[Judged]) -> dict[str, Any]:
    """Of plans that stand: trainings, what else is to be done, and what was."""
    steps = planned(current_user.agency_id, [one.decision.id for one in found if one.stands])
    others = [step for step in steps if not step.training]
    return {
        "trainings": [step for step in steps if step.training],
        "steps": [step for step in others if step.done_on is None],
        "done": [step for step in others if step.done_on is not None],
        "step_state": step_state,
    }


def _elements(shown: Shown | None, told: Disclosed | None, least: int) -> list[Element]:
    if shown is None or told is None or not told.shows_score:
        return []
    return list(elements(shown.run, shown.score.employee_id, least))


@blueprint.get("/my/data.json")
@role("employee")
def my_data() -> Response:
    """Everything the portal holds about me, for machines (UU 27/2022 articles 7 and 13)."""
    employee, now = _myself(), clock.now()
    data = own_data(current_user, employee, now)
    note_taken(current_user, "json", now)
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return _file(text.encode(), "application/json", "json", today())


@blueprint.get("/my/data.pdf")
@role("employee")
def my_data_sheet() -> Response:
    """The same to read and to keep, as PDF/A."""
    employee, now = _myself(), clock.now()
    data = own_data(current_user, employee, now)
    note_taken(current_user, "pdf", now)
    return _file(
        as_pdf(sheet(data, current_user.agency.timezone), now), "application/pdf", "pdf", today()
    )


def _file(content: bytes, mimetype: str, ending: str, on: date) -> Response:
    name = f"attachment; filename=suara-loket-{on.isoformat()}.{ending}"
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": name})
