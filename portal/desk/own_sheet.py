"""One's own data as a document to read: the same figures as the page and the file for machines."""

from datetime import date, datetime
from typing import Any

from portal.counters.words import quarter
from portal.i18n import day, language, number
from portal.i18n import gettext as _
from portal.people.words import ACT_WORDS, KIND_WORDS, ROLE_WORDS
from portal.records.documents import Document, Section
from portal.records.words import (
    ADVICE_MEANINGS,
    ADVICE_WORDS,
    DECISION_WORDS,
    ELEMENT_WORDS,
    REASON_WORDS,
    STATE_WORDS,
)

FEW = "< 5"


def sheet(data: dict[str, Any], zone: str) -> Document:
    """A document of what `own_data` holds, in the reader's language."""
    made_at = datetime.fromisoformat(data["made_at"])
    return Document(
        title=_("Data saya"),
        agency=data["agency"],
        lead=_("%(name)s, dibuat %(day)s", name=data["person"]["name"], day=day(made_at, zone)),
        lang=language(),
        footer=_("Suara Loket. Hanya untuk pemiliknya: berisi data pribadi."),
        sections=[
            _person(data),
            *(_record(one) for one in data["records"]),
            *_measures(data["measures"]),
            _decisions(data["decisions"], zone),
            *_plans(data["decisions"]),
            _replies(data["replies"], zone),
            _read_by(data["read_by"]),
            *_listed(data["listed"]),
            Section(
                _("Yang lain"),
                [
                    _("Jadwal tugas, catatan dialog, dan komentar warga ada dalam berkas JSON."),
                    _("Hubungi petugas pelindungan data bila ada yang keliru."),
                ],
            ),
        ],
    )


def _person(data: dict[str, Any]) -> Section:
    person = data["person"]
    places = [
        (place["office"], _span(place["from"], place["until"])) for place in data["workplaces"]
    ]
    return Section(
        _("Siapa Anda"),
        facts=[
            (_("Nama"), person["name"]),
            (_("Status"), str(KIND_WORDS[person["kind"]])),
            (_("NIP atau NI PPPK"), person["number"] or "–"),
            (_("Jabatan"), person["job"] or "–"),
            (_("Alamat e-mail"), data["account"]["email"]),
            *places,
        ],
    )


def _span(first: str, last: str | None) -> str:
    since = day(date.fromisoformat(first))
    if last is None:
        return str(_("sejak %(day)s", day=since))
    return f"{since} – {day(date.fromisoformat(last))}"


def _record(one: dict[str, Any]) -> Section:
    heading = _("Nilai %(quarter)s", quarter=quarter(one["period"]))
    if "score" not in one:
        return Section(heading, [_("Belum cukup penilaian untuk ditampilkan.")])
    lo, hi = one["interval"]
    aside = one["set_aside"]
    facts = [
        (_("Nilai"), f"{number(one['score'])} ({number(lo)} – {number(hi)})"),
        (_("Saran"), str(ADVICE_WORDS[one["advice"]])),
        (_("Dihitung"), number(one["counted"], 0)),
        (_("Disisihkan"), FEW if aside is None else number(aside, 0)),
    ]
    facts += [
        (str(REASON_WORDS.get(reason, reason)), FEW if count is None else number(count, 0))
        for reason, count in one["set_aside_reasons"].items()
    ]
    facts += [
        (
            str(ELEMENT_WORDS[element["name"]]),
            _(
                "%(mean)s dari 4, dari %(count)s jawaban",
                mean=number(element["mean"]),
                count=number(element["answered"], 0),
            ),
        )
        for element in one["elements"]
    ]
    return Section(heading, [str(ADVICE_MEANINGS[one["advice"]])], facts)


def _measures(found: list[dict[str, Any]]) -> list[Section]:
    rows = [
        [quarter(one["period"]), one["measure"], f"{number(one['value'], 2)} {one['unit']}"]
        for one in found
    ]
    why = _("Hanya untuk audit keadilan, dalam kelompok; tidak pernah masuk ke dalam nilai.")
    columns = [_("Triwulan"), _("Ukuran"), _("Angka")]
    return [Section(_("Ukuran objektif"), [why], columns=columns, rows=rows)] if rows else []


def _decisions(found: list[dict[str, Any]], zone: str) -> Section:
    if not found:
        return Section(_("Keputusan"), [_("Belum ada keputusan tentang Anda.")])
    return Section(
        _("Keputusan"),
        columns=[_("Triwulan"), _("Keputusan"), _("Tanggal"), _("Keadaan"), _("Alasan")],
        rows=[
            [
                quarter(one["period"]),
                str(DECISION_WORDS[one["kind"]]),
                day(datetime.fromisoformat(one["at"]), zone),
                str(STATE_WORDS[one["state"]]),
                one["reason"],
            ]
            for one in found
        ],
    )


def _plans(found: list[dict[str, Any]]) -> list[Section]:
    """What was planned with decisions, and on which day each step was done."""
    rows = [
        [
            quarter(one["period"]),
            step["what"],
            day(date.fromisoformat(step["until"])),
            "\n".join([day(date.fromisoformat(done)) if done else "–", *([note] if note else [])]),
        ]
        for one in found
        for step in [*one["trainings"], *one["steps"]]
        for done, note in [(step.get("taken_on") or step.get("done_on"), step.get("note"))]
    ]
    columns = [_("Triwulan"), _("Langkah"), _("Sampai"), _("Selesai")]
    return [Section(_("Rencana"), columns=columns, rows=rows)] if rows else []


def _replies(found: list[dict[str, Any]], zone: str) -> Section:
    if not found:
        return Section(_("Tanggapan Anda"), [_("Belum ada.")])
    return Section(
        _("Tanggapan Anda"),
        columns=[_("Triwulan"), _("Tanggal"), _("Tanggapan")],
        rows=[
            [quarter(one["period"]), day(datetime.fromisoformat(one["at"]), zone), one["text"]]
            for one in found
        ],
    )


def _read_by(found: list[dict[str, Any]]) -> Section:
    if not found:
        return Section(_("Siapa yang membuka catatan Anda"), [_("Belum ada.")])
    return Section(
        _("Siapa yang membuka catatan Anda"),
        columns=[_("Tanggal"), _("Peran"), _("Triwulan")],
        rows=[
            [day(date.fromisoformat(one["day"])), _roles(one["roles"]), quarter(one["period"])]
            for one in found
        ],
    )


def _listed(found: list[dict[str, Any]]) -> list[Section]:
    rows = [
        [
            day(date.fromisoformat(one["day"])),
            _roles(one["roles"]),
            f"{ACT_WORDS[one['list']]}, {quarter(one['period'])}",
        ]
        for one in found
    ]
    columns = [_("Tanggal"), _("Peran"), _("Daftar")]
    return [Section(_("Juga dibaca dalam daftar"), columns=columns, rows=rows)] if rows else []


def _roles(roles: list[dict[str, Any]]) -> str:
    return "; ".join(
        f"{ROLE_WORDS[one['role']]}, {one['office'] or _('seluruh instansi')}" for one in roles
    ) or _("Peran yang sudah berakhir")
