"""Asked for money: from the counter's page to the inspectorate and back, in a browser; and a clerk
who rates for somebody without a phone."""

import uuid
from dataclasses import dataclass

import pytest

from portal import clock
from portal.counters.codes import new_code
from portal.db import db
from portal.integrity.key_actions import make_key
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
)

# The engine of the database matters to none of these.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("portal", ["sqlite"], indirect=True)]

PASSPHRASE = "sawah hujan lampu tikar"
WORDS = "Petugas meminta dua puluh ribu"


@dataclass(frozen=True)
class Place:
    """A staffed counter, and who signs in."""

    code: str
    inspector: str
    clerk: str


@pytest.fixture
def place(portal) -> Place:
    with portal.app.app_context():
        agency = make_agency(uuid.uuid4().hex, name="Kota Melati")
        office = make_office(agency, name="Kecamatan Melati Timur")
        counter = make_counter(office)
        make_duty(make_employee(office), counter)
        make_key(agency, None, PASSPHRASE, clock.now())
        people = [
            make_account("inspector", agency=agency),
            make_account("clerk", office),
        ]
        place = Place(make_code(counter, new_code()), *(account.email for account in people))
        db.session.remove()
    return place


def test_a_report_without_a_script_is_answered_by_the_inspectorate(place, visit) -> None:
    with visit("citizen", scripts=False) as citizen, visit("inspector") as inspector:
        citizen.open(f"/n/{place.code}")
        citizen.follow("Diminta uang?")
        citizen.page.get_by_label("Apa yang terjadi?").fill(WORDS)
        citizen.press("Kirim ke inspektorat", "sent")
        code = citizen.page.locator("[data-mailbox]").get_attribute("data-mailbox")
        assert code
        assert code not in citizen.page.url
        inspector.sign_in(place.inspector)
        inspector.open("/inspectorate")
        inspector.page.get_by_label("Kata sandi kunci").fill(PASSPHRASE)
        inspector.press("Buka", "opened")
        inspector.page.locator("tbody a").first.click()
        inspector.sees(WORDS)
        inspector.look("report")
        inspector.page.get_by_label("Jawaban kepada warga").fill("Kami periksa hari ini.")
        inspector.press("Kirim jawaban", "answered")
        citizen.open("/report")
        citizen.page.get_by_label("Sudah melapor?").fill(code)
        citizen.press("Buka kotak pesan", "mailbox")
        citizen.sees("Kami periksa hari ini.")
        assert WORDS not in citizen.page.content()


def test_a_clerk_rates_for_somebody_without_a_phone_and_begins_with_ballots(place, visit) -> None:
    with visit("clerk") as clerk:
        clerk.sign_in(place.clerk)
        clerk.open("/assisted")
        clerk.press("Isi untuk satu orang", "questions")
        clerk.page.get_by_label("Sangat baik").check()
        clerk.page.get_by_label("Ibu Sari W.").check()
        clerk.press("Kirim penilaian", "receipt")
        assert clerk.page.locator("[data-receipt]").count() == 1
        clerk.page.get_by_role("link", name="Loket lain").click()
        clerk.page.get_by_label("berapa lembar?").fill("2")
        clerk.press("Masukkan lembar suara", "batch")
        clerk.page.locator("#o1-4").check()
        clerk.page.locator("#o2-0").check()
        clerk.press("Simpan isian saya", "saved")
        clerk.sees("menunggu orang kedua")
        clerk.page.locator("ul.links a").first.click()
        clerk.look("ballots")
