"""Pages that take a file; they are found on the roster and on the fairness audit."""

from portal.imports import measure_views, roster_views
from portal.imports.blueprint import blueprint
from portal.menu import Entry

__all__ = ["MENU", "blueprint", "measure_views", "roster_views"]

MENU: list[Entry] = []
