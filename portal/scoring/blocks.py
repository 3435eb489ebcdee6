"""Dense blocks of devices x employees: groups of phones that rate the same few people.

The idea of greedy peeling with weighted columns is that of Hooi et al. 2016 (FRAUDAR); this is
our own program. It only flags for the inspector, and decides nothing.
"""

import heapq
from dataclasses import dataclass

import numpy as np

from .data import Flags, Floats, Ints, Keys, Ratings, present
from .integrity import is_shared
from .policy import Policy


@dataclass(frozen=True)
class Block:
    """A suspicious block: its devices, its employees, the ratings (rows) between them, and its
    density (weight of the ratings over the number of devices and employees)."""

    devices: Keys
    employees: Keys
    rows: Ints
    density: float


ONCE = 1 / np.log(6.0)  # the most that one rating weighs


def dense_blocks(ratings: Ratings, policy: Policy, *, received: Ints | None = None) -> list[Block]:
    """The densest blocks, one after the other, each taken out before the next is sought.

    An edge weighs 1/log(x + 5), x the employee's number of ratings: to rate those whom
    everybody rates is no sign. Below `policy.block_density` nothing is told, and no more than
    `policy.blocks_told` blocks. While that is above `ONCE`, ratings of devices that rated once
    may be left out: they are in no block. `received` then tells of each rating how many its
    employee has in all.
    """
    least = policy.block_density
    codes, keys = ratings.coded("rater")
    who, employees = ratings.coded("employee")
    known = np.flatnonzero(present(ratings.rater) & ~is_shared(ratings))
    if received is None:
        received = np.bincount(who, minlength=len(employees))[who]
    weight = 1 / np.log(received + 5.0)
    found: list[Block] = []
    rows = known[_core(codes[known], who[known], weight[known], least)]
    while len(rows) and len(found) < policy.blocks_told:
        kept, density = _peel(codes[rows], who[rows], weight[rows])
        if density < least or not kept.any():
            break
        inside = rows[kept]
        found.append(Block(
            keys[np.unique(codes[inside])], employees[np.unique(who[inside])], inside, density,
        ))  # fmt: skip
        rows = rows[~kept]
    return found


def _core(left: Ints, right: Ints, weight: Floats, least: float) -> Flags:
    """Edges left when nodes lighter than `least` are taken away until there are none.

    Peeling would take those nodes first, and a subgraph denser than `least` grows denser without
    them: what is found is the same, without walking through every citizen's single rating.
    """
    inside = np.ones(len(left), dtype=bool)
    while inside.any():
        light = np.zeros(len(left), dtype=bool)
        for ends in (left, right):
            degree = np.bincount(ends[inside], weight[inside], int(ends.max()) + 1)
            light |= inside & (degree[ends] < least)
        if not light.any():
            break
        inside &= ~light
    return inside


def _peel(left: Ints, right: Ints, weight: Floats) -> tuple[Flags, float]:
    """Take away the node with the least weight, again and again; keep the densest moment."""
    lefts, a = np.unique(left, return_inverse=True)
    rights, b = np.unique(right, return_inverse=True)
    b = b + len(lefts)
    nodes = len(lefts) + len(rights)
    degree = np.bincount(a, weight, nodes) + np.bincount(b, weight, nodes)
    ends = np.concatenate([a, b])
    order = np.argsort(ends, kind="stable")
    start = np.searchsorted(ends[order], np.arange(nodes + 1))
    edges = order % len(a)
    alive, edge_alive = np.ones(nodes, dtype=bool), np.ones(len(a), dtype=bool)
    heap = [(float(degree[node]), node) for node in range(nodes)]
    heapq.heapify(heap)
    mass, best, best_at = float(weight.sum()), -1.0, 0
    removed: list[int] = []
    while heap:
        value, node = heapq.heappop(heap)
        if not alive[node] or value > degree[node] + 1e-12:
            continue
        density = mass / (nodes - len(removed))
        if density > best:
            best, best_at = density, len(removed)
        alive[node] = False
        removed.append(node)
        for edge in edges[start[node] : start[node + 1]].tolist():
            if edge_alive[edge]:
                edge_alive[edge] = False
                mass -= float(weight[edge])
                other = int(b[edge] if a[edge] == node else a[edge])
                degree[other] -= weight[edge]
                heapq.heappush(heap, (float(degree[other]), other))
    inside = np.ones(nodes, dtype=bool)
    inside[removed[:best_at]] = False
    return inside[a] & inside[b], best
