"""Why a line of a file is refused, in the reader's language; the command line speaks English."""

from typing import Any

from portal.i18n import lazy_gettext as _l
from portal.imports.files import Problem

# By the reason as the readers of files of duties and measures write it.
REASONS: dict[str, Any] = {
    "is empty": _l("kosong"),
    "has {length} characters, at most {longest} fit": _l(
        "%(length)s huruf, paling banyak %(longest)s"
    ),
    "contains a character that cannot be printed": _l("berisi tanda yang tidak dapat dicetak"),
    "may have lower-case letters, digits, dots and hyphens only": _l(
        "hanya huruf kecil, angka, titik, dan tanda hubung"
    ),
    "must be yes or no": _l("isi yes atau no"),
    "must be a date such as 2026-11-23": _l("tulis tanggal seperti 2026-11-23"),
    "must be a time such as 08:00": _l("tulis jam seperti 08:00"),
    "has {fields} fields, the header has {names}": _l(
        "ada %(fields)s kolom, sedangkan baris judul %(names)s"
    ),
    "is not UTF-8 text; in a spreadsheet choose 'CSV UTF-8' when saving": _l(
        "bukan teks UTF-8: simpan sebagai 'CSV UTF-8' di lembar kerja"
    ),
    "cannot be read as CSV: {error}": _l("tidak dapat dibaca sebagai CSV: %(error)s"),
    "this column is missing": _l("kolom ini tidak ada"),
    "unknown column; known are {known}": _l("kolom tidak dikenal; yang dikenal: %(known)s"),
    "this column stands twice": _l("kolom ini ada dua kali"),
    "the employee is on leave at that time": _l("pegawai ini sedang cuti pada jam itu"),
    "overlaps the duty on line {other} of the same person and counter": _l(
        "bertumpuk dengan baris %(other)s: orang dan loket yang sama"
    ),
    "overlaps a stored duty of the same person and counter": _l(
        "bertumpuk dengan penugasan yang sudah ada: orang dan loket yang sama"
    ),
    "one's own duty that has begun is for another coordinator": _l(
        "penugasan Anda sendiri yang sudah berjalan diputuskan koordinator lain"
    ),
    "there is no office with the code {office}": _l(
        "tidak ada unit kerja dengan kode %(office)s di wilayah Anda"
    ),
    "office {office} has no counter {label}": _l("%(label)s tidak ada di unit kerja %(office)s"),
    "there is no active employee with this number": _l("tidak ada pegawai aktif dengan nomor ini"),
    "is empty, and so is name": _l("kosong, begitu pula name"),
    "several people have this name in the office": _l(
        "beberapa pegawai di unit kerja itu bernama sama: isi nip"
    ),
    "nobody has this name in the office": _l("tidak ada pegawai bernama ini di unit kerja itu"),
    "the employee does not work in this office on that day": _l(
        "pegawai ini tidak bekerja di unit kerja itu pada hari itu"
    ),
    "must be after starts; a night is two lines": _l(
        "harus sesudah starts; lewat tengah malam ditulis dua baris"
    ),
    "differs from a duty that has begun; correct it on screen": _l(
        "berbeda dengan penugasan yang sudah berjalan: koreksi di halamannya"
    ),
    "the duty is confirmed already; cancel it on screen": _l(
        "penugasan ini sudah dipastikan: batalkan di halamannya"
    ),
    "must be a number such as 12.5, with two decimals at most": _l(
        "tulis angka seperti 12,5 dengan paling banyak dua desimal"
    ),
    "must be a quarter such as 2026-Q4": _l("tulis triwulan seperti 2026-Q4"),
    "has not begun yet": _l("belum dimulai"),
    "is older than measures are kept": _l("lebih lama daripada ukuran disimpan"),
    "no PNS or PPPK with this number worked here in that quarter": _l(
        "tidak ada PNS atau PPPK dengan nomor ini yang bekerja di wilayah Anda pada triwulan itu"
    ),
    "no PNS or PPPK of this name worked there in that quarter": _l(
        "tidak ada PNS atau PPPK bernama ini yang bekerja di sana pada triwulan itu"
    ),
    "is empty, and so is name or office": _l("kosong, begitu pula name atau office"),
    "the same person and measure stand on line {other}": _l(
        "orang dan ukuran yang sama sudah ada di baris %(other)s"
    ),
    "is {unit} on line {other} for the same measure": _l(
        "%(unit)s di baris %(other)s untuk ukuran yang sama"
    ),
    "is {unit} for the same measure in other offices": _l(
        "%(unit)s untuk ukuran yang sama di unit kerja lain"
    ),
    "a quarter has at most {most} measures": _l("paling banyak %(most)s ukuran setiap triwulan"),
    "no VEVENT in this file; is it an iCalendar file?": _l(
        "tidak ada VEVENT di berkas ini: apakah ini berkas iCalendar?"
    ),
    "is no line of an iCalendar file": _l("bukan baris berkas iCalendar"),
    "repeats; write each duty as an entry of its own": _l(
        "berulang: tulis setiap penugasan sebagai acara sendiri"
    ),
    "must be on the day of DTSTART; a night is two entries": _l(
        "harus pada hari DTSTART; lewat tengah malam ditulis dua acara"
    ),
    "must be a moment such as 20270104T010000Z, or with a known TZID": _l(
        "tulis waktu seperti 20270104T010000Z, atau dengan TZID yang dikenal"
    ),
}


def in_words(problem: Problem) -> str:
    """The reason of a problem as the reader reads it."""
    words = str(REASONS[problem.reason])
    return words % dict(problem.values) if problem.values else words
