"""A release: the moment at which figures and comments that staff see move on.

It computes outside transactions and writes in short ones, so that nobody who sends a rating
waits. What it writes is invisible until its row gets `done_at`; killed anywhere, the old result
stands, and the next release clears what was left behind and does the work again.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import delete, exists, func, insert, select, text, tuple_, update

from portal import scoring
from portal.counters.periods import period_of, previous_period
from portal.db import begin_write, db, turn
from portal.people.models import Agency
from portal.ratings.models import Rating, Release, Verdict
from portal.records import appraisal, results
from portal.records.appraisal import Figures, Plan, Setting, Weighed
from portal.records.bulk import PIECE, Rows, insert_rows, no_collection, pieces
from portal.records.comment_release_actions import release_comments, take_back
from portal.records.companions import companions
from portal.records.control_counts import tally
from portal.records.evidence import Moment, closed, last_release
from portal.records.models import (
    ControlCount,
    Decision,
    Histogram,
    OfficeResult,
    PerformanceRecord,
    PublicResult,
    Score,
    ScoringRun,
)
from portal.records.past import Earlier, earlier, sources_of
from portal.records.policies import AgencyPolicy, current_policy, engine_policy, full_policy
from portal.records.proposal_models import ProposedDecision
from portal.records.public_results import Counted, public_rows
from portal.records.queries import last_parameters, visible_scores
from portal.records.reading import Evidence, Flags, hours_of, read
from portal.records.results import Row

PEOPLE_PIECE = 200  # employees whose histograms are replaced in one transaction
BREATH = 0.02  # seconds, at most, that others are given between two transactions
OPEN_PERIODS = 8  # how far back a period may still be open


@dataclass(frozen=True)
class Outcome:
    """What a release did."""

    number: int
    joined: int
    moved: int
    run_id: int | None


@dataclass(frozen=True)
class _Task:
    """One release of one agency and period, under way."""

    agency_id: int
    period: str
    number: int
    before: int
    now: datetime
    closes: bool
    policy: AgencyPolicy

    @property
    def key(self) -> Row:
        return {"agency_id": self.agency_id, "period": self.period}


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
    _clear_unfinished(agency_id, period)
    task = _begin(agency_id, period, now, closes=closes)
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
    _write(
        "verdict",
        results.verdict_rows(
            evidence, chosen, weighed, key=task.key, number=task.number, engine=engine
        ),
    )
    run_id = _score(task, evidence, chosen, weighed, setting)
    _replace_histograms(task, evidence, chosen, weighed)
    judged = ~evidence.withdrawn & (evidence.judged | chosen.joining)
    joined = int(chosen.joining.sum())
    release_comments(
        evidence, judged, key=task.key, number=task.number, least=task.policy.least_new_ratings
    )
    _finish(
        task,
        joined,
        results.office_rows(evidence, judged, weighed, task.key),
        _public(task, evidence, chosen, judged, weighed),
        tally(evidence, chosen.included, weighed, setting, full_policy(task.policy)),
    )
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


def _begin(agency_id: int, period: str, now: datetime, *, closes: bool) -> _Task:
    """Put down that a release has begun, under a number that nothing bears yet."""
    begin_write()
    own = (Release.agency_id == agency_id, Release.period == period)
    last = last_release(agency_id, period)
    db.session.execute(delete(Release).where(*own, Release.done_at.is_(None)))
    highest_run = db.session.scalar(
        select(func.max(ScoringRun.release)).where(
            ScoringRun.agency_id == agency_id, ScoringRun.period == period
        )
    )
    before = last.number if last else 0
    number = max(before, highest_run or 0) + 1
    db.session.add(
        Release(
            agency_id=agency_id,
            period=period,
            number=number,
            local_day=_local_day(agency_id, now),
            started_at=now,
            closes=closes,
        )
    )
    policy = current_policy(agency_id)
    db.session.commit()
    return _Task(agency_id, period, number, before, now, closes, policy)


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
    task: _Task, evidence: Evidence, chosen: Plan, weighed: Weighed, setting: Setting
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
    kind = "closing" if task.closes else "release"
    run = results.run_row(
        figures, task.policy, setting, key=task.key, kind=kind, number=task.number, now=task.now
    )
    _append(ScoringRun, [run])
    key = {**task.key, "run_id": run["id"]}
    rows = results.score_rows(figures, beside, setting.policy, key=key, people=chosen.moved)
    _write("score", Rows.of_dicts(rows))
    if task.closes:
        _append(PerformanceRecord, _records(task, run["id"], figures, chosen))
    return int(run["id"])


def _records(task: _Task, run_id: int, figures: Figures, chosen: Plan) -> Iterator[Row]:
    for employee_id in chosen.moved.tolist():
        yield {
            **task.key, "run_id": run_id, "employee_id": employee_id, "created_at": task.now
        }  # fmt: skip


def _last_params(task: _Task) -> scoring.Params | None:
    """What the agency's last run had learnt: the place to fall back on."""
    found = last_parameters(task.agency_id)
    db.session.rollback()
    return scoring.Params.from_dict(found) if found else None


def _earlier(task: _Task) -> Earlier | None:
    """What the closed period before left, as its runs stand at this moment."""
    found = earlier(task.agency_id, task.period, sources_of(task.agency_id, task.period))
    db.session.rollback()
    return found


def _replace_histograms(task: _Task, evidence: Evidence, chosen: Plan, weighed: Weighed) -> None:
    """Counts of those who move, and of what counts for offices only."""
    counted = weighed.final > 0
    personal = chosen.included & evidence.about_person & counted
    judged = ~evidence.withdrawn & (evidence.judged | chosen.joining)
    movers = personal & np.isin(evidence.employee, chosen.moved)
    rows = results.histogram_rows(evidence, movers, key=task.key, personal=True)
    for people in pieces(chosen.moved.tolist(), PEOPLE_PIECE):
        fresh = [row for employee in people for row in rows.get(employee, [])]
        _swap_histograms(task, Histogram.employee_id.in_(people), fresh)
    nobody = results.histogram_rows(
        evidence, judged & counted & ~personal, key=task.key, personal=False
    )
    _swap_histograms(task, Histogram.employee_id.is_(None), nobody.get(0, []))


def _swap_histograms(task: _Task, whose: Any, fresh: list[Row]) -> None:
    with _unseen():
        db.session.execute(
            delete(Histogram)
            .where(Histogram.agency_id == task.agency_id, Histogram.period == task.period, whose)
            .execution_options(synchronize_session=False)
        )
        insert_rows("histogram", Rows.of_dicts(fresh))


def _public(
    task: _Task, evidence: Evidence, chosen: Plan, judged: Flags, weighed: Weighed
) -> list[Row]:
    """What the public reads of the offices of which enough has changed."""
    joined = np.where(chosen.joining, task.number, evidence.joined)
    found = Counted(evidence, joined, judged, judged & (weighed.final > 0))
    moment = Moment(task.agency_id, task.period, task.number, task.now)
    rows = public_rows(found, moment, _local_day(task.agency_id, task.now), closes=task.closes)
    db.session.rollback()
    return rows


def _local_day(agency_id: int, now: datetime) -> date:
    return now.astimezone(db.session.get_one(Agency, agency_id).zone).date()


def _finish(
    task: _Task, joined: int, offices: list[Row], public: list[Row], controls: list[Row]
) -> None:
    """The moment itself: everything written so far becomes visible."""
    begin_write()
    db.session.execute(
        delete(ControlCount).where(
            ControlCount.agency_id == task.agency_id, ControlCount.period == task.period
        )
    )
    insert_rows("control_count", Rows.of_dicts({**task.key, **row} for row in controls))
    own_public = (PublicResult.agency_id == task.agency_id, PublicResult.period == task.period)
    moving = [row["office_id"] for row in public]
    db.session.execute(delete(PublicResult).where(*own_public, PublicResult.office_id.in_(moving)))
    if public:
        db.session.execute(insert(PublicResult), public)
    if task.closes:
        db.session.execute(update(PublicResult).where(*own_public).values(final=True))
    db.session.execute(
        delete(OfficeResult).where(
            OfficeResult.agency_id == task.agency_id, OfficeResult.period == task.period
        )
    )
    insert_rows("office_result", Rows.of_dicts(offices))
    db.session.execute(
        update(Release)
        .where(
            Release.agency_id == task.agency_id,
            Release.period == task.period,
            Release.number == task.number,
        )
        .values(done_at=task.now, ratings=joined)
    )
    db.session.commit()


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


@contextmanager
def _unseen() -> Iterator[None]:
    """A short transaction for results that nobody sees before a later commit shows them.

    PostgreSQL need not wait for its disks here: the commit that shows them flushes all that was
    written before it. SQLite lets one writer in at a time: ratings get their turn between two
    of these, and whoever writes without one a moment.
    """
    started = time.monotonic()
    on_sqlite = db.engine.dialect.name == "sqlite"
    with turn():
        begin_write()
        if not on_sqlite:
            db.session.execute(text("SET LOCAL synchronous_commit TO off"))
        yield
        db.session.commit()
    if on_sqlite:
        time.sleep(min(BREATH, (time.monotonic() - started) / 16))


def _write(table: str, rows: Rows) -> None:
    for piece in rows.pieces():
        with _unseen():
            insert_rows(table, piece)


def _append(model: Any, rows: Iterable[Row]) -> None:
    """The same for few rows, through the types of their table."""
    for piece in pieces(rows):
        begin_write()
        db.session.execute(insert(model.__table__), piece)
        db.session.commit()
