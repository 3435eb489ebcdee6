"""The agency on its page, another agency, and the days on which it rests."""

import pytest
from sqlalchemy import select

from portal.db import db
from portal.people.models import Account, Agency, AuditEvent, Holiday, OutboxMessage


def acts() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.action)))


AGENCY = {
    "name": "Kota Cempaka Raya",
    "initials": "KCR",
    "colour": "#123456",
    "timezone": "Asia/Makassar",
    "opens_at": "07:30",
    "closes_at": "15:30",
    "working_days": ["6", "1"],
    "report_name": "WBS",
    "report_url": "https://wbs.kota.example",
    "release_at": "01:00",
}


def test_the_agency_is_changed_and_the_change_noted(whole) -> None:
    assert whole.post("/agency", data=AGENCY).status_code == 302
    agency = db.session.get_one(Agency, 1)
    assert (agency.name, agency.timezone, agency.working_days) == (
        "Kota Cempaka Raya",
        "Asia/Makassar",
        "16",
    )
    assert acts() == ["edit_agency"]


ANOTHER = {
    "name": "Kabupaten Melati",
    "code": "kab-melati",
    "timezone": "Asia/Jayapura",
    "person": "Rini Astuti",
    "email": "Rini@melati.example",
}


def test_another_agency_comes_with_its_first_administrator_and_is_noted_in_both(whole) -> None:
    assert whole.post("/agencies/new", data=ANOTHER).status_code == 302
    agency = db.session.scalars(select(Agency).where(Agency.code == "kab-melati")).one()
    assert (agency.name, agency.initials, agency.timezone) == (
        *("Kabupaten Melati", "KM", "Asia/Jayapura"),
    )
    account = db.session.scalars(select(Account).where(Account.agency_id == agency.id)).one()
    assert (account.name, account.email) == ("Rini Astuti", "rini@melati.example")
    assert [(held.role, held.office_id) for held in account.grants] == [("administrator", None)]
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert (mail.agency_id, mail.recipient) == (agency.id, "rini@melati.example")
    assert "/recover/" in mail.body
    noted = db.session.execute(select(AuditEvent.agency_id, AuditEvent.action)).all()
    assert sorted(noted) == [
        *((1, "create_agency"), (agency.id, "create_account"), (agency.id, "create_agency")),
    ]
    assert "Kabupaten Melati" in whole.get("/agencies/new").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Kab Melati"},
        {"code": "kota"},  # taken
        {"email": "no-address"},
        {"timezone": "Europe/Berlin"},
        {"name": " "},
        {"person": ""},
    ],
)
def test_a_wrong_agency_is_explained_and_nothing_of_it_is_kept(
    whole, wrong: dict[str, str]
) -> None:
    before = len(db.session.scalars(select(Agency)).all())
    answer = whole.post("/agencies/new", data=ANOTHER | wrong)
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert 'value="Rini@melati.example"' in answer.text or "email" in wrong
    assert len(db.session.scalars(select(Agency)).all()) == before
    assert db.session.scalars(select(OutboxMessage)).all() == []


def test_only_who_administers_all_changes_the_agency(local) -> None:
    assert local.get("/agency").status_code == 200
    assert local.post("/agency", data=AGENCY).status_code == 403
    assert local.post("/agency/holidays", data={"day": "2026-12-25"}).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"closes_at": "07:00"},
        {"timezone": "Europe/Berlin"},
        {"colour": "red"},
        {"working_days": []},
        {"report_url": "javascript:alert(1)"},
        {"name": "\x00"},
        {"opens_at": "25:00"},
        {"initials": "TOOLONG"},
    ],
)
def test_a_wrong_agency_is_explained_and_not_stored(whole, wrong: dict[str, object]) -> None:
    answer = whole.post("/agency", data=AGENCY | wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert db.session.get_one(Agency, 1).name == "Kota Kota"


def test_a_day_that_closes_early_has_its_hours(whole) -> None:
    early = {"day": "2026-12-24", "holiday": "Menjelang Natal", "opens": "08:00", "closes": "12:00"}
    for wrong in ({"closes": ""}, {"opens": ""}, {"closes": "07:00"}):
        assert whole.post("/agency/holidays", data=early | wrong).status_code == 422
    assert whole.post("/agency/holidays", data=early).status_code == 302
    assert "buka 08.00–12.00" in whole.get("/agency").text


def test_holidays_come_and_go(whole) -> None:
    holiday = {"day": "2026-12-25", "holiday": "Hari Natal"}
    assert whole.post("/agency/holidays", data=holiday).status_code == 302
    assert 'role="alert"' in whole.post("/agency/holidays", data=holiday).text
    assert "Hari Natal" in whole.get("/agency").text
    assert whole.post("/agency/holidays/2026-12-25/remove").status_code == 302
    assert whole.post("/agency/holidays/2026-12-25/remove").status_code == 404
    assert whole.post("/agency/holidays/never/remove").status_code == 404
    assert db.session.scalars(select(Holiday)).all() == []
    assert sorted(acts()) == ["add_holiday", "remove_holiday"]
