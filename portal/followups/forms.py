"""Forms of a case."""

from typing import Any

from wtforms import DateField, RadioField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.followups.words import OUTCOME_WORDS
from portal.forms import Form
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.transparency.forms import LONGEST, without_noise


def _text(label: Any, hint: Any = "", missing: Any = None) -> TextAreaField:
    first = DataRequired(missing) if missing else Optional()
    return TextAreaField(
        label,
        filters=[without_noise],
        validators=[first, Length(max=LONGEST, message=_l("Paling banyak 1.000 huruf."))],
        description=hint,
    )


class Assign(Form):
    """Who takes care of it."""

    account = SelectField(
        _l("Yang menangani"),
        coerce=int,
        description=_l("Pegawai yang dinilai tidak dapat dipilih."),
    )


class Note(Form):
    """What was done or found out."""

    note = _text(
        _l("Catatan"),
        _l("Apa yang sudah dilakukan atau ditemukan. Jangan menebak siapa warganya."),
        _l("Tuliskan catatannya."),
    )


class Resolve(Form):
    """What became of it, and what the citizen reads of it."""

    outcome = RadioField(
        _l("Hasilnya"),
        choices=[SelectChoice(value, word) for value, word in OUTCOME_WORDS.items()],
        validators=[InputRequired(_l("Pilih hasilnya."))],
    )
    logged_for = DateField(
        _l("Dikerjakan paling lambat"),
        validators=[Optional()],
        description=_l("Wajib bila hasilnya dicatat untuk dikerjakan."),
    )
    reason = _text(
        _l("Penjelasan untuk arsip"),
        _l("Apa yang diperbaiki, kapan akan dikerjakan, atau mengapa tidak diubah."),
        _l("Tuliskan penjelasannya."),
    )
    heard = _text(
        _l("Kami dengar"),
        _l("Satu dua kalimat, tanpa mengutip komentar seorang warga."),
    )
    done = _text(_l("Kami perbaiki"), _l("Apa yang berubah, sejak kapan; atau mengapa belum bisa."))

    def validate(self, extra_validators: Any = None) -> bool:
        """A day belongs to what will be done; an answer has both halves, or none."""
        sound = bool(super().validate(extra_validators))
        if self.outcome.data == "logged" and not self.logged_for.data:
            self.logged_for.errors = [*self.logged_for.errors, _("Tuliskan tanggalnya.")]
            sound = False
        if bool(self.done.data) != bool(self.heard.data):
            self.done.errors = [_("Isi kedua bagian jawaban, atau kosongkan keduanya.")]
            sound = False
        return sound
