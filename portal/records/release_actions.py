"""A release: the moment at which figures and comments that staff see move on.

It computes outside transactions and writes in short ones, so that nobody who sends a rating
waits. What it writes is invisible until its row gets `done_at`; killed anywhere, the old result
stands, and the next release clears what was left behind and does the work again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select, tuple_

from portal import scoring
from portal.counters.periods import period_of, previous_period
from portal.db import begin_write, db
from portal.people.models import Agency
from portal.ratings.models import Rating, Verdict
from portal.records import appraisal, results
from portal.records.appraisal import Plan, Setting, Weighed
from portal.records.bulk import PIECE, beside, give_back_large_arrays, no_collection, pieces
from portal.records.comment_release_actions import release_comments, take_back
from portal.records.companions import companions
from portal.records.control_counts import tally
from portal.records.evidence import Moment, closed, last_release
from portal.records.models import (
    Decision,
    Score,
    ScoringRun,
)
from portal.records.past import Earlier, earlier, sources_of
from portal.records.policies import engine_policy, full_policy
from portal.records.proposal_models import ProposedDecision
from portal.records.publishing_actions import (
    Task,
    Told,
    begin,
    finish,
    replace_control_counts,
    replace_histograms,
    told,
    write,
    write_figures,
)
from portal.records.queries import last_parameters, visible_scores
from portal.records.reading import Evidence, hours_of, read
from portal.records.suspicion_actions import replace_suspicions

OPEN_PERIODS = 8  # how far back a period may still be open


@dataclass(frozen=True)
class Outcome:
    """What a release did."""

    number: int
    joined: int
    moved: int
    run_id: int | None


def release_due(now: datetime) -> int:
    """Release what is due: each open period once a day, from the agency's hour on."""
    return sum(
        release_period(agency_id, period, now) is not None
        for agency_id, period in _open_periods(now)
        if _is_due(agency_id, period, now)
    )


def release_now(now: datetime) -> int:
    """Release every open period at once, whatever the hour; never with fewer than 5."""
    found = [release_period(agency_id, period, now) for agency_id, period in _open_periods(now)]
    return len(found)


def _open_periods(now: datetime) -> list[tuple[int, str]]:
    """Agencies and their periods that have ratings and are not closed, oldest first."""
    found = []
    for agency in db.session.scalars(select(Agency).order_by(Agency.id)).all():
        period = period_of(now.astimezone(agency.zone).date())
        for _ in range(OPEN_PERIODS):
            rated = exists().where(Rating.agency_id == agency.id, Rating.period == period)
            if db.session.scalar(select(rated)) and not closed(agency.id, period):
                found.append((agency.id, period))
            period = previous_period(period)
    return sorted(found)


def _is_due(agency_id: int, period: str, now: datetime) -> bool:
    agency = db.session.get_one(Agency, agency_id)
    local = now.astimezone(agency.zone)
    last = last_release(agency_id, period)
    return local.time() >= agency.release_at and (last is None or last.local_day < local.date())


@no_collection()
def release_period(agency_id: int, period: str, now: datetime, *, closes: bool = False) -> Outcome:
    """Move the figures of one period on; with `closes`, those of everybody, for good."""
    give_back_large_arrays()
    _clear_unfinished(agency_id, period)
    task = begin(agency_id, period, now, "closing" if closes else "release")
    moment = Moment(agency_id, period, task.before, now)
    evidence = read(moment)
    hours = hours_of(agency_id, moment)
    shown, counted = _shown_totals(agency_id, period)
    db.session.rollback()
    chosen = appraisal.plan(
        evidence, shown, task.policy.least_new_ratings, closing=closes, counted=counted
    )
    setting = Setting(period, hours, engine_policy(task.policy), task.policy.monitored)
    weighed = appraisal.weigh(evidence, chosen, setting)
    engine = f"{results.engine_version()} {setting.policy.digest}"
    rows = results.verdict_rows(
        evidence, chosen, weighed, key=task.key, number=task.number, engine=engine
    )
    everything = full_policy(task.policy)

    judged = ~evidence.withdrawn & (evidence.judged | chosen.joining)

    def keep() -> Told:
        write("verdict", rows)
        replace_histograms(task, evidence, chosen, weighed)
        replace_control_counts(task, tally(evidence, chosen.included, weighed, setting, everything))
        replace_suspicions(task, evidence, chosen, weighed, setting)
        return told(task, evidence, chosen, judged, weighed)

    with beside(keep, len(evidence)) as kept:
        run_id = _score(task, evidence, chosen, weighed, setting)
    joined = int(chosen.joining.sum())
    release_comments(
        evidence, judged, key=task.key, number=task.number, least=task.policy.least_new_ratings
    )
    finish(task, joined, kept())
    _prune(agency_id, period)
    return Outcome(task.number, joined, len(chosen.moved), run_id)


def _clear_unfinished(agency_id: int, period: str) -> None:
    """Remove what a killed release left behind. The run of a killed closing cannot be removed:
    it stays, unseen, because its release never finished."""
    last = last_release(agency_id, period)
    number = last.number if last else 0
    take_back({"agency_id": agency_id, "period": period}, number)
    own = (Verdict.agency_id == agency_id, Verdict.period == period, Verdict.release > number)
    left = db.session.execute(select(Verdict.rating_id, Verdict.release).where(*own)).all()
    key = tuple_(Verdict.rating_id, Verdict.release)
    for piece in pieces(left, PIECE // 4):
        begin_write()
        pairs = [(rating_id, release) for rating_id, release in piece]
        db.session.execute(
            delete(Verdict).where(*own, key.in_(pairs)).execution_options(synchronize_session=False)
        )
        db.session.commit()
    runs = db.session.execute(
        select(ScoringRun.id, ScoringRun.kind).where(
            ScoringRun.agency_id == agency_id,
            ScoringRun.period == period,
            ScoringRun.release > number,
        )
    ).all()
    for run_id, kind in runs:
        if kind == "release":
            _remove_run(agency_id, run_id)


def _remove_run(agency_id: int, run_id: int) -> None:
    people = db.session.scalars(
        select(Score.employee_id).where(Score.agency_id == agency_id, Score.run_id == run_id)
    ).all()
    _remove_scores(agency_id, run_id, people)
    begin_write()
    db.session.execute(
        delete(ScoringRun)
        .where(ScoringRun.agency_id == agency_id, ScoringRun.id == run_id)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def _remove_scores(agency_id: int, run_id: int, people: Iterable[int]) -> None:
    for piece in pieces(people, PIECE // 4):
        begin_write()
        db.session.execute(
            delete(Score)
            .where(
                Score.agency_id == agency_id,
                Score.run_id == run_id,
                Score.employee_id.in_(piece),
            )
            .execution_options(synchronize_session=False)
        )
        db.session.commit()


def _shown_totals(agency_id: int, period: str) -> tuple[dict[int, int], dict[int, int]]:
    """How many ratings the shown score of each employee speaks of, and how many it counts."""
    rows = db.session.execute(
        visible_scores(Score.employee_id, Score.counted + Score.set_aside, Score.counted)
        .where(Score.agency_id == agency_id, Score.period == period)
        .order_by(ScoringRun.release)
    )
    latest = {employee_id: (total, counted) for employee_id, total, counted in rows}
    return (
        {employee_id: total for employee_id, (total, _) in latest.items()},
        {employee_id: counted for employee_id, (_, counted) in latest.items()},
    )


def _score(
    task: Task, evidence: Evidence, chosen: Plan, weighed: Weighed, setting: Setting
) -> int | None:
    """One run over everybody, of which those who move get new figures."""
    if not len(chosen.moved):
        return None
    counted = chosen.included & evidence.about_person
    figures = appraisal.appraise(
        evidence,
        counted,
        weighed,
        setting,
        fallback=_last_params(task),
        also=chosen.moved,
        earlier=_earlier(task),
    )
    beside = companions(
        evidence, chosen.included, weighed, figures, setting=setting, people=chosen.moved
    )
    return write_figures(task, figures, beside, setting, chosen.moved)


def _last_params(task: Task) -> scoring.Params | None:
    """What the agency's last run had learnt: the place to fall back on."""
    found = last_parameters(task.agency_id)
    db.session.rollback()
    return scoring.Params.from_dict(found) if found else None


def _earlier(task: Task) -> Earlier | None:
    """What the closed period before left, as its runs stand at this moment."""
    found = earlier(task.agency_id, task.period, sources_of(task.agency_id, task.period))
    db.session.rollback()
    return found


def _prune(agency_id: int, period: str) -> None:
    """Remove figures that nobody is shown any more, on which nobody decided or wants to."""
    rows = db.session.execute(
        visible_scores(Score.employee_id, Score.run_id, ScoringRun.kind)
        .where(Score.agency_id == agency_id, Score.period == period)
        .order_by(ScoringRun.release.desc())
    ).all()
    kept: set[tuple[int, int]] = set()
    for judged in (Decision, ProposedDecision):
        decided = db.session.execute(
            select(judged.employee_id, judged.run_id).where(
                judged.agency_id == agency_id, judged.period == period
            )
        )
        kept |= {(employee_id, run_id) for employee_id, run_id in decided}
    seen: set[int] = set()
    old: dict[int, list[int]] = {}
    for employee_id, run_id, kind in rows:
        if employee_id not in seen:
            seen.add(employee_id)
            kept.add((employee_id, run_id))
        elif kind == "release" and (employee_id, run_id) not in kept:
            old.setdefault(run_id, []).append(employee_id)
    used = {run_id for _, run_id in kept}
    for run_id, people in old.items():
        if run_id in used:
            _remove_scores(agency_id, run_id, people)
        else:
            _remove_run(agency_id, run_id)
