"""Corrections of closed periods: what people's reviews change there is a new run, never an edit.

It is computed with the parameters, policy and hours of the closing, and moves only those of whom
as many ratings count otherwise as a release takes to move anybody.
"""

import dataclasses
from datetime import datetime

import numpy as np
from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.ratings.models import Rating, Release, VerdictReview
from portal.records import evidence
from portal.records.appraisal import Plan
from portal.records.bulk import no_collection
from portal.records.companions import companions
from portal.records.evidence import Moment
from portal.records.models import ScoringRun
from portal.records.notices import account_of, tell
from portal.records.policies import policy_version
from portal.records.publishing_actions import (
    begin,
    finish,
    replace_histograms,
    told,
    write_figures,
)
from portal.records.queries import shown_scores
from portal.records.reading import Ints
from portal.records.replay import compute_again


def correct_due(now: datetime) -> int:
    """Make the corrections that reviews since the closing ask for; how many people moved."""
    moved = 0
    for agency_id, period in _reviewed_since():
        moment = evidence.now_in(agency_id, period, now)
        run = _closing(agency_id, period)
        people = _due(moment, policy_version(agency_id, run.policy_version).least_new_ratings)
        db.session.rollback()
        if len(people):
            _correct(run, moment, people)
            moved += len(people)
    return moved


def _reviewed_since() -> list[tuple[int, str]]:
    """Closed periods in which somebody reviewed after the figures shown were computed."""
    last = aliased(Release)
    shown_from = (
        select(func.max(last.started_at))
        .where(
            last.agency_id == Release.agency_id,
            last.period == Release.period,
            last.done_at.is_not(None),
        )
        .correlate(Release)
        .scalar_subquery()
    )
    later = exists().where(
        VerdictReview.agency_id == Release.agency_id,
        VerdictReview.period == Release.period,
        VerdictReview.at > shown_from,
    )
    rows = db.session.execute(
        select(Release.agency_id, Release.period)
        .where(Release.closes, Release.done_at.is_not(None), later)
        .order_by(Release.agency_id, Release.period)
    )
    return [(agency_id, period) for agency_id, period in rows]


def _closing(agency_id: int, period: str) -> ScoringRun:
    return db.session.scalars(
        select(ScoringRun)
        .where(
            ScoringRun.agency_id == agency_id,
            ScoringRun.period == period,
            ScoringRun.kind == "closing",
        )
        .order_by(ScoringRun.release.desc())
        .limit(1)
    ).one()


def _due(moment: Moment, least: int) -> Ints:
    """Whose shown figures count so many ratings fewer or more than reviews now say."""
    reviewed = select(VerdictReview.rating_id).where(
        VerdictReview.agency_id == moment.agency_id, VerdictReview.period == moment.period
    )
    people = db.session.scalars(
        evidence.ratings_as_of(moment, evidence.EMPLOYEE)
        .distinct()
        .where(Rating.id.in_(reviewed), evidence.ABOUT_PERSON, evidence.SETTLED)
    ).all()
    shown = shown_scores(moment.agency_id, moment.period, people)
    return np.array(
        sorted(
            who
            for who, score in shown.items()
            if abs(_counted(moment, who) - score.counted) >= least
        ),
        dtype=np.int64,
    )


def _counted(moment: Moment, employee_id: int) -> int:
    query = evidence.ratings_as_of(moment, func.count()).where(
        evidence.of_employee(moment, employee_id), evidence.COUNTS_FOR_PERSON
    )
    return db.session.scalar(query) or 0


@no_collection()
def _correct(run: ScoringRun, moment: Moment, people: Ints) -> None:
    """New figures and records for some people, and what offices and public read with them."""
    again = compute_again(run, moment)
    policy = policy_version(run.agency_id, run.policy_version)
    db.session.rollback()
    task = begin(moment.agency_id, moment.period, moment.as_of, "correction")
    task = dataclasses.replace(task, policy=policy)
    found, weighed = again.evidence, again.weighed
    included = ~found.withdrawn & found.settled
    nobody = np.zeros(len(found), dtype=bool)
    chosen = Plan(nobody, included, nobody, people)
    beside = companions(
        found, included, weighed, again.figures, setting=again.setting, people=people
    )
    write_figures(task, again.figures, beside, again.setting, people)
    replace_histograms(task, found, chosen, weighed)
    judged = ~found.withdrawn & found.judged
    finish(task, 0, told(task, found, chosen, judged, weighed))
    _tell(moment, people)


def _tell(moment: Moment, people: Ints) -> None:
    begin_write()
    agency_id, period = moment.agency_id, moment.period
    detail: dict[str, object] = {"employees": len(people)}
    note_act(
        None, "correct_period", moment.as_of, agency_id=agency_id, subject=period, detail=detail
    )
    for employee_id in people.tolist():
        path = f"/records/{employee_id}/{period}"
        tell(account_of(agency_id, employee_id), "corrected", path, moment.as_of)
    db.session.commit()
