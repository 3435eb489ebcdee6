"""`portal score`: a file of ratings in, a file of scores out (section 13)."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .cells import align, classify, count_cells
from .data import Cells, Flags, Floats, Ratings, Scores, Verdicts
from .decide import advise
from .files import drafts, number, read_ratings, write_csv
from .fit import fit
from .gaussian import GaussianFit
from .gaussian_scores import gaussian_scores
from .integrity import employee_fraud, weigh
from .params import Params
from .periods import filter_period
from .policy import Policy
from .posterior import blocks
from .score import Mix, score
from .severity import Which, rater_severity, severity_shift

HEADER = (
    "employee", "n", "n_excluded", "raw_mean", "score", "lo", "hi", "reliability", "percentile",
    "p_above", "p_below", "advice", "award", "guidance", "fraud_score",
    "percentile_lo", "percentile_hi",
)  # fmt: skip

Progress = Callable[[str, float | None], None]
"""Told the stage of the work and, where it is known, which share of that is done."""


def in_silence(stage: str, share: float | None) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, kw_only=True)
class ScoreOptions:
    """The options of `portal score`; None leaves what the policy says."""

    points: int = 4
    model: Literal["ordinal", "gaussian"] = "ordinal"
    mix: Mix = "national"
    award_standard: float | None = None
    guidance_standard: float | None = None
    period: str | None = None
    grid: int | None = None
    rater_severity: Which = "off"
    integrity: bool = True
    overdispersion: bool = True
    plain: bool = False

    def policy(self, base: Policy) -> Policy:
        """The policy with what was asked for; raises BadPolicy where that contradicts itself."""
        asked = {"award_standard": self.award_standard,
                 "guidance_standard": self.guidance_standard, "grid_points": self.grid}  # fmt: skip
        changed: dict[str, Any] = {name: v for name, v in asked.items() if v is not None}
        if not changed:
            return base
        return dataclasses.replace(base, **changed, version=f"{base.version}+options")


@dataclass(frozen=True)
class ScoreReport:
    """What a run says on stderr (`note`, if anything; JSON of the Gaussian model), and how much it
    handled."""

    ratings: int
    employees: int
    note: str | None


@dataclass(frozen=True)
class Result:
    """Scores of the file's employees, the verdicts on its rows, and what was fitted."""

    scores: Scores
    verdicts: Verdicts
    fraud: dict[Any, float]
    params: Params | None
    gaussian: GaussianFit | None
    tau2_rater: float | None


def score_files(
    ratings_path: Path,
    out_path: Path,
    *,
    fraud_path: Path | None = None,
    params_path: Path | None = None,
    options: ScoreOptions | None = None,
    policy: Policy | None = None,
    progress: Progress = in_silence,
    threads: int = 1,
) -> ScoreReport:
    """Read ratings, score everybody, write the results; nothing is written on any error.

    Raises BadInput (line, column, message), BadPolicy, NotConverged, NothingToFit,
    NothingToCompare, OSError. The number of threads changes no figure.
    """
    options = options or ScoreOptions()
    rules = options.policy(policy or Policy())
    with drafts(out_path, fraud_path, params_path) as made:
        data = read_ratings(ratings_path, options.points, partial(progress, "Reading"))
        identifiers, employees = data.identifiers, len(data.employees)
        if options.model == "gaussian":
            result = score_gaussian(data.ratings, options, rules, progress=progress)
        else:
            counted = count_file(data.ratings, options, rules, progress=progress)
            del data  # half of the memory, before the fit wants its own
            result = score_counted(counted, options, rules, progress=progress, threads=threads)
        progress("Writing", None)
        out, *others = made
        write_csv(out, _header(result), _rows(result, rules))
        if fraud_path is not None:
            header = ("rating_id", "weight", "fraud_score", "reasons")
            write_csv(others.pop(0), header, _verdicts(identifiers, result))
        if params_path is not None:
            _write_params(others.pop(0), result)
    note = None
    if result.gaussian is not None:
        note = _gaussian_note(result)
    elif options.period is not None and not result.scores.n.any():
        note = f"no rating of {options.period} counts"
    return ScoreReport(len(identifiers), employees, note)


@dataclass(frozen=True)
class Counted:
    """All that a run needs of its ratings. `cells`: those of all; `quarters`: of each quarter up
    to the one asked for, none where everything is pooled; `fraud`: the figure of each employee."""

    cells: Cells
    quarters: tuple[Cells, ...]
    verdicts: Verdicts
    fraud: dict[Any, float]


def score_ratings(
    ratings: Ratings, options: ScoreOptions, policy: Policy, *, threads: int = 1
) -> Result:
    """The whole ordinal run on ratings in memory."""
    return score_counted(count_file(ratings, options, policy), options, policy, threads=threads)


def count_file(
    ratings: Ratings, options: ScoreOptions, policy: Policy, *, progress: Progress = in_silence
) -> Counted:
    """Weigh the ratings and count those that count, together and by quarter."""
    known, seen = _until(ratings, options.period)
    progress("Weighing", None)
    judge = options.integrity and not options.plain
    verdicts = weigh(seen, policy) if judge else _unjudged(seen)
    shift = severity_shift(seen, verdicts, options.rater_severity, policy)
    cells = count_cells(seen, verdicts, options.points, shift=shift)
    keys, figures = employee_fraud(seen, verdicts, policy)
    fraud = dict(zip(keys.tolist(), figures.tolist(), strict=True))
    quarters = tuple(_by_quarter(_only_counted(seen), verdicts, shift, options))
    return Counted(cells, quarters, _with_later(verdicts, known), fraud)


def _by_quarter(
    seen: Ratings, verdicts: Verdicts, shift: Floats | None, options: ScoreOptions
) -> Iterator[Cells]:
    """Cells of each quarter up to the one asked for, which is there even when nobody rated."""
    if options.period is None:
        return
    codes, keys = seen.coded("period")
    present = np.unique(codes).tolist()
    masks = [codes == place for place in present]
    if not present or str(keys[present[-1]]) != options.period:
        masks.append(np.zeros(len(seen), dtype=bool))
    for rows in masks:
        yield _cells_of(rows, seen, verdicts, options.points, shift)


def _cells_of(
    rows: Flags, seen: Ratings, verdicts: Verdicts, points: int, shift: Floats | None = None
) -> Cells:
    chosen = Verdicts(verdicts.weight[rows], verdicts.fraud_score[rows], verdicts.reasons[rows])
    part = None if shift is None else shift[rows]
    return count_cells(seen.select(rows), chosen, points, shift=part)


def score_counted(
    counted: Counted, options: ScoreOptions, policy: Policy, *, progress: Progress = in_silence,
    threads: int = 1,
) -> Result:  # fmt: skip
    """Fit what was counted and score it: all pooled, or one quarter after the other."""
    progress("Fitting", None)
    params = _fitted(counted.cells, options, policy, threads)
    progress("Scoring", None)

    def filtered(previous: Scores | None, cells: Cells) -> Scores:
        return filter_period(
            previous, cells, params, policy, mix=options.mix, keep_posterior=False,
            threads=threads,
        )  # fmt: skip

    if counted.quarters:
        first, *later = counted.quarters
        scores = filtered(None, first)
        for cells in later:
            scores = filtered(scores, cells)
    else:
        scores = score(
            counted.cells, params, policy, mix=options.mix, keep_posterior=False, threads=threads
        )
    return Result(scores, counted.verdicts, counted.fraud, params, None, None)


def _only_seen(ratings: Ratings) -> Ratings:
    """The same ratings, forgetting employees of whom none is left."""
    codes, keys = ratings.coded("employee")
    left, short = np.unique(codes, return_inverse=True)
    names = ratings.names | {"employee": keys[left]}
    return dataclasses.replace(ratings, employee=short.astype(np.int64), names=names)


def _only_counted(ratings: Ratings) -> Ratings:
    """The same without what only weighing reads: a quarter's copy is half as large."""
    nothing = np.zeros(len(ratings), dtype=np.int8)
    return dataclasses.replace(
        ratings, rater=nothing, counter=nothing, ticket=None, rating_id=None, off_hours=None
    )


def _until(ratings: Ratings, period: str | None) -> tuple[Flags, Ratings]:
    """Which rows are not later than the period, and those rows; periods sort as text."""
    if period is None:
        return np.ones(len(ratings), dtype=bool), ratings
    codes, keys = ratings.coded("period")
    early = np.array([str(key) <= period for key in keys.tolist()], dtype=bool)
    known = early[codes] if len(keys) else np.zeros(len(ratings), dtype=bool)
    return known, ratings if known.all() else _only_seen(ratings.select(known))


def _unjudged(ratings: Ratings) -> Verdicts:
    """Every scorable rating counts; nothing is suspected."""
    incomplete = classify(ratings)[0] < 0
    reasons = np.array(["", "incomplete"], dtype=object)[incomplete.astype(np.int8)]
    return Verdicts(np.where(incomplete, 0.0, 1.0), np.zeros(len(incomplete)), reasons)


def _with_later(verdicts: Verdicts, known: Flags) -> Verdicts:
    """Verdicts for all rows of the file; rows after the period asked for did not take part."""
    if known.all():
        return verdicts
    size = len(known)
    reasons = np.empty(size, dtype=object)
    reasons.fill("later")
    weight, fraud = np.zeros(size), np.zeros(size)
    weight[known], fraud[known], reasons[known] = (
        verdicts.weight, verdicts.fraud_score, verdicts.reasons,
    )  # fmt: skip
    return Verdicts(weight, fraud, reasons)


def _fitted(cells: Cells, options: ScoreOptions, policy: Policy, threads: int) -> Params:
    if options.plain and cells.n.sum() > 0:
        return fit(cells, None, policy, plain=True, threads=threads)
    found = fit(cells, None, policy, overdispersion=options.overdispersion, threads=threads)
    if not options.overdispersion or options.plain:
        found = dataclasses.replace(found, s2=0.0, service_se={}, version="")
    return found


def score_gaussian(
    ratings: Ratings, options: ScoreOptions, policy: Policy, *, progress: Progress = in_silence
) -> Result:
    """The cross-check: no integrity, rater offsets only when asked. Whoever has no rating in the
    period asked for keeps a score, with n = 0."""
    known, seen = _until(ratings, options.period)
    progress("Fitting", None)
    verdicts = _unjudged(seen)
    severity = rater_severity(seen, options.rater_severity)
    found = severity.fit
    tau2_rater = severity.tau2 if options.rater_severity != "off" else None
    cells = _of_the_period(seen, verdicts, options)
    scores = gaussian_scores(found, align(cells, found.employee), policy)
    return Result(scores, _with_later(verdicts, known), {}, None, found, tau2_rater)


def _of_the_period(seen: Ratings, verdicts: Verdicts, options: ScoreOptions) -> Cells:
    """What the Gaussian model counts: the ratings of the period asked for, or all. It knows no
    filter: the effects rest on all quarters up to that one alike."""
    if options.period is None:
        return count_cells(seen, verdicts, options.points)
    codes, keys = seen.coded("period")
    rows = np.array([str(key) == options.period for key in keys.tolist()], dtype=bool)[codes]
    return _cells_of(rows, seen, verdicts, options.points)


def _header(result: Result) -> Iterable[str]:
    return HEADER if result.gaussian is None else (*HEADER, "blup", "blup_sd")


def _rows(result: Result, policy: Policy) -> Iterable[Iterable[str]]:
    """Output lines sorted by employee."""
    scores, advice = result.scores, advise(result.scores, policy)
    employees = scores.employee.tolist()
    figures = (scores.raw_mean, scores.score, scores.lo, scores.hi, scores.reliability,
               scores.percentile, scores.p_above, scores.p_below)  # fmt: skip
    columns: list[Iterable[str]] = [map(str, employees)]
    columns += [map(str, counts.astype(np.int64).tolist())
                for counts in (scores.n, scores.n_excluded)]  # fmt: skip
    columns += [map(number, column.tolist()) for column in figures]
    columns.append(advice.advice.tolist())
    columns += [map(str, flags.astype(np.int64).tolist())
                for flags in (advice.award, advice.guidance)]  # fmt: skip
    columns.append(number(result.fraud.get(employee, 0.0)) for employee in employees)
    ends = (scores.percentile_lo, scores.percentile_hi)
    columns += [map(number, column.tolist()) for column in ends if column is not None]
    found = result.gaussian
    if found is not None:
        columns += [map(number, column.tolist()) for column in (found.blup, found.blup_sd)]
    return zip(*columns, strict=True)


def _verdicts(identifiers: NDArray[np.bytes_], result: Result) -> Iterable[Iterable[str]]:
    verdicts = result.verdicts
    for part in blocks(len(identifiers)):
        yield from zip(
            map(bytes.decode, identifiers[part].tolist()),
            map(number, verdicts.weight[part].tolist()),
            map(number, verdicts.fraud_score[part].tolist()),
            verdicts.reasons[part].tolist(), strict=True,
        )  # fmt: skip


def _write_params(path: Path, result: Result) -> None:
    shown = params_json(result.params) if result.params else json.loads(_gaussian_note(result))
    text = json.dumps(shown, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def params_json(params: Params) -> dict[str, Any]:
    """The parameter version as `--params-out` shows it; `exact` restores it by from_dict."""
    return {
        "version": params.version,
        "thresholds": {name: list(c) for name, c in params.thresholds.items()},
        "slopes": params.slopes,
        "services": params.services,
        "channels": params.channels,
        "periods": params.periods,
        "mu": params.mu,
        "sd_employees": params.sd_employees,
        "sd_fit": params.sd_fit,
        "s2": params.s2,
        "loglik": params.loglik,
        "grid": list(params.grid),
        "weights": {
            "instrument": params.weights.instrument,
            "service": params.weights.by_service(),
        },
        "components": params.components,
        "component_of": params.part_of,
        "alone": list(params.alone),
        "lone_channels": list(params.lone_channels),
        "service_se": params.service_se,
        "iterations": params.iterations,
        "gradient": params.gradient,
        "converged": params.converged,
        "source": params.source,
        "exact": params.to_dict(),
    }


def _gaussian_note(result: Result) -> str:
    """The one JSON line of the Gaussian model."""
    found = result.gaussian
    if found is None:
        return "{}"
    note: dict[str, Any] = {
        "tau2": found.tau2, "sigma2": found.sigma2, "reml": found.reml, "n": found.n,
        "employees": len(found.employee), "fixed": found.fixed,
    }  # fmt: skip
    if result.tau2_rater is not None:
        note["tau2_rater"] = result.tau2_rater
    return json.dumps(note, ensure_ascii=False)
