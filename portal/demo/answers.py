"""What offices of the demo answered their citizens, by the portal's own deed."""

from dataclasses import dataclass
from datetime import timedelta

from portal.counters.periods import first_day, next_period
from portal.db import db, new_id
from portal.demo.decisions import HOUR
from portal.demo.decisions import Office as Officials
from portal.demo.draft import Draft
from portal.people.models import Office
from portal.transparency.actions import Words, answer


@dataclass(frozen=True)
class Said:
    """An answer: of which office, on what, so many days before the quarter's end, or before today
    in the current one."""

    office: str
    theme: str
    current: bool
    days: int
    heard: str
    done: str


SAID = (
    Said(
        "dukcapil",
        "procedure",
        False,
        12,
        "Syarat pembetulan data berbeda di papan pengumuman, di situs web, dan di loket. Banyak "
        "yang pulang dua kali.",
        "Sejak pekan lalu hanya ada satu daftar syarat: sama di papan, di situs web, dan di "
        "loket. Yang kurang satu berkas boleh menyusulkannya lewat pesan, tanpa antre lagi.",
    ),
    Said(
        "dukcapil",
        "system",
        True,
        9,
        "Jaringan sering putus menjelang siang, dan antrean berhenti tanpa kabar.",
        "Jalur cadangan sudah dipasang. Kalau tetap putus, petugas mengumumkannya setiap lima "
        "belas menit dan membagikan nomor untuk hari berikutnya.",
    ),
    Said(
        "upt-utara",
        "",
        True,
        6,
        "Terlalu lama menunggu pada hari Senin.",
        "Mulai bulan depan Loket 4 juga melayani KTP-el setiap Senin sampai pukul dua belas.",
    ),
)


def answer_citizens(officials: Officials, draft: Draft, agency_id: int, periods: list[str]) -> None:
    """The answers of each period with ratings, before its end or before today."""
    coordinator = officials.account("coordinator")
    window = draft.window
    for period in periods:
        end = window.midnight(min(first_day(next_period(period)), window.today))
        for said in SAID:
            at = end - timedelta(days=said.days) + 9 * HOUR
            too_early = at < window.midnight(max(first_day(period), window.first))
            if too_early or said.current != (period == periods[-1]):
                continue
            office = db.session.get_one(Office, (agency_id, draft.offices[said.office]))
            words = Words(said.theme, said.heard, said.done, None)
            answer(coordinator, office, period, words, key=new_id(), now=at)
