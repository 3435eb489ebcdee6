"""Forms of services, counters, codes and duty."""

from datetime import time
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.counters.blueprint import YEARS
from portal.forms import Form
from portal.i18n import lazy_gettext as _l
from portal.people.forms import CODE, at_most, choice, day_field, line, needed, plain, time_field


def paragraphs(text: str | None) -> str:
    """Several lines, each without what no database keeps or no page shows."""
    return "\n".join(plain(one) for one in (text or "").splitlines()).strip()


def reason_field(label: Any = None, *, required: bool = True, **options: Any) -> StringField:
    """Why something is done that others will ask about."""
    short = Length(min=5, message=_l("Tulis alasannya dengan beberapa kata."))
    rules = [needed(_l("Alasan perlu diisi."))] if required else [Optional()]
    return StringField(
        label or _l("Alasan"), [*rules, short, at_most(300)], filters=[plain], **options
    )


# A browser's field for a time knows no 24.00.
UNTIL_MIDNIGHT = _l("Sampai tengah malam: tulis 00.00.")


def check_order(starts: time | None, ends: time | None) -> None:
    """An end comes after its beginning; 00.00 is the midnight at the end of the day. Raises
    ValidationError."""
    if starts is not None and ends is not None and time() != ends <= starts:
        raise ValidationError(_l("Jam selesai harus sesudah jam mulai."))


class ServiceForm(Form):
    """What citizens come for."""

    name = line(_l("Nama layanan"), 120, description=_l("Misalnya KTP-el atau Akta kelahiran."))
    code = StringField(
        _l("Kode"),
        [needed(), at_most(40), CODE],
        filters=[plain],
        description=_l("Kode singkat buatan Anda sendiri, dipakai saat impor data."),
    )


class EditServiceForm(ServiceForm):
    active = BooleanField(_l("Layanan ini masih diberikan"))


class StandardForm(Form):
    """A service's standard in one office."""

    requirements = TextAreaField(
        _l("Persyaratan"),
        [Optional(), at_most(4000)],
        filters=[paragraphs],
        description=_l("Satu syarat per baris."),
    )
    duration = line(
        _l("Waktu penyelesaian"), 120, required=False, description=_l("Misalnya 1 hari kerja.")
    )
    cost = line(_l("Biaya"), 120, required=False, description=_l("Misalnya Gratis."))
    product = line(
        _l("Produk layanan"), 200, required=False, description=_l("Apa yang diterima warga.")
    )


class NewStandardForm(StandardForm):
    service = choice(_l("Layanan"))


class CounterForm(Form):
    """A counter: what it is called, where it stands, what is given there."""

    label = line(_l("Nama loket"), 40, description=_l("Seperti yang tertulis, misalnya Loket 3."))
    place = line(
        _l("Letak"), 160, required=False, description=_l("Gedung, lantai, atau nama gerai.")
    )
    services = SelectMultipleField(
        _l("Layanan di loket ini"),
        [Optional()],
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        invalid_choice_message=_l("Pilih layanan dari daftar."),
        description=_l("Jika hanya satu, warga tidak perlu memilih."),
    )


class NewCounterForm(CounterForm):
    office = choice(_l("Unit kerja"))


class EditCounterForm(CounterForm):
    active = BooleanField(_l("Loket ini dibuka"))


class ReasonForm(Form):
    """Only a reason."""

    reason = reason_field()


class CodeForm(ReasonForm):
    """Which code is meant, and why."""

    code = HiddenField()


class TimesForm(Form):
    """A person, and from when to when on one day, as the clock on the wall says."""

    employee = choice(_l("Pegawai"), coerce=int)
    day = day_field(_l("Tanggal"))
    starts = time_field(_l("Dari pukul"))
    ends = time_field(_l("Sampai pukul"), description=UNTIL_MIDNIGHT)

    def validate_day(self, field: Field) -> None:
        if field.data and field.data.year not in YEARS:
            raise ValidationError(_l("Tanggal ini terlalu jauh."))

    def validate_ends(self, field: Field) -> None:
        check_order(self.starts.data, field.data)


class DutyForm(TimesForm):
    """Who will sit at a counter."""

    counter = choice(_l("Loket"), coerce=int)
    confirmed = BooleanField(_l("Langsung pastikan penugasan ini"), default=True)
    reason = reason_field(
        _l("Alasan, jika jamnya sudah lewat"),
        required=False,
        description=_l("Penugasan yang sudah berjalan dicatat sebagai koreksi."),
    )


class CorrectionForm(TimesForm):
    """Who really sat there."""

    reason = reason_field(description=_l("Terbaca oleh pegawai, atasan, dan auditor."))
