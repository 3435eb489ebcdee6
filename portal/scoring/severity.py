"""Severity of returning raters: files only, for in the portal device keys live one period.

Most citizens rate once, and their severity is noise; who returns often can be told from the
people he or she rates (section 9, end).
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .data import LEAST, MOST, Flags, Floats, Ints, Keys, Ratings, present
from .gaussian import GaussianFit, NothingToCompare, fit_gaussian, in_points, rows_of_ratings
from .model import spread_at
from .params import default_params
from .policy import Policy

Which = Literal["eligible", "all"]

ROUNDS = 12
ELIGIBLE_RATINGS, ELIGIBLE_EMPLOYEES = 5, 3


@dataclass(frozen=True)
class Severity:
    """`offset`: what to take off each scorable rating (points); `rater`, `effect`: the raters
    and their effects; `tau2`: their variance; `fit`: the Gaussian fit beside them."""

    offset: Floats
    rater: Keys
    effect: Floats
    tau2: float
    fit: GaussianFit


def rater_severity(ratings: Ratings, which: Which = "all", *, used: bool = True) -> Severity:
    """Backfit y ~ service + period + (1|employee) + (1|rater).

    b_u = sum of the rater's residuals / (n_u + sigma2/tau_u2), tau_u2 = mean(b_u^2 + its error),
    refit on y - b_u, about twelve rounds; sigma2 is corrected for the raters' share. `eligible`:
    only raters with at least 5 ratings of at least 3 employees have a severity. Not `used`: the
    plain Gaussian fit, nobody has one.
    """
    y, rows = in_points(ratings)
    rater, keys, known = _raters(ratings, rows, which)
    if not used:
        rater, keys, known = np.full(len(y), -1), keys[:0], np.zeros(len(y), dtype=bool)
    effect, tau2 = np.zeros(len(keys)), 0.0
    n = np.bincount(rater[known], minlength=len(keys)).astype(np.float64)
    found = fit_gaussian(rows_of_ratings(ratings))
    sigma2, tau2 = found.sigma2, found.tau2 / 2
    for _ in range(ROUNDS if len(keys) else 0):
        residual = (y - _fitted(found, ratings, rows))[known]
        lam = sigma2 / max(tau2, 1e-9)
        effect = np.bincount(rater[known], weights=residual, minlength=len(keys)) / (n + lam)
        tau2 = max(1e-9, float(np.mean(effect**2 + sigma2 / (n + lam))))
        offset = np.where(known, effect[np.maximum(rater, 0)], 0.0)
        found = fit_gaussian(rows_of_ratings(ratings, offset))
        lost = float((n / (n + sigma2 / tau2)).sum())
        sigma2 = found.sigma2 * len(y) / max(len(y) - lost, 1.0)
    offset = np.where(known, effect[np.maximum(rater, 0)], 0.0) if len(keys) else np.zeros(len(y))
    return Severity(offset, keys, effect, tau2 if len(keys) else 0.0, replace(found, sigma2=sigma2))


def _raters(ratings: Ratings, rows: Ints, which: Which) -> tuple[Ints, Keys, Flags]:
    """Rater code of each scorable row (-1: none), their keys, and where one is known."""
    codes, keys = ratings.coded("rater")
    code = np.where(present(ratings.rater), codes, -1)[rows]
    who = ratings.coded("employee")[0][rows]
    given = code >= 0
    if which == "eligible":
        n = np.bincount(code[given], minlength=len(keys))
        width = int(who.max()) + 1 if len(who) else 1
        pairs = np.unique(code[given] * width + who[given])
        persons = np.bincount(pairs // width, minlength=len(keys))
        fit = (n >= ELIGIBLE_RATINGS) & (persons >= ELIGIBLE_EMPLOYEES)
        given = given & fit[np.maximum(code, 0)]
    used, short = np.unique(code[given], return_inverse=True)
    out = np.full(len(code), -1, dtype=np.int64)
    out[given] = short
    return out, keys[used], given


def _fitted(found: GaussianFit, ratings: Ratings, rows: Ints) -> Floats:
    """Fixed part and employee effect of each scorable row."""
    value = np.full(len(rows), found.fixed["intercept"])
    for name in ("service", "period"):
        codes, keys = ratings.coded(name)
        effect = np.array([found.fixed.get(f"{name}:{key}", 0.0) for key in keys.tolist()])
        value += effect[codes[rows]]
    return np.asarray(value + found.blup[ratings.coded("employee")[0][rows]])


CLASS_WIDTH = 0.25
"""Severities are rounded to classes of a quarter logit, so that ratings stay countable."""


def severity_shift(
    ratings: Ratings, which: Literal["off", "eligible", "all"], policy: Policy
) -> Floats | None:
    """Known part of eta of each rating: the rater's effect in points over the slope of the
    expected answer, in classes. None when severity is off or nobody returns."""
    if which == "off" or not len(ratings):
        return None
    try:
        found = rater_severity(ratings, which)
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
    _, rows = in_points(ratings)
    shift[rows] = found.offset / points_per_logit
    return np.asarray(CLASS_WIDTH * np.round(np.clip(shift, -3, 3) / CLASS_WIDTH))
