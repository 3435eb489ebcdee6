"""The form of one comment."""

from typing import Any

from wtforms import HiddenField, RadioField, SelectChoice, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from portal.forms import Form
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

LONGEST_REASON = 300


class Moderate(Form):
    """Rude words: let stand or leave covered; words to mask by hand, with the reason."""

    seen = HiddenField()
    rude_words = RadioField(
        _l("Kata kasar"),
        choices=[
            SelectChoice("covered", _l("Tetap ditutup")),
            SelectChoice("shown", _l("Tampilkan: bukan kata kasar di sini")),
        ],
        validators=[InputRequired(_l("Pilih: tetap ditutup atau ditampilkan."))],
    )
    words = SelectMultipleField(_l("Kata yang ditutup"), coerce=int)
    reason = TextAreaField(
        _l("Alasan"),
        filters=[lambda value: (value or "").replace("\x00", "").strip()],
        validators=[
            Length(max=LONGEST_REASON, message=_l("Paling banyak 300 huruf.")),
        ],
        description=_l(
            "Wajib bila Anda menutup kata atau menampilkan kata kasar. "
            "Jangan tulis ulang kata yang ditutup."
        ),
    )

    def validate_reason(self, field: Any) -> None:
        """What readers no longer see, or see again, has a reason."""
        changed = self.words.data or self.rude_words.data == "shown"
        if changed and not field.data:
            raise ValidationError(_("Tuliskan alasannya."))
