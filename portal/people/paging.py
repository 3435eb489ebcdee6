"""Long lists, a page at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from portal.db import db

PAGE_SIZE = 50
COUNTED = 500  # of lists without end, beyond the page that is read
FURTHEST = 10**9  # page that anybody may ask for: databases count no further than 64 bits

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a long list, in the shape that the `pagination` macro reads."""

    items: list[Row]
    page: int
    total: int
    size: int
    more: bool = False  # than `total`, behind which nobody counted

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def has_prev(self) -> bool:
        return self.page > 1

    @property
    def has_next(self) -> bool:
        return self.more or self.page < self.pages


def read_page(
    statement: Select[*tuple[Any, ...]],
    number: int,
    make: Callable[..., Row],
    size: int = PAGE_SIZE,
    counted: int | None = None,
) -> Page[Row]:
    """One page of a statement; each row becomes `make(*row)`. A page past the end is the last.

    Counting a list without end takes longer than reading a page of it: with `counted` it is
    counted no further than that beyond the page that is asked for.
    """
    number = min(max(number, 1), FURTHEST)
    end = None if counted is None else number * size + counted
    inner = statement.order_by(None).limit(end).subquery()
    total = db.session.scalar(select(func.count()).select_from(inner)) or 0
    number = min(number, max(1, -(-total // size)))
    rows = db.session.execute(statement.limit(size).offset((number - 1) * size))
    return Page([make(*row) for row in rows], number, total, size, more=total == end)


def page_of(rows: list[Row], number: int, size: int) -> Page[Row]:
    """One page of rows that are all there already."""
    number = min(max(number, 1), max(1, -(-len(rows) // size)))
    return Page(rows[(number - 1) * size : number * size], number, len(rows), size)
