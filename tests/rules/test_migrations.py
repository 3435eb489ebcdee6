"""Migrations go up and down with data in the tables, and end where the models are."""

from datetime import time, timedelta
from pathlib import Path

import flask_migrate
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, select, text

from portal.counters.models import Duty, Leave, ShiftPattern, SwapRequest
from portal.db import db
from portal.integrity.key_actions import make_key
from portal.integrity.report_actions import file_report
from portal.integrity.report_queries import Place
from portal.integrity.sealing import mailbox_of, new_mailbox_code
from portal.observe import MIGRATIONS
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


def fill() -> None:
    """Something in every corner: facts with their triggers, and what they refer to."""
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


def test_every_migration_goes_down_and_up_again_with_data_in_the_tables(app: Flask) -> None:
    fill()
    for script in list(scripts().walk_revisions()):
        db.session.remove()
        flask_migrate.downgrade(revision=str(script.down_revision or "base"))
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
    flask_migrate.downgrade(revision="0022")
    cancelled = db.session.execute(text("SELECT cancelled FROM leave ORDER BY starts_on"))
    assert [bool(one) for (one,) in cancelled] == [False, True]
    assert db.session.execute(text("SELECT count(*) FROM holiday")).scalar() == 0
    db.session.remove()
    flask_migrate.upgrade()


def test_going_down_one_step_and_up_again_loses_nothing(app: Flask) -> None:
    fill()
    before = db.session.scalar(select(Rating.id))
    db.session.remove()
    flask_migrate.downgrade(revision="0001")
    flask_migrate.upgrade()
    assert db.session.scalar(select(Rating.id)) == before
