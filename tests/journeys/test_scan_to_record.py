"""A citizen scans the code at the counter and rates; the rating reaches the employee's record."""

import io
import re
import uuid

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Route, expect

from portal.counters.codes import new_code
from portal.counters.printing.making import House, Piece, order_for, picture
from portal.db import db
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    make_service,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def office(portal) -> tuple[str, str]:
    """A staffed counter: what its poster's QR holds, and its supervisor's address."""
    with portal.app.app_context():
        agency = make_agency(uuid.uuid4().hex, name="Kota Cempaka Raya")
        office = make_office(agency, name="Dinas Kependudukan dan Pencatatan Sipil")
        services = tuple(
            make_service(agency, code, name=name)
            for code, name in (("ktp", "KTP-el"), ("kk", "Kartu Keluarga"))
        )
        counter = make_counter(office, services=services)
        code = make_code(counter, new_code())
        make_duty(make_employee(office), counter)
        house, piece = House(agency.name, "KC"), Piece(code, office.name, counter.label)
        email = make_account("supervisor", office).email
        db.session.remove()
    poster = picture([piece], order_for("poster-a4", portal.server.address), house)
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(poster)))
    assert found.text == f"{portal.server.address}/N/{code}".upper()
    return found.text, email


def test_five_scans_reach_the_record_that_the_supervisor_reads(portal, office, visit) -> None:
    scanned, supervisor_email = office
    receipts = set()
    for number in range(5):
        with visit(f"citizen{number}", scripts=number == 0) as citizen:
            citizen.open(scanned)
            citizen.sees("Ibu Sari W.", "Loket 3")
            assert citizen.page.locator("[name=overall]:checked").count() == 0
            citizen.page.get_by_text("Sangat baik" if number else "Baik", exact=True).click()
            citizen.send_rating()
            citizen.sees("Terima kasih", "sudah kami terima")
            receipts.add(citizen.page.locator("main").get_attribute("data-receipt"))
    assert len(receipts) == 5
    portal.server.run("release", "--now")
    with visit("supervisor") as supervisor:
        supervisor.sign_in(supervisor_email)
        supervisor.follow("Catatan kinerja")
        supervisor.follow("Sari Wulandari")
        record = supervisor.page.locator("main")
        assert record.get_attribute("data-counted") == "5"
        assert record.get_attribute("data-set-aside") == "0"
        low, score, high = (
            float(record.get_attribute(name) or "")
            for name in ("data-score-lo", "data-score", "data-score-hi")
        )
        assert 25 <= low < score < high <= 100
    with visit("citizen-again") as citizen:
        citizen.open(f"/t/{receipts.pop()}")
        assert citizen.page.locator("main").get_attribute("data-state") == "counted"


def test_details_comment_and_not_this_person_without_javascript(office, visit) -> None:
    with visit("citizen-details", scripts=False) as citizen:
        citizen.open(office[0])
        page = citizen.page
        page.get_by_text("Bukan orang ini?").click()
        page.get_by_label("Orang lain").check()
        page.get_by_text("Tambahkan rincian").click()
        page.get_by_label("Komentar").fill("Antre tiga jam, petugasnya ramah.")
        citizen.look("details")
        citizen.press("Kirim penilaian")  # without a face: the browser asks for one
        assert page.locator("[data-rating-form]").count() == 1
        page.get_by_text("Kurang baik", exact=True).click()
        citizen.send_rating()
        citizen.sees("Terima kasih")
        page.get_by_text("Tarik kembali penilaian ini").click()
        citizen.press("Ya, tarik kembali")
        assert page.locator("main").get_attribute("data-state") == "withdrawn"


def test_a_rating_is_given_with_styles_and_scripts_off(office, visit) -> None:
    def bare(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        text = re.sub("<style.*?</style>", "", answer.text(), flags=re.DOTALL)
        route.fulfill(response=answer, body=text)

    with visit("citizen-bare", scripts=False) as citizen:
        page = citizen.page
        page.route("**/*", bare)
        page.goto(office[0])
        assert page.evaluate("document.styleSheets.length") == 0
        page.get_by_label("Kurang baik", exact=True).check()
        page.get_by_role("button", name="Kirim penilaian", exact=True).click()
        expect(page.locator("[data-receipt]")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Terima kasih")


def test_pages_without_a_code_show_the_way(portal, office, visit) -> None:
    with visit("lost") as citizen:
        citizen.open("/")
        citizen.open("/n/ZZZZZZZZ", status=404)
        citizen.sees("Kode tidak dikenal")
        citizen.open("/nothing-here", status=404)
        citizen.open("/sign-in")
        citizen.follow("Lupa kata sandi?")
        citizen.open("/")
        page = citizen.page
        page.get_by_text("Kota Cempaka Raya").first.click()
        page.get_by_role("link", name="Dinas Kependudukan").first.click()
        citizen.look("counters")
        citizen.follow("Loket 3")
        citizen.page.get_by_text("Baik", exact=True).click()
        citizen.send_rating()
        citizen.sees("Terima kasih")
