"""Quarters: the forward filter, the trend test, the early warning (section 8)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cells import align, classify, group_ratings, instruments, union
from .data import (
    Cells,
    Codes,
    Flags,
    Floats,
    Ints,
    Keys,
    PosteriorNotKept,
    Ratings,
    Scores,
    Verdicts,
)
from .decide import discover
from .model import known, tabulate
from .params import Params
from .policy import Policy
from .posterior import Widening, normal_prior, softmax, weights
from .score import Mix, Pass, told_by


def filter_period(
    previous: Scores | None,
    cells: Cells,
    params: Params,
    policy: Policy,
    *,
    mix: Mix = "national",
    keep_posterior: bool = True,
    threads: int = 1,
) -> Scores:
    """Scores of one quarter whose prior is the quarter before, drifted.

    prior_t(g) = sum_h post_{t-1}(h) Kern(h, g), Kern normal with sd policy.drift_sd, on the
    posteriors not yet widened; all quarters are then widened together. Widened one by one, some
    quarters would look as if they had averaged an office away that stayed the same. `cells` hold
    one period only. Everybody of the quarter before stays in, also without a rating (then n = 0
    and the interval widens); newcomers begin with the common prior. The likelihood is always
    kept.
    """
    employees = cells.employee
    if previous is not None:
        employees = union(previous.employee, cells.employee)
        cells = align(cells, employees)
    run = Pass(known(cells, params), params, policy, mix=mix, threads=threads)
    if previous is not None:
        run.earlier = _drifted(previous, employees, params, policy)
        place = np.searchsorted(employees, previous.employee)
        run.before[place] = previous.periods
    run.keep(posterior=keep_posterior, likelihood=True)
    return run.scores()


def _drifted(
    previous: Scores, employees: Keys, params: Params, policy: Policy
) -> Callable[[slice], Floats]:
    """What the quarters before say, moved through the kernel."""
    likelihood, theta = previous.likelihood, params.theta
    if likelihood is None:
        raise PosteriorNotKept
    if len(previous.grid) != len(theta) or not np.allclose(previous.grid, theta):
        raise ValueError("the quarter before was scored on another grid")
    kernel, common = _kernel(theta, policy), normal_prior(theta, params.mu, params.prior_sd)
    place = {key: number for number, key in enumerate(previous.employee.tolist())}
    rows = np.array([place.get(key, -1) for key in employees.tolist()], dtype=np.int64)

    def curve(part: slice) -> Floats:
        mine = rows[part]
        found = np.zeros((len(mine), len(theta)))
        before = softmax(likelihood[mine[mine >= 0]] + common)
        found[mine >= 0] = told_by(before @ kernel, common)
        return found

    return curve


def filter_quarters(
    quarters: Iterable[Cells], params: Params, policy: Policy, *, threads: int = 1
) -> Scores:
    """The filter over many quarters of a whole nation; returns the last quarter's scores.

    All cells must hold the same employees. Between quarters the posteriors are kept once, in
    single precision, and replaced block by block, so that memory stays at one grid a person.
    """
    kernel = _kernel(params.theta, policy)
    state: NDArray[np.float32] | None = None
    run: Pass | None = None
    for cells in quarters:
        before = 0 if run is None else run.before + (run.n > 0)
        run = Pass(known(cells, params), params, policy, threads=threads)
        run.before += before
        if state is None:
            state = np.empty((len(cells), len(params.theta)), dtype=np.float32)
            run.advance(state)
        else:
            run.advance(state, kernel)
    if run is None:
        raise ValueError("no quarter was given")
    return run.scores()


def _kernel(theta: Floats, policy: Policy) -> Floats:
    """Chance to drift from each grid point to each other within a quarter; rows sum to 1."""
    return softmax(-0.5 * ((theta[:, None] - theta[None, :]) / policy.drift_sd) ** 2)


@dataclass(frozen=True)
class Trend:
    """Employees rated both now and before: `p_fell` = P(now < before); `flagged` where a
    supervisor should look."""

    employee: Keys
    p_fell: Floats
    flagged: Flags


def trend(now: Scores, before: Scores, params: Params, policy: Policy) -> Trend:
    """Who has probably fallen below their own earlier level, the nation's drift taken out.

    `now`: this quarter's scores (their likelihood is used with a flat prior, so that it speaks
    for itself); `before`: the earlier quarters pooled. Flag above .99 with false discovery .05.
    """
    if before.posterior is None:
        raise PosteriorNotKept
    earlier = {key: number for number, key in enumerate(before.employee.tolist())}
    pairs = [
        (at, earlier[key])
        for at, key in enumerate(now.employee.tolist())
        if key in earlier and now.n[at] > 0 and before.n[earlier[key]] > 0
    ]
    here = np.array([at for at, _ in pairs], dtype=np.int64)
    there = np.array([at for _, at in pairs], dtype=np.int64)
    p_now = by_itself(now, here, params, policy)
    p_before = before.posterior[there]
    above = 1 - np.cumsum(p_before, axis=1) + p_before / 2
    p_fell = (p_now * above).sum(axis=1)
    eligible = (p_fell > policy.trend_certainty) & (now.n[here] >= policy.min_ratings)
    keys = now.employee[here]
    flagged = discover(p_fell, eligible, keys, policy.false_discovery)
    return Trend(keys, p_fell, flagged)


def by_itself(now: Scores, rows: Ints, params: Params, policy: Policy) -> Floats:
    """Posteriors of some rows under a prior as good as flat, (B, G), widened like the scores."""
    if now.likelihood is None or now.s2 is None:
        raise PosteriorNotKept
    if now.params_version != params.version:
        raise ValueError("these scores were made with other parameters")
    flat = normal_prior(now.grid, 0.0, policy.trend_prior_sd)
    widening = Widening(params)
    likelihood = now.likelihood[rows]
    if widening.any:
        likelihood = np.log(widening.of(weights(likelihood), now.s2[rows]))
    return softmax(likelihood + flat)


@dataclass(frozen=True)
class Alarms:
    """Signals of the early warning: which rating (row), whose; and where each CUSUM stands."""

    row: Ints
    signalled: Keys
    employee: Keys
    level: Floats


def early_warning(
    ratings: Ratings,
    verdicts: Verdicts,
    last: Mapping[int | str, float],
    params: Params,
    policy: Policy,
) -> Alarms:
    """One-sided CUSUM per employee: C = max(0, C + log p_y(theta - .75) / p_y(theta)).

    theta is the last posterior mean (`last`, by employee; the average for others), each rating
    taken with its own service, channel, period and instrument; a signal above 5, then reset
    (Grigg, Farewell, Spiegelhalter 2003). It asks the supervisor to look, and decides nothing.
    """
    which, place = classify(ratings)
    counted = np.flatnonzero((which >= 0) & (verdicts.weight > 0))
    who, employees = ratings.coded("employee")
    order = counted[np.lexsort((place[counted], ratings.submitted_at[counted], who[counted]))]
    step = _fall_evidence(
        ratings.select(order), which[order], place[order], last=last, params=params, policy=policy
    )
    level = np.zeros(len(employees))
    signals: list[int] = []
    for row, person, change in zip(order.tolist(), who[order].tolist(), step.tolist(), strict=True):
        level[person] = max(0.0, level[person] + change)
        if level[person] > policy.alarm_level:
            signals.append(row)
            level[person] = 0.0
    rows = np.array(signals, dtype=np.int64)
    return Alarms(rows, employees[who[rows]], employees, level)


def _fall_evidence(
    ratings: Ratings,
    which: Codes,
    place: Codes,
    *,
    last: Mapping[int | str, float],
    params: Params,
    policy: Policy,
) -> Floats:
    """log p(theta - shift) - log p(theta) of each rating, read off the grid."""
    who, keys = ratings.coded("employee")
    theta = np.array([last.get(key, params.mu) for key in keys.tolist()])[who]
    group, groups = group_ratings(ratings)
    step = np.zeros(len(ratings))
    layout = instruments(ratings.answers.shape[1], ratings.points, ratings.has_face)
    for number, item in enumerate(layout):
        mine = np.flatnonzero(which == number)
        if len(mine):
            tables = tabulate(params, (item,), groups)
            row = group[mine] * item.bins + place[mine]
            fallen = _read(tables.log_p[0], row, tables.theta, theta[mine] - policy.alarm_shift)
            step[mine] = fallen - _read(tables.log_p[0], row, tables.theta, theta[mine])
    return step


def _read(table: Floats, row: Ints, theta: Floats, at: Floats) -> Floats:
    """Linear interpolation in theta of some rows of a table."""
    step = theta[1] - theta[0]
    place = np.clip((at - theta[0]) / step, 0, len(theta) - 1.000001)
    left = place.astype(np.int64)
    part = place - left
    return np.asarray(table[row, left] * (1 - part) + table[row, left + 1] * part)
