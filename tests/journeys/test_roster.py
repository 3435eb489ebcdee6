"""A coordinator fills the week, by thumb without scripts and by dragging; an employee begins."""

import uuid
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from portal import clock
from portal.counters.codes import new_code
from portal.counters.roster import monday_of
from portal.db import db
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


def next_monday() -> date:
    return monday_of(clock.real_now().date()) + timedelta(days=7)


@pytest.fixture
def cast(portal) -> SimpleNamespace:
    with portal.app.app_context():
        agency = make_agency(uuid.uuid4().hex, name="Kabupaten Kenanga")
        office = make_office(agency, name="Mal Pelayanan Publik Kenanga")
        sari = make_employee(office)
        three = make_counter(office, services=(make_service(agency),))
        found = SimpleNamespace(
            office=office.id,
            sari=sari.id,
            three=three.id,
            four=make_counter(office, "Loket 4").id,
            code=make_code(three, new_code()),
            administrator=make_account("administrator", office).email,
            coordinator=make_account("coordinator", office).email,
            phone=make_account("employee", office, sari).email,
        )
        db.session.remove()
    return found


def test_the_week_is_filled_cell_by_cell_without_a_script(visit, cast) -> None:
    monday = next_monday()
    with visit("coordinator", scripts=False) as keeper:
        keeper.sign_in(cast.coordinator)
        keeper.open(f"/roster?office={cast.office}&day={monday}", "empty week")
        page = keeper.page
        page.get_by_label("Pegawai", exact=True).select_option(str(cast.sari))
        for counter, day in ((cast.three, monday), (cast.four, monday + timedelta(days=1))):
            button = page.locator(f'button[value="{counter}:{day}"]')
            button.focus()
            page.keyboard.press("Enter")
            cell = page.locator(f"#cell-{counter}-{day}")
            expect(cell).to_contain_text("Sari Wulandari")
            keeper.look("placed")
        page.locator(f"#cell-{cast.three}-{monday} a").click()
        expect(page.locator("h1")).to_contain_text("Ubah jadwal")
        keeper.look("move")
        page.get_by_label("Loket", exact=True).select_option(str(cast.four))
        page.get_by_role("button", name="Simpan", exact=True).click()
        expect(page.locator(f"#cell-{cast.four}-{monday}")).to_contain_text("Sari Wulandari")
        keeper.look("moved")


@pytest.mark.parametrize("width", ["desk"])  # for a mouse; a thumb has the form
def test_a_name_is_dragged_to_another_counter(visit, cast) -> None:
    monday = next_monday()
    with visit("coordinator") as keeper:
        keeper.sign_in(cast.coordinator)
        keeper.open(f"/roster?office={cast.office}&day={monday}", "empty week")
        page = keeper.page
        page.get_by_label("Pegawai", exact=True).select_option(str(cast.sari))
        page.locator(f'button[value="{cast.three}:{monday}"]').click()
        expect(page.locator("[data-duty]")).to_be_visible()
        keeper.look("placed")
        target = page.locator(f"#cell-{cast.four}-{monday + timedelta(days=2)}")
        page.locator("[data-duty]").drag_to(target)
        expect(target).to_contain_text("Sari Wulandari")
        keeper.look("dragged")
        keeper.open(f"/coverage?office={cast.office}&day={monday}", "coverage")


def test_the_pages_around_the_roster_are_sound(visit, cast) -> None:
    monday = next_monday()
    with visit("keeper") as keeper:
        keeper.sign_in(cast.coordinator)
        for path in ("patterns", "swaps", "import", "leaves"):
            keeper.open(f"/roster/{path}?office={cast.office}", path)
        keeper.open(f"/roster?office={cast.office}&day={monday}&alone={monday}", "one day")
        keeper.open(f"/coverage?office={cast.office}&day={monday}", "coverage")
        keeper.page.locator(".covers summary").first.click()
        keeper.look("coverage of a counter")
    with visit("administrator") as administrator:
        administrator.sign_in(cast.administrator)
        administrator.open("/integrations", "integrations")


def test_the_scanned_code_begins_a_duty(visit, cast) -> None:
    with visit("employee") as employee:
        employee.sign_in(cast.phone)
        employee.page.goto(f"{employee.address}/n/{cast.code}")
        employee.page.get_by_role("link", name="Petugas? Mulai bertugas di Loket 3").click()
        expect(employee.page.locator("h1")).to_contain_text("Mulai bertugas")
        employee.look("scanned")
        employee.page.get_by_role("button", name="Mulai bertugas di Loket 3").click()
        expect(employee.page.locator("h1")).to_have_text("Check-in")
        employee.look("begun")
        employee.sees("Anda sedang bertugas di", "Loket 3")
        employee.open("/my-roster", "my roster")
