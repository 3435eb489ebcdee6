"""A day at a counter: its screen, who begins there, tickets on a phone and on paper, the walk."""

import io
import uuid
from dataclasses import dataclass

import pytest
import zxingcpp
from PIL import Image

from portal.counters.codes import new_code
from portal.db import db
from tests.browser import without_network
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_employee,
    make_office,
    make_service,
)

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Cast:
    coordinator: str
    employee: str
    code: str


@pytest.fixture
def cast(portal) -> Cast:
    with portal.app.app_context():
        agency = make_agency(uuid.uuid4().hex, name="Kabupaten Kenanga")
        office = make_office(agency, name="Mal Pelayanan Publik Kenanga")
        services = (make_service(agency), make_service(agency, "kk", name="Kartu Keluarga"))
        counter = make_counter(office, services=services)
        found = Cast(
            make_account("coordinator", office).email,
            make_account("employee", office, make_employee(office)).email,
            make_code(counter, new_code()),
        )
        db.session.remove()
    return found


def scanned(page, inside: str) -> str:
    """What a phone reads off a screen."""
    shot = page.locator(inside).screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(shot)))
    return found.text


def test_a_screen_is_set_up_shows_its_code_offline_and_lets_an_employee_begin(cast, visit):
    with visit("coordinator") as coordinator, visit("screen") as screen:
        coordinator.sign_in(cast.coordinator)
        coordinator.open("/counters", "counters")
        coordinator.follow("Loket 3")
        coordinator.press("Pasang layar", "to-be-paired")
        word = coordinator.page.locator(".big-code").inner_text()
        screen.open("/display/", "to-be-paired")
        screen.page.get_by_label("Kode pasang").fill(word)
        screen.press("Hubungkan", "nobody-there")
        screen.sees("Belum ada petugas yang tercatat")
        address = scanned(screen.page, "[data-picture] svg")
        with visit("employee") as employee:
            employee.sign_in(cast.employee)
            employee.open(address)
            employee.follow("Petugas? Mulai bertugas di Loket 3", "begin")
            employee.press("Mulai bertugas di Loket 3", "begun")
        screen.page.reload()
        screen.look("somebody-there")
        screen.sees("Ibu Sari W.")
        with visit("citizen") as citizen:
            citizen.open(scanned(screen.page, "[data-picture] svg"))
            citizen.sees("Ibu Sari W.")
        page = screen.page
        page.goto(f"{screen.address}/display/?lang=en")
        page.goto(f"{screen.address}/display/?lang=id")
        page.wait_for_function("navigator.serviceWorker.controller !== null")
        page.reload()
        page.context.set_offline(True)
        screen.complaints.clear()
        without_network(page, page.reload)
        assert page.locator("html").get_attribute("lang") == "id"
        screen.sees("Nilai pelayanan di Loket 3")
        assert scanned(page, "[data-picture] svg").startswith(address.rpartition("/")[0])


def test_a_ticket_is_made_with_one_tap_shown_and_used_once(cast, visit):
    with visit("employee-tickets") as employee:
        employee.sign_in(cast.employee)
        employee.open("/tickets", "nobody-to-serve")
        employee.open("/check-in", "check-in")
        employee.page.locator(".counter-button").first.click()
        employee.look("begun")
        employee.open("/tickets", "one-tap")
        employee.press("Buat karcis: Kartu Keluarga", "ticket")
        address = scanned(employee.page, ".slip-picture svg")
        employee.page.get_by_text("Cetak di kertas struk").click()
        employee.look("ticket-on-paper")
        for width in ("58", "80"):
            with employee.page.expect_download() as download:
                employee.page.get_by_role("link", name=f"{width} mm (PDF)").click()
            assert download.value.suggested_filename == f"karcis-{width}.pdf"
        with visit("citizen-ticket") as citizen:
            citizen.open(address)
            citizen.sees("Ibu Sari W.", "Kartu Keluarga")
            citizen.page.get_by_text("Baik", exact=True).click()
            citizen.send_rating()
            citizen.open(address, "used", status=410)


def test_the_coordinators_pages_of_tickets_screens_and_posters_are_sound(cast, visit):
    with visit("coordinator-day") as coordinator:
        coordinator.sign_in(cast.coordinator)
        page = coordinator.page
        coordinator.open("/counters", "counters")
        coordinator.follow("Loket 3", "counter")
        coordinator.follow("Lembar karcis sobek", "sheets")
        coordinator.press("Buat lembar karcis", "sheet")
        page.get_by_label("Kertas").select_option("roll58")
        coordinator.press("Tampilkan", "sheet-on-receipt-paper")
        with page.expect_download() as download:
            page.get_by_role("link", name="Unduh untuk dicetak").click()
        assert download.value.suggested_filename == "karcis-loket-3-roll58.pdf"
        coordinator.open("/tickets/shifts", "tickets-by-duty")
        coordinator.open("/displays", "displays")
        coordinator.open(f"/n/{cast.code}", "poster")
        coordinator.follow("Koordinator? Catat poster ini sudah diperiksa", "check-poster")
        coordinator.press("Ya, catat sebagai diperiksa", "walk")
        coordinator.sees("1 dari 1 poster diperiksa bulan ini")
        page.locator(".walk summary").first.click()
        coordinator.look("walk-open")
