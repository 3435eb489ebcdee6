"""A counter's page that was opened before opens once more without network."""

import pytest
from playwright.sync_api import expect

from tests.browser import without_network
from tests.journeys.phones import STORED, Counter, Phone, opened, rate, thanks

# The engine of the database matters to none of these.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("portal", ["sqlite"], indirect=True)]


def test_a_counter_opened_before_opens_without_network_once(counter: Counter, phone: Phone) -> None:
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


def test_a_full_phone_opens_a_counter_without_network_once_too(
    counter: Counter, phone: Phone
) -> None:
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
    counter: Counter, phone: Phone
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
