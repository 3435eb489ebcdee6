"""Severity of returning raters: files only, for in the portal device keys live one period.

Most citizens rate once, and their severity is noise; who returns often can be told from the
people he or she rates (section 9, end).
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .data import LEAST, MOST, Codes, Flags, Floats, Keys, Ratings, Verdicts, present
from .gaussian import GaussianFit, NothingToCompare, Pool, fit_gaussian, pool
from .integrity import is_shared
from .model import spread_at
from .params import default_params
from .policy import Policy

Which = Literal["off", "eligible", "all"]

ROUNDS = 12
ELIGIBLE_RATINGS, ELIGIBLE_EMPLOYEES = 5, 3


@dataclass(frozen=True)
class Severity:
    """`offset`: what to take off each scorable rating (points), and which those are; `others`: the
    same as told by the rater's other ratings alone; `rater`, `effect`: the raters and their
    effects; `tau2`: their variance; `fit`: the Gaussian fit beside them."""

    offset: Floats
    others: Floats
    scorable: Flags
    rater: Keys
    effect: Floats
    tau2: float
    fit: GaussianFit


def rater_severity(
    ratings: Ratings, which: Which = "all", counted: Flags | None = None
) -> Severity:
    """Backfit y ~ service + period + (1|employee) + (1|rater).

    b_u = sum of the rater's residuals / (n_u + sigma2/tau_u2), tau_u2 = mean(b_u^2 + its error),
    refit on y - b_u, about twelve rounds; sigma2 is corrected for the raters' share. `eligible`:
    only raters with at least 5 ratings of at least 3 employees have a severity. `off`: the
    plain Gaussian fit, nobody has one. `counted`: the ratings that tell of people, else all.
    """
    data = pool(ratings, counted)
    size = len(data.y)
    found = fit_gaussian(data.less())
    if which == "off":
        none = np.zeros(size)
        return Severity(none, none, data.scorable, found.employee[:0], np.zeros(0), 0.0, found)
    rater, keys = _raters(ratings, data.scorable, which)
    known = np.flatnonzero(rater >= 0)
    rater = rater[known]
    effect, offset = np.zeros(len(keys)), np.zeros(size)
    code = data.code[known]
    n = np.bincount(rater, minlength=len(keys)).astype(np.float64)
    given = np.bincount(rater, weights=data.y[known], minlength=len(keys))
    # From nothing the rounds never rise: raters may differ where employees do not.
    sigma2, tau2 = found.sigma2, max(found.tau2 / 2, found.sigma2 / 20)
    for _ in range(ROUNDS if len(keys) else 0):
        expected = np.bincount(rater, weights=_fitted(found, data)[code], minlength=len(keys))
        lam = sigma2 / max(tau2, 1e-9)
        effect = (given - expected) / (n + lam)
        tau2 = max(1e-9, float(np.mean(effect**2 + sigma2 / (n + lam))))
        offset[known] = effect[rater]
        found = fit_gaussian(data.less(offset))
        lost = float((n / (n + sigma2 / tau2)).sum())
        sigma2 = found.sigma2 * size / max(size - lost, 1.0)
    found = replace(found, sigma2=sigma2)
    others = np.zeros(size)
    if len(keys):
        level = _fitted(found, data)[code]
        others[known] = _told_by_others(data.y[known] - level, rater, n, sigma2 / tau2)
    return Severity(offset, others, data.scorable, keys, effect, tau2 if len(keys) else 0.0, found)


def _told_by_others(residual: Floats, rater: Codes, n: Floats, lam: float) -> Floats:
    """Each rater's effect without the rating for which it is asked; 0 for whoever has no other."""
    total = np.bincount(rater, weights=residual, minlength=len(n))
    return np.asarray((total[rater] - residual) / (n[rater] - 1 + lam))


def _raters(ratings: Ratings, scorable: Flags, which: Which) -> tuple[Codes, Keys]:
    """Rater code of each scorable row (-1: none), and their keys."""
    codes, keys = ratings.coded("rater")
    code = np.where(present(ratings.rater), codes, -1)[scorable].astype(np.int32)
    del codes
    if which == "eligible":
        rows = np.flatnonzero(code >= 0)
        who = ratings.coded("employee")[0][scorable][rows]
        n = np.bincount(code[rows], minlength=len(keys))
        width = int(who.max(initial=0)) + 1
        pairs = np.unique(code[rows].astype(np.int64) * width + who)
        persons = np.bincount(pairs // width, minlength=len(keys))
        fit = (n >= ELIGIBLE_RATINGS) & (persons >= ELIGIBLE_EMPLOYEES)
        code[rows] = np.where(fit[code[rows]], code[rows], -1)
    taken = np.zeros(len(keys) + 1, dtype=bool)
    taken[code] = True  # -1: the last, which is nobody
    taken[-1] = False
    place = np.cumsum(taken, dtype=np.int32) - np.int32(1)
    return np.where(code >= 0, place[code], np.int32(-1)), keys[taken[:-1]]


def _fitted(found: GaussianFit, data: Pool) -> Floats:
    """Fixed part and employee effect of each cell."""
    rows = data.rows

    def effects(kind: str, names: tuple[str, ...]) -> Floats:
        return np.array([found.fixed.get(f"{kind}:{name}", 0.0) for name in names])

    value = found.fixed["intercept"] + effects("service", rows.services)[rows.service]
    return np.asarray(
        value + effects("period", rows.periods)[rows.period] + found.blup[rows.employee]
    )


CLASS_WIDTH = 0.25
"""Severities are rounded to classes of a quarter logit, so that ratings stay countable."""


def severity_shift(
    ratings: Ratings, verdicts: Verdicts, which: Which, policy: Policy
) -> Floats | None:
    """Known part of eta of each rating: the rater's effect in points over the slope of the
    expected answer, in classes. None when severity is off or nobody returns.

    As the rater's *other* ratings tell it: an offset made with the answer itself would explain it
    away, most of all for the many who rate once, of whom nothing is known. Kiosks, and staff who
    enter for others, are no raters: many people answer there. Ratings that were set aside tell of
    nobody: beside an attack whoever rated its target honestly would seem mild.
    """
    if which == "off" or not len(ratings):
        return None
    try:
        found = rater_severity(ratings, which, verdicts.weight > 0)
    except NothingToCompare:
        return None
    if not len(found.rater):
        return None
    columns = ratings.answers.shape[1]
    shipped = default_params(
        policy, points=ratings.points, columns=columns, has_face=ratings.has_face
    )
    _, _, slope = spread_at(shipped, shipped.mu)
    points_per_logit = slope * (ratings.points - 1) / (MOST - LEAST)
    shift = np.zeros(len(ratings))
    shift[found.scorable] = found.others / points_per_logit
    shift[is_shared(ratings)] = 0.0
    return np.asarray(CLASS_WIDTH * np.round(np.clip(shift, -3, 3) / CLASS_WIDTH))
