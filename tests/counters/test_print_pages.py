"""Pages of printing: choose, preview, print."""

import io
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from portal.counters import print_actions
from portal.counters.models import CodeEvent, Counter, OfficeService
from portal.counters.print_queries import house_of, to_print
from portal.counters.printing.words import words_in
from portal.db import db
from portal.people.models import Account, AuditEvent, Office
from portal.people.queries import Scope
from tests.conftest import NOW
from tests.counters.paper import read_off, rendered, text_of
from tests.counters.staff import act_as, send, statements
from tests.factories import make_account, make_code, make_counter, make_office, make_service, save

ADDRESS = "HTTPS://LOKET.KOTA.EXAMPLE/N/"


class Cast:
    """A dinas with a branch below it; the coordinator looks after both, the stranger after none."""

    def __init__(self) -> None:
        self.office: Office = make_office(address="Jalan Merdeka 1")
        self.branch: Office = make_office(code="upt", parent_id=self.office.id, name="UPT Utara")
        self.other: Office = make_office(code="dpmptsp", name="DPMPTSP")
        self.ktp = make_service()
        self.counters: list[Counter] = []
        for label, code in (("Loket 10", "AAAA0010"), ("Loket 2", "AAAA0002")):
            counter = make_counter(self.office, label, services=(self.ktp,))
            make_code(counter, code)
            self.counters.append(counter)
        make_code(make_counter(self.branch, "Loket 1"), "BBBB0001")
        make_code(make_counter(self.other, "Loket 9"), "CCCC0009")
        self.coordinator: Account = make_account("coordinator", self.office)
        self.administrator: Account = make_account("administrator")


@pytest.fixture
def cast(app: Flask) -> Cast:
    return Cast()


@pytest.fixture
def keeper(client: FlaskClient, cast: Cast) -> FlaskClient:
    return act_as(client, cast.coordinator)


def prints() -> list[CodeEvent]:
    db.session.expire_all()
    return list(db.session.scalars(select(CodeEvent).where(CodeEvent.kind == "printed")))


def codes_on(pdf: bytes) -> set[str]:
    return {found.removeprefix(ADDRESS) for found in read_off(rendered(pdf, 150))}


def test_the_page_lists_counters_by_building_and_number(keeper: FlaskClient, cast: Cast) -> None:
    page = keeper.get("/posters?office=all").text
    assert page.index("BBBB-0001") < page.index("AAAA-0002") < page.index("AAAA-0010")
    assert "CCCC-0009" not in page
    assert "Jalan Merdeka 1" in page


def test_floors_of_one_building_lie_together(app: Flask, cast: Cast) -> None:
    """Every building has a first floor: sorting by its name alone would mix them."""
    cast.other.address = "Jalan Balai Kota 9"
    for number, (office, floor) in enumerate(
        (office, floor) for office in (cast.office, cast.other) for floor in (2, 1)
    ):
        counter = make_counter(office, f"Loket {20 + number}")
        counter.place = f"Lantai {floor}"
        make_code(counter, f"DDDD000{number}")
    house = house_of(cast.coordinator.agency)
    order = print_actions.order_for("card", "https://a.example")
    found = to_print(Scope(cast.office.agency_id, None), house, order)
    codes = [one.piece.code for one in found if one.piece.code.startswith("DDDD")]
    assert codes == ["DDDD0003", "DDDD0002", "DDDD0001", "DDDD0000"]


def test_an_office_is_printed_with_all_below_it(keeper: FlaskClient, cast: Cast) -> None:
    answer = keeper.get(f"/posters.pdf?office={cast.office.id}")
    assert codes_on(answer.data) == {"AAAA0002", "AAAA0010", "BBBB0001"}
    assert codes_on(keeper.get(f"/posters.pdf?office={cast.branch.id}").data) == {"BBBB0001"}


def test_another_office_is_not_there(keeper: FlaskClient, cast: Cast) -> None:
    for path in ("/posters", "/posters.pdf", "/posters/preview.png", "/posters/list.pdf"):
        assert keeper.get(f"{path}?office={cast.other.id}").status_code == 404, path
    answer = send(keeper, "/posters/print", office=str(cast.other.id), code="CCCC0009")
    assert answer.status_code == 404


def test_a_code_of_another_office_cannot_be_slipped_in(keeper: FlaskClient, cast: Cast) -> None:
    answer = send(keeper, "/posters/print", office="all", code=["AAAA0002", "CCCC0009"])
    assert codes_on(answer.data) == {"AAAA0002"}


def test_what_is_ticked_is_printed_and_noted_with_address_and_format(
    keeper: FlaskClient, cast: Cast
) -> None:
    answer = send(keeper, "/posters/print", office="all", paper="card", code=["AAAA0002"])
    assert answer.mimetype == "application/pdf"
    assert codes_on(answer.data) == {"AAAA0002"}
    (event,) = prints()
    assert (event.code, event.format, event.public_url, event.account_id) == (
        "AAAA0002",
        "card",
        "https://loket.kota.example",
        cast.coordinator.id,
    )
    (act,) = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "print_codes"))
    assert act.detail == {"format": "card", "codes": 1}


def test_nothing_ticked_prints_nothing_and_says_so(keeper: FlaskClient, cast: Cast) -> None:
    answer = send(keeper, "/posters/print", office="all", paper="card")
    assert answer.status_code == 302
    assert "Pilih sedikitnya satu loket" in keeper.get(answer.location).text
    assert prints() == []


def test_the_preview_is_the_first_page_and_notes_nothing(keeper: FlaskClient, cast: Cast) -> None:
    answer = keeper.get("/posters/preview.png?office=all&paper=poster-a4")
    shown = Image.open(io.BytesIO(answer.data)).convert("L")
    assert read_off([shown]) == {f"{ADDRESS}BBBB0001": 1}
    assert shown.height / shown.width == pytest.approx(297 / 210, abs=0.01)
    assert prints() == []


def test_the_preview_turns_to_every_page_and_each_is_the_page_that_comes_out(
    keeper: FlaskClient, cast: Cast
) -> None:
    page = keeper.get("/posters?office=all").text
    assert "Halaman 1 dari 3" in page
    following = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = keeper.get(following).text
    assert "Halaman 2 dari 3" in second
    assert 'rel="prev"' in second
    shown = second.split('<img class="sheet" src="')[1].split('"')[0].replace("&amp;", "&")
    for number, code in ((1, "BBBB0001"), (2, "AAAA0002"), (3, "AAAA0010"), (9, "AAAA0010")):
        pixels = keeper.get(shown.replace("page=2", f"page={number}")).data
        assert read_off([Image.open(io.BytesIO(pixels)).convert("L")]) == {f"{ADDRESS}{code}": 1}
    slips = "/posters/preview.png?office=all&paper=slips&page=3"
    pixels = Image.open(io.BytesIO(keeper.get(slips).data)).convert("L")
    assert read_off([pixels]) == {f"{ADDRESS}AAAA0010": 16}


def test_a_preview_that_begins_on_a_used_sheet_goes_on_at_the_next_one(
    keeper: FlaskClient, cast: Cast
) -> None:
    query = "office=all&paper=labels&sheet=l7163&skip=13"
    assert "Halaman 1 dari 2" in keeper.get(f"/posters?{query}").text
    for number, codes in ((1, {"BBBB0001"}), (2, {"AAAA0002", "AAAA0010"})):
        pixels = keeper.get(f"/posters/preview.png?{query}&page={number}").data
        found = read_off([Image.open(io.BytesIO(pixels)).convert("L")])
        assert {text.removeprefix(ADDRESS) for text in found} == codes


def test_every_counter_to_tick_has_its_label(keeper: FlaskClient, cast: Cast) -> None:
    page = keeper.get("/posters?office=all").text
    (row,) = [row for row in page.split("<tr>") if 'value="AAAA0002"' in row]
    label = row.split('<label class="target nowrap">')[1].split("</label>")[0]
    assert 'type="checkbox"' in label
    assert f"Loket 2, {cast.office.name}" in label


def test_only_what_changed_since_its_last_print_in_this_format(
    keeper: FlaskClient, cast: Cast
) -> None:
    send(keeper, "/posters/print", office="all", code=["AAAA0002", "AAAA0010", "BBBB0001"])
    changed = "/posters?office=all&changed=1"
    assert "Tidak ada yang berubah" in keeper.get(changed).text
    assert "AAAA-0002" in keeper.get(f"{changed}&paper=card").text
    cast.counters[0].label = "Loket 11"
    db.session.commit()
    page = keeper.get(changed).text
    assert "AAAA-0010" in page
    assert "AAAA-0002" not in page
    assert "sudah berubah" in page
    cast.coordinator.agency.colour = "#123456"
    db.session.commit()
    assert "AAAA-0002" in keeper.get(changed).text


def test_what_was_printed_under_another_address_is_stale(app: Flask, cast: Cast) -> None:
    house, mine = house_of(cast.coordinator.agency), Scope(cast.office.agency_id, None)
    order = print_actions.order_for("poster-a4", "https://lama.example")
    batch = print_actions.Batch(mine.agency_id, to_print(mine, house, order), order, house)
    print_actions.note_prints(None, batch, NOW)
    assert not any(one.changed for one in to_print(mine, house, order))
    moved = replace(order, public_url="https://baru.example")
    assert all(one.changed for one in to_print(mine, house, moved))


def test_free_counters_say_so(keeper: FlaskClient, cast: Cast) -> None:
    standard = OfficeService(
        agency_id=cast.office.agency_id, office_id=cast.office.id, service_id=cast.ktp.id
    )
    standard.cost = "Gratis, tidak dipungut biaya"
    save(standard)
    assert words_in("id")["free"] in text_of(keeper.get("/codes/AAAA0002/poster.pdf").data)
    assert words_in("id")["tariff"] in text_of(keeper.get("/codes/BBBB0001/poster.pdf").data)


def test_one_counter_in_any_format(keeper: FlaskClient, cast: Cast) -> None:
    answer = keeper.get("/codes/AAAA0002/poster.pdf?paper=roll58&languages=en,id")
    assert "roll58-loket-2-aaaa0002.pdf" in answer.headers["Content-Disposition"]
    assert words_in("en")["headline"] in text_of(answer.data)


def test_the_bare_code_comes_as_png_too(keeper: FlaskClient, cast: Cast) -> None:
    answer = keeper.get("/codes/AAAA0002/qr.png")
    picture = Image.open(io.BytesIO(answer.data)).convert("L")
    assert read_off([picture]) == {f"{ADDRESS}AAAA0002": 1}
    assert keeper.get("/codes/CCCC0009/qr.png").status_code == 404


def test_the_list_to_tick_names_every_counter(keeper: FlaskClient, cast: Cast) -> None:
    text = text_of(keeper.get("/posters/list.pdf?office=all").data)
    for said in ("Jalan Merdeka 1", "Loket 10", "AAAA-0010", "UPT Utara", "loket.kota.example"):
        assert said in text


def test_a_choice_that_makes_no_sense_becomes_the_default(keeper: FlaskClient, cast: Cast) -> None:
    odd = "/posters?paper=papyrus&languages=xx&sheet=no&printer=7&skip=-4&changed=maybe"
    assert keeper.get(odd).status_code == 200
    assert keeper.get("/posters?paper=labels&skip=9999").status_code == 200
    assert keeper.get("/posters?office=nowhere").status_code == 404


def test_the_page_costs_the_same_however_many_counters_there_are(
    keeper: FlaskClient, cast: Cast
) -> None:
    keeper.get("/posters?office=all")
    with statements() as few:
        keeper.get("/posters?office=all")
    office = make_office()
    for number in range(20, 40):
        make_code(make_counter(office, f"Loket {number}"), f"AAAA00{number}")
    with statements() as many:
        assert "Loket 39" in keeper.get("/posters?office=all").text
    assert len(many) == len(few) <= 21
