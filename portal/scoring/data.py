"""What goes in and comes out: frozen dataclasses of parallel numpy arrays."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.signedinteger[Any]]
"""Whole numbers of any width: long columns are kept narrow."""
Flags = NDArray[np.bool_]
Keys = NDArray[Any]
"""One-dimensional array of integers or of text."""

CHANNELS = ("poster", "display", "ticket", "kiosk", "assisted")
LEAST, MOST = 25.0, 100.0
"""Ends of the IKM scale."""


def as_keys(values: Sequence[Any] | Keys) -> Keys:
    """Integers stay integers; everything else becomes an object array of `str` (None is '')."""
    array = np.asarray(values)
    if array.dtype.kind in "iu":
        return array
    text = ["" if value is None else str(value) for value in array.tolist()]
    out = np.empty(len(text), dtype=object)
    out[:] = text
    return out


def encode(values: Keys) -> tuple[Ints, Keys]:
    """Codes 0..n-1 in the order of the sorted distinct keys, and these keys."""
    if values.dtype.kind in "iu":
        keys, codes = np.unique(values, return_inverse=True)
        return codes.astype(np.int64, copy=False), keys
    listed = values.tolist()
    ordered = sorted(set(listed))
    place = {key: number for number, key in enumerate(ordered)}
    codes = np.fromiter((place[value] for value in listed), dtype=np.int64, count=len(listed))
    keys = np.empty(len(ordered), dtype=object)
    keys[:] = ordered
    return codes, keys


def present(values: Keys) -> Flags:
    """Where an optional key was given: text not empty, integers not negative."""
    if values.dtype.kind in "iu":
        return np.asarray(values >= 0)
    return np.fromiter((value != "" for value in values.tolist()), dtype=bool, count=len(values))


@dataclass(frozen=True)
class Ratings:
    """Submissions as parallel arrays, one entry each.

    Keys (employee, office, service, channel, period, rater, counter, ticket) may be integers or
    text; an empty rater or ticket is '' or None, or a negative integer. `submitted_at` is the
    time at which the form was issued: UTC seconds (int64) or datetime64; `utc_offset` (seconds)
    makes local time of it. `answers` is (n, K), 0 = empty; with `has_face` the first column is
    the face. `off_hours`, where given, says that the counter was closed (holidays and hours of
    the office are the caller's knowledge); otherwise the policy's usual hours decide.
    `rating_id` only orders submissions of the same second. `names` is for large files: a column
    named there holds positions in that sorted array of keys instead of the keys themselves.
    """

    employee: Keys
    office: Keys
    service: Keys
    channel: Keys
    period: Keys
    rater: Keys
    submitted_at: Ints
    counter: Keys
    answers: NDArray[np.int8]
    ticket: Keys | None = None
    utc_offset: Codes | int = 0
    points: int = 4
    has_face: bool = True
    off_hours: Flags | None = None
    rating_id: Keys | None = None
    names: dict[str, Keys] = field(default_factory=dict)
    _coded: dict[str, tuple[Ints, Keys]] = field(
        default_factory=dict, repr=False, compare=False, init=False
    )

    def __post_init__(self) -> None:
        def put(name: str, value: Any) -> None:
            object.__setattr__(self, name, value)

        answers = np.asarray(self.answers)
        columns = answers if answers.ndim == 2 else answers[:, None]
        put("answers", columns.astype(np.int8, copy=False))
        size = len(self.answers)
        for name in ("employee", "office", "service", "channel", "period", "rater", "counter"):
            put(name, as_keys(getattr(self, name)))
        ticket = self.ticket
        put("ticket", np.full(size, -1, np.int8) if ticket is None else as_keys(ticket))
        if self.rating_id is not None:
            put("rating_id", as_keys(self.rating_id))
        when = np.asarray(self.submitted_at)
        if when.dtype.kind == "M":
            when = when.astype("datetime64[s]")
        put("submitted_at", when.astype(np.int64, copy=False))
        offset = np.asarray(self.utc_offset)
        put("utc_offset", np.broadcast_to(offset, (size,)))
        if self.off_hours is not None:
            put("off_hours", np.asarray(self.off_hours, dtype=bool))
        self._check(size)

    def _check(self, size: int) -> None:
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray) and len(value) != size:
                raise ValueError(f"{item.name} has {len(value)} entries, answers {size}")
        if size and (self.answers.min() < 0 or self.answers.max() > self.points):
            raise ValueError(f"answers must lie between 0 (empty) and {self.points}")
        unknown = sorted(set(self.coded("channel")[1].tolist()) - set(CHANNELS) - {""})
        if unknown:
            raise ValueError(f"unknown channel: {unknown[0]}")

    def __len__(self) -> int:
        return len(self.answers)

    def coded(self, name: str) -> tuple[Ints, Keys]:
        """Codes and sorted keys of a key column, computed once."""
        if name in self.names:
            return getattr(self, name).astype(np.int64), self.names[name]
        if name not in self._coded:
            self._coded[name] = encode(getattr(self, name))
        return self._coded[name]

    def select(self, rows: Flags | Ints) -> "Ratings":
        """The same columns for some rows."""
        values: dict[str, Any] = {}
        for item in dataclasses.fields(self):
            if item.init:
                value = getattr(self, item.name)
                values[item.name] = value[rows] if isinstance(value, np.ndarray) else value
        return Ratings(**values)


@dataclass(frozen=True)
class Verdicts:
    """Parallel to the ratings: `weight` 0 or 1, `fraud_score` >= 0, `reasons` (`;`-separated)."""

    weight: Floats
    fraud_score: Floats
    reasons: Keys

    def reviewed(self, weight: Floats) -> "Verdicts":
        """The same verdicts after a person has decided otherwise on some of them."""
        return dataclasses.replace(self, weight=np.asarray(weight, dtype=np.float64))


@dataclass(frozen=True)
class Instrument:
    """One way of answering: `bins` ordered outcomes; IKM of bin j = 25 + 75 j / (bins - 1)."""

    name: str
    bins: int

    @property
    def values(self) -> Floats:
        """IKM value of each bin."""
        return np.linspace(LEAST, MOST, self.bins)


@dataclass(frozen=True)
class Groups:
    """The circumstances r = (service, channel, period) of ratings, as parallel text arrays.

    `shift`: the part of eta that is known beforehand (severity of returning raters), or None.
    """

    service: Keys
    channel: Keys
    period: Keys
    shift: Floats | None = None

    def __len__(self) -> int:
        return len(self.service)

    @property
    def known(self) -> Floats:
        """The known part of eta, 0 where nothing is known."""
        return np.zeros(len(self)) if self.shift is None else self.shift


@dataclass(frozen=True)
class Cells:
    """Counts h[e, r, k, j] of the ratings that count, and sums over all that were seen.

    `counts[k]` is a CSR matrix, employees x (groups * bins of instrument k), of any type of
    number: a nation may be held in bytes. `employee` holds the sorted keys of everybody in the
    ratings, also those without any counted rating; `office` the office of most of their ratings.
    `seen_n`, `seen_sum`: number and IKM sum of all scorable ratings, counted or not; `excluded`:
    per reason, how many of each employee were left out.
    """

    employee: Keys
    group: Groups
    instrument: tuple[Instrument, ...]
    counts: tuple[sp.csr_matrix, ...]
    office: Keys
    seen_n: Floats
    seen_sum: Floats
    excluded: dict[str, Ints]
    points: int = 4

    def __len__(self) -> int:
        return len(self.employee)

    @property
    def n(self) -> Floats:
        """Counted ratings per employee."""
        total = np.zeros(len(self.employee))
        for part in self.counts:
            total += _times(part, np.ones(part.shape[1]))
        return total

    @property
    def n_excluded(self) -> Ints:
        """Ratings per employee that did not count, for whatever reason."""
        total = np.zeros(len(self.employee), dtype=np.int64)
        for number in self.excluded.values():
            total = total + number
        return total

    @property
    def raw_sum(self) -> Floats:
        """IKM sum of the counted ratings per employee."""
        total = np.zeros(len(self.employee))
        for instrument, part in zip(self.instrument, self.counts, strict=True):
            total += _times(part, np.tile(instrument.values, len(self.group)))
        return total

    @property
    def raw_mean(self) -> Floats:
        """Mean IKM of the counted ratings; NaN without any."""
        return self.mean_of(self.n)

    def mean_of(self, n: Floats) -> Floats:
        """The same, for who has counted the ratings already."""
        total = self.raw_sum
        return np.asarray(np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0))

    @property
    def periods(self) -> Codes:
        """In how many periods each employee has counted ratings."""
        code, keys = encode(self.group.period)
        where = np.eye(len(keys))[code]
        found = np.zeros(len(self), dtype=np.int16)
        for rows in _some(len(self)):
            told = np.zeros((len(found[rows]), len(keys)))
            for instrument, part in zip(self.instrument, self.counts, strict=True):
                told += part[rows] @ np.repeat(where, instrument.bins, axis=0)
            found[rows] = np.count_nonzero(told, axis=1)
        return found


def _times(counts: sp.csr_matrix, value: Floats) -> Floats:
    """counts @ value, some rows at a time: scipy would first widen a copy of all the counts."""
    total = np.empty(counts.shape[0])
    for rows in _some(len(total)):
        total[rows] = counts[rows] @ value
    return total


def _some(size: int) -> Iterator[slice]:
    return (slice(first, first + 100_000) for first in range(0, size, 100_000))


@dataclass(frozen=True)
class Scores:
    """One entry per employee, in key order; IKM points unless a name says otherwise.

    `posterior` and `likelihood` (its logarithm, the maximum 0, earlier quarters included, not yet
    widened) are (E, G) on `grid`, or None where they were not kept; `s2` (E,) is what the
    likelihood is widened by. `mean` and `variance` are those of theta (logits).
    `periods`: how many periods tell of the employee, earlier ones included.
    `percentile`: expected share of colleagues below, with its interval of 95 %; the two ends are
    None where nobody was ranked.
    """

    employee: Keys
    n: Floats
    n_excluded: Ints
    periods: Codes
    raw_mean: Floats
    score: Floats
    lo: Floats
    hi: Floats
    reliability: Floats
    percentile: Floats
    p_above: Floats
    p_below: Floats
    mean: Floats
    variance: Floats
    grid: Floats
    posterior: Floats | None
    likelihood: Floats | None
    points: int
    params_version: str
    policy_version: str
    s2: Floats | None = None
    percentile_lo: Floats | None = None
    percentile_hi: Floats | None = None

    def __len__(self) -> int:
        return len(self.employee)

    def on_points(self, ikm: Floats) -> Floats:
        """IKM points on the scale 1..m of the answers."""
        return 1 + (ikm - LEAST) * (self.points - 1) / (MOST - LEAST)


@dataclass(frozen=True)
class Advice:
    """Parallel to the scores: `advice` is award_candidate, guidance_candidate, none or
    insufficient; `award` and `guidance` say the same as flags. A person decides."""

    employee: Keys
    advice: Keys
    award: Flags
    guidance: Flags
    policy_version: str


class PosteriorNotKept(ValueError):
    """Scores computed without their posterior cannot be carried on."""

    def __init__(self) -> None:
        super().__init__("these scores were computed with keep_posterior=False")
