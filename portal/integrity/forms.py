"""Forms of the inspector: the passphrase, an answer, what is done about a comment."""

from typing import Any

from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    TextAreaField,
)
from wtforms.validators import AnyOf, DataRequired, EqualTo, InputRequired, Length, ValidationError

from portal.forms import Form
from portal.i18n import lazy_gettext as _l
from portal.integrity.allegation_words import FINDING_WORDS
from portal.integrity.key_actions import SHORTEST_PASSPHRASE
from portal.integrity.models import HANDED
from portal.ratings import masking

LONGEST = 4000
_PERSONAL = frozenset({"nik", "nip", "phone", "account", "email"})


def _passphrase(label: Any, *rules: Any, fresh: bool = False, **values: Any) -> PasswordField:
    return PasswordField(
        label,
        [DataRequired(_l("Ketik kata sandinya.")), Length(max=400), *rules],
        render_kw={"autocomplete": "new-password" if fresh else "off"},
        **values,
    )


class OpenKey(Form):
    """The passphrase, and the report to go on to."""

    passphrase = _passphrase(_l("Kata sandi kunci"))
    report = HiddenField()


class MakeKey(Form):
    """A passphrase for a new key, twice."""

    new = _passphrase(
        _l("Kata sandi kunci yang baru"),
        Length(min=SHORTEST_PASSPHRASE, message=_l("Sedikitnya 16 huruf.")),
        fresh=True,
        description=_l("Sedikitnya 16 huruf; empat kata yang tidak berhubungan sudah baik."),
    )
    again = _passphrase(
        _l("Sekali lagi"), EqualTo("new", message=_l("Keduanya harus sama.")), fresh=True
    )


class ReplaceKey(MakeKey):
    """The same, with the passphrase so far."""

    old = _passphrase(_l("Kata sandi kunci sekarang"))


class JudgeBlock(Form):
    """Set a group of telephones aside or put it back; a reason that the employee reads."""

    key = HiddenField(validators=[DataRequired()])
    outcome = HiddenField(validators=[AnyOf(("aside", "back"))])
    reason = TextAreaField(
        _l("Alasan"),
        filters=[lambda text: (text or "").replace("\x00", "").strip()],
        validators=[
            DataRequired(_l("Tuliskan alasannya.")),
            Length(max=LONGEST, message=_l("Paling banyak 4.000 huruf.")),
        ],
        description=_l("Akan dibaca pegawai dan atasannya."),
    )


def _without_personal_numbers(_form: Form, field: Field) -> None:
    found = masking.MASK.findall(masking.mask(field.data or ""))
    if not _PERSONAL.isdisjoint(found):
        raise ValidationError(
            _l("Jangan tulis NIK, NIP, nomor telepon, nomor rekening, atau alamat surel.")
        )


class Find(Form):
    """What is done about a comment, and why; kept as written, so that no number of a letter is
    lost: numbers of persons are refused."""

    outcome = RadioField(_l("Langkah"), validators=[InputRequired(_l("Pilih langkahnya."))])
    reason = TextAreaField(
        _l("Keterangan"),
        filters=[lambda text: (text or "").replace("\x00", "").strip()],
        validators=[
            DataRequired(_l("Tuliskan keterangannya.")),
            Length(max=masking.LONGEST, message=_l("Paling banyak 1.000 huruf.")),
            _without_personal_numbers,
        ],
        description=_l(
            "Nomor surat tugas atau berkas pemeriksaannya, atau mengapa tidak diperiksa. Hanya "
            "inspektorat yang membacanya. Jangan menebak siapa warganya."
        ),
    )

    def offer(self, *, hands_over: bool) -> None:
        """The choices there are: of a closed quarter nothing is handed over."""
        self.outcome.choices = [
            SelectChoice(value, word)
            for value, word in FINDING_WORDS.items()
            if hands_over or value != HANDED
        ]


class AnswerReport(Form):
    """Words to the citizen."""

    sending = HiddenField()
    text = TextAreaField(
        _l("Jawaban kepada warga"),
        filters=[lambda text: (text or "").replace("\x00", "").strip()],
        validators=[
            DataRequired(_l("Tulis jawabannya.")),
            Length(max=LONGEST, message=_l("Paling banyak 4.000 huruf.")),
        ],
        description=_l(
            "Jangan mengulang isi laporan dan jangan menanyakan siapa pelapornya: kode kotak pesan "
            "dapat jatuh ke tangan orang lain."
        ),
    )
    closes = BooleanField(_l("Laporan ini selesai ditangani"))
