"""What stays on a phone: until when, and who finds it there."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.phones import SEND, STORED, Counter, Phone, opened, rate, thanks

# The engine of the database matters to none of these.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("portal", ["sqlite"], indirect=True)]


def test_whoever_holds_the_phone_finds_no_answer_of_a_rating_that_was_sent(
    counter: Counter, phone: Phone
) -> None:
    context = phone()
    page = opened(context, counter, shelved=True)
    page.get_by_text("Tambahkan rincian").click()
    page.get_by_label("Komentar").fill("Antre lama sekali")
    page.get_by_label("Aturan atau syaratnya").check()
    counter.network.down = True
    rate(page, "Kurang baik")
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    assert "Antre" in kept_on(page)[0]  # until it is sent it has to be there
    counter.network.heal()
    page.evaluate("dispatchEvent(new Event('online'))")
    thanks(page)
    everything = kept_on(page)
    for answer in ("Antre", "procedure", "overall"):
        assert not any(answer in one for one in everything[:2])
    assert "Antre" not in everything[2]


def kept_on(page: Page) -> list[str]:
    """All that the phone holds: waiting and sent ratings, storage of page and tab, kept pages."""
    kept: list[str] = page.evaluate(
        """async () => {
          const base = await new Promise(done => {
            const ask = indexedDB.open('loket', 1);
            ask.onsuccess = () => done(ask.result);
          });
          const rows = await new Promise(done => {
            const all = base.transaction('ratings').objectStore('ratings').getAll();
            all.onsuccess = () => done(all.result);
          });
          base.close();
          const pages = [];
          for (const name of await caches.keys()) {
            const shelf = await caches.open(name);
            for (const request of await shelf.keys())
              pages.push(await (await shelf.match(request)).text());
          }
          const told = {...localStorage, ...sessionStorage};
          return [JSON.stringify(rows), JSON.stringify(told), pages.join()];
        }"""
    )
    return kept


def test_answers_of_a_refused_form_go_into_a_new_one_without_its_token_or_trap(
    counter: Counter, phone: Phone
) -> None:
    context = phone()
    page = opened(context, counter)
    counter.network.down = True
    page.locator("[name=website]").evaluate("field => { field.value = 'filled by the browser' }")
    rate(page, "Kurang baik")
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    page.close()
    counter.network.heal()
    page = context.new_page()
    page.goto(f"{counter.network.address}/")
    page.get_by_role("link", name="Kirim dengan formulir baru").click()
    expect(page.locator("[name=overall]:checked")).to_have_value("2")
    page.get_by_role("button", name=SEND).click()
    thanks(page)
    assert counter.has_exactly_one().overall == 2


LATER = "const right = Date.now; Date.now = () => right() + 9 * 864e5;"


def test_what_was_refused_after_nine_days_is_told_until_it_was_read(
    counter: Counter, phone: Phone
) -> None:
    """Measured from the refusal, however long the rating had lain on the phone before."""
    context = phone()
    page = opened(context, counter)
    counter.network.down = True
    page.get_by_text("Tambahkan rincian").click()
    page.get_by_label("Komentar").fill("Antre lama sekali")
    page.locator("[name=website]").evaluate("field => { field.value = 'x' }")  # is refused
    rate(page, "Kurang baik")
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    page.close()
    counter.network.heal()
    context.add_init_script(LATER)
    page = context.new_page()
    page.goto(f"{counter.network.address}/")
    again = page.get_by_role("link", name="Kirim dengan formulir baru")
    for _look in range(2):
        expect(again).to_be_visible()
        page.evaluate("dispatchEvent(new Event('pageshow'))")
        page.evaluate("drainAlone(true)")
    again.click()
    expect(page.locator("[name=overall]:checked")).to_have_value("2")
    expect(page.get_by_label("Komentar")).to_have_value("Antre lama sekali")


def test_nine_days_later_the_phone_tells_neither_answers_nor_counters(
    counter: Counter, phone: Phone
) -> None:
    """What was filled in goes after an hour, the pages and the way to the receipt after 8 days."""
    context = phone()
    counter.network.release = (
        "A worker whose clock the test moves.\n"
        "let days = 0; const right = Date.now; Date.now = () => right() + days * 864e5;"
        "addEventListener('message', event => { days = event.data; });"
    )
    page = opened(context, counter, shelved=True)
    rate(page)
    receipt = thanks(page)
    page = opened(context, counter, shelved=True)
    page.get_by_text("Tambahkan rincian").click()
    page.get_by_label("Komentar").fill("Belum jadi dikirim")
    before = kept_on(page)
    assert receipt in before[0]
    assert "Belum jadi" in before[1]
    assert counter.code in before[2]
    page.add_init_script(LATER)
    page.evaluate("navigator.serviceWorker.controller.postMessage(9)")
    page.goto(f"{counter.network.address}/")  # no new worker: it tidies up as somebody goes about
    page.goto(f"{counter.network.address}/n/ZZZZZZZZ")
    page.wait_for_function(
        "async path => !await caches.match(path) && Boolean(await caches.match('/offline'))",
        arg=f"/n/{counter.code}",
    )
    assert receipt not in kept_on(page)[0]
    page.goto(counter.url)
    expect(page.get_by_label("Komentar")).to_have_value("")
    assert "Belum jadi" not in "".join(kept_on(page))
