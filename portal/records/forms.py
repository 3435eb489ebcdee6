"""Forms of records: choosing, deciding, replying, objecting, ruling."""

from collections.abc import Mapping
from typing import Any

from wtforms import (
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from portal.forms import Form
from portal.i18n import lazy_gettext as _l
from portal.records.models import DECISIONS, RULINGS
from portal.records.words import ADVICE_WORDS, DECISION_WORDS, OUTCOME_WORDS, REVIEW_WORDS

LONGEST = 4_000


def choices(words: Mapping[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, word) for value, word in words.items()]


def without_noise(value: str | None) -> str:
    return (value or "").replace("\x00", "").strip()


def _text(label: Any, missing: Any, **values: Any) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[without_noise],
        validators=[
            DataRequired(missing),  # after the filter: blanks are no words
            Length(max=LONGEST, message=_l("Paling banyak 4.000 huruf.")),
        ],
        **values,
    )


class Choose(Form):
    """Which records to list; its choices are filled in by the page."""

    class Meta(Form.Meta):
        csrf = False

    period = SelectField(_l("Triwulan"))
    office = SelectField(_l("Unit kerja"))
    advice = SelectField(_l("Saran"), choices=choices({"": _l("Semua saran"), **ADVICE_WORDS}))


class ChoosePeriod(Form):
    """Which quarter; its choices are filled in by the page."""

    class Meta(Form.Meta):
        csrf = False

    period = SelectField(_l("Triwulan"))


class ChooseDecisions(Form):
    """Which decisions to list; its choices are filled in by the page."""

    class Meta(Form.Meta):
        csrf = False

    period = SelectField(_l("Triwulan"))
    office = SelectField(_l("Unit kerja"))
    kind = SelectField(_l("Keputusan"), choices=choices({"": _l("Semua"), **DECISION_WORDS}))


class Decide(Form):
    """A decision on the evidence that the page shows."""

    run = HiddenField()
    supersedes = HiddenField()
    kind = RadioField(
        _l("Keputusan"),
        choices=choices({kind: DECISION_WORDS[kind] for kind in DECISIONS}),
        validators=[InputRequired(_l("Pilih salah satu keputusan."))],
    )
    reason = _text(
        _l("Alasan"),
        _l("Tuliskan alasan keputusan."),
        description=_l("Akan dibaca pegawai. Sebutkan bukti yang menjadi dasar."),
    )
    second_reason = TextAreaField(
        _l("Alasan menyimpang dari saran"),
        filters=[without_noise],
        validators=[Length(max=LONGEST, message=_l("Paling banyak 4.000 huruf."))],
        description=_l("Wajib diisi bila keputusan berbeda dari saran; akan ditandai."),
    )


class Answer(Form):
    """The employee's reply to evidence or decision."""

    text = _text(
        _l("Tanggapan Anda"),
        _l("Tuliskan tanggapan Anda."),
        description=_l("Akan dibaca atasan dan bagian kepegawaian, dan tidak dapat diubah lagi."),
    )


class AskReview(Form):
    """The employee asks that ratings set aside be looked at."""

    reason = _text(
        _l("Mengapa perlu diperiksa"),
        _l("Tuliskan alasan Anda."),
        description=_l("Akan dibaca pejabat keberatan. Sebutkan harinya bila Anda ingat."),
    )


class Review(Form):
    """Restore or confirm ratings set aside, in the batches in which they came."""

    batches = SelectMultipleField(
        _l("Yang diperiksa"),
        validators=[InputRequired(_l("Pilih sedikitnya satu kelompok."))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    outcome = RadioField(
        _l("Hasil pemeriksaan"),
        choices=choices(REVIEW_WORDS),
        validators=[InputRequired(_l("Pilih salah satu hasil."))],
    )
    reason = _text(
        _l("Alasan"),
        _l("Tuliskan alasannya."),
        description=_l("Akan dibaca pegawai dan atasannya."),
    )


class Object(Form):
    """An objection to a decision."""

    reason = _text(
        _l("Alasan keberatan"),
        _l("Tuliskan alasan keberatan Anda."),
        description=_l("Akan dibaca pejabat keberatan dan atasan yang memutuskan."),
    )


class Rule(Form):
    """The answer to an objection."""

    outcome = RadioField(
        _l("Putusan"),
        choices=choices({outcome: OUTCOME_WORDS[outcome] for outcome in RULINGS}),
        validators=[InputRequired(_l("Pilih salah satu putusan."))],
    )
    reason = _text(_l("Alasan putusan"), _l("Tuliskan alasan putusan."))
