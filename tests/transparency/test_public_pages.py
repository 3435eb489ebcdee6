"""Anybody can read what citizens say of an office: figures, never names."""

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, insert, select

from portal.db import db
from portal.records.models import PublicResult
from tests.factories import make_account, make_agency, make_counter, make_employee, make_office
from tests.records.cast import enter, rate, release

ADDRESS = "/results/kota/dukcapil"
NAMES = ("Sari Wulandari", "Budi Santoso", "Ratna Dewi")


@pytest.fixture
def rated(app: Flask) -> None:
    counter = make_counter()
    for name in NAMES:
        rate(counter, make_employee(name=name), 4, 4, 3, 2, 4, 4, ramah=3)
    rate(counter, None, 2, 2, 2, 2, 2, cause="procedure")
    release(counter)


def test_a_visitor_comes_from_the_front_page_to_the_results_of_an_office(
    rated: None, client: FlaskClient
) -> None:
    assert 'href="/results"' in client.get("/").text
    offices = client.get("/results", follow_redirects=True)
    assert offices.request.path == "/results/kota"
    assert f'href="{ADDRESS}"' in offices.text
    page = client.get(ADDRESS).text
    for words in ("Dinas Dukcapil", "Oktober–Desember 2026", "sampai November 2026", "79,3"):
        assert words in page
    assert not any(word in page for name in NAMES for word in (name, name.split()[0]))


def test_quarters_are_told_by_their_months_and_the_index_with_its_scale(
    rated: None, client: FlaskClient
) -> None:
    row = db.session.scalars(select(PublicResult)).one()
    held = {column.name: getattr(row, column.name) for column in PublicResult.__table__.columns}
    db.session.execute(insert(PublicResult), [held | {"period": "2026-Q3", "final": True}])
    db.session.commit()
    page = " ".join(client.get(ADDRESS).text.split())
    chart = page.split("Dari triwulan ke triwulan")[1].split("</section>")[0]
    assert re.search(r">Jul–Sep<tspan[^>]*>2026</tspan>", chart)
    assert '<th scope="row">Juli–September 2026</th>' in chart
    assert not re.search(r"\d{4}-Q\d", re.sub(r'href="[^"]*"', "", page))
    assert "skala 25–100" in page
    assert "dari 100" not in page


def test_with_several_governments_a_visitor_chooses_one(rated: None, client: FlaskClient) -> None:
    make_counter(make_office(make_agency("kabupaten"), "kec"))
    page = client.get("/results").text
    assert 'href="/results/kota"' in page
    assert 'href="/results/kabupaten"' in page


def test_offices_are_found_by_name_and_stand_in_the_order_of_their_names(
    rated: None, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_counter(make_office(code="bapenda"))
    page = client.get("/results/kota").text
    assert page.index("Dinas Bapenda") < page.index("Dinas Dukcapil")
    assert "belum cukup penilaian" in page
    found = client.get("/results/kota?name=DUK").text
    assert "Dinas Dukcapil" in found
    assert "Dinas Bapenda" not in found
    assert "Tidak ada kantor dengan nama itu." in client.get("/results/kota?name=%25").text
    monkeypatch.setattr("portal.transparency.queries.MOST", 1)
    first, second = (client.get(f"/results/kota?page={number}").text for number in (1, 2))
    assert "Dinas Bapenda" in first
    assert "/results/kota?page=2" in first
    assert "Dinas Dukcapil" not in first
    assert "Dinas Dukcapil" in second


def test_an_office_without_results_says_what_is_missing_and_leads_to_rating(
    app: Flask, client: FlaskClient
) -> None:
    counter = make_counter()
    page = client.get(ADDRESS).text
    assert "sedikitnya lima penilaian" in page
    assert f'href="/find/{counter.agency_id}/{counter.office_id}"' in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", "Hasil penilaian warga"),
        ("en", "October–December 2026"),
        ("jv", "Asil pambiji"),
        ("su", "Hasil peunteun"),
    ],
)
def test_it_is_read_in_four_languages(
    rated: None, client: FlaskClient, language: str, words: str
) -> None:
    page = client.get(f"{ADDRESS}?lang={language}")
    assert words in page.text
    assert "private" in page.headers["Cache-Control"]  # it brings the cookie of one reader


def test_every_quarter_keeps_its_address(rated: None, client: FlaskClient) -> None:
    assert "Oktober–Desember 2026" in client.get(f"{ADDRESS}/2026-Q4").text
    for path in (f"{ADDRESS}/2026-Q3", f"{ADDRESS}/now", "/results/kota/none", "/results/none"):
        assert client.get(path).status_code == 404


def test_the_file_has_the_figures_of_the_page(rated: None, client: FlaskClient) -> None:
    answer = client.get(f"{ADDRESS}.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["period"], row["final"], row["ratings"]) == ("2026-Q4", "0", "23")
    assert (row["index"], row["ramah"], row["cakap"]) == ("79.3", "75.0", "")
    assert (row["cause_procedure_in_fives"], row["cause_system_in_fives"]) == ("5", "")
    assert [row[f"face_{face}_in_fives"] for face in range(1, 5)] == ["0", "10", "5", "10"]


def test_pages_are_kept_by_caches_and_the_same_for_whoever_is_signed_in(
    rated: None, client: FlaskClient
) -> None:
    first = client.get(ADDRESS)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(ADDRESS, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")
    enter(client, make_account("supervisor"))
    with client.session_transaction() as session:
        session["_flashes"] = [("good", "untuk satu orang saja")]
    assert client.get(ADDRESS).data == first.data


def test_a_page_asks_the_database_few_questions(rated: None, client: FlaskClient) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    for path, most in ((ADDRESS, 5), ("/results/kota", 2), (f"{ADDRESS}.csv", 3)):
        asked.clear()
        assert client.get(path).status_code == 200
        assert len(asked) <= most, path
