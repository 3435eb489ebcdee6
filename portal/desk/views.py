"""The first page: what needs me today, each with one next step; then my offices at a glance."""

from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter

from flask import render_template, request, url_for
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters.blueprint import today
from portal.counters.duty_queries import waiting_shifts
from portal.counters.periods import period_of, previous_period
from portal.counters.swap_queries import waiting_swaps
from portal.counters.words import quarter
from portal.desk import employee_views, search_views
from portal.desk import queries as read
from portal.desk.blueprint import BEGINNERS, blueprint
from portal.desk.search_views import SEARCH
from portal.followups.notices import HANDLERS
from portal.followups.queries import waiting_for as cases_for
from portal.i18n import day as as_day
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import number
from portal.menu import Entry
from portal.moderation.queries import waiting
from portal.people import saving_views
from portal.people.queries import Scope, scope_of
from portal.records.contest_views import asked_reviews
from portal.records.controls import floods
from portal.records.decision_actions import note_listing
from portal.records.judgements import open_objections
from portal.records.plan_steps import late
from portal.records.policies import current_policy
from portal.records.proposals import drafts_of, waiting_for
from portal.records.words import ADVICE_KINDS, ADVICE_WORDS
from portal.transparency.queries import unanswered

__all__ = ["MENU", "SEARCH", "blueprint", "employee_views", "search_views"]

MENU = [
    Entry("desk.first_page", _l("Hari ini"), BEGINNERS, "task"),
    Entry("desk.mine", _l("Tentang saya"), ("employee",), "person"),
]


MOST_NAMES = 3  # in one line


@dataclass(frozen=True)
class Todo:
    """Something that waits: what, why, and the one next step."""

    title: str
    why: str
    step: str
    url: str
    mark: str = ""  # what stands in the tag, if there is one
    kind: str = ""


@dataclass(frozen=True)
class Waiting:
    """All that waits of one kind: the first are shown, the others open below them, and those that
    were not read are behind a link to their list."""

    todos: list[Todo]
    unread: int = 0
    url: str = ""

    @property
    def first(self) -> list[Todo]:
        return self.todos[: read.MOST]

    @property
    def others(self) -> list[Todo]:
        return self.todos[read.MOST :]

    @property
    def total(self) -> int:
        return len(self.todos) + self.unread


@blueprint.get("/today")
@role(*BEGINNERS)
def first_page() -> str:
    """What needs the reader today, and how the reader's offices do."""
    mine = scope_of(current_user, *HANDLERS)
    supervised = scope_of(current_user, "supervisor")
    period = period_of(today())
    kinds = [
        Waiting(_floods()),
        Waiting(_follow_ups()),
        Waiting(_proposals()),
        Waiting(_drafts()),
        Waiting(_contests()),
        Waiting(_late_steps(supervised)),
        Waiting(_objections()),
        Waiting(_set_aside()),
        _candidates(supervised, previous_period(period)),
        Waiting(_alarms(supervised, period)),
        Waiting(_comments()),
        Waiting(_shifts()),
        Waiting(_swaps()),
        Waiting(_answers(mine, period)),
        Waiting(_fallen(mine, period)),
    ]
    return render_template(
        "desk/today.html",
        kinds=[kind for kind in kinds if kind.todos],
        total=sum(kind.total for kind in kinds),
        saved=saving_views.shown(),
        handles=bool(mine),
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
        for one in (floods(kept, today() - timedelta(days=1)) if kept else [])
    ]


def _follow_ups() -> list[Todo]:
    policy = current_policy(current_user.agency_id)
    open_, late = cases_for(current_user, policy, today())
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
        for one in waiting_for(current_user)
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
        for draft, name in drafts_of(current_user)
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


def _late_steps(supervised: Scope) -> list[Todo]:
    """Steps of plans of which nobody says what became of them: one line."""
    found, whole = late(current_user, supervised, today()) if supervised else ([], True)
    if not found:
        return []
    count = number(len(found), 0)
    names = sorted({one.name for one in found})
    return [
        Todo(
            _("%(count)s langkah pembinaan lewat tenggat", count=count)
            if whole
            else _("Sedikitnya %(count)s langkah pembinaan lewat tenggat", count=count),
            _(
                "Belum dicatat selesai: %(names)s. Bicarakan, lalu catat yang sudah selesai.",
                names=", ".join(names[:MOST_NAMES] + ["…"] * (len(names) > MOST_NAMES)),
            ),
            _("Buka yang paling lama"),
            url_for("records.decision", decision_id=found[0].step.decision_id, _anchor="plan"),
            *_due(found[0].step.until),
        )
    ]


def _due(day: date) -> tuple[str, str]:
    """What a tag says of a deadline, and its kind."""
    if day < today():
        return str(_("lewat tenggat %(day)s", day=as_day(day))), "bad"
    return str(_("paling lambat %(day)s", day=as_day(day))), "warn"


def _objections() -> list[Todo]:
    """Objections on which the reader rules, the nearest deadline first."""
    if "appeals_officer" not in current_user.role_names:
        return []
    return [
        Todo(
            _("Keberatan %(name)s", name=one.employee.name),
            _("Menunggu putusan Anda. Putusan Anda bersifat akhir."),
            _("Baca dan putuskan"),
            url_for("records.rule", contest_id=one.contest.id),
            *_due(one.contest.due_on),
        )
        for one in open_objections(current_user)
    ]


def _set_aside() -> list[Todo]:
    """Ratings set aside at which an employee asks the reader to look, the oldest first."""
    if "appeals_officer" not in current_user.role_names:
        return []
    return [
        Todo(
            _("Penilaian disisihkan: %(name)s", name=one.employee.name),
            _("Pegawai minta diperiksa ulang."),
            _("Periksa yang disisihkan"),
            url_for("records.set_aside", employee_id=one.employee.id, period=one.request.period),
            *_due(one.due_on),
        )
        for one in asked_reviews()
    ]


def _candidates(supervised: Scope, period: str) -> Waiting:
    if not supervised:
        return Waiting([])
    found = read.candidates(supervised, current_user.employee_id, period)
    if found:
        note_listing(current_user, "candidates_listed", period, clock.now())
    todos = [
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
    unread = 0
    if len(found) == read.MOST_READ:
        unread = read.candidate_count(supervised, current_user.employee_id, period) - len(found)
    return Waiting(todos, unread, url_for("records.people", period=period))


def _alarms(supervised: Scope, period: str) -> list[Todo]:
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
    """Shifts whose ratings name nobody: coordinators vouch for them, supervisors see where."""
    kept = scope_of(current_user, "coordinator")
    watched = scope_of(current_user, "coordinator", "supervisor")
    found = waiting_shifts(watched, clock.now()) if watched else []
    if not found:
        return []
    own = [shift for shift in found if shift.office_id in kept]
    first = min(own or found, key=attrgetter("starts_at"))
    day = first.starts_at.astimezone(current_user.agency.zone).date()
    count = number(len(found), 0)
    why = _("Penilaian pada jam itu dihitung untuk kantor, bukan untuk pegawainya.")
    step, page = _("Pastikan penugasan"), "counters.duties"
    if not own:
        why = f"{why} {_('Koordinator yang memastikannya.')}"
        step, page = _("Lihat cakupan loket"), "records.coverage"
    return [
        Todo(
            _("%(count)s penugasan belum dipastikan", count=count),
            why,
            step,
            url_for(page, office=first.office_id, day=day.isoformat()),
        )
    ]


def _swaps() -> list[Todo]:
    """Swaps on which two others have agreed, and which only a coordinator can make true."""
    kept = scope_of(current_user, "coordinator")
    return [
        Todo(
            _("Tukar tugas: %(asker)s dan %(colleague)s", asker=one.asker_name,
              colleague=one.colleague_name),
            _("Keduanya sepakat. Jadwal baru berubah bila Anda memastikannya."),
            _("Periksa dan pastikan"),
            url_for("counters.swaps"),
            _("sebelum %(day)s", day=as_day(one.shift.starts_at, current_user.agency.timezone)),
            "warn",
        )
        for one in (waiting_swaps(kept, clock.now()) if kept else [])
        if current_user.employee_id not in {one.asker_id, one.colleague_id}
    ]  # fmt: skip


def _answers(mine: Scope, period: str) -> list[Todo]:
    found = unanswered(mine, [period, previous_period(period)])
    return [
        Todo(
            _("%(office)s belum menjawab warga", office=office.name),
            _("Hasil %(quarter)s dapat dibaca semua orang.", quarter=quarter(told)),
            _("Tulis jawaban"),
            url_for("answers.office", office=office.id, period=told),
        )
        for office, told in found
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
