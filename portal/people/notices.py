"""Mails that say that there is something to read, and where; nothing of what it is."""

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from portal.config import Settings
from portal.db import db
from portal.i18n import force_locale
from portal.i18n import gettext as _
from portal.people.actions import queue_mail
from portal.people.mail_times import choice_of, due_at
from portal.people.models import Account
from portal.people.notice_models import Notice, WebhookCall


def tell(
    account: Account | None,
    texts: tuple[object, object],
    path: str,
    now: datetime,
    *,
    kind: str | None = None,
) -> None:
    """Tell an account in its language, at once or in its next digest, within the transaction that
    gives cause to it; the agency's own system too, where there is one and the event has a `kind`.

    texts: the subject and one sentence, both lazy, so that they are read in that language.
    """
    if account is None or not account.active:
        return
    settings: Settings = current_app.config["SETTINGS"]
    if kind and settings.webhook_url:
        _call(account.agency_id, kind, path, now)
    choice = choice_of(account)
    due = due_at(choice, account.agency.zone, now)
    subject, sentence = texts
    with force_locale(account.language):
        if choice is not None and choice.pace != "at_once":
            db.session.add(
                Notice(
                    agency_id=account.agency_id,
                    account_id=account.id,
                    subject=str(subject),
                    path=path,
                    at=now,
                    due_at=due,
                )
            )
            return
        link = f"{settings.public_url}{path}"
        body = "\n\n".join([
            _("Yth. Bapak/Ibu,"),
            str(sentence),
            _("Silakan masuk untuk membacanya: %(link)s", link=link),
            _("E-mail ini sengaja tidak memuat keterangan apa pun."),
        ])  # fmt: skip
        queue_mail(account, str(subject), body, now, due_at=due)


def _call(agency_id: int, kind: str, path: str, now: datetime) -> None:
    """Once for each event, however many people are told."""
    same = (
        WebhookCall.agency_id == agency_id,
        WebhookCall.kind == kind,
        WebhookCall.path == path,
        WebhookCall.at == now,
    )
    if db.session.scalar(select(WebhookCall.id).where(*same)) is None:
        db.session.add(WebhookCall(agency_id=agency_id, kind=kind, path=path, at=now, due_at=now))
