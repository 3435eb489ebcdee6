"""Accounts from a file: invited as on screen, one for each person, every bad line named."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.imports.actions import ChangedMeanwhile, import_file
from portal.imports.plan import Progress, Report
from portal.people.actions import grant
from portal.people.models import Account, AuditEvent, OutboxMessage
from tests.conftest import NOW
from tests.factories import make_account, make_agency, make_employee, make_office

HEAD = "email,name,role,office\n"


def nothing(done: int, total: int) -> None:
    """No progress is told."""


@pytest.fixture
def bring(app: Flask, tmp_path: Path) -> Callable[..., Report]:
    office = make_office()
    make_employee(office)

    def run(lines: str, *, dry_run: bool = False, progress: Progress = nothing) -> Report:
        path = tmp_path / "accounts.csv"
        path.write_text(HEAD + lines, encoding="utf-8")
        return import_file("accounts", path, "kota", dry_run=dry_run, now=NOW, progress=progress)

    return run


def roles_of(email: str) -> set[tuple[str, bool]]:
    account = db.session.scalars(select(Account).where(Account.email == email)).one()
    db.session.refresh(account)
    return {(held.role, held.office_id is None) for held in account.grants}


def test_new_accounts_are_invited_hold_their_roles_and_every_one_is_an_act(bring) -> None:
    report = bring(
        "Rini@kota.example,Rini Astuti,supervisor,dukcapil\n"
        "rini@kota.example,Rini  Astuti,hr,\n"
        "yusuf@kota.example,Yusuf Hakim,inspector,\n"
    )
    assert (report.problems, report.created, report.invited) == ([], 2, 2)
    assert roles_of("rini@kota.example") == {("supervisor", False), ("hr", True)}
    mails = db.session.scalars(select(OutboxMessage)).all()
    assert {mail.recipient for mail in mails} == {"rini@kota.example", "yusuf@kota.example"}
    assert all("https://loket.kota.example/recover/" in mail.body for mail in mails)
    acts = db.session.scalars(select(AuditEvent.action)).all()
    assert sorted(acts) == ["create_account", "create_account", "grant_role", "import"]


def test_whoever_has_an_account_gets_the_role_beside_those_held_and_no_second_mail(bring) -> None:
    email = make_account("supervisor", make_office()).email
    lines = f"{email},supervisor,hr,\n"
    assert bring(lines).updated == 1
    assert roles_of(email) == {("supervisor", False), ("hr", True)}
    again = bring(lines)
    assert (again.updated, again.unchanged) == (0, 1)
    assert db.session.scalars(select(OutboxMessage)).all() == []


def test_every_bad_line_is_named_and_nothing_is_written(bring) -> None:
    known = make_account("supervisor", make_office())
    closed = make_account("hr", make_office())
    closed.active = False
    foreign = make_account("hr", agency=make_agency("lain")).email
    db.session.commit()
    before = len(db.session.scalars(select(Account)).all())
    report = bring(
        "a@kota.example,A,hr,\n"
        ",B,hr,\n"
        "c@kota.example,C,emperor,\n"
        "d@kota.example,D,hr,nowhere\n"
        f"{foreign},E,hr,\n"
        f"{known.email},Orang Lain,hr,\n"
        "g@kota.example,SUPERVISOR,hr,\n"
        f"{closed.email},hr,auditor,\n"
        "i@kota.example,a,hr,\n"
        "a@kota.example,A,hr,\n"
    )
    assert [(one.line, one.column) for one in report.problems] == [
        *((3, "email"), (4, "role"), (5, "office"), (6, "email"), (7, "name")),
        *((8, "name"), (9, "email"), (10, "name"), (11, "role")),
    ]
    assert len(db.session.scalars(select(Account)).all()) == before


def test_a_name_taken_while_the_file_was_checked_stops_the_import(bring) -> None:
    def meanwhile(done: int, total: int) -> None:
        make_account("auditor", make_office())  # whose name is auditor

    with pytest.raises(ChangedMeanwhile):
        bring("a@kota.example,Auditor,hr,\n", progress=meanwhile)
    accounts = db.session.scalars(select(Account.name)).all()
    assert accounts == ["auditor"]


@pytest.mark.parametrize("closes", [True, False])
def test_an_account_closed_or_given_the_role_meanwhile_stops_the_import(
    bring, closes: bool
) -> None:
    known = make_account("auditor", make_office())
    email, name = known.email, known.name

    def meanwhile(done: int, total: int) -> None:
        account = db.session.scalars(select(Account).where(Account.email == email)).one()
        if closes:
            account.active = False
        else:
            grant(account, "hr", None, NOW)
        db.session.commit()

    with pytest.raises(ChangedMeanwhile):
        bring(f"{email},{name},hr,\n", progress=meanwhile)
    assert ("hr", True) in roles_of(email) or closes
    assert len(roles_of(email)) == (1 if closes else 2)


def test_an_employees_account_is_not_made_beside_one_of_the_same_name(
    bring, tmp_path: Path
) -> None:
    bring("sari@kota.example,Sari Wulandari,hr,\n")
    path = tmp_path / "employees.csv"
    path.write_text(
        "nip,name,kind,office,email\n,Sari Wulandari,non_asn,dukcapil,s.w@kota.example\n"
    )
    report = import_file("employees", path, "kota", dry_run=False, now=NOW)
    assert [(one.line, one.column) for one in report.problems] == [(2, "name")]
