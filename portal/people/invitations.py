"""The letters that go with an account: invitation, and notice of a changed address."""

from flask import current_app
from flask_security.recoverable import generate_reset_password_token

from portal.i18n import force_locale
from portal.i18n import gettext as _
from portal.people.models import Account


def address_of(endpoint: str, **values: str) -> str:
    """A page's full address under PORTAL_PUBLIC_URL: the same from a page and the command line."""
    root: str = current_app.config["SETTINGS"].public_url
    path: str = current_app.url_map.bind("localhost").build(endpoint, values)
    return root + path


def invitation(account: Account) -> tuple[str, str]:
    """Subject and text of the mail with which a person chooses their own password."""
    token: str = generate_reset_password_token(account)  # type: ignore[no-untyped-call]
    link = address_of("security.reset_password", token=token)
    with force_locale(account.language):
        lines = [
            _("Yth. Bapak/Ibu,"),
            _(
                "Administrator instansi Anda telah membuatkan akun Suara Loket untuk Anda. "
                "Buka tautan ini untuk membuat kata sandi Anda:"
            ),
            link,
            _("Tautan ini berlaku satu hari. Jika sudah tidak berlaku, mintalah yang baru di:"),
            address_of("security.forgot_password"),
            _("Setelah itu, masuklah dengan alamat e-mail tempat surat ini Anda terima."),
        ]
        return _("Akun Suara Loket Anda"), "\n\n".join(lines) + "\n"


def address_changed(account: Account) -> tuple[str, str]:
    """Subject and text of the notice to the address that was used so far; not what the new one is,
    for whoever reads there now may be somebody else."""
    with force_locale(account.language):
        lines = [
            _("Yth. Bapak/Ibu,"),
            _("Alamat e-mail akun Suara Loket Anda diganti; alamat ini tidak dipakai lagi."),
            _("Jika Anda tidak memintanya, segera beri tahu administrator instansi Anda."),
        ]
        return _("Alamat e-mail akun Anda diganti"), "\n\n".join(lines) + "\n"
