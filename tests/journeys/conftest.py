"""A served portal on each engine, and browsers to visit it with."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from portal import create_app
from portal.db import db
from tests.browser import WIDTHS, Visitor, launch, visitor
from tests.conftest import fresh_database, settings_for
from tests.servers import Server, serving


@dataclass(frozen=True)
class Portal:
    """The server, and an application over its database to prepare what a journey needs."""

    server: Server
    app: Flask
    engine: str


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def portal(request, tmp_path_factory, browser) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("served")
    with (
        fresh_database(request.param, request, folder) as url,
        serving(url, folder) as server,
    ):
        app = create_app(settings_for(url, public_url=server.address))
        yield Portal(server, app, request.param)
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(params=WIDTHS)
def width(request) -> str:
    return request.param


@pytest.fixture
def visit(portal, browser, width, request) -> Callable[..., AbstractContextManager[Visitor]]:
    """Somebody opens a browser: `with visit("supervisor") as supervisor:`."""
    journey = request.node.path.stem.removeprefix("test_")

    def open_browser(who: str, **options: bool) -> AbstractContextManager[Visitor]:
        name = f"{journey}-{portal.engine}-{who}"
        return visitor(browser, portal.server.address, name, width=width, **options)

    return open_browser
