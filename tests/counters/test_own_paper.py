"""What an agency sets for its paper: printers that shift, sheets it measured, crest, language."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from portal.counters.print_models import LabelSheet, Printer
from portal.counters.printing.labels import LABEL_SHEETS
from portal.counters.printing.words import words_in
from portal.db import db
from tests.counters.paper import CREST, text_of
from tests.counters.staff import act_as, send
from tests.counters.test_print_pages import Cast, cast, keeper
from tests.factories import make_account, save

__all__ = ["cast", "keeper"]


def test_a_printer_keeps_its_shift_and_labels_move_back_by_it(
    keeper: FlaskClient, cast: Cast
) -> None:
    send(
        keeper, "/printers", office=str(cast.office.id), name="Laser TU",
        right_mm="1,5", down_mm="-0.5",
    )  # fmt: skip
    (printer,) = db.session.scalars(select(Printer)).all()
    assert (printer.right_mm, printer.down_mm) == (1.5, -0.5)
    page = keeper.get("/posters?paper=labels&office=all").text
    assert "Laser TU" in page
    base = "/posters/preview.png?paper=labels&office=all&sheet=l7163"
    straight, moved = keeper.get(base).data, keeper.get(f"{base}&printer={printer.id}").data
    assert straight != moved
    again = send(
        keeper, "/printers", office=str(cast.office.id), name="Laser TU", right_mm="0", down_mm="0"
    )
    assert "sudah memiliki pencetak" in again.text
    send(
        keeper, "/printers", printer=str(printer.id), office=str(cast.office.id),
        name="Laser TU", right_mm="2", down_mm="0",
    )  # fmt: skip
    db.session.expire_all()
    assert db.session.scalars(select(Printer.right_mm)).all() == [2.0]
    send(keeper, f"/printers/{printer.id}/remove")
    assert db.session.scalars(select(Printer)).all() == []


def test_a_printer_of_another_office_is_not_there(keeper: FlaskClient, cast: Cast) -> None:
    foreign = save(
        Printer(
            agency_id=cast.other.agency_id, office_id=cast.other.id, name="Lain",
            right_mm=0.0, down_mm=0.0,
        )
    )  # fmt: skip
    assert "Lain," not in keeper.get("/printers").text
    assert keeper.get(f"/printers?change={foreign.id}").status_code == 404
    assert send(keeper, f"/printers/{foreign.id}/remove").status_code == 404
    assert keeper.get(f"/printers/calibration.pdf?printer={foreign.id}").status_code == 404


def test_an_impossible_shift_is_explained(keeper: FlaskClient, cast: Cast) -> None:
    for wrong in ("99", "banyak", ""):
        form = {"office": str(cast.office.id), "name": "Laser", "down_mm": "0"}
        answer = send(keeper, "/printers", right_mm=wrong, **form)
        assert "field-error" in answer.text
        assert 'value="Laser"' in answer.text
    assert db.session.scalars(select(Printer)).all() == []


MEASURES = {
    "name": "Tom & Jerry 129",
    "paper_width": "165",
    "paper_height": "210",
    "columns": "2",
    "rows": "5",
    "width": "70",
    "height": "35,5",
    "left": "10",
    "top": "8",
    "pitch_x": "75",
    "pitch_y": "38",
}


def test_a_label_sheet_measured_by_oneself_is_offered_and_printed(
    keeper: FlaskClient, cast: Cast
) -> None:
    send(keeper, "/label-sheets", **MEASURES)
    (row,) = db.session.scalars(select(LabelSheet)).all()
    assert row.sheet().height == 35.5
    assert "Tom &amp; Jerry 129" in keeper.get("/posters?paper=labels").text
    query = f"?paper=labels&sheet=own-{row.id}&office=all"
    page = PdfReader(io.BytesIO(keeper.get(f"/posters.pdf{query}").data)).pages[0]
    assert float(page.mediabox[2]) / 72 * 25.4 == pytest.approx(165, abs=0.2)
    assert keeper.get(f"/printers/calibration.pdf?sheet=own-{row.id}").status_code == 200
    assert "Sudah ada lembar" in send(keeper, "/label-sheets", **MEASURES).text
    send(keeper, f"/label-sheets/{row.id}/remove")
    assert db.session.scalars(select(LabelSheet)).all() == []


def test_overlapping_labels_are_explained_and_nothing_typed_is_lost(
    keeper: FlaskClient, cast: Cast
) -> None:
    answer = send(keeper, "/label-sheets", **(MEASURES | {"pitch_x": "60"}))
    assert "Label saling menutupi" in answer.text
    assert 'value="Tom &amp; Jerry 129"' in answer.text
    assert db.session.scalars(select(LabelSheet)).all() == []


def test_the_calibration_page_has_its_rulers_on_every_sheet(
    keeper: FlaskClient, cast: Cast
) -> None:
    for key in LABEL_SHEETS:
        text = text_of(keeper.get(f"/printers/calibration.pdf?sheet={key}").data)
        assert "Halaman kalibrasi" in text
        assert "100 mm" in text
    assert keeper.get("/printers/calibration.png").mimetype == "image/png"
    assert keeper.get("/printers/calibration.pdf?sheet=none").status_code == 404


def upload(client: FlaskClient, content: bytes, **fields: str) -> Any:
    token = client.get("/home").text.split('name="csrf_token" value="')[1].split('"')[0]
    values = {"csrf_token": token, "regional": "jv", "crest": (io.BytesIO(content), "lambang")}
    return client.post("/posters/look", data=values | fields)


def test_crest_and_regional_language_come_onto_the_paper(client: FlaskClient, cast: Cast) -> None:
    act_as(client, cast.administrator)
    plain = client.get("/posters/preview.png?office=all").data
    assert upload(client, CREST).status_code == 302
    assert client.get("/posters/preview.png?office=all").data != plain
    assert "Indonesia + Jawa + English" in client.get("/posters").text
    text = text_of(client.get("/codes/AAAA0002/poster.pdf").data)
    assert words_in("jv")["headline"] in text
    assert client.get("/posters/crest.png").mimetype == "image/png"
    assert upload(client, b"").status_code == 302  # no new crest: the old one stays
    assert client.get("/posters/crest.png").status_code == 200
    upload(client, b"", without_crest="y")
    assert client.get("/posters/crest.png").status_code == 404


def test_a_crest_that_cannot_be_printed_is_refused_with_the_reason(
    client: FlaskClient, cast: Cast
) -> None:
    act_as(client, cast.administrator)
    assert "bukan gambar SVG atau PNG" in upload(client, b"not a picture").text
    assert "lebih besar dari 64 KB" in upload(client, CREST + b" " * 65536).text
    assert client.get("/posters/crest.png").status_code == 404


def test_only_who_administers_the_whole_agency_changes_its_paper(
    client: FlaskClient, cast: Cast
) -> None:
    act_as(client, cast.coordinator)
    assert client.get("/posters/look").status_code == 403
    act_as(client, make_account("administrator", cast.office))
    assert client.get("/posters/look").status_code == 403
