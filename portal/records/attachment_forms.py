"""The field for files that come with a reply or an objection."""

from typing import Any

from flask import current_app
from wtforms import MultipleFileField
from wtforms.validators import ValidationError

from portal.config import Settings
from portal.forms import Form
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.records.attachments import (
    Checked,
    Infected,
    NotScanned,
    TooLarge,
    TooManyFiles,
    WrongKind,
    check_files,
)

REFUSALS: dict[type[Exception], Any] = {
    TooManyFiles: _l("Lampirannya terlalu banyak."),
    TooLarge: _l("Ada lampiran yang terlalu besar."),
    WrongKind: _l("Ada lampiran yang isinya bukan PDF, PNG, atau JPEG."),
    Infected: _l("Ada lampiran yang ditolak pemeriksa virus."),
    NotScanned: _l("Pemeriksa virus sedang tidak jalan, jadi lampiran belum dapat diterima."),
}


class WithFiles(Form):
    """Words with files: checked by content, scanned where a scanner is set."""

    files = MultipleFileField(_l("Lampiran"), render_kw={"accept": ".pdf,.png,.jpg,.jpeg"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.checked: list[Checked] = []
        settings: Settings = current_app.config["SETTINGS"]
        self.files.description = _(
            "PDF, PNG, atau JPEG; paling banyak %(count)s, masing-masing paling besar %(size)s MB.",
            count=settings.attachment_count,
            size=settings.attachment_megabytes,
        )
        if not settings.attachment_count:
            del self.files

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """A browser gives files only once: where something else is wrong, say that they are gone,
        or the objection would be made without them."""
        valid = bool(super().validate(*args, **kwargs))
        if not valid and self.checked:
            self.files.errors = [_("Pilih lampirannya sekali lagi.")]
        return valid

    def validate_files(self, field: MultipleFileField) -> None:
        """Refuse what may not be kept; `checked` are the files that may."""
        given = [one for one in field.data or [] if getattr(one, "filename", "")]
        try:
            self.checked = check_files(given, current_app.config["SETTINGS"])
        except tuple(REFUSALS) as error:
            again = _("Pilih lampirannya sekali lagi.")
            raise ValidationError(f"{REFUSALS[type(error)]} {again}") from None
        finally:
            for one in given:
                one.close()
