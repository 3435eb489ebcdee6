"""Makes the demo once: database, demo.json. Killed in between, it leaves nothing half-done."""

import json
import logging
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import flask_migrate
from sqlalchemy import select, text

from portal import clock, create_app
from portal.config import Settings
from portal.counters.models import DEVICE_KINDS
from portal.db import db, ids_from
from portal.demo import actions, guide, outcome
from portal.demo.accounts import account_plans
from portal.demo.answers import answer_citizens
from portal.demo.cases import follow_up
from portal.demo.chance import Chance
from portal.demo.city import AGENCIES, CITY
from portal.demo.decisions import (
    Office,
    decide_cases,
    doubt_set_aside,
    propose_one,
    propose_rules,
)
from portal.demo.desks import desk_entries, fill_desks
from portal.demo.displays import device_entries, fill_displays
from portal.demo.draft import make_draft
from portal.demo.living import fill_roster
from portal.demo.measures import bring_measures
from portal.demo.reports import fill_reports
from portal.demo.tickets import ticket_entries
from portal.people.models import Agency

Say = Callable[[str], None]


def database_path(data: Path) -> Path:
    return data / "portal.db"


def finished(data: Path, settings: Settings) -> bool:
    """Whether this folder and this database hold the whole demo already."""
    if not (data / "demo.json").exists():
        return False
    url = settings.sqlalchemy_url
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return False
    app = create_app(settings)
    with app.app_context():
        try:
            flask_migrate.upgrade()
            return db.session.scalar(select(Agency.id).where(Agency.code == CITY.code)) is not None
        finally:
            db.session.remove()
            db.engine.dispose()


def build(data: Path, settings: Settings, *, days: int, seed: int, say: Say) -> None:
    """Fill an empty database and write demo.json; raises NotEmpty for one that is not."""
    final = database_path(data).resolve()
    url = settings.sqlalchemy_url
    own = url.get_backend_name() == "sqlite" and Path(str(url.database)) == final
    if not own:
        _write_guide(data, _fill(settings, days, seed, say))
        return
    if final.exists():
        _refuse_unless_empty(settings)
    part = final.with_name("portal.db.part")
    _remove(part)
    elsewhere = Settings(**(settings.model_dump() | {"database_url": f"sqlite:///{part}"}))
    made = _fill(elsewhere, days, seed, say)
    _remove(final)
    part.replace(final)
    _remove(part)
    _write_guide(data, made)


def read_guide(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data / "demo.json").read_text(encoding="utf-8"))
    return found


def write_addresses(data: Path, base_url: str, public_url: str) -> dict[str, Any]:
    """Keep demo.json right for the port that is served now."""
    known = {key: value for key, value in read_guide(data).items() if key != "base_url"}
    found = guide.with_addresses(known, base_url, public_url)
    _write_guide(data, found)
    return found


def _refuse_unless_empty(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        try:
            flask_migrate.upgrade()
            actions.refuse_unless_empty()
        finally:
            db.session.remove()
            db.engine.dispose()


def _fill(settings: Settings, days: int, seed: int, say: Say) -> dict[str, Any]:
    app = create_app(settings)
    with app.app_context(), ids_from(random.Random(seed)):  # noqa: S311  keys of a demo
        logging.getLogger("alembic").setLevel(logging.WARNING)
        try:
            say("Making the tables")
            flask_migrate.upgrade()
            actions.refuse_unless_empty()
            return _tell(app, clock.now(), days, seed, say)
        finally:
            db.session.remove()
            db.engine.dispose()


def _tell(app: Any, now: datetime, days: int, seed: int, say: Say) -> dict[str, Any]:
    chance = Chance(seed)
    settings: Settings = app.config["SETTINGS"]
    drafts = []
    for plan in AGENCIES:
        say(f"Thinking out {plan.name}")
        drafts.append(make_draft(plan, now, days, chance))
    accounts = account_plans(drafts[0].people)
    built = []
    for draft in drafts:
        say(f"Writing {draft.plan.name}: {len(draft.visits):,} ratings")
        agency_id = actions.fill_agency(draft, accounts, settings.public_url, chance)
        fill_roster(draft, agency_id)
        if draft.plan is CITY:
            fill_desks(draft, agency_id, settings.public_url, chance)
            fill_displays(draft, agency_id, settings.signing_keys[-1], chance)
            fill_reports(draft, agency_id, now)
        say(f"Releasing the figures of {draft.plan.name}")
        if db.engine.dialect.name == "postgresql":
            # Of so many new rows its statistics do not tell yet, and it would join them badly.
            db.session.execute(text("ANALYZE"))
            db.session.commit()
        closed = outcome.release_all(draft, agency_id, now)
        if draft.plan is CITY:
            officials = Office(draft, accounts, now)
            periods = outcome.periods(draft.window)
            answer_citizens(officials, draft, agency_id, periods)
            bring_measures(officials, draft, periods, now, chance)
            if closed:
                decide_cases(officials, *closed)
                doubt_set_aside(officials, *closed)
                propose_one(officials, closed[0], now)
            follow_up(officials, draft, agency_id, now)
            propose_rules(officials, now)
        built.append(guide.Built(draft, agency_id))
    key = settings.signing_keys[-1]
    devices = {f"{kind}s": device_entries(kind, key) for kind in DEVICE_KINDS}
    devices["desks"] = desk_entries()
    return guide.make_guide(app, built, accounts, devices, ticket_entries())


def _write_guide(data: Path, made: dict[str, Any]) -> None:
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    part = data / "demo.json.part"
    part.write_text(text, encoding="utf-8")
    part.replace(data / "demo.json")


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", ".turn"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
