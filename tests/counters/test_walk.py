"""The poster walk: a coordinator scans every poster once a month, and what is wrong shows."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.counters.models import PosterCheck
from portal.db import db
from tests.conftest import NOW, set_clock
from tests.counters.staff import act_as, send
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_employee,
    make_office,
)


@pytest.fixture
def counter(app):
    counter = make_counter()
    make_code(counter)
    return counter


@pytest.fixture
def coordinator(client, counter):
    account = make_account("coordinator", make_office())
    act_as(client, account)
    return account


def outcomes() -> list[str]:
    db.session.rollback()
    return [row.outcome for row in db.session.scalars(select(PosterCheck).order_by(PosterCheck.at))]


def test_a_scanned_poster_offers_the_signed_in_coordinator_to_note_it(client, counter, coordinator):
    page = client.get("/N/7K3M9QXA").text
    link = page.split('<p class="card" data-named><a href="')[1].split('"')[0]
    assert "Apakah Anda berdiri di sana?" in client.get(link).text
    send(client, f"/walk/{counter.id}", found="7K3M9QXA")
    assert outcomes() == ["good"]
    page = client.get("/walk").text
    assert "1 dari 1 poster diperiksa bulan ini" in page
    assert "diperiksa 23 November 2026" in page


def test_citizens_and_employees_are_offered_no_such_thing(app, client, counter):
    assert "Koordinator?" not in client.get("/n/7K3M9QXA").text
    act_as(client, make_account("employee", make_office(), make_employee()))
    page = client.get("/n/7K3M9QXA").text
    assert "Koordinator?" not in page
    assert "Mulai bertugas di Loket 3" in page
    assert client.get("/walk/at/7K3M9QXA").status_code == 403


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        ("7k3m-9qxa", "good"),
        ("HTTPS://LOKET.KOTA.EXAMPLE/N/7K3M9QXA", "good"),
        ("loket.kota.example/n/7k3m-9qxa", "good"),
        ("6PRE9QXA", "stale"),
        ("8QXA7K3M", "misplaced"),
        ("00000000", "foreign"),
        ("https://loket.kota.example.evil.example/n/7K3M9QXA", "foreign"),
        ("https://judi.example/slot", "foreign"),
        ("https://loket.kota.example/login?n=7K3M9QXA", "foreign"),
        ("https://[::1/n/7K3M9QXA", "foreign"),
        ("ABRAKADABRA", "foreign"),
    ],
)
def test_what_hangs_there_is_told_apart(client, counter, coordinator, found, outcome):
    make_code(make_counter(label="Loket 4"), "8QXA7K3M")
    make_code(counter, "6PRE9QXA", version=0)
    answer = send(client, f"/walk/{counter.id}", found=found)
    assert answer.status_code == 302
    assert outcomes() == [outcome]


@pytest.mark.parametrize("scanned", ["00000000", "8QXA7K3M", "ABRAKADABRA"])
def test_a_foreign_code_that_was_scanned_leads_to_the_list_and_is_noted_where_it_hangs(
    client, counter, coordinator, scanned
):
    make_code(make_counter(make_office(make_agency("kabupaten"))), "8QXA7K3M")
    answer = client.get(f"/walk/at/{scanned}")
    assert answer.location == f"/walk?found={scanned}"
    page = client.get(answer.location).text
    assert f"Kode {scanned} bukan milik loket Anda" in page
    assert f'value="{scanned}"' in page
    send(client, f"/walk/{counter.id}", found=scanned)
    assert outcomes() == ["foreign"]
    assert "laporkan kepada inspektorat" in client.get("/walk").text


def test_the_list_and_the_overview_tell_when_each_poster_was_last_looked_at(
    client, counter, coordinator, monkeypatch
):
    for path in ("/walk", "/counters"):
        assert "belum pernah diperiksa" in client.get(path).text
    send(client, f"/walk/{counter.id}", found="7K3M9QXA")
    set_clock(monkeypatch, NOW + timedelta(days=40))
    assert "terakhir 23 November 2026" in client.get("/walk").text
    assert "diperiksa 23 November 2026" in client.get("/counters").text


def test_a_code_of_another_agency_is_foreign(client, counter, coordinator):
    make_code(make_counter(make_office(make_agency("kabupaten"))), "8QXA7K3M")
    send(client, f"/walk/{counter.id}", found="8QXA7K3M")
    assert outcomes() == ["foreign"]


def test_what_is_wrong_stands_on_the_list_with_what_to_do_until_it_is_put_right(
    client, counter, coordinator, monkeypatch
):
    send(client, f"/walk/{counter.id}", found="https://judi.example/slot")
    page = client.get("/walk").text
    assert "Lepas stikernya" in page
    assert "https://judi.example/slot" in page
    set_clock(monkeypatch, NOW + timedelta(minutes=5))
    send(client, f"/walk/{counter.id}", found="7K3M9QXA")
    assert "Lepas stikernya" not in client.get("/walk").text
    assert outcomes() == ["foreign", "good"]


def test_a_poster_that_is_gone_is_noted_and_an_empty_field_notes_nothing(
    client, counter, coordinator
):
    send(client, f"/walk/{counter.id}", found="")
    assert outcomes() == []
    send(client, f"/walk/{counter.id}", missing="1")
    assert outcomes() == ["missing"]
    assert "tidak ada" in client.get("/walk").text


def test_a_new_month_asks_anew(client, counter, coordinator, monkeypatch):
    send(client, f"/walk/{counter.id}", found="7K3M9QXA")
    set_clock(monkeypatch, NOW + timedelta(days=10))
    page = client.get("/walk").text
    assert "0 dari 1 poster diperiksa bulan ini" in page
    assert "belum bulan ini" in page


def test_posters_of_another_office_are_not_mine_to_note(client, counter):
    act_as(client, make_account("coordinator", make_office(code="kelurahan")))
    assert send(client, f"/walk/{counter.id}", found="7K3M9QXA").status_code == 404
    # Whose code it is, they are not told: to them it is foreign.
    assert client.get("/walk/at/7K3M9QXA").location == "/walk?found=7K3M9QXA"
    assert client.get("/walk", query_string={"office": counter.office_id}).status_code == 404
    assert outcomes() == []
