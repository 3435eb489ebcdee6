"""The monthly report of an office as a document to read and to file."""

from math import ceil, floor
from typing import Any

from portal.counters.words import quarter, short_quarter
from portal.i18n import day, language, month, number
from portal.i18n import gettext as _
from portal.overview.models import OfficeReport
from portal.overview.months import first_of
from portal.people.models import Office
from portal.ratings.answer_queries import Answered
from portal.ratings.words import THEME_WORDS
from portal.records.disclosure import LEAST
from portal.records.documents import Chart, Document, Point, Section
from portal.transparency.words import COMMENT_THEMES

FEW = f"< {LEAST}"


def sheet(
    report: OfficeReport,
    office: Office,
    agency: str,
    services: dict[int, str],
    answers: list[Answered],
) -> Document:
    """The report in the reader's language; `answers`: what the office told its citizens then."""
    told = report.figures
    return Document(
        title=_("Laporan bulanan unit kerja"),
        agency=agency,
        lead=f"{office.name} · {month(first_of(report.month))}",
        lang=language(),
        footer=_("Suara Loket, laporan dibuat %(day)s. Bukan predikat kinerja, bukan peringkat.",
                 day=day(report.made_on)),
        sections=[
            _heard(report),
            *_trend(told.get("trend", [])),  # reports made before it was kept have none
            *_services(told["services"], services),
            _themes(told),
            _cases(told["cases"]),
            _staff(told),
            _done(answers),
        ],
    )  # fmt: skip


def _heard(report: OfficeReport) -> Section:
    told = report.figures
    note = _("Angka %(quarter)s sampai laporan ini dibuat.", quarter=quarter(report.period))
    index = "–" if told["mean"] is None else _interval(told["mean"], told["lo"], told["hi"], 1)
    share = "–"
    if told["served"]:
        share = _("%(share)s %%, %(answered)s dari %(served)s orang yang tercatat dilayani",
                  share=number(100 * told["answered"] / told["served"], 0),
                  answered=number(told["answered"], 0),
                  served=number(told["served"], 0))  # fmt: skip
    return Section(
        _("Yang didengar"),
        [note],
        [
            (_("Indeks (25–100) dan rentangnya"), index),
            (_("Penilaian dihitung"), number(told["counted"], 0)),
            (_("Disisihkan"), FEW if told["set_aside"] is None else number(told["set_aside"], 0)),
            (_("Yang menilai"), share),
        ],
    )


def _interval(mean: float, lo: float, hi: float, digits: int) -> str:
    return f"{number(mean, digits)} ({number(lo, digits)} – {number(hi, digits)})"


def _trend(lines: list[list[Any]]) -> list[Section]:
    """The index quarter by quarter, once there are two to be compared."""
    told = {period: (mean, lo, hi) for period, _counted, mean, lo, hi in lines if mean is not None}
    if len(told) <= 1:
        return []
    words = {period: _interval(*figure, 1) for period, figure in told.items()}
    return [
        Section(
            _("Dari triwulan ke triwulan"),
            chart=Chart(
                alt="; ".join(f"{quarter(period)} {told_as}" for period, told_as in words.items()),
                levels=_levels([end for figure in told.values() for end in figure]),
                points=[
                    Point(short_quarter(period), number(mean), told.get(period))
                    for period, _counted, mean, *_ends in lines
                ],
            ),
            columns=[_("Triwulan"), _("Penilaian"), _("Indeks dan rentangnya")],
            rows=[
                [quarter(period), number(counted, 0), words.get(period, "–")]
                for period, counted, *_figure in lines
            ],
        )
    ]


def _levels(ends: list[float]) -> list[tuple[float, str]]:
    """Foot, middle and head of a chart in which all these lie: in fives, on the scale of scores."""
    foot = max(25, 5 * floor((min(ends) - 1) / 5))
    head = min(100, 5 * ceil((max(ends) + 1) / 5))
    middle = (foot + head) / 2
    return [(level, number(level, 1 if level % 1 else 0)) for level in (foot, middle, head)]


def _services(lines: list[list[Any]], names: dict[int, str]) -> list[Section]:
    if not lines:
        return []
    return [
        Section(
            _("Per layanan"),
            columns=[_("Layanan"), _("Penilaian, dibulatkan ke lima"), _("Indeks dan rentangnya")],
            rows=[
                [
                    names.get(service, _("Layanan tidak disebut")),
                    number(count, 0),
                    "–" if mean is None else _interval(mean, lo, hi, 0),
                ]
                for service, count, mean, lo, hi in lines
            ],
        )
    ]


def _themes(told: dict[str, Any]) -> Section:
    heading = _("Tema dalam komentar")
    if not told["themes"]:
        return Section(heading, [_("Belum ada tema yang disebut oleh lima komentar atau lebih.")])
    return Section(
        heading,
        [_("Yang dibicarakan, bukan pujian atau keluhan. Daftar kata versi %(version)s.",
           version=told["words"])],
        columns=[_("Tema"), _("Komentar, dibulatkan ke lima")],
        rows=[[str(COMMENT_THEMES[name]), number(n, 0)] for name, n in told["themes"].items()],
    )  # fmt: skip


def _cases(cases: dict[str, int]) -> Section:
    return Section(
        _("Tindak lanjut bulan ini"),
        facts=[
            (_("Dibuka"), number(cases["opened"], 0)),
            (_("Selesai tepat waktu"), number(cases["in_time"], 0)),
            (_("Selesai terlambat"), number(cases["overdue"], 0)),
            (_("Menunggu pada akhir bulan"), number(cases["waiting"], 0)),
            (_("Di antaranya lewat waktu"), number(cases["late"], 0)),
        ],
    )


def _staff(told: dict[str, Any]) -> Section:
    """Numbers alone, and none that would point to somebody."""
    facts = [
        (_("Keputusan dicatat"), _few(told["decisions"])),
        (_("Catatan dialog"), _few(told["dialogues"])),
    ]
    trainings = told.get("trainings")  # reports made before they were counted have none
    if trainings:
        facts += [
            (_("Pelatihan diikuti"), _few(trainings["taken"])),
            (_("Pelatihan yang jatuh tempo"), _few(trainings["due"])),
            (_("Pelatihan yang terlambat pada akhir bulan"), _few(trainings["late"])),
        ]
    return Section(_("Keputusan, dialog, dan pelatihan bulan ini"), facts=facts)


def _few(count: int) -> str:
    return FEW if 0 < count < LEAST else number(count, 0)


def _done(answers: list[Answered]) -> Section:
    if not answers:
        return Section(_("Yang dikerjakan"), [_("Bulan ini kantor belum menjawab warga.")])
    return Section(
        _("Yang dikerjakan"),
        columns=[_("Tentang"), _("Kami dengar"), _("Kami perbaiki")],
        rows=[[str(THEME_WORDS[one.theme]), one.heard, one.done] for one in answers],
    )
