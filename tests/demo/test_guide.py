"""demo.json keeps its word: every address in it opens for whom it names."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select

from benchmarks.pages import FILES, walked
from portal.access import ROLES, access_of
from portal.db import db
from portal.demo import building
from portal.demo.actions import NotEmpty
from portal.people.models import Account
from portal.ratings.models import Rating
from tests.conftest import NOW, settings_for
from tests.databases import with_database
from tests.demo.conftest import Demo, in_folder
from tests.factories import sign_in


@pytest.fixture
def client(demo: Demo) -> FlaskClient:
    return demo.app.test_client()


def signed_in(demo: Demo, client: FlaskClient, email: str) -> FlaskClient:
    # The context of this look-up must end before the request, which would else share its user.
    with demo.app.app_context():
        account = db.session.scalars(select(Account).where(Account.email == email)).one()
        return sign_in(client, account)


def test_the_guide_has_the_promised_shape(demo: Demo) -> None:
    guide = json.loads((demo.data / "demo.json").read_text(encoding="utf-8"))
    assert guide == demo.guide
    assert guide["base_url"] == "http://127.0.0.1:8000"
    assert len(guide["displays"]) == 2
    for entry in guide["displays"]:
        assert {"url", "counter"} <= entry.keys()
    for entry in guide["scan"]:
        assert entry["url"] == guide["base_url"] + entry["path"]
        assert {"code", "counter", "office", "on_duty", "channel"} <= entry.keys()
    assert {entry["role"] for entry in guide["accounts"]} == set(ROLES)
    assert len({entry["password"] for entry in guide["accounts"]}) == 1
    assert len({entry["agency"] for entry in guide["accounts"]}) == 2
    assert guide["pages"].keys() == set(ROLES)
    assert 95 <= len(guide["employees"]) <= 110
    assert all(isinstance(person["id"], int) for person in guide["employees"])


def test_it_is_a_city_of_the_promised_size(demo: Demo) -> None:
    with demo.app.app_context():
        ratings = db.session.scalar(select(func.count()).select_from(Rating)) or 0
    assert 12_000 <= ratings <= 20_000
    assert 40 <= len(demo.guide["scan"]) <= 70
    assert 12 <= len({entry["office"] for entry in demo.guide["scan"]}) <= 20


def test_every_screen_opens_at_its_address(demo: Demo, client: FlaskClient) -> None:
    for entry in demo.guide["displays"]:
        page = client.get(entry["url"], follow_redirects=True)
        assert f"Nilai pelayanan di {entry['counter']}" in page.text


def test_the_code_of_a_desk_names_whose_desk_it_is(demo: Demo, client: FlaskClient) -> None:
    assert [entry["desk"] for entry in demo.guide["desks"]] == ["Meja A", "Meja B"]
    names = {one["id"]: one["name"] for one in demo.guide["employees"]}
    for entry in demo.guide["desks"]:
        page = client.get(entry["url"]).text
        first, last = names[entry["on_duty"]].split()
        assert f"{first} {last[0]}." in page.split("Yang melayani Anda")[1].split("</b>")[0]


def test_every_kiosk_opens_at_its_address(demo: Demo, client: FlaskClient) -> None:
    for entry in demo.guide["kiosks"]:
        page = client.get(entry["url"], follow_redirects=True)
        assert "data-kiosk" in page.text
        assert entry["counter"] in page.text


def test_every_ticket_can_be_tried_and_the_coordinator_sees_who_gave_few(
    demo: Demo, client: FlaskClient
) -> None:
    assert len(demo.guide["tickets"]) == 5
    for entry in demo.guide["tickets"]:
        assert "data-rating-form" in client.get(entry["path"]).text
    signed_in(demo, client, demo.email("coordinator"))
    page = client.get("/tickets/shifts").text
    assert "hanya sebagian diberi karcis" in page


def test_every_code_shows_a_form(demo: Demo, client: FlaskClient) -> None:
    for entry in demo.guide["scan"]:
        page = client.get(entry["path"])
        assert page.status_code == 200, entry
        assert "data-rating-form" in page.text, entry


def test_a_rating_given_now_is_attributed_to_who_is_on_duty(
    demo: Demo, client: FlaskClient
) -> None:
    for entry in (demo.guide["scan"][0], demo.guide["scan"][20]):
        token = re.search(r'name="token" value="([^"]+)"', client.get(entry["path"]).text)
        assert token
        answer = client.post(entry["path"], data={"token": token[1], "overall": "4"})
        assert answer.status_code == 303
        with demo.app.app_context():
            rating = db.session.scalars(
                select(Rating).where(
                    Rating.received_at == NOW, Rating.employee_id == entry["on_duty"]
                )
            ).first()
        assert rating is not None
        assert (rating.counts_for, rating.attributed_by) == ("A", "one_on_duty")


MOST_STATEMENTS = 45
# Staff pages that no link of the demo leads to: what only a code that is scanned, a file or a press
# of a button makes, and what depends on the day.
UNLINKED = {
    "assisted.batch",  # begins with a form
    "assisted.rate",  # begins with a form
    "counters.check_in_at",  # scanned
    "counters.check_in_typed",  # leads on to what was typed
    "counters.check_poster",  # scanned
    "counters.move",  # a duty of a day to come
    "counters.print_run",  # made by a press
    "counters.sheet",  # made by a press
    "counters.ticket",  # made by a press
    "records.ask_review",  # as long as something is set aside
    "records.attachment",  # a file
    "records.contest",  # within the time for it
    "records.latest",  # leads on, from HR's page of an employee
    "records.make_rating_file",  # made by a press
    "records.mine",  # leads on to one's own record
    "records.ready_rating_file",  # a file
    "records.step_of_plan",  # leads on, where a form was refused
}


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role_opens_with_few_statements(
    demo: Demo, client: FlaskClient, role: str
) -> None:
    signed_in(demo, client, demo.email(role))
    kind, opened = demo.app.url_map.bind("localhost"), set()
    sent: list[str] = []

    def note(*what: Any) -> None:
        sent.append(what[2])

    event.listen(Engine, "before_cursor_execute", note)
    for path in walked(client, demo.app, demo.guide["pages"][role]):
        assert len(sent) <= MOST_STATEMENTS, (path, sent)
        sent.clear()
        opened.add(kind.match(path.partition("?")[0])[0])
    event.remove(Engine, "before_cursor_execute", note)
    open_to = {
        rule.endpoint
        for rule in demo.app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.rule.endswith(FILES)
        and role in (access_of(demo.app, rule.endpoint) or ())
    }
    assert open_to - opened <= UNLINKED


def test_every_account_signs_in_with_the_printed_password(demo: Demo) -> None:
    accounts = demo.guide["accounts"]
    assert {entry["role"] for entry in accounts} == set(ROLES)
    for entry in accounts:
        browser = demo.app.test_client()
        page = browser.get("/sign-in").text
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        assert token
        sent = {name: entry[name] for name in ("email", "password")} | {"csrf_token": token[1]}
        answer = browser.post("/sign-in", data=sent)
        assert (answer.status_code, answer.location) == (302, "/start"), entry["email"]


def test_a_supervisor_of_the_neighbour_sees_nothing_of_the_city(
    demo: Demo, client: FlaskClient
) -> None:
    other = next(
        entry
        for entry in demo.guide["accounts"]
        if entry["role"] == "supervisor" and entry["agency"] != demo.guide["accounts"][0]["agency"]
    )
    signed_in(demo, client, other["email"])
    for path in demo.person("strong_on_hard_service")["record"].values():
        assert client.get(path).status_code == 404


def test_the_same_seed_gives_the_same_demo_on_both_databases(
    tmp_path: Path, make_demo: Callable[..., dict[str, Any]], request: pytest.FixtureRequest
) -> None:
    one = make_demo(tmp_path / "one", in_folder(tmp_path / "one"), 20)
    again = make_demo(tmp_path / "again", in_folder(tmp_path / "again"), 20)
    assert one == again
    server = request.getfixturevalue("postgresql_server")
    url = with_database(server, request.getfixturevalue("empty_postgresql"))
    settings = settings_for(url, public_url="http://127.0.0.1:8000")
    assert make_demo(tmp_path / "pg", settings, 20) == one
    assert building.finished(tmp_path / "pg", settings)
    with pytest.raises(NotEmpty):
        make_demo(tmp_path / "elsewhere", settings, 20)
    assert not (tmp_path / "elsewhere" / "demo.json").exists()


def test_a_finished_demo_is_kept(demo: Demo) -> None:
    assert building.finished(demo.data, in_folder(demo.data))
    assert not building.finished(demo.data / "other", in_folder(demo.data / "other"))
    moved = building.write_addresses(demo.data, "http://127.0.0.1:9000", "http://127.0.0.1:9000")
    assert moved["scan"][0]["url"].startswith("http://127.0.0.1:9000/n/")
    building.write_addresses(demo.data, demo.guide["base_url"], demo.guide["base_url"])
