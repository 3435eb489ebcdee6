"""A rating reaches the portal exactly once from any phone on any network."""

import pytest
from playwright.sync_api import expect

from tests.journeys.phones import SEND, STORED, Counter, Phone, choose, opened, rate, thanks

# The engine of the database matters to none of these.
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("portal", ["sqlite"], indirect=True)]


def test_offline_between_opening_and_sending(counter: Counter, phone: Phone) -> None:
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


def test_the_answer_is_lost_on_its_way_back(counter: Counter, phone: Phone) -> None:
    page = opened(phone(), counter)
    counter.network.loses_answers = True
    rate(page)
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    counter.network.heal()
    receipt = thanks(page)
    rating = counter.has_exactly_one()
    assert (rating.receipt, rating.tries >= 1) == (receipt, True)


def test_a_double_tap_sends_once(counter: Counter, phone: Phone) -> None:
    page = opened(phone(), counter)
    choose(page)
    counter.network.slow = 0.3
    page.get_by_role("button", name=SEND).dblclick()
    thanks(page)
    assert len(counter.network.sent) == 1
    assert counter.has_exactly_one().tries == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_three_impatient_taps_while_the_portal_takes_three_seconds(
    counter: Counter, phone: Phone, scripts: bool
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


def test_back_and_send_again_without_javascript(counter: Counter, phone: Phone) -> None:
    page = opened(phone(scripts=False), counter)
    rate(page, "Baik")
    first = thanks(page)
    page.go_back()
    rate(page, "Tidak baik")
    expect(page.locator("main")).to_contain_text("yang pertama yang berlaku")
    assert page.locator("main").get_attribute("data-receipt") == first
    assert counter.has_exactly_one().overall == 3


def test_back_after_sending_does_not_lead_to_the_form(counter: Counter, phone: Phone) -> None:
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


def test_a_reload_loses_nothing_that_was_filled_in(counter: Counter, phone: Phone) -> None:
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


def test_while_the_database_changes_over_the_phone_waits_as_long_as_it_is_told(
    counter: Counter, phone: Phone
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
    counter: Counter, phone: Phone
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


def test_whoever_does_not_want_to_wait_sends_by_hand(counter: Counter, phone: Phone) -> None:
    page = opened(phone(), counter)
    counter.network.failing_over = 600
    rate(page)
    expect(page.get_by_role("heading", name=STORED)).to_be_visible()
    counter.network.heal()
    page.get_by_role("button", name="Coba kirim sekarang").click()
    thanks(page)
    counter.has_exactly_one()


def test_a_full_phone_sends_all_the_same(counter: Counter, phone: Phone) -> None:
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
