"""The first page: what needs me today, each with one next step; then my offices at a glance."""

from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter

from flask import render_template, request, url_for
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters.blueprint import today
from portal.counters.duty_queries import waiting_shifts
from portal.counters.periods import period_of, previous_period
from portal.desk import employee_views, search_views
from portal.desk import queries as read
from portal.desk.blueprint import blueprint
from portal.desk.search_views import SEARCH
from portal.followups.notices import HANDLERS
from portal.followups.queries import due_count
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import number
from portal.menu import Entry
from portal.moderation.queries import waiting
from portal.people import saving_views
from portal.people.queries import Scope, scope_of
from portal.records.controls import floods
from portal.records.decision_actions import note_listing
from portal.records.policies import current_policy
from portal.records.proposals import drafts_of, waiting_for
from portal.records.words import ADVICE_KINDS, ADVICE_WORDS
from portal.transparency.queries import unanswered
from portal.transparency.words import quarter

__all__ = ["MENU", "SEARCH", "blueprint", "employee_views", "search_views"]

MENU = [
    Entry("desk.first_page", _l("Hari ini"), HANDLERS, "task"),
    Entry("desk.mine", _l("Tentang saya"), ("employee",), "person"),
]


@dataclass(frozen=True)
class Todo:
    """Something that waits: what, why, and the one next step."""

    title: str
    why: str
    step: str
    url: str
    mark: str = ""  # what stands in the tag, if there is one
    kind: str = ""


@blueprint.get("/today")
@role(*HANDLERS)
def first_page() -> str:
    """What needs the reader today, and how the reader's offices do."""
    mine = scope_of(current_user, *HANDLERS)
    period = period_of(today())
    todos = [
        *_floods(),
        *_follow_ups(mine),
        *_proposals(),
        *_drafts(),
        *_contests(),
        *_candidates(previous_period(period)),
        *_alarms(period),
        *_comments(),
        *_shifts(),
        *_answers(mine, period),
        *_fallen(mine, period),
    ]
    return render_template(
        "desk/today.html",
        todos=todos,
        saved=saving_views.shown(),
        glances=read.glances(mine, request.args.get("page", 1, type=int)),
    )


def _floods() -> list[Todo]:
    kept = scope_of(current_user, "coordinator")
    return [
        Todo(
            _("Penilaian membanjir di %(counter)s", counter=one.counter),
            _(
                "%(office)s: lebih dari %(count)s dalam satu jam, jauh di atas biasanya. "
                "Periksa apa yang terjadi di loket itu.",
                office=one.office,
                count=number(one.over, 0),
            ),
            _("Lihat kendali penilaian"),
            url_for("records.controls"),
        )
        for one in (floods(kept, today() - timedelta(days=1)) if kept else [])[: read.MOST]
    ]


def _follow_ups(mine: Scope) -> list[Todo]:
    open_, late = due_count(mine, current_user.employee_id, today())
    if not open_:
        return []
    return [
        Todo(
            _("%(count)s tindak lanjut menunggu", count=number(open_, 0)),
            _("Penilaian rendah atau komentar warga yang belum selesai ditangani."),
            _("Buka yang paling mendesak"),
            url_for("followups.cases"),
            _("%(count)s lewat waktu", count=number(late, 0)) if late else "",
            "bad",
        )
    ]


def _proposals() -> list[Todo]:
    return [
        Todo(
            _("Usulan keputusan: %(name)s", name=one.employee.name),
            _("%(name)s meminta persetujuan Anda sebagai orang kedua.", name=one.proposer.name),
            _("Baca usulannya"),
            url_for("records.proposal", proposal_id=one.proposed.id),
            quarter(one.proposed.period),
            "warn",
        )
        for one in waiting_for(current_user)[: read.MOST]
    ]


def _drafts() -> list[Todo]:
    return [
        Todo(
            _("Draf keputusan: %(name)s", name=name),
            _("Hanya Anda yang melihatnya."),
            _("Lanjutkan"),
            url_for("records.decide", employee_id=draft.employee_id, period=draft.period),
            quarter(draft.period),
        )
        for draft, name in drafts_of(current_user)[: read.MOST]
    ]


def _contests() -> list[Todo]:
    found = read.contested(current_user.agency_id, current_user.id)
    return [
        Todo(
            _("Keberatan atas keputusan Anda: %(name)s", name=name),
            _("Menunggu putusan pejabat keberatan. Baca alasannya."),
            _("Baca keberatannya"),
            url_for("records.decision", decision_id=decision_id),
            quarter(period),
            "warn",
        )
        for decision_id, name, period in found
    ]


def _candidates(period: str) -> list[Todo]:
    supervised = scope_of(current_user, "supervisor")
    if not supervised:
        return []
    found = read.candidates(supervised, current_user.employee_id, period)
    if found:
        note_listing(current_user, "candidates_listed", period, clock.now())
    return [
        Todo(
            one.name,
            _(
                "Nilai %(score)s, rentang %(lo)s–%(hi)s, dari %(counted)s penilaian; %(quarter)s.",
                score=number(one.score),
                lo=number(one.lo),
                hi=number(one.hi),
                counted=number(one.counted, 0),
                quarter=quarter(period),
            ),
            _("Baca buktinya"),
            url_for("records.record", employee_id=one.employee_id, period=period),
            str(ADVICE_WORDS[one.advice]),
            ADVICE_KINDS[one.advice],
        )
        for one in found
    ]


def _alarms(period: str) -> list[Todo]:
    supervised = scope_of(current_user, "supervisor")
    if not supervised:
        return []
    least = current_policy(current_user.agency_id).least_new_ratings
    return [
        Todo(
            one.name,
            _("Sederet penilaian jauh di bawah kebiasaannya. Cari sebabnya; ini bukan keputusan.")
            if one.run
            else _("Nilainya turun dari kebiasaannya sendiri. Cari sebabnya; ini bukan keputusan."),
            _("Lihat perkembangannya"),
            url_for("records.record", employee_id=one.employee_id, period=period),
            _("Peringatan dini"),
            "warn",
        )
        for one in read.alarms(supervised, current_user.employee_id, period, least)
    ]


def _comments() -> list[Todo]:
    moderated = scope_of(current_user, "moderator")
    count = waiting(moderated, current_user.employee_id) if moderated else 0
    if not count:
        return []
    return [
        Todo(
            _("%(count)s komentar menunggu diperiksa", count=number(count, 0)),
            _("Ada kata kasar di dalamnya."),
            _("Periksa komentar"),
            url_for("moderation.queue"),
        )
    ]


def _shifts() -> list[Todo]:
    kept = scope_of(current_user, "coordinator")
    found = waiting_shifts(kept, clock.now()) if kept else []
    if not found:
        return []
    first = min(found, key=attrgetter("starts_at"))
    day = first.starts_at.astimezone(current_user.agency.zone).date()
    return [
        Todo(
            _("%(count)s penugasan belum dipastikan", count=number(len(found), 0)),
            _("Penilaian pada jam itu dihitung untuk kantor, bukan untuk pegawainya."),
            _("Pastikan penugasan"),
            url_for("counters.duties", office=first.office_id, day=day.isoformat()),
        )
    ]


def _answers(mine: Scope, period: str) -> list[Todo]:
    found = unanswered(mine, [period, previous_period(period)])
    return [
        Todo(
            _("%(office)s belum menjawab warga", office=office.name),
            _("Hasil %(quarter)s sudah dibaca semua orang.", quarter=quarter(told)),
            _("Tulis jawaban"),
            url_for("answers.office", office=office.id, period=told),
        )
        for office, told in found[: read.MOST]
    ]


def _fallen(mine: Scope, period: str) -> list[Todo]:
    return [
        Todo(
            _("Makin sedikit warga menilai di %(office)s", office=one.name),
            _(
                "Dari %(before)s%% menjadi %(now)s%% warga yang dilayani. Periksa posternya.",
                before=number(one.before, 0),
                now=number(one.now, 0),
            ),
            _("Lihat hasilnya"),
            url_for("overview.office", office=one.office_id),
        )
        for one in read.fallen(mine, period)
    ]
