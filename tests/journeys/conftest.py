"""A served portal on each engine, and browsers to visit it with."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from sqlalchemy import select

from portal import create_app
from portal.counters.codes import new_code
from portal.db import db
from portal.people.models import Account
from tests.browser import WIDTHS, Visitor, launch, visitor
from tests.conftest import fresh_database, settings_for
from tests.factories import (
    make_agency,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    make_service,
    sign_in,
)
from tests.journeys.network import Portal, network_to
from tests.journeys.phones import Counter, Phone
from tests.servers import seconds_to_now, serving

HERE = Path(__file__).parent

# The portal's main journeys, each at both widths on both engines.
MAIN = {"test_scan_to_record", "test_print", "test_decision"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The other journeys go at both widths on SQLite and once more, on a phone, on PostgreSQL:
    which engine it is does not show on a page, and which width does not show in a database."""
    items[:] = [item for item in items if not _is_shown_by_others(item)]


def _is_shown_by_others(item: pytest.Item) -> bool:
    if item.path.parent != HERE or item.path.stem in MAIN:
        return False
    chosen = getattr(item, "callspec", None)
    shown = {("portal", "postgresql"), ("width", "desk")}
    return chosen is not None and chosen.params.items() >= shown


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def portal(request, tmp_path_factory, browser) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("served")
    with (
        fresh_database(request.param, request, folder) as url,
        serving(url, folder) as server,
    ):
        address, clock = server.address, seconds_to_now()
        app = create_app(settings_for(url, public_url=address, clock_offset=clock))
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

    def session_of(email: str) -> str:
        with portal.app.app_context(), portal.app.test_client() as client:
            account = db.session.scalars(select(Account).where(Account.email == email)).one()
            cookie = sign_in(client, account).get_cookie("session")
            db.session.remove()
        assert cookie
        return cookie.value

    def open_browser(who: str, **options: bool) -> AbstractContextManager[Visitor]:
        name = f"{journey}-{portal.engine}-{who}"
        return visitor(browser, portal.server.address, name, session_of, width=width, **options)

    return open_browser


@pytest.fixture
def counter(portal) -> Iterator[Counter]:
    with portal.app.app_context():
        agency = make_agency(uuid.uuid4().hex, name="Kota Cempaka Raya")
        office = make_office(agency, name="Dinas Dukcapil")
        place = make_counter(office, services=(make_service(agency),))
        code, number = make_code(place, new_code()), place.id
        make_duty(make_employee(office), place)
        db.session.remove()
    with network_to(portal.server.port) as network:
        yield Counter(portal, network, code, number)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Phone]:
    opened = []

    def take(scripts: bool = True) -> BrowserContext:
        context = browser.new_context(
            viewport={"width": 360, "height": 780},
            locale="id-ID",
            java_script_enabled=scripts,
            has_touch=True,
        )
        context.set_default_timeout(20_000)
        opened.append(context)
        return context

    yield take
    for context in opened:
        context.close()
