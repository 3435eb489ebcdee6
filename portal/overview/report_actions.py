"""Monthly reports: made once for each agency and month, and announced; due work."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, insert, select

from portal.counters.periods import period_of
from portal.db import begin_write, db
from portal.followups.notices import HANDLERS
from portal.i18n import lazy_gettext as _l
from portal.overview.models import OfficeReport
from portal.overview.months import month_before, month_name, reported_on
from portal.overview.report_queries import Month, figures, month_in
from portal.people.account_queries import accounts_with
from portal.people.mail_times import DIGEST_AT
from portal.people.models import Agency, Holiday, Office
from portal.people.notices import tell
from portal.people.queries import scope_of
from portal.records.models import PublicResult

PATH = "/overview"
TEXTS = (
    _l("Laporan bulanan unit kerja sudah ada"),
    _l("Laporan bulan lalu dari unit kerja Anda dapat diunduh di halaman hasil unit kerja."),
)


def make_reports(now: datetime) -> int:
    """The reports of last month, from seven o'clock of its first working day on; how many."""
    agencies = db.session.scalars(select(Agency).order_by(Agency.id)).all()
    return sum(_make(agency, now) for agency in agencies)


def _make(agency: Agency, now: datetime) -> int:
    local = now.astimezone(agency.zone)
    first, last = month_before(local.date())
    if local.time() < DIGEST_AT or local.date() < _due(agency, last):
        return 0
    if _made(agency, first):
        return 0
    agency_id = agency.id
    rows = _rows(agency, month_in(agency.zone, first, last), local.date())
    db.session.rollback()
    if not rows:
        return 0
    begin_write()
    db.session.execute(insert(OfficeReport), rows)
    _announce(agency_id, {row["office_id"] for row in rows}, now)
    db.session.commit()
    return len(rows)


def _due(agency: Agency, last: date) -> date:
    closed = select(Holiday.day).where(
        Holiday.agency_id == agency.id, Holiday.day > last, Holiday.opens_at.is_(None)
    )
    return reported_on(last, agency.working_days, set(db.session.scalars(closed)))


def _made(agency: Agency, first: date) -> bool:
    found = exists().where(
        OfficeReport.agency_id == agency.id, OfficeReport.month == month_name(first)
    )
    return bool(db.session.scalar(select(found)))


def _rows(agency: Agency, month: Month, today: date) -> list[dict[str, Any]]:
    """Of the offices with results in the quarter of the month."""
    period = period_of(month.last)
    found = db.session.execute(
        select(Office, PublicResult)
        .join(
            PublicResult,
            (PublicResult.agency_id == Office.agency_id) & (PublicResult.office_id == Office.id),
        )
        .where(Office.agency_id == agency.id, Office.active, PublicResult.period == period)
        .order_by(Office.id)
    ).all()
    return [
        {
            "agency_id": agency.id,
            "month": month_name(month.first),
            "office_id": office.id,
            "period": period,
            "made_on": today,
            "figures": figures(office, result, month),
        }
        for office, result in found
    ]


def _announce(agency_id: int, offices: set[int], now: datetime) -> None:
    """One mail to each who answers for some of the offices, however many they are."""
    for account in accounts_with(agency_id, *HANDLERS):
        mine = scope_of(account, *HANDLERS)
        if any(office in mine for office in offices):
            tell(account, TEXTS, PATH, now, kind="office_report")
