"""Migrations go up and down with data in the tables, and end where the models are."""

import re
import uuid
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import CheckConstraint, Column, Table, insert, inspect, select, text

from portal.counters.models import Duty, Leave, ShiftPattern, SwapRequest
from portal.db import MIGRATIONS, Base, UtcDateTime, db
from portal.integrity.key_actions import make_key
from portal.integrity.report_actions import file_report
from portal.integrity.report_queries import Place
from portal.integrity.sealing import mailbox_of, new_mailbox_code
from portal.people.models import (
    Account,
    Agency,
    AuditEvent,
    Employee,
    Holiday,
    Office,
    SavedView,
)
from portal.people.notice_models import MailChoice
from portal.ratings.models import Rating
from portal.records.models import Policy
from portal.records.policy_models import PolicyAnswer, ProposedPolicy
from tests.conftest import NOW
from tests.factories import (
    make_account,
    make_attachment,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_rating,
    make_service,
    save,
)


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def test_there_is_one_head_and_it_stands_in_the_head_file() -> None:
    assert scripts().get_heads() == [Path(MIGRATIONS, "HEAD").read_text().strip()]


def test_revisions_are_numbered_in_four_digits_without_a_gap() -> None:
    names = [script.revision for script in scripts().walk_revisions()][::-1]
    assert names == [f"{number:04}" for number in range(1, len(names) + 1)]


def test_models_and_migrations_agree(app: Flask) -> None:
    flask_migrate.check()


def make_roster(employee: Employee, duty: Duty) -> None:
    """A named shift, leave of a day and of half a one, a day that closes early, and a swap that is
    asked for."""
    own = {"agency_id": employee.agency_id}
    save(ShiftPattern(**own, name="Pagi", starts_at=time(8), ends_at=time(12)))
    save(ShiftPattern(**own, name="Malam", starts_at=time(20), ends_at=time()))
    save(Leave(**own, employee_id=employee.id, starts_on=NOW.date(), ends_on=NOW.date()))
    later = NOW.date() + timedelta(days=9)
    half = {"starts_on": later, "ends_on": later, "from_time": time(12)}
    save(Leave(**own, employee_id=employee.id, **half))
    save(Holiday(**own, day=later, name="Rapat", opens_at=time(8), closes_at=time(11, 30)))
    colleague = make_employee(name="Budi Santoso")
    parts = {"duty_id": duty.id, "employee_id": employee.id, "colleague_id": colleague.id}
    save(SwapRequest(**own, **parts, state="asked", asked_at=NOW))


def report_something(office: Office) -> None:
    """A key of the inspectorate and a report sealed for it, in the mailbox of a new code."""
    agency = db.session.get_one(Agency, office.agency_id)
    make_key(agency, None, "empat kata yang mudah", NOW)
    place = Place(agency, office, None)
    box = mailbox_of(new_mailbox_code())
    file_report(place, box, {"text": "Diminta uang"}, language="id", now=NOW)


def make_papers(employee: Employee, account: Account) -> None:
    """A file of an employee, and of staff a second policy, a saved view and a wish about mail."""
    own = {"agency_id": employee.agency_id}
    make_attachment(employee)
    save(SavedView(**own, account_id=account.id, name="Baru", endpoint="records.list", query=""))
    hours = {"quiet_from": time(20), "quiet_until": time(6)}
    save(MailChoice(**own, account_id=account.id, pace="daily", **hours))
    save(Policy(**own, version=1, thresholds={}, approved_by=account.id, created_at=NOW))
    second = make_account("hr")
    asked = {"proposed_by": account.id, "proposed_at": NOW, "reason": "Lebih teliti"}
    made = save(ProposedPolicy(**own, based_on=1, thresholds={"min_ratings": 40}, **asked))
    word = {"outcome": "approved", "answered_by": second.id, "at": NOW}
    save(PolicyAnswer(**own, proposal_id=made.id, proposed_by=account.id, **word))
    held = {"thresholds": {"min_ratings": 40}, "approved_by": second.id, "created_at": NOW}
    save(Policy(**own, version=2, **held))


# What a made-up row of these tables must say.
SAYS: dict[str, dict[str, Any]] = {
    "public_result": {"counted": 5, "set_aside": 0},
    "proposal_answer": {"withdrawn": True, "reason": "Salah tulis"},
    "attribution_event": {"counts_for": "O"},
}


def fill_the_rest() -> None:
    """A row in each table that is still empty, made up by the types of its columns and by what its
    checks allow; it refers to rows that are there."""
    for table in Base.metadata.sorted_tables:
        if db.session.execute(select(table).limit(1)).first() is None:
            db.session.execute(insert(table).values(made_up(table)))
    db.session.commit()


def made_up(table: Table) -> dict[str, Any]:
    checks = [one for one in table.constraints if isinstance(one, CheckConstraint)]
    rules = " ".join(str(check.sqltext) for check in checks)
    needed = [column for column in table.columns if not column.nullable and not column.default]
    row = {column.name: value_of(column, rules) for column in needed}
    for key in table.foreign_key_constraints:
        if all(not column.nullable for column in key.columns):
            there = [element.column for element in key.elements]
            found = db.session.execute(select(*there).limit(1)).one()
            row |= dict(zip(key.column_keys, found, strict=True))
    return row | SAYS.get(table.name, {})


def value_of(column: Column[Any], rules: str) -> object:
    """The first of the values that a check lists, a text of the length it asks for, or any."""
    listed = re.search(rf"\b{column.name} IN \('([^']*)'", rules)
    if listed:
        return listed[1]
    if column.name == "period":
        return "2026-Q4"
    length = re.search(rf"length\({column.name}\) = (\d+)", rules)
    kind = datetime if isinstance(column.type, UtcDateTime) else column.type.python_type
    known = {
        str: "x" * int(length[1] if length else 1),
        bytes: b"x",
        bool: False,
        dict: {},
        datetime: NOW,
        date: NOW.date(),
        time: time(8),
        uuid.UUID: uuid.uuid4(),
    }
    return known.get(kind, kind(1) if kind in {int, float} else None)


def counts() -> dict[str, int]:
    """How many rows each table of the database has; partitions stand in that of ratings."""
    there = set(inspect(db.engine).get_table_names())
    names = sorted(there & set(Base.metadata.tables))
    if not names:
        return {}
    each = (f"SELECT '{name}', count(*) FROM {name}" for name in names)
    with db.engine.connect() as connection:
        return dict(connection.execute(text(" UNION ALL ".join(each))).all())


def lost(before: dict[str, int], after: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Tables that are there before and after, with another number of rows."""
    both = before.keys() & after.keys()
    return {name: (before[name], after[name]) for name in both if before[name] != after[name]}


def fill() -> None:
    """Something in every table: facts with their triggers, and what they refer to."""
    service = make_service()
    employee = make_employee()
    counter = make_counter(services=(service,))
    make_code(counter)
    duty = make_duty(employee, counter)
    make_roster(employee, duty)
    account = make_account("administrator")
    save(AuditEvent(agency_id=counter.agency_id, at=NOW, account_id=account.id, action="test"))
    make_rating(counter, employee, service_id=service.id)
    report_something(db.session.get_one(Office, (counter.agency_id, counter.office_id)))
    make_papers(employee, account)
    fill_the_rest()
    assert [name for name, number in counts().items() if not number] == []


# What an older portal cannot hold goes on the way back.
GIVEN_UP = {"0030": {"proposal_answer"}, "0023": {"holiday"}}


def test_every_migration_goes_down_and_up_again_with_data_in_the_tables(app: Flask) -> None:
    fill()
    for script in list(scripts().walk_revisions()):
        db.session.remove()
        before = counts()
        flask_migrate.downgrade(revision=str(script.down_revision or "base"))
        assert set(lost(before, counts())) == GIVEN_UP.get(script.revision, set())
        if script.down_revision:
            assert db.session.scalar(select(Agency.code)) == "kota"
            assert db.session.scalar(select(Rating.overall)) == 4
    db.session.remove()
    left = set(inspect(db.engine).get_table_names())
    assert left <= {"alembic_version"}
    flask_migrate.upgrade()
    flask_migrate.check()
    fill()


def test_going_back_before_half_days_makes_no_whole_day_of_them(app: Flask) -> None:
    fill()
    db.session.remove()
    flask_migrate.downgrade(revision="0011")
    old = counts()
    cancelled = db.session.execute(text("SELECT cancelled FROM leave ORDER BY starts_on"))
    assert [bool(one) for (one,) in cancelled] == [False, True]
    assert old["holiday"] == 0
    db.session.remove()
    flask_migrate.upgrade()
    assert lost(old, counts()) == {}


def test_going_down_one_step_and_up_again_loses_nothing(app: Flask) -> None:
    fill()
    before = db.session.scalar(select(Rating.id))
    db.session.remove()
    flask_migrate.downgrade(revision="0001")
    old = counts()
    flask_migrate.upgrade()
    assert lost(old, counts()) == {}
    assert db.session.scalar(select(Rating.id)) == before
