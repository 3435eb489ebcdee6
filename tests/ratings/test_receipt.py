"""The receipt: what it tells and what never, how long, and the way to take a rating back."""

from datetime import UTC, datetime, timedelta

from portal.operations.due_work import run_once
from portal.records.closing_actions import close_period
from tests.conftest import NOW, set_clock
from tests.factories import make_rating
from tests.ratings.test_scan_and_rate import CODE, counter, send

__all__ = ["counter"]


def test_a_citizen_may_take_a_rating_back_for_seven_days(client, counter, monkeypatch) -> None:
    receipt = send(client, client.get(f"/n/{CODE}").text, overall="1").location.split("?")[0]
    set_clock(monkeypatch, NOW + timedelta(days=8))
    assert client.post(receipt).status_code == 409
    set_clock(monkeypatch, NOW + timedelta(days=6))
    for _once_or_twice in range(2):
        assert client.post(receipt).status_code == 303
    assert 'data-state="withdrawn"' in client.get(receipt).text


def test_a_receipt_survives_thirteen_months_and_all_that_is_forgotten_meanwhile(
    client, counter, monkeypatch
) -> None:
    sent = send(client, client.get(f"/n/{CODE}").text, overall="2", comment="Antre lama")
    receipt = sent.location.split("?")[0]
    for months in (1, 4, 8, 13):
        set_clock(monkeypatch, NOW + timedelta(days=30.4 * months))
        assert run_once() == []  # nothing that was due has failed
        if months == 1:
            set_clock(monkeypatch, datetime(2027, 1, 12, tzinfo=UTC))
            close_period("kota", "2026-Q4", datetime(2027, 1, 12, tzinfo=UTC))
    page = client.get(receipt)
    assert page.status_code == 200
    assert 'data-state="counted"' in page.text
    assert f'data-receipt="{receipt.rsplit("/", 1)[1]}"' in page.text


def test_a_receipt_page_holds_no_other_receipt(client, counter) -> None:
    first, second = (
        send(client, client.get(f"/n/{CODE}").text, overall="4").location for _visit in range(2)
    )
    code = first.split("?")[0].rsplit("/", 1)[1]
    assert code in client.get(first).text
    assert code not in client.get(second).text


def test_the_receipt_never_shows_answer_person_or_comment(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    answer = send(client, page, overall="1", comment="Kurang sabar")
    receipt = client.get(answer.location).text
    for secret in ("Sari", "Kurang sabar", "Tidak baik", "Loket 3"):
        assert secret not in receipt


def test_a_reminder_in_a_calendar_says_nothing_of_office_or_rating(client, counter) -> None:
    rating = make_rating(counter, overall=1)
    answer = client.get(f"/t/{rating.receipt}/reminder.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    text = answer.text.replace("\r\n ", "")
    assert f"https://loket.kota.example/t/{rating.receipt}" in text
    assert "DTSTART:20261220T020000Z" in text  # 9.00 WIB, thirty days after the visit
    for word in ("Dukcapil", "Dinas", "Kota Kota", "nilai"):
        assert word not in text
    assert client.get("/t/7K3M9QXA7K3M/reminder.ics").status_code == 404
