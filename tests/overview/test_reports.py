"""The monthly report of an office: made once, announced without a word of it, and never changed."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import func, select

from portal.db import db
from portal.followups.opening_actions import open_cases
from portal.overview.models import OfficeReport
from portal.overview.report import sheet
from portal.overview.report_actions import make_reports
from portal.overview.report_queries import answers_in
from portal.people.models import Holiday, OutboxMessage
from portal.records.models import PublicResult
from portal.transparency.actions import Words, answer
from tests.conftest import NOW
from tests.factories import make_account, make_agency, make_office, save
from tests.overview.test_office import Office
from tests.records.cast import PERIOD, enter, rate, release
from tests.records.test_decision_sheet import assert_archivable, printed

# 1 December 2026 is a Tuesday, and here a holiday: the first working day is the second.
FIRST, SECOND = (datetime(2026, 12, day, 1, 0, tzinfo=UTC) for day in (1, 2))  # 08.00 WIB


@pytest.fixture
def office(app: Flask) -> Office:
    office = Office()
    release(office.counter)
    open_cases(NOW)
    save(Holiday(agency_id=office.counter.agency_id, day=date(2026, 12, 1), name="Libur"))
    return office


def reports() -> int:
    return db.session.scalar(select(func.count()).select_from(OfficeReport)) or 0


def mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.recipient)))


def test_a_month_is_reported_on_the_first_working_day_after_it_and_announced_once(
    office: Office,
) -> None:
    mine = make_account("supervisor", make_office())
    make_account("supervisor", make_office(code="lain"))
    before = len(mails())
    assert make_reports(FIRST) == 0
    assert make_reports(SECOND) == 1
    assert make_reports(SECOND) == make_reports(datetime(2026, 12, 20, 5, tzinfo=UTC)) == 0
    told = mails()[before:]
    assert [mail.recipient for mail in told] == [mine.email]
    assert "/overview" in told[0].body
    assert "Dukcapil" not in told[0].body + told[0].subject


def test_a_report_says_what_was_heard_and_done_and_stays_as_it_was_made(office: Office) -> None:
    by = make_account("coordinator", make_office())
    words = Words("system", "Antrean lama karena jaringan.", "Jaringan diganti.", None)
    answer(by, make_office(), PERIOD, words, key=7, now=NOW)
    make_reports(SECOND)
    report = db.session.scalars(select(OfficeReport)).one()
    assert (report.month, report.period) == ("2026-11", PERIOD)
    assert report.figures["counted"] == 22
    assert [line[1] for line in report.figures["services"]] == [20]
    cases = report.figures["cases"]
    assert cases["opened"] == cases["waiting"] > 0
    said = str(sheet(report, make_office(), "Kota", {}, answers_in(report, "Asia/Jakarta")))
    for told in ("November 2026", "Jaringan diganti.", "Keputusan dicatat"):
        assert told in said
    assert not any(person.name in said for person in office.people)
    rate(office.counter, None, 1, 1, 1, 1, 1, 1, since=30)
    release(office.counter, SECOND)
    db.session.expire_all()
    assert db.session.scalars(select(OfficeReport)).one().figures["counted"] == 22


def test_a_report_draws_the_index_of_its_quarter_beside_those_before_it(
    office: Office, client: FlaskClient
) -> None:
    own = {"agency_id": office.counter.agency_id, "office_id": office.counter.office_id}
    told = {"counted": 50, "set_aside": 0, "final": True, "release": 1, "local_day": NOW.date()}
    told |= {"figures": {"faces": [], "elements": {}, "causes": {}}}
    save(PublicResult(**own, **told, period="2026-Q2", mean=None, lo=None, hi=None))
    save(PublicResult(**own, **told, period="2026-Q1", mean=70.0, lo=65.0, hi=75.0))
    save(PublicResult(**own, **told, period="2027-Q1", mean=99.0, lo=98.0, hi=99.5))  # after it
    make_reports(SECOND)
    report = db.session.scalars(select(OfficeReport)).one()
    now = db.session.get_one(PublicResult, (own["agency_id"], PERIOD, own["office_id"]))
    ends = (now.mean, now.lo, now.hi)
    assert report.figures["trend"] == [
        ["2026-Q1", 50, 70.0, 65.0, 75.0],
        ["2026-Q2", 50, None, None, None],
        [PERIOD, 22, *ends],
    ]
    (section,) = [one for one in sheet(report, make_office(), "Kota", {}, []).sections if one.chart]
    assert section.chart
    assert [point.figure for point in section.chart.points] == [(70.0, 65.0, 75.0), None, ends]
    (foot, _), _middle, (head, _) = section.chart.levels
    assert 25 <= foot < 65.0
    assert now.hi is not None
    assert now.hi < head <= 100
    assert section.rows[:2] == [
        ["Januari–Maret 2026", "50", "70,0 (65,0 – 75,0)"],
        ["April–Juni 2026", "50", "–"],
    ]
    enter(client, make_account("hr"))
    found = client.get(f"/overview/{office.counter.office_id}/reports/2026-11.pdf").data
    assert_archivable(found)
    assert "Dari triwulan ke triwulan" in printed(found)
    (alt,) = figures_of(PdfReader(BytesIO(found)).root_object["/StructTreeRoot"])
    assert alt.startswith("Januari–Maret 2026 70,0 (65,0 – 75,0); Oktober–Desember 2026")


def figures_of(tag: Any) -> list[str]:
    """What the figures of a PDF say to whoever cannot see them."""
    one = tag.get_object()
    if isinstance(one, list):
        return [alt for inner in one for alt in figures_of(inner)]
    if not isinstance(one, dict):
        return []
    own = [one["/Alt"]] if one.get("/S") == "/Figure" else []
    return own + (figures_of(one["/K"]) if "/K" in one else [])


def test_the_chart_of_a_report_goes_no_further_than_the_scale(office: Office) -> None:
    own = {"agency_id": office.counter.agency_id, "office_id": office.counter.office_id}
    told = {"counted": 50, "set_aside": 0, "final": True, "release": 1, "local_day": NOW.date()}
    told |= {"figures": {"faces": [], "elements": {}, "causes": {}}}
    save(PublicResult(**own, **told, period="2026-Q1", mean=26.0, lo=25.2, hi=27.0))
    save(PublicResult(**own, **told, period="2026-Q2", mean=99.0, lo=98.0, hi=99.8))
    make_reports(SECOND)
    report = db.session.scalars(select(OfficeReport)).one()
    (section,) = [one for one in sheet(report, make_office(), "Kota", {}, []).sections if one.chart]
    assert section.chart
    assert section.chart.levels == [(25, "25"), (62.5, "62,5"), (100, "100")]


def test_one_quarter_alone_is_no_trend(office: Office) -> None:
    make_reports(SECOND)
    report = db.session.scalars(select(OfficeReport)).one()
    assert not any(one.chart for one in sheet(report, make_office(), "Kota", {}, []).sections)


def test_a_report_is_downloaded_by_those_who_see_its_office(
    office: Office, client: FlaskClient
) -> None:
    make_reports(SECOND)
    path = f"/overview/{office.counter.office_id}/reports/2026-11.pdf"
    enter(client, make_account("auditor", make_office()))
    assert path in client.get(office.path).text
    found = client.get(path)
    assert found.mimetype == "application/pdf"
    assert_archivable(found.data)
    for missing in ("2026-10", "2026-13"):
        assert client.get(path.replace("2026-11", missing)).status_code == 404
    enter(client, make_account("supervisor", make_office(make_agency("lain"))))
    assert client.get(path).status_code == 404
