"""The fairness audit for personnel departments: a report, never an input (section 12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from .data import Advice, Flags, Floats, Ints, Keys, Scores, encode
from .decide import advise
from .policy import Policy

SMALLEST_GROUP = 10
"""Groups below this are not shown: the few could be told."""
FOUR_FIFTHS = 0.8
Z95 = float(ndtri(0.975))


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    lo: float
    hi: float


@dataclass(frozen=True)
class Anchor:
    """A group's gap in a measure that is nobody's opinion, in the measure's own unit;
    `employees`: how many of the group have a value."""

    employees: int
    gap: Estimate


@dataclass(frozen=True)
class GroupReport:
    """One group against all others that are shown. `gap`: difference of adjusted scores (IKM
    points), `raw_gap` of plain means; rates of candidates and their ratios to the others; `flags`:
    what a reader should look at; `anchors`: by name, without those in which too few of the group
    have a value, or of all others."""

    group: str
    employees: int
    gap: Estimate
    raw_gap: float
    award_rate: float
    guidance_rate: float
    award_ratio: Estimate | None
    guidance_ratio: Estimate | None
    flags: tuple[str, ...]
    anchors: dict[str, Anchor]


@dataclass(frozen=True)
class FairnessReport:
    """All shown groups; `suppressed`: number of groups too small to show. A gap alone neither
    proves nor excludes bias, and no constant can remove it (Boring, Ottoboni, Stark 2016)."""

    groups: tuple[GroupReport, ...]
    suppressed: int
    policy_version: str


def audit(
    scores: Scores, groups: Keys | Sequence[str], policy: Policy, advice: Advice | None = None,
    *, anchors: Mapping[str, Floats] | None = None,
) -> FairnessReport:  # fmt: skip
    """Compare groups of employees (parallel to the scores; '' = unknown, left out).

    `advice`: what was advised, where it is not to be worked out anew from these scores.
    `anchors`: objective measures by name, parallel to the scores (minutes of waiting, mistakes
    found by others; NaN = not measured). A gap in scores without one in such a measure asks for
    another explanation than the work itself. Of each measure only groups with ten values or more
    are compared, with each other: the few of a small one cannot be worked out either.

    A group is held against the shown ones only: were the few of a small group among "the others",
    they could be worked out from what is printed. Employees without any counted rating stay out
    of the gaps. Intervals of gaps are those of Welch; ratios are on the log scale with half a case
    added.
    """
    codes, keys = encode(np.asarray([str(key) for key in groups], dtype=object))
    advice = advice or advise(scores, policy)
    known = keys != ""
    large = known & (np.bincount(codes, minlength=len(keys)) >= SMALLEST_GROUP)
    told = large[codes]
    compared = {
        name: (value, _enough(value, codes, large)) for name, value in (anchors or {}).items()
    }
    shown = [
        _report(
            str(keys[place]),
            codes == place,
            told & (codes != place),
            scores,
            advice,
            anchors=compared,
        )
        for place in np.flatnonzero(large)
        if large.sum() > 1
    ]
    return FairnessReport(tuple(shown), int((known & ~large).sum()), policy.version)


def _report(
    key: str, mine: Flags, others: Flags, scores: Scores, advice: Advice,
    *, anchors: Mapping[str, tuple[Floats, Flags]],
) -> GroupReport:  # fmt: skip
    rated = scores.n > 0
    gap = gap_between(scores.score, mine & rated, others & rated)
    raw = scores.raw_mean
    raw_gap = float(np.nanmean(raw[mine & rated]) - np.nanmean(raw[others & rated]))
    award_ratio = rate_ratio(advice.award, mine, others)
    guidance_ratio = rate_ratio(advice.guidance, mine, others)
    flags = []
    if gap.lo > 0 or gap.hi < 0:
        flags.append("gap")
    if award_ratio is not None and award_ratio.value < FOUR_FIFTHS:
        flags.append("award_below_four_fifths")
    if guidance_ratio is not None and guidance_ratio.value > 1 / FOUR_FIFTHS:
        flags.append("guidance_above_five_fourths")
    return GroupReport(
        key, int(mine.sum()), gap, raw_gap, float(advice.award[mine].mean()),
        float(advice.guidance[mine].mean()), award_ratio, guidance_ratio, tuple(flags),
        {
            name: Anchor(int((mine & who).sum()), gap_between(value, mine & who, others & who))
            for name, (value, who) in anchors.items()
            if (mine & who).any() and (others & who).any()
        },
    )  # fmt: skip


def _enough(value: Floats, codes: Ints, large: Flags) -> Flags:
    """Whose values are compared: those of shown groups in which enough people have one."""
    measured = large[codes] & np.isfinite(value)
    often = np.bincount(codes[measured], minlength=len(large))
    return measured & (often >= SMALLEST_GROUP)[codes]


def gap_between(value: Floats, mine: Flags, others: Flags) -> Estimate:
    """Difference of two means with its 95 % interval (Welch, normal quantile)."""
    a, b = value[mine], value[others]
    if len(a) < 2 or len(b) < 2:
        return Estimate(float("nan"), float("-inf"), float("inf"))
    gap = float(a.mean() - b.mean())
    half = Z95 * float(np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)))
    return Estimate(gap, gap - half, gap + half)


def rate_ratio(case: Flags, mine: Flags, others: Flags) -> Estimate | None:
    """Rate among mine over rate among the others, with a 95 % interval on the log scale; None
    when nobody at all is a case."""
    x, y = float(case[mine].sum()), float(case[others].sum())
    if x + y == 0:
        return None
    n, m = float(mine.sum()), float(others.sum())
    x, y = x + 0.5, y + 0.5
    ratio = (x / (n + 0.5)) / (y / (m + 0.5))
    half = Z95 * float(np.sqrt(max(1 / x - 1 / (n + 0.5) + 1 / y - 1 / (m + 0.5), 0.0)))
    return Estimate(ratio, float(ratio * np.exp(-half)), float(ratio * np.exp(half)))


def group_means(values: Sequence[float | None], groups: Sequence[str]) -> dict[str, Estimate]:
    """Mean of each group ('' = unknown, left out) with its 95 % interval, employees being the
    unit; those without a value stay out, groups too small to show too."""
    of_group: dict[str, list[float]] = {}
    for value, group in zip(values, groups, strict=True):
        if group and value is not None:
            of_group.setdefault(group, []).append(value)
    out = {}
    for name, own in sorted(of_group.items()):
        chosen = np.array(own)
        if len(chosen) >= SMALLEST_GROUP:
            half = Z95 * float(chosen.std(ddof=1) / np.sqrt(len(chosen)))
            centre = float(chosen.mean())
            out[name] = Estimate(centre, centre - half, centre + half)
    return out


def halo(answers: Floats) -> Floats:
    """Correlations between the answer columns of complete forms (n, K), (K, K): near 1, single
    elements say nothing of their own and deserve no awards. NaN for fewer than three forms."""
    columns = answers.shape[1]
    if len(answers) < 3:
        return np.full((columns, columns), np.nan)
    values = answers.astype(float)
    spread = values.std(axis=0)
    centred = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return np.asarray(centred.T @ centred / len(values))
