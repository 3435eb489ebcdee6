"""The fairness audit: groups of employees held side by side, in memory, for one page at a time.

A report, never an input to a score. Sex and age are read off the employee number for this report
alone: nothing of it is stored, and no group of fewer than ten is told (scoring.fairness).
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, func, select

from portal.counters.periods import last_day
from portal.db import db
from portal.people.models import Employee, Employment, Office
from portal.people.queries import Scope
from portal.ratings.models import Rating
from portal.records import evidence
from portal.records.evidence import Moment, last_release
from portal.records.measures import Held, anchors, held
from portal.records.models import Score, ScoringRun
from portal.records.policies import current_policy, engine_policy
from portal.records.queries import employed_during, latest_scores

if TYPE_CHECKING:
    from portal.scoring import Advice, Estimate, GroupReport, Scores

BANDS = ("below_30", "30_to_79", "from_80")  # counted ratings
AGES = ("below_35", "35_to_44", "45_to_54", "from_55")
ORDER = {name: at for at, name in enumerate((*BANDS, *AGES))}
LEAST_FORMS = 30  # complete forms, below which a correlation is chance
SEXES = {"1": "man", "2": "woman"}


class Member(NamedTuple):
    """One employee of the audit; seen by nobody, only counted."""

    employee_id: int
    run_id: int
    counted: int
    set_aside: int
    raw_mean: float
    score: float
    lo: float
    hi: float
    reliability: float
    percentile: float
    p_above: float
    p_below: float
    advice: str
    kind: str
    nip: str | None
    office_kind: str
    service: str  # that most of the ratings are about


@dataclass(frozen=True)
class Table:
    """One way of dividing the employees: a report for each group that is large enough."""

    name: str
    groups: "tuple[GroupReport, ...]"
    suppressed: int
    elements: "dict[str, Estimate]"  # warmth less speed, in points of the four faces


@dataclass(frozen=True)
class Audit:
    """All tables over the employees with a visible score in a period."""

    employees: int
    tables: list[Table]
    measures: list[Held]  # objective ones that somebody of them has a value in
    halo: float | None = None  # mean correlation between the three elements


def _band(member: Member, end: date) -> str:
    return BANDS[bisect_right((30, 80), member.counted)]


def _sex(member: Member, end: date) -> str:
    return SEXES.get((member.nip or "")[14:15], "")


def _age(member: Member, end: date) -> str:
    """The birth date is the first eight digits of both kinds of number."""
    born = (member.nip or "")[:8]
    if not born.isdigit():
        return ""
    age = end.year - int(born[:4]) - (int(born[4:]) > 100 * end.month + end.day)
    return AGES[bisect_right((35, 45, 55), age)]


# By dimension, the group of an employee on the last day of the period.
DIMENSIONS: dict[str, Callable[[Member, date], str]] = {
    "kind": lambda member, end: member.kind,
    "office_kind": lambda member, end: member.office_kind,
    "service": lambda member, end: member.service,
    "volume": _band,
    "sex": _sex,
    "age": _age,
}


def audit(scope: Scope, period: str, today: date, *, elements: bool = False) -> Audit:
    """Compare the employees of a scope by each dimension. `elements` also reads the ratings
    themselves, which takes a moment where there are many.

    Figures move in releases: what was found stays until the next one, until other objective
    measures come in, or until the morning for whoever has moved to another office meanwhile.
    """
    runs = db.session.scalars(
        select(ScoringRun.id)
        .where(ScoringRun.agency_id == scope.agency_id, ScoringRun.period == period)
        .order_by(ScoringRun.id)
    )
    version = current_policy(scope.agency_id).version
    brought = tuple(held(Scope(scope.agency_id, None), period))
    return _audit(scope, period, elements, (today, version, *runs), brought)


@lru_cache(maxsize=16)
def _audit(
    scope: Scope,
    period: str,
    elements: bool,
    as_of: tuple[date | int, ...],
    brought: tuple[Held, ...],
) -> Audit:
    # The engine brings scipy: a web process loads it when somebody opens this page.
    from portal import scoring  # noqa: PLC0415

    policy = engine_policy(current_policy(scope.agency_id))
    members = _members(scope, period)
    scores, advice = _as_arrays(members)
    measured = anchors(scope.agency_id, period, [one.employee_id for one in members])
    gaps = _element_gaps(scope.agency_id, period) if elements else {}
    means = [gaps.get(member.employee_id) for member in members]
    end = last_day(period)
    tables = []
    for name, group_of in DIMENSIONS.items():
        groups = [group_of(member, end) for member in members]
        report = scoring.audit(scores, groups, policy, advice, anchors=measured)
        shown = {one.group for one in report.groups}
        apart = scoring.group_means(means, groups)
        tables.append(
            Table(
                name,
                tuple(sorted(report.groups, key=lambda one: ORDER.get(one.group, 0))),
                report.suppressed,
                {group: found for group, found in apart.items() if group in shown},
            )
        )
    return Audit(
        len(members),
        tables,
        [one for one in brought if one.measure in measured],
        _halo(scope.agency_id, period) if elements else None,
    )


def _members(scope: Scope, period: str) -> list[Member]:
    """Whoever worked in the scope and has a score that may be shown."""
    place = and_(
        Employment.agency_id == Score.agency_id,
        Employment.employee_id == Score.employee_id,
        employed_during(period),
    )
    own = [getattr(Score, name) for name in Member._fields if hasattr(Score, name)]
    query = (
        latest_scores(scope.agency_id, period, *own, Employee.kind, Employee.nip, Office.kind)
        .join(
            Employee,
            and_(Employee.agency_id == Score.agency_id, Employee.id == Score.employee_id),
        )
        .join(Employment, place)
        .join(
            Office,
            and_(Office.agency_id == Employment.agency_id, Office.id == Employment.office_id),
        )
        .where(
            Score.counted >= max(current_policy(scope.agency_id).least_new_ratings, 1),
        )
        .order_by(Employment.starts_on)
    )
    if scope.offices is not None:
        query = query.where(Employment.office_id.in_(scope.offices))
    rows = {row.employee_id: row for row in db.session.execute(query)}  # the last place stays
    runs = tuple(sorted({row.run_id for row in rows.values()}))
    services = _home_services(scope.agency_id, period, runs)
    return [Member._make((*row, services.get(row.employee_id, ""))) for row in rows.values()]


@lru_cache(maxsize=8)  # what a run found stays, and is slow to unpack
def _home_services(agency_id: int, period: str, runs: tuple[int, ...]) -> dict[int, str]:
    """By employee, the service that most of their ratings are about."""
    rows = db.session.execute(
        latest_scores(agency_id, period, Score.employee_id, Score.detail["services"]).where(
            Score.run_id.in_(runs)
        )
    )
    return {
        employee_id: str(max(lines, key=lambda line: (line["n"], -line["service"]))["service"])
        for employee_id, lines in rows
        if lines
    }


def _as_arrays(members: list[Member]) -> "tuple[Scores, Advice]":
    """Stored figures and stored advice as the engine knows them."""
    import numpy as np  # noqa: PLC0415

    from portal import scoring  # noqa: PLC0415

    columns = dict(zip(Member._fields, zip(*members, strict=True), strict=bool(members)))

    def column(name: str) -> Any:
        return np.array(columns.get(name, ()), dtype=np.float64)

    employee = np.array(columns.get("employee_id", ()), dtype=np.int64)
    words = np.array(columns.get("advice", ()), dtype=object)
    names = ("score", "lo", "hi", "reliability", "percentile", "p_above", "p_below", "raw_mean")
    nothing = np.zeros(len(members))
    scores = scoring.Scores(
        employee=employee,
        n=column("counted"),
        n_excluded=column("set_aside").astype(np.int64),
        periods=nothing.astype(np.int64),
        **{name: column(name) for name in names},
        mean=nothing,
        variance=nothing,
        grid=nothing[:0],
        posterior=None,
        likelihood=None,
        points=4,
        params_version="",
        policy_version="",
    )
    advice = scoring.Advice(
        employee, words, words == "award_candidate", words == "guidance_candidate", ""
    )
    return scores, advice


def _halo(agency_id: int, period: str) -> float | None:
    """How alike ramah, cakap and cekatan are answered, over complete forms that count; none for
    fewer than thirty, or where nobody's answers differ."""
    import numpy as np  # noqa: PLC0415

    from portal import scoring  # noqa: PLC0415

    last = last_release(agency_id, period)
    if last is None:
        return None
    moment = Moment(agency_id, period, last.number, last.started_at)
    three = (Rating.ramah, Rating.cakap, Rating.cekatan)
    rows = db.session.execute(
        evidence.ratings_as_of(moment, *three, func.count())
        .where(evidence.COUNTS_FOR_PERSON, *(one.is_not(None) for one in three))
        .group_by(*three)
    ).all()
    table = np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, 4)
    answers = np.repeat(table[:, :3], table[:, 3], axis=0).astype(np.float64)
    if len(answers) < LEAST_FORMS or (answers.std(axis=0) == 0).any():
        return None
    return float(scoring.halo(answers)[np.triu_indices(3, 1)].mean())


def _element_gaps(agency_id: int, period: str) -> dict[int, float]:
    """By employee, the mean of warmth (ramah) less speed (cekatan) over ratings that count."""
    last = last_release(agency_id, period)
    if last is None:
        return {}
    moment = Moment(agency_id, period, last.number, last.started_at)
    both = and_(Rating.ramah.is_not(None), Rating.cekatan.is_not(None))
    rows = db.session.execute(
        evidence.ratings_as_of(
            moment, evidence.EMPLOYEE, func.sum(Rating.ramah - Rating.cekatan), func.count()
        )
        .where(evidence.COUNTS_FOR_PERSON, both)
        .group_by(evidence.EMPLOYEE)
    )
    return {employee_id: float(total) / number for employee_id, total, number in rows}
