"""What the demo's offices do about low ratings: cases in every state, by the portal's own deeds."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.db import begin_write, db
from portal.demo.decisions import HOUR
from portal.demo.decisions import Office as Officials
from portal.demo.draft import Draft
from portal.followups.actions import Resolution, assign, note, resolve
from portal.followups.models import FollowedRelease, FollowUp
from portal.followups.opening_actions import escalate_late, open_cases
from portal.followups.queries import may_handle
from portal.ratings.models import Release

DAYS = 4  # before today; as many days of visits open cases
_LATE = timedelta(days=7)
_NOTES = (
    "Sudah dibicarakan dalam apel pagi. Papan syarat di loket ternyata masih yang lama.",
    "Menunggu kabar dari bagian umum tentang alat cetak.",
)
_RESULTS = (
    Resolution("fixed", "Papan syarat diganti, dan petugas loket membacakan syarat di awal."),
    Resolution("explained", "Syarat ini diatur undang-undang; kami jelaskan di papan informasi."),
    Resolution("logged", "Kursi tunggu tambahan masuk anggaran perubahan."),
)


def follow_up(officials: Officials, draft: Draft, agency_id: int, now: datetime) -> None:
    """Cases of the last days: some taken, some resolved, two late, the others wait."""
    _skip_closed(agency_id)
    opened = draft.window.midnight(draft.window.today) - timedelta(days=DAYS) + 2 * HOUR
    open_cases(opened, draft.window.today - timedelta(days=DAYS))
    coordinator = officials.account("coordinator")
    mine = [case.id for case in _cases(agency_id) if may_handle(coordinator, case)]
    db.session.rollback()
    at = opened + 7 * HOUR
    for case_id in mine[:6]:
        assign(coordinator, case_id, coordinator, at)
    for case_id, text in zip(mine[1:], _NOTES, strict=False):
        note(coordinator, case_id, text, at + 24 * HOUR)
    for case_id, result in zip(mine[3:], _RESULTS, strict=False):
        day = draft.window.today + timedelta(days=40) if result.outcome == "logged" else None
        found = Resolution(result.outcome, result.text, day)
        resolve(coordinator, case_id, found, at + 26 * HOUR)
    _make_late([*mine[:1], *mine[6:7]])
    escalate_late(now)


def _skip_closed(agency_id: int) -> None:
    """Cases begin with the current quarter."""
    begin_write()
    closing = select(Release).where(Release.agency_id == agency_id, Release.closes)
    for last in db.session.scalars(closing).all():
        db.session.add(FollowedRelease(agency_id=agency_id, period=last.period, number=last.number))
    db.session.commit()


def _cases(agency_id: int) -> list[FollowUp]:
    return list(
        db.session.scalars(
            select(FollowUp).where(FollowUp.agency_id == agency_id).order_by(FollowUp.id)
        )
    )


def _make_late(cases: list[int]) -> None:
    """As if they had been opened a week before."""
    begin_write()
    for case in db.session.scalars(select(FollowUp).where(FollowUp.id.in_(cases))):
        case.opened_on -= _LATE
        case.due_on -= _LATE
    db.session.commit()
