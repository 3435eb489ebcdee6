"""What can be told apart: only staff who work in several services tell service from person."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from .cells import by_group
from .data import Cells, Flags, Ints
from .params import Params


@dataclass(frozen=True)
class Connections:
    """Connected parts of the graph employees - services, 0 the one with most ratings; services
    tied to no other; channels that nobody joins, directly or by others, to the most used one.

    Between parts, service effects are comparable only through their prior; so are channels.
    """

    components: int
    part_of: dict[str, int]
    alone: tuple[str, ...]
    lone_channels: tuple[str, ...]


def connections(cells: Cells) -> Connections:
    """Components of the services, joined where one employee has ratings in both."""
    part_of = _parts(cells, cells.group.service.tolist())
    size = Counter(part_of.values())
    alone = tuple(name for name, part in part_of.items() if size[part] == 1)
    channels = _parts(cells, cells.group.channel.tolist())
    lone = tuple(name for name, part in channels.items() if part > 0)
    return Connections(len(size), part_of, alone if len(part_of) > 1 else (), lone)


def _parts(cells: Cells, level_of_group: list[str]) -> dict[str, int]:
    """Part of each level with counted ratings, the largest first (ties: the smaller name)."""
    levels, code = np.unique(np.array(level_of_group, dtype=str), return_inverse=True)
    touched = _per_level(cells, code, len(levels))
    volume = np.asarray(touched.sum(axis=0)).ravel()
    _, label = connected_components(touched.T @ touched, directed=False)
    used = np.flatnonzero(volume > 0).tolist()
    weight = np.bincount(label, weights=volume, minlength=len(levels))
    first = {int(label[at]): at for at in reversed(used)}
    order = sorted(first, key=lambda part: (-weight[part], first[part]))
    place = {part: number for number, part in enumerate(order)}
    return {str(levels[at]): place[int(label[at])] for at in used}


def _per_level(cells: Cells, code: Ints, levels: int) -> sp.csr_matrix:
    """Counted ratings per employee and level, (E, L); `code`: the level of each group."""
    join = sp.csr_matrix(
        (np.ones(len(code)), (np.arange(len(code)), code)), shape=(len(code), levels)
    )
    touched = sp.csr_matrix((len(cells), levels))
    for part in by_group(cells):
        touched = touched + part @ join
    return touched


@dataclass(frozen=True)
class Apart:
    """Per employee, whether colleagues elsewhere can hardly be compared: for their services,
    for the channels through which they are rated. It changes no score."""

    services: Flags
    channels: Flags


def apart(cells: Cells, params: Params) -> Apart:
    """Who has ratings outside the largest component that the fit of these parameters saw."""
    services = [params.part_of.get(name, 0) > 0 for name in cells.group.service.tolist()]
    channels = [name in params.lone_channels for name in cells.group.channel.tolist()]
    found = _per_level(cells, np.array(services, dtype=np.int64), 2)[:, [1]]
    lone = _per_level(cells, np.array(channels, dtype=np.int64), 2)[:, [1]]
    return Apart(found.toarray().ravel() > 0, lone.toarray().ravel() > 0)
