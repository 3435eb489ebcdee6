"""Words of money asked for reach the inspector, and nobody else."""

import pytest
from flask import g
from sqlalchemy import select

from portal.db import db
from portal.people.models import AuditEvent
from portal.ratings.comments import for_inspector
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    sign_in,
)
from tests.ratings.test_scan_and_rate import CODE, send


def page_for(client, role: str, office=None, agency=None):
    g.pop("_login_user", None)
    sign_in(client, make_account(role, office, agency=agency))
    return client.get("/integrity")


@pytest.fixture
def alleged(app, client):
    counter = make_counter()
    make_code(counter, CODE)
    make_duty(make_employee(), counter)
    page = client.get(f"/n/{CODE}").text
    send(client, page, overall="1", comment="Saya diminta uang rokok 50 ribu")
    return counter


def test_the_inspector_reads_the_words_without_name_counter_or_time(client, alleged) -> None:
    page = page_for(client, "inspector").text
    assert "diminta uang rokok" in page
    assert "Dinas Dukcapil" in page
    assert "Sari" not in page
    assert "Loket 3" not in page
    db.session.rollback()
    assert "integrity_read" in set(db.session.scalars(select(AuditEvent.action)))


@pytest.mark.parametrize("role", ["supervisor", "coordinator", "hr", "administrator", "employee"])
def test_no_other_role_opens_the_page(client, alleged, role: str) -> None:
    assert page_for(client, role).status_code == 403


def test_an_inspector_of_another_office_or_agency_sees_nothing_of_it(client, alleged) -> None:
    other = make_office(code="kauman", name="Kelurahan Kauman", kind="kelurahan")
    assert "uang rokok" not in page_for(client, "inspector", other).text
    assert "uang rokok" not in page_for(client, "inspector", agency=make_agency("lain")).text


@pytest.mark.parametrize(
    "words",
    [
        "Ada pungli di sini",
        "Saya dimintai uang rokok",
        "disuruh bayar lebih tanpa kuitansi",
        "Petugas meraba tangan saya",
        "Kula dijaluki dhuwit",
        "Abdi dipenta duit",
        "They asked for money",
        "saya disuruh bayar 50 ribu",
        "minta Rp50.000",
        "dimintain 50rb buat rokok",
        "disuruh nambah 20rb",
        "dimintai sejumlah uang",
        "minta sedikit uang",
        "petugas minta duwit",
        "ini pemerasan",
        "asked us for money",
    ],
)
def test_words_of_a_levy_or_harassment_are_noticed(words: str) -> None:
    assert for_inspector(words)


@pytest.mark.parametrize(
    "words",
    [
        "Ramah dan cepat",
        "Kertasnya tipis",
        "Antre lama, tolong ditambah loket",
        "Gratis!",
        "Bayar pajak jadi mudah",
    ],
)
def test_ordinary_words_are_not(words: str) -> None:
    assert not for_inspector(words)
