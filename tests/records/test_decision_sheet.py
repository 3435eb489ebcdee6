"""The decision for the personnel file: PDF/A with its evidence, and the line for the SKP form."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.records.attachment_models import Attachment
from portal.records.attachments import Checked, attachments_about
from portal.records.decision_actions import contest
from portal.records.decision_sheet import Made, sheet, skp_line
from portal.records.disclosure import disclosed
from portal.records.judgements import judgement
from portal.records.models import Decision
from portal.records.proposals import plan_of
from tests.conftest import NOW
from tests.factories import make_account, make_agency, make_office
from tests.records.cast import enter
from tests.records.test_decisions import Story


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
        second=None,
        files=attachments_about(decision.agency_id, decision.employee_id),
    )


def test_the_line_for_the_skp_form_is_dated_evidence_and_no_score(app: Flask) -> None:
    story = Story(4, 4, 3, 4, 1)
    with app.test_request_context("/?lang=id"):
        line = skp_line(made_of(story, story.decide()))
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
        assert answer.data.startswith(b"%PDF-1.7")
        assert b"pdfaid" in answer.data
    elsewhere = make_account("supervisor", make_office(make_agency("lain")))
    assert enter(client, elsewhere).get(path).status_code == 404
