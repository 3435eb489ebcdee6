"""What can be told apart: only staff who work in several services tell service from person."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from .cells import by_group
from .data import Cells


@dataclass(frozen=True)
class Connections:
    """Connected parts of the graph employees - services; services and channels tied to no other.

    Between parts, service effects are comparable only through their prior.
    """

    components: int
    part_of: dict[str, int]
    alone: tuple[str, ...]
    lone_channels: tuple[str, ...]


def connections(cells: Cells) -> Connections:
    """Components of the services, joined where one employee has ratings in both."""
    components, part_of, alone = _parts(cells, cells.group.service.tolist())
    _, _, lone_channels = _parts(cells, cells.group.channel.tolist())
    return Connections(components, part_of, alone, lone_channels)


def _parts(cells: Cells, level_of_group: list[str]) -> tuple[int, dict[str, int], tuple[str, ...]]:
    levels = sorted(set(level_of_group))
    place = {level: number for number, level in enumerate(levels)}
    code = np.array([place[level] for level in level_of_group], dtype=np.int64)
    join = sp.csr_matrix(
        (np.ones(len(code)), (np.arange(len(code)), code)), shape=(len(code), len(levels))
    )
    touched = sp.csr_matrix((len(cells), len(levels)))
    for part in by_group(cells):
        touched = touched + part @ join
    volume = np.asarray(touched.sum(axis=0)).ravel()
    together = touched.T @ touched
    _, label = connected_components(together, directed=False)
    used = [number for number in range(len(levels)) if volume[number] > 0]
    size = np.bincount(label[used], minlength=len(levels)) if used else np.zeros(1, np.int64)
    part_of = {levels[number]: int(label[number]) for number in used}
    alone = tuple(levels[number] for number in used if size[label[number]] == 1)
    return len(set(part_of.values())), part_of, alone if len(used) > 1 else ()
