"""Mails about records: that there is something to read, and where; nothing personal."""

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from portal.db import db
from portal.i18n import force_locale
from portal.i18n import gettext as _
from portal.people.actions import queue_mail
from portal.people.models import Account


def tell(account: Account | None, event: str, path: str, now: datetime) -> None:
    """Queue a mail in the account's language, within the transaction that gives cause to it."""
    if account is None or not account.active:
        return
    link = f"{current_app.config['SETTINGS'].public_url}{path}"
    with force_locale(account.language):
        subject, sentence = _texts()[event]
        body = "\n\n".join([
            _("Yth. Bapak/Ibu,"),
            sentence,
            _("Silakan masuk untuk membacanya: %(link)s", link=link),
            _("E-mail ini sengaja tidak memuat keterangan apa pun."),
        ])  # fmt: skip
    queue_mail(account, subject, body, now)


def _texts() -> dict[str, tuple[str, str]]:
    return {
        "decided": (
            _("Ada keputusan baru tentang catatan kinerja Anda"),
            _("Atasan Anda telah mencatat keputusan tentang catatan kinerja Anda."),
        ),
        "replied": (
            _("Ada tanggapan pegawai"),
            _("Seorang pegawai telah menanggapi keputusan Anda."),
        ),
        "review_asked": (
            _("Ada permintaan memeriksa penilaian yang disisihkan"),
            _("Seorang pegawai meminta penilaian yang disisihkan diperiksa ulang."),
        ),
        "reviewed": (
            _("Penilaian yang disisihkan telah diperiksa"),
            _("Penilaian tentang Anda yang disisihkan telah diperiksa petugas."),
        ),
        "contested": (
            _("Ada keberatan atas sebuah keputusan"),
            _("Seorang pegawai mengajukan keberatan atas sebuah keputusan."),
        ),
        "ruled": (
            _("Keberatan telah diputus"),
            _("Pejabat keberatan telah memutus keberatan atas sebuah keputusan."),
        ),
    }


def account_of(agency_id: int, employee_id: int) -> Account | None:
    """The account with which an employee signs in."""
    return db.session.scalar(
        select(Account).where(Account.agency_id == agency_id, Account.employee_id == employee_id)
    )
