"""The menu of staff pages: each feature adds its entries, each reader sees those of their roles."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, request, url_for
from flask_security import current_user

from portal.i18n import language, language_links, offered_languages

FILTER = re.compile(r"[\w.:-]{1,40}", re.ASCII)  # a number, a day, a word of ours


@dataclass(frozen=True)
class Entry:
    """A line of the menu: where it leads, what it says, who sees it."""

    endpoint: str
    label: Any  # a lazily translated text
    roles: tuple[str, ...]
    icon: str = ""
    badge: Callable[[], int] | None = None
    filters: tuple[str, ...] = ()  # what its address may keep of a choice; no text of a search


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

    app.extensions["menu"] = {entry.endpoint: entry for entry in entries}

    @app.context_processor
    def frame() -> dict[str, Any]:
        return {
            "menu": _lines(entries),
            "chosen_list": _chosen(),
            "search": next(iter(_lines([search])), None),
            "language": language(),
            "languages": language_links(offered_languages()),
        }


def _lines(entries: Sequence[Entry]) -> list[Line]:
    held = _roles()
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


def _roles() -> set[str]:
    """Those of the reader; none of one who is not signed in."""
    signed_in = current_user and current_user.is_authenticated
    return set(current_user.role_names) if signed_in else set()


def _within(entry: Entry) -> bool:
    """Whether this page is the entry's own or one below it: /records and /records/17/2026-Q4."""
    own = url_for(entry.endpoint)
    return request.path == own or request.path.startswith(f"{own}/")


def list_of(endpoint: str | None) -> Entry | None:
    """The entry of a list that has filters, by its endpoint, if the reader may open it."""
    entries: dict[str, Entry] = current_app.extensions["menu"]
    entry = entries.get(endpoint or "")
    return entry if entry and entry.filters and _roles() & set(entry.roles) else None


def kept(entry: Entry, given: Mapping[str, str]) -> str:
    """The query part of an address, with the filters of a list alone; no text of one's own."""
    filters = {name: given.get(name, "") for name in entry.filters}
    return urlencode({name: value for name, value in filters.items() if FILTER.fullmatch(value)})


def _chosen() -> tuple[str, str] | None:
    """The list that this page is and the filters chosen there: what can be kept under a name."""
    entry = list_of(request.endpoint)
    if entry is None or request.method != "GET":
        return None
    query = kept(entry, request.args)
    return (entry.endpoint, query) if query else None
