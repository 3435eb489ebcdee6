"""The page of an office: how its ratings divide, and nobody in it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.counters.models import Counter, CounterService
from portal.db import db
from portal.people.models import Employee
from portal.ratings.models import Rating, RatingComment
from portal.records.comment_themes import told_to_all
from portal.records.models import PublicResult
from portal.records.office_models import OfficeParts
from portal.records.replay import verify
from portal.records.themes import themes_of
from tests.conftest import NOW
from tests.counters.staff import statements
from tests.factories import (
    make_account,
    make_counter,
    make_employee,
    make_office,
    make_service,
    make_ticket,
    save,
)
from tests.moderation.test_moderation import comment
from tests.records.cast import DAY, FIRST, PERIOD, enter, rate, release, withdraw

NAMES = ("Sari Wulandari", "Budi Santoso", "Ratna Dewi")
CLOSED = NOW + timedelta(weeks=8)


class Office:
    """An office with three people, one service that all give and one that is asked for seldom."""

    def __init__(self) -> None:
        self.counter: Counter = make_counter()
        self.people: list[Employee] = [make_employee(name=name) for name in NAMES]
        self.service = make_service()
        self.seldom = make_service(code="kk", name="Kartu keluarga")
        self.ratings: list[Rating] = []
        for person in self.people:
            self.ratings += rate(self.counter, person, 4, 4, 3, 2, 4, 4, service_id=self.service.id)
        rate(self.counter, None, 1, 1, 1, 1, since=2, service_id=self.seldom.id)
        self.path = f"/overview?office={self.counter.office_id}&period={PERIOD}"


def parts() -> dict[str, dict[str, list[int | None]]]:
    db.session.expire_all()
    return db.session.scalars(select(OfficeParts)).one().parts


def test_a_part_is_told_from_five_ratings_on_and_moves_by_five_of_its_own(app: Flask) -> None:
    office = Office()
    release(office.counter)
    (at, number, mean, lo, hi) = parts()["service"][str(office.service.id)]
    assert (at, number, mean) == (1, 18, 88)
    assert lo is not None
    assert hi is not None
    assert lo < 88 < hi
    assert str(office.seldom.id) not in parts()["service"]  # four
    own = {"service_id": office.service.id}
    rate(office.counter, None, 1, 1, 1, 1, since=10, **own)
    rate(office.counter, None, 1, since=11, service_id=office.seldom.id)
    release(office.counter, NOW + DAY)
    after = parts()["service"]
    assert after[str(office.service.id)] == [1, 18, mean, lo, hi]  # four of its own
    # Five, and nobody known to have given it: no index.
    assert after[str(office.seldom.id)] == [2, 5, None, None, None]
    rate(office.counter, None, 1, since=12, **own)
    release(office.counter, NOW + 2 * DAY)
    assert parts()["service"][str(office.service.id)][:2] == [3, 23]


def test_hours_are_told_when_the_quarter_closes_and_never_before(app: Flask) -> None:
    office = Office()
    for week in (7, 14):
        rate(office.counter, None, 4, 4, since=week)
    make_ticket(office.counter, code="K7M3Q9XA40", served_on=NOW.date())
    release(office.counter)
    assert parts().keys() == {"service", "channel"}
    release(office.counter, CLOSED, closes=True)
    # Forms of a Monday, opened just before nine: three people's, and those of two weeks.
    assert parts()["hour"]["8"][:2] == [2, 6]
    assert parts()["weekday_hour"] == {"1-08": [2, 5, None, None, None]} | {
        key: told for key, told in parts()["weekday_hour"].items() if key != "1-08"
    }
    assert all(told[1] is not None and told[1] >= 5 for told in parts()["weekday_hour"].values())
    assert db.session.scalars(select(OfficeParts.tickets)).one() == 1
    assert all(found.same for _name, found in verify())
    row = db.session.scalars(select(OfficeParts)).one()
    row.parts = {**row.parts, "channel": {"poster": [2, 25, 90, 80, 95]}}
    db.session.commit()
    assert any("channel poster" in line for _name, found in verify() for line in found.differences)


@pytest.fixture
def heard(app: Flask) -> Office:
    """Comments: seven of waiting, told as five, and one of rooms that may be read; and four of
    waiting that may not, of which each would make it ten."""
    office = Office()
    for rating in office.ratings[:7]:
        comment(rating, "Antrenya lama, tetapi petugasnya menjelaskan")
    room, rude, alleged, taken = office.ratings[7:11]
    comment(room, "Kursinya kurang")
    comment(rude, "Petugasnya goblok, antrenya lama")
    comment(alleged, "Diminta uang agar antrenya cepat", for_inspector=True)
    comment(taken, "Saya antre dua jam dengan bayi kembar")
    release(office.counter)
    withdraw(taken, NOW + DAY / 2)
    late = rate(office.counter, None, 4, since=9)[0]
    comment(late, "Antre lagi hari ini")
    release(office.counter, NOW + DAY)  # counts it, and lets nobody read one comment alone
    return office


def test_the_page_tells_how_an_office_divides_and_names_nobody(
    heard: Office, client: FlaskClient
) -> None:
    enter(client, make_account("coordinator", make_office()))
    page = " ".join(client.get(heard.path).text.split())
    for words in ("KTP-el", "Poster di loket", "Cepat, lambat, dan antrean"):
        assert words in page, words
    row = r"KTP-el</th> <td class=.num.>20</td> <td class=.num.>\d\d \(\d\d–\d\d\)"
    assert re.search(row, page)
    themes = page.split("Tema dalam komentar")[1]
    assert "Antrenya lama, tetapi petugasnya menjelaskan" in themes
    assert "5 · unsur cekatan" in themes  # seven, not eight
    assert "Ruang dan perlengkapan" not in themes  # one comment
    for words in ("goblok", "Diminta uang", "bayi kembar", "hari ini", "Kursinya"):
        assert words not in themes
    assert not any(word in page for name in NAMES for word in (name, name.split()[0]))
    assert "Pegawai di antara rekan" not in page  # records are not a coordinator's to read
    hours = page.split("Jam ramai")[1].split("</section>")[0]
    assert "tampil sesudah triwulan itu ditutup, paling cepat 11 Januari 2027" in hours
    assert "<table" not in hours


def test_a_quarter_without_results_leads_on_to_the_latest_that_has_some(
    app: Flask, client: FlaskClient
) -> None:
    office = Office()
    enter(client, make_account("supervisor", make_office()))
    empty = f"/overview?office={office.counter.office_id}&period=2026-Q1"
    assert "Ke beranda" in client.get(empty).text
    release(office.counter)
    page = client.get(empty).text
    assert "Ke beranda" not in page
    link = f'href="/overview?office={office.counter.office_id}">Buka triwulan terakhir'
    assert link in page


def test_a_reader_meets_no_comment_about_themselves(heard: Office, client: FlaskClient) -> None:
    enter(client, make_account("coordinator", make_office(), heard.people[0]))
    themes = client.get(heard.path).text.split("Tema dalam komentar")[1]
    assert "Antrenya lama" not in themes


def test_everybody_reads_what_comments_of_a_closed_quarter_speak_of_without_their_words(
    heard: Office, client: FlaskClient
) -> None:
    page = client.get("/results/kota/dukcapil").text
    assert "Yang dibicarakan" not in page  # comments still come one by one
    release(heard.counter, CLOSED, closes=True)
    comments = db.session.scalars(select(RatingComment.text)).all()
    page = " ".join(client.get("/results/kota/dukcapil").text.split())
    themes = page.split("Yang dibicarakan dalam komentar")[1].split("</section>")[0]
    assert re.search(r"Cepat, lambat, dan antrean</th> <td class=.num.>(5|10)</td>", themes)
    assert "Ruang dan perlengkapan" not in themes  # one comment
    assert not any(words in page for words in comments)
    # Where fewer than three serve, nothing that is about how they do.
    assert told_to_all(make_office(), PERIOD, people=False) == []


def test_offices_with_the_same_work_stand_by_name_with_their_overlap_in_words(
    app: Flask, client: FlaskClient
) -> None:
    office = Office()
    own = {"agency_id": office.counter.agency_id}
    save(CounterService(**own, counter_id=office.counter.id, service_id=office.service.id))
    for code, mean, service in (("bapenda", 40.0, office.service), ("arsip", 85.0, office.seldom),
                                ("camat", 86.0, office.service)):  # fmt: skip
        there = make_counter(make_office(code=code))
        save(CounterService(**own, counter_id=there.id, service_id=service.id))
        told = {"counted": 50, "set_aside": 0, "final": False, "release": 1, "figures": {
            "faces": [], "elements": {}, "causes": {}}}  # fmt: skip
        save(PublicResult(**own, **told, period=PERIOD, office_id=there.office_id,
                          local_day=NOW.date(), mean=mean, lo=mean - 4, hi=mean + 4))  # fmt: skip
    release(office.counter)
    enter(client, make_account("supervisor", make_office()))
    with statements() as sent:
        page = client.get(office.path).text
    assert len(sent) <= 30
    section = page.split("Unit kerja dengan pekerjaan yang sama")[1].split("</section>")[0]
    table = re.findall(r"<th scope=\"row\">(.*?)</th>\s*<td>(.*?)</td>", section)
    assert table == [
        ("Dinas Dukcapil", "–"),  # its own, for its interval
        ("Dinas Bapenda", "Rentangnya seluruhnya lebih rendah."),
        ("Dinas Camat", "Rentangnya bertumpang tindih: bedanya belum pasti."),
    ]


@pytest.mark.parametrize(
    ("text", "themes"),
    [
        ("Petugase grapyak tur sumeh", ["ramah"]),
        ("Antrinya lama banget, disuruh bolak-balik fotokopi", ["cekatan", "procedure"]),
        ("Servernya down lagi", ["system"]),
        ("Ruangannya panas, AC mati", ["facility"]),
        ("Nuhun, gancang pisan", ["cekatan"]),
        ("The queue was slow but staff explained well", ["cakap", "cekatan"]),
        ("Saya disuruh ke loket lain", []),  # where, not what of it
        ("Ruang tunggu bersih", ["facility"]),
        ("Mohon ditambah kursi tunggu", ["facility"]),
        ("Waiting room was dirty", ["facility"]),
        ("Terlalu lama menunggu di ruang tunggu", ["cekatan", "facility"]),
        ("Terima kasih", []),
    ],
)
def test_comments_are_told_apart_by_words_of_several_languages(
    text: str, themes: list[str]
) -> None:
    assert themes_of(text) == themes


def test_an_open_quarter_shows_the_busy_hours_of_the_last_closed_one_and_none_of_its_own(
    app: Flask, client: FlaskClient
) -> None:
    office = Office()
    release(office.counter)
    own = {"agency_id": office.counter.agency_id, "office_id": office.counter.office_id}
    told: dict[str, Any] = {"figures": {"faces": [], "elements": {}, "causes": {}}}
    told |= {"counted": 50, "set_aside": 0, "mean": 70.0, "lo": 65.0, "hi": 75.0, "release": 1}
    for period, hour, final in (("2026-Q2", "1-08", True), ("2026-Q3", "2-10", True)):
        save(PublicResult(**own, **told, period=period, local_day=NOW.date(), final=final))
        stored = {"weekday_hour": {hour: [1, 43, None, None, None]}}
        save(OfficeParts(**own, period=period, tickets=0, parts=stored))
    enter(client, make_account("coordinator", make_office()))
    hours = client.get(office.path).text.split("Jam ramai")[1].split("</section>")[0]
    assert "Juli–September 2026" in hours
    assert cells(hours) == [["Hari", "10"], ["Sel", "45"]]
    assert "Peta Oktober–Desember 2026 tampil sesudah" in hours
    earlier = client.get(office.path.replace("Q4", "Q2")).text.split("Jam ramai")[1]
    assert cells(earlier.split("</section>")[0]) == [["Hari", "08"], ["Sen", "45"]]


def cells(section: str) -> list[list[str]]:
    """The rows of the tables in a part of a page."""
    rows = re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL)
    return [
        [
            " ".join(re.sub("<[^>]*>", "", one).split())
            for one in re.findall(r"<t[hd].*?</t[hd]>", row)
        ]
        for row in rows
    ]


def test_the_page_of_a_closed_quarter_shows_hours_days_trend_and_unnamed_people(
    app: Flask, client: FlaskClient
) -> None:
    office = Office()
    others = [make_employee(make_office(code="bapenda"), f"Rekan {number}") for number in range(5)]
    far = make_counter(make_office(code="bapenda"))
    for person in others:
        rate(far, person, *[4, 4, 3, 4, 4, 4], service_id=office.service.id)
    for person in office.people:  # on Tuesdays after ten, and on Wednesdays after nine
        for since in (1, 8, 15):
            tuesday = {
                "service_id": office.service.id,
                "issued_at": FIRST + timedelta(days=since, hours=1),
            }
            rate(office.counter, person, 4, 3, since=since, **tuesday)
        rate(office.counter, person, 4, since=2)
    told: dict[str, Any] = {"counted": 50, "set_aside": 0, "final": True, "release": 1}
    told |= {"mean": 70.0, "lo": 65.0, "hi": 75.0}
    told |= {"figures": {"faces": [], "elements": {}, "causes": {}}}
    own = {"agency_id": office.counter.agency_id, "office_id": office.counter.office_id}
    save(PublicResult(**own, **told, period="2026-Q3", local_day=NOW.date()))
    release(office.counter, CLOSED, closes=True)
    enter(client, make_account("supervisor", make_office()))
    page = client.get(office.path).text
    busy = cells(page.split("Jam ramai")[1].split("</section>")[0])
    at = (own["agency_id"], PERIOD, own["office_id"])
    parted = db.session.get_one(OfficeParts, at).parts
    stored = parted["weekday_hour"]
    hours = sorted({key[2:] for key in stored})
    days = {"1": "Sen", "2": "Sel", "3": "Rab"}
    assert busy[0] == ["Hari", *hours]  # hours run across, days down
    for row in busy[1:]:
        for hour, shown in zip(hours, row[1:], strict=True):
            number = next((told[1] for key, told in stored.items()
                           if days[key[0]] == row[0] and key[2:] == hour), None)  # fmt: skip
            assert shown == ("< 5" if number is None else str(5 * round(number / 5)))
    assert stored["2-10"][1] == 18  # nine on three Tuesdays, each twice
    per_hour = dict(row[:2] for row in cells(page.split("Per jam")[1].split("</section>")[0])[1:])
    assert {key[:2]: shown for key, shown in per_hour.items()} == {
        f"{int(key):02}": str(5 * round(told[1] / 5)) for key, told in parted["hour"].items()
    }
    trend = cells(page.split("Dari triwulan ke triwulan")[1].split("</section>")[0])
    assert [row[0] for row in trend[1:]] == ["Juli–September 2026", "Oktober–Desember 2026"]
    assert "70,0" in trend[1][1]
    people = page.split("Pegawai di antara rekan")[1].split("</section>")[0]
    dots = cells(people)[1:]
    assert len(dots) == 3  # by number of ratings, each with its mean and what chance explains
    assert all(re.fullmatch(r"\d+,\d–\d+,\d", limits) for _number, _mean, limits in dots)
    assert not any(name in people for name in NAMES)
    glance = client.get("/today").text
    assert "Dinas Dukcapil" in glance
