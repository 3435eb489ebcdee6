"""Limits count in one store, which several processes share, and never stand in the way."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from flask import Flask
from limits.storage import MemoryStorage

from portal import clock, create_app, limits
from portal.limits import too_many
from tests.conftest import NOW, settings_for

ONCE = "1 per minute"


class Shared(MemoryStorage):
    """Stands for Redis: what is counted outlives the application that counts."""

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012  how the library finds it
    counted: ClassVar[Counter[str]] = Counter()

    def incr(self, key: str, *given: Any, **named: Any) -> int:
        self.counted[key] += 1
        return self.counted[key]


class Away(MemoryStorage):
    """Stands for Redis on a machine that is down."""

    STORAGE_SCHEME = ["away"]  # noqa: RUF012

    def incr(self, key: str, *given: Any, **named: Any) -> int:
        raise ConnectionError


@contextmanager
def process(store: str) -> Iterator[Flask]:
    """One more web process of the same portal."""
    app = create_app(settings_for("sqlite:///never-opened.db", redis_url=store))
    with app.test_request_context("/"):
        yield app


def test_what_one_process_counted_holds_in_the_next() -> None:
    """Reports to the inspectorate are counted by address, a kiosk's forms by device."""
    for of in (None, "kiosk 1 7"):
        with process("shared://"):
            assert not too_many(ONCE, of=of)
        with process("shared://"):
            assert too_many(ONCE, of=of)
    assert not [key for key in Shared.counted if "127.0.0.1" in key or "kiosk 1" in key]


def test_who_is_counted_has_another_mark_each_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What lies in the store for an hour tells no address, nor that one came again the next day."""
    marks = []
    for at in (NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1)):
        monkeypatch.setattr(clock, "real_now", lambda at=at: at)
        Shared.counted.clear()
        with process("shared://"):
            assert not too_many(ONCE)
            too_many(ONCE, of="kiosk 1 7")
        assert not [key for key in Shared.counted if "127.0.0.1" in key or "kiosk 1" in key]
        marks.append(set(Shared.counted))
    assert marks[0] == marks[1]
    assert len(marks[0]) == 2
    assert not marks[0] & marks[2]


def test_a_store_that_is_away_closes_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.limiter, "_storage_dead", False)
    with process("away://"):
        assert not too_many(ONCE)
        assert too_many(ONCE)  # counted by this process alone
