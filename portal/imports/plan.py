"""What an import is going to write: gathered and checked first, then written in one go.

Checking 10,000 lines takes seconds, writing them far less. So nothing is locked while the file
is checked, and citizens can go on rating.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.db import Base
from portal.imports.files import Line, Problem, Sheet
from portal.people.models import Account, Agency
from portal.people.queries import Scope

Progress = Callable[[int, int], None]
Values = dict[str, Any]


@dataclass(frozen=True)
class Report:
    """What an import did, or in a dry run would do; with problems it did nothing."""

    kind: str
    lines: int
    created: int
    updated: int
    unchanged: int
    invited: int
    problems: list[Problem]
    preview: list[Mapping[str, str]] = field(default_factory=list)  # the first lines
    removed: int = 0

    @property
    def accepted(self) -> bool:
        return not self.problems


Place = tuple[str, int | None]  # a role, and the office where; none: the whole agency


@dataclass(frozen=True)
class NewAccount:
    """An account with its roles; the person is invited by mail."""

    account: Account
    grants: list[Place]


@dataclass(frozen=True)
class NewRole:
    """A role for an account that is there already."""

    account_id: int
    place: Place


@dataclass
class Plan:
    """Rows to insert, in an order that foreign keys allow, and rows to change."""

    inserts: list[tuple[type[Base], Values]] = field(default_factory=list)
    updates: list[tuple[type[Base], Values, Values]] = field(default_factory=list)
    deletes: list[tuple[type[Base], Values]] = field(default_factory=list)
    accounts: list[NewAccount] = field(default_factory=list)
    roles: list[NewRole] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0  # where a file takes the place of what was there

    def insert(self, table: type[Base], **values: Any) -> None:
        self.inserts.append((table, values))

    def change(self, table: type[Base], key: Values, before: Values, after: Values) -> bool:
        """Note what differs; whether anything does."""
        changed = {name: value for name, value in after.items() if before[name] != value}
        if changed:
            self.updates.append((table, key, changed))
        return bool(changed)

    @property
    def changes(self) -> int:
        """How many rows will not be as before."""
        return self.created + self.updated + self.removed

    def count(self, *, created: bool, changed: bool) -> None:
        if created:
            self.created += 1
        elif changed:
            self.updated += 1
        else:
            self.unchanged += 1


@dataclass(frozen=True)
class By:
    """Who imports on screen, and the offices they look after."""

    account: Account
    offices: Scope


@dataclass(frozen=True)
class Task:
    """One import: the lines, for which agency (none yet: it is made with the import), when."""

    sheet: Sheet
    agency: Agency
    now: datetime
    progress: Progress
    by: By | None = None  # none: from the command line, for the whole agency

    @property
    def account_id(self) -> int | None:
        return self.by.account.id if self.by else None

    @property
    def agency_id(self) -> int:
        """No agency has number 0, so nothing is found for one that is not there yet."""
        return self.agency.id or 0

    def each_line(self, handle: Callable[[Line], None]) -> None:
        """Handle every line, telling how far it is."""
        total = len(self.sheet.lines)
        for done, line in enumerate(self.sheet.lines, start=1):
            handle(line)
            if done % 100 == 0 or done == total:
                self.progress(done, total)
