"""The Gaussian cross-check: y ~ service + period + (1|employee), by REML (section 10).

Equal to lme4's and statsmodels' mixed models on the same rows, and far faster because the rows
enter only as counts, sums and sums of squares. It never decides: where most answers are in the
top box its shrinkage picks the wrong people.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy import optimize

from .cells import classify, instruments, numbered
from .data import LEAST, MOST, Cells, Codes, Flags, Floats, Ints, Keys, Ratings


@dataclass(frozen=True)
class Rows:
    """Observations added up per (employee, service, period): n, sum and sum of squares of y in
    points 1..m; services and periods as codes of their sorted levels."""

    employee: Ints
    service: Ints
    period: Ints
    n: Floats
    total: Floats
    square: float
    employees: Keys
    services: tuple[str, ...]
    periods: tuple[str, ...]


@dataclass(frozen=True)
class GaussianFit:
    """Variances, fixed effects and employees' effects (points 1..m).

    `reml`: minimised -2 log restricted likelihood; `fixed`: estimates by term (`intercept`,
    `service:X`, `period:P`, the first sorted level of each is the reference); `blup`, `blup_sd`
    parallel to `employee`; `centre`: b at the volume shares of services and periods.
    """

    employee: Keys
    tau2: float
    sigma2: float
    reml: float
    n: int
    fixed: dict[str, float]
    blup: Floats
    blup_sd: Floats
    reliability: Floats
    counts: Floats
    centre: float


class NothingToCompare(ValueError):
    """A mixed model needs at least two employees and more ratings than effects."""

    def __init__(self) -> None:
        super().__init__("too few ratings for a mixed model")


@dataclass(frozen=True)
class Pool:
    """The scorable ratings of a file. `scorable`: which of all they are; `y`: their answers in
    points 1..m (the face where elements are missing); `code`: the place of each among `rows`, the
    cells of (employee, service, period), found once for all rounds of a fit."""

    scorable: Flags
    y: Floats
    code: Codes
    rows: Rows

    def less(self, offset: Floats | None = None) -> Rows:
        """The cells with y lowered by an offset (rater severity) where one is given."""
        y = self.y if offset is None else self.y - offset
        total = np.bincount(self.code, y, len(self.rows.n)).astype(np.float64)
        return dataclasses.replace(self.rows, total=total, square=float(y @ y))


def pool(ratings: Ratings, counted: Flags | None = None) -> Pool:
    """The scorable ratings and their cells; `counted`: only these."""
    which, place = classify(ratings)
    scorable = np.asarray(which >= 0)
    if counted is not None:
        scorable &= counted
    y = np.zeros(len(ratings))
    for number, item in enumerate(
        instruments(ratings.answers.shape[1], ratings.points, ratings.has_face)
    ):
        mine = which == number
        y[mine] = 1 + place[mine] * (ratings.points - 1) / (item.bins - 1)
    del which, place
    key = np.zeros(int(scorable.sum()), dtype=np.int64)
    keys = []
    for name in ("employee", "service", "period"):
        codes, found = ratings.coded(name)
        key *= max(len(found), 1)
        key += codes[scorable]
        keys.append(found)
    employees, services, periods = keys
    cells, code = numbered(key)
    rest, period = np.divmod(cells, max(len(periods), 1))
    employee, service = np.divmod(rest, max(len(services), 1))
    n = np.bincount(code, minlength=len(cells)).astype(np.float64)
    rows = Rows(employee, service, period, n, np.zeros(len(cells)), 0.0, employees,
                _text(services), _text(periods))  # fmt: skip
    return Pool(scorable, y[scorable], code, rows)


def rows_of_ratings(ratings: Ratings, offset: Floats | None = None) -> Rows:
    """All scorable ratings, with y lowered by an offset (rater severity) where one is given."""
    return pool(ratings).less(offset)


def rows_of_cells(cells: Cells) -> Rows:
    """The counted ratings of some cells."""
    services, s_of = np.unique(cells.group.service.astype(str), return_inverse=True)
    periods, t_of = np.unique(cells.group.period.astype(str), return_inverse=True)
    parts: list[list[Floats]] = [[], [], [], []]
    for item, counts in zip(cells.instrument, cells.counts, strict=True):
        found = counts.tocoo()
        y = 1 + (item.values[found.col % item.bins] - LEAST) * (cells.points - 1) / (MOST - LEAST)
        for list_, value in zip(
            parts, (found.row, found.col // item.bins, found.data, y), strict=True
        ):
            list_.append(value)
    e, r = (np.concatenate(part).astype(np.int64) for part in parts[:2])
    n, y = (np.concatenate(part) for part in parts[2:])
    return _add_up(
        e, s_of[r], t_of[r], total=n * y, n=n, square=n * y * y,
        employees=cells.employee, services=tuple(services.tolist()),
        periods=tuple(periods.tolist()),
    )  # fmt: skip


def _text(keys: Keys) -> tuple[str, ...]:
    return tuple(str(key) for key in keys.tolist())


def _add_up(
    e: Ints, s: Ints, t: Ints, *, total: Floats, n: Floats, square: Floats,
    employees: Keys, services: tuple[str, ...], periods: tuple[str, ...],
) -> Rows:  # fmt: skip
    key = (e * len(services) + s) * len(periods) + t
    cells, code = np.unique(key, return_inverse=True)
    rest, period = np.divmod(cells, max(len(periods), 1))
    employee, service = np.divmod(rest, max(len(services), 1))
    return Rows(
        employee, service, period,
        np.bincount(code, n).astype(np.float64), np.bincount(code, total).astype(np.float64),
        float(square.sum()),
        employees, services, periods,
    )  # fmt: skip


def fit_gaussian(data: Cells | Ratings | Rows) -> GaussianFit:
    """Fit y ~ service + period + (1|employee) by REML, y = mean answer in points."""
    if isinstance(data, Rows):
        rows = data
    else:
        rows = rows_of_cells(data) if isinstance(data, Cells) else rows_of_ratings(data)
    return _Mixed(rows).fit()


class _Mixed:
    """Henderson's equations with the employees absorbed; y centred for the sake of digits."""

    def __init__(self, rows: Rows) -> None:
        size = len(rows.employees)
        self.rows = rows
        self.N = float(rows.n.sum())
        if size < 2 or self.N < 3:
            raise NothingToCompare
        self.mean = float(rows.total.sum()) / self.N
        total = rows.total - self.mean * rows.n
        self.yy = rows.square - self.N * self.mean**2
        X = _dummies(rows)
        weighted = X.multiply(rows.n[:, None])
        XX = np.asarray((X.T @ weighted).todense())
        self.used = _independent(XX)
        self.XX = XX[np.ix_(self.used, self.used)]
        X = sp.csr_matrix(X[:, self.used])
        self.Xy = np.asarray(X.T @ total)
        Z = sp.csr_matrix((np.ones(len(rows.n)), (rows.employee, np.arange(len(rows.n)))),
                          shape=(size, len(rows.n)))  # fmt: skip
        self.A = sp.csr_matrix(Z @ X.multiply(rows.n[:, None]))
        self.n = np.asarray(Z @ rows.n)
        self.s = np.asarray(Z @ total)
        self.p = len(self.used)
        if self.p + 1 >= self.N:
            raise NothingToCompare

    def solve(self, lam: float) -> tuple[Floats, float, float]:
        """b, residual sum of squares and log|M| at lam = sigma2/tau2."""
        w = 1 / (self.n + lam)
        M = self.XX - np.asarray((self.A.T @ self.A.multiply(w[:, None])).todense())
        r = self.Xy - self.A.T @ (w * self.s)
        factor = np.linalg.cholesky(M)
        b = np.asarray(np.linalg.solve(M, r))
        rss = self.yy - float(w @ self.s**2) - float(b @ r)
        return b, rss, 2 * float(np.log(np.diag(factor)).sum())

    def deviance(self, log_lam: float) -> float:
        """-2 log restricted likelihood with sigma2 profiled out."""
        lam = float(np.exp(log_lam))
        _, rss, log_det = self.solve(lam)
        free = self.N - self.p
        spread = float(np.log((self.n + lam) / lam).sum())
        level = np.log(max(rss, 1e-12) / free) + 1 + np.log(2 * np.pi)
        return float(free * level) + spread + log_det

    def fit(self) -> GaussianFit:
        """Minimise over log lam, then the effects."""
        found = optimize.minimize_scalar(
            self.deviance, bounds=(-12.0, 16.0), method="bounded", options={"xatol": 1e-9}
        )
        lam = float(np.exp(found.x))
        b, rss, _ = self.solve(lam)
        sigma2 = max(rss, 1e-12) / (self.N - self.p)
        w = 1 / (self.n + lam)
        blup = w * (self.s - self.A @ b)
        full = np.zeros(len(self.rows.services) + len(self.rows.periods) - 1)
        full[self.used] = b
        full[0] += self.mean
        return GaussianFit(
            employee=self.rows.employees, tau2=sigma2 / lam, sigma2=sigma2,
            reml=float(found.fun), n=int(self.N),
            fixed=dict(zip(_terms(self.rows), full.tolist(), strict=True)),
            blup=blup, blup_sd=np.sqrt(sigma2 * w), reliability=self.n / (self.n + lam),
            counts=self.n, centre=self._centre(full),
        )  # fmt: skip

    def _centre(self, b: Floats) -> float:
        """The fixed part at the volume shares of services and periods."""
        rows = self.rows
        services, periods = len(rows.services), len(rows.periods)
        s = np.bincount(rows.service, weights=rows.n, minlength=services) / self.N
        t = np.bincount(rows.period, weights=rows.n, minlength=periods) / self.N
        return float(b[0] + s[1:] @ b[1:services] + t[1:] @ b[services:])


def _terms(rows: Rows) -> list[str]:
    services = [f"service:{name}" for name in rows.services[1:]]
    return ["intercept", *services, *(f"period:{name}" for name in rows.periods[1:])]


def _dummies(rows: Rows) -> sp.csr_matrix:
    """Intercept, services and periods, the first level of each dropped."""
    size, services = len(rows.n), len(rows.services)
    line = np.arange(size)
    columns = services + len(rows.periods) - 1
    s, t = rows.service > 0, rows.period > 0
    row = np.concatenate([line, line[s], line[t]])
    column = np.concatenate(
        [np.zeros(size, np.int64), rows.service[s], services - 1 + rows.period[t]]
    )
    return sp.csr_matrix((np.ones(len(row)), (row, column)), shape=(size, columns))


def _independent(XX: Floats) -> Ints:
    """Columns that add something; confounded or empty levels are left at the reference."""
    scale = np.sqrt(np.maximum(np.diag(XX), 1e-300))
    kept: list[int] = []
    rest = XX / np.outer(scale, scale)
    for column in range(len(XX)):
        pivot = rest[column, column]
        if XX[column, column] > 0 and pivot > 1e-9:
            kept.append(column)
            rest = rest - np.outer(rest[:, column], rest[column]) / pivot
    return np.array(kept, dtype=np.int64)
