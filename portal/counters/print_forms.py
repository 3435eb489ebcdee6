"""Forms of printers and label sheets: fields, shapes, and messages for what is wrong."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, FloatField, HiddenField, IntegerField
from wtforms.validators import NumberRange

from portal.counters.printing.labels import Sheet
from portal.forms import Form
from portal.i18n import lazy_gettext as _l
from portal.people.forms import choice, line, needed

FROM_EDGE = _l("Dari tepi lembar ke label pertama.")


class CommaFloat(FloatField):  # type: ignore[misc]
    """Millimetres as people here write them: 1,5 as well as 1.5."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([value.replace(",", ".") for value in valuelist])


def millimetres(label: Any, least: float, most: float, **options: Any) -> FloatField:
    message = _l("Tulis angka antara %(min)s dan %(max)s.")
    rules = [needed(), NumberRange(min=least, max=most, message=message)]
    return CommaFloat(
        label, rules, invalid_value_message=_l("Tulis angka, misalnya 1,5."), **options
    )


def count(label: Any, most: int) -> IntegerField:
    message = _l("Tulis angka antara %(min)s dan %(max)s.")
    rules = [needed(), NumberRange(min=1, max=most, message=message)]
    return IntegerField(label, rules, invalid_value_message=_l("Tulis sebuah angka."))


class PrinterForm(Form):
    """How far a printer shifts what it prints."""

    printer = HiddenField()  # the one that is changed
    office = choice(_l("Unit kerja"))
    name = line(_l("Nama pencetak"), 60)
    right_mm = millimetres(
        _l("Bergeser ke kanan (mm)"), -20, 20, default=0.0,
        description=_l("Negatif bila bergeser ke kiri."),
    )  # fmt: skip
    down_mm = millimetres(
        _l("Bergeser ke bawah (mm)"), -20, 20, default=0.0,
        description=_l("Negatif bila bergeser ke atas."),
    )  # fmt: skip


class LabelSheetForm(Form):
    """A label sheet as measured with a ruler."""

    name = line(_l("Nama lembar label"), 60)
    paper_width = millimetres(_l("Lebar lembar"), 50, 330, default=165.0)
    paper_height = millimetres(_l("Tinggi lembar"), 50, 500, default=210.0)
    columns = count(_l("Kolom"), 20)
    rows = count(_l("Baris"), 50)
    width = millimetres(_l("Lebar label"), 8, 330)
    height = millimetres(_l("Tinggi label"), 8, 500)
    left = millimetres(_l("Tepi kiri"), 0, 300, description=FROM_EDGE)
    top = millimetres(_l("Tepi atas"), 0, 300, description=FROM_EDGE)
    pitch_x = millimetres(
        _l("Jarak antarkolom"), 8, 330,
        description=_l("Dari tepi kiri satu label ke tepi kiri label di kanannya."),
    )  # fmt: skip
    pitch_y = millimetres(
        _l("Jarak antarbaris"), 8, 500,
        description=_l("Dari tepi atas satu label ke tepi atas label di bawahnya."),
    )  # fmt: skip

    def measures(self) -> dict[str, Any]:
        return {
            name: field.data
            for name, field in self._fields.items()
            if name not in ("name", "csrf_token")
        }

    def validate(self, extra_validators: Any = None) -> bool:
        """The labels must not overlap and must lie on the sheet."""
        if not super().validate(extra_validators):
            return False
        measures = self.measures()
        paper = (measures.pop("paper_width"), measures.pop("paper_height"))
        try:
            Sheet("own", "own", paper, **measures)
        except ValueError:
            self.form_errors.append(
                _l("Label saling menutupi atau keluar dari lembar. Ukur sekali lagi.")
            )
            return False
        return True


class LookForm(Form):
    """The crest and the region's language on paper."""

    regional = choice(
        _l("Bahasa daerah"),
        description=_l("Dicetak di samping Indonesia dan English."),
    )
    crest = FileField(
        _l("Lambang instansi"),
        description=_l(
            "Gambar SVG atau PNG, paling besar 64 KB. Tanpa lambang, singkatan dipakai."
        ),
    )
    without_crest = BooleanField(_l("Pakai singkatan saja"))
