"""What is done with integrity reports: sent, answered, acknowledged, closed, forgotten."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal.db import begin_write, db
from portal.i18n import lazy_gettext as _l
from portal.integrity.models import (
    CITIZEN,
    INSPECTORATE,
    IntegrityKey,
    IntegrityMessage,
    IntegrityOpening,
    IntegrityReport,
)
from portal.integrity.report_queries import Place, deadline
from portal.integrity.sealing import Mailbox, Words, seal
from portal.people.account_queries import accounts_with
from portal.people.actions import note_act
from portal.people.models import Account, Agency
from portal.people.notices import tell
from portal.people.queries import scope_of
from portal.ratings.actions import NotDurable

MORNING = 7  # o'clock: the inspectorate is told of reports of earlier days, not at their moment
KEEP_YEARS = 5  # after closing
LONGEST_MAILBOX = 200  # messages


class NoKey(Exception):
    """The inspectorate has not made its key, so nothing can be sealed for it."""


class MailboxFull(Exception):
    """More messages than anybody would read."""


def file_report(
    place: Place, mailbox: Mailbox, words: Words, *, language: str, now: datetime
) -> IntegrityReport:
    """Keep a report under its mailbox; sent again it stays the one it is.

    Raises NoKey, and NotDurable or the database's error when it is not certain to be kept.
    """
    today = now.astimezone(place.agency.zone).date()
    agency_id, office_id = place.agency.id, place.office.id
    begin_write()
    known = _by_mailbox(mailbox)
    if known is None:
        key = _key_held(agency_id)
        known = IntegrityReport(
            agency_id=agency_id,
            office_id=office_id,
            mailbox=mailbox.lookup,
            citizen_key=mailbox.public,
            language=language,
            received_on=today,
            due_on=deadline(place.agency, today),
            last_by=CITIZEN,
        )
        db.session.add(known)
        try:
            db.session.flush()
        except IntegrityError:  # the same form came twice at once; the other one is kept
            begin_write()
            known = _by_mailbox(mailbox)
            if known is None:
                raise
        else:
            first = uuid.UUID(bytes=mailbox.lookup[:16])
            _add(known, key, CITIZEN, words, sending=first, today=today)
    _commit_durably()
    return known


def write_again(mailbox: Mailbox, words: Words, *, sending: uuid.UUID, now: datetime) -> None:
    """One more message of the citizen; opens a closed report again.

    Raises NoKey, MailboxFull, and NotDurable as above.
    """
    begin_write()
    report = _by_mailbox(mailbox, lock=True)
    if report is None or _sent(report, sending):
        db.session.rollback()
        return
    key = _key_held(report.agency_id)
    zone = db.session.get_one(Agency, report.agency_id).zone
    _add(report, key, CITIZEN, words, sending=sending, today=now.astimezone(zone).date())
    report.last_by, report.closed_on = CITIZEN, None
    _commit_durably()


def acknowledge(by: Account, report_id: int, now: datetime) -> None:
    """The inspectorate says that it has read the report; the first time counts."""
    begin_write()
    report = _report(by, report_id)
    if report.acknowledged_on is None:
        report.acknowledged_on = _today(by, now)
        _note(by, "integrity_acknowledge", report_id, now)
    db.session.commit()


def answer_report(
    by: Account, report_id: int, words: Words, *, sending: uuid.UUID, closes: bool, now: datetime
) -> None:
    """Words to the citizen, sealed for their mailbox and for the inspectorate's own memory."""
    begin_write()
    report = _report(by, report_id)
    if not _sent(report, sending):
        today = _today(by, now)
        _add(report, _key_held(by.agency_id), INSPECTORATE, words, sending=sending, today=today)
        report.last_by = INSPECTORATE
        report.acknowledged_on = report.acknowledged_on or today
        report.closed_on = today if closes else None
        _note(by, "integrity_close" if closes else "integrity_answer", report_id, now)
    db.session.commit()


def note_opened(by: Account, report_id: int, now: datetime) -> None:
    """Whoever reads a report leaves a line in the audit log."""
    begin_write()
    _note(by, "integrity_report_read", report_id, now)
    db.session.commit()


def tell_inspectors(now: datetime) -> int:
    """Every morning: mails about reports that came on earlier days, and those overdue since."""
    told = 0
    for agency in db.session.scalars(select(Agency)).all():
        local = now.astimezone(agency.zone)
        if local.hour >= MORNING:
            told += _tell(agency.id, local.date(), now)
    return told


def forget_closed_reports(now: datetime) -> int:
    """Remove reports that were closed years ago, and sessions that have ended."""
    begin_write()
    db.session.execute(delete(IntegrityOpening).where(IntegrityOpening.ends_at <= now))
    limit = now.date().replace(year=now.year - KEEP_YEARS, day=1)
    old = db.session.scalars(select(IntegrityReport).where(IntegrityReport.closed_on < limit)).all()
    for report in old:
        db.session.execute(delete(IntegrityMessage).where(*_within(report)))
        db.session.delete(report)
    db.session.commit()
    return len(old)


# That something waits, and nothing else: mail is read by many machines.
_WAITS = (_l("Ada laporan integritas"), _l("Ada laporan integritas yang menunggu konfirmasi Anda."))
_OVERDUE = (
    _l("Laporan integritas melewati tenggat"),
    _l("Ada laporan integritas yang belum dikonfirmasi sampai batas waktunya."),
)


def _tell(agency_id: int, today: date, now: datetime) -> int:
    begin_write()
    waiting = db.session.scalars(
        select(IntegrityReport).where(
            IntegrityReport.agency_id == agency_id, IntegrityReport.acknowledged_on.is_(None)
        )
    ).all()
    new = [one for one in waiting if one.told_on is None and one.received_on < today]
    late = [one for one in waiting if one.overdue_on is None and one.due_on < today]
    for inspector in accounts_with(agency_id, "inspector") if new or late else []:
        offices = scope_of(inspector, "inspector")
        for reports, texts in ((new, _WAITS), (late, _OVERDUE)):
            if any(one.office_id in offices for one in reports):
                tell(inspector, texts, "/inspectorate", now)
    for one in new:
        one.told_on = today
    for one in late:
        one.overdue_on = today
    db.session.commit()
    return len(new) + len(late)


def _by_mailbox(mailbox: Mailbox, *, lock: bool = False) -> IntegrityReport | None:
    statement = select(IntegrityReport).where(IntegrityReport.mailbox == mailbox.lookup)
    return db.session.scalar(statement.with_for_update() if lock else statement)


def _report(by: Account, report_id: int) -> IntegrityReport:
    return db.session.get_one(
        IntegrityReport, (by.agency_id, report_id), with_for_update=True, populate_existing=True
    )


def _key_held(agency_id: int) -> IntegrityKey:
    """The key in force, held so that nobody replaces it before this is committed.

    Asked twice: PostgreSQL answers nothing when the key was replaced while it was waited for.
    """
    statement = (
        select(IntegrityKey)
        .where(IntegrityKey.agency_id == agency_id, IntegrityKey.replaced_on.is_(None))
        .with_for_update(read=True)
    )
    key = db.session.scalar(statement) or db.session.scalar(statement)
    if key is None:
        db.session.rollback()
        raise NoKey
    return key


def _within(report: IntegrityReport) -> tuple[Any, Any]:
    return (
        IntegrityMessage.agency_id == report.agency_id,
        IntegrityMessage.report_id == report.id,
    )


def _sent(report: IntegrityReport, sending: uuid.UUID) -> bool:
    found = db.session.scalar(
        select(IntegrityMessage.number).where(*_within(report), IntegrityMessage.sending == sending)
    )
    return found is not None


def _add(
    report: IntegrityReport,
    key: IntegrityKey,
    author: str,
    words: Words,
    *,
    sending: uuid.UUID,
    today: date,
) -> None:
    numbers = db.session.scalars(select(IntegrityMessage.number).where(*_within(report))).all()
    if len(numbers) >= LONGEST_MAILBOX:
        db.session.rollback()
        raise MailboxFull
    answers = author == INSPECTORATE
    db.session.add(
        IntegrityMessage(
            agency_id=report.agency_id,
            report_id=report.id,
            number=max(numbers, default=0) + 1,
            sending=sending,
            author=author,
            written_on=today,
            key_id=key.id,
            for_inspectorate=seal(key.public, words),
            for_citizen=seal(report.citizen_key, words) if answers else None,
        )
    )


def _commit_durably() -> None:
    """Commit; raises NotDurable where the standbys may lack what was said to be kept."""
    warnings: list[str] = db.session.connection().info.setdefault("warnings", [])
    warnings.clear()
    db.session.commit()
    if warnings:
        raise NotDurable(warnings[0])


def _today(by: Account, now: datetime) -> date:
    return now.astimezone(db.session.get_one(Agency, by.agency_id).zone).date()


def _note(by: Account, action: str, report_id: int, now: datetime) -> None:
    note_act(by, action, now, subject=f"integrity_report:{report_id}")
