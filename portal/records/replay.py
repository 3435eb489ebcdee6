"""Computing stored figures again from the rows they came from, and saying what differs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import select

from portal import scoring
from portal.db import db
from portal.people.models import Agency
from portal.ratings.models import Release
from portal.records import appraisal, results
from portal.records.appraisal import Figures, Plan, Setting, Weighed
from portal.records.evidence import Moment, last_release
from portal.records.models import Decision, Histogram, OfficeResult, PublicResult, Score, ScoringRun
from portal.records.office_models import OfficeParts
from portal.records.office_parts import BY_HOUR, divided, figures, told_clock
from portal.records.past import earlier_of_run
from portal.records.policies import policy_version
from portal.records.public_results import Counted, figures_of, served_of
from portal.records.queries import visible_scores
from portal.records.reading import Evidence, Flags, Hours, digest, read

NOTHING = np.zeros(0, dtype=np.int64)
TOLERANCE = 1e-9  # another processor or library may round the last bits otherwise


class NoSuchDecision(Exception):
    """No decision has this number."""


@dataclass
class Replay:
    """What was found: nothing in `differences` means that the figures stand."""

    run_id: int
    exact: bool = True  # equal to the last bit
    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        return not self.differences


@dataclass(frozen=True)
class Again:
    """A run computed again with its own parameters, policy and hours."""

    evidence: Evidence
    counted: Flags
    weighed: Weighed
    figures: Figures
    setting: Setting


def replay(decision_id: int) -> Replay:
    """Recompute the evidence of a decision as of its run and compare it with what is stored."""
    decision = db.session.scalar(select(Decision).where(Decision.id == decision_id))
    if decision is None:
        raise NoSuchDecision(decision_id)
    run = db.session.get_one(ScoringRun, (decision.agency_id, decision.run_id))
    again = compute_again(run)
    found = Replay(run.id)
    _compare_run(run, again, found)
    own = again.counted & (again.evidence.employee == decision.employee_id)
    if digest(again.evidence.select(own), again.weighed.final[own]) != decision.evidence_digest:
        found.differences.append("the evidence about this employee is not what was decided on")
    _compare_scores(run, again, found, employee_id=decision.employee_id)
    _weigh_again(again, own, found)
    return found


def compute_again(run: ScoringRun, moment: Moment | None = None) -> Again:
    """The run with its own parameters, as of its time or of a later moment; verdicts as they
    stood then."""
    setting = Setting(
        run.period,
        Hours.from_dict(run.parameters["hours"]),
        scoring.Policy.from_dict(run.parameters["policy"]),
        policy_version(run.agency_id, run.policy_version).monitored,
    )
    evidence = read(moment or Moment(run.agency_id, run.period, run.release, run.as_of))
    counted = evidence.about_person & evidence.settled
    weighed = Weighed(
        np.nan_to_num(evidence.weight),
        np.zeros(len(evidence)),
        evidence.reasons,
        evidence.final_weight,
    )
    people = db.session.scalars(
        select(Score.employee_id).where(Score.agency_id == run.agency_id, Score.run_id == run.id)
    ).all()
    params = scoring.Params.from_dict(run.parameters["model"])
    figures = appraisal.appraise(
        evidence,
        counted,
        weighed,
        setting,
        params=params,
        also=np.array(people, dtype=np.int64),
        earlier=earlier_of_run(run),
    )
    return Again(evidence, counted, weighed, figures, setting)


def _compare_run(run: ScoringRun, again: Again, found: Replay) -> None:
    if again.figures.input_digest != run.input_digest:
        found.differences.append(
            f"the ratings differ from those of the run: digest {again.figures.input_digest}, "
            f"stored {run.input_digest}"
        )
    if again.figures.set_aside != run.set_aside:
        changed = set(again.figures.set_aside.items()) ^ set(run.set_aside.items())
        found.differences.append(
            f"{len({rating_id for rating_id, _ in changed})} ratings are set aside otherwise"
        )
    if results.code_version() != run.code_version:
        found.notes.append(
            f"computed by version {results.code_version()}, the run by {run.code_version}"
        )


def _compare_scores(
    run: ScoringRun, again: Again, found: Replay, *, employee_id: int | None = None
) -> None:
    query = select(Score).where(Score.agency_id == run.agency_id, Score.run_id == run.id)
    if employee_id is not None:
        query = query.where(Score.employee_id == employee_id)
    place = {key: at for at, key in enumerate(again.figures.scores.employee.tolist())}
    for row in db.session.scalars(query):
        if row.employee_id not in place:
            found.differences.append(f"employee {row.employee_id}: no evidence any more")
            continue
        for name, value in results.figures_at(again.figures, place[row.employee_id]).items():
            _compare(f"employee {row.employee_id}: {name}", getattr(row, name), value, found)
        left = results.carried_at(again.figures, place[row.employee_id])["carried"]
        for stored, value in zip(row.detail.get("carried", []), left, strict=False):
            _compare(f"employee {row.employee_id}: left to the next period", stored, value, found)


def _compare(name: str, stored: Any, value: Any, found: Replay) -> None:
    if stored == value:
        return
    found.exact = False
    numbers = isinstance(stored, float) and isinstance(value, float)
    if not numbers or abs(stored - value) > TOLERANCE * max(1.0, abs(stored)):
        found.differences.append(f"{name} is {value}, stored {stored}")


def _weigh_again(again: Again, own: Flags, found: Replay) -> None:
    """Whether the engine would set aside the same ratings again; impossible once the exact
    times and telephones are forgotten."""
    evidence = again.evidence
    if evidence.times_gone:
        found.notes.append("exact times are forgotten: the stored verdicts were used")
        return
    everything = ~evidence.withdrawn & evidence.settled
    chosen = Plan(everything, everything, everything, np.zeros(0, dtype=np.int64))
    anew = appraisal.weigh(evidence, chosen, again.setting)
    changed = int((anew.weight[own] != again.weighed.weight[own]).sum())
    if changed:
        found.differences.append(f"the engine would weigh {changed} of the ratings otherwise")


def verify(agency_id: int | None = None) -> Iterator[tuple[str, Replay]]:
    """Recompute everything that is shown: each run, its histograms, and the offices' results."""
    columns = (ScoringRun.period, ScoringRun.release, ScoringRun.agency_id, ScoringRun.id)
    query = visible_scores(*columns).distinct().order_by(*columns)
    if agency_id is not None:
        query = query.where(ScoringRun.agency_id == agency_id)
    for _, _, owner, run_id in db.session.execute(query).all():
        run = db.session.get_one(ScoringRun, (owner, run_id))
        found = Replay(run.id)
        again = compute_again(run)
        _compare_run(run, again, found)
        _compare_scores(run, again, found)
        _compare_histograms(run, again, found)
        yield f"agency {run.agency_id}, {run.period}, run {run.id}", found
        db.session.rollback()
    yield from _verify_offices(agency_id)
    yield from _verify_told(agency_id)


def _compare_histograms(run: ScoringRun, again: Again, found: Replay) -> None:
    """Those of the employees who are shown the figures of this run."""
    shown = db.session.execute(
        visible_scores(Score.employee_id, ScoringRun.id)
        .where(Score.agency_id == run.agency_id, Score.period == run.period)
        .order_by(ScoringRun.release)
    )
    latest: dict[int, int] = dict(shown.all())
    people = [employee_id for employee_id, run_id in latest.items() if run_id == run.id]
    rows = again.counted & (again.weighed.final > 0) & np.isin(again.evidence.employee, people)
    key = {"agency_id": run.agency_id, "period": run.period}
    fresh = results.histogram_rows(again.evidence, rows, key=key, personal=True)
    stored = _stored_histograms(run.agency_id, run.period)
    for employee_id in people:
        if _bins(fresh.get(employee_id, [])) != stored.get(employee_id, {}):
            found.differences.append(f"employee {employee_id}: counts of answers differ")


def _stored_histograms(agency_id: int, period: str) -> dict[int, dict[tuple[object, ...], str]]:
    found: dict[int, dict[tuple[object, ...], str]] = {}
    for row in db.session.scalars(
        select(Histogram).where(Histogram.agency_id == agency_id, Histogram.period == period)
    ):
        key = (row.office_id, row.service_id, row.channel, row.instrument)
        found.setdefault(row.employee_id, {})[key] = str(row.bins)
    return found


def _bins(rows: list[tuple[Any, ...]]) -> dict[tuple[object, ...], str]:
    return {tuple(row[3:7]): row[7] for row in rows}


def _verify_offices(agency_id: int | None) -> Iterator[tuple[str, Replay]]:
    """What each office heard, as of the last finished release of each period."""
    query = select(Release.agency_id, Release.period).where(Release.done_at.is_not(None))
    if agency_id is not None:
        query = query.where(Release.agency_id == agency_id)
    for agency, period in db.session.execute(query.distinct().order_by(Release.period)).all():
        last = last_release(agency, period)
        if last is None:
            continue
        evidence = read(Moment(agency, period, last.number, last.started_at))
        judged = ~evidence.withdrawn & evidence.judged
        nothing = np.zeros(len(evidence))
        weighed = Weighed(evidence.weight, nothing, evidence.reasons, evidence.final_weight)
        found = Replay(0)
        fresh = {
            row["office_id"]: row for row in results.office_rows(evidence, judged, weighed, {})
        }
        for row in db.session.scalars(
            select(OfficeResult).where(
                OfficeResult.agency_id == agency, OfficeResult.period == period
            )
        ):
            again = fresh.pop(row.office_id, {"counted": 0, "set_aside": 0, "mean": None})
            for name in ("counted", "set_aside", "mean"):
                _compare(f"office {row.office_id}: {name}", getattr(row, name), again[name], found)
        found.differences += [f"office {office_id} has no stored result" for office_id in fresh]
        yield f"agency {agency}, {period}, offices", found
        db.session.rollback()


def _verify_told(agency_id: int | None) -> Iterator[tuple[str, Replay]]:
    """What is told of offices, each result and each part as of the release that it comes from."""
    public, parts = _told_by_release(agency_id)
    for agency, period, number in sorted({*public, *parts}):
        release = db.session.get_one(Release, (agency, period, number))
        moment = Moment(agency, period, number, release.started_at)
        evidence = read(moment)
        judged = ~evidence.withdrawn & evidence.judged
        again = Counted(evidence, evidence.joined, judged, judged & (evidence.final_weight > 0))
        found = Replay(0)
        for row in public.get((agency, period, number), []):
            here = np.flatnonzero(evidence.office == row.office_id)
            for name, value in figures_of(again, here).items():
                _compare(f"office {row.office_id}: {name}", getattr(row, name), value, found)
        _compare_served(public.get((agency, period, number), []), moment, found)
        _compare_parts(parts.get((agency, period, number), {}), again, release, found)
        yield f"agency {agency}, {period}, what is told of offices by release {number}", found
        db.session.rollback()


def _compare_served(rows: list[PublicResult], moment: Moment, found: Replay) -> None:
    """Who rated of those served: of as many as then, for an office may mend its register."""
    again = served_of(moment, [row.office_id for row in rows])
    for row in rows:
        told = again.get(row.office_id, {"served": None, "answered": None})
        if told["served"] == row.served:
            _compare(f"office {row.office_id}: answered", row.answered, told["answered"], found)
        else:
            found.notes.append(
                f"office {row.office_id}: served is {told['served']}, told {row.served}: its "
                "register or its tickets have changed since"
            )


ByRelease = dict[tuple[int, str, int], dict[tuple[int, str, str], list[Any]]]


def _told_by_release(
    agency_id: int | None,
) -> tuple[dict[tuple[int, str, int], list[PublicResult]], ByRelease]:
    """By agency, period and release: public results; figures of parts by office, kind and key."""
    public: dict[tuple[int, str, int], list[PublicResult]] = {}
    parts: ByRelease = {}
    for row in db.session.scalars(_of_agency(select(PublicResult), PublicResult, agency_id)):
        public.setdefault((row.agency_id, row.period, row.release), []).append(row)
    for office in db.session.scalars(_of_agency(select(OfficeParts), OfficeParts, agency_id)):
        for kind, of_kind in office.parts.items():
            for key, (number, *told) in of_kind.items():
                moment = (office.agency_id, office.period, number)
                parts.setdefault(moment, {})[office.office_id, kind, key] = told
    return public, parts


def _of_agency(query: Any, table: Any, agency_id: int | None) -> Any:
    return query if agency_id is None else query.where(table.agency_id == agency_id)


def _compare_parts(
    stored: dict[tuple[int, str, str], list[Any]], again: Counted, release: Release, found: Replay
) -> None:
    zone = db.session.get_one(Agency, release.agency_id).zone
    clock = told_clock(release.started_at, zone, tells=not again.evidence.times_gone)
    for office in {office for office, _kind, _key in stored}:
        here = np.flatnonzero(again.evidence.office == office)
        fresh = {(kind, key): rows for kind, key, rows in divided(again.evidence, here, clock)}
        for (owner, kind, key), told in stored.items():
            if owner != office or (kind in BY_HOUR and again.evidence.times_gone):
                continue
            value = figures(again, fresh.get((kind, key), NOTHING))
            _compare(f"office {office}: {kind} {key}", told, value, found)
