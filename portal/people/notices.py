"""Mails that say that there is something to read, and where; nothing of what it is."""

from datetime import datetime

from flask import current_app

from portal.i18n import force_locale
from portal.i18n import gettext as _
from portal.people.actions import queue_mail
from portal.people.models import Account


def tell(account: Account | None, texts: tuple[object, object], path: str, now: datetime) -> None:
    """Queue a mail in the account's language, within the transaction that gives cause to it.

    texts: the subject and one sentence, both lazy, so that they are read in that language.
    """
    if account is None or not account.active:
        return
    link = f"{current_app.config['SETTINGS'].public_url}{path}"
    subject, sentence = texts
    with force_locale(account.language):
        body = "\n\n".join([
            _("Yth. Bapak/Ibu,"),
            str(sentence),
            _("Silakan masuk untuk membacanya: %(link)s", link=link),
            _("E-mail ini sengaja tidak memuat keterangan apa pun."),
        ])  # fmt: skip
        queue_mail(account, str(subject), body, now)
