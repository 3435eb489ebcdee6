"""A rating reaches the portal exactly once from any phone on any network."""

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from tests.browser import chromium, launch, without_network
from tests.conftest import NOW
from tests.journeys.phones import SEND, STORED, Counter, choose, opened, rate, thanks
from tests.servers import serving

# The engine of the database matters to none of these.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("portal", ["sqlite"], indirect=True)]


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
        with suppress(Error):  # it may be on its way to the receipt already
            tab.evaluate("dispatchEvent(new Event('online'))")
    thanks(first)
    expect(second.get_by_text("sudah terkirim")).to_be_visible()
    assert len(counter.network.sent) == 1
    assert counter.has_exactly_one().tries == 0


def test_it_is_sent_after_the_page_was_closed(counter, browser) -> None:
    """By Background Sync, as the browser does it when the network is back."""
    with launch(browser.browser_type, windows=True) as whole:
        sent_without_its_page(counter, whole.new_context(locale="id-ID"))


def sent_without_its_page(counter: Counter, context: BrowserContext) -> None:
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
    cut_off(tmp_path)
    with suppress(Error):
        context.close()
    counter.network.heal()
    context = switch_on()
    page = context.new_page()
    page.goto(f"{counter.network.address}/")
    expect(page.get_by_text("sudah terkirim")).to_be_visible()
    context.close()
    assert counter.has_exactly_one().overall == 3


def cut_off(profile: Path) -> None:
    """As an empty battery does it: the browser has no moment to write anything."""
    killed = False
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_text().split("\0")
            if f"--user-data-dir={profile}" in words and "--type=" not in " ".join(words):
                os.kill(int(process.name), signal.SIGKILL)
                killed = True
    assert killed


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


def test_a_database_that_answers_nothing_for_35_seconds_gets_the_rating_once(
    counter, phone
) -> None:
    """By the phone's clock, which the test moves; what hung all that time arrives late as well."""
    page = phone().new_page()
    page.clock.install()
    page.goto(counter.url)
    counter.network.silent = True
    rate(page)
    expect(page.get_by_text("Mengirim…")).to_be_visible()
    began = page.evaluate("Date.now()")
    page.clock.fast_forward(24_000)
    expect(page.get_by_text("Mengirim…")).to_be_visible()  # one slow answer is no lost one
    page.clock.fast_forward(2_000)
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    assert len(counter.network.sent) >= 1
    page.clock.fast_forward(9_000)
    assert page.evaluate("Date.now()") - began >= 35_000
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    assert counter.ratings() == []
    counter.network.heal()
    page.evaluate("dispatchEvent(new Event('online'))")
    receipt = thanks(page)
    rating = counter.has_exactly_one()
    assert (rating.receipt, rating.counts_for) == (receipt, "A")
    assert rating.tries >= 1  # the one that hung came, too


def test_what_waited_seven_days_on_the_phone_is_counted_once_for_its_own_day(
    counter, phone, tmp_path
) -> None:
    context = phone()
    page = opened(context, counter)
    counter.network.down = True
    rate(page, "Baik")
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    page.close()  # the phone lies in a drawer
    context.add_init_script("const right = Date.now; Date.now = () => right() + 7 * 864e5")
    page = context.new_page()
    # An hour more: the clock of the portal that issued the form has run since its start.
    week = (NOW - datetime.now(UTC)).total_seconds() + 7 * 86_400 + 3600
    with serving(
        counter.portal.server.database_url, tmp_path, PORTAL_CLOCK_OFFSET=str(week)
    ) as late:
        counter.network.server_port = late.port
        counter.network.heal()
        page.goto(f"{counter.network.address}/")
        expect(page.get_by_text("sudah terkirim")).to_be_visible(timeout=20_000)
    rating = counter.has_exactly_one()
    assert rating.issued_at
    assert rating.received_at
    assert (rating.received_at - rating.issued_at).days == 7
    assert (rating.overall, rating.counts_for) == (3, "A")
    assert rating.rated_on == rating.issued_at.date()
    (kept,) = page.evaluate(
        """() => new Promise(done => {
          const ask = indexedDB.open('loket', 1);
          ask.onsuccess = () => {
            const all = ask.result.transaction('ratings').objectStore('ratings').getAll();
            all.onsuccess = () => done(all.result);
          };
        })"""
    )
    assert (kept["body"], kept["receipt"].split("?")[0]) == ("", f"/t/{rating.receipt}")


def test_whoever_holds_the_phone_finds_no_answer_of_a_rating_that_was_sent(counter, phone) -> None:
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
    return page.evaluate(
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
    without_network(again, lambda: again.get_by_role("link", name="Coba lagi").click())
    expect(again.get_by_role("heading", name="Tidak ada jaringan")).to_be_visible()
    context.set_offline(False)
    again.get_by_role("link", name="Coba lagi").click()
    expect(again).to_have_url(counter.url)
    expect(again.locator(".who b")).to_have_text("Ibu Sari W.")
    thanks(page)
    rating = counter.has_exactly_one()
    assert (rating.overall, rating.counts_for, rating.employee_id) == (2, "O", None)
    assert (rating.channel, rating.attributed_by) == ("poster", "opened_offline")


def test_answers_of_a_refused_form_go_into_a_new_one_without_its_token_or_trap(
    counter, phone
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


def test_what_was_refused_after_nine_days_is_told_until_it_was_read(counter, phone) -> None:
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


def test_nine_days_later_the_phone_tells_neither_answers_nor_counters(counter, phone) -> None:
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


def test_a_full_phone_opens_a_counter_without_network_once_too(counter, phone) -> None:
    context = phone()
    page = opened(context, counter, shelved=True)
    context.set_offline(True)
    without_network(page, lambda: page.goto(counter.url))
    page.evaluate(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError') };"
        "0"
    )
    rate(page, "Kurang baik")
    expect(page.get_by_text("HP ini tidak dapat menyimpannya")).to_be_visible()
    again = context.new_page()
    without_network(again, lambda: again.goto(counter.url))
    expect(again.get_by_role("heading", name="Tidak ada jaringan")).to_be_visible()
    context.set_offline(False)
    thanks(page)
    assert counter.has_exactly_one().counts_for == "O"


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
