"""The forms that take a file: of duties, or of objective measures."""

import base64
import binascii
from typing import Any

from flask_wtf.file import FileField
from wtforms import Field, HiddenField
from wtforms.validators import ValidationError

from portal.forms import Form
from portal.i18n import lazy_gettext as _l

LARGEST = 256 * 1024  # bytes: some 3,000 duties, or 4,500 measures


class FileForm(Form):
    """A file, or what was looked through of one that is now to be imported."""

    file: Any
    checked = HiddenField()  # the file as it was looked through, in base64
    listed = HiddenField()  # set: all that is wrong with it is wanted as a file
    too_large: Any

    @property
    def content(self) -> bytes:
        """The bytes of the file; empty without any."""
        if self.checked.data:
            try:
                return base64.b64decode(self.checked.data, validate=True)
            except (binascii.Error, ValueError):
                return b""
        read: bytes = self.file.data.read(LARGEST + 1) if self.file.data else b""
        self.file.data and self.file.data.seek(0)
        return read

    def validate_file(self, field: Field) -> None:
        content = self.content
        if not content:
            raise ValidationError(_l("Pilih sebuah berkas."))
        if len(content) > LARGEST:
            raise ValidationError(self.too_large)


class DutyFileForm(FileForm):
    file = FileField(
        _l("Berkas CSV atau iCalendar"),
        description=_l("Paling besar 256 KB. Kolomnya sama dengan berkas yang diunduh."),
    )
    kind = HiddenField()
    too_large = _l("Berkas ini terlalu besar: bagi menurut minggu.")

    @property
    def calendar(self) -> bool:
        if self.checked.data:
            return bool(self.kind.data == "ics")
        return bool(self.file.data and self.file.data.filename.lower().endswith(".ics"))


class MeasureFileForm(FileForm):
    file = FileField(_l("Berkas CSV"), description=_l("Paling besar 256 KB."))
    too_large = _l("Berkas ini terlalu besar: bagi menurut ukuran.")
