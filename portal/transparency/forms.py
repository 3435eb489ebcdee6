"""The form of an office's answer."""

from typing import Any

from wtforms import HiddenField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.forms import Form
from portal.i18n import lazy_gettext as _l
from portal.ratings.words import THEME_WORDS

LONGEST = 1_000


def without_noise(value: str | None) -> str:
    return (value or "").replace("\x00", "").strip()


def _text(label: Any, missing: Any, hint: Any) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[without_noise],
        validators=[
            DataRequired(missing),
            Length(max=LONGEST, message=_l("Paling banyak 1.000 huruf.")),
        ],
        description=hint,
    )


class Answer(Form):
    """What the office heard and what it did; read by everybody."""

    key = HiddenField()
    theme = SelectField(
        _l("Tentang apa"),
        choices=[SelectChoice(value, word) for value, word in THEME_WORDS.items()],
    )
    heard = _text(
        _l("Kami dengar"),
        _l("Tuliskan apa yang didengar kantor dari warga."),
        _l("Satu dua kalimat, tanpa mengutip komentar seorang warga."),
    )
    done = _text(
        _l("Kami perbaiki"),
        _l("Tuliskan apa yang sudah atau akan dilakukan kantor."),
        _l("Apa yang berubah, sejak kapan; atau mengapa belum bisa."),
    )
