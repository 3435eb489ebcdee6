"""The form of an agency's thresholds."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, ValidationError

from portal.forms import Form
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import number
from portal.records.forms import LONGEST, AnswerProposal, choices, without_noise
from portal.records.policy_words import CHOICE_WORDS, THRESHOLD_WORDS, decimals


class Number(StringField):  # type: ignore[misc]
    """A number as Indonesians write it (93,5) or as others do (93.5)."""

    def __init__(
        self, label: Any, least: float, most: float, *, whole: bool = False, **rest: Any
    ) -> None:
        super().__init__(label, **rest)
        self.least, self.most, self.whole = least, most, whole
        self.flags.required = True
        self.render_kw = {"inputmode": "numeric" if whole else "decimal"}
        self.number: float | int | None = None

    def pre_validate(self, form: Any) -> None:
        """One number within its bounds."""
        text = without_noise(self.data).replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            raise ValidationError(_("Tulis sebuah angka.")) from None
        if self.whole and not value.is_integer():
            raise ValidationError(_("Tulis bilangan bulat."))
        if not self.least <= value <= self.most:
            raise ValidationError(
                _(
                    "Antara %(least)s dan %(most)s.",
                    least=number(self.least, decimals(self.least)),
                    most=number(self.most, decimals(self.most)),
                )
            )
        self.number = int(value) if self.whole else value

    def show(self, value: float) -> None:
        self.data = number(value, decimals(value)).replace("\u00a0", "")


class Choice(SelectField):  # type: ignore[misc]
    """One of a few rules, told in words and kept as a number."""

    def __init__(self, label: Any, words: Sequence[Any], **rest: Any) -> None:
        given = choices({str(number): word for number, word in enumerate(words)})
        wrong = _l("Pilih salah satu jawaban.")
        super().__init__(label, choices=given, invalid_choice_message=wrong, **rest)
        self.number: int | None = None

    def pre_validate(self, form: Any) -> None:
        """One of them."""
        super().pre_validate(form)
        self.number = int(self.data)

    def show(self, value: float) -> None:
        self.data = str(int(value))


# The thresholds that an agency sets, with their bounds: never so few ratings that a citizen
# could be told, never less time to object than the law gives.
BOUNDS: dict[str, tuple[float, float, bool]] = {
    "least_new_ratings": (5, 50, True),
    "closing_days": (8, 60, True),
    "contest_days": (14, 90, True),
    "ruling_days": (1, 60, True),
    "second_person": (0, 2, True),
    "comment_years": (1, 10, True),
    "case_face": (0, 2, True),
    "case_words": (0, 1, True),
    "case_to": (0, 2, True),
    "case_days": (1, 30, True),
    "award_standard": (25, 100, False),
    "guidance_standard": (25, 100, False),
    "certainty": (0.6, 0.999, False),
    "lone_certainty": (0.6, 0.999, False),
    "guidance_certainty": (0.6, 0.999, False),
    "false_discovery": (0.001, 0.5, False),
    "min_ratings": (5, 500, True),
    "min_reliability": (0.3, 0.95, False),
    "device_limit": (1, 50, True),
    "quarantine_above": (1, 20, False),
}


class Switch(Form):
    """Let a control work, or only count; with a reason."""

    version = IntegerField(validators=[InputRequired()])
    state = StringField(validators=[AnyOf(("active", "monitor"))])
    reason = TextAreaField(
        _l("Alasan perubahan"),
        filters=[without_noise],
        validators=[
            DataRequired(_l("Tuliskan alasan perubahan.")),
            Length(max=LONGEST, message=_l("Paling banyak 4.000 huruf.")),
        ],
    )


class AnswerPolicy(AnswerProposal):
    """The second person's word on a version."""

    approved = RadioField(
        _l("Jawaban Anda"),
        choices=choices({"yes": _l("Setuju: aturan berlaku"), "no": _l("Kembalikan")}),
        validators=[InputRequired(_l("Pilih salah satu jawaban."))],
    )


class Thresholds(Form):
    """The thresholds that decide about people; a new version needs a reason."""

    version = HiddenField()
    reason = TextAreaField(
        _l("Alasan perubahan"),
        filters=[without_noise],
        validators=[Length(max=LONGEST, message=_l("Paling banyak 4.000 huruf."))],
        description=_l("Wajib diisi untuk mengusulkan. Tercatat dalam jejak audit."),
    )

    def fill(self, values: Mapping[str, Any], version: int) -> None:
        for name in BOUNDS:
            self[name].show(values[name])
            self[name].number = values[name]
        self.version.data = str(version)

    def values(self) -> dict[str, Any]:
        return {name: self[name].number for name in BOUNDS}

    def agree(self) -> bool:
        """Whether the thresholds do not contradict each other."""
        if self["award_standard"].number > self["guidance_standard"].number:
            return True
        self["award_standard"].errors = [_("Harus di atas standar pembinaan.")]
        return False

    def reason_given(self) -> bool:
        if self.reason.data:
            return True
        self.reason.errors = [_("Tuliskan alasan perubahan.")]
        return False


for _name, (_least, _most, _whole) in BOUNDS.items():
    _label = THRESHOLD_WORDS[_name][0]
    _field = (
        Choice(_label, CHOICE_WORDS[_name])
        if _name in CHOICE_WORDS
        else Number(_label, _least, _most, whole=_whole)
    )
    setattr(Thresholds, _name, _field)
