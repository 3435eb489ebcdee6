"""One box finds what the reader may open, and nothing else."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.access import ROLES
from portal.db import db
from portal.followups.models import FollowUp
from portal.followups.opening_actions import open_cases
from portal.integrity.models import IntegrityReport
from portal.people.models import RoleGrant
from tests.conftest import NOW
from tests.counters.staff import send, statements
from tests.factories import (
    LONG_AGO,
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_office,
    make_service,
    save,
)
from tests.integrity.reports import WORDS, file, office_with_key, quick_keys
from tests.moderation.test_moderation import comment
from tests.records.cast import DAY, PERIOD, enter, rate, release, withdraw
from tests.records.test_decisions import Story


def looked_up(client: FlaskClient, text: str) -> str:
    answer = send(client, "/search", q=text)
    assert answer.status_code == 302
    found = client.get(answer.location)
    assert found.status_code == 200
    return found.text


def test_each_role_finds_its_own_pages_and_nothing_of_other_offices_or_agencies(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    decision = story.decide("none")
    story.employee.name = "Merpati Putih"
    story.counter.label = "Loket Merpati"
    story.office.name = "Kantor Merpati"
    db.session.commit()
    rate(story.counter, None, 1, 4, 4, 4, 4, since=3)
    release(story.counter, NOW + DAY)
    open_cases(NOW + DAY)
    own, case = story.office, db.session.scalars(select(FollowUp)).first()
    assert case
    pages = {
        "employee": f"/employees/{story.employee.id}",
        "record": f"/records/{story.employee.id}/{PERIOD}",
        "decision": f"/decisions/{decision.id}",
        "case": f"/follow-ups/{case.id}",
        "counter": f"/counters/{story.counter.id}",
        "office": f"/offices/{own.id}",
        "results": f"/overview?office={own.id}",
        "public page": f"/results/kota/{own.code}",
        "assisted": f"/assisted/rate?counter={story.counter.id}",
    }
    wanted = {
        "administrator": {"employee", "counter", "office"},
        "hr": {"employee", "record", "decision", "results"},
        "supervisor": {"record", "decision", "case", "results"},
        "coordinator": {"case", "counter", "results"},
        "auditor": {"record", "decision", "results"},
        "appeals_officer": {"record", "decision", "public page"},
        "inspector": {"results"},
        "clerk": {"assisted", "public page"},
        "moderator": {"public page"},
        "data_protection_officer": {"public page"},
    }
    assert wanted.keys() == set(ROLES) - {"employee"}
    other, foreign = make_office(code="kecamatan"), make_office(make_agency("lain"))
    for role, kinds in wanted.items():
        enter(client, make_account(role, own))
        page = looked_up(client, "merpati")
        found = {kind for kind, url in pages.items() if f'href="{url}' in page}
        assert found == kinds, role
        for elsewhere in (other, foreign):
            enter(client, make_account(role, elsewhere))
            assert "Tidak ada yang cocok" in looked_up(client, "merpati"), role
    enter(client, make_account("employee", own))  # reads of nobody else
    assert client.get("/search?q=merpati").status_code == 403
    assert 'action="/search"' not in client.get("/home").text


def test_the_page_says_in_what_each_role_searches(app: Flask, client: FlaskClient) -> None:
    for role, kinds in (
        ("moderator", "Komentar warga, Unit kerja"),
        ("inspector", "Laporan integritas, Unit kerja"),
        ("clerk", "Unit kerja, Penilaian bantuan"),
        ("hr", "Pegawai, Catatan kinerja, Keputusan, Unit kerja"),
    ):
        enter(client, make_account(role, make_office()))
        assert f"Dicari dalam: {kinds}." in client.get("/search").text, role


def test_an_inspector_finds_reports_by_the_office_they_are_about_and_not_by_their_words(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick_keys(monkeypatch)
    office = office_with_key()
    office.name = "Kantor Merpati"
    db.session.commit()
    file(client, office)
    page = f"/inspectorate/{db.session.scalars(select(IntegrityReport.id)).one()}"
    other, foreign = make_office(code="kecamatan"), make_office(make_agency("lain"))
    for role, place, shown in (
        ("inspector", office, True),
        ("inspector", other, False),
        ("inspector", foreign, False),
        ("auditor", office, False),
    ):
        enter(client, make_account(role, place))
        assert (f'href="{page}"' in looked_up(client, "merpati")) is shown, (role, place.code)
    enter(client, make_account("inspector", office))
    assert "Tidak ada yang cocok" in looked_up(client, WORDS.split()[-1])


def test_non_asn_staff_are_found_among_employees_and_have_no_record(
    app: Flask, client: FlaskClient
) -> None:
    office = make_office()
    helper = make_employee(office, "Merpati Putih", kind="non_asn")
    enter(client, make_account("hr", office))
    page = looked_up(client, "merpati")
    assert f'href="/employees/{helper.id}"' in page
    assert f'href="/records/{helper.id}' not in page


def test_nobody_finds_a_case_about_themselves(app: Flask, client: FlaskClient) -> None:
    story = Story()
    story.office.name = "Kantor Merpati"
    db.session.commit()
    rate(story.counter, story.employee, 1, 1, 1, 1, 1, since=3)
    release(story.counter, NOW + DAY)
    open_cases(NOW + DAY)
    own = {"agency_id": story.office.agency_id, "account_id": story.clerk.id}
    save(RoleGrant(**own, role="supervisor", granted_at=LONG_AGO))
    for reader, found in ((story.clerk, False), (story.supervisor, True)):
        enter(client, reader)
        assert ('href="/follow-ups/' in looked_up(client, "merpati")) is found


def test_a_moderator_finds_comments_by_their_words_as_far_as_the_own_list_goes(
    app: Flask, client: FlaskClient
) -> None:
    counter, employee, office = make_counter(), make_employee(), make_office()
    ratings = rate(counter, employee, 1, 4, 4, 4, 4, 4)
    words = "Merpati terbang. " * 9 + "Petugasnya goblok, hubungi ▇phone▇ saja"
    said = comment(ratings[0], words)
    comment(ratings[1], "Merpati minta uang rokok", for_inspector=True)
    taken_back = comment(ratings[2], "Merpati yang ditarik kembali")
    page = f'href="/comments/{PERIOD}/{said.key}"'

    def found(text: str) -> str:
        return looked_up(client, text).split("<main")[1]

    enter(client, make_account("moderator", office))
    assert "Tidak ada yang cocok" in found("hubungi")  # not before its release
    withdraw(ratings[2])
    release(counter)
    told = found("hubungi")
    assert page in told
    assert "…" in told
    assert "[kata kasar ditutup], hubungi [nomor HP disamarkan] saja" in told
    assert "goblok" not in told
    for hidden in ("uang rokok", "ditarik kembali", "phone", "▇hand▇"):
        assert "Tidak ada yang cocok" in found(hidden), hidden
    assert page in found("GOBLOK")  # as its page shows it
    assert str(taken_back.key) not in found("merpati")
    other, foreign = make_office(code="kecamatan"), make_office(make_agency("lain"))
    for role, place, own in (
        ("moderator", other, None),
        ("moderator", foreign, None),
        ("moderator", office, employee),
        ("supervisor", office, None),
    ):
        enter(client, make_account(role, place, employee=own))
        assert "/comments/" not in found("hubungi"), (role, place.code)


def test_a_clerk_is_led_to_counters_that_are_open(app: Flask, client: FlaskClient) -> None:
    counter = make_counter(label="Loket Merpati")
    page = f'href="/assisted/rate?counter={counter.id}"'
    enter(client, make_account("clerk", make_office()))
    assert page in looked_up(client, "merpati")
    counter.active = False
    db.session.commit()
    assert page not in looked_up(client, "merpati")


def test_a_personal_number_leads_to_its_employee_and_never_stands_in_an_address(
    app: Flask, client: FlaskClient
) -> None:
    office = make_office()
    employee = make_employee(office)
    assert employee.nip
    spaced = f"{employee.nip[:8]} {employee.nip[8:14]} {employee.nip[14:]}"
    for role, place in (("hr", office), ("hr", make_office(code="lain")), ("supervisor", office)):
        enter(client, make_account(role, place))
        answer = send(client, "/search", q=spaced)
        opened = role == "hr" and place is office
        assert answer.location == (f"/employees/{employee.id}" if opened else "/search")
    for written in ("+62 (812) 345-6789", "0812/3456/7890", "19850101_201001_1_001"):
        assert send(client, "/search", q=written).location == "/search", written
    hint = client.get(f"/search?q={employee.nip}")
    assert hint.location == "/search"
    told = client.get("/search").text
    assert "Nomor pribadi" in told
    assert employee.nip not in told


def test_services_are_found_by_who_administers_all_offices_and_opens_their_page(
    app: Flask, client: FlaskClient
) -> None:
    page = f"/services/{make_service(name='Akta Merpati').id}"
    for office, status in ((None, 200), (make_office(), 403)):
        enter(client, make_account("administrator", office))
        assert client.get(page).status_code == status
        assert (f'href="{page}"' in looked_up(client, "merpati")) is (status == 200)


def test_a_search_asks_as_little_of_many_as_of_few(app: Flask, client: FlaskClient) -> None:
    enter(client, make_account("administrator"))

    def asked() -> int:
        with statements() as said:
            assert "Rajawali" in client.get("/search?q=rajawali").text
        return len(said)

    make_employee(None, "Rajawali")
    make_counter(None, "Rajawali")
    few = asked()
    for number in range(12):
        make_employee(None, f"Rajawali {number}")
        make_counter(None, f"Rajawali {number}")
    assert asked() == few <= 25
    assert "/employees?q=rajawali" in client.get("/search?q=rajawali").text


def test_a_search_of_comments_asks_as_little_of_many_as_of_few(
    app: Flask, client: FlaskClient
) -> None:
    counter = make_counter()
    for rating, word in zip(
        rate(counter, None, *[4] * 13), ["Garuda", *["Rajawali"] * 12], strict=True
    ):
        comment(rating, word)
    release(counter)
    enter(client, make_account("moderator", make_office()))

    def asked(word: str) -> tuple[int, int]:
        with statements() as said:
            page = client.get(f"/search?q={word}").text
        return len(said), page.count('href="/comments/')

    assert asked("garuda") == (6, 1)
    assert asked("rajawali") == (6, 10)


def test_marks_that_databases_know_are_only_letters(app: Flask, client: FlaskClient) -> None:
    make_counter(label="Loket 100%")
    make_counter(make_office(code="pajak"), label="Loket 2")
    enter(client, make_account("administrator"))
    page = client.get("/search", query_string={"q": "0%"}).text
    assert "Loket 100%" in page
    assert "Loket 2" not in page
    assert "dua huruf" in client.get("/search?q=a").text
