"""Digests: what waits is told in one mail; and the choice between that and mail at once."""

from datetime import datetime, time
from itertools import groupby

from flask import current_app
from sqlalchemy import delete, select

from portal.config import Settings
from portal.db import begin_write, db
from portal.i18n import force_locale
from portal.i18n import gettext as _
from portal.people.actions import queue_mail
from portal.people.mail_times import choice_of, due_at, outside_quiet
from portal.people.models import Account
from portal.people.notice_models import MailChoice, Notice

MOST_LINES = 50  # of one digest; what is beyond stands on the pages anyway


def choose_mail(
    account: Account, pace: str, quiet: tuple[time, time] | None, now: datetime
) -> None:
    """When an account wants to be told; what waits already follows."""
    begin_write()
    choice = choice_of(account)
    if choice is None:
        choice = MailChoice(agency_id=account.agency_id, account_id=account.id)
        db.session.add(choice)
    choice.pace = pace
    choice.quiet_from, choice.quiet_until = quiet or (None, None)
    due = due_at(choice, account.agency.zone, now)
    for one in _waiting(account):
        one.due_at = min(one.due_at, due)
    db.session.commit()


def send_digests(now: datetime) -> int:
    """Put a mail in the outbox for each account that has notices due; all that wait go into it.

    Who chose quiet hours since, or whose portal was down, is not written to in the quiet hours.
    """
    due = db.session.scalars(select(Notice.account_id).where(Notice.due_at <= now).distinct()).all()
    for account_id in due:
        begin_write()
        account = db.session.get_one(Account, account_id)
        waiting = _waiting(account)
        if waiting and account.active:
            goes = outside_quiet(choice_of(account), account.agency.zone, now)
            with force_locale(account.language):
                subject, body = str(_("Ringkasan Suara Loket")), _body(waiting)
            queue_mail(account, subject, body, now, due_at=goes)
        db.session.execute(delete(Notice).where(Notice.id.in_([one.id for one in waiting])))
        db.session.commit()
    return len(due)


def _waiting(account: Account) -> list[Notice]:
    return list(
        db.session.scalars(
            select(Notice)
            .where(Notice.agency_id == account.agency_id, Notice.account_id == account.id)
            .order_by(Notice.subject, Notice.at, Notice.id)
        )
    )


def _body(waiting: list[Notice]) -> str:
    """Subjects with their links, each link once: nothing of what happened."""
    settings: Settings = current_app.config["SETTINGS"]
    parts = []
    for subject, notices in groupby(waiting[:MOST_LINES], key=lambda one: one.subject):
        links = dict.fromkeys(f"{settings.public_url}{one.path}" for one in notices)
        parts.append("\n".join([f"{subject}:", *links]))
    choose = f"{settings.public_url}/notifications"
    return "\n\n".join([
        _("Yth. Bapak/Ibu,"),
        _("Ini yang terjadi sejak ringkasan yang lalu. Silakan masuk untuk membacanya."),
        *parts,
        _("E-mail ini sengaja tidak memuat keterangan apa pun."),
        _("Ubah waktunya: %(link)s", link=choose),
    ])  # fmt: skip
