"""Objective measures of the city: what the queue system, the second check and the standard say.

They follow how well somebody works only loosely, as they would.
"""

import csv
import io
from datetime import datetime, timedelta

import numpy as np

from portal.counters.periods import first_day, next_period, period_of
from portal.demo.chance import Chance
from portal.demo.decisions import Office
from portal.demo.draft import Draft
from portal.demo.staff import Person
from portal.imports.actions import import_on_screen
from portal.imports.plan import By
from portal.people.queries import Scope

MEASURED = 0.93  # of those at a counter; the queue system does not reach every one
SENT = timedelta(days=5, hours=9)  # after the quarter's end


def bring_measures(
    officials: Office, draft: Draft, periods: list[str], now: datetime, chance: Chance
) -> None:
    """A file of each quarter, as the HR officer uploads it."""
    officer = officials.account("hr")
    by = By(officer, Scope(officer.agency_id, None))
    for period in periods:
        ended = draft.window.midnight(first_day(next_period(period)))
        at = min(ended + SENT, now - timedelta(days=1))
        report = import_on_screen("measures", _file(draft, period, chance), by, at, dry_run=False)
        if not report.accepted:
            raise ValueError(report.problems[0])


def _file(draft: Draft, period: str, chance: Chance) -> bytes:
    source = chance.stream(f"measures {draft.plan.code} {period}")
    began = period_of(draft.window.standing_from)
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(("nip", "period", "measure", "value", "unit"))
    for person in draft.people:
        late = person.late_start and began > period
        if person.civil_servant and person.counter and not late and source.random() < MEASURED:
            for measure, value, unit in _measured(person, source):
                lines.writerow((person.nip, period, measure, f"{value:.1f}", unit))
    return text.getvalue().encode()


def _measured(person: Person, source: np.random.Generator) -> tuple[tuple[str, float, str], ...]:
    well = person.quality
    return (
        ("Menit per layanan", max(12.5 - 0.5 * well + source.normal(0, 2.2), 4.0), "menit"),
        ("Selesai dalam standar", min(93 + 1.2 * well + source.normal(0, 3), 100.0), "%"),
        ("Salah ketik per 100 berkas", max(2.1 - 0.3 * well + source.normal(0, 0.8), 0.0), "kali"),
    )
