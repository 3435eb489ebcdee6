"""Ratings to counts: which instrument a submission belongs to, and its bin."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp

from .data import (
    Cells,
    Codes,
    Flags,
    Floats,
    Groups,
    Instrument,
    Ints,
    Keys,
    Ratings,
    Verdicts,
    encode,
)


def instruments(columns: int, points: int, has_face: bool) -> tuple[Instrument, ...]:
    """The instruments of a form with so many answer columns.

    `short`: the face alone, `points` bins. `full`: the sum of all K answers, K(m-1)+1 bins.
    """
    full = Instrument("full", columns * (points - 1) + 1)
    if not has_face:
        return (full,)
    short = Instrument("short", points)
    return (short, full) if columns > 1 else (short,)


def classify(ratings: Ratings) -> tuple[Codes, Codes]:
    """Instrument index (-1: not scorable) and bin (0-based) of every submission."""
    answers = ratings.answers
    columns = answers.shape[1]
    complete = (answers > 0).all(axis=1)
    total = answers.sum(axis=1, dtype=np.int16) - np.int16(columns)
    if not ratings.has_face:
        return np.where(complete, 0, -1), np.where(complete, total, 0)
    face = answers[:, 0].astype(np.int16)
    if columns == 1:
        return np.where(face > 0, 0, -1), np.maximum(face - 1, 0)
    which = np.where(complete, 1, np.where(face > 0, 0, -1)).astype(np.int8)
    place = np.where(complete, total, np.maximum(face - 1, 0))
    return which, place


def count_cells(
    ratings: Ratings, verdicts: Verdicts, points: int = 4, *, shift: Floats | None = None
) -> Cells:
    """Add the ratings up to cells. Those with weight 0 and the incomplete ones are only told.

    Employees appear even when nothing of theirs counts. Reasons under which a rating is told:
    `duplicate`, `quarantine`, `incomplete`, or `review` when a person set it aside.
    `shift`: a known part of eta per rating (returning raters), in few distinct values.
    """
    if points != ratings.points:
        raise ValueError(f"the ratings have {ratings.points} points, not {points}")
    who, employees = ratings.coded("employee")
    which, place = classify(ratings)
    layout = instruments(ratings.answers.shape[1], points, ratings.has_face)
    counted = (verdicts.weight > 0) & (which >= 0)
    row_group, groups = group_ratings(ratings, shift)
    size = len(employees)
    counts = []
    seen_n, seen_sum = np.zeros(size), np.zeros(size)
    for number, instrument in enumerate(layout):
        mine = which == number
        told = _count(who[mine], place[mine], (size, instrument.bins))
        seen_n += np.asarray(told.sum(axis=1)).ravel()
        seen_sum += told @ instrument.values
        keep = mine & counted
        column = row_group[keep] * instrument.bins + place[keep]
        shape = (size, len(groups) * instrument.bins)
        counts.append(_count(who[keep], column, shape))
    scorable = which >= 0
    return Cells(
        employee=employees,
        group=groups,
        instrument=layout,
        counts=tuple(counts),
        office=_home(who, size, *ratings.coded("office")),
        seen_n=seen_n,
        seen_sum=seen_sum,
        excluded=_excluded(who, size, scorable, verdicts),
        points=points,
    )


def _count(rows: Codes, columns: Codes, shape: tuple[int, int]) -> sp.csr_matrix:
    """How often each pair occurs: 32 bits, so that sums of cells cannot overflow."""
    cells, counts = np.unique(rows.astype(np.int64) * shape[1] + columns, return_counts=True)
    row, column = np.divmod(cells, max(shape[1], 1))
    start = np.searchsorted(row, np.arange(shape[0] + 1))
    return sp.csr_matrix((counts.astype(np.int32), column, start), shape=shape)


def group_ratings(ratings: Ratings, shift: Floats | None = None) -> tuple[Ints, Groups]:
    """Code of (service, channel, period, known shift) of each row, and the groups that occur.

    Parameters are kept by text, so integer keys become text here. An empty channel is a poster.
    """
    parts: list[tuple[Ints, list[Any]]] = []
    for name in ("service", "channel", "period"):
        codes, keys = ratings.coded(name)
        parts.append((codes, [str(key) or "poster" for key in keys.tolist()]))
    if shift is not None:
        values = np.unique(shift)
        parts.append((np.searchsorted(values, shift), values.tolist()))
    joint = np.zeros(len(ratings), dtype=np.int64)
    for codes, keys_ in parts:
        joint = joint * max(len(keys_), 1) + codes
    found, codes = numbered(joint)
    columns = []
    for _, keys_ in reversed(parts):
        found, part = np.divmod(found, max(len(keys_), 1))
        columns.append([keys_[place] for place in part.tolist()])
    raw = list(zip(*reversed(columns), strict=True))
    ordered = sorted(set(raw))
    place = {key: number for number, key in enumerate(ordered)}
    renumber = np.array([place[key] for key in raw], dtype=np.int64)
    table = np.array([key[:3] for key in ordered], dtype=object).reshape(len(ordered), 3)
    known = None if shift is None else np.array([key[3] for key in ordered], dtype=np.float64)
    groups = Groups(table[:, 0], table[:, 1], table[:, 2], known)
    return (renumber[codes] if raw else codes.astype(np.int64)), groups


def numbered(key: Ints) -> tuple[Ints, Codes]:
    """The distinct keys in rising order, and the place of each key among them. Where the keys are
    hardly more than their number they are counted, which takes a fraction of sorting's memory."""
    width = int(key.max(initial=0)) + 1
    if width > 4 * len(key) + 1000:
        cells, code = np.unique(key, return_inverse=True)
        return cells, code
    taken = np.zeros(width, dtype=bool)
    taken[key] = True
    place = np.cumsum(taken, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(taken), place[key]


def _home(who: Ints, size: int, codes: Ints, keys: Keys) -> Keys:
    """The key most frequent per employee; of equal ones the smallest."""
    return keys[most_frequent(who, codes, size, len(keys))] if size else keys[:0]


def most_frequent(who: Ints, codes: Ints, size: int, kinds: int) -> Ints:
    """Per employee the code that occurs most often; ties go to the smallest, 0 without any."""
    pairs, number = np.unique(who * max(kinds, 1) + codes, return_counts=True)
    owner, code = np.divmod(pairs, max(kinds, 1))
    order = np.lexsort((-code, number, owner))
    best = np.zeros(size, dtype=np.int64)
    best[owner[order]] = code[order]  # the last of an owner is the most frequent one
    return best


def _excluded(who: Ints, size: int, scorable: Flags, verdicts: Verdicts) -> dict[str, Ints]:
    out: dict[str, Ints] = {}
    left = np.flatnonzero((verdicts.weight <= 0) & scorable)
    kinds, listed = encode(verdicts.reasons[left])
    for reason in ("duplicate", "quarantine"):
        named = np.array([reason in code.split(";") for code in listed.tolist()], dtype=bool)
        hit = named[kinds]
        out[reason] = np.bincount(who[left[hit]], minlength=size)
        left, kinds = left[~hit], kinds[~hit]
    out["review"] = np.bincount(who[left], minlength=size)
    out["incomplete"] = np.bincount(who[~scorable], minlength=size)
    return {reason: number.astype(np.int64) for reason, number in out.items()}


def home_services(cells: Cells) -> Ints:
    """Index into the sorted distinct services: where each employee has most counted ratings, of
    equal ones the smallest; 0 for those without any."""
    services, code = np.unique(cells.group.service.astype(str), return_inverse=True)
    if not len(services):
        return np.zeros(0, np.int64)
    volume = sp.csr_matrix((len(cells), len(services)))
    join = sp.csr_matrix(
        (np.ones(len(code)), (np.arange(len(code)), code)), shape=(len(code), len(services))
    )
    for part in by_group(cells):
        volume = volume + part @ join
    return np.asarray(volume.argmax(axis=1)).ravel().astype(np.int64)


def by_group(cells: Cells) -> list[sp.csr_matrix]:
    """Per instrument the counts summed over bins, CSR (E, R)."""
    out = []
    for instrument, part in zip(cells.instrument, cells.counts, strict=True):
        matrix = sp.csr_matrix(
            (part.data.astype(np.float64), part.indices // instrument.bins, part.indptr.copy()),
            shape=(part.shape[0], len(cells.group)),
        )
        matrix.sum_duplicates()
        out.append(matrix)
    return out


def select_periods(cells: Cells, periods: set[str]) -> Cells:
    """The same employees with the counts of some periods only.

    What was seen and excluded is not kept by period, so these become the counted ones.
    """
    keep = np.flatnonzero([period in periods for period in cells.group.period.tolist()])
    old = cells.group
    shift = None if old.shift is None else old.shift[keep]
    group = Groups(old.service[keep], old.channel[keep], old.period[keep], shift)
    counts = []
    for instrument, part in zip(cells.instrument, cells.counts, strict=True):
        columns = (keep[:, None] * instrument.bins + np.arange(instrument.bins)).ravel()
        counts.append(sp.csr_matrix(part[:, columns]))
    chosen = dataclasses.replace(cells, group=group, counts=tuple(counts), excluded={})
    return dataclasses.replace(chosen, seen_n=chosen.n, seen_sum=chosen.raw_sum)


def select_employees(cells: Cells, rows: Ints) -> Cells:
    """The cells of some employees, given by position."""
    return dataclasses.replace(
        cells,
        employee=cells.employee[rows],
        counts=tuple(sp.csr_matrix(part[rows]) for part in cells.counts),
        office=cells.office[rows],
        seen_n=cells.seen_n[rows],
        seen_sum=cells.seen_sum[rows],
        excluded={reason: number[rows] for reason, number in cells.excluded.items()},
    )


def office_codes(cells: Cells, offices: Keys | Mapping[Any, Any] | None) -> Ints:
    """Office of each employee as a code, from a parallel array, a mapping, or the cells."""
    if offices is None:
        keys = cells.office
    elif isinstance(offices, Mapping):
        keys = np.array([str(offices[key]) for key in cells.employee.tolist()], dtype=object)
    else:
        keys = np.asarray(offices)
    return np.unique(keys.astype(str), return_inverse=True)[1].astype(np.int64)


def align(cells: Cells, employees: Keys) -> Cells:
    """The cells with exactly these employees (sorted, a superset): new ones have no ratings."""
    place = {key: number for number, key in enumerate(employees.tolist())}
    rows = np.array([place[key] for key in cells.employee.tolist()], dtype=np.int64)
    size = len(employees)
    lift = sp.csr_matrix((np.ones(len(rows)), (rows, np.arange(len(rows)))),
                         shape=(size, len(rows)))  # fmt: skip
    office = np.full(size, "", dtype=object)
    office[rows] = cells.office.astype(object)
    return dataclasses.replace(
        cells,
        employee=employees,
        counts=tuple(sp.csr_matrix(lift @ part) for part in cells.counts),
        office=office,
        seen_n=lift @ cells.seen_n,
        seen_sum=lift @ cells.seen_sum,
        excluded={
            reason: np.bincount(rows, weights=number, minlength=size).astype(np.int64)
            for reason, number in cells.excluded.items()
        },
    )


def union(first: Keys, second: Keys) -> Keys:
    """Sorted distinct keys of both."""
    if first.dtype.kind in "iu" and second.dtype.kind in "iu":
        return np.union1d(first, second)
    ordered = sorted(set(first.tolist()) | set(second.tolist()))
    keys = np.empty(len(ordered), dtype=object)
    keys[:] = ordered
    return keys
