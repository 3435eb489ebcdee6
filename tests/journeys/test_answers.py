"""A citizen asks for word, a coordinator answers, and everybody can read what came of it."""

import uuid

import pytest

from portal.db import db
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

HEARD = "Syarat di papan dan di loket tidak sama."
DONE = "Sejak Senin hanya ada satu daftar syarat."
NAMES = ("Sari Wulandari", "Budi Santoso", "Ratna Dewi")


@pytest.fixture
def rated(portal) -> tuple[str, str, str]:
    """An office with ratings of this quarter: its address, a receipt, its coordinator."""
    with portal.app.app_context():
        agency = make_agency(uuid.uuid4().hex, name="Kota Cempaka Raya")
        office = make_office(agency, name="Dinas Kependudukan dan Pencatatan Sipil")
        counter = make_counter(office)
        for name in NAMES:
            rate(counter, make_employee(office, name), 4, 4, 3, 2, 4, 4, ramah=3, cakap=4)
        ratings = rate(counter, None, 2, 2, 2, 2, 2, 1, since=45, cause="procedure")
        email = make_account("coordinator", office).email
        found = f"/results/{agency.code}/{office.code}", ratings[0].receipt, email
        db.session.remove()
    portal.run(release, "--now")
    return found


def test_the_citizen_hears_what_came_of_it(portal, rated, visit) -> None:
    _address, receipt, email = rated
    with visit("citizen", scripts=False) as citizen:
        citizen.open(f"/t/{receipt}")
        citizen.sees("Dihitung", "Belum. Jawaban kantor")
        code = citizen.page.locator(".code")
        code.click()  # one tap takes all of it, to be copied
        taken = citizen.page.evaluate("getSelection().toString()")
        assert taken.replace("-", "").strip() == receipt
        citizen.page.emulate_media(media="print")  # on paper: the code, and nothing to press
        assert code.is_visible()
        assert not any(one.is_visible() for one in citizen.page.locator("a.button, form").all())
        citizen.page.emulate_media(media="screen")
        citizen.page.get_by_text("Kabari saya kalau kantor menjawab").click()
        citizen.page.get_by_label("Alamat e-mail").fill("warga@surat.example")
        citizen.press("Kabari saya", "waits for word")
        citizen.sees("kami kirim satu pesan")
    with visit("coordinator") as coordinator:
        coordinator.sign_in(email)
        coordinator.follow("Jawaban kantor")
        coordinator.sees("Belum dijawab", "Aturan atau syaratnya")
        coordinator.follow("Tulis jawaban")
        coordinator.page.get_by_label("Tentang apa").select_option("procedure")
        coordinator.page.get_by_label("Kami dengar").fill("Kata Bu Ratna syaratnya berubah.")
        coordinator.page.get_by_label("Kami perbaiki").fill(DONE)
        coordinator.press("Umumkan", "somebody is named")
        coordinator.sees("jangan sebut nama (Ratna Dewi)")
        coordinator.page.get_by_label("Kami dengar").fill(HEARD)
        coordinator.press("Umumkan")
        coordinator.sees("sudah tampil untuk semua orang", HEARD)
    with visit("citizen-again") as citizen:
        citizen.open(f"/t/{receipt}")
        citizen.sees("Dijawab kantor", HEARD, DONE)
        citizen.follow("Hasil kantor ini")
        citizen.sees("Penilaian dihitung", "24", HEARD)
        for summary in citizen.page.get_by_text("Lihat sebagai tabel").all():
            summary.click()
        citizen.look("tables beside the charts")
        assert not any(name.split()[0] in citizen.page.content() for name in NAMES)


def test_anybody_finds_an_office_from_the_front_page(portal, rated, visit) -> None:
    address, _receipt, _email = rated
    with visit("reader", scripts=False) as reader:
        reader.open("/")
        reader.follow("Lihat hasil tiap kantor")
        reader.open(address.rpartition("/")[0])
        reader.follow("Dinas Kependudukan")
        reader.sees("Indeks", "Wajah yang dipilih warga", "Cara membaca")
