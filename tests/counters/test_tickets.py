"""Issuing visit tickets: by one tap, as a sheet of slips, by a queue system."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from portal.counters.codes import is_code
from portal.counters.models import Counter, Leave, VisitTicket
from portal.db import db
from portal.people.models import AuditEvent, Employment
from tests.conftest import NOW, set_clock
from tests.counters.paper import read_off, rendered, text_of
from tests.counters.staff import act_as, send
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_display,
    make_duty,
    make_employee,
    make_office,
    make_service,
    make_ticket,
    save,
)


@pytest.fixture
def counter(app):
    return make_counter(services=(make_service(),))


@pytest.fixture
def employee(counter):
    return make_employee()


@pytest.fixture
def account(employee):
    return make_account("employee", make_office(), employee)


@pytest.fixture
def coordinator(counter):
    return make_account("coordinator", make_office())


def issued() -> list[VisitTicket]:
    db.session.rollback()
    return list(db.session.scalars(select(VisitTicket).order_by(VisitTicket.issued_at)))


def test_who_serves_makes_a_ticket_with_one_tap(client, counter, employee, account):
    make_duty(employee, counter)
    act_as(client, account)
    page = client.get("/tickets").text
    once = page.split('name="once" value="')[1].split('"')[0]
    service = page.split('name="service" value="')[1].split('"')[0]
    answer = send(client, f"/tickets/at/{counter.id}", once=once, service=service)
    (ticket,) = issued()
    assert is_code(ticket.code, 10)
    assert (ticket.employee_id, ticket.issuer, ticket.period) == (employee.id, "self", "2026-Q4")
    assert str(ticket.service_id) == service
    shown = client.get(answer.location).text
    assert f"{ticket.code[:5]}-{ticket.code[5:]}" in shown
    assert employee.nip not in shown
    assert "Sari W" not in shown.split('<section class="slip')[1].split("</section>")[0]


def test_a_second_tap_on_the_same_button_is_the_same_ticket(client, counter, employee, account):
    make_duty(employee, counter)
    act_as(client, account)
    places = {
        send(client, f"/tickets/at/{counter.id}", once="tap", service="").location for _ in range(2)
    }
    assert len(places) == len(issued()) == 1


def test_who_does_not_serve_there_makes_none(client, counter, employee, account):
    make_duty(employee, counter, ends_at=NOW - timedelta(minutes=1))
    act_as(client, account)
    assert send(client, f"/tickets/at/{counter.id}", once="x").location == "/tickets"
    assert "sedang tidak bertugas" in client.get("/tickets").text
    assert issued() == []


def test_at_a_counter_that_is_closed_none_is_made(client, counter, employee, account):
    make_duty(employee, counter)
    act_as(client, account)
    counter.active = False
    db.session.commit()
    assert send(client, f"/tickets/at/{counter.id}", once="x").location == "/tickets"
    assert issued() == []


def test_slips_that_would_be_torn_off_for_nobody_there_are_shown(
    client, counter, employee, coordinator
):
    budi = make_employee(name="Budi Santoso")
    for number, one in enumerate((employee, budi)):
        make_ticket(counter, one, f"T{number:09}", issuer="sheet", sheet_id=number + 1)
    act_as(client, coordinator)
    path, mine = f"/counters/{counter.id}/tickets", "pegawai sedang cuti"
    assert "sebaiknya tidak disobek" not in client.get(path).text
    day = NOW.date()
    save(Leave(agency_id=counter.agency_id, employee_id=budi.id, starts_on=day, ends_on=day))
    for page in (client.get(path).text, client.get("/tickets/shifts").text):
        line = next(row for row in page.split("</tr>") if "Budi" in row and "<td" in row)
        assert mine in line
        assert page.count(mine) == 1
    employment = db.session.scalars(
        select(Employment).where(Employment.employee_id == employee.id)
    ).one()
    employment.ends_on = day - timedelta(days=1)
    db.session.commit()
    assert "pegawai tidak di sini lagi" in client.get(path).text
    counter.active = False
    db.session.commit()
    assert client.get(path).text.count("loket ditutup") == 2


def test_a_ticket_leaves_the_issuers_screen_after_a_while_and_is_nobody_elses(
    client, counter, employee, account, monkeypatch
):
    make_duty(employee, counter)
    act_as(client, account)
    path = send(client, f"/tickets/at/{counter.id}", once="x").location
    colleague = make_account("employee", make_office(), make_employee(name="Budi Santoso"))
    act_as(client, colleague)
    assert client.get(path).status_code == 404
    act_as(client, account)
    assert client.get(path).status_code == 200
    set_clock(monkeypatch, NOW + timedelta(minutes=31))
    assert client.get(path).status_code == 404


def test_a_receipt_printer_gets_its_bytes(client, counter, employee, account):
    make_duty(employee, counter)
    act_as(client, account)
    path = send(client, f"/tickets/at/{counter.id}", once="x").location
    data = client.get(f"{path}/58.bin").data
    (ticket,) = issued()
    assert f"HTTPS://LOKET.KOTA.EXAMPLE/N/{ticket.code}".encode() in data
    assert client.get(f"{path}/72.bin").status_code == 404


@pytest.mark.parametrize("width", [58, 80])
def test_a_ticket_is_a_page_of_receipt_paper(client, counter, employee, account, width):
    make_duty(employee, counter)
    act_as(client, account)
    path = send(client, f"/tickets/at/{counter.id}", once="x").location
    (page,) = rendered(client.get(f"{path}/{width}.pdf").data, 203)
    (ticket,) = issued()
    assert read_off([page]) == {f"HTTPS://LOKET.KOTA.EXAMPLE/N/{ticket.code}": 1}
    assert abs(page.width - width / 25.4 * 203) < 2
    assert client.get(f"{path}/72.pdf").status_code == 404
    act_as(client, make_account("employee", make_office(), make_employee(name="Budi Santoso")))
    assert client.get(f"{path}/{width}.pdf").status_code == 404


def test_a_sheet_has_as_many_different_slips_each_with_its_own_code(
    client, counter, employee, coordinator
):
    act_as(client, coordinator)
    path = send(client, f"/counters/{counter.id}/tickets", employee=employee.id, count=48).location
    pages = rendered(client.get(f"{path}/slips.pdf").data, 150)
    wanted = {f"HTTPS://LOKET.KOTA.EXAMPLE/N/{ticket.code}": 1 for ticket in issued()}
    assert len(pages) == 3
    assert read_off(pages) == wanted
    assert len(issued()) == 48
    assert {ticket.issuer for ticket in issued()} == {"sheet"}
    assert len({ticket.rating_id for ticket in issued()}) == 48


def test_the_preview_of_a_sheet_is_its_first_page_and_says_how_long_it_holds(
    client, counter, employee, coordinator
):
    act_as(client, coordinator)
    path = send(client, f"/counters/{counter.id}/tickets", employee=employee.id, count=48).location
    pdf = client.get(f"{path}/slips.pdf").data
    shown = Image.open(io.BytesIO(client.get(f"{path}/preview.png").data)).convert("L")
    first = rendered(pdf, 110)[0]
    assert read_off([shown]) == read_off([first])
    assert abs(shown.width - first.width) <= 1
    text = text_of(pdf)
    assert "sampai 24 Desember 2026" in text
    assert employee.nip not in text
    assert employee.name not in text


def test_tickets_come_on_receipt_paper_too_one_by_one(client, counter, employee, coordinator):
    act_as(client, coordinator)
    path = send(client, f"/counters/{counter.id}/tickets", employee=employee.id, count=16).location
    pages = rendered(client.get(f"{path}/slips.pdf?paper=roll58").data, 203)
    assert len(pages) == 16
    assert all(abs(page.width - 58 / 25.4 * 203) < 2 for page in pages)
    assert set(read_off(pages)) == {
        f"HTTPS://LOKET.KOTA.EXAMPLE/N/{ticket.code}" for ticket in issued()
    }


def test_slips_are_good_for_a_month_but_not_beyond_what_a_closing_counts(
    client, counter, employee, coordinator, monkeypatch
):
    act_as(client, coordinator)
    send(client, f"/counters/{counter.id}/tickets", employee=employee.id, count=48)
    assert issued()[0].expires_at == NOW + timedelta(days=31)
    set_clock(monkeypatch, NOW + timedelta(days=35))  # 28 December
    send(client, f"/counters/{counter.id}/tickets", employee=employee.id, count=48)
    last = issued()[-1]
    assert (last.period, last.expires_at.date().isoformat()) == ("2026-Q4", "2027-01-06")


def test_a_lost_sheet_is_revoked_as_a_whole(client, counter, employee, coordinator):
    act_as(client, coordinator)
    path = send(client, f"/counters/{counter.id}/tickets", employee=employee.id, count=48).location
    send(client, f"{path}/revoke")
    assert all(ticket.revoked_at == NOW for ticket in issued())
    assert client.get(f"/n/{issued()[0].code}").status_code == 410
    assert client.get(f"{path}/slips.pdf").status_code == 404
    assert "sudah dicabut" in client.get(path).text
    acts = db.session.scalars(select(AuditEvent.action)).all()
    assert {"issue_sheet", "revoke_sheet"} <= set(acts)


def test_sheets_of_another_office_do_not_exist(client, counter, employee, coordinator):
    act_as(client, coordinator)
    path = send(client, f"/counters/{counter.id}/tickets", employee=employee.id, count=48).location
    act_as(client, make_account("coordinator", make_office(code="kelurahan")))
    sheet = (path, f"{path}/slips.pdf", f"{path}/preview.png")
    for address in (*sheet, f"/counters/{counter.id}/tickets"):
        assert client.get(address).status_code == 404
    assert send(client, f"{path}/revoke").status_code == 404


def test_strange_numbers_make_no_sheet(client, counter, coordinator):
    stranger = make_employee(make_office(make_agency("kabupaten")))
    act_as(client, coordinator)
    for fields in ({"employee": stranger.id, "count": 48}, {"employee": "x", "count": 10**9}):
        assert send(client, f"/counters/{counter.id}/tickets", **fields).status_code == 302
    assert issued() == []


@pytest.fixture
def key(client, counter):
    """A queue system's key, as the administrator's page shows it once."""
    make_code(counter)
    administrator = make_account("administrator", make_office())
    act_as(client, administrator)
    page = send(client, "/integrations", office=make_office().id, name="Antrean Mandiri").text
    key = page.split("<code>")[1].split("</code>")[0]
    assert key not in client.get("/integrations").text
    return key


def ask(app, key, method="post", path="/api/v1/tickets", **fields):
    machine = app.test_client()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return getattr(machine, method)(path, json=fields, headers=headers)


VISIT = {"counter": "7k3m-9qxa", "reference": "A-031/2026-11-23"}


def test_a_queue_system_gets_a_ticket_that_names_who_served_when_it_called(
    app, counter, employee, key
):
    make_duty(employee, counter, ends_at=NOW - timedelta(minutes=2))
    called = (NOW - timedelta(minutes=10)).isoformat()
    answer = ask(app, key, **VISIT, service="ktp", called_at=called)
    assert answer.status_code == 201
    (ticket,) = issued()
    assert answer.json["code"] == ticket.code
    assert answer.json["address"] == f"HTTPS://LOKET.KOTA.EXAMPLE/N/{ticket.code}"
    assert (ticket.employee_id, ticket.issuer) == (employee.id, "queue")
    assert ticket.called_at == NOW - timedelta(minutes=10)


def test_a_queue_system_with_the_code_of_a_replaced_poster_goes_on_and_learns_the_new_one(
    app, client, counter, employee, key
):
    first = ask(app, key, **VISIT).json
    assert first["counter"] == "7K3M9QXA"
    path = f"/counters/{counter.id}/code"
    send(client, f"{path}/replace", code="7K3M9QXA", reason="Poster sobek")
    answer = ask(app, key, counter="7K3M9QXA", reference="A-032")
    assert answer.status_code == 201
    new = answer.json["counter"]
    assert new not in {"7K3M9QXA", None}
    assert ask(app, key, counter=new, reference="A-032").json["code"] == answer.json["code"]
    send(client, f"{path}/revoke", code=new, reason="Loket pindah")
    refused = ask(app, key, counter=new, reference="A-033")
    assert (refused.status_code, refused.json["fields"]) == (410, ["counter"])
    assert "revoked" in refused.json["error"]
    place = db.session.scalars(select(Counter)).one()
    place.active = False
    db.session.commit()
    closed = ask(app, key, counter="7K3M9QXA", reference="A-034")
    assert (closed.status_code, closed.json["error"]) == (410, "the counter is closed")
    assert len(issued()) == 2


def test_a_ticket_called_while_two_served_names_nobody(app, counter, employee, key):
    make_duty(employee, counter)
    make_duty(make_employee(name="Budi Santoso"), counter)
    ask(app, key, **VISIT)
    assert issued()[0].employee_id is None


def test_the_same_reference_again_is_the_same_ticket_and_is_kept_as_a_hash(app, key):
    assert ask(app, key, **VISIT).json == ask(app, key, **VISIT).json
    assert len(issued()) == 1
    assert b"A-031" not in issued()[0].reference


def test_times_come_later_and_nothing_tells_whether_it_was_used(app, client, key):
    code = ask(app, key, **VISIT).json["code"]
    finished = (NOW + timedelta(minutes=4)).isoformat()
    path = f"/api/v1/tickets/{code}"
    assert ask(app, key, "patch", path, finished_at=finished).status_code == 204
    assert issued()[0].finished_at == NOW + timedelta(minutes=4)
    page = client.get(f"/n/{code}").text
    token = page.split('name="token" value="')[1].split('"')[0]
    assert client.post(f"/n/{code}", data={"token": token, "overall": "4"}).status_code == 303
    assert ask(app, key, **VISIT).json.keys() == {
        "code", "shown", "address", "typed", "expires_at", "counter"
    }  # fmt: skip
    assert ask(app, key, "get", path).status_code == 405


def test_a_number_called_in_the_future_or_long_before_its_ticket_is_refused(app, key):
    def times(hours):
        return {"called_at": (NOW + timedelta(hours=hours)).isoformat()}

    answer = ask(app, key, **VISIT, **times(1))
    assert (answer.status_code, answer.json["fields"]) == (422, ["called_at"])
    assert issued() == []
    path = f"/api/v1/tickets/{ask(app, key, **VISIT).json['code']}"
    assert ask(app, key, "patch", path, **times(1)).status_code == 422
    assert ask(app, key, "patch", path, **times(-25)).status_code == 422
    assert ask(app, key, "patch", path, **times(-1)).status_code == 204


def test_a_queue_system_revokes_its_own_tickets_and_no_others(app, counter, employee, key):
    code = ask(app, key, **VISIT).json["code"]
    path = f"/api/v1/tickets/{code}"
    other = key.replace(key[-4:], "AAAA")
    assert ask(app, other, "delete", path).status_code == 401
    assert ask(app, key, "delete", path).status_code == 204
    assert issued()[0].revoked_at == NOW
    assert ask(app, key, "delete", "/api/v1/tickets/0000000000").status_code == 404


def test_the_number_stands_on_the_counters_screen_and_not_with_the_ticket(app, counter, key):
    display = make_display(counter)
    ask(app, key, **VISIT, number="A-031")
    db.session.rollback()
    db.session.refresh(display)
    assert display.queue_number == "A-031"
    values = {getattr(issued()[0], column.name) for column in VisitTicket.__table__.columns}
    assert "A-031" not in values


def test_only_the_key_opens_it_and_only_within_its_office(app, client, counter, key):
    assert ask(app, "").status_code == 401
    assert ask(app, "1.2.abcdefghijklmnopqrstuvwxyz").status_code == 401
    elsewhere = make_counter(make_office(code="kelurahan"))
    make_code(elsewhere, "8QXA7K3M")
    answer = ask(app, key, counter="8QXA7K3M", reference="x")
    assert (answer.status_code, answer.json["fields"]) == (404, ["counter"])
    act_as(client, make_account("administrator", make_office()))
    revoke = re.search(r"/integrations/\d+/revoke", client.get("/integrations").text)[0]
    send(client, revoke)
    assert ask(app, key, **VISIT).status_code == 401
    assert issued() == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ["counter", "reference"]),
        ({**VISIT, "nik": "3201"}, ["nik"]),
        ({**VISIT, "called_at": "yesterday"}, ["called_at"]),
        ({**VISIT, "number": "x" * 13}, ["number"]),
    ],
)
def test_what_is_wrong_is_named(app, key, fields, wrong):
    answer = ask(app, key, **fields)
    assert (answer.status_code, answer.json["fields"]) == (422, wrong)


def test_the_interface_describes_itself(app):
    document = app.test_client().get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {"/api/v1/tickets", "/api/v1/tickets/{code}"}
    text = str(document)
    for model in re.findall(r"#/components/schemas/(\w+)", text):
        assert model in document["components"]["schemas"]
