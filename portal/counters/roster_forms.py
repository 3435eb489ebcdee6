"""Forms of the roster: moving a duty, naming a shift, noting leave."""

from wtforms import Field, HiddenField, SelectChoice
from wtforms.validators import ValidationError

from portal.counters.forms import UNTIL_MIDNIGHT, TimesForm, check_order
from portal.counters.leave import PARTS, Away
from portal.counters.words import LEAVE_PARTS
from portal.forms import Form
from portal.i18n import lazy_gettext as _l
from portal.people.forms import choice, day_field, line, time_field

OWN_OFFICE, WHOLE_AGENCY = "office", "agency"


class MoveForm(TimesForm):
    """Where, when and by whom a duty that has not begun is served instead."""

    counter = choice(_l("Loket"), coerce=int)


class PatternForm(Form):
    """A shift with a name."""

    name = line(_l("Nama"), 40, description=_l("Misalnya Pagi, Siang, Setengah hari."))
    starts = time_field(_l("Dari pukul"))
    ends = time_field(_l("Sampai pukul"), description=UNTIL_MIDNIGHT)
    reach = choice(_l("Berlaku untuk"))

    def offer(self, office: str, whole_agency: bool) -> None:
        """Where the shift may be used, as far as the reader's role reaches."""
        self.reach.choices = [SelectChoice(OWN_OFFICE, office)]
        if whole_agency:
            self.reach.choices.append(SelectChoice(WHOLE_AGENCY, _l("Seluruh instansi")))

    def validate_ends(self, field: Field) -> None:
        check_order(self.starts.data, field.data)


class LeaveForm(Form):
    """Who is away, from the first to the last day or for half a one."""

    employee = choice(_l("Pegawai"), coerce=int)
    starts_on = day_field(_l("Hari pertama"))
    ends_on = day_field(_l("Hari terakhir"))
    part = choice(
        _l("Bagian hari"), [SelectChoice(part, words) for part, words in LEAVE_PARTS.items()]
    )
    agreed = HiddenField()  # the keys of the duties that the coordinator lets go

    @property
    def away(self) -> Away:
        return Away(self.starts_on.data, self.ends_on.data, *PARTS[self.part.data])

    @property
    def agreed_duties(self) -> frozenset[int]:
        found = (self.agreed.data or "").split()
        return frozenset(int(one) for one in found if one.isascii() and one.isdecimal())

    def validate_part(self, field: Field) -> None:
        half = field.data != "day"
        if half and self.starts_on.data and self.ends_on.data != self.starts_on.data:
            raise ValidationError(_l("Setengah hari hanya untuk satu hari: catat satu per satu."))

    def validate_ends_on(self, field: Field) -> None:
        first = self.starts_on.data
        if first and field.data and field.data < first:
            raise ValidationError(_l("Hari terakhir tidak boleh sebelum hari pertama."))
        if first and field.data and (field.data - first).days > 370:
            raise ValidationError(_l("Lebih dari satu tahun: periksa tanggalnya."))


class SwapForm(Form):
    """Whom one asks, and for what in return."""

    colleague = choice(_l("Siapa yang diminta"))
    note = line(_l("Pesan untuknya"), 300, required=False)
