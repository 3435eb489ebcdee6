"""From scan to receipt, as a citizen without JavaScript does it."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.counters.models import CodeEvent, RefusedScan, Service
from portal.db import db
from portal.ratings.models import Rating, RatingComment
from tests.conftest import NOW, set_clock
from tests.factories import (
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    make_service,
    save,
)

CODE = "7K3M9QXA"


@pytest.fixture
def counter(app: Flask):
    """Loket 3 with Ibu Sari on duty and its code on the wall."""
    counter = make_counter(
        services=(make_service(), make_service(code="kk", name="Kartu Keluarga"))
    )
    make_code(counter, CODE)
    make_duty(make_employee(), counter)
    return counter


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


def send(client: FlaskClient, page: str, path: str = f"/n/{CODE}", **fields: str):
    return client.post(path, data={"token": token_in(page), **fields})


def ratings() -> list[Rating]:
    db.session.rollback()
    return list(db.session.scalars(select(Rating)))


def test_two_taps_store_a_rating_about_the_person_on_duty(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    assert "Ibu Sari W." in page
    assert "checked" not in page.split('class="faces"')[1].split("</fieldset>")[0]
    answer = send(client, page, overall="4")
    assert answer.status_code == 303
    receipt = client.get(answer.location)
    code = re.search(r'data-receipt="([0-9A-Z]{12})"', receipt.text)
    assert code
    (rating,) = ratings()
    assert (rating.overall, rating.counts_for, rating.attributed_by) == (4, "A", "one_on_duty")
    assert rating.employee_id is not None
    assert rating.receipt == code[1]
    assert rating.period == "2026-Q4"


@pytest.mark.parametrize("wanted", ["kk", "", "of another counter"])
def test_where_a_counter_gives_several_services_the_one_chosen_is_stored(
    client, counter, wanted: str
) -> None:
    """None is chosen beforehand, and only a service of this counter can be."""
    elsewhere = make_service(code="akta", name="Akta kelahiran")
    ids = {row.code: row.id for row in db.session.scalars(select(Service))}
    page = client.get(f"/n/{CODE}").text
    (choices,) = re.findall(r'<select name="service">(.*?)</select>', page)
    assert "selected" not in choices
    assert re.findall(r'value="(\d+)">([^<]+)', choices) == [
        *((str(ids["ktp"]), "KTP-el"), (str(ids["kk"]), "Kartu Keluarga")),
    ]
    sent = {"kk": str(ids["kk"]), "": "", "of another counter": str(elsewhere.id)}[wanted]
    assert send(client, page, overall="4", service=sent).status_code == 303
    (rating,) = ratings()
    assert rating.service_id == (ids["kk"] if wanted == "kk" else None)


def test_reading_the_page_writes_nothing_and_sets_no_cookie(client, counter) -> None:
    answer = client.get(f"/n/{CODE}")
    assert "Set-Cookie" not in answer.headers
    assert ratings() == []


def test_the_upper_case_address_of_the_qr_code_is_the_same_page(client, counter) -> None:
    lower, upper = client.get(f"/n/{CODE.lower()}"), client.get("/N/7k3m-9qxa")
    assert lower.status_code == upper.status_code == 200
    answer = send(client, upper.text, path=f"/N/{CODE}", overall="2")
    assert answer.status_code == 303


@pytest.mark.parametrize("language", ["id", "en", "jv", "su"])
def test_what_is_kept_of_citizens_is_told_to_them_in_a_page_of_6000_bytes(
    client, counter, language: str
) -> None:
    form = client.get(f"/n/{CODE}?lang={language}").text
    for page in ("/", f"/n/{CODE}", send(client, form, overall="4").location):
        assert '<a href="/privacy">' in client.get(page).text
    path = f"/privacy?lang={language}"
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert len(packed.data) + len(str(packed.headers)) <= 6000
    page = client.get(path).text
    for figure in ("120", "13", "10", "5", "2"):  # days, months, days, years
        assert re.search(rf"\b{figure}\b", page)
    # The same in all languages: nothing is left untranslated.
    assert language == "id" or "Yang kami simpan" not in page


def test_the_portal_can_be_put_on_the_home_screen(client) -> None:
    manifest = client.get("/manifest.webmanifest").json
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "/")
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"]:
        with client.get(icon["src"]) as picture:
            assert picture.content_type == "image/png"


def test_without_styles_the_hidden_field_says_to_leave_it_empty(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    assert re.search(r'class="hp" aria-hidden="true"><label>Biarkan kosong<', page)


def test_the_same_token_again_gives_the_same_receipt_and_one_row(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    first = send(client, page, overall="3")
    again = send(client, page, overall="3")
    assert first.location == again.location
    (rating,) = ratings()
    assert rating.tries == 1


def test_a_changed_answer_on_the_same_token_leaves_the_first_standing(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    send(client, page, overall="1")
    changed = send(client, page, overall="4")
    assert "yang pertama yang berlaku" in client.get(changed.location).text
    assert [rating.overall for rating in ratings()] == [1]


def test_details_are_kept_and_numbers_in_the_comment_are_masked(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    send(
        client,
        page,
        overall="2",
        ramah="3",
        cakap="1",
        cekatan="2",
        cause="system",
        comment="Server mati. NIK saya 3372014506890001, HP 0812-3456-7890, budi@mail.example",
    )
    (rating,) = ratings()
    assert (rating.ramah, rating.cakap, rating.cekatan, rating.cause) == (3, 1, 2, "system")
    text = db.session.scalar(select(RatingComment.text))
    assert text == "Server mati. NIK saya ▇nik▇, HP ▇phone▇, ▇email▇"


def test_without_a_face_the_form_comes_back_with_what_was_typed(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    answer = send(client, page, comment="Antrenya lama")
    assert answer.status_code == 422
    assert "Pilih dulu salah satu wajah" in answer.text
    assert "Antrenya lama" in answer.text
    assert send(client, answer.text, overall="2").status_code == 303


@pytest.mark.parametrize("token", ["", "x", "forged.token", "é.ü", "a" * 5000])
def test_a_forged_token_stores_nothing_and_gives_the_typed_text_back(
    client, counter, token: str
) -> None:
    answer = client.post(
        f"/n/{CODE}", data={"token": token, "overall": "1", "comment": "Panjang ceritanya"}
    )
    assert answer.status_code == 422
    assert "Panjang ceritanya" in answer.text
    assert ratings() == []
    assert send(client, answer.text, overall="1").status_code == 303


def test_a_token_of_another_counter_is_refused(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    make_code(make_counter(label="Loket 4"), "ZZZZ9999")
    fields = {"token": token_in(page), "overall": "1", "comment": "Antre tiga jam"}
    answer = client.post("/n/ZZZZ9999", data=fields)
    assert answer.status_code == 422
    assert "Antre tiga jam" in answer.text  # to be sent from the form of this counter
    assert token_in(answer.text) != fields["token"]
    assert ratings() == []


def test_a_form_is_accepted_for_eight_days_and_not_longer(client, counter, monkeypatch) -> None:
    page = client.get(f"/n/{CODE}").text
    set_clock(monkeypatch, NOW + timedelta(days=8, minutes=1))
    late = send(client, page, overall="1", comment="Terlambat")
    assert late.status_code == 422
    assert "8 hari" in late.text
    assert "Terlambat" in late.text
    set_clock(monkeypatch, NOW + timedelta(days=7, hours=23))
    assert send(client, page, overall="1").status_code == 303
    (rating,) = ratings()
    assert rating.issued_at == NOW


def test_an_unknown_code_leads_to_a_page_with_a_next_step(client, counter) -> None:
    for code in ("AAAAAAAA", "short", "7K3M9QXAB2"):
        answer = client.get(f"/n/{code}")
        assert answer.status_code == 404
        assert "Kode tidak dikenal" in answer.text
        assert 'action="/find"' in answer.text


def test_a_replaced_code_leads_to_a_page_that_explains(client, counter) -> None:
    make_code(counter, "NEWC0DE2", version=2)
    answer = client.get(f"/n/{CODE}")
    assert answer.status_code == 410
    assert "sudah diganti" in answer.text
    assert "NEWC0DE2" not in answer.text


def test_a_code_typed_by_hand_leads_to_counter_or_receipt(client, counter) -> None:
    assert client.get("/find?code=7k3m-9qxa").location == f"/n/{CODE}"
    location = send(client, client.get(f"/n/{CODE}").text, overall="4").location
    receipt = location.split("?")[0].rsplit("/", 1)[1]
    typed = f"{receipt[:4]}-{receipt[4:8]}-{receipt[8:]}".lower()
    assert client.get(f"/find?code={typed}").location == f"/t/{receipt}"


def test_opening_no_code_says_to_type_one_and_what_was_typed_stays(client, counter) -> None:
    empty = client.get("/find?code=+")
    assert empty.status_code == 422
    assert "Ketik dulu kodenya." in empty.text
    wrong = client.get("/find?code=7K3M")
    assert wrong.status_code == 404
    assert 'value="7K3M"' in wrong.text
    switched = client.get(f"/find?code={CODE}&lang=en")
    assert switched.status_code == 200  # opened by the button, not by the switch
    assert f'value="{CODE}"' in switched.text


def test_a_counter_found_by_list_names_nobody_and_counts_for_the_office(client, counter) -> None:
    front = client.get("/")
    assert "Dinas Dukcapil" in front.text
    path = f"/find/{counter.agency_id}/{counter.office_id}/{counter.id}"
    assert path in client.get(f"/find/{counter.agency_id}/{counter.office_id}").text
    page = client.get(path).text
    assert "Sari" not in page
    assert "dihitung untuk kantor ini, bukan untuk seorang petugas" in page
    assert send(client, page, path, comment="Antre").status_code == 422
    sent = send(client, page, path, overall="1")
    assert sent.status_code == 303
    told = "Dihitung untuk kantor, bukan untuk seorang petugas."
    assert told in client.get(sent.location).text
    assert told not in client.get(sent.location.split("?")[0]).text  # whoever asks for it later
    scanned = send(client, client.get(f"/n/{CODE}").text, overall="4")
    assert told not in client.get(scanned.location).text
    (rating,) = (one for one in ratings() if one.channel == "list")
    assert (rating.counts_for, rating.employee_id) == ("O", None)


def test_the_list_names_no_office_without_a_code_in_force(client, counter) -> None:
    make_counter(make_office(code="arsip", name="Kantor tanpa kode"))
    revoked = make_counter(make_office(code="lama", name="Kantor berkode lama"))
    make_code(revoked, "8M4P7R2C")
    save(CodeEvent(agency_id=1, code="8M4P7R2C", kind="revoked", at=NOW))
    front = client.get("/").text
    assert "Dinas Dukcapil" in front
    assert "Kantor tanpa kode" not in front
    assert "Kantor berkode lama" not in front


def test_who_has_not_stood_at_the_counter_learns_no_code_that_counts_for_a_person(
    client, counter
) -> None:
    """A code names who is on duty; the pages that anyone finds at home hold none."""
    listed = f"/find/{counter.agency_id}/{counter.office_id}"
    for path in ("/", listed, f"{listed}/{counter.id}"):
        assert CODE not in client.get(path).text
    token = client.get(f"{listed}/{counter.id}").text
    assert send(client, token, overall="4").status_code == 422
    scanned = client.get(f"/n/{CODE}").text
    assert send(client, scanned, f"{listed}/{counter.id}", overall="4").status_code == 422
    assert ratings() == []


def test_a_hall_full_of_people_behind_one_address_is_never_refused(app, counter) -> None:
    for _phone in range(30):
        phone = app.test_client()
        assert send(phone, phone.get(f"/n/{CODE}").text, overall="3").status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Rating)) == 30


def test_a_machine_that_fills_the_hidden_field_stores_nothing_and_is_counted(
    client, counter
) -> None:
    page = client.get(f"/n/{CODE}").text
    for _try in range(3):
        answer = send(client, page, overall="1", website="http://spam.example")
        assert answer.status_code == 422
    assert ratings() == []
    (count,) = db.session.scalars(select(RefusedScan))
    assert (count.kind, count.times, count.counter_id) == ("honeypot", 3, counter.id)
    # It may have been a person whose browser fills in whatever it finds: no trap any more.
    assert "website" in page
    assert "website" not in answer.text
    assert "tidak dapat dibaca" in answer.text
    assert send(client, answer.text, overall="1").status_code == 303


def test_old_signing_keys_keep_queued_ratings_alive(client, counter, app) -> None:
    from portal import create_app
    from tests.conftest import KEY, settings_for

    page = client.get(f"/n/{CODE}").text
    first = send(client, page, overall="4")
    queued = client.get(f"/n/{CODE}").text  # sent only after the change of keys
    newer = "another-key-for-tests-that-is-long-enough"
    rotated = create_app(
        settings_for(app.config["SETTINGS"].database_url, secret_keys=f"{newer},{KEY}")
    )
    with rotated.app_context():
        again = send(rotated.test_client(), page, overall="4")
        late = send(rotated.test_client(), queued, overall="2")
        db.engine.dispose()
    assert again.status_code == 303
    assert again.location == first.location
    assert late.status_code == 303
    assert sorted(rating.overall for rating in ratings()) == [2, 4]


def test_only_the_page_that_reads_codes_may_ask_for_the_camera(client, counter) -> None:
    allowed = {
        path: "camera=(self)" in client.get(path).headers["Permissions-Policy"]
        for path in ("/", f"/n/{CODE}", "/find?code=ZZ", "/sign-in", "/results")
    }
    assert [path for path, allows in allowed.items() if allows] == ["/"]
