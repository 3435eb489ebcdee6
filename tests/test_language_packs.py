"""A region adds its language without code: a folder with a name and a catalogue."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po, write_po
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo
from flask.testing import FlaskClient
from pydantic import ValidationError
from sqlalchemy import select

from portal import create_app
from portal.counters.device_actions import await_pairing, pairing_word
from portal.counters.models import Counter
from portal.db import db
from portal.operations.languages_command import languages
from portal.ratings.models import Rating
from tests.conftest import KEY, NOW, settings_for
from tests.factories import make_code, make_counter, make_display, make_duty, make_employee
from tests.ratings.test_scan_and_rate import CODE, send

# Not good Batak, but nobody's Indonesian.
BATAK = {
    "Bagaimana pelayanannya?": "Songon dia pangoloionna?",
    "Kirim penilaian": "Tongos",
    "Terima kasih": "Mauliate",
    "Dengarkan": "Tangihon",
}


@pytest.fixture
def packs(app: Flask, tmp_path: Path) -> Path:
    """A pack as the command begins it, with a few texts translated."""
    folder = tmp_path / "packs"
    command(app, "--new", "bbc", "--name", "Batak Toba", "--in", str(folder))
    fill(folder / "bbc" / "messages.po", BATAK)
    return folder


def command(app: Flask, *words: str) -> str:
    done = CliRunner().invoke(languages, words, obj=ScriptInfo(create_app=lambda: app))
    assert done.exit_code == 0, done.output
    return done.output


def fill(path: Path, texts: dict[str, str]) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file)
    for text, translation in texts.items():
        message = catalogue.get(text)
        assert message, text
        message.string = translation
    with path.open("wb") as file:
        write_po(file, catalogue, omit_header=True)


@pytest.fixture
def visitor(packs: Path, database_url: str) -> Any:
    regional = create_app(settings_for(database_url, language_packs=packs))
    with regional.app_context():
        counter = make_counter()
        make_code(counter, CODE)
        make_duty(make_employee(), counter)
        yield regional.test_client()
        db.session.remove()
        db.engine.dispose()


def test_citizens_read_and_rate_in_the_added_language(visitor: FlaskClient) -> None:
    page = visitor.get(f"/n/{CODE}?lang=bbc").text
    assert '<html lang="bbc">' in page
    assert 'title="Batak Toba"' in page
    assert "Songon dia pangoloionna?" in page
    assert "Komentar" in page  # not translated, so in Indonesian
    thanks = visitor.get(send(visitor, page, overall="4").location).text
    assert "Mauliate" in thanks
    assert "2026" in thanks  # dates are written as in the nearest language
    assert db.session.scalar(select(Rating.language)) == "bbc"


def test_a_kiosk_speaks_the_added_language_and_keeps_it_with_the_rating(
    visitor: FlaskClient,
) -> None:
    kiosk = make_display(db.session.scalars(select(Counter)).one(), code="8WXM4TQ3", kind="kiosk")
    await_pairing(kiosk, KEY, NOW + timedelta(minutes=5))
    db.session.commit()
    visitor.get(f"/display/{pairing_word(KEY, kiosk)}")
    page = visitor.get("/kiosk/?lang=bbc")
    assert page.status_code == 200
    assert '<html lang="bbc">' in page.text
    assert "Songon dia pangoloionna?" in page.text
    assert 'title="Batak Toba"' in page.text
    (token,) = re.findall(r'name="token" value="([^"]+)"', page.text)
    sent = {"token": token, "overall": "4", "language": "bbc"}
    assert visitor.post("/kiosk/", data=sent).status_code == 200
    db.session.rollback()
    assert db.session.scalar(select(Rating.language)) == "bbc"


def test_the_script_speaks_the_added_language_too(visitor: FlaskClient) -> None:
    page = visitor.get(f"/n/{CODE}?lang=bbc").text
    path = page.split('<script src="')[1].split('"')[0]
    assert path.startswith("/script/bbc-")
    assert "Tangihon" in visitor.get(path).text


@pytest.mark.parametrize(
    ("page", "language"), [(f"/n/{CODE}", "bbc"), ("/", "bbc"), ("/sign-in", "id")]
)
def test_a_browser_set_to_the_language_gets_it_and_staff_pages_stay_in_indonesian(
    visitor: FlaskClient, page: str, language: str
) -> None:
    answer = visitor.get(page, headers={"Accept-Language": "bbc, en;q=0.5"})
    assert f'<html lang="{language}"' in answer.text


def test_the_command_says_how_much_is_translated(app: Flask, packs: Path) -> None:
    listed = command(app, "--in", str(packs))
    assert "su  Sunda" in listed
    assert "bbc  Batak Toba  4 of " in listed


def test_a_new_pack_shows_each_text_beside_what_it_is_in_known_languages(packs: Path) -> None:
    begun = (packs / "bbc" / "messages.po").read_text(encoding="utf-8")
    assert "#. English: How was the service?" in begun
    assert "Catatan kinerja" not in begun  # citizens' pages only


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("bbc/pack.toml", "", "name is missing"),
        ("bbc/pack.toml", "name = ", "pack.toml"),
        ("bbc/pack.toml", 'name = "Batak"\nnearest = "xx"', "nearest is one of"),
        ("bbc/messages.po", "ini bukan katalog", "messages.po"),
        (
            "bbc/messages.po",
            'msgid "Loket %(number)s"\nmsgstr "Loket %(nomor)s"',
            "wants %(number)s",
        ),
        ("jv/pack.toml", 'name = "Jawa"', "that the portal lacks"),
        ("Batak Toba/pack.toml", 'name = "Batak"', "that the portal lacks"),
    ],
)
def test_a_pack_that_would_break_a_page_is_refused_at_the_start(
    tmp_path: Path, path: str, content: str, reason: str
) -> None:
    good = {"bbc/pack.toml": 'name = "Batak Toba"', "bbc/messages.po": 'msgid "a"\nmsgstr "b"'}
    for name, words in {**good, path: content}.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(words, encoding="utf-8")
    with pytest.raises(ValidationError, match=reason.replace("(", r"\(").replace(")", r"\)")):
        settings_for("sqlite://", language_packs=tmp_path)
