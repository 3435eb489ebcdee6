"""Addresses only grow: what is printed, bookmarked or mailed leads somewhere for ever."""

from pathlib import Path

from flask import Flask

COMMITTED = Path(__file__).with_name("routes.txt")


def routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_no_address_has_vanished(wired: Flask) -> None:
    vanished = set(COMMITTED.read_text().splitlines()) - routes(wired)
    assert not vanished, "people come by these addresses; keep them"


def test_every_address_is_on_the_list(wired: Flask) -> None:
    new = routes(wired) - set(COMMITTED.read_text().splitlines())
    assert not new, f"add to {COMMITTED.name}: they stay for ever"


def test_the_addresses_printed_on_paper_are_there(wired: Flask) -> None:
    match = wired.url_map.bind("").match
    assert match("/n/7K3M9QXA")[0] == "ratings.rate"
    assert match("/N/7K3M9QXA")[0] == "ratings.rate_upper"
    assert match("/t/7K3M9QXA7K3M")[0] == "ratings.receipt"
    assert match("/")[0] == "ratings.front"
