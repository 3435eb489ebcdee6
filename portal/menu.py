"""The menu of staff pages: each feature adds its entries, each reader sees those of their roles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for
from flask_security import current_user

from portal.i18n import language, language_links, offered_languages


@dataclass(frozen=True)
class Entry:
    """A line of the menu: where it leads, what it says, who sees it."""

    endpoint: str
    label: Any  # a lazily translated text
    roles: tuple[str, ...]
    icon: str = ""
    badge: Callable[[], int] | None = None


@dataclass(frozen=True)
class Line:
    """An entry as shown to this reader."""

    label: str
    url: str
    current: bool
    icon: str
    badge: int


def init_app(app: Flask, entries: Sequence[Entry], search: Entry) -> None:
    """`search`: the page that looks through all the others, reached from a box above the menu."""

    @app.context_processor
    def frame() -> dict[str, Any]:
        return {
            "menu": _lines(entries),
            "search": next(iter(_lines([search])), None),
            "language": language(),
            "languages": language_links(offered_languages()),
        }


def _lines(entries: Sequence[Entry]) -> list[Line]:
    if not current_user or not current_user.is_authenticated:
        return []
    held = current_user.role_names
    return [
        Line(
            label=str(entry.label),
            url=url_for(entry.endpoint),
            current=_within(entry),
            icon=entry.icon,
            badge=entry.badge() if entry.badge else 0,
        )
        for entry in entries
        if held & set(entry.roles)
    ]


def _within(entry: Entry) -> bool:
    """Whether this page is the entry's own or one below it: /records and /records/17/2026-Q4."""
    own = url_for(entry.endpoint)
    return request.path == own or request.path.startswith(f"{own}/")
