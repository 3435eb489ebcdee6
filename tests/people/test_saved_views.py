"""A list with its filters is kept under a name, found on the first page, renamed and deleted."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.people.models import SavedView
from tests.counters.staff import send
from tests.factories import make_account, make_counter, make_office
from tests.records.cast import enter


def kept_as(page: str) -> dict[str, str]:
    """What the form below a list sends."""
    form = page.split('action="/saved-views"')[1].split("</form>", maxsplit=1)[0]
    fields = re.findall(r'name="(endpoint|query)" value="([^"]*)"', form)
    return {name: value.replace("&amp;", "&") for name, value in fields}


def test_a_list_with_its_filters_is_kept_found_renamed_and_deleted(
    app: Flask, client: FlaskClient
) -> None:
    office = make_office()
    enter(client, make_account("supervisor", office))
    for nothing in ("/follow-ups", "/follow-ups?show=no-such-list"):
        assert 'action="/saved-views"' not in client.get(nothing).text
    address = f"/follow-ups?show=resolved&office={office.id}"
    fields = kept_as(client.get(address).text)
    assert send(client, "/saved-views", name="Sudah selesai", **fields).location == address
    link = f'href="{address.replace("&", "&amp;")}"'
    for page in ("/home", "/today", "/saved-views"):
        text = client.get(page).text
        assert link in text
        assert "Sudah selesai" in text
    taken = send(client, "/saved-views", name="Sudah selesai", **fields)
    assert taken.status_code == 422
    assert "sudah Anda pakai" in taken.text
    assert fields["query"].replace("&", "&amp;") in taken.text  # what was sent is kept
    (view,) = db.session.scalars(select(SavedView))
    own = f"/saved-views/{view.id}"
    assert send(client, own, name=" ").status_code == 422
    send(client, own, name="Beres")
    assert "Beres" in client.get("/today").text
    send(client, f"{own}/delete")
    assert "Beres" not in client.get("/today").text
    assert "Belum ada yang disimpan" in client.get("/saved-views").text


def test_whoever_can_keep_a_list_finds_all_that_they_kept_in_the_menu(
    app: Flask, client: FlaskClient
) -> None:
    lists = [entry for entry in app.extensions["menu"].values() if entry.filters]
    for role in {role for entry in lists for role in entry.roles}:
        enter(client, make_account(role))
        assert 'href="/saved-views"' in client.get("/home").text, role


def test_a_page_without_filters_to_keep_does_not_offer_to_keep_it(
    app: Flask, client: FlaskClient
) -> None:
    office = make_office()
    pages = {
        "coordinator": f"/duties?office={office.id}",
        "hr": "/fairness/measures",
        "clerk": f"/assisted/counters/{make_counter(office).id}/ballots",
    }
    for role, path in pages.items():
        enter(client, make_account(role, office if role != "hr" else None))
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert 'action="/saved-views"' not in answer.text, path


def test_what_somebody_kept_is_theirs_alone(app: Flask, client: FlaskClient) -> None:
    enter(client, make_account("supervisor"))
    send(
        client, "/saved-views", name="Milik saya", endpoint="followups.cases", query="show=resolved"
    )
    (view,) = db.session.scalars(select(SavedView))
    own = f"/saved-views/{view.id}"
    enter(client, make_account("supervisor"))
    assert "Milik saya" not in client.get("/today").text
    assert send(client, own, name="Diambil").status_code == 404
    assert send(client, f"{own}/delete").status_code == 404
    # Under the same name, since names are each reader's own.
    answer = send(
        client, "/saved-views", name="Milik saya", endpoint="followups.cases", query="show=open"
    )
    assert answer.status_code == 302


def test_a_list_that_one_may_no_longer_open_is_offered_no_more(
    app: Flask, client: FlaskClient
) -> None:
    account = make_account("supervisor")
    enter(client, account)
    send(client, "/saved-views", name="Dahulu", endpoint="followups.cases", query="show=resolved")
    assert "Dahulu" in client.get("/saved-views").text
    (grant,) = account.grants
    grant.role = "hr"
    db.session.commit()
    enter(client, account)
    assert "Dahulu" not in client.get("/saved-views").text
    refused = client.get("/follow-ups?show=resolved")
    assert refused.status_code == 403
    assert 'action="/saved-views"' not in refused.text


def test_only_our_own_lists_are_kept_and_no_text_that_somebody_searched(
    app: Flask, client: FlaskClient
) -> None:
    enter(client, make_account("hr"))
    page = client.get("/employees?q=Sari&state=active").text
    fields = kept_as(page)
    assert fields == {"endpoint": "people.employees", "query": "state=active"}
    named = fields | {"query": "q=Sari&state=active&lang=en"}
    assert send(client, "/saved-views", name="Aktif", **named).location == "/employees?state=active"
    for endpoint, query in (
        ("people.home", "a=1"),
        ("https://lain.example", "state=active"),
        ("people.employees", "q=Sari"),
        ("people.employees", "state=Sari Wulandari"),
        ("people.employees", "state=" + "%F0%9F%99%82" * 40),  # longer than its column
        ("people.accounts", "role=hr"),  # which this reader may not open
    ):
        answer = send(client, "/saved-views", name="Lain", endpoint=endpoint, query=query)
        assert answer.status_code == 404
    for number in range(19):
        send(client, "/saved-views", name=f"Nomor {number}", **fields)
    full = send(client, "/saved-views", name="Satu lagi", **fields)
    assert full.status_code == 422
    assert "Hapus satu dahulu" in full.text
