"""Forms of the administrator's pages: fields, shapes, and messages for what is wrong."""

from datetime import date, time
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    Optional,
    Regexp,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ColorInput, ListWidget

from portal.forms import Form
from portal.i18n import LANGUAGES, STAFF_LANGUAGES
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.people import numbers
from portal.people.models import EMPLOYEE_KINDS, OFFICE_KINDS
from portal.people.words import (
    ACT_WORDS,
    KIND_WORDS,
    NUMBER_TROUBLES,
    OFFICE_KIND_WORDS,
    PACE_WORDS,
    ROLE_WORDS,
    WEEKDAYS,
    ZONE_WORDS,
)

WHOLE_AGENCY = ""  # in a choice of offices


def plain(text: str | None) -> str:
    """One line without what no database keeps or no page shows (NUL, lone surrogates)."""
    words = "".join(letter if letter.isprintable() else " " for letter in text or "")
    return " ".join(words.split())


def needed(message: Any = None) -> InputRequired:
    return InputRequired(message or _l("Bagian ini perlu diisi."))


def words() -> DataRequired:
    """Something is left when what cannot be printed has been taken away."""
    return DataRequired(_l("Bagian ini perlu diisi."))


def at_most(count: int) -> Length:
    return Length(max=count, message=_l("Paling banyak %(max)d huruf."))


def line(label: Any, length: int, *, required: bool = True, **options: Any) -> StringField:
    """A field for one line of text that fits its column."""
    rules = [words() if required else Optional(), at_most(length)]
    return StringField(label, rules, filters=[plain], **options)


def choice(label: Any, choices: list[SelectChoice] | None = None, **options: Any) -> SelectField:
    """A field for one of several; the views fill in what depends on the reader."""
    message = _l("Pilih salah satu dari daftar.")
    return SelectField(label, choices=choices, invalid_choice_message=message, **options)


def day_field(label: Any, *, required: bool = True, **options: Any) -> DateField:
    message = _l("Tulis tanggal yang ada di kalender.")

    def of_our_time(form: Form, field: Field) -> None:
        if field.data and not 1900 <= field.data.year < 2200:
            raise ValidationError(message)

    rules = [needed() if required else Optional(), of_our_time]
    return DateField(label, rules, invalid_value_message=message, **options)


def time_field(label: Any, *, required: bool = True, **options: Any) -> TimeField:
    message = _l("Tulis jam, misalnya 08:00.")
    rules = [needed() if required else Optional()]
    return TimeField(label, rules, invalid_value_message=message, **options)


CODE = Regexp(
    r"^[a-z0-9][a-z0-9.-]*$",
    message=_l("Pakai huruf kecil, angka, titik, atau tanda hubung, misalnya kec-utara."),
)
EMAIL = Regexp(
    r"^[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+$",
    message=_l("Tulis alamat e-mail yang lengkap, misalnya nama@kota.go.id."),
)


class AgencyForm(Form):
    """What the agency is called and when it works."""

    name = line(_l("Nama instansi"), 160)
    initials = line(_l("Singkatan"), 4, description=_l("Paling banyak 4 huruf."))
    colour = StringField(
        _l("Warna"),
        [words(), Regexp(r"^#[0-9a-fA-F]{6}$", message=_l("Pilih sebuah warna."))],
        widget=ColorInput(),
        description=_l("Dipakai di halaman warga. Pilih warna yang cukup gelap."),
    )
    timezone = choice(
        _l("Zona waktu"), [SelectChoice(zone, word) for zone, word in ZONE_WORDS.items()]
    )
    opens_at = time_field(_l("Buka pukul"))
    closes_at = time_field(_l("Tutup pukul"))
    working_days = SelectMultipleField(
        _l("Hari kerja"),
        [needed(_l("Pilih sedikitnya satu hari."))],
        choices=[SelectChoice(number, word) for number, word in WEEKDAYS.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    report_name = line(_l("Nama saluran pengaduan"), 80)
    report_url = StringField(
        _l("Alamat saluran pengaduan"),
        [
            words(),
            at_most(300),
            Regexp(r"^https?://[^\s/]+\S*$", message=_l("Mulai dengan https://")),
        ],
        filters=[plain],
        description=_l("Ke sana warga diarahkan bila dimintai uang."),
    )
    release_at = time_field(
        _l("Jam rilis"), description=_l("Setiap malam pada jam ini angka untuk pegawai diperbarui.")
    )

    def validate_closes_at(self, field: Field) -> None:
        if self.opens_at.data and field.data and field.data <= self.opens_at.data:
            raise ValidationError(_l("Jam tutup harus sesudah jam buka."))


class NewAgencyForm(Form):
    """Another agency on this portal, and whoever administers it first."""

    name = line(_l("Nama instansi"), 160)
    code = StringField(
        _l("Kode"),
        [words(), at_most(40), CODE],
        filters=[plain],
        description=_l("Singkat dan tetap, misalnya kota-cempaka. Dipakai saat impor data."),
    )
    timezone = choice(
        _l("Zona waktu"), [SelectChoice(zone, word) for zone, word in ZONE_WORDS.items()]
    )
    person = line(_l("Nama administrator pertama"), 160)
    email = EmailField(
        _l("Alamat e-mail administrator"), [words(), at_most(254), EMAIL], filters=[plain]
    )


class HolidayForm(Form):
    """One day on which the counters are closed, or open for other hours."""

    day = day_field(_l("Tanggal"))
    holiday = line(_l("Nama hari libur"), 120)
    opens = time_field(_l("Tetap buka dari pukul"), required=False)
    closes = time_field(
        _l("Sampai pukul"),
        required=False,
        description=_l("Kosongkan keduanya bila tutup sepanjang hari."),
    )

    def validate_closes(self, field: Field) -> None:
        if (self.opens.data is None) != (field.data is None):
            raise ValidationError(_l("Isi jam buka dan jam tutup, atau kosongkan keduanya."))
        if self.opens.data and field.data and field.data <= self.opens.data:
            raise ValidationError(_l("Jam tutup harus sesudah jam buka."))


class OfficeForm(Form):
    """An office and its place in the tree."""

    name = line(_l("Nama unit kerja"), 160)
    code = StringField(
        _l("Kode"),
        [words(), at_most(40), CODE],
        filters=[plain],
        description=_l("Kode singkat buatan Anda sendiri, dipakai saat impor data."),
    )
    kind = choice(
        _l("Jenis"), [SelectChoice(kind, OFFICE_KIND_WORDS[kind]) for kind in OFFICE_KINDS]
    )
    parent = choice(_l("Di bawah"))
    address = line(_l("Alamat"), 300, required=False)


class EditOfficeForm(OfficeForm):
    active = BooleanField(_l("Unit kerja ini aktif"))


class EmployeeForm(Form):
    """A new employee."""

    title = line(_l("Sapaan"), 20, required=False, description=_l("Misalnya Ibu atau Bapak."))
    name = line(_l("Nama lengkap"), 160)
    kind = choice(
        _l("Status kepegawaian"), [SelectChoice(kind, KIND_WORDS[kind]) for kind in EMPLOYEE_KINDS]
    )
    nip = StringField(_l("NIP atau NI PPPK"), filters=[plain])
    job = line(_l("Jabatan"), 120, required=False)
    office = choice(_l("Unit kerja"))
    starts_on = day_field(_l("Mulai bertugas"))
    number: str | None = None  # what `check_number` found good

    def check_number(self, today: date, kept: str | None = None) -> bool:
        """Whether the number suits the kind; an empty field keeps the number there is."""
        typed = self.nip.data
        self.number = kept
        if self.kind.data == "non_asn":
            self.number = None
            if typed:
                self._refuse_number(_l("Pegawai non-ASN tidak memiliki NIP. Kosongkan."))
            return not typed
        if not typed:
            if not kept:
                self._refuse_number(_l("PNS dan PPPK perlu nomor dengan 18 angka."))
            return bool(kept)
        try:
            self.number = numbers.check_number(self.kind.data, typed, today)
        except numbers.BadNumber as trouble:
            self._refuse_number(NUMBER_TROUBLES[type(trouble)])
            return False
        return True

    def _refuse_number(self, message: Any) -> None:
        self.nip.errors = [*self.nip.errors, message]


class EditEmployeeForm(EmployeeForm):
    office = None
    starts_on = None
    active = BooleanField(_l("Pegawai ini aktif"))


class MoveForm(Form):
    """From a day on, another office."""

    office = choice(_l("Unit kerja baru"))
    on = day_field(_l("Mulai tanggal"))


class LeaveForm(Form):
    """The last day."""

    last_day = day_field(_l("Hari terakhir bertugas"))


class EmployeeSearch(Form):
    """Sent by POST, so that a number typed here never stands in an address or a log."""

    q = line(_l("Nama atau NIP"), 160, required=False)
    office = choice(_l("Unit kerja"))
    state = choice(
        _l("Keadaan"),
        [
            SelectChoice("", _l("Semua")),
            SelectChoice("active", _l("Aktif")),
            SelectChoice("inactive", _l("Tidak aktif")),
        ],
    )


class AccountForm(Form):
    """Who an account is for."""

    name = line(_l("Nama"), 160)
    email = EmailField(_l("Alamat e-mail"), [words(), at_most(254), EMAIL], filters=[plain])
    language = choice(
        _l("Bahasa e-mail"), [SelectChoice(code, LANGUAGES[code]) for code in STAFF_LANGUAGES]
    )


class GrantForm(Form):
    """A role, and where."""

    role = choice(_l("Peran"), [SelectChoice(role, word) for role, word in ROLE_WORDS.items()])
    office = choice(_l("Berlaku di"), description=_l("Termasuk semua unit kerja di bawahnya."))


class NewAccountForm(AccountForm, GrantForm):
    """An account with its first role."""


class Filter(Form):
    """A form sent by GET, which changes nothing and so needs no token."""

    class Meta(Form.Meta):
        csrf = False


class AuditFilter(Filter):
    """Which acts, from when to when."""

    action = choice(_l("Tindakan"))
    since = day_field(_l("Dari tanggal"), required=False)
    until = day_field(_l("Sampai tanggal"), required=False)

    def offer(self, actions: list[str]) -> None:
        """The acts to choose from are those that occur, in the order of their words."""
        known = [SelectChoice(act, ACT_WORDS.get(act, act)) for act in actions]
        known.sort(key=lambda choice: str(choice.label))
        self.action.choices = [SelectChoice("", _l("Semua")), *known]
        if self.action.data is None:
            self.action.data = ""


class RenameViewForm(Form):
    """What a kept list is called."""

    name = line(_l("Nama tampilan"), 60)


class SaveViewForm(RenameViewForm):
    """Which list, and with which filters."""

    endpoint = HiddenField()
    query = HiddenField()


class MailTimes(Form):
    """When somebody is told by mail."""

    pace = RadioField(
        _l("E-mail dari portal"),
        choices=[SelectChoice(value, word) for value, word in PACE_WORDS.items()],
        default="at_once",
        validators=[InputRequired(_l("Pilih salah satu."))],
    )
    quiet_from = time_field(_l("Jam tenang mulai"), required=False)
    quiet_until = time_field(_l("Jam tenang sampai"), required=False)

    def whole(self) -> bool:
        """Both hours or none, and not the same."""
        start, end = self.quiet_from.data, self.quiet_until.data
        if (start is None) == (end is None) and (start is None or start != end):
            return True
        self.quiet_until.errors = [_("Isi kedua jam, atau kosongkan keduanya.")]
        return False

    def quiet(self) -> tuple[time, time] | None:
        start, end = self.quiet_from.data, self.quiet_until.data
        return (start, end) if start is not None and end is not None else None
