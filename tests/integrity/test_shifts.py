"""Served, issued, answered: what shows a pick of the satisfied, and unmasks nobody."""

from datetime import timedelta

import pytest

from portal.ratings.models import Release, Verdict
from tests.conftest import NOW
from tests.counters.staff import act_as, send
from tests.factories import (
    make_account,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    make_rating,
    make_ticket,
    save,
)

DAY = NOW.date()


@pytest.fixture
def counter(app):
    return make_counter()


@pytest.fixture
def employee(counter):
    return make_employee()


@pytest.fixture
def coordinator(client, counter):
    account = make_account("coordinator", make_office())
    act_as(client, account)
    return account


def issue(counter, employee, count, issuer="self", **values):
    letter = {"self": "S", "queue": "Q", "sheet": "T"}[issuer]
    return [
        make_ticket(counter, employee, f"{letter}{number:09}", issuer=issuer, **values)
        for number in range(count)
    ]


def answer(counter, employee, tickets, *, released=True):
    key = {"agency_id": counter.agency_id, "period": "2026-Q4"}
    if released:
        save(Release(**key, number=1, local_day=DAY, started_at=NOW, done_at=NOW))
    for ticket in tickets:
        make_rating(counter, employee, id=ticket.rating_id, channel="ticket", code_version=None)
        if released:
            save(
                Verdict(
                    **key,
                    rating_id=ticket.rating_id,
                    release=1,
                    joined=1,
                    weight=1.0,
                    fraud_score=0.0,
                    engine="test",
                )
            )


def row(client) -> list[str]:
    """The numbers of the first line: served, own, queue, answered."""
    page = client.get("/tickets/shifts").text
    assert "<tbody>" in page
    line = page.split("<tbody>")[1].split("</tr>")[0]
    cells = line.split('<td class="num"')[1:]
    return [" ".join(cell.split(">", 1)[1].split("</td>")[0].split()) for cell in cells]


def test_a_shift_tells_how_many_tickets_were_issued_by_whom(client, counter, employee, coordinator):
    issue(counter, employee, 3)
    issue(counter, employee, 4, "queue", finished_at=NOW)
    assert row(client)[:3] == ["4", "3", "4"]


def test_tickets_that_name_nobody_and_duties_without_a_ticket_are_told_too(
    client, counter, employee, coordinator
):
    issue(counter, None, 4, "queue", finished_at=NOW)
    budi = make_employee(name="Budi Santoso")
    make_duty(budi, counter, NOW - timedelta(hours=2), NOW)
    make_duty(employee, make_counter(label="Loket tanpa karcis"), NOW - timedelta(hours=2), NOW)
    page = client.get("/tickets/shifts").text
    _head, issued, without = page.split("<tbody>")
    assert "tanpa nama" in issued
    assert row(client) == ["4", "0", "4", "kurang dari 5"]
    assert "1 tugas tanpa karcis" in issued
    assert "Budi Santoso" in without
    assert "Loket tanpa karcis" not in page
    fields = {"counter": counter.id, "employee": budi.id, "day": DAY, "people": 30}
    send(client, "/tickets/shifts", **fields)
    assert "hanya sebagian diberi karcis" in client.get("/tickets/shifts").text
    act_as(client, make_account("coordinator", make_office(), budi))
    assert "Budi" not in client.get("/tickets/shifts").text.split("<main")[1]


def test_answers_are_told_from_five_on_and_only_after_a_release(
    client, counter, employee, coordinator
):
    tickets = issue(counter, employee, 6)
    answer(counter, employee, tickets[:4])
    assert row(client)[3] == "kurang dari 5"
    fifth = tickets[4]
    make_rating(counter, employee, id=fifth.rating_id, channel="ticket")
    assert row(client)[3] == "kurang dari 5"


def test_five_released_answers_are_told(client, counter, employee, coordinator):
    answer(counter, employee, issue(counter, employee, 6)[:5])
    assert row(client)[3] == "5"


def test_tickets_for_a_few_of_many_served_are_marked(client, counter, employee, coordinator):
    issue(counter, employee, 6)
    path, fields = "/tickets/shifts", {"counter": counter.id, "employee": employee.id, "day": DAY}
    assert "hanya sebagian" not in client.get(path).text
    send(client, path, **fields, people=30)
    page = client.get(path).text
    assert 'value="30"' in page
    assert "hanya sebagian diberi karcis" in page
    send(client, path, **fields, people=7)
    assert "hanya sebagian" not in client.get(path).text
    for wrong in ("-1", "99999", "x"):
        send(client, path, **fields, people=wrong)
        assert 'value="7"' in client.get(path).text


def test_nobody_sees_the_figures_of_their_own_tickets(client, counter, employee):
    issue(counter, employee, 6)
    act_as(client, make_account("coordinator", make_office(), employee))
    assert "Belum ada karcis" in client.get("/tickets/shifts").text
    act_as(client, make_account("employee", make_office(), make_employee(name="Budi Santoso")))
    assert client.get("/tickets/shifts").status_code == 403


def test_figures_of_another_office_are_not_shown(client, counter, employee):
    issue(counter, employee, 6)
    act_as(client, make_account("coordinator", make_office(code="kelurahan")))
    assert "Sari" not in client.get("/tickets/shifts").text
    fields = {"counter": counter.id, "employee": employee.id, "day": DAY, "people": 3}
    assert send(client, "/tickets/shifts", **fields).status_code == 404


def test_sheets_stand_apart_with_their_slips(client, counter, employee, coordinator):
    answer(counter, employee, issue(counter, employee, 24, "sheet", sheet_id=7)[:5])
    page = client.get("/tickets/shifts").text
    assert "Belum ada karcis" in page
    line = page.split("Lembar karcis sobek")[-1].split("<tbody>")[1]
    assert [cell in line for cell in (">24<", ">5<")] == [True, True]


def test_old_days_are_gone(client, counter, employee, coordinator):
    issue(counter, employee, 6, served_on=DAY - timedelta(days=15))
    assert "Sari" not in client.get("/tickets/shifts").text
