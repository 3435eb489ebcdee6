"""Figures and evidence as rows of the result tables."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib.metadata import version
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np

from portal import scoring
from portal.db import new_id
from portal.ratings.models import CHANNELS
from portal.records.appraisal import POINTS, Figures, Plan, Setting, Weighed
from portal.records.bulk import PIECE, Rows
from portal.records.companions import Companions, groups, values
from portal.records.policies import AgencyPolicy
from portal.records.reading import Evidence, Flags, Ints
from portal.scoring import cells as counting

Row = dict[str, Any]


def fingerprint(folder: Path) -> str:
    """Eight hexadecimal characters that change with any line of the modules in a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:8]


@cache
def engine_version() -> str:
    """Which program weighs and scores: the package's version and the engine's own text."""
    return f"{version('suara-loket')}+{fingerprint(Path(scoring.__file__).parent)}"


@cache
def code_version() -> str:
    """All that figures depend on besides their input: the engine and what it computes with."""
    return f"{engine_version()} np{version('numpy')} sp{version('scipy')}"


VERDICT = ("rating_id", "release", "joined", "weight", "fraud_score", "reasons", "engine")


def verdict_rows(
    evidence: Evidence, chosen: Plan, weighed: Weighed, *, key: Row, number: int, engine: str
) -> Rows:
    """Verdicts that are new or changed, for `verdict`."""
    changed = (weighed.weight != evidence.weight) | (weighed.reasons != evidence.reasons)
    rows = np.flatnonzero(chosen.weighed & (chosen.joining | changed))
    joined = np.where(chosen.joining, number, evidence.joined)

    def some(part: Ints) -> Iterator[tuple[Any, ...]]:
        return zip(
            *map(repeat, key.values()),
            evidence.id[part].astype("U32").tolist(),
            repeat(number),
            joined[part].tolist(),
            weighed.weight[part].tolist(),
            weighed.fraud_score[part].tolist(),
            weighed.reasons[part].tolist(),
            repeat(engine),
            strict=False,
        )

    # Some at a time: as Python's numbers and texts all of them would take five times the memory.
    parts = (rows[start : start + PIECE] for start in range(0, len(rows), PIECE))
    return Rows((*key, *VERDICT), chain.from_iterable(map(some, parts)))


def run_row(
    figures: Figures,
    policy: AgencyPolicy,
    setting: Setting,
    *,
    key: Row,
    kind: str,
    number: int,
    now: datetime,
) -> Row:
    """A run with all that is needed to repeat it, whatever is changed later."""
    return {
        **key,
        "id": new_id(),
        "kind": kind,
        "release": number,
        "parameters": {
            "model": figures.params.to_dict(),
            "policy": setting.policy.to_dict(),
            "policy_digest": setting.policy.digest,
            "fit_failed": figures.fit_failed,
            "hours": setting.hours.to_dict(),
            "funnel": asdict(scoring.funnel(figures.params)),
            "past": None if (past := figures.carried.sources) is None else past.to_dict(),
        },
        "policy_version": policy.version,
        "code_version": code_version(),
        "input_digest": figures.input_digest,
        "set_aside": figures.set_aside,
        "as_of": now,
    }


FIGURES = ("score", "lo", "hi", "reliability", "percentile", "p_above", "p_below")


def score_rows(
    figures: Figures, beside: Companions, policy: scoring.Policy, *, key: Row, people: Ints
) -> Iterator[Row]:
    """One row for each employee who moves."""
    asked = scoring.asked_of_awards(figures.scores.periods, policy)
    for place in np.searchsorted(figures.scores.employee, people).tolist():
        employee = int(figures.scores.employee[place])
        row = figures_at(figures, place)
        causes = beside.other_causes.get(employee, {})
        yield {
            **key,
            "employee_id": employee,
            **row,
            "other_causes": sum(causes.values()),
            "detail": json.dumps(
                {
                    **_explanation(figures, place),
                    "standards": [policy.guidance_standard, policy.award_standard],
                    "least": [policy.min_ratings, policy.min_reliability],
                    "award_certainty": float(asked[place]),
                    "services": beside.services.get(employee, []),
                    "other_causes": causes,
                    "with_others": beside.with_others.get(employee),
                    "faces": beside.faces.get(employee, [0] * POINTS),
                }
            ),
        }


def figures_at(figures: Figures, place: int) -> Row:
    """What the engine says of one employee: the columns of `score`."""
    scores = figures.scores
    mean = float(scores.raw_mean[place])
    return {
        "counted": int(scores.n[place]),
        "set_aside": int(scores.n_excluded[place]),
        "raw_mean": None if np.isnan(mean) else mean,
        **{name: float(getattr(scores, name)[place]) for name in FIGURES},
        "advice": str(figures.advice.advice[place]),
    }


def carried_at(figures: Figures, place: int) -> Row:
    """What is left to the next period, and what the last one says here: parts of `score.detail`."""
    carried, past = figures.carried, None
    if carried.sources is not None and carried.share[place] > 0:
        past = {
            "period": carried.sources.period,
            "share": float(carried.share[place]),
            "fell": bool(carried.fell[place]),
            "warned": bool(carried.warned[place]),
        }
    left = carried.left
    kept = [float(left.centre[place]), float(left.precision[place]), int(carried.office[place])]
    return {"carried": kept, "past": past}


def _explanation(figures: Figures, place: int) -> Row:
    steps = figures.steps
    needed = int(steps.needed[place])
    excluded = {
        reason: int(number[place])
        for reason, number in figures.cells.excluded.items()
        if number[place]
    }
    return {
        "steps": [
            float(getattr(steps, name)[place])
            for name in ("start", "excluded", "circumstances", "caution", "past")
        ],
        **carried_at(figures, place),
        "percentile": _percentile_at(figures.scores, place),
        "needed": None if needed < 0 else needed,
        "needed_shared": bool(steps.shared[place]),
        "apart": {
            "services": bool(steps.apart.services[place]),
            "channels": bool(steps.apart.channels[place]),
        },
        "what_if": {
            name: float(getattr(steps, f"what_if_{name}")[place])
            for name in ("score", "lo", "hi", "p_above")
        },
        "reasons": excluded,
    }


def _percentile_at(scores: scoring.Scores, place: int) -> list[float]:
    """The ends of its interval."""
    ends = (scores.percentile_lo, scores.percentile_hi)
    return [float(end[place]) for end in ends if end is not None]


HISTOGRAM = ("agency_id", "period", "employee_id", "office_id", "service_id", "channel",
             "instrument", "bins")  # fmt: skip


def histogram_rows(
    evidence: Evidence, rows: Flags, *, key: Row, personal: bool
) -> dict[int, list[tuple[Any, ...]]]:
    """Counts of answers as rows of `histogram`, by employee (0: nobody), in order of their key."""
    chosen = evidence.select(rows)
    employee = chosen.employee if personal else np.zeros(len(chosen), dtype=np.int64)
    which, place = _instrument(chosen)
    layout = counting.instruments(chosen.answers.shape[1], POINTS, has_face=True)
    found, group = groups(employee, chosen.office, chosen.service, chosen.channel, which)
    width = max(item.bins for item in layout)
    bins = np.bincount(group * width + place, minlength=len(found) * width).reshape(-1, width)
    who, office, service, channel, kind = found.T.tolist()
    made = list(
        zip(
            repeat(key["agency_id"]),
            repeat(key["period"]),
            who,
            office,
            service,
            map(CHANNELS.__getitem__, channel),
            (layout[at].name for at in kind),
            # Whole numbers: what Python writes of them is JSON.
            (
                str(counts[: layout[at].bins])
                for at, counts in zip(kind, bins.tolist(), strict=True)
            ),
            strict=False,
        )
    )
    people, first = np.unique(found[:, 0], return_index=True)
    ends = [*first.tolist(), len(made)][1:]
    return {
        person: made[start:end]
        for person, start, end in zip(people.tolist(), first.tolist(), ends, strict=True)
    }


def _instrument(evidence: Evidence) -> tuple[Ints, Ints]:
    answers = evidence.answers.astype(np.int64)
    complete = (answers > 0).all(axis=1)
    place: Ints = np.where(
        complete, answers.sum(axis=1) - answers.shape[1], answers[:, 0] - 1
    ).astype(np.int64)
    return np.asarray(complete, dtype=np.int64), place


def office_rows(evidence: Evidence, judged: Flags, weighed: Weighed, key: Row) -> list[Row]:
    """What each office heard: every rating with a verdict, those set aside told apart."""
    chosen = evidence.select(judged)
    counted = weighed.final[judged] > 0
    offices, place = np.unique(chosen.office, return_inverse=True)
    bins = np.zeros((len(offices), POINTS), dtype=np.int64)
    np.add.at(bins, (place[counted], chosen.answers[counted, 0].astype(np.int64) - 1), 1)
    total = np.bincount(place, weights=values(chosen.answers) * counted, minlength=len(offices))
    number = np.bincount(place[counted], minlength=len(offices))
    aside = np.bincount(place[~counted], minlength=len(offices))
    return [
        {
            **key,
            "office_id": office,
            "counted": int(number[at]),
            "set_aside": int(aside[at]),
            "mean": float(total[at] / number[at]) if number[at] else None,
            "bins": json.dumps(bins[at].tolist()),
        }
        for at, office in enumerate(offices.tolist())
    ]
