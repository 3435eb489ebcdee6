"""Words of the code as the reader sees them."""

from typing import Any

from portal.counters import duty_rules as rules
from portal.counters.periods import NotAPeriod, first_day, last_day
from portal.i18n import lazy_gettext as _l
from portal.i18n import months, months_short
from portal.people.audit_words import TOLD_BY

# Each with the colour of its step in a history.
CODE_STEPS: dict[str, tuple[Any, str]] = {
    "issued": (_l("Kode dibuat"), "good"),
    "printed": (_l("Poster dicetak"), ""),
    "replaced": (_l("Kode diganti"), "warn"),
    "revoked": (_l("Kode dicabut"), "bad"),
}
DUTY_STEPS: dict[str, tuple[Any, str]] = {
    "planned": (_l("Dijadwalkan"), ""),
    "confirmed": (_l("Dipastikan"), "good"),
    "checked_in": (_l("Mulai bertugas"), ""),
    "checked_out": (_l("Selesai bertugas"), ""),
    "corrected": (_l("Dikoreksi"), "warn"),
    "cancelled": (_l("Dibatalkan"), "bad"),
}
SOURCES: dict[str, Any] = {
    "roster": _l("jadwal"),
    "check_in": _l("check-in"),
    "correction": _l("koreksi"),
}
# What hung at a counter, its colour, and what to do about it.
POSTER_OUTCOMES: dict[str, tuple[Any, str, Any]] = {
    "good": (_l("benar"), "good", _l("Poster benar. Tercatat.")),
    "stale": (
        _l("kode lama"),
        "warn",
        _l("Ini kode lama loket ini. Lepas kertasnya dan pasang poster yang sekarang."),
    ),
    "misplaced": (
        _l("kode loket lain"),
        "warn",
        _l("Ini kode loket lain. Tukar posternya: penilaian di sini akan mengenai orang lain."),
    ),
    "foreign": (
        _l("bukan kode kita"),
        "bad",
        _l(
            "Ini bukan alamat instansi Anda. Lepas stikernya, simpan dan foto sebagai bukti, "
            "laporkan kepada inspektorat, dan periksa loket lain."
        ),
    ),
    "missing": (_l("tidak ada"), "bad", _l("Cetak dan pasang posternya.")),
}
REFUSALS: dict[str, Any] = {
    "stale_display": _l("Kode layar yang sudah berganti, misalnya dari foto"),
    "ended_display": _l("Kode layar yang sudah dicabut"),
    "used_ticket": _l("Karcis yang sudah dipakai"),
    "expired_ticket": _l("Karcis yang sudah lewat waktunya"),
    "revoked_ticket": _l("Karcis yang dicabut"),
    "replaced": _l("Kode poster yang sudah diganti"),
    "revoked": _l("Kode poster yang dicabut"),
    "closed_counter": _l("Kode saat loket ditutup"),
    "honeypot": _l("Mesin yang mengisi kolom tersembunyi"),
    "kiosk": _l("Penilaian di kios yang terlalu lama tanpa jaringan, atau bukan miliknya"),
}
# Why slips that were made should not be torn off now.
IDLE_SLIPS: dict[str, Any] = {
    "closed": _l("loket ditutup"),
    "gone": _l("pegawai tidak di sini lagi"),
    "away": _l("pegawai sedang cuti"),
}
SWAP_STATES: dict[str, tuple[Any, str]] = {
    "asked": (_l("menunggu jawaban rekan"), "warn"),
    "agreed": (_l("menunggu koordinator"), "warn"),
    "declined": (_l("rekan tidak bisa"), "quiet"),
    "withdrawn": (_l("ditarik kembali"), "quiet"),
    "confirmed": (_l("dipastikan"), "good"),
    "refused": (_l("tidak disetujui koordinator"), "bad"),
}
LEAVE_PARTS: dict[str, Any] = {
    "day": _l("Sepanjang hari"),
    "morning": _l("Pagi saja, sampai pukul 12.00"),
    "afternoon": _l("Siang saja, mulai pukul 12.00"),
}
# Why a deed on duty is refused.
DUTY_REFUSALS: dict[type[Exception], Any] = {
    rules.AlreadyOnDuty: _l("Pegawai ini sudah bertugas di loket itu pada jam yang sama."),
    rules.OwnDuty: _l(
        "Penugasan Anda sendiri yang sudah berjalan diputuskan oleh koordinator lain."
    ),
    rules.DutyClosed: _l("Penugasan ini sudah dibatalkan."),
    rules.AlreadyConfirmed: _l("Penugasan ini sudah dipastikan."),
    rules.DutyChanged: _l("Penugasan ini baru saja diubah orang lain. Periksa sekali lagi."),
    rules.NotEmployedThere: _l("Pegawai ini tidak bertugas di unit kerja loket itu pada hari itu."),
    rules.CounterClosed: _l("Loket ini sudah ditutup."),
    rules.OnLeave: _l("Pegawai ini sedang cuti pada jam itu."),
    rules.DutyBegun: _l(
        "Penugasan ini sudah berjalan. Koreksi atau batalkan di halamannya, dengan alasan."
    ),
    rules.LeaveKnown: _l("Sebagian waktu itu sudah tercatat sebagai cuti."),
    rules.SwapKnown: _l("Untuk penugasan ini sudah ada permintaan yang berjalan."),
    rules.SwapOver: _l("Permintaan ini sudah dijawab, diputuskan, atau ditarik kembali."),
    rules.ReasonMissing: _l("Jam mulainya sudah lewat, jadi alasan perlu diisi."),
}
DUTY_REFUSED = tuple(DUTY_REFUSALS)


def quarter(period: str) -> str:
    """The months of a quarter: 2026-Q4 is Oktober–Desember 2026."""
    return months(first_day(period), last_day(period))


def short_quarter(period: str) -> tuple[str, str]:
    """The same in two short lines, for the foot of a chart: Okt–Des, 2026."""
    first, last = first_day(period), last_day(period)
    return months_short(first, last), str(last.year)


def _noted(period: str) -> str:
    """A quarter in the audit log, which keeps whatever was noted."""
    try:
        return quarter(period)
    except NotAPeriod:
        return period


TOLD_BY["period"] = _noted
