"""A kiosk in a real browser: a day without network, fingers, keyboards and switches."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select, update

from portal import clock
from portal.counters.codes import new_code
from portal.counters.device_actions import await_pairing, pairing_word
from portal.counters.models import Counter, Duty
from portal.db import db
from portal.ratings.kiosk_views import HELD, MOST_SPARES
from portal.ratings.models import Rating
from tests.browser import Visitor, without_network
from tests.conftest import KEY
from tests.factories import (
    make_agency,
    make_counter,
    make_display,
    make_duty,
    make_employee,
    make_office,
)
from tests.journeys.network import Network, Portal, network_to
from tests.journeys.test_any_citizen import VOICES

# The engine of the database matters to none of these.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("portal", ["sqlite"], indirect=True)]

THANKS = "Terima kasih"


@dataclass
class Kiosk:
    """A tablet that is signed in, the network to the portal, and what the portal has of it."""

    portal: Portal
    network: Network
    tablet: BrowserContext
    counter_id: int

    @property
    def url(self) -> str:
        return f"{self.network.address}/kiosk/"

    def ratings(self) -> list[Rating]:
        with self.portal.app.app_context():
            rows = db.session.scalars(
                select(Rating).where(Rating.counter_id == self.counter_id)
            ).all()
            db.session.remove()
            return list(rows)


def paired(portal: Portal, counter_id: int) -> str:
    """The word that signs a new kiosk in at this counter."""
    with portal.app.app_context():
        place = db.session.scalars(select(Counter).where(Counter.id == counter_id)).one()
        device = make_display(place, code=new_code(), kind="kiosk", paired_at=None)
        await_pairing(device, KEY, clock.now() + timedelta(minutes=9))
        db.session.commit()
        word = pairing_word(KEY, device)
        db.session.remove()
    return word


@pytest.fixture
def kiosk(portal: Portal, browser: Browser) -> Iterator[Kiosk]:
    with portal.app.app_context():
        office = make_office(make_agency(uuid.uuid4().hex, name="Kota Cempaka Raya"))
        place = make_counter(office)
        make_duty(make_employee(office), place)
        counter_id = place.id
        db.session.remove()
    word = paired(portal, counter_id)
    with network_to(portal.server.port) as network:
        tablet = browser.new_context(
            viewport={"width": 1024, "height": 700}, locale="id-ID", has_touch=True
        )
        tablet.new_page().goto(f"{network.address}/display/{word}")
        yield Kiosk(portal, network, tablet, counter_id)
        tablet.close()


def until(page: Page, holds: str) -> None:
    """Wait for it; the page's policy lets no script be made of a text inside of it."""
    for _time in range(100):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never so: {holds}")


def test_a_day_without_network_and_a_restart_lose_nothing_and_double_nothing(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    expect(page.get_by_text("Ibu Sari W.")).to_be_visible()
    until(page, "Boolean(navigator.serviceWorker.controller)")
    until(page, "kept.spares.length >= 50")
    kiosk.network.down = True
    page.get_by_role("button", name="Kurang baik").click()
    page.get_by_role("button", name="Sistem atau jaringannya").click()
    expect(page.get_by_text("Tersimpan di tablet ini")).to_be_visible()
    for waiting, face in ((2, "Sangat baik"), (3, "Baik")):
        page.close()
        page = kiosk.tablet.new_page()
        # The tablet was switched off and on again, still without network.
        without_network(page, partial(page.goto, kiosk.url))
        expect(page.get_by_text("Tanpa jaringan")).to_be_visible()
        expect(page.get_by_text("Sari")).to_be_hidden()  # who serves now is not known
        page.get_by_role("button", name=face, exact=True).click()
        page.get_by_role("button", name="Selesai").click()
        expect(page.get_by_text(f"({waiting})")).to_be_visible()
    assert kiosk.ratings() == []
    kiosk.network.loses_answers, kiosk.network.down = True, False
    page.evaluate("send()")
    until(page, "!sending")
    kiosk.network.heal()
    page.evaluate("send()")
    until(page, "!kept.queue.length")
    found = sorted((one.overall, one.cause, one.counts_for) for one in kiosk.ratings())
    assert found == [(2, "system", "A"), (3, None, "O"), (4, None, "O")]
    assert {one.channel for one in kiosk.ratings()} == {"kiosk"}


def test_spare_forms_are_renewed_and_what_is_refused_is_put_aside_and_told(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    until(page, "kept.spares.length >= 50 && !sending")
    kiosk.network.down = True
    week = 7 * 24 * 3_600_000
    page.evaluate(
        "week => { for (const one of kept.spares) one.at -= week; fresh = null; keep(); start() }",
        week,
    )
    # Without network a form is not begun that would be too old when it is sent.
    expect(page.get_by_role("heading", name="Kios ini sedang tidak dapat")).to_be_visible()
    kiosk.network.heal()
    page.evaluate("ask()")
    expect(page.get_by_role("button", name="Sangat baik")).to_be_visible()
    until(page, f"kept.spares.filter(one => Date.now() - one.at < {week}).length >= 50")
    page.evaluate("kept.queue.push({ overall: '1', token: 'old', at: 1 }); send()")
    expect(page.get_by_text("beri tahu pengelola: 1")).to_be_visible()
    kept = page.evaluate("JSON.parse(localStorage.getItem(STORE))")
    assert [one["token"] for one in kept["aside"]] == ["old"]
    assert kept["queue"] == []
    page.evaluate("kept.aside.push({ at: Date.UTC(2026, 10, 2, 5), why: 'old' }); tell()")
    page.get_by_role("button", name="Lihat").click()
    expect(page.get_by_role("heading", name="Penilaian yang ditolak portal")).to_be_focused()
    expect(page.get_by_text("1 · 2 Nov 2026 · Terlalu lama di tablet")).to_be_visible()
    expect(page.get_by_text("bukan milik kios ini")).to_be_visible()
    page.get_by_role("button", name="Hapus dari tablet").click()
    assert page.evaluate("kept.aside.length") == 2  # a curious tap removes nothing
    page.get_by_role("button", name="Ya, hapus selamanya").click()
    expect(page.get_by_role("button", name="Sangat baik")).to_be_visible()
    expect(page.get_by_text("beri tahu pengelola")).to_be_hidden()
    assert page.evaluate("JSON.parse(localStorage.getItem(STORE)).aside") == []


def test_a_tablet_that_is_signed_in_anew_sends_what_it_held_as_another_kiosk(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    expect(page.get_by_text("Ibu Sari W.")).to_be_visible()
    until(page, "kept.spares.length >= 50 && !sending")
    kiosk.network.down = True
    page.get_by_role("button", name="Kurang baik").click()
    page.get_by_role("button", name="Selesai").click()
    expect(page.get_by_text("Tersimpan di tablet ini")).to_be_visible()
    page.close()
    kiosk.network.heal()
    word = paired(kiosk.portal, kiosk.counter_id)
    page = kiosk.tablet.new_page()
    page.goto(f"{kiosk.network.address}/display/")  # as one whose kiosk was ended sees it
    expect(page.get_by_text("belum terkirim di tablet ini: 1")).to_be_visible()
    page.goto(f"{kiosk.network.address}/display/{word}")
    until(page, "!kept.queue.length && !sending")
    assert [(one.overall, one.counts_for) for one in kiosk.ratings()] == [(2, "O")]
    assert page.evaluate("Object.keys(localStorage).length") == 1
    expect(page.get_by_text("beri tahu pengelola")).to_be_hidden()


def test_the_citizens_pages_leave_a_tablet_its_kiosk(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    until(page, "caches.has('kiosk-2')")
    until(page, "navigator.serviceWorker.controller && !sending")
    other = kiosk.tablet.new_page()
    other.goto(f"{kiosk.network.address}/")
    other.evaluate(
        "navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready)"
    )
    until(
        other,
        "navigator.serviceWorker.ready.then(worker => worker.active.state === 'activated')",
    )
    assert other.evaluate("caches.has('kiosk-2')")


def test_a_rating_is_about_whom_the_page_named_at_the_tap(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    expect(page.get_by_text("Ibu Sari W.")).to_be_visible()
    until(page, "!sending")
    page.get_by_role("button", name="Kurang baik").click()
    with kiosk.portal.app.app_context():  # her duty ends while the person thinks of a reason
        here = Duty.counter_id == kiosk.counter_id
        db.session.execute(update(Duty).where(here).values(cancelled=True))
        db.session.commit()
        db.session.remove()
    page.evaluate("ask()")
    until(page, "fresh && !fresh.names")
    page.get_by_role("button", name="Petugasnya").click()
    until(page, "!kept.queue.length")
    assert [(one.overall, one.counts_for) for one in kiosk.ratings()] == [(2, "A")]


def test_a_tablet_that_can_keep_nothing_does_not_say_that_it_kept_it(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    until(page, "!sending")
    page.evaluate("Storage.prototype.setItem = () => { throw new DOMException('', 'Quota') }; 0")
    kiosk.network.down = True
    page.get_by_role("button", name="Kurang baik").click()
    page.get_by_role("button", name="Selesai").click()
    expect(page.get_by_text("tablet ini penuh")).to_be_visible()
    expect(page.get_by_role("heading", name="Penilaian belum diterima")).to_be_focused()
    expect(page.get_by_text("Tersimpan di tablet")).to_be_hidden()


def test_back_at_the_faces_in_the_first_language_by_itself(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    page.get_by_role("link", name="EN").click()
    page.get_by_role("button", name="Very good").click()
    heading = page.get_by_role("heading", name="Thank you")
    expect(heading).to_be_visible(timeout=9_000)  # nobody gave a reason
    expect(page.get_by_role("button", name="Sangat baik")).to_be_visible(timeout=9_000)
    (rating,) = kiosk.ratings()
    assert (rating.overall, rating.cause, rating.language) == (4, None, "en")
    assert rating.counts_for == "A"


def test_the_first_tap_fills_the_screen(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    page.get_by_role("button", name="Sangat baik").tap()
    until(page, "document.fullscreenElement === document.documentElement")


def test_it_holds_forms_for_a_day_without_network_and_then_says_so(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    until(page, "kept.spares.length >= 50 && !sending")
    for _piece in range(HELD // MOST_SPARES):
        page.evaluate("ask()")
    assert page.evaluate("kept.spares.length") == HELD == 300
    kiosk.network.down = True
    page.evaluate("fresh = null; start()")
    taps = f"for (let n = 0; n < {HELD}; n++) {{ start(); rate('4'); finish(''); }} start()"
    page.evaluate(taps)
    expect(page.get_by_role("heading", name="Kios ini sedang tidak dapat")).to_be_visible()
    kept = page.evaluate("JSON.parse(localStorage.getItem(STORE))")
    assert (len(kept["queue"]), len({one["token"] for one in kept["queue"]})) == (HELD, HELD)
    assert kept["spares"] == []


def test_what_a_screen_reader_says(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    expect(page.get_by_text("Ibu Sari W.")).to_be_visible()
    expect(page.locator("body")).to_match_aria_snapshot(
        """
        - banner:
          - paragraph: Dinas Dukcapil Kota Cempaka Raya · Loket 3
          - navigation "Bahasa":
            - link "ID"
            - link "EN"
            - link "JV"
            - link "SU"
        - main:
          - heading "Bagaimana pelayanannya?" [level=1]
          - paragraph:
            - text: Yang melayani Anda Ibu Sari W.
            - checkbox "Bukan orang ini"
            - text: Bukan orang ini
          - button "Tidak baik"
          - button "Kurang baik"
          - button "Baik"
          - button "Sangat baik"
          - paragraph: Tanpa nama. Petugas tidak tahu siapa yang menilai.
        """
    )
    page.get_by_role("button", name="Kurang baik").click()
    expect(page.locator("main")).to_match_aria_snapshot(
        """
        - heading "Kalau ada masalah, karena apa?" [level=1]
        - button "Petugasnya"
        - button "Aturan atau syaratnya"
        - button "Tempat atau alatnya"
        - button "Sistem atau jaringannya"
        - button "Kembali"
        - button "Selesai"
        """
    )


def test_each_step_is_read_aloud_with_the_tablets_own_voice(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    assert page.get_by_role("button", name="Dengarkan").count() == 0  # it has none
    page.add_init_script(VOICES.replace("VOICES", "['id-ID', 'en-GB']"))
    page.reload()
    until(page, "!sending")
    page.get_by_role("button", name="Dengarkan").click()
    ((voice, words),) = page.evaluate("said")
    assert voice == "id-ID"
    told = ("Bagaimana pelayanannya?", "Ibu Sari W.", "Tidak baik", "Kurang baik", "Sangat baik")
    assert [words.index(one) for one in told] == sorted(words.index(one) for one in told)
    page.get_by_role("link", name="EN").click()
    page.get_by_role("button", name="Poor").click()
    assert page.evaluate("said") == []  # the step before is not read on
    page.get_by_role("button", name="Listen").click()
    ((voice, words),) = page.evaluate("said")
    assert voice == "en-GB"
    assert "The member of staff" in words


def test_keyboard_or_switch_reach_everything_and_get_more_time(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    page.get_by_role("button", name="Tidak baik").focus()
    for _step in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Kalau ada masalah")).to_be_focused()
    page.wait_for_timeout(6_000)  # longer than a finger is given
    for _step in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Aturan atau syaratnya")).to_be_focused()
    kiosk.network.silent = True
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=THANKS)).to_be_focused()
    expect(page.get_by_text("Mengirim…")).to_be_visible()  # received is not said before it is
    expect(page.get_by_text("Tersimpan di tablet ini")).to_be_visible()
    kiosk.network.heal()
    expect(page.get_by_text("sudah kami terima")).to_be_visible()
    until(page, "!kept.queue.length")
    (rating,) = kiosk.ratings()
    assert (rating.overall, rating.cause) == (3, "procedure")


def test_a_reason_can_be_taken_back_and_nothing_is_sent_twice(kiosk: Kiosk) -> None:
    (page,) = kiosk.tablet.pages
    page.get_by_role("button", name="Tidak baik").click()
    page.get_by_role("button", name="Kembali").click()
    page.get_by_role("button", name="Sangat baik").dblclick()
    page.get_by_role("button", name="Selesai").click()
    until(page, "!kept.queue.length")
    assert [rating.overall for rating in kiosk.ratings()] == [4]


@pytest.mark.parametrize(
    ("size", "text", "face"),
    [
        ((360, 780), 100, 150),
        ((360, 780), 200, 150),
        ((1024, 700), 100, 220),
        ((800, 1280), 100, 170),
    ],
)
def test_each_step_is_sound_at_every_size_and_the_faces_are_big(
    kiosk: Kiosk, size: tuple[int, int], text: int, face: int
) -> None:
    (page,) = kiosk.tablet.pages
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
    visitor = Visitor(page, kiosk.network.address, f"kiosk-{size[0]}-{text}", scripts=True)
    visitor.look()
    boxes = [one.bounding_box() for one in page.locator(".faces button").all()]
    assert [min(box["width"], box["height"]) >= face for box in boxes if box] == [True] * 4
    page.get_by_role("button", name="Kurang baik").click()
    visitor.look()
    page.get_by_role("button", name="Selesai").click()
    visitor.look()
