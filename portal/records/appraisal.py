"""From evidence to figures: who moves in a release, what the engine says of each of them."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog

from portal import scoring
from portal.ratings.models import CHANNELS
from portal.records.past import Carried, Earlier, main_offices
from portal.records.reading import Evidence, Flags, Floats, Hours, Ints, digest
from portal.scoring import cells as counting

log = structlog.get_logger()

POINTS = 4
# The engine's names of our channels, in its order; posters and lists of counters have none.
ENGINE_CHANNELS = ("", *sorted(set(CHANNELS) - {"poster", "list"}))
CHANNEL_NAMES = np.array(ENGINE_CHANNELS, dtype=object)
CHANNEL_PLACE = np.array(
    [ENGINE_CHANNELS.index(name) if name in ENGINE_CHANNELS else 0 for name in CHANNELS]
)


@dataclass(frozen=True)
class Setting:
    """What the engine must know besides the ratings."""

    period: str
    hours: Hours
    policy: scoring.Policy
    monitored: frozenset[str] = frozenset({"haste"})  # controls that only count

    @property
    def period_key(self) -> int:
        """2026-Q4 as 20264: the engine codes numbers many times faster than text."""
        year, quarter = self.period.split("-Q")
        return int(year) * 10 + int(quarter)


@dataclass(frozen=True)
class Plan:
    """Which ratings take part in a release, and whose figures move.

    `joining`: new for the person or office they are about, and now counted. `included`: all
    that take part. `weighed`: those whose verdict is given anew; the verdicts about everybody
    else stand as they were when that person last moved.
    """

    joining: Flags
    included: Flags
    weighed: Flags
    moved: Ints


def plan(
    evidence: Evidence,
    shown: Mapping[int, int],
    least_new: int,
    *,
    closing: bool,
    counted: Mapping[int, int] | None = None,
) -> Plan:
    """Decide who joins. `shown`: how many ratings each employee's shown score speaks of;
    `counted`: how many of these it counts, where reviews may have changed that."""
    live = ~evidence.withdrawn
    new = evidence.about_person & ~evidence.settled
    ready = often(evidence.employee[new], least_new)
    new_joining = new & np.isin(evidence.employee, ready)
    joining = new_joining | (live & ~evidence.about_person & ~evidence.settled)
    included = live & (evidence.settled | joining)
    settled = evidence.employee[evidence.about_person & evidence.settled]
    moved = set(ready.tolist()) | _lost(settled, shown, least_new)
    moved |= _reviewed(evidence, counted or {}, least_new)
    if closing:
        moved = set(evidence.employee[included & evidence.about_person].tolist()) | set(shown)
    people = np.array(sorted(moved), dtype=np.int64)
    weighed = included & (~evidence.about_person | np.isin(evidence.employee, people))
    return Plan(joining, included, weighed, people)


def often(employees: Ints, least: int) -> Ints:
    """Who stands there at least so many times."""
    found, number = np.unique(employees, return_counts=True)
    return found[number >= least]


def _lost(settled: Ints, shown: Mapping[int, int], least: int) -> set[int]:
    """Whose shown score speaks of so many ratings that are no longer theirs."""
    found, number = np.unique(settled, return_counts=True)
    left = dict(zip(found.tolist(), number.tolist(), strict=True))
    return {person for person, total in shown.items() if total - left.get(person, 0) >= least}


def _reviewed(evidence: Evidence, counted: Mapping[int, int], least: int) -> set[int]:
    """Whose shown score counts so many ratings fewer or more than people's reviews now say."""
    rows = evidence.about_person & evidence.settled & ~np.isnan(evidence.review)
    reviewed = set(evidence.employee[rows].tolist())
    counting = evidence.about_person & evidence.settled & (evidence.final_weight > 0)
    found, number = np.unique(evidence.employee[counting], return_counts=True)
    now = dict(zip(found.tolist(), number.tolist(), strict=True))
    return {
        person
        for person, total in counted.items()
        if person in reviewed and abs(now.get(person, 0) - total) >= least
    }


@dataclass(frozen=True)
class Weighed:
    """Verdicts in force after a release, parallel to the evidence; only `included` rows count."""

    weight: Floats
    fraud_score: Floats
    reasons: Any
    final: Floats  # after people's reviews


def weigh(evidence: Evidence, chosen: Plan, setting: Setting) -> Weighed:
    """The engine's verdicts on what is weighed, the standing ones on the rest.

    Without exact times (blanked after closing) the standing verdicts are all there is.
    """
    weight = np.nan_to_num(evidence.weight)
    fraud = np.zeros(len(evidence))
    reasons = evidence.reasons.copy()
    if not evidence.times_gone:
        rows = np.flatnonzero(chosen.included)
        part = evidence.select(chosen.included)
        found = scoring.weigh(to_ratings(part, setting), setting.policy, threads=2)
        found = own_controls(found, part, setting.monitored)
        anew = chosen.weighed[rows]
        weight[rows[anew]] = found.weight[anew]
        fraud[rows[anew]] = found.fraud_score[anew]
        reasons[rows[anew]] = found.reasons[anew]
    final = np.where(np.isnan(evidence.review), weight, evidence.review)
    return Weighed(weight, fraud, reasons, final)


def own_controls(
    found: scoring.Verdicts, evidence: Evidence, monitored: frozenset[str]
) -> scoring.Verdicts:
    """The engine's verdicts after the controls that work beside it.

    Haste sets aside what was sent sooner than anybody reads; repeats of one telephone, which the
    engine always sets aside, count again where that control is only monitored.
    """
    weight, reasons = found.weight.copy(), found.reasons.copy()
    if "duplicate" in monitored:
        for row in np.flatnonzero(weight <= 0):
            left = [code for code in reasons[row].split(";") if code != "duplicate"]
            reasons[row] = ";".join(left)
            weight[row] = 0.0 if {"quarantine", "incomplete"} & set(left) else 1.0
    if "haste" not in monitored:
        for row in np.flatnonzero(evidence.hasty):
            reasons[row] = ";".join(filter(None, (reasons[row], "haste")))
        weight[evidence.hasty] = 0.0
    return scoring.Verdicts(weight, found.fraud_score, reasons)


def to_ratings(
    evidence: Evidence,
    setting: Setting,
    employee: Ints | None = None,
    *,
    devices: bool = True,
) -> scoring.Ratings:
    """What the engine reads. Ratings that name nobody belong to their counter; only a ticket of a
    queue system tells one visit from another, one that staff hand out themselves does not.

    `employee` puts other keys in the employees' place, to count by them.
    """
    if employee is None:
        employee = np.where(evidence.named, evidence.employee, -evidence.counter)
    return scoring.Ratings(
        employee=employee,
        office=evidence.office,
        service=evidence.service,
        channel=CHANNEL_PLACE[evidence.channel],
        period=np.full(len(evidence), setting.period_key),
        rater=_raters(evidence) if devices else np.full(len(evidence), -1),
        submitted_at=evidence.issued,
        counter=evidence.counter,
        answers=evidence.answers,
        ticket=np.where(evidence.queued, np.arange(len(evidence)), -1),
        utc_offset=setting.hours.offset,
        off_hours=setting.hours.closed_at(evidence.issued, setting.policy.hours_slack),
        rating_id=np.arange(len(evidence)),
        names={"channel": CHANNEL_NAMES},
    )


def _raters(evidence: Evidence) -> Ints:
    """A number for each telephone; -1 where none is known."""
    found, place = np.unique(evidence.device, return_inverse=True)
    return np.where(found[place] == b"", -1, place)


@dataclass(frozen=True)
class Figures:
    """One run: parameters, scores, advice and explanation of everybody with ratings."""

    params: scoring.Params
    scores: scoring.Scores
    advice: scoring.Advice
    steps: scoring.StepsTable
    cells: scoring.Cells
    carried: Carried
    fit_failed: bool  # the parameters were not learnt here, though they should have been
    input_digest: str
    set_aside: dict[str, str]


def appraise(
    evidence: Evidence,
    counted: Flags,
    weighed: Weighed,
    setting: Setting,
    *,
    params: scoring.Params | None = None,
    fallback: scoring.Params | None = None,
    also: Ints | None = None,
    earlier: Earlier | None = None,
) -> Figures:
    """Scores from the ratings about persons that take part (`counted`).

    With `params` these are used as they are; else they are learnt here, and where the search
    finds no maximum the last version that did (`fallback`) stays in force. `also`: employees
    who appear even without a rating. `earlier`: what the closed period before left.
    """
    policy = setting.policy
    cells = cells_of(evidence, counted, weighed, setting)
    if also is not None:
        cells = counting.align(cells, np.union1d(cells.employee, also))
    fit_failed = False
    if params is None:
        params, fit_failed = _learn(cells, policy, fallback)
    alone = scoring.score(cells, params, policy)
    carried = _carry(evidence, counted, weighed, setting, params=params, alone=alone,
                     cells=cells, earlier=earlier)  # fmt: skip
    brought = carried.brought
    scores = alone
    if brought is not None:
        # Enough evidence is this period's own affair: the past moves no one past that bar.
        joined = scoring.score(cells, params, policy, past=brought)
        scores = dataclasses.replace(joined, reliability=alone.reliability)
    mine = evidence.select(counted)
    weight = weighed.final[counted]
    return Figures(
        params=params,
        scores=scores,
        advice=scoring.advise(scores, policy),
        steps=scoring.explain_all(cells, params, policy, alone, past=brought, final=scores),
        cells=cells,
        carried=carried,
        fit_failed=fit_failed,
        input_digest=digest(mine, weight),
        set_aside=_set_aside(mine, weight, weighed.reasons[counted]),
    )


def _carry(
    evidence: Evidence,
    counted: Flags,
    weighed: Weighed,
    setting: Setting,
    *,
    params: scoring.Params,
    alone: scoring.Scores,
    cells: scoring.Cells,
    earlier: Earlier | None,
) -> Carried:
    """What counts of the past beside these ratings, what it warns of, and what is left on."""
    policy = setting.policy
    heard = counted & (weighed.final > 0)
    offices = main_offices(evidence, heard)
    people = cells.employee
    now = scoring.evidence_of(cells, params, policy)
    office = np.array([offices.get(who, 0) for who in people.tolist()], dtype=np.int64)
    nobody = np.zeros(len(people), dtype=bool)
    if earlier is None:
        return Carried(None, None, now, office, np.zeros(len(people)), nobody, nobody)
    past = earlier.staying(offices)
    brought = scoring.bring(past, earlier.periods, now, policy)
    left = scoring.together(now, brought)
    share = brought.precision / np.maximum(left.precision, 1e-12)
    trend = scoring.fallen(alone, past, params, policy)
    rows = heard & np.isin(evidence.employee, past.employee)
    alarmed = _alarmed(evidence, rows, setting, params, past)
    return Carried(
        sources=earlier.sources,
        brought=brought,
        left=left,
        office=office,
        share=share,
        fell=np.isin(people, trend.employee[trend.flagged]),
        warned=np.isin(people, alarmed),
    )


def _alarmed(
    evidence: Evidence, rows: Flags, setting: Setting, params: scoring.Params, past: scoring.Past
) -> Ints:
    """Whose ratings, in the order in which they came, ran below their own earlier level; nobody
    once that order is forgotten."""
    if evidence.times_gone or not rows.any():
        return np.zeros(0, dtype=np.int64)
    ratings = to_ratings(evidence.select(rows), setting, devices=False)
    nothing = np.zeros(len(ratings))
    verdicts = scoring.Verdicts(nothing + 1, nothing, evidence.reasons[rows])
    level = scoring.levels(past, params)
    found = scoring.early_warning(ratings, verdicts, level, params, setting.policy)
    return np.asarray(found.signalled, dtype=np.int64)


def cells_of(
    evidence: Evidence,
    rows: Flags | Ints,
    weighed: Weighed,
    setting: Setting,
    employee: Ints | None = None,
) -> scoring.Cells:
    """Counts of some ratings, by employee or by the keys that `employee` puts in their place."""
    verdicts = scoring.Verdicts(
        weighed.final[rows], weighed.fraud_score[rows], weighed.reasons[rows]
    )
    ratings = to_ratings(evidence.select(rows), setting, employee, devices=False)
    return scoring.count_cells(ratings, verdicts, POINTS)


def _learn(
    cells: scoring.Cells, policy: scoring.Policy, fallback: scoring.Params | None
) -> tuple[scoring.Params, bool]:
    """The parameters, and whether the search failed so that they are older ones."""
    try:
        return scoring.fit(cells, None, policy, prior=fallback), False
    except scoring.NotConverged as error:
        log.warning("fit_not_converged", iterations=error.iterations, gradient=error.gradient)
        return fallback or scoring.default_params(policy), True


def _set_aside(evidence: Evidence, weight: Floats, reasons: Any) -> dict[str, str]:
    rows = np.flatnonzero(weight <= 0)
    ids = [name.decode() for name in evidence.id[rows].tolist()]
    return {
        rating_id: text or "review"
        for rating_id, text in zip(ids, reasons[rows].tolist(), strict=True)
    }
