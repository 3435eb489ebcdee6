"""The decision for the personnel file: PDF/A with its evidence, and the line for the SKP form."""

from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from portal.db import db
from portal.records.attachment_models import Attachment
from portal.records.attachments import Checked, attachments_about
from portal.records.decision_actions import contest
from portal.records.decision_sheet import Made, sheet, skp_line
from portal.records.disclosure import disclosed
from portal.records.judgements import judgement
from portal.records.models import Decision
from portal.records.plan_steps import planned
from portal.records.proposals import plan_of
from tests.conftest import NOW
from tests.factories import make_account, make_agency, make_office
from tests.records.cast import enter
from tests.records.test_decisions import Story


def assert_archivable(content: bytes) -> None:
    """What a validator of PDF/A-2a looks for first: what it says it is, its structure and language,
    the colours that are meant, its fonts inside, and nothing that runs or lies elsewhere."""
    assert content.startswith(b"%PDF-1.7")
    reader = PdfReader(BytesIO(content))
    root = reader.root_object
    metadata = root["/Metadata"].get_data()
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"]
    [intent] = root["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert (
        intent.get_object()["/DestOutputProfile"].get_data()[36:40] == b"acsp"
    )  # a colour profile
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert not reader.is_encrypted
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            [inner] = font["/DescendantFonts"]
            assert {"/FontFile2", "/FontFile3"} & set(inner.get_object()["/FontDescriptor"])
            assert "/ToUnicode" in font


def printed(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def made_of(story: Story, decision: Decision) -> Made:
    judged = judgement(decision.agency_id, decision.id)
    assert judged
    return Made(
        agency=story.clerk.agency,
        employee=story.employee,
        judged=judged,
        score=story.score,
        told=disclosed(story.score, 5),
        services={},
        plan=plan_of(decision.agency_id, decision.id),
        steps=planned(decision.agency_id, [decision.id]),
        second=None,
        files=attachments_about(decision.agency_id, decision.employee_id),
    )


def test_the_line_for_the_skp_form_is_dated_evidence_and_no_score(app: Flask) -> None:
    story = Story(4, 4, 3, 4, 1)
    with app.test_request_context("/?lang=id"):
        made = made_of(story, story.decide())
        line = skp_line(made.agency, made.judged.decision, made.score, made.told)
    assert line.startswith("23 November 2026: dari 5 penilaian warga")
    assert "80 % menjawab" in line
    assert f"{story.score.score:.1f}".replace(".", ",") not in line


def test_no_figure_of_fewer_than_five_ratings_stands_on_the_sheet(app: Flask) -> None:
    story = Story()
    story.change(counted=4)
    decision = story.decide(reason="Belum cukup")
    with app.test_request_context("/?lang=id"):
        printed = sheet(made_of(story, decision), NOW.date())
    said = str(printed)
    assert "belum cukup" in said
    assert f"{story.score.score:.1f}".replace(".", ",") not in said
    assert story.employee.nip not in said


def test_files_of_replies_and_the_objection_are_named_with_size_and_digest(app: Flask) -> None:
    story = Story()
    decision = story.decide()
    contest(story.clerk, decision.id, "Keberatan", NOW, files=[Checked("pdf", b"surat tugas")])
    with app.test_request_context("/?lang=id"):
        printed = str(sheet(made_of(story, decision), NOW.date()))
    file = db.session.scalars(select(Attachment)).one()
    for told in (f"lampiran-{file.id}.pdf", "PDF 11 bita, untuk keberatan", file.digest[:32]):
        assert told in printed


def test_the_sheet_is_for_those_whom_the_decision_concerns(app: Flask, client: FlaskClient) -> None:
    story = Story()
    decision = story.decide()
    contest(story.clerk, decision.id, "Keberatan saya", NOW)
    path = f"/decisions/{decision.id}/sheet.pdf"
    for account in (story.clerk, story.supervisor):
        answer = enter(client, account).get(path)
        assert answer.mimetype == "application/pdf"
        assert_archivable(answer.data)
    elsewhere = make_account("supervisor", make_office(make_agency("lain")))
    assert enter(client, elsewhere).get(path).status_code == 404


def test_what_the_fonts_cannot_draw_is_replaced_and_said_so(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    decision = story.decide(reason="Terima kasih \U0001f64f \u2713 \ua9b2 \x07 banyak")
    paths = (f"/decisions/{decision.id}/sheet.pdf", "/my/data.pdf")
    enter(client, story.clerk)
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200
        assert_archivable(answer.data)
        said = " ".join(printed(answer.data).split())
        assert "Terima kasih \ufffd \ufffd \ufffd \ufffd banyak" in said
        assert "Aslinya ada di portal" in said
