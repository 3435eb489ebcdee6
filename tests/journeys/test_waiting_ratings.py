"""A rating that could not be sent waits on the phone and is sent when it can be."""

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, expect

from tests.browser import chromium, launch
from tests.conftest import NOW
from tests.journeys.phones import STORED, Counter, Phone, opened, rate, thanks
from tests.servers import serving

# The engine of the database matters to none of these.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("portal", ["sqlite"], indirect=True)]


def test_two_tabs_send_what_waits_once(counter: Counter, phone: Phone) -> None:
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


def test_it_is_sent_after_the_page_was_closed(counter: Counter, browser: Browser) -> None:
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


def test_the_phone_is_restarted_before_it_could_send(
    counter: Counter, browser: Browser, tmp_path: Path
) -> None:
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


def test_what_waited_seven_days_on_the_phone_is_counted_once_for_its_own_day(
    counter: Counter, phone: Phone, tmp_path: Path
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


@pytest.mark.parametrize("years", [-1, 1])
def test_a_clock_that_is_a_year_wrong_and_then_set_right(
    counter: Counter, phone: Phone, years: int
) -> None:
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
