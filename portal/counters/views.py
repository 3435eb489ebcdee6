"""Pages of counters: the menu, and the modules whose pages stand on the blueprint."""

from portal.counters import (
    check_in_views,
    code_views,
    counter_views,
    device_views,
    duty_views,
    export_views,
    leave_views,
    roster_views,
    service_views,
    swap_views,
)
from portal.counters.blueprint import KEEPERS, blueprint
from portal.i18n import lazy_gettext as _l
from portal.i18n import lazy_pgettext as _lp
from portal.menu import Entry

__all__ = [
    "MENU",
    "blueprint",
    "check_in_views",
    "code_views",
    "counter_views",
    "device_views",
    "duty_views",
    "export_views",
    "leave_views",
    "roster_views",
    "service_views",
    "swap_views",
]

MENU: list[Entry] = [
    Entry("counters.check_in", _l("Check-in"), ("employee",), "clock"),
    Entry("counters.my_roster", _l("Jadwal saya"), ("employee",), "calendar"),
    Entry("counters.roster", _l("Jadwal mingguan"), KEEPERS, "calendar"),
    Entry("counters.duties", _l("Penugasan"), KEEPERS, "calendar"),
    Entry("counters.counters", _lp("daftar", "Loket"), KEEPERS, "counter"),
    Entry("counters.services", _l("Layanan"), KEEPERS, "list"),
    Entry("counters.displays", _l("Layar loket"), KEEPERS, "qr"),
    Entry("counters.posters", _l("Cetak poster"), KEEPERS, "print"),
]
