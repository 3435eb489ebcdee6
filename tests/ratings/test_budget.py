"""What a first visit weighs: one network round trip, whatever the counter."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import create_app
from portal.counters.models import Counter, CounterService
from portal.db import db
from portal.i18n import TRANSLATIONS
from portal.people.models import Agency
from portal.ratings.phone import camera_script, page_script
from tests.conftest import NOW, settings_for
from tests.factories import (
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_service,
    save,
)
from tests.ratings.test_scan_and_rate import CODE

LANGUAGES = ("id", "en", "jv", "su")
GZIP = {"Accept-Encoding": "gzip"}
WITHOUT_SCRIPT, WITH_SCRIPT = 6_000, 13_500
WAS_HERE = (NOW - timedelta(hours=3), NOW - timedelta(minutes=20))
NAMES = ("Raden Roro Sulistyowati", "Muhammad Nurcahyadi", "Ni Luh Gede Pramesti")
OTHERS = ("Bartholomeus Simanjuntak", "Siti Rahmawati", "Yohanes Kristianto")


@pytest.fixture
def counter(app: Flask) -> Counter:
    """With one service and nobody on duty."""
    counter = make_counter(services=(make_service(),))
    make_code(counter, CODE)
    return counter


def one_serves(counter: Counter) -> None:
    make_duty(make_employee(), counter)


def several_serve(counter: Counter) -> None:
    """Three are named, and three who were there within the last hour can be picked beside them."""
    for name in NAMES:
        make_duty(make_employee(name=name), counter)
    for name in OTHERS:
        make_duty(make_employee(name=name), counter, *WAS_HERE)


def gives_many_services(counter: Counter) -> None:
    several_serve(counter)
    words = ("Penerbitan", "Perubahan", "Pencabutan", "Perpanjangan", "Pengesahan", "Pendaftaran")
    things = ("akta kelahiran", "kartu keluarga", "surat pindah", "izin usaha mikro")
    services = [f"{word} {thing}" for word in words for thing in things]
    for number, name in enumerate(services):
        service = make_service(code=f"s{number}", name=name)
        save(
            CounterService(
                agency_id=counter.agency_id, counter_id=counter.id, service_id=service.id
            )
        )


def is_closed(counter: Counter) -> None:
    one_serves(counter)
    db.session.get_one(Agency, counter.agency_id).closes_at = time(9)
    db.session.commit()


def nobody_serves(_counter: Counter) -> None:
    pass


@pytest.mark.parametrize(
    ("arrange", "language"),
    [
        (one_serves, "id"),
        *((gives_many_services, language) for language in LANGUAGES),
        *((arrange, "jv") for arrange in (several_serve, is_closed, nobody_serves)),
    ],
)
def test_a_first_visit_is_6000_bytes_without_the_script_and_13500_with_it(
    client: FlaskClient, counter: Counter, arrange: Callable[[Counter], None], language: str
) -> None:
    arrange(counter)
    weighs_little(client, f"/n/{CODE}?lang={language}", language)


def test_it_does_so_in_a_language_that_a_region_added(
    app: Flask, counter: Counter, database_url: str, tmp_path: Path
) -> None:
    pack = tmp_path / "bbc"
    pack.mkdir()
    (pack / "pack.toml").write_text('name = "Batak Toba"')
    longest = (TRANSLATIONS / "jv/LC_MESSAGES/messages.po").read_text(encoding="utf-8")
    (pack / "messages.po").write_text(longest, encoding="utf-8")
    gives_many_services(counter)
    regional = create_app(settings_for(database_url, language_packs=tmp_path))
    with regional.app_context():
        weighs_little(regional.test_client(), f"/n/{CODE}?lang=bbc", "bbc")
        db.engine.dispose()


@pytest.mark.parametrize("language", ["id", "jv"])
def test_the_front_page_does_so_with_its_camera(
    client: FlaskClient, counter: Counter, language: str
) -> None:
    weighs_little(client, f"/?lang={language}", language, camera_script(language).path)


def weighs_little(client: FlaskClient, path: str, language: str, *more: str) -> None:
    page = client.get(path).text
    loaded = re.findall(r'(?:src|rel="(?:manifest|stylesheet|icon)" href)="([^"]+)"', page)
    script = page_script(language).path
    assert loaded == ["data:,", "/manifest.webmanifest", script, *more]
    weight = bytes_of(client, path)
    assert weight <= WITHOUT_SCRIPT
    assert len(client.get(script, headers=GZIP).data) <= WITHOUT_SCRIPT
    rest = sum(bytes_of(client, one) for one in [*loaded[1:], "/sw.js"])
    assert weight + rest <= WITH_SCRIPT


def bytes_of(client: FlaskClient, path: str) -> int:
    """Of an answer, its headers too."""
    answer = client.get(path, headers=GZIP)
    assert answer.status_code == 200
    return len(answer.data) + len(str(answer.headers).encode())
