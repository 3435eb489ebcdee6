"""How a score came about, step by step, for the person it is about (section 12)."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from .cells import by_group, select_employees
from .data import Cells, Flags, Floats, Ints, Keys, PosteriorNotKept, Scores
from .graph import Apart, apart
from .model import Tables, known, probabilities, spread_at, tabulate
from .needed import needed
from .params import Params
from .policy import Policy
from .posterior import (
    Slack,
    Widening,
    blocks,
    log_likelihood,
    normal_prior,
    rows_of,
    softmax,
    weights,
)
from .score import OwnMix, Past, curve_of, quantile, score, share_below


@dataclass(frozen=True)
class ServiceLine:
    """One service of a person: how many ratings, their mean, what an average colleague would
    get there, and what the person would get there in the long run, from these ratings alone,
    with its interval (all IKM, all on that service's own scale)."""

    service: str
    n: int
    raw_mean: float
    expected: float
    score: float
    lo: float
    hi: float


@dataclass(frozen=True)
class Steps:
    """One person's way from the plain mean to the score; start + the three steps = score.

    `start`: mean of all ratings seen; `excluded`: effect of those set aside (`n_excluded`, by
    reason in `reasons`); `circumstances`: services, channels, periods, forms; `caution`: few
    ratings are pulled towards the average. `needed`: further ratings until the reliability
    suffices, None where no number would do, with `shared` because of office and services rather
    than a ceiling. `apart_*`: see `graph.Apart`. `what_if_*`: after ten more best answers.
    """

    employee: int | str
    n: int
    n_excluded: int
    reasons: dict[str, int]
    start: float
    excluded: float
    raw_mean: float
    circumstances: float
    caution: float
    score: float
    lo: float
    hi: float
    reliability: float
    percentile: float
    p_above: float
    p_below: float
    needed: int | None
    shared: bool
    apart_services: bool
    apart_channels: bool
    what_if_score: float
    what_if_lo: float
    what_if_hi: float
    what_if_p_above: float
    services: tuple[ServiceLine, ...]
    params_version: str


@dataclass(frozen=True)
class StepsTable:
    """`Steps` for everybody, as arrays parallel to the scores; `needed` is -1 where no number
    of ratings would do, see `needed.Needed`. `past`: what earlier periods change, the fourth and
    last step."""

    employee: Keys
    start: Floats
    excluded: Floats
    circumstances: Floats
    caution: Floats
    past: Floats
    score: Floats
    needed: Ints
    shared: Flags
    apart: Apart
    what_if_score: Floats
    what_if_lo: Floats
    what_if_hi: Floats
    what_if_p_above: Floats


def explain_all(
    cells: Cells, params: Params, policy: Policy, scores: Scores | None = None,
    prior: Floats | None = None, *, past: Past | None = None, final: Scores | None = None,
) -> StepsTable:  # fmt: skip
    """The steps of every employee of the cells.

    `scores`: those already computed from the same cells (saves a pass); `prior`: the log prior
    they were computed with, where it was not the common one. `final`: the scores with what
    earlier periods say (`past`), where that counts.
    """
    cells = known(cells, params)
    if scores is None:
        scores = score(cells, params, policy, prior=prior)
    if scores.posterior is None:
        raise PosteriorNotKept
    tables = tabulate(params, cells.instrument, cells.group)
    size = len(cells)
    own = OwnMix(cells, tables)
    own_score = np.empty(size)
    for part in blocks(size):
        own_score[part] = (scores.posterior[part] * own.curve(part)).sum(axis=1)
    n = cells.n
    raw = np.where(n > 0, cells.raw_mean, scores.score)
    seen = cells.seen_n
    start = np.where(seen > 0, cells.seen_sum / np.maximum(seen, 1), raw)
    what_if = _what_if(cells, params, policy, tables, prior=prior, past=past)
    final = scores if final is None else final
    common = normal_prior(tables.theta, params.mu, params.prior_sd)
    more = needed(cells, params, policy, tables, scores,
                  prior=common if prior is None else prior)  # fmt: skip
    return StepsTable(
        employee=cells.employee, start=start, excluded=raw - start,
        circumstances=scores.score - own_score, caution=own_score - raw,
        past=final.score - scores.score, score=final.score,
        needed=more.more, shared=more.shared, apart=apart(cells, params), what_if_score=what_if[0],
        what_if_lo=what_if[1], what_if_hi=what_if[2], what_if_p_above=what_if[3],
    )  # fmt: skip


def _what_if(
    cells: Cells,
    params: Params,
    policy: Policy,
    tables: Tables,
    *,
    prior: Floats | None,
    past: Past | None,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Score, interval and P(above) after some more best answers, spread over the same
    services, channels and periods in which the person has worked."""
    theta = tables.theta
    common = normal_prior(theta, params.mu, params.prior_sd)
    log_prior = common if prior is None else prior
    best = _BestAnswer(cells, params, tables)
    widening, slack, n = Widening(params), Slack(cells, params), cells.n
    past = None if past is None else past.of(cells.employee)
    out = tuple(np.empty(len(cells)) for _ in range(4))
    for part in blocks(len(cells)):
        likelihood = log_likelihood(cells, tables.log_p, part)
        likelihood += policy.what_if_ratings * best.log_p(part)
        if past is not None:
            likelihood += curve_of(past, part, theta - params.mu)
        if widening.any:
            likelihood = np.log(widening.of(weights(likelihood), slack.of(part, n[part])))
        posterior = softmax(likelihood + (log_prior if log_prior.ndim == 1 else log_prior[part]))
        c = np.cumsum(posterior, axis=1) - posterior / 2
        out[0][part] = posterior @ tables.target
        out[1][part] = quantile(c, tables.target, 0.025)
        out[2][part] = quantile(c, tables.target, 0.975)
        out[3][part] = 1 - share_below(c, tables.target, policy.award_standard)
    return out[0], out[1], out[2], out[3]


class _BestAnswer:
    """log p of the best answer on the first instrument, averaged over a person's own groups."""

    def __init__(self, cells: Cells, params: Params, tables: Tables) -> None:
        item = cells.instrument[0]
        self.top = tables.log_p[0].reshape(-1, item.bins, len(tables.theta))[:, -1]
        self.parts = by_group(cells)
        self.n = cells.n
        national, share = params.national()
        eta = params.effects(national)[:, None] + tables.theta[None, :]
        c, a = np.asarray(params.thresholds[item.name]), params.slopes[item.name]
        self.usual = share @ np.log(probabilities(c, a, eta)[..., -1])

    def log_p(self, part: slice) -> Floats:
        """(B, G) for a block of employees."""
        total = np.zeros((part.stop - part.start, len(self.usual)))
        for counts in self.parts:
            total += rows_of(counts, part) @ self.top
        n = self.n[part, None]
        return np.where(n > 0, total / np.maximum(n, 1), self.usual)


def explain(
    employee: int | str, cells: Cells, params: Params, policy: Policy,
    scores: Scores | None = None,
) -> Steps:  # fmt: skip
    """The steps of one employee, with every service (for a forest plot).

    `scores`: those of the same cells; without them the percentile has nobody to compare with
    but the persons of the cells, and everybody is scored.
    """
    place = np.flatnonzero(cells.employee == employee)
    if not len(place):
        raise KeyError(employee)
    scores = scores if scores is not None else score(cells, params, policy)
    at = int(np.flatnonzero(scores.employee == employee)[0])
    mine = select_employees(cells, place)
    table = explain_all(mine, params, policy)
    more = int(table.needed[0])
    return Steps(
        employee=employee, n=int(scores.n[at]), n_excluded=int(mine.n_excluded[0]),
        reasons={reason: int(number[0]) for reason, number in mine.excluded.items()
                 if number[0]},
        start=float(table.start[0]), excluded=float(table.excluded[0]),
        raw_mean=float(table.start[0] + table.excluded[0]),
        circumstances=float(table.circumstances[0]), caution=float(table.caution[0]),
        score=float(scores.score[at]), lo=float(scores.lo[at]), hi=float(scores.hi[at]),
        reliability=float(scores.reliability[at]), percentile=float(scores.percentile[at]),
        p_above=float(scores.p_above[at]), p_below=float(scores.p_below[at]),
        needed=None if more < 0 else more, shared=bool(table.shared[0]),
        apart_services=bool(table.apart.services[0]),
        apart_channels=bool(table.apart.channels[0]),
        what_if_score=float(table.what_if_score[0]), what_if_lo=float(table.what_if_lo[0]),
        what_if_hi=float(table.what_if_hi[0]),
        what_if_p_above=float(table.what_if_p_above[0]),
        services=by_service(mine, params, policy), params_version=params.version,
    )  # fmt: skip


def by_service(mine: Cells, params: Params, policy: Policy) -> tuple[ServiceLine, ...]:
    """The services of one employee (cells of one row), each scored from its ratings alone."""
    lines = []
    for service in sorted(set(mine.group.service.tolist())):
        chosen = _only(mine, mine.group.service == service)
        if chosen.n[0] > 0:
            found = score(chosen, params, policy, mix="own")
            chosen = known(chosen, params)
            tables = tabulate(params, chosen.instrument, chosen.group)
            curve = OwnMix(chosen, tables).curve(slice(0, 1))[0]
            expected = float(np.interp(params.mu, tables.theta, curve))
            lines.append(ServiceLine(
                service, int(chosen.n[0]), float(chosen.raw_mean[0]), expected,
                float(found.score[0]), float(found.lo[0]), float(found.hi[0]),
            ))  # fmt: skip
    return tuple(lines)


def _only(cells: Cells, keep: Flags) -> Cells:
    """The same cells with the counts of some groups set to nothing."""
    counts = []
    for item, part in zip(cells.instrument, cells.counts, strict=True):
        masked = part.copy()
        masked.data = masked.data * keep[masked.indices // item.bins]
        masked.eliminate_zeros()
        counts.append(masked)
    return dataclasses.replace(cells, counts=tuple(counts))


@dataclass(frozen=True)
class Funnel:
    """What the mean of n answers about an average person does by chance (IKM points).

    95 % limits are `centre` -+ 1.96 sqrt(`variance`/n + `office_variance`), 99.8 % limits the
    same with 3.09 (Spiegelhalter 2005, over-dispersion added as there): a point outside asks for
    a look, inside for nothing.
    """

    centre: float
    variance: float
    office_variance: float


def funnel(params: Params) -> Funnel:
    """The funnel of a parameter version: national mean, variance of one answer, and the
    variance between offices, which no number of ratings averages away."""
    mean, variance, slope = spread_at(params, params.mu)
    return Funnel(mean, variance, params.s2 * slope**2)
