"""Pages of counters: the menu, and the modules whose pages stand on the blueprint."""

from flask_security import current_user

from portal import clock
from portal.counters import (
    check_in_views,
    code_views,
    counter_views,
    device_views,
    duty_views,
    export_views,
    integration_views,
    leave_views,
    look_views,
    pattern_views,
    print_views,
    printer_views,
    roster_views,
    service_views,
    swap_views,
    ticket_views,
    walk_views,
)
from portal.counters.blueprint import KEEPERS, blueprint
from portal.counters.swap_queries import unanswered_swaps
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
    "integration_views",
    "leave_views",
    "look_views",
    "pattern_views",
    "print_views",
    "printer_views",
    "roster_views",
    "service_views",
    "swap_views",
    "ticket_views",
    "walk_views",
]


def _asked_of_me() -> int:
    """Colleagues who wait for an answer about a swap."""
    if current_user.employee_id is None:
        return 0
    return unanswered_swaps(current_user.agency_id, current_user.employee_id, clock.now())


MENU: list[Entry] = [
    Entry("counters.check_in", _l("Check-in"), ("employee",), "clock"),
    Entry("counters.my_roster", _l("Jadwal saya"), ("employee",), "calendar", _asked_of_me),
    Entry("counters.roster", _l("Jadwal mingguan"), KEEPERS, "calendar"),
    Entry("counters.tickets", _l("Karcis"), ("employee",), "qr"),
    Entry("counters.duties", _l("Penugasan"), KEEPERS, "calendar"),
    Entry(
        "counters.counters", _lp("daftar", "Loket"), KEEPERS, "counter", filters=("office", "state")
    ),
    Entry("counters.services", _l("Layanan"), KEEPERS, "list"),
    Entry("counters.displays", _l("Layar loket"), KEEPERS, "qr"),
    Entry("counters.integrations", _l("Sistem antrean"), ("administrator",), "settings"),
    Entry("counters.walk", _l("Periksa poster"), KEEPERS, "check"),
    Entry("counters.posters", _l("Cetak"), KEEPERS, "print"),
]
