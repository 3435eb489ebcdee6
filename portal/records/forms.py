"""Forms of records: choosing, deciding, replying, objecting, ruling."""

from collections.abc import Mapping
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.forms import Form
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.records.attachment_forms import WithFiles
from portal.records.decision_words import AWARD_WORDS, REASONS
from portal.records.models import DECISIONS, RULINGS
from portal.records.proposals import PlannedStep
from portal.records.words import ADVICE_WORDS, DECISION_WORDS, OUTCOME_WORDS, REVIEW_WORDS

LONGEST = 4_000
BLANK = "…"  # in the beginnings of reasons: what somebody has to add
STEPS = 3  # of a plan of guidance
LONGEST_STEP = 300


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
    award = SelectField(
        _l("Bentuk penghargaan"),
        choices=choices(AWARD_WORDS),
        default="",
        validate_choice=False,
        description=_l("Hanya untuk penghargaan."),
    )
    template = SelectField(
        _l("Kalimat pembuka alasan"),
        choices=choices({name: label for name, (label, _text) in REASONS.items()}),
        validate_choice=False,
    )

    def validate_reason(self, field: TextAreaField) -> None:
        """The dots of a beginning are there to be filled in."""
        if BLANK in (field.data or ""):
            raise ValidationError(_("Lengkapi atau hapus titik-titik (…) dalam alasan."))

    def rows(self) -> list[tuple[StringField, DateField, BooleanField]]:
        """The rows of the plan: what, until when, and whether it is a training."""
        names = ("what", "until", "training")
        return [tuple(self[f"{name}{at}"] for name in names) for at in range(1, STEPS + 1)]

    def steps(self) -> tuple[PlannedStep, ...]:
        return tuple(
            PlannedStep(what.data, until.data, training.data)
            for what, until, training in self.rows()
            if what.data
        )

    def plan_holds(self) -> bool:
        """Whether each step has its day, and each day a step."""
        for what, until, _training in self.rows():
            if what.data and not until.data:
                until.errors = [_("Tulis sampai kapan.")]
            elif until.data and not what.data:
                what.errors = [_("Tulis apa yang dilakukan.")]
        return not any(field.errors for row in self.rows() for field in row)

    def typed(self) -> dict[str, str]:
        """What was typed, complete or not, as a draft keeps it."""
        names = ["kind", "reason", "second_reason", "award"]
        names += [field.short_name for row in self.rows() for field in row]
        found = {name: without_noise(request.form.get(name))[:LONGEST] for name in names}
        return {name: text for name, text in found.items() if text}

    def show(self, typed: Mapping[str, str]) -> None:
        """Put a draft back into the form."""
        self.process(MultiDict(typed))


for _at in range(1, STEPS + 1):
    setattr(
        Decide,
        f"what{_at}",
        StringField(
            _l("Langkah"),
            filters=[without_noise],
            validators=[Length(max=LONGEST_STEP, message=_l("Paling banyak 300 huruf."))],
        ),
    )
    setattr(Decide, f"until{_at}", DateField(_l("Sampai"), validators=[Optional()]))
    setattr(Decide, f"training{_at}", BooleanField(_l("Ini pelatihan")))


class TookTraining(Form):
    """On which day a training was taken."""

    taken_on = DateField(_l("Hari pelatihan"), validators=[InputRequired()])


class DidStep(Form):
    """On which day a step of a plan was done, and what is said of it."""

    done_on = DateField(_l("Hari selesai"), validators=[InputRequired(_l("Tuliskan tanggalnya."))])
    note = StringField(
        _l("Catatan"),
        filters=[without_noise],
        validators=[Length(max=LONGEST_STEP, message=_l("Paling banyak 300 huruf."))],
    )


class AnswerProposal(Form):
    """The second person's word."""

    approved = RadioField(
        _l("Jawaban Anda"),
        choices=choices({"yes": _l("Setuju: keputusan berlaku"), "no": _l("Kembalikan")}),
        validators=[InputRequired(_l("Pilih salah satu jawaban."))],
    )
    reason = TextAreaField(
        _l("Alasan"),
        filters=[without_noise],
        validators=[Length(max=LONGEST, message=_l("Paling banyak 4.000 huruf."))],
        description=_l("Wajib diisi bila dikembalikan; akan dibaca pengusul."),
    )

    def reason_given(self) -> bool:
        if self.approved.data == "yes" or self.reason.data:
            return True
        self.reason.errors = [_("Tuliskan mengapa usulan dikembalikan.")]
        return False


class WithdrawProposal(Form):
    """The proposer takes a proposal back, and says why."""

    reason = _text(
        _l("Alasan menarik usulan"),
        _l("Tuliskan mengapa usulan ditarik."),
        description=_l("Tersimpan bersama usulannya."),
    )

    def reason_given(self) -> bool:
        return bool(self.reason.data)


class Answer(WithFiles):
    """The employee's reply to evidence or decision."""

    text = _text(
        _l("Tanggapan Anda"),
        _l("Tuliskan tanggapan Anda."),
        description=_l("Akan dibaca atasan dan bagian kepegawaian, dan tidak dapat diubah lagi."),
    )


class DialogueText(Form):
    """What supervisor and employee talked about."""

    text = _text(
        _l("Yang dibicarakan dan disepakati"),
        _l("Tuliskan yang dibicarakan."),
        description=_l("Akan dibaca dan ditandatangani pegawai, dan tidak dapat diubah lagi."),
    )


class Remark(Form):
    """What the employee adds when signing."""

    remark = TextAreaField(
        _l("Catatan Anda"),
        filters=[without_noise],
        validators=[Length(max=LONGEST, message=_l("Paling banyak 4.000 huruf."))],
    )


class AskReview(WithFiles):
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


class Object(WithFiles):
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
