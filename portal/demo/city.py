"""The shape of the demo's two governments: offices, counters, how busy they are."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CounterPlan:
    """A counter; `busy` is the number of ratings on an ordinary working day."""

    label: str
    services: tuple[str, ...]
    busy: float
    place: str = ""
    role: str = ""  # "shared": two on duty at once; "non_asn": staffed by one


@dataclass(frozen=True)
class OfficePlan:
    """An office; `staff` sit at its counters by turns, one more is its head."""

    code: str
    name: str
    kind: str
    address: str
    counters: tuple[CounterPlan, ...]
    staff: int
    parent: str | None = None


@dataclass(frozen=True)
class AgencyPlan:
    """A government. Its counters stand open at any hour, so that the demo can be tried."""

    code: str
    name: str
    initials: str
    colour: str
    timezone: str
    first_id: int
    offices: tuple[OfficePlan, ...] = field(default=())

    @property
    def services(self) -> list[str]:
        """The codes of all services given anywhere, in a fixed order."""
        given = (
            code
            for office in self.offices
            for counter in office.counters
            for code in counter.services
        )
        return list(dict.fromkeys(given))


_DUKCAPIL = (
    CounterPlan("Loket 1", ("ktp",), 8.0, "Lantai 1"),
    CounterPlan("Loket 2", ("ktp", "kia"), 6.5, "Lantai 1"),
    CounterPlan("Loket 3", ("kk",), 6.0, "Lantai 1"),
    CounterPlan("Loket 4", ("kk", "pindah"), 4.5, "Lantai 1"),
    CounterPlan("Loket 5", ("akta-lahir", "akta-mati"), 4.0, "Lantai 2"),
    CounterPlan("Loket 6", ("koreksi",), 4.5, "Lantai 2"),
    CounterPlan("Loket 7", ("koreksi", "akta-lahir"), 3.0, "Lantai 2"),
    CounterPlan("Loket 8", ("ambil",), 6.0, "Lantai 1"),
)
_UPT = (
    CounterPlan("Loket 1", ("ktp",), 4.5),
    CounterPlan("Loket 2", ("kk", "akta-lahir"), 3.5),
    CounterPlan("Loket 3", ("koreksi", "pindah"), 2.0),
    CounterPlan("Loket 4", ("ktp", "kia"), 3.0, role="shared"),
)
_MPP = (
    CounterPlan("Loket A1", ("ktp", "kia"), 6.0, "Mal Pelayanan Publik, Lantai 1"),
    CounterPlan("Loket A2", ("kk", "akta-lahir"), 5.5, "Mal Pelayanan Publik, Lantai 1"),
    CounterPlan("Loket A3", ("ambil", "kia"), 4.5, "Mal Pelayanan Publik, Lantai 1"),
    CounterPlan("Loket B1", ("nib",), 4.0, "Mal Pelayanan Publik, Lantai 2"),
    CounterPlan("Loket B2", ("praktik", "reklame"), 3.0, "Mal Pelayanan Publik, Lantai 2"),
    CounterPlan("Loket B3", ("pbb",), 4.5, "Mal Pelayanan Publik, Lantai 2"),
    CounterPlan("Loket C1", ("ak1", "pbi"), 3.5, "Mal Pelayanan Publik, Lantai 2"),
    CounterPlan(
        "Loket Informasi", ("aduan",), 3.0, "Mal Pelayanan Publik, Lantai 1", role="non_asn"
    ),
)
_PERMITS = (
    CounterPlan("Loket 1", ("nib", "praktik"), 3.5),
    CounterPlan("Loket 2", ("pbg",), 3.5),
    CounterPlan("Loket 3", ("pbg", "reklame"), 2.5),
    CounterPlan("Loket 4", ("reklame", "nib"), 2.5),
    CounterPlan("Meja Konsultasi", ("aduan",), 0.9),
)
_SOCIAL = (
    CounterPlan("Loket 1", ("bansos",), 3.5),
    CounterPlan("Loket 2", ("pbi", "bansos"), 3.0),
    CounterPlan("Loket 3", ("aduan", "pbi"), 1.5),
)
_TAX = (
    CounterPlan("Loket 1", ("pbb",), 5.0),
    CounterPlan("Loket 2", ("pbb",), 3.5),
    CounterPlan("Loket 3", ("bphtb",), 3.0),
    CounterPlan("Loket 4", ("bphtb", "pbb"), 2.0),
)
_WORK = (
    CounterPlan("Loket 1", ("ak1",), 3.0),
    CounterPlan("Loket 2", ("ak1", "aduan"), 1.5),
)


def _kecamatan(code: str, name: str, street: str, busy: float) -> OfficePlan:
    counters = (
        CounterPlan("Loket 1", ("rekom", "nikah"), busy),
        CounterPlan("Loket 2", ("waris", "tanah"), busy * 0.7),
        CounterPlan("Loket 3", ("rekom", "skck"), busy * 0.8),
    )
    return OfficePlan(code, f"Kecamatan {name}", "kecamatan", street, counters, 4)


def _kelurahan(code: str, name: str, parent: str, street: str, busy: float) -> OfficePlan:
    counters = (
        CounterPlan("Loket 1", ("skck", "sktm", "domisili"), busy),
        CounterPlan("Loket 2", ("usaha", "nikah", "waris"), busy * 0.8),
    )
    return OfficePlan(code, f"Kelurahan {name}", "kelurahan", street, counters, 3, parent)


CITY = AgencyPlan(
    code="cempaka",
    name="Kota Cempaka Raya",
    initials="KCR",
    colour="#0b5cad",
    timezone="Asia/Jakarta",
    first_id=100,
    offices=(
        OfficePlan(
            "dukcapil",
            "Dinas Kependudukan dan Pencatatan Sipil",
            "dinas",
            "Jalan Balai Kota 4",
            _DUKCAPIL,
            12,
        ),
        OfficePlan(
            "upt-utara",
            "UPT Dukcapil Wilayah Utara",
            "upt",
            "Jalan Pelabuhan 17",
            _UPT,
            6,
            "dukcapil",
        ),
        OfficePlan(
            "dpmptsp",
            "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu",
            "dinas",
            "Jalan Balai Kota 9",
            _PERMITS,
            7,
        ),
        OfficePlan(
            "mpp",
            "Mal Pelayanan Publik Cempaka Raya",
            "mpp",
            "Jalan Merdeka 1",
            _MPP,
            11,
            "dpmptsp",
        ),
        OfficePlan("dinsos", "Dinas Sosial", "dinas", "Jalan Kenanga 12", _SOCIAL, 4),
        OfficePlan("bapenda", "Badan Pendapatan Daerah", "badan", "Jalan Melati 3", _TAX, 6),
        OfficePlan("disnaker", "Dinas Tenaga Kerja", "dinas", "Jalan Industri 8", _WORK, 3),
        _kecamatan("kec-utara", "Cempaka Utara", "Jalan Pelabuhan 2", 3.2),
        _kelurahan("kel-karangsari", "Karangsari", "kec-utara", "Jalan Karang 5", 2.2),
        _kelurahan("kel-tambakrejo", "Tambakrejo", "kec-utara", "Jalan Tambak 11", 1.4),
        _kecamatan("kec-tengah", "Cempaka Tengah", "Jalan Merdeka 40", 3.8),
        _kelurahan("kel-pasarbaru", "Pasar Baru", "kec-tengah", "Jalan Pasar 7", 2.6),
        _kelurahan("kel-kauman", "Kauman", "kec-tengah", "Jalan Masjid 3", 1.8),
        _kecamatan("kec-selatan", "Cempaka Selatan", "Jalan Bukit 21", 2.6),
        _kelurahan("kel-sukamaju", "Sukamaju", "kec-selatan", "Jalan Bukit 60", 1.6),
        _kelurahan("kel-cibatu", "Cibatu", "kec-selatan", "Jalan Sungai 14", 1.0),
    ),
)

# Another government on the same portal, an hour to the east: nobody of the one sees the other.
NEIGHBOUR = AgencyPlan(
    code="kenari",
    name="Kabupaten Teluk Kenari",
    initials="KTK",
    colour="#1e6b45",
    timezone="Asia/Makassar",
    first_id=900,
    offices=(
        OfficePlan(
            "dukcapil",
            "Dinas Kependudukan dan Pencatatan Sipil",
            "dinas",
            "Jalan Pantai 1",
            (
                CounterPlan("Loket 1", ("ktp",), 4.0),
                CounterPlan("Loket 2", ("kk", "akta-lahir"), 3.0),
                CounterPlan("Loket 3", ("ambil", "kia"), 2.5),
            ),
            5,
        ),
        OfficePlan(
            "kec-teluk",
            "Kecamatan Teluk",
            "kecamatan",
            "Jalan Pantai 30",
            (
                CounterPlan("Loket 1", ("rekom", "skck"), 2.0),
                CounterPlan("Loket 2", ("waris", "nikah"), 1.5),
            ),
            3,
        ),
    ),
)

AGENCIES = (CITY, NEIGHBOUR)
