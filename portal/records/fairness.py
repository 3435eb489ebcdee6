"""The fairness audit: groups of employees held side by side, in memory, for one page at a time.

A report, never an input to a score. Sex and age are read off the employee number for this report
alone: nothing of it is stored, and no group of fewer than ten is told (scoring.fairness).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func

from portal.counters.periods import last_day
from portal.db import db
from portal.people.models import Employee, Employment, Office
from portal.people.queries import Scope
from portal.ratings.models import Rating
from portal.records import evidence
from portal.records.evidence import Moment, last_release
from portal.records.models import Score, ScoringRun
from portal.records.policies import current_policy, engine_policy
from portal.records.queries import employed_during, visible_scores

if TYPE_CHECKING:
    from portal.scoring import Advice, Estimate, GroupReport, Scores

BANDS = ((30, "below_30"), (80, "30_to_79"), (10**9, "from_80"))  # counted ratings
AGES = ((35, "below_35"), (45, "35_to_44"), (55, "45_to_54"), (200, "from_55"))
ORDER = {name: at for at, (_, name) in enumerate((*BANDS, *AGES))}
LEAST_FORMS = 30  # complete forms, below which a correlation is chance
SEXES = {"1": "man", "2": "woman"}


@dataclass(frozen=True)
class Member:
    """One employee of the audit; seen by nobody, only counted."""

    score: Score
    kind: str
    nip: str
    office_kind: str


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
    halo: float | None = None  # mean correlation between the three elements


def _home_service(member: Member, period: str) -> str:
    lines = member.score.detail["services"]
    home = max(lines, key=lambda line: (line["n"], -line["service"]), default=None)
    return str(home["service"]) if home else ""


def _band(member: Member, period: str) -> str:
    return next(name for below, name in BANDS if member.score.counted < below)


def _sex(member: Member, period: str) -> str:
    return SEXES.get(member.nip[14:15], "")


def _age(member: Member, period: str) -> str:
    """The birth date is the first eight digits of both kinds of number."""
    if not member.nip[:8].isdigit():
        return ""
    end = last_day(period)
    year, day = int(member.nip[:4]), (int(member.nip[4:6]), int(member.nip[6:8]))
    age = end.year - year - (day > (end.month, end.day))
    return next(name for below, name in AGES if age < below)


DIMENSIONS: dict[str, Callable[[Member, str], str]] = {
    "kind": lambda member, period: member.kind,
    "office_kind": lambda member, period: member.office_kind,
    "service": _home_service,
    "volume": _band,
    "sex": _sex,
    "age": _age,
}


def audit(scope: Scope, period: str, *, elements: bool = False) -> Audit:
    """Compare the employees of a scope by each dimension. `elements` also reads the ratings
    themselves, which takes a moment where there are many."""
    # The engine brings scipy: a web process loads it when somebody opens this page.
    from portal import scoring  # noqa: PLC0415

    policy = engine_policy(current_policy(scope.agency_id))
    members = _members(scope, period)
    scores, advice = _as_arrays(members)
    gaps = _element_gaps(scope.agency_id, period) if elements else {}
    tables = []
    for name, group_of in DIMENSIONS.items():
        groups = [group_of(member, period) for member in members]
        report = scoring.audit(scores, groups, policy, advice)
        shown = {one.group for one in report.groups}
        means = [gaps.get(member.score.employee_id) for member in members]
        apart = scoring.group_means(means, groups)
        tables.append(
            Table(
                name,
                tuple(sorted(report.groups, key=lambda one: ORDER.get(one.group, 0))),
                report.suppressed,
                {group: found for group, found in apart.items() if group in shown},
            )
        )
    return Audit(len(members), tables, _halo(scope.agency_id, period) if elements else None)


def _members(scope: Scope, period: str) -> list[Member]:
    """Whoever worked in the scope and has a score that may be shown."""
    place = and_(
        Employment.agency_id == Score.agency_id,
        Employment.employee_id == Score.employee_id,
        employed_during(period),
    )
    query = (
        visible_scores(Score, Employee.kind, Employee.nip, Office.kind)
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
            Score.agency_id == scope.agency_id,
            Score.period == period,
            Score.counted >= max(current_policy(scope.agency_id).least_new_ratings, 1),
        )
        .order_by(ScoringRun.release, Employment.starts_on)
    )
    if scope.offices is not None:
        query = query.where(Employment.office_id.in_(scope.offices))
    rows = db.session.execute(query)
    latest = {
        score.employee_id: Member(score, kind, nip or "", at) for score, kind, nip, at in rows
    }
    return list(latest.values())  # of each the last one stays


def _as_arrays(members: list[Member]) -> "tuple[Scores, Advice]":
    """Stored figures and stored advice as the engine knows them."""
    import numpy as np  # noqa: PLC0415

    from portal import scoring  # noqa: PLC0415

    def column(name: str) -> Any:
        return np.array([getattr(member.score, name) for member in members], dtype=np.float64)

    employee = np.array([member.score.employee_id for member in members])
    words = np.array([member.score.advice for member in members], dtype=object)
    names = ("score", "lo", "hi", "reliability", "percentile", "p_above", "p_below", "raw_mean")
    nothing = np.zeros(len(members))
    scores = scoring.Scores(
        employee=employee,
        n=column("counted"),
        n_excluded=column("set_aside").astype(np.int64),
        **{name: column(name) for name in names},
        mean=nothing,
        variance=nothing,
        grid=nothing[:0],
        posterior=None,
        evidence=None,
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
