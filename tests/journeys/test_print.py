"""The coordinator prints the counter's poster, and replaces its code when the paper is lost."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import typst
import zxingcpp
from PIL import Image
from playwright.sync_api import Route
from sqlalchemy import delete, select

from portal.clock import now as utc_now
from portal.counters.codes import new_code
from portal.counters.print_models import PrintPart, PrintRun
from portal.db import db
from portal.people.models import Account, RoleGrant
from tests.factories import (
    LONG_AGO,
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    make_service,
    save,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def coordinator_email(portal) -> str:
    with portal.app.app_context():
        agency = make_agency(uuid.uuid4().hex, name="Kabupaten Kenanga")
        office = make_office(agency, name="Mal Pelayanan Publik Kenanga")
        counter = make_counter(office, services=(make_service(agency),))
        make_code(counter, new_code())
        make_duty(make_employee(office), counter)
        email = make_account("coordinator", office).email
        db.session.remove()
    return email


def scanned_from(poster: Path) -> str:
    """What a phone reads from the printed page."""
    document = poster.with_suffix(".typ")
    document.write_text(f'#set page(margin: 0pt)\n#image("{poster.name}", width: 100%)')
    picture = poster.with_suffix(".png")
    typst.compile(document, output=picture, format="png", ppi=150)
    with Image.open(picture) as page:
        (found,) = zxingcpp.read_barcodes(page)
    return found.text


def test_the_printed_poster_leads_to_the_form_and_a_replaced_one_explains(
    portal, coordinator_email, visit, tmp_path
) -> None:
    with visit("coordinator") as coordinator:
        coordinator.sign_in(coordinator_email)
        coordinator.follow("Loket")
        coordinator.follow("Loket 3")
        page = coordinator.page
        with page.expect_download() as download:
            page.get_by_role("button", name="Unduh poster A4").click()
        download.value.save_as(tmp_path / "poster.pdf")
        address = scanned_from(tmp_path / "poster.pdf")
        assert address.startswith(f"{portal.server.address}/N/".upper())
        with visit("citizen") as citizen:
            citizen.open(address)
            citizen.sees("Ibu Sari W.")
        page.reload()
        coordinator.look("printed")
        page.get_by_text("Ganti atau cabut kode").click()
        page.get_by_label("Alasan").fill("Poster hilang dari loket")
        coordinator.look("replace")
        coordinator.press("Ganti kode")
        coordinator.sees("Kode diganti", "Poster hilang dari loket")
        page.get_by_role("button", name="Unduh poster A4").wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Unduh poster A4").click()
        download.value.save_as(tmp_path / "newer.pdf")
    newer = scanned_from(tmp_path / "newer.pdf")
    assert newer != address
    with visit("citizen-later") as citizen:
        citizen.open(address, status=410)
        citizen.sees("Kode ini sudah diganti", "Pindai kode yang baru itu")
        citizen.open(newer)
        citizen.sees("Ibu Sari W.")


@pytest.fixture
def half_printed(portal, coordinator_email) -> Iterator[str]:
    """A long print that is half finished; its coordinator also decides how the paper looks. It
    goes with the test: the next tick of the same city would try to go on with it."""
    with portal.app.app_context():
        account = db.session.scalars(select(Account).filter_by(email=coordinator_email)).one()
        key = {"agency_id": account.agency_id, "account_id": account.id}
        save(RoleGrant(role="administrator", granted_at=LONG_AGO, **key))
        asked: dict[str, object] = {"format": "poster-a4", "codes": []}
        run = save(PrintRun(asked=asked, total=200, parts=2, requested_at=utc_now(), **key))
        made = {"content": b"%PDF", "made_at": utc_now()}
        save(PrintPart(agency_id=key["agency_id"], run_id=run.id, number=1, codes=100, **made))
        path, number = f"/posters/runs/{run.id}", run.id
        db.session.remove()
    yield path
    with portal.app.app_context():
        db.session.execute(delete(PrintPart).where(PrintPart.run_id == number))
        db.session.execute(delete(PrintRun).where(PrintRun.id == number))
        db.session.commit()


def stand_still(route: Route) -> None:
    """The page of a run loads itself again after five seconds: not while it is looked at."""
    answer = route.fetch()
    kept = {name: value for name, value in answer.headers.items() if name != "refresh"}
    route.fulfill(response=answer, headers=kept)


def test_the_pages_of_the_coordinator_are_sound(coordinator_email, half_printed, visit) -> None:
    with visit("coordinator-pages") as coordinator:
        coordinator.sign_in(coordinator_email)
        for path in ("/duties", "/counters", "/counters/new", "/services", "/posters"):
            coordinator.open(path, path)
        for path in ("/printers", "/posters/look", "/walk?found=00000000"):
            coordinator.open(path, path)
        coordinator.page.route("**/posters/runs/*", stand_still)
        coordinator.open(half_printed, "half-printed")
        coordinator.sees("100 dari 200 loket", "Berkas 1, 100 loket")
        coordinator.open("/duties", "duties-again")
        coordinator.follow("Tambah penugasan")
        coordinator.press("Simpan", "duty-refused")
        assert coordinator.page.get_by_role("alert").count()
