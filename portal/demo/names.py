"""Names of invented people, and numbers of the right shape for them."""

from dataclasses import dataclass

import numpy as np

from portal.demo.chance import pick

WOMEN = (
    "Ratih Siti Endang Tuti Lestari Nurhayati Yuliana Kartika Fitri Rina Wahyuni Dewi Sulastri "
    "Aisyah Maya Indah Sri Nova Herlina Puspita Anita Murni Rosita Lilis Neneng Ayu Desi Evi "
    "Hanifah Intan Juwita Laras Mega Nia Oktavia Prita Rahayu Santi Tari Umi Vina Widya Yanti"
)
MEN = (
    "Agus Budi Cahyo Dedi Eko Fajar Gunawan Hadi Irfan Joko Kurnia Lukman Mulyono Nanang Oki "
    "Purnomo Rahmat Slamet Taufik Umar Wawan Yusuf Zainal Asep Dadang Ujang Made Ketut Bagus "
    "Rizal Syahrul Togar Yohanes Stefanus Andi Baso Rusdi Fauzan Galih Heru Imam Kosim Ridwan"
)
FAMILY = (
    "Anggraini Baskoro Cahyadi Darmawan Effendi Firmansyah Ginting Harahap Iskandar Jatmiko "
    "Kusuma Lubis Maulana Nasution Oktaviani Pratama Rahman Saputra Tampubolon Utami Wibowo "
    "Yulianto Zulkarnain Hidayat Nugroho Permana Siregar Suryadi Halim Mahendra Sitorus Wijaya "
    "Handayani Setiawan Hasibuan Ramadhan Santoso Purwanto Maharani Sanjaya Latief Mokoginta"
)
JOBS = (
    "Penata Layanan Operasional",
    "Pengelola Layanan Operasional",
    "Operator Layanan Operasional",
    "Pengadministrasi Perkantoran",
)
HEADS = {
    "badan": "Kepala Badan",
    "dinas": "Kepala Dinas",
    "kecamatan": "Camat",
    "kelurahan": "Lurah",
    "upt": "Kepala UPT",
    "mpp": "Koordinator MPP",
}


@dataclass(frozen=True)
class Name:
    title: str
    name: str

    @property
    def woman(self) -> bool:
        return self.title == "Ibu"


class Names:
    """Gives every name and every number once."""

    def __init__(self, source: np.random.Generator, taken: set[str]) -> None:
        self._source = source
        self._taken = set(taken)
        self._serial = 0
        self._first = {True: WOMEN.split(), False: MEN.split()}
        self._family = FAMILY.split()

    def name(self) -> Name:
        while True:
            woman = bool(self._source.random() < 0.55)
            found = f"{pick(self._source, self._first[woman])} {pick(self._source, self._family)}"
            if found not in self._taken:
                self._taken.add(found)
                return Name("Ibu" if woman else "Bapak", found)

    def number(self, kind: str, *, woman: bool) -> str | None:
        """A NIP or NI PPPK: birth, appointment (PPPK: year and contracts), sex, serial."""
        if kind == "non_asn":
            return None
        self._serial += 1
        year = int(self._source.integers(1972, 1999))
        month, day = int(self._source.integers(1, 13)), int(self._source.integers(1, 29))
        if kind == "pppk":
            appointed = f"{max(2021, year + 24)}21"
        else:
            appointed = f"{min(year + int(self._source.integers(22, 30)), 2024)}"
            appointed += f"{int(self._source.integers(1, 13)):02}"
        return f"{year}{month:02}{day:02}{appointed}{2 if woman else 1}{self._serial:03}"
