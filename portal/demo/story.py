"""The people whose records tell what the portal is for. All others are their colleagues."""

from dataclasses import dataclass

COLLEAGUE = "colleague"
HEAD = "head_of_office"


@dataclass(frozen=True)
class Character:
    """A person at a counter; `quality` is in logits around a city of average staff."""

    role: str
    office: str
    counter: str
    title: str
    name: str
    quality: float
    later: float | None = None  # the quality after a share of the time, where it changes
    turns: float = 0.5  # that share
    kind: str = "pns"
    late_start: bool = False  # came when the present roster began


CHARACTERS = (
    Character("strong_on_hard_service", "dukcapil", "Loket 6", "Ibu", "Ratna Dewi Anggraini", 2.5),
    Character(
        "weak_on_easy_service",
        "dukcapil",
        "Loket 8",
        "Bapak",
        "Bambang Sutrisno",
        -4.2,
        later=1.0,
        turns=0.72,  # when the guidance of the closed quarter has begun
    ),
    Character("attacked", "dukcapil", "Loket 3", "Ibu", "Maria Simbolon", 0.9),
    Character("strong", "mpp", "Loket A1", "Bapak", "Arif Budiman Prasetyo", 2.4, kind="pppk"),
    Character("stuffer", "mpp", "Loket A3", "Bapak", "Hendra Kurniawan", -0.8),
    Character("improving", "mpp", "Loket B3", "Ibu", "Ni Wayan Sukerti", -1.4, later=1.0),
    Character("non_asn", "mpp", "Loket Informasi", "Ibu", "Putri Ayu Lestari", 0.6, kind="non_asn"),
    Character("average_on_hard_service", "dpmptsp", "Loket 2", "Bapak", "Dodi Saragih", -0.2),
    Character(
        "newcomer",
        "dpmptsp",
        "Meja Konsultasi",
        "Ibu",
        "Nabila Khairunnisa",
        0.3,
        kind="pppk",
        late_start=True,
    ),
    Character("weak", "upt-utara", "Loket 1", "Bapak", "Sugeng Riyanto", -3.1),
    Character("shared_counter", "upt-utara", "Loket 4", "Ibu", "Elok Paramita", 0.6),
    Character("shared_counter", "upt-utara", "Loket 4", "Bapak", "Yosef Lamahala", 0.2),
)
