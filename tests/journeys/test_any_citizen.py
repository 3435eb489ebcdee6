"""Whoever the citizen is: any language, large letters, no mouse, a screen reader, a voice."""

from datetime import time

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from portal.counters.models import Counter, CounterService
from portal.db import db
from portal.people.models import Agency, Office
from tests.browser import Visitor, without_network
from tests.factories import make_duty, make_employee, make_service, save
from tests.journeys.phones import SEND, STORED, choose, opened, rate, thanks
from tests.journeys.phones import Counter as Place

# The engine of the database matters to none of these.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("portal", ["sqlite"], indirect=True)]


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


def test_what_is_typed_on_other_pages_outlives_a_switch_of_language(counter, phone) -> None:
    """Without JavaScript: on the front page, a page that explains, a receipt, and of reports."""
    page = phone(scripts=False).new_page()
    pages = [("/", "code"), ("/n/ZZZZZZZZ", "code"), ("/report", "code")]
    for path, name in pages:
        page.goto(f"{counter.network.address}{path}?lang=id")
        page.locator(f"[name={name}]").fill("7k3m")
        page.get_by_role("button", name="SU", exact=True).click()
        expect(page.locator("html")).to_have_attribute("lang", "su")
        expect(page.locator(f"[name={name}]")).to_have_value("7k3m")
    page.goto(f"{counter.url}?lang=id")
    rate(page)
    receipt = thanks(page)
    page.get_by_text("Kabari saya kalau kantor menjawab").click()
    page.locator("[name=address]").fill("warga@contoh.id")
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.locator("main")).to_have_attribute("data-receipt", receipt)
    expect(page.locator("[name=address]")).to_be_visible()
    expect(page.locator("[name=address]")).to_have_value("warga@contoh.id")


def test_the_copy_that_opened_offline_changes_its_language_once_there_is_a_network(
    counter, phone
) -> None:
    context = phone()
    page = opened(context, counter, shelved=True)
    context.set_offline(True)
    without_network(page, lambda: page.goto(counter.url))
    choose(page, "Kurang baik")
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.get_by_text("Bahasa lain perlu jaringan")).to_be_visible()
    expect(page.locator("[name=overall]:checked")).to_have_value("2")
    context.set_offline(False)
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.get_by_text("counts for the office only")).to_be_visible()
    expect(page.locator("[name=overall]:checked")).to_have_value("2")
    page.get_by_role("button", name="Send rating").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    rating = counter.has_exactly_one()
    assert (rating.counts_for, rating.attributed_by) == ("O", "opened_offline")


def test_the_copy_for_later_holds_nothing_of_what_was_filled_in_before_a_switch(
    counter, phone
) -> None:
    with counter.portal.app.app_context():
        place = db.session.scalars(select(Counter).where(Counter.id == counter.id)).one()
        agency = db.session.get_one(Agency, place.agency_id)
        card = make_service(agency, code="kk", name="Kartu Keluarga")
        save(CounterService(agency_id=agency.id, counter_id=place.id, service_id=card.id))
        db.session.remove()
    context = phone()
    page = opened(context, counter)
    choose(page, "Kurang baik")
    page.get_by_text("Tambahkan rincian").click()
    page.get_by_label("Layanan").select_option(label="Kartu Keluarga")
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.get_by_label("Service")).not_to_have_value("")
    page.wait_for_function(
        "async path => navigator.serviceWorker.controller"
        " && (await (await caches.match(path))?.text())?.includes('How was')",
        arg=f"/n/{counter.code}",
    )
    page.close()  # the draft of this tab goes with it
    page = context.new_page()
    context.set_offline(True)
    without_network(page, lambda: page.goto(counter.url))
    expect(page.get_by_text("counts for the office only")).to_be_visible()
    expect(page.locator("[name=service]")).to_have_value("")
    expect(page.locator("[name=overall]:checked")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_missing_is_said_in_the_language_of_the_page_and_not_of_the_phone(
    counter, phone, scripts: bool
) -> None:
    """The phone is Indonesian, the page English; a bubble of the browser's would stop the form."""
    page = phone(scripts).new_page()
    page.goto(f"{counter.url}?lang=en")
    page.get_by_role("button", name="Send rating").click()
    problem = page.get_by_role("alert")
    expect(problem).to_have_text("Choose one of the faces first, then send.")
    if scripts:
        first = page.locator("#o1")
        expect(first).to_be_focused()
        expect(first).to_have_accessible_description("Choose one of the faces first, then send.")
        assert counter.network.sent == []
    else:
        expect(problem).to_be_focused()
    page.locator("label[for=o4]").click()
    if scripts:
        expect(problem).to_have_count(0)
    page.get_by_role("button", name="Send rating").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.get_by_text("Tell me when the office answers").click()
    page.locator("[name=address]").fill("warga")
    page.get_by_role("button", name="Tell me", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This is no e-mail address")
    expect(page.locator("[name=address]")).to_be_focused()
    expect(page.locator("[name=address]")).to_have_value("warga")
    page.goto(f"{counter.network.address}/")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_have_text("Type the code first.")
    counter.has_exactly_one()


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
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    visitor.look("receipt-200")


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
        - group: Bukan orang ini?
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
        - group: Tambahkan rincian (boleh dilewati)
        - button "Kirim penilaian"
        - status
        - paragraph:
          - text: Tanpa nama. Petugas tidak tahu siapa yang menilai.
          - link "Diminta uang? Lapor di sini"
          - link "Privasi Anda"
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
        ("su", "su-ID", "Kumaha palayananana?"),
    ],
)
def test_the_question_is_read_aloud_with_the_phones_own_voice(
    counter, phone, language: str, voice: str, question: str
) -> None:
    page = phone().new_page()
    page.add_init_script(VOICES.replace("VOICES", "['en-GB', 'id-ID', 'su-ID']"))
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


def test_where_two_serve_the_names_to_choose_from_are_read_too(counter, phone) -> None:
    with counter.portal.app.app_context():
        place = db.session.scalars(select(Counter).where(Counter.id == counter.id)).one()
        office = db.session.get_one(Office, (place.agency_id, place.office_id))
        make_duty(make_employee(office, name="Budi Santoso"), place)
        db.session.remove()
    words = read_aloud(phone(), counter)
    asked = ("Siapa yang melayani Anda?", "Budi S.", "Tidak tahu", "Bagaimana pelayanannya?")
    assert [words.index(one) for one in asked] == sorted(words.index(one) for one in asked)
    assert "Sari W." in words


def test_where_the_counter_is_closed_the_question_of_the_shift_is_read_too(counter, phone) -> None:
    with counter.portal.app.app_context():
        place = db.session.scalars(select(Counter).where(Counter.id == counter.id)).one()
        db.session.get_one(Agency, place.agency_id).closes_at = time(9)  # an hour ago
        db.session.commit()
        db.session.remove()
    assert "Loket ini sedang tutup. Kapan Anda dilayani?" in read_aloud(phone(), counter)


def read_aloud(context: BrowserContext, counter: Place) -> str:
    page = context.new_page()
    page.add_init_script(VOICES.replace("VOICES", "['id-ID']"))
    page.goto(counter.url)
    page.locator("button.listen").click()
    ((_voice, words),) = page.evaluate("said")
    return str(words)


def test_listening_after_sending_tells_what_became_of_the_rating(counter, phone) -> None:
    page = phone().new_page()
    page.add_init_script(VOICES.replace("VOICES", "['id-ID']"))
    page.goto(counter.url)
    button = page.get_by_role("button", name="Dengarkan")
    box = button.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 64
    assert button.locator("svg").count() == 1
    button.click()
    counter.network.down = True
    rate(page)
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    assert page.evaluate("said") == []  # the question is not read on
    button.click()
    ((_voice, words),) = page.evaluate("said")
    assert words.startswith(STORED)
    assert "Bagaimana pelayanannya?" not in words
    counter.network.heal()
    thanks(page)
    page.get_by_role("button", name="Dengarkan").click()
    ((_voice, words),) = page.evaluate("said")
    assert words.startswith("Terima kasih. Penilaian Anda sudah kami terima.")


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
