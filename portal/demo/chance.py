"""The demo's only source of chance: one seed gives one city, whatever the machine."""

import random
import uuid
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from portal.db import LARGEST_ID

Item = TypeVar("Item")


class Chance:
    """Independent streams by name, so that a change in one place leaves the others alone."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def stream(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, *name.encode()])

    def letters(self, name: str) -> random.Random:
        """For codes on paper, which the product itself draws letter by letter."""
        return random.Random(f"{self.seed} {name}")  # noqa: S311  a demo's codes are no secrets


def uuids(source: np.random.Generator, count: int) -> list[uuid.UUID]:
    drawn = source.bytes(16 * count)
    return [uuid.UUID(bytes=drawn[i : i + 16], version=4) for i in range(0, 16 * count, 16)]


def ids(source: np.random.Generator, count: int) -> list[int]:
    """Row keys as `new_id` makes them."""
    return [int(number) for number in source.integers(1, LARGEST_ID, count)]


def pick(source: np.random.Generator, items: Sequence[Item]) -> Item:
    return items[int(source.integers(len(items)))]


def tokens(source: np.random.Generator, count: int, length: int) -> list[bytes]:
    drawn: Any = source.bytes(length * count)
    return [bytes(drawn[i : i + length]) for i in range(0, length * count, length)]
