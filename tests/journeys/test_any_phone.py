"""A rating reaches the portal exactly once from any phone on any network."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from portal.counters.codes import new_code
from portal.db import db
from portal.ratings.models import Rating
from tests.browser import Visitor, chromium, without_network
from tests.factories import (
    make_agency,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    make_service,
)
from tests.journeys.conftest import Portal
from tests.journeys.network import Network, network_to

# The engine of the database matters to none of these.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("portal", ["sqlite"], indirect=True)]

STORED = "Tersimpan di HP, belum terkirim"
SEND = "Kirim penilaian"


@dataclass
class Counter:
    """A staffed counter, the network to it, and what the portal has of it."""

    portal: Portal
    network: Network
    code: str
    id: int

    @property
    def url(self) -> str:
        return f"{self.network.address}/n/{self.code}"

    def ratings(self) -> list[Rating]:
        with self.portal.app.app_context():
            rows = db.session.scalars(select(Rating).where(Rating.counter_id == self.id)).all()
            db.session.remove()
            return list(rows)

    def has_exactly_one(self) -> Rating:
        (rating,) = self.ratings()
        return rating


@pytest.fixture
def counter(portal) -> Iterator[Counter]:
    with portal.app.app_context():
        agency = make_agency(uuid.uuid4().hex, name="Kota Cempaka Raya")
        office = make_office(agency, name="Dinas Dukcapil")
        place = make_counter(office, services=(make_service(agency),))
        code, number = make_code(place, new_code()), place.id
        make_duty(make_employee(office), place)
        db.session.remove()
    with network_to(portal.server.port) as network:
        yield Counter(portal, network, code, number)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A phone of its own, with or without JavaScript."""
    opened = []

    def take(scripts: bool = True) -> BrowserContext:
        context = browser.new_context(
            viewport={"width": 360, "height": 780},
            locale="id-ID",
            java_script_enabled=scripts,
            has_touch=True,
        )
        context.set_default_timeout(20_000)
        opened.append(context)
        return context

    yield take
    for context in opened:
        context.close()


def opened(context: BrowserContext, counter: Counter, shelved: bool = False) -> Page:
    """The counter's page; `shelved`: until the phone keeps a copy of it."""
    page = context.new_page()
    page.goto(counter.url)
    if shelved:
        page.wait_for_function(
            "async path => navigator.serviceWorker.controller && await caches.match(path)"
            " && await caches.match('/offline')"
            " && (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'",
            arg=f"/n/{counter.code}",
        )
    return page


def choose(page: Page, face: str = "Sangat baik") -> None:
    page.get_by_text(face, exact=True).click()


def rate(page: Page, face: str = "Sangat baik") -> None:
    choose(page, face)
    page.get_by_role("button", name=SEND).click()


def thanks(page: Page) -> str:
    """The receipt, once the portal has thanked."""
    expect(page.get_by_role("heading", name="Terima kasih")).to_be_visible(timeout=20_000)
    return page.locator("main").get_attribute("data-receipt") or ""


def test_offline_between_opening_and_sending(counter, phone) -> None:
    context = phone()
    page = opened(context, counter)
    context.set_offline(True)
    rate(page)
    expect(page.get_by_role("heading", name=STORED)).to_be_focused()
    assert page.title() == f"{STORED} · Suara Loket"
    assert counter.ratings() == []
    context.set_offline(False)
    thanks(page)
    rating = counter.has_exactly_one()
    assert (rating.overall, rating.counts_for) == (4, "A")


def test_the_answer_is_lost_on_its_way_back(counter, phone) -> None:
    page = opened(phone(), counter)
    counter.network.loses_answers = True
    rate(page)
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    counter.network.heal()
    receipt = thanks(page)
    rating = counter.has_exactly_one()
    assert (rating.receipt, rating.tries >= 1) == (receipt, True)


def test_a_double_tap_sends_once(counter, phone) -> None:
    page = opened(phone(), counter)
    choose(page)
    counter.network.slow = 0.3
    page.get_by_role("button", name=SEND).dblclick()
    thanks(page)
    assert len(counter.network.sent) == 1
    assert counter.has_exactly_one().tries == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_three_impatient_taps_while_the_portal_takes_three_seconds(
    counter, phone, scripts: bool
) -> None:
    page = opened(phone(scripts), counter)
    choose(page)
    counter.network.slow = 3
    box = page.locator("form > button").bounding_box()
    assert box
    for _tap in range(3):
        page.mouse.click(box["x"] + 60, box["y"] + 20)  # waits for nothing, as fingers do
        page.wait_for_timeout(300)
    if scripts:
        expect(page.get_by_text("Mengirim…")).to_be_visible()
    thanks(page)
    assert len(counter.network.sent) == (1 if scripts else 3)
    counter.has_exactly_one()


def test_back_and_send_again_without_javascript(counter, phone) -> None:
    page = opened(phone(scripts=False), counter)
    rate(page, "Baik")
    first = thanks(page)
    page.go_back()
    rate(page, "Tidak baik")
    expect(page.locator("main")).to_contain_text("yang pertama yang berlaku")
    assert page.locator("main").get_attribute("data-receipt") == first
    assert counter.has_exactly_one().overall == 3


def test_back_after_sending_does_not_lead_to_the_form(counter, phone) -> None:
    page = phone().new_page()
    page.goto(f"{counter.network.address}/")
    page.goto(counter.url)
    rate(page)
    thanks(page)
    page.go_back()
    expect(page).to_have_url(f"{counter.network.address}/")
    page.goto(counter.url)
    expect(page.get_by_text("sudah terkirim")).to_be_visible()
    assert page.get_by_role("link", name="Lihat tanda terima").count() == 1
    counter.has_exactly_one()


def test_a_reload_loses_nothing_that_was_filled_in(counter, phone) -> None:
    page = opened(phone(), counter)
    choose(page, "Kurang baik")
    page.get_by_text("Tambahkan rincian").click()
    page.get_by_label("Komentar").fill("Antre lama")
    page.get_by_label("Aturan atau syaratnya").check()
    page.reload()
    expect(page.get_by_label("Komentar")).to_have_value("Antre lama")
    page.get_by_role("button", name=SEND).click()
    thanks(page)
    rating = counter.has_exactly_one()
    assert (rating.overall, rating.cause) == (2, "procedure")


def test_two_tabs_send_what_waits_once(counter, phone) -> None:
    context = phone()
    first, second = opened(context, counter), opened(context, counter)
    counter.network.down = True
    rate(first)
    expect(first.get_by_role("heading", name=STORED)).to_be_visible()
    counter.network.heal()
    for tab in (second, first):
        tab.evaluate("dispatchEvent(new Event('online'))")
    thanks(first)
    expect(second.get_by_text("sudah terkirim")).to_be_visible()
    counter.has_exactly_one()


def test_it_is_sent_after_the_page_was_closed(counter, phone) -> None:
    """By Background Sync, as the browser does it when the network is back."""
    context = phone()
    page = opened(context, counter, shelved=True)
    page.wait_for_function(  # the browser's own part may come up later than the worker
        "async () => (await navigator.serviceWorker.ready).sync.register('probe')"
        ".then(() => true, () => false)"
    )
    counter.network.down = True
    rate(page)
    expect(page.get_by_text("Halaman ini boleh ditutup")).to_be_visible()
    page.close()
    counter.network.heal()
    other = context.new_page()
    other.goto(f"{counter.network.address}/healthz")
    session = context.new_cdp_session(other)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    other.wait_for_timeout(200)
    session.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": counter.network.address,
            "registrationId": found[-1],
            "tag": "send",
            "lastChance": False,
        },
    )
    for _moment in range(50):
        if counter.ratings():
            break
        other.wait_for_timeout(100)
    counter.has_exactly_one()
    other.goto(f"{counter.network.address}/")
    other.get_by_role("link", name="Lihat tanda terima").click()
    receipt = counter.ratings()[0].receipt
    expect(other.locator("main")).to_have_attribute("data-receipt", receipt)
    other.goto(f"{counter.network.address}/")
    other.wait_for_load_state("networkidle")
    assert other.get_by_text("sudah terkirim").count() == 0


def test_the_phone_is_restarted_before_it_could_send(counter, browser, tmp_path) -> None:
    """What was stored is on the disk, not in the browser's memory."""

    def switch_on() -> BrowserContext:
        return browser.browser_type.launch_persistent_context(
            tmp_path, executable_path=chromium(), args=["--no-sandbox"], locale="id-ID"
        )

    context = switch_on()
    page = opened(context, counter)
    counter.network.down = True
    rate(page, "Baik")
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    context.close()
    counter.network.heal()
    context = switch_on()
    page = context.new_page()
    page.goto(f"{counter.network.address}/")
    expect(page.get_by_text("sudah terkirim")).to_be_visible()
    context.close()
    assert counter.has_exactly_one().overall == 3


def test_while_the_database_changes_over_the_phone_waits_as_long_as_it_is_told(
    counter, phone
) -> None:
    page = opened(phone(), counter)
    counter.network.failing_over = 2
    rate(page)
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    for _impulse in range(5):
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(300)
    assert len(counter.network.sent) == 1
    counter.network.heal()
    thanks(page)
    first, second = counter.network.sent
    assert 2 <= second - first <= 6
    counter.has_exactly_one()


def test_whoever_does_not_want_to_wait_sends_by_hand(counter, phone) -> None:
    page = opened(phone(), counter)
    counter.network.failing_over = 600
    rate(page)
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    counter.network.heal()
    page.get_by_role("button", name="Coba kirim sekarang").click()
    thanks(page)
    counter.has_exactly_one()


def test_a_counter_opened_before_opens_without_network_once(counter, phone) -> None:
    context = phone()
    page = opened(context, counter, shelved=True)
    context.set_offline(True)
    typed = f"{counter.network.address}/N/{counter.code.lower()}"
    without_network(page, lambda: page.goto(typed))
    expect(page.get_by_text("dihitung untuk kantor saja")).to_be_visible()
    assert page.get_by_text("Sari").count() == 0
    rate(page, "Kurang baik")
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    again = context.new_page()
    without_network(again, lambda: again.goto(counter.url))
    expect(again.get_by_role("heading", name="Tidak ada jaringan")).to_be_visible()
    context.set_offline(False)
    thanks(page)
    rating = counter.has_exactly_one()
    assert (rating.overall, rating.counts_for, rating.employee_id) == (2, "O", None)
    assert (rating.channel, rating.attributed_by) == ("poster", "opened_offline")


def test_a_new_release_of_the_worker_keeps_what_waits_and_what_opens_offline(
    counter, phone
) -> None:
    context = phone()
    page = opened(context, counter, shelved=True)
    counter.network.down = True
    rate(page)
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    counter.network.heal()
    counter.network.release = "the next release"
    other = context.new_page()
    other.goto(f"{counter.network.address}/healthz")
    other.evaluate(
        """async () => {
          const worker = await navigator.serviceWorker.ready;
          const before = worker.active;
          await worker.update();
          while (worker.active === before || worker.active.state !== 'activated')
            await new Promise(done => setTimeout(done, 20));
        }"""
    )
    thanks(page)
    context.set_offline(True)
    without_network(other, lambda: other.goto(counter.url))
    expect(other.get_by_text("dihitung untuk kantor saja")).to_be_visible()
    counter.has_exactly_one()


def test_a_full_phone_sends_all_the_same(counter, phone) -> None:
    context = phone()
    context.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError') };"
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') };"
        "Cache.prototype.put = async () => { throw new DOMException('', 'QuotaExceededError') };"
    )
    page = opened(context, counter)
    rate(page)
    thanks(page)
    page = opened(context, counter)
    counter.network.down = True
    rate(page, "Baik")
    expect(page.get_by_text("HP ini tidak dapat menyimpannya")).to_be_visible()
    counter.network.heal()
    page.get_by_role("button", name=SEND).click()
    thanks(page)
    assert sorted(rating.overall for rating in counter.ratings()) == [3, 4]


@pytest.mark.parametrize("years", [-1, 1])
def test_a_clock_that_is_a_year_wrong_and_then_set_right(counter, phone, years: int) -> None:
    context = phone()
    context.add_init_script(
        "const right = Date.now; Date.now = () => right() + Number(self.name || 0) * 31536e6"
    )
    page = context.new_page()
    page.evaluate("years => { self.name = years }", str(years))
    page.goto(counter.url)
    counter.network.down = True
    rate(page)
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    counter.network.heal()
    page.evaluate("self.name = '0'")
    page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    thanks(page)
    rating = counter.has_exactly_one()
    assert rating.received_at
    assert rating.issued_at
    assert 0 <= (rating.received_at - rating.issued_at).total_seconds() < 120


@pytest.mark.parametrize("scripts", [True, False])
def test_the_language_is_switched_midway(counter, phone, scripts: bool) -> None:
    page = opened(phone(scripts), counter)
    choose(page, "Kurang baik")
    page.get_by_text("Tambahkan rincian").click()
    page.get_by_label("Komentar").fill("Antre lama")
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.get_by_role("heading", name="How was the service?")).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("Antre lama")
    expect(page.locator("[name=overall]:checked")).to_have_value("2")
    page.get_by_role("button", name="Send rating").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    rating = counter.has_exactly_one()
    assert (rating.overall, rating.language, rating.counts_for) == (2, "en", "A")


def test_text_of_twice_the_size_fits_on_a_narrow_phone(counter, phone) -> None:
    visitor = Visitor(opened(phone(), counter), counter.network.address, "any-phone-large", True)
    page = visitor.page
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.get_by_text("Tambahkan rincian").click()
    visitor.look("text-200")
    size = page.get_by_text("Sangat baik", exact=True).evaluate(
        "one => getComputedStyle(one).fontSize"
    )
    assert float(size.removesuffix("px")) >= 26
    rate(page)
    thanks(page)


def test_with_the_keyboard_alone(counter, phone) -> None:
    page = opened(phone(), counter)
    keys = page.keyboard
    for _tab in range(40):
        keys.press("Tab")
        if page.evaluate("document.activeElement.name") == "overall":
            break
    keys.press("Space")
    keys.press("ArrowRight")
    assert page.locator("[name=overall]:checked").get_attribute("value") == "2"
    keys.press("Enter")  # as in any form, sends; it must not switch the language
    thanks(page)
    assert counter.has_exactly_one().overall == 2


def test_what_a_screen_reader_says(counter, phone) -> None:
    page = opened(phone(), counter)
    expect(page.locator("main")).to_match_aria_snapshot(
        """
        - navigation "Bahasa":
          - button "ID"
          - button "EN"
          - button "JV"
          - button "SU"
        - status
        - text: Dinas Dukcapil Kota Cempaka Raya · Loket 3 Yang melayani Anda Ibu Sari W.
        - group: + Bukan orang ini?
        - group "Bagaimana pelayanannya?":
          - heading "Bagaimana pelayanannya?" [level=1]
          - radio "Tidak baik"
          - text: Tidak baik
          - radio "Kurang baik"
          - text: Kurang baik
          - radio "Baik"
          - text: Baik
          - radio "Sangat baik"
          - text: Sangat baik
        - group: + Tambahkan rincian (boleh dilewati)
        - button "Kirim penilaian"
        - status
        - paragraph:
          - text: Tanpa nama. Petugas tidak tahu siapa yang menilai.
          - link "Diminta uang? Lapor di sini"
        """
    )


VOICES = """
const said = [];
Object.defineProperty(self, 'speechSynthesis', {value: {
  getVoices: () => VOICES.map(lang => ({lang, name: lang})),
  cancel: () => said.length = 0,
  speak: words => said.push([words.lang, words.text]),
  addEventListener: () => 0,
}});
self.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
self.said = said;
"""


@pytest.mark.parametrize(
    ("language", "voice", "question"),
    [
        ("id", "id-ID", "Bagaimana pelayanannya?"),
        ("en", "en-GB", "How was the service?"),
        ("jv", "id-ID", "Pripun pelayananipun?"),  # no Javanese voice: an Indonesian one
    ],
)
def test_the_question_is_read_aloud_with_the_phones_own_voice(
    counter, phone, language: str, voice: str, question: str
) -> None:
    page = phone().new_page()
    page.add_init_script(VOICES.replace("VOICES", "['en-GB', 'id-ID']"))
    page.goto(f"{counter.url}?lang={language}")
    page.locator("button.listen").click()
    ((spoken, words),) = page.evaluate("said")
    assert spoken == voice
    assert question in words
    assert "Ibu Sari W." in words  # who served, and the four answers in their order
    answers = page.locator(".faces span").all_text_contents()
    places = [words.index(answer) for answer in answers]
    assert len(places) == 4
    assert places == sorted(places)


def test_a_phone_without_a_voice_for_the_language_offers_none(counter, phone) -> None:
    page = phone().new_page()
    page.add_init_script(VOICES.replace("VOICES", "['de-DE']"))
    page.goto(counter.url)
    expect(page.get_by_role("button", name=SEND)).to_be_visible()
    expect(page.locator("button.listen")).to_have_count(0)


CAMERA = """
navigator.mediaDevices.getUserMedia = async asked => {
  self.asked = asked;
  if (self.refuses) throw new DOMException('', 'NotAllowedError');
  return self.stream = document.createElement('canvas').captureStream();
};
self.BarcodeDetector = class {
  static getSupportedFormats = async () => ['ean_13', 'qr_code'];
  detect = async () => (self.seen || []).map(rawValue => ({rawValue}));
};
"""


def test_the_camera_reads_the_code_of_a_counter_and_of_no_other_site(counter, phone) -> None:
    page = phone().new_page()
    page.add_init_script(CAMERA)
    page.goto(f"{counter.network.address}/")
    page.get_by_role("button", name="Pindai dengan kamera").click()
    expect(page.get_by_text("Arahkan kamera ke kode QR di loket.")).to_be_visible()
    assert page.evaluate("asked") == {"video": {"facingMode": "environment"}}
    page.evaluate(f"seen = ['https://example.org/n/{counter.code}', 'tel:112']")
    expect(page.get_by_text("Kode QR ini bukan kode loket.")).to_be_visible()
    page.get_by_role("button", name="Tutup kamera").click()
    assert page.evaluate("stream.getTracks().every(track => track.readyState === 'ended')")
    page.get_by_role("button", name="Pindai dengan kamera").click()
    printed = f"{counter.network.address}/N/{counter.code}".upper()
    page.evaluate(f"seen = ['{printed}']")
    expect(page).to_have_url(f"{counter.network.address}/N/{counter.code}")
    rate(page)
    thanks(page)
    counter.has_exactly_one()


def test_who_refuses_the_camera_types_and_who_has_no_reader_is_offered_none(counter, phone) -> None:
    page = phone().new_page()
    page.add_init_script(f"{CAMERA} self.refuses = true;")
    page.goto(f"{counter.network.address}/")
    page.get_by_role("button", name="Pindai dengan kamera").click()
    expect(page.get_by_text("Ketik saja kode di bawah kode QR.")).to_be_visible()
    other = phone().new_page()
    other.add_init_script("delete self.BarcodeDetector")
    other.goto(f"{counter.network.address}/", wait_until="networkidle")
    expect(other.get_by_role("button", name="Buka")).to_be_visible()
    assert other.get_by_role("button", name="kamera").count() == 0
