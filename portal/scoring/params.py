"""One immutable parameter version: what a fit learnt, and what is shipped for little data."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .cells import by_group, instruments
from .data import Cells, Floats, Groups, Instrument, Keys
from .policy import Policy

SHARED_GROUP = (("", "poster", ""), 1.0)


@dataclass(frozen=True)
class Weights:
    """Frozen national shares: of the instruments, and of (service, channel, period)."""

    instrument: dict[str, float]
    group: tuple[tuple[tuple[str, str, str], float], ...]

    def by_service(self) -> dict[str, float]:
        """Shares of the services."""
        out: dict[str, float] = {}
        for (service, _, _), share in self.group:
            out[service] = out.get(service, 0.0) + share
        return out


@dataclass(frozen=True)
class Params:
    """Everything a score needs besides the counts (logits unless named otherwise).

    P(Y <= j) = expit(thresholds[k][j] - slopes[k] (theta + services + periods + channels)).
    `mu`, `sd_employees`: the common scoring prior; `sd_fit`: spread within home services;
    `s2`: variance between offices; `service_se`: standard errors of the service effects, which
    widen intervals like the office's variance; `grid`: lowest, highest, number of points;
    `gradient`: norm of the gradient where the search ended, about its distance from the maximum
    in standard errors, all parameters together;
    `components`: connected parts of employees - services, `part_of` that of each service (0: the
    one with most ratings; between parts only priors compare); `alone`: services tied to no other
    by any employee, their effect rests on its prior; `lone_channels`: channels that nobody joins
    to the most used one;
    `source`: `fit`, or `default` where there was too little data to learn from.
    """

    points: int
    thresholds: dict[str, tuple[float, ...]]
    slopes: dict[str, float]
    services: dict[str, float]
    channels: dict[str, float]
    periods: dict[str, float]
    mu: float
    sd_employees: float
    sd_fit: float
    s2: float
    weights: Weights
    grid: tuple[float, float, int]
    loglik: float
    converged: bool
    iterations: int
    gradient: float
    components: int
    part_of: dict[str, int]
    alone: tuple[str, ...]
    lone_channels: tuple[str, ...]
    service_se: dict[str, float]
    source: str
    ratings: int
    employees: int
    policy_version: str
    version: str = ""

    def __post_init__(self) -> None:
        if not self.version:
            object.__setattr__(self, "version", self.digest())

    def digest(self) -> str:
        """Version string: changes with any number in here."""
        values = self.to_dict()
        del values["version"]
        text = json.dumps(values, sort_keys=True)
        return "p" + hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def theta(self) -> Floats:
        """The grid of abilities."""
        return np.linspace(self.grid[0], self.grid[1], self.grid[2])

    @property
    def prior_sd(self) -> float:
        """Width of the scoring prior: sd_employees, but never less than half a grid step, below
        which the grid could not show any uncertainty."""
        step = (self.grid[1] - self.grid[0]) / (self.grid[2] - 1)
        return max(self.sd_employees, step / 2)

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The instruments these parameters know."""
        return tuple(Instrument(name, len(c) + 1) for name, c in self.thresholds.items())

    def effects(self, group: Groups) -> Floats:
        """eta_r of each group; what the fit has not seen is taken as average (0)."""
        listed = zip(
            group.service.tolist(), group.channel.tolist(), group.period.tolist(), strict=True
        )
        found = np.array([
            self.services.get(s, 0.0) + self.channels.get(c, 0.0) + self.periods.get(p, 0.0)
            for s, c, p in listed
        ], dtype=np.float64)  # fmt: skip
        return found + group.known

    def national(self) -> tuple[Groups, Floats]:
        """The groups of the national mix and their shares."""
        table = np.array([key for key, _ in self.weights.group], dtype=object).reshape(-1, 3)
        share = np.array([share for _, share in self.weights.group], dtype=np.float64)
        return Groups(table[:, 0], table[:, 1], table[:, 2]), share

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; floats survive the round trip bit by bit."""
        values = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        values["thresholds"] = {name: list(c) for name, c in self.thresholds.items()}
        values["grid"] = list(self.grid)
        values["alone"], values["lone_channels"] = list(self.alone), list(self.lone_channels)
        values["weights"] = {
            "instrument": self.weights.instrument,
            "group": [[*key, share] for key, share in self.weights.group],
        }
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Params":
        """The parameters that `to_dict` wrote, also before all was known that is kept today."""
        given = {"service_se": {}, "part_of": {}, "lone_channels": ()} | dict(values)
        given["thresholds"] = {name: tuple(c) for name, c in given["thresholds"].items()}
        lo, hi, size = given["grid"]
        given["grid"] = (float(lo), float(hi), int(size))
        given["alone"] = tuple(given["alone"])
        given["lone_channels"] = tuple(given["lone_channels"])
        given["weights"] = Weights(
            dict(given["weights"]["instrument"]),
            tuple(((s, c, p), share) for s, c, p, share in given["weights"]["group"]),
        )
        return cls(**given)


def default_thresholds(bins: int) -> Floats:
    """Thresholds for any number of bins, read off one curve of a typical office.

    At an average person and service 2, 7, 23 and 68 % choose the four faces, as happy publics
    do; between these points the curve is filled in linearly.
    """
    at = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    logit = np.array([-5.0, -3.9, -2.3, -0.75, 0.75])
    return np.asarray(np.interp(np.arange(1, bins) / bins, at, logit), dtype=np.float64)


def default_params(
    policy: Policy, *, points: int = 4, columns: int = 4, has_face: bool = True
) -> Params:
    """The parameters shipped for places without data: ordinary thresholds, equal services."""
    layout = instruments(columns, points, has_face)
    share = {1: (1.0,), 2: (0.6, 0.4)}[len(layout)]
    return Params(
        points=points,
        thresholds={
            item.name: tuple(default_thresholds(item.bins).tolist()) for item in layout
        },
        slopes={item.name: 1.0 for item in layout},
        services={}, channels={}, periods={},
        mu=0.0, sd_employees=0.9, sd_fit=0.9, s2=0.05,
        weights=Weights(
            {item.name: part for item, part in zip(layout, share, strict=True)}, (SHARED_GROUP,)
        ),
        grid=(policy.grid_lo, policy.grid_hi, policy.grid_points),
        loglik=0.0, converged=True, iterations=0, gradient=0.0, components=0, part_of={},
        alone=(), lone_channels=(), service_se={},
        source="default", ratings=0, employees=0, policy_version=policy.version,
    )  # fmt: skip


def volume_weights(cells: Cells, fallback: Weights) -> Weights:
    """Shares of instruments and groups among the counted ratings."""
    volumes = [np.asarray(part.sum(axis=0)).ravel() for part in by_group(cells)]
    total = float(sum(volume.sum() for volume in volumes))
    if total <= 0:
        return fallback
    by_instrument = {
        item.name: float(volume.sum()) / total
        for item, volume in zip(cells.instrument, volumes, strict=True)
    }
    joint = np.sum(volumes, axis=0) / total
    shares: dict[tuple[str, str, str], float] = {}
    for key, share in zip(_group_keys(cells.group), joint.tolist(), strict=True):
        if share > 0:
            shares[key] = shares.get(key, 0.0) + share
    return Weights(by_instrument, tuple(shares.items()))


def _group_keys(group: Groups) -> list[tuple[str, str, str]]:
    columns: list[Keys] = [group.service, group.channel, group.period]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def without_data(cells: Cells, policy: Policy, prior: Params | None) -> Params:
    """The prior or the shipped parameters, standardised to the volumes at hand."""
    columns = 1 + max((item.bins - 1) // (cells.points - 1) for item in cells.instrument) - 1
    shipped = default_params(
        policy, points=cells.points, columns=columns,
        has_face=cells.instrument[0].name == "short",
    )  # fmt: skip
    base = prior if prior is not None and prior.points == cells.points else shipped
    if any(item.name not in base.thresholds for item in cells.instrument):
        base = shipped
    weights = volume_weights(cells, base.weights)
    return dataclasses.replace(
        base, weights=weights, source="default", ratings=int(cells.n.sum()),
        employees=int((cells.n > 0).sum()), policy_version=policy.version, version="",
        grid=(policy.grid_lo, policy.grid_hi, policy.grid_points),
    )  # fmt: skip
