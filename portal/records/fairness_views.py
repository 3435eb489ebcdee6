"""The page of the fairness audit, and its table as a file."""

from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters.words import quarter
from portal.i18n import gettext as _
from portal.people.queries import Scope, scope_of
from portal.people.words import KIND_WORDS, OFFICE_KIND_WORDS
from portal.records import evidence, queries
from portal.records.blueprint import blueprint, known_period
from portal.records.decision_actions import note_audit
from portal.records.fairness import Audit, Table, audit
from portal.records.fairness_words import DIMENSION_WORDS, FLAG_WORDS, GROUP_WORDS
from portal.records.forms import ChoosePeriod, choices
from portal.records.measures import Held
from portal.spreadsheets import as_csv

if TYPE_CHECKING:
    from portal.scoring import Estimate, GroupReport

AUDITORS = ("hr", "auditor")


def _scope() -> Scope:
    return scope_of(current_user, *AUDITORS)


def _today() -> date:
    return clock.now().astimezone(current_user.agency.zone).date()


def _labels() -> dict[str, dict[str, Any]]:
    """What each group is called, by dimension."""
    services = queries.service_names(current_user.agency_id)
    return GROUP_WORDS | {
        "kind": KIND_WORDS,
        "office_kind": OFFICE_KIND_WORDS,
        "service": {str(key): name for key, name in services.items()}
        | {"0": _("Layanan tidak disebut")},
    }


@blueprint.get("/fairness")
@role(*AUDITORS)
def fairness() -> ResponseReturnValue:
    """Groups of employees side by side: a report for people, never an input to a score."""
    agency_id = current_user.agency_id
    periods = queries.periods_with_figures(agency_id)
    form = ChoosePeriod(request.args)
    form.period.choices = choices({period: quarter(period) for period in periods})
    if form.period.data not in periods:
        form.period.data = next(iter(periods), None)
    period, elements = form.period.data, "elements" in request.args
    if period:
        note_audit(current_user, "fairness_read", period, clock.now())
    return render_template(
        "records/fairness.html",
        form=form,
        period=period,
        found=audit(_scope(), period, _today(), elements=elements) if period else None,
        elements=elements,
        closed=evidence.closed(agency_id, period) if period else False,
        labels=_labels(),
        dimensions=DIMENSION_WORDS,
        flags=FLAG_WORDS,
    )


@blueprint.get("/fairness/<period>.csv")
@role(*AUDITORS)
def fairness_file(period: str) -> ResponseReturnValue:
    """The same figures for a spreadsheet."""
    found = audit(_scope(), known_period(period), _today(), elements=True)
    note_audit(current_user, "fairness_exported", period, clock.now())
    name = f"attachment; filename=fairness-{period}.csv"
    return Response(_as_csv(found), mimetype="text/csv", headers={"Content-Disposition": name})


COLUMNS = (
    "dimension", "group", "employees", "gap", "gap_lo", "gap_hi", "raw_gap",
    "award_rate", "award_ratio", "award_ratio_lo", "award_ratio_hi",
    "guidance_rate", "guidance_ratio", "guidance_ratio_lo", "guidance_ratio_hi",
    "warmth_less_speed", "warmth_less_speed_lo", "warmth_less_speed_hi", "flags",
)  # fmt: skip


def _as_csv(found: Audit) -> str:
    """Figures with a point and four decimals, whatever the reader's language; four columns more
    for each objective measure."""
    labels = _labels()
    columns = [
        f"{one.measure} ({one.unit}){part}"
        for one in found.measures
        for part in (" gap", " gap_lo", " gap_hi", " employees")
    ]
    rows = (
        [*row, *_anchors(group, found.measures)]
        for table in found.tables
        for group, row in zip(table.groups, _rows(table, labels[table.name]), strict=True)
    )
    return as_csv((*COLUMNS, *columns), rows)


def _three(estimate: "Estimate | None") -> list[float | str]:
    if estimate is None:
        return ["", "", ""]
    return [round(value, 4) for value in (estimate.value, estimate.lo, estimate.hi)]


def _anchors(group: "GroupReport", measures: list[Held]) -> list[float | str]:
    found = [group.anchors.get(one.measure) for one in measures]
    return [
        value
        for one in found
        for value in (*_three(one.gap if one else None), one.employees if one else "")
    ]


def _rows(table: Table, labels: dict[str, Any]) -> list[list[Any]]:
    return [
        [
            table.name, labels.get(one.group, one.group), one.employees, *_three(one.gap),
            round(one.raw_gap, 4), round(one.award_rate, 4), *_three(one.award_ratio),
            round(one.guidance_rate, 4), *_three(one.guidance_ratio),
            *_three(table.elements.get(one.group)), ";".join(one.flags),
        ]
        for one in table.groups
    ]  # fmt: skip
