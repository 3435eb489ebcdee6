"""The pages of services, counters and codes: who may open them, what they do."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from portal.counters import actions
from portal.counters.models import CodeEvent, Counter, CounterService, OfficeService, Service
from portal.counters.page_queries import open_counters
from portal.counters.queries import resolve_code
from portal.db import db
from portal.people.models import Account, AuditEvent, Office
from tests.conftest import NOW
from tests.counters.staff import act_as, send, statements
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    make_service,
)


class Cast:
    """Two offices of one agency; the coordinator looks after the first only."""

    def __init__(self) -> None:
        self.office: Office = make_office()
        self.other: Office = make_office(code="dpmptsp")
        self.ktp: Service = make_service()
        self.counter: Counter = make_counter(self.office, services=(self.ktp,))
        self.foreign: Counter = make_counter(self.other, "Loket 9")
        self.code = make_code(self.counter)
        make_code(self.foreign, "9F9F9F9F")
        self.coordinator: Account = make_account("coordinator", self.office)
        self.administrator: Account = make_account("administrator")


@pytest.fixture
def cast(app: Flask) -> Cast:
    return Cast()


@pytest.fixture
def keeper(client: FlaskClient, cast: Cast) -> FlaskClient:
    return act_as(client, cast.coordinator)


def events_of(counter: Counter) -> list[CodeEvent]:
    db.session.expire_all()
    return [
        event
        for event in db.session.scalars(select(CodeEvent).order_by(CodeEvent.at))
        if event.agency_id == counter.agency_id
    ]


def test_my_offices_pages_open(keeper: FlaskClient, cast: Cast) -> None:
    office, counter = cast.office.id, cast.counter.id
    for path in (
        "/services",
        f"/offices/{office}/services",
        f"/offices/{office}/services/new",
        "/counters",
        f"/counters?office={office}&state=all",
        "/counters/new",
        f"/counters/{counter}",
        f"/counters/{counter}/edit",
        "/codes/7K3M9QXA/qr.svg",
        "/posters",
        f"/posters?office={office}",
    ):
        assert keeper.get(path).status_code == 200, path


def test_what_belongs_to_another_office_is_not_there(keeper: FlaskClient, cast: Cast) -> None:
    other, foreign = cast.other.id, cast.foreign.id
    for path in (
        f"/offices/{other}/services",
        f"/counters?office={other}",
        f"/counters/{foreign}",
        f"/counters/{foreign}/edit",
        "/codes/9F9F9F9F/qr.svg",
        "/codes/9F9F9F9F/poster.pdf",
        f"/posters?office={other}",
        f"/posters.pdf?office={other}",
        "/counters/1",
        "/codes/0000/qr.svg",
    ):
        assert keeper.get(path).status_code == 404, path
    for path in ("code", "code/replace", "code/revoke"):
        assert send(keeper, f"/counters/{foreign}/{path}").status_code == 404


def test_another_agencys_administrator_sees_none_of_it(client: FlaskClient, cast: Cast) -> None:
    act_as(client, make_account("administrator", agency=make_agency("kabupaten")))
    assert client.get(f"/counters/{cast.counter.id}").status_code == 404
    assert client.get(f"/offices/{cast.office.id}/services").status_code == 404
    assert "Loket 3" not in client.get("/counters").text


def test_a_counter_is_found_by_part_of_its_name_or_by_a_code_that_hangs_there(
    keeper: FlaskClient, cast: Cast
) -> None:
    for text in ("loket 3", "7k3m-9qxa"):
        assert ">Loket 3</a>" in keeper.get("/counters", query_string={"q": text}).text
    page = keeper.get("/counters", query_string={"q": "Loket 30%"}).text
    assert "Tidak ada yang cocok" in page
    assert 'value="Loket 30%"' in page


@pytest.mark.parametrize("role", ["employee", "supervisor", "auditor"])
def test_other_roles_are_told_that_it_is_not_theirs(
    client: FlaskClient, cast: Cast, role: str
) -> None:
    act_as(client, make_account(role, cast.office))
    for path in ("/services", "/counters", "/posters", "/codes/7K3M9QXA/poster.pdf"):
        assert client.get(path).status_code == 403, path


def test_a_stranger_is_asked_to_act_as(client: FlaskClient, cast: Cast) -> None:
    answer = client.get("/counters")
    assert answer.status_code == 302
    assert "/sign-in" in answer.location


def test_services_are_changed_by_whoever_administers_the_whole_agency(
    client: FlaskClient, cast: Cast
) -> None:
    act_as(client, make_account("administrator", cast.office))
    assert client.get("/services/new").status_code == 403
    act_as(client, cast.administrator)
    answer = send(client, "/services/new", name="Akta kelahiran", code="akta-lahir")
    assert answer.status_code == 302
    twice = send(client, "/services/new", name="Akta mati", code="akta-lahir")
    assert "Kode ini sudah dipakai" in twice.text
    born = db.session.scalars(select(Service).where(Service.code == "akta-lahir")).one()
    send(client, f"/services/{born.id}", name="Akta", code="akta")
    db.session.expire_all()
    assert (born.name, born.code, born.active) == ("Akta", "akta", False)
    assert set(db.session.scalars(select(AuditEvent.action))) >= {"add_service", "edit_service"}


def test_a_standard_is_set_changed_and_taken_away(keeper: FlaskClient, cast: Cast) -> None:
    base = f"/offices/{cast.office.id}/services"
    words = {"requirements": "KK asli\n\nKTP lama", "duration": "1 hari", "cost": "Gratis"}
    assert send(keeper, f"{base}/new", service=cast.ktp.id, **words).status_code == 302
    page = keeper.get(base).text
    assert "<li>KTP lama</li>" in page
    assert "Gratis" in page
    send(keeper, f"{base}/{cast.ktp.id}", **(words | {"cost": "Rp 50.000"}))
    db.session.expire_all()
    assert db.session.scalars(select(OfficeService.cost)).one() == "Rp 50.000"
    send(keeper, f"{base}/{cast.ktp.id}/remove")
    assert db.session.scalars(select(OfficeService)).all() == []
    assert keeper.get(f"{base}/{cast.ktp.id}").status_code == 404


def test_a_new_counter_comes_with_its_code(keeper: FlaskClient, cast: Cast) -> None:
    form = {"office": cast.office.id, "label": "Loket 4", "services": [cast.ktp.id]}
    answer = send(keeper, "/counters/new", **form)
    assert answer.status_code == 302
    counter = db.session.scalars(select(Counter).where(Counter.label == "Loket 4")).one()
    assert answer.location.endswith(f"/counters/{counter.id}")
    issued = events_of(counter)[-1]
    found = resolve_code(issued.code)
    assert issued.kind == "issued"
    assert found
    assert (found.counter_label, found.state, found.version) == ("Loket 4", "current", 1)
    assert found.services == ((cast.ktp.id, "KTP-el"),)
    assert "sudah memiliki loket" in send(keeper, "/counters/new", **form).text


def test_a_counter_is_not_made_in_another_office(keeper: FlaskClient, cast: Cast) -> None:
    answer = send(keeper, "/counters/new", office=cast.other.id, label="Loket 4")
    assert "Pilih salah satu" in answer.text


def test_a_counter_is_edited_and_closed(keeper: FlaskClient, cast: Cast) -> None:
    path = f"/counters/{cast.counter.id}/edit"
    page = keeper.get(path).text
    assert 'value="Loket 3"' in page
    assert "checked" in page
    send(keeper, path, label="Loket 3A", place="Lantai 2")
    found = resolve_code(cast.code)
    assert found
    assert (found.counter_label, found.counter_active) == ("Loket 3A", False)
    assert db.session.scalars(select(CounterService)).all() == []
    assert "Loket 3A" not in keeper.get("/counters").text
    assert "Loket 3A" in keeper.get("/counters?state=closed").text


def test_the_poster_carries_the_code_and_its_print_is_kept(keeper: FlaskClient, cast: Cast) -> None:
    seen = keeper.get("/codes/7k3m-9qxa/poster.pdf")
    assert seen.mimetype == "application/pdf"
    assert events_of(cast.counter) == []  # looking at it prints nothing
    answer = send(keeper, "/codes/7k3m-9qxa/poster.pdf")
    assert answer.mimetype == "application/pdf"
    assert "poster-loket-3-7k3m9qxa.pdf" in answer.headers["Content-Disposition"]
    text = PdfReader(BytesIO(answer.data)).pages[0].extract_text()
    assert "7K3M-9QXA" in text
    assert "Loket 3" in text
    (printed,) = events_of(cast.counter)
    assert (printed.kind, printed.public_url) == ("printed", "https://loket.kota.example")
    assert printed.account_id == cast.coordinator.id


def test_one_pdf_holds_all_open_counters_of_an_office(keeper: FlaskClient, cast: Cast) -> None:
    make_code(make_counter(cast.office, "Loket 10"), "AAAA0010")
    make_code(make_counter(cast.office, "Loket 4"), "AAAA0004")
    make_counter(cast.office, "Loket tanpa kode")
    answer = keeper.get(f"/posters.pdf?office={cast.office.id}")
    pages = [page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages]
    shown = ["7K3M-9QXA", "AAAA-0004", "AAAA-0010"]
    assert len(pages) == 3
    assert all(code in page for code, page in zip(shown, pages, strict=True))
    assert events_of(cast.counter) == []
    fields = {"office": cast.office.id, "code": ["7K3M9QXA", "AAAA0004", "AAAA0010"]}
    send(keeper, "/posters/print", **fields)
    assert sorted(event.code for event in events_of(cast.counter)) == sorted(fields["code"])


def test_an_office_without_codes_has_nothing_to_print(client: FlaskClient, cast: Cast) -> None:
    act_as(client, cast.administrator)
    empty = make_office(code="kecamatan")
    assert client.get(f"/posters.pdf?office={empty.id}").status_code == 302
    assert "Tambah loket" in client.get(f"/posters?office={empty.id}").text


def test_the_picture_is_a_svg_with_the_upper_case_address(keeper: FlaskClient, cast: Cast) -> None:
    answer = keeper.get("/codes/7K3M9QXA/qr.svg")
    assert answer.mimetype == "image/svg+xml"
    assert "HTTPS://LOKET.KOTA.EXAMPLE/N/7K3M9QXA" in answer.text


def test_a_replaced_code_says_so_and_its_poster_is_gone(keeper: FlaskClient, cast: Cast) -> None:
    path = f"/counters/{cast.counter.id}/code/replace"
    assert "Alasan perlu diisi" in send(keeper, path, code="7K3M9QXA").text
    send(keeper, path, code="7K3M9QXA", reason="Poster sobek")
    send(keeper, path, code="7K3M9QXA", reason="Poster sobek")  # a second tap
    old = resolve_code("7K3M9QXA")
    (new_code,) = (one.code for one in events_of(cast.counter) if one.kind == "issued")
    new = resolve_code(new_code)
    assert old
    assert new
    assert (old.state, new.state, new.version) == ("replaced", "current", 2)
    assert old.counter_id == new.counter_id
    assert keeper.get("/codes/7K3M9QXA/poster.pdf").status_code == 404
    page = keeper.get(f"/counters/{cast.counter.id}").text
    assert "Poster sobek" in page
    assert f"{new_code[:4]}-{new_code[4:]}" in page


def test_a_revoked_code_leaves_the_counter_without_one_until_the_next(
    keeper: FlaskClient, cast: Cast
) -> None:
    base = f"/counters/{cast.counter.id}/code"
    send(keeper, f"{base}/revoke", code="7K3M9QXA", reason="Stiker palsu")
    found = resolve_code("7K3M9QXA")
    assert found
    assert found.state == "revoked"
    assert "Buat kode" in keeper.get(f"/counters/{cast.counter.id}").text
    again = send(keeper, f"{base}/revoke", code="7K3M9QXA", reason="Stiker palsu")
    assert again.status_code == 302
    send(keeper, base)
    issued = [one for one in events_of(cast.counter) if one.kind == "issued"]
    assert len(issued) == 1
    new = resolve_code(issued[0].code)
    old = resolve_code("7K3M9QXA")
    assert new
    assert old
    assert (new.state, new.version, old.state) == ("current", 2, "revoked")
    send(keeper, base)  # there is one already: nothing happens
    assert len([one for one in events_of(cast.counter) if one.kind == "issued"]) == 1


def test_a_code_is_never_given_twice_not_even_to_another_agency(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = make_account("coordinator", agency=make_agency("kabupaten"))
    offered = iter(["7K3M9QXA", "9F9F9F9F", "NEVER0NE"])
    monkeypatch.setattr(actions, "new_code", lambda: next(offered))
    counter = make_counter(make_office(make_agency("kabupaten"), "camat"))
    assert actions.issue_code(stranger, counter.id, NOW) == "NEVER0NE"


def test_an_unknown_code_stands_for_nothing(cast: Cast) -> None:
    assert resolve_code("00000000") is None


def test_resolving_a_code_takes_one_statement(cast: Cast) -> None:
    with statements() as sent:
        assert resolve_code("7K3M9QXA")
    assert len(sent) == 1


def test_open_counters_are_those_of_the_office_in_order(cast: Cast) -> None:
    make_counter(cast.office, "Loket 10")
    shown = [label for _id, label, _place in open_counters(cast.office.agency_id, cast.office.id)]
    assert shown == ["Loket 3", "Loket 10"]


def test_the_list_takes_no_more_statements_for_more_counters(
    keeper: FlaskClient, cast: Cast
) -> None:
    keeper.get("/counters")
    with statements() as few:
        keeper.get("/counters")
    office, ktp = make_office(), make_service()
    for number in range(20, 40):
        counter = make_counter(office, f"Loket {number}", services=(ktp,))
        make_duty(make_employee(office), counter)
        make_code(counter, f"AAAA00{number}")
    with statements() as many:
        assert "Loket 39" in keeper.get("/counters").text
    assert len(many) == len(few) <= 10


def test_a_keeper_without_offices_is_told_what_to_do(client: FlaskClient, app: Flask) -> None:
    act_as(client, make_account("administrator", agency=make_agency("baru")))
    for path in ("/duties", "/posters", "/counters", "/counters/new"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "Belum ada" in answer.text or "Tidak ada loket" in answer.text
