"""A supervisor begins with what waits, takes a case and ends it; citizens read the answer."""

import uuid

import pytest

from portal.db import db
from portal.operations.due_work import tick
from portal.records.commands import release
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_office,
)
from tests.records.cast import rate

pytestmark = pytest.mark.browser

DONE = "Kursi roda sekarang ada di pintu masuk."


@pytest.fixture
def rated(portal) -> tuple[str, str]:
    """An office with a low rating among others, released and followed up: supervisor, receipt."""
    with portal.app.app_context():
        agency = make_agency(uuid.uuid4().hex, name="Kota Cempaka Raya")
        office = make_office(agency, name="Dinas Kependudukan dan Pencatatan Sipil")
        counter = make_counter(office)
        for name in ("Sari Wulandari", "Budi Santoso", "Ratna Dewi"):
            rate(counter, make_employee(office, name), 4, 4, 3, 3, 4, 4)
        low = rate(counter, None, 1, 3, 3, 4, 4, since=40, cause="facility")[0]
        found = make_account("supervisor", office).email, low.receipt
        db.session.remove()
    portal.run(release, "--now")
    portal.run(tick)
    return found


def test_a_supervisor_works_off_what_waits(portal, rated, visit) -> None:
    email, receipt = rated
    with visit("supervisor") as supervisor:
        supervisor.sign_in(email)
        supervisor.follow("Hari ini")
        supervisor.sees("1 tindak lanjut menunggu", "belum menjawab warga", "sekilas")
        supervisor.follow("1 tindak lanjut menunggu")
        supervisor.follow("Penilaian rendah")
        supervisor.press("Serahkan", "given")
    with visit("supervisor", scripts=False) as supervisor:
        supervisor.sign_in(email)
        supervisor.open("/today", "what waits")
        supervisor.follow("1 tindak lanjut menunggu", "cases")
        supervisor.follow("Penilaian rendah", "one case")
        supervisor.sees("Sedang ditangani")
        page = supervisor.page
        page.get_by_label("Sudah diperbaiki").check()
        page.get_by_label("Penjelasan untuk arsip").fill("Kursi roda dipindahkan.")
        page.get_by_label("Kami dengar").fill("Kursi roda sulit ditemukan.")
        supervisor.press("Selesaikan tindak lanjut", "half an answer")
        supervisor.sees("Isi kedua bagian jawaban")
        page.get_by_label("Kami perbaiki").fill(DONE)
        supervisor.press("Selesaikan tindak lanjut", "resolved")
        supervisor.sees("Tindak lanjut disimpan", "Selesai")
        supervisor.open("/overview", "the office in numbers")
        supervisor.open("/follow-ups/results", "results")
        supervisor.sees("1 dari 1")
        supervisor.open(f"/t/{receipt}", "receipt with the answer")
        supervisor.sees(DONE)
