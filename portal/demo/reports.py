"""Reports to the inspectorate in the demo: one that waits too long, one that was answered."""

import uuid
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from portal.db import db
from portal.demo.accounts import PASSWORD
from portal.demo.draft import Draft
from portal.integrity.key_actions import make_key
from portal.integrity.report_actions import answer_report, file_report
from portal.integrity.report_queries import place_of
from portal.integrity.sealing import mailbox_of
from portal.people.models import Account, Agency

# Mailboxes that whoever tries the demo can open.
MAILBOXES = ("DEM0KTAKPESANSATV234", "DEM0KTAKPESANDVA5678")
_REPORTS = (
    (
        timedelta(days=6),
        "dukcapil",
        {
            "kind": "levy",
            "when": "Selasa minggu lalu, sekitar jam sepuluh",
            "text": "Petugas bilang KTP saya bisa jadi hari itu juga kalau saya menambah lima "
            "puluh ribu. Tidak ada kuitansinya. Ibu di belakang saya juga diminta.",
        },
    ),
    (
        timedelta(days=3),
        "dpmptsp",
        {
            "kind": "discrimination",
            "when": "",
            "text": "Orang yang kenal petugasnya dilayani lebih dahulu, padahal nomor antreannya "
            "jauh di belakang saya.",
        },
    ),
)
_ANSWER = (
    "Terima kasih. Laporan ini sudah kami terima dan kami periksa bersama catatan antrean hari "
    "itu. Apakah Anda masih ingat kira-kira jam berapa? Hasilnya kami tulis di sini."
)


def fill_reports(draft: Draft, agency_id: int, now: datetime) -> None:
    """The inspectorate's key, with the demo's password as its passphrase, and two reports."""
    agency = db.session.get_one(Agency, agency_id)
    make_key(agency, None, PASSWORD, now)
    for code, (ago, office, words) in zip(MAILBOXES, _REPORTS, strict=True):
        place = place_of(agency_id, draft.offices[office], None)
        if place is None:
            continue
        at = _noon(now.date() - ago, agency)
        last = file_report(place, mailbox_of(code), words, language="id", now=at)
    inspector = db.session.scalars(
        select(Account).where(
            Account.agency_id == agency_id, Account.email == f"inspector@{draft.plan.code}.example"
        )
    ).one()
    sending = uuid.uuid5(uuid.NAMESPACE_URL, MAILBOXES[1])
    answer_report(
        inspector,
        last.id,
        {"text": _ANSWER},
        sending=sending,
        closes=False,
        now=now - timedelta(days=2),
    )


def _noon(day: date, agency: Agency) -> datetime:
    return datetime.combine(day, time(12), agency.zone)
