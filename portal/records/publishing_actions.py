"""What a release, a closing or a correction writes: begun under a number that nothing bears yet,
written unseen in short transactions, and shown to everybody in one moment."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
from sqlalchemy import delete, func, insert, select, update

from portal.db import begin_write, db, turn
from portal.people.models import Agency
from portal.ratings.models import Release
from portal.records import control_counts, results
from portal.records.appraisal import Figures, Plan, Setting, Weighed
from portal.records.bulk import PIECE, Rows, at_once, insert_rows, pieces
from portal.records.companions import Companions
from portal.records.control_counts import Count
from portal.records.evidence import Moment, last_release
from portal.records.models import (
    ControlCount,
    Histogram,
    OfficeResult,
    PerformanceRecord,
    PublicResult,
    ScoringRun,
)
from portal.records.office_models import OfficeParts
from portal.records.office_parts import parts_rows, told_clock
from portal.records.policies import AgencyPolicy, current_policy
from portal.records.public_results import Counted, public_rows
from portal.records.reading import Evidence, Flags, Ints
from portal.records.results import Row

RunKind = Literal["release", "closing", "correction"]

PEOPLE_PIECE = 200  # employees or counters whose counts are replaced in one transaction
SCORE_PIECE = 400  # scores of one: each is a page of text
BREATH = 0.02  # seconds, at most, that others are given between two transactions


@dataclass(frozen=True)
class Task:
    """One release, closing or correction of one agency and period, under way."""

    agency_id: int
    period: str
    number: int
    before: int
    now: datetime
    kind: RunKind
    policy: AgencyPolicy

    @property
    def key(self) -> Row:
        return {"agency_id": self.agency_id, "period": self.period}

    @property
    def final(self) -> bool:
        """Whether everybody's record is written for good."""
        return self.kind != "release"


def begin(agency_id: int, period: str, now: datetime, kind: RunKind) -> Task:
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
            closes=kind == "closing",
        )
    )
    policy = current_policy(agency_id)
    db.session.commit()
    return Task(agency_id, period, number, before, now, kind, policy)


def write_figures(
    task: Task, figures: Figures, beside: Companions, setting: Setting, people: Ints
) -> int:
    """A run and the new scores of some people, with their records where it is final."""
    run = results.run_row(
        figures,
        task.policy,
        setting,
        key=task.key,
        kind=task.kind,
        number=task.number,
        now=task.now,
    )
    _append(ScoringRun, [run])
    key = {**task.key, "run_id": run["id"]}
    rows = results.score_rows(figures, beside, setting.policy, key=key, people=people)
    write("score", Rows.of_dicts(rows), SCORE_PIECE)
    if task.final:
        _append(PerformanceRecord, _records(task, run["id"], people))
    return int(run["id"])


def _records(task: Task, run_id: int, people: Ints) -> Iterator[Row]:
    for employee_id in people.tolist():
        yield {
            **task.key, "run_id": run_id, "employee_id": employee_id, "created_at": task.now
        }  # fmt: skip


def replace_histograms(task: Task, evidence: Evidence, chosen: Plan, weighed: Weighed) -> None:
    """Counts of those who move, and of what counts for offices only."""
    counted = weighed.final > 0
    personal = chosen.included & evidence.about_person & counted
    judged = ~evidence.withdrawn & (evidence.judged | chosen.joining)
    movers = personal & np.isin(evidence.employee, chosen.moved)
    rows = results.histogram_rows(evidence, movers, key=task.key, personal=True)
    for people in pieces(chosen.moved.tolist(), at_once(PEOPLE_PIECE)):
        fresh = [row for employee in people for row in rows.get(employee, [])]
        _swap_histograms(task, Histogram.employee_id.in_(people), fresh)
    nobody = results.histogram_rows(
        evidence, judged & counted & ~personal, key=task.key, personal=False
    )
    _swap_histograms(task, Histogram.employee_id == 0, nobody.get(0, []))


def _swap_histograms(task: Task, whose: Any, fresh: list[tuple[Any, ...]]) -> None:
    with unseen():
        db.session.execute(
            delete(Histogram)
            .where(Histogram.agency_id == task.agency_id, Histogram.period == task.period, whose)
            .execution_options(synchronize_session=False)
        )
        insert_rows("histogram", Rows(results.HISTOGRAM, fresh))


def replace_control_counts(task: Task, rows: list[Count]) -> None:
    """What the controls noticed, some counters at a time: seen at once, unlike figures, and so
    many rows that those who send a rating would wait for them in one transaction."""
    last = 0
    for counter, theirs in _by_counters(rows):
        _swap_counts(task, ControlCount.counter_id.between(last + 1, counter), theirs)
        last = counter
    _swap_counts(task, ControlCount.counter_id > last, [])


def _by_counters(rows: list[Count]) -> Iterator[tuple[int, list[Count]]]:
    """The rows, in order, of some counters at a time, and the last of these counters."""
    first = [at for at, row in enumerate(rows) if not at or row[0] != rows[at - 1][0]]
    starts = first[:: at_once(PEOPLE_PIECE)]
    for start, end in zip(starts, [*starts, len(rows)][1:], strict=True):
        yield rows[end - 1][0], rows[start:end]


def _swap_counts(task: Task, which: Any, fresh: list[Count]) -> None:
    own = (ControlCount.agency_id == task.agency_id, ControlCount.period == task.period)
    names = (*task.key, *control_counts.COLUMNS)
    key = tuple(task.key.values())
    with unseen():
        db.session.execute(
            delete(ControlCount).where(*own, which).execution_options(synchronize_session=False)
        )
        insert_rows("control_count", Rows(names, [key + row for row in fresh]))


@dataclass(frozen=True)
class Told:
    """What is told of offices after a release: rows of those of which enough has changed.

    heard   `office_result`, of all offices
    public  `public_result`
    parts   `office_parts`
    """

    heard: list[Row]
    public: list[Row]
    parts: list[Row]


def told(task: Task, evidence: Evidence, chosen: Plan, judged: Flags, weighed: Weighed) -> Told:
    """What offices and public read after this release."""
    joined = np.where(chosen.joining, task.number, evidence.joined)
    found = Counted(evidence, joined, judged, judged & (weighed.final > 0))
    moment = Moment(task.agency_id, task.period, task.number, task.now)
    zone = db.session.get_one(Agency, task.agency_id).zone
    clock = told_clock(task.now, zone, tells=task.kind == "closing")
    day = task.now.astimezone(zone).date()
    made = Told(
        results.office_rows(evidence, judged, weighed, task.key),
        public_rows(found, moment, day, closes=task.final),
        parts_rows(found, moment, clock),
    )
    db.session.rollback()
    return made


def _local_day(agency_id: int, now: datetime) -> date:
    return now.astimezone(db.session.get_one(Agency, agency_id).zone).date()


def finish(task: Task, joined: int, rows: Told) -> None:
    """The moment itself: everything written so far becomes visible."""
    with turn():
        begin_write()
        _show(task, joined, rows)
        db.session.commit()


def _show(task: Task, joined: int, rows: Told) -> None:
    _swap_offices(task, PublicResult, rows.public)
    _swap_offices(task, OfficeParts, rows.parts)
    if task.final:
        own = (PublicResult.agency_id == task.agency_id, PublicResult.period == task.period)
        db.session.execute(update(PublicResult).where(*own).values(final=True))
    db.session.execute(
        delete(OfficeResult).where(
            OfficeResult.agency_id == task.agency_id, OfficeResult.period == task.period
        )
    )
    insert_rows("office_result", Rows.of_dicts(rows.heard))
    db.session.execute(
        update(Release)
        .where(
            Release.agency_id == task.agency_id,
            Release.period == task.period,
            Release.number == task.number,
        )
        .values(done_at=task.now, ratings=joined)
    )


def _swap_offices(
    task: Task, table: type[PublicResult] | type[OfficeParts], rows: list[Row]
) -> None:
    """New rows of the offices that move in the place of their old ones."""
    own = (table.agency_id == task.agency_id, table.period == task.period)
    moving = [row["office_id"] for row in rows]
    db.session.execute(delete(table).where(*own, table.office_id.in_(moving)))
    if rows:
        db.session.execute(insert(table), rows)


@contextmanager
def unseen() -> Iterator[None]:
    """A short transaction for results that nobody sees before a later commit shows them.

    It need not wait for the disk: the commit that shows the results flushes all that was written
    before it. SQLite lets one writer in at a time: ratings get their turn between two of these,
    and whoever writes without one a moment.
    """
    started = time.monotonic()
    with turn():
        begin_write(durable=False)
        yield
        db.session.commit()
    if db.engine.dialect.name == "sqlite":
        time.sleep(min(BREATH, (time.monotonic() - started) / 8))


def write(table: str, rows: Rows, size: int = PIECE) -> None:
    """Rows that nobody sees yet, in transactions of some size."""
    for piece in rows.pieces(at_once(size)):
        with unseen():
            insert_rows(table, piece)


def _append(model: Any, rows: Iterable[Row]) -> None:
    """The same for few rows, through the types of their table."""
    for piece in pieces(rows):
        begin_write()
        db.session.execute(insert(model.__table__), piece)
        db.session.commit()
