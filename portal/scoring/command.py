"""`portal score`: a file of ratings in, a file of scores out (section 13)."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .cells import count_cells
from .data import Cells, Flags, Floats, Ratings, Scores, Verdicts
from .decide import advise
from .files import RatingFile, number, publish, read_ratings, write_csv
from .fit import fit
from .gaussian import GaussianFit
from .gaussian_scores import gaussian_scores
from .integrity import employee_fraud, weigh
from .params import Params
from .periods import filter_period
from .policy import Policy
from .score import Mix, score
from .severity import rater_severity, severity_shift

HEADER = (
    "employee", "n", "n_excluded", "raw_mean", "score", "lo", "hi", "reliability", "percentile",
    "p_above", "p_below", "advice", "award", "guidance", "fraud_score",
)  # fmt: skip


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
    rater_severity: Literal["off", "eligible", "all"] = "off"
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
    """What a run says on stderr (`note`, JSON or nothing), and how much it handled."""

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
    progress: Callable[[int], None] | None = None,
) -> ScoreReport:
    """Read ratings, score everybody, write the results; nothing is written on any error.

    Raises BadInput (line, column, message), BadPolicy, NotConverged, NothingToFit,
    NothingToCompare, OSError. `progress` is told the number of rows read.
    """
    options = options or ScoreOptions()
    rules = options.policy(policy or Policy())
    data = read_ratings(Path(ratings_path), options.points, progress)
    result = score_ratings(data.ratings, options, rules)
    targets = {Path(out_path): write_csv(Path(out_path), _header(result), _rows(result, rules))}
    try:
        if fraud_path is not None:
            header = ("rating_id", "weight", "fraud_score", "reasons")
            targets[Path(fraud_path)] = write_csv(Path(fraud_path), header, _verdicts(data, result))
        if params_path is not None:
            targets[Path(params_path)] = _write_params(Path(params_path), result)
        publish(targets)
    except OSError:
        for temporary in targets.values():
            temporary.unlink(missing_ok=True)
        raise
    note = _gaussian_note(result) if result.gaussian is not None else None
    return ScoreReport(len(data.ratings), len(data.employees), note)


def score_ratings(ratings: Ratings, options: ScoreOptions, policy: Policy) -> Result:
    """The whole run on ratings in memory."""
    known = _until(ratings, options.period)
    seen = ratings if known.all() else _only_seen(ratings.select(known))
    if options.model == "gaussian":
        return _gaussian(seen, known, options, policy)
    judge = options.integrity and not options.plain
    verdicts = weigh(seen, policy)
    if not judge:
        verdicts = _unjudged(verdicts)
    shift = severity_shift(seen, options.rater_severity, policy)
    cells = count_cells(seen, verdicts, options.points, shift=shift)
    params = _fitted(cells, options, policy)
    scores = _Run(seen, verdicts, shift, params, options, policy).scored(cells)
    keys, figures = employee_fraud(seen, verdicts, policy)
    fraud = dict(zip(keys.tolist(), figures.tolist(), strict=True))
    return Result(scores, _with_later(verdicts, known), fraud, params, None, None)


def _only_seen(ratings: Ratings) -> Ratings:
    """The same ratings, forgetting employees of whom none is left."""
    codes, keys = ratings.coded("employee")
    left, short = np.unique(codes, return_inverse=True)
    names = ratings.names | {"employee": keys[left]}
    return dataclasses.replace(ratings, employee=short.astype(np.int64), names=names)


def _until(ratings: Ratings, period: str | None) -> Flags:
    """Rows not later than the period; periods sort as text."""
    if period is None:
        return np.ones(len(ratings), dtype=bool)
    codes, keys = ratings.coded("period")
    early = np.array([str(key) <= period for key in keys.tolist()], dtype=bool)
    return early[codes] if len(keys) else np.zeros(len(ratings), dtype=bool)


def _unjudged(verdicts: Verdicts) -> Verdicts:
    """Every scorable rating counts; nothing is suspected."""
    incomplete = np.array(["incomplete" in text.split(";") for text in verdicts.reasons.tolist()],
                          dtype=bool)  # fmt: skip
    reasons = np.where(incomplete, "incomplete", "").astype(object)
    return Verdicts(np.where(incomplete, 0.0, 1.0), np.zeros(len(incomplete)), reasons)


def _with_later(verdicts: Verdicts, known: Flags) -> Verdicts:
    """Verdicts for all rows of the file; rows after the period asked for did not take part."""
    size = len(known)
    reasons = np.full(size, "later", dtype=object)
    weight, fraud = np.zeros(size), np.zeros(size)
    weight[known], fraud[known], reasons[known] = (
        verdicts.weight, verdicts.fraud_score, verdicts.reasons,
    )  # fmt: skip
    return Verdicts(weight, fraud, reasons)


def _fitted(cells: Cells, options: ScoreOptions, policy: Policy) -> Params:
    if options.plain and cells.n.sum() > 0:
        return fit(cells, None, policy, plain=True)
    found = fit(cells, None, policy, overdispersion=options.overdispersion)
    if not options.overdispersion or options.plain:
        found = dataclasses.replace(found, s2=0.0, service_se={}, version="")
    return found


@dataclass(frozen=True)
class _Run:
    """What all quarters of one run share."""

    seen: Ratings
    verdicts: Verdicts
    shift: Floats | None
    params: Params
    options: ScoreOptions
    policy: Policy

    def scored(self, cells: Cells) -> Scores:
        """Everything pooled, or the quarters up to the one asked for, one after the other."""
        last = self.options.period
        if last is None:
            mix = self.options.mix
            return score(cells, self.params, self.policy, mix=mix, keep_posterior=False)
        codes, keys = self.seen.coded("period")
        present = np.unique(codes).tolist()
        scores: Scores | None = None
        for place in present:
            scores = self._quarter(codes == place, scores)
        if scores is None or str(keys[present[-1]]) != last:
            scores = self._quarter(np.zeros(len(self.seen), dtype=bool), scores)
        return scores

    def _quarter(self, rows: Flags, previous: Scores | None) -> Scores:
        given = self.verdicts
        chosen = Verdicts(given.weight[rows], given.fraud_score[rows], given.reasons[rows])
        part = None if self.shift is None else self.shift[rows]
        cells = count_cells(self.seen.select(rows), chosen, self.options.points, shift=part)
        return filter_period(previous, cells, self.params, self.policy, mix=self.options.mix)


def _gaussian(seen: Ratings, known: Flags, options: ScoreOptions, policy: Policy) -> Result:
    """The cross-check: no integrity, rater offsets only when asked."""
    verdicts = _unjudged(weigh(seen, policy))
    found, tau2_rater = None, None
    which = options.rater_severity
    severity = rater_severity(seen, "all" if which == "off" else which, used=which != "off")
    found = severity.fit
    tau2_rater = severity.tau2 if which != "off" else None
    cells = count_cells(seen, verdicts, options.points)
    scores = gaussian_scores(found, cells, policy)
    return Result(scores, _with_later(verdicts, known), {}, None, found, tau2_rater)


def _header(result: Result) -> Iterable[str]:
    return HEADER if result.gaussian is None else (*HEADER, "blup", "blup_sd")


def _rows(result: Result, policy: Policy) -> Iterable[Iterable[str]]:
    """Output lines sorted by employee."""
    scores, advice = result.scores, advise(result.scores, policy)
    figures = (scores.raw_mean, scores.score, scores.lo, scores.hi, scores.reliability,
               scores.percentile, scores.p_above, scores.p_below)  # fmt: skip
    found = result.gaussian
    for at, employee in enumerate(scores.employee.tolist()):
        line = [str(employee), str(int(scores.n[at])), str(int(scores.n_excluded[at]))]
        line += [number(float(column[at])) for column in figures]
        line += [str(advice.advice[at]), str(int(advice.award[at])), str(int(advice.guidance[at]))]
        line.append(number(result.fraud.get(employee, 0.0)))
        if found is not None:
            line += [number(float(found.blup[at])), number(float(found.blup_sd[at]))]
        yield line


def _verdicts(data: RatingFile, result: Result) -> Iterable[Iterable[str]]:
    verdicts = result.verdicts
    for identifier, weight, fraud, reasons in zip(
        data.identifiers.tolist(), verdicts.weight.tolist(), verdicts.fraud_score.tolist(),
        verdicts.reasons.tolist(), strict=True,
    ):  # fmt: skip
        yield identifier.decode(), number(weight), number(fraud), reasons


def _write_params(path: Path, result: Result) -> Path:
    temporary = path.with_name(path.name + ".part")
    shown = params_json(result.params) if result.params else json.loads(_gaussian_note(result))
    text = json.dumps(shown, indent=1, sort_keys=True, ensure_ascii=False)
    temporary.write_text(text + "\n", encoding="utf-8")
    return temporary


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
        "alone": list(params.alone),
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
