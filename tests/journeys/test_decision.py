"""The supervisor decides, the employee replies and objects, the appeals officer rules."""

import uuid
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from portal.db import db
from portal.people.models import Account, Employee, Office
from tests.conftest import NOW
from tests.factories import (
    give_password,
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_office,
    make_service,
)
from tests.records.cast import PERIOD, rate, release

pytestmark = pytest.mark.browser

GOOD = [4, 4, 3, 4, 4, 3, 4, 4] * 6
BAD = [1, 2, 1, 1, 2, 1, 1, 3] * 6


@dataclass(frozen=True)
class Cast:
    """The addresses with which everybody signs in."""

    supervisor: str
    employee: str
    appeals_officer: str


@pytest.fixture
def cast(portal) -> Cast:
    """Two clerks who are rated well, and Budi, who is not."""
    with portal.app.app_context():
        agency = make_agency(uuid.uuid4().hex, name="Kota Melati")
        above = make_office(agency, "sekretariat", name="Sekretariat Daerah")
        office = make_office(agency, name="Kecamatan Melati Timur", parent_id=above.id)
        service = make_service(agency, name="Surat pengantar SKCK")
        counter = make_counter(office, services=(service,))
        names = "Sari Wulandari", "Dewi Lestari", "Budi Santoso"
        people = [make_employee(office, name, job="Petugas loket") for name in names]
        for person, answers in zip(people, (GOOD, GOOD, BAD), strict=True):
            rate(counter, person, *answers, service_id=service.id)
        release(counter, NOW)
        budi = people[2]
        cast = Cast(
            _email("supervisor", office),
            _email("employee", office, budi),
            _email("appeals_officer", above),
        )
        db.session.remove()
    return cast


def _email(role: str, office: Office, employee: Employee | None = None) -> str:
    account: Account = give_password(make_account(role, office, employee))
    return account.email


def assert_printable(page: Page) -> None:
    """On paper the tables that are closed on the screen stand open, what is to be pressed is gone,
    and the day of printing is told."""
    closed = page.locator("details.data:not([open]) table")
    assert closed.count()
    page.emulate_media(media="print")
    for table in closed.all():
        box = table.bounding_box()
        assert box
        assert box["height"] > 30
    expect(page.get_by_text("Dicetak 23 November 2026")).to_be_visible()
    expect(page.get_by_role("link", name="Buat keputusan")).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.get_by_text("Dicetak 23 November 2026")).to_be_hidden()


def test_guidance_is_decided_answered_contested_and_ruled_on(cast, visit) -> None:
    with visit("supervisor") as supervisor:
        supervisor.sign_in_by_password(cast.supervisor)
        supervisor.follow("Catatan kinerja")
        supervisor.follow("Budi Santoso")
        supervisor.look_in_the_dark("record-dark")
        assert_printable(supervisor.page)
        supervisor.follow("Buat keputusan")
        supervisor.look_in_the_dark("decide-dark")
        supervisor.press("Catat keputusan", "decide-empty")
        assert supervisor.page.get_by_role("alert").count()
        supervisor.page.get_by_label("Pembinaan").check()
        supervisor.page.get_by_label("Alasan", exact=True).fill("Nilai warga rendah, merata.")
        supervisor.press("Catat keputusan")
        supervisor.sees("Keputusan dicatat", "Nilai warga rendah, merata.")
        decision = supervisor.page.url.rsplit("/", 1)[1]
    with visit("employee") as employee:
        employee.sign_in(cast.employee)
        employee.follow("Catatan kinerja saya")
        employee.sees("Nilai warga rendah, merata.")
        employee.open(f"/decisions/{decision}")
        employee.follow("Tanggapi")
        employee.page.get_by_label("Tanggapan Anda").fill("Bulan ini sistem sering mati.")
        employee.press("Kirim tanggapan")
        employee.sees("Bulan ini sistem sering mati.")
        employee.follow("Ajukan keberatan")
        employee.page.get_by_label("Alasan keberatan").fill("Saya menggantikan dua orang.")
        employee.press("Ajukan keberatan")
        employee.sees("Keberatan pegawai", "Saya menggantikan dua orang.")
    with visit("appeals") as appeals:
        appeals.sign_in(cast.appeals_officer)
        appeals.follow("Keberatan")
        appeals.follow("Budi Santoso")
        appeals.sees("Saya menggantikan dua orang.", "Nilai warga rendah, merata.")
        appeals.page.get_by_role("radio").first.check()
        appeals.page.get_by_label("Alasan putusan").fill("Beban kerja belum dipertimbangkan.")
        appeals.press("Catat putusan")
        appeals.sees("Putusan dicatat", "Beban kerja belum dipertimbangkan.")
    for who, email in (("employee-after", cast.employee), ("supervisor-after", cast.supervisor)):
        with visit(who) as reader:
            reader.sign_in(email)
            reader.open(f"/decisions/{decision}")
            reader.sees(
                "Nilai warga rendah, merata.",
                "Bulan ini sistem sering mati.",
                "Saya menggantikan dua orang.",
                "Beban kerja belum dipertimbangkan.",
            )


def test_the_supervisor_sees_no_figures_of_a_period_without_ratings(cast, visit) -> None:
    with visit("supervisor-empty") as supervisor:
        supervisor.sign_in(cast.supervisor)
        supervisor.open(f"/records?period={PERIOD}&advice=award_candidate", "filtered")
