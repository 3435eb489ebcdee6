"""What benchmarks.scoring_evidence writes: tables in Markdown of what it found."""

import argparse
import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from portal.scoring import Policy

Floats = NDArray[np.float64]
BANDS = ((1, 15), (16, 30), (31, 60), (61, 120), (121, 100_000))
FALSE_SHARES = (0.03, 0.05)
RESAMPLES = 1000
LISTS = (
    ("fA: names for an award that are wrong", "false_awards", "awards"),
    ("pwA: of those who deserve one, named", "found", "deserving"),
    ("fG: names for guidance that are wrong", "false_guided", "guided"),
    ("pwG: of those who need it, named", "met", "needing"),
)


@dataclasses.dataclass
class Sure:
    """Of one city: how surely each is above the award standard, who truly is, who is named."""

    surety: Floats
    deserve: NDArray[np.bool_]
    award: NDArray[np.bool_]


def power_at(names: list[Sure], false_share: float) -> tuple[float, int]:
    """Share of the deserving who are named when the certainty asked for is set so that, pooled
    over all cities, this share of the names is false; and how many are named."""
    surety = np.concatenate([one.surety for one in names])
    deserve = np.concatenate([one.deserve for one in names])
    order = np.argsort(-surety, kind="stable")
    order = order[surety[order] > 0.5]
    wrong = np.cumsum(~deserve[order]) / np.arange(1, len(order) + 1)
    fits = np.flatnonzero(wrong <= false_share)
    named = int(fits[-1]) + 1 if len(fits) else 0
    return float(deserve[order[:named]].sum() / deserve.sum()), named


def power_between(
    ours: list[Sure], theirs: list[Sure], false_share: float | None
) -> tuple[float, float, float]:
    """Difference of the shares of the deserving found, with its 95 % interval by drawing cities
    anew, the same for both. At one share of false names, the certainty set anew in each draw; or,
    without one, at the rules as they are."""

    def power(sure: list[Sure], chosen: list[int]) -> float:
        drawn = [sure[at] for at in chosen]
        if false_share is not None:
            return power_at(drawn, false_share)[0]
        award, deserve = (
            np.concatenate([getattr(one, name) for one in drawn]) for name in ("award", "deserve")
        )
        return float((award & deserve).sum() / deserve.sum())

    cities, rng = len(ours), np.random.default_rng(0)
    draws = [rng.integers(0, cities, cities).tolist() for _ in range(RESAMPLES)]
    found = [power(ours, draw) - power(theirs, draw) for draw in draws]
    whole = list(range(cities))
    lo, hi = np.quantile(found, [0.025, 0.975])
    return power(ours, whole) - power(theirs, whole), float(lo), float(hi)


def report_power(sure: dict[str, list[Sure]]) -> list[str]:
    """Awards at equal shares of false names, in Markdown."""
    head = "".join(f" pwA at fA = {share} | names |" for share in FALSE_SHARES)
    lines = ["", "## Awards at equal shares of false names", "",
             "The certainty is set, for each method, so that over all these cities so many of its "
             "names are false: the longest list that fits, which favours every method a "
             "little.", "", f"| method |{head}",
             "|---|" + "---|---|" * len(FALSE_SHARES)]  # fmt: skip
    for name, pairs in sure.items():
        cells = [f"{found:.3f} | {named}" for found, named in (
            power_at(pairs, share) for share in FALSE_SHARES)]  # fmt: skip
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    ours = next(pairs for name, pairs in sure.items() if name.startswith("**"))
    lines += ["", "The engine minus the document's recipe, the same cities drawn anew for both "
              f"({RESAMPLES:,} times):", "", "| | difference in pwA | 95 % interval |",
              "|---|---|---|"]  # fmt: skip
    for share in (None, *FALSE_SHARES):
        where = "each by its own rules" if share is None else f"at fA = {share}"
        middle, lo, hi = power_between(ours, sure["the document's recipe"], share)
        lines.append(f"| {where} | {middle:+.3f} | {lo:+.3f} to {hi:+.3f} |")
    return lines


def figures(row: dict[str, float], seeds: int) -> dict[str, float]:
    """Pooled figures of one method."""

    def share(a: str, b: str) -> float:
        return row[a] / row[b] if row.get(b) else float("nan")

    out = {
        "rmse": share("square", "rated") ** 0.5,
        "honest": share("honest_square", "honest_n") ** 0.5,
        "few": share("few_square", "few_n") ** 0.5, "spearman": row["spearman"] / seeds,
        "cover": share("inside", "rated") if "inside" in row else float("nan"),
        "cover_honest": share("inside_honest", "honest_n") if "inside" in row else float("nan"),
        "fA": share("false_awards", "awards"), "pwA": share("found", "deserving"),
        "fG": share("false_guided", "guided"), "pwG": share("met", "needing"),
        "service": row["service"] / seeds,
    }  # fmt: skip
    for least, _ in BANDS:
        if f"of_{least}" in row:
            out[f"cover_{least}"] = share(f"in_{least}", f"of_{least}")
            if f"fine_{least}" in row:
                out[f"fine_{least}"] = share(f"fine_{least}", f"of_{least}")
    for role in ("attacked", "careless_stuffer", "careful_stuffer", "coach", "ticket_picker"):
        out[f"bias_{role}"] = share(f"bias_{role}", f"n_{role}")
    return out


def report(
    table: dict[str, dict[str, float]],
    detector: dict[str, Any],
    given: argparse.Namespace,
    first: int,
) -> list[str]:
    """The tables of the ordinary city in Markdown."""
    rows = {name: figures(row, given.seeds) for name, row in table.items()}
    lines = [
        "# Scoring: evidence", "",
        f"{given.seeds} simulated cities of {given.employees} employees each (seeds {first} "
        f"to {first + given.seeds - 1}), one year, default policy, G = {given.grid}. Made by",
        "", f"    python -m benchmarks.scoring_evidence --seeds {given.seeds} --employees "
        f"{given.employees} --shapes {given.shapes} --write FILE.md", "",
        "IKM points. fA, fG: share of false names among award and guidance candidates; pwA, pwG: "
        "share of the truly deserving found; error x service: correlation of the error with the "
        "difficulty of one's services (0 is fair to rosters). Pooled over all cities.", "",
        "| method | RMSE | honest staff | n <= 30 | Spearman | coverage | fA | pwA | fG | pwG | "
        "error x service |", "|---|---|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, f in rows.items():
        cells = [show(f["rmse"], 2), show(f["honest"], 2), show(f["few"], 2), show(f["spearman"]),
                 show(f["cover"]), show(f["fA"]), show(f["pwA"]), show(f["fG"]), show(f["pwG"]),
                 show(f["service"], 2)]  # fmt: skip
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    best = next(name for name in rows if name.startswith("**"))
    ours, sums, raw = rows[best], table[best], rows["raw mean"]
    lines += ["", "## Coverage of the engine's 95 % intervals, honest staff", "",
              "| ratings | " + " | ".join(f"{a} to {b}" if b < 10_000 else f"over {a - 1}"
                                          for a, b in BANDS) + " |",
              "|---|" + "---|" * len(BANDS),
              "| coverage | " + " | ".join(show(ours[f"cover_{a}"]) for a, _ in BANDS) + " |",
              "| 95 % interval of it | " + " | ".join(
                  between(sums[f"in_{a}"], sums[f"of_{a}"]) for a, _ in BANDS) + " |",
              "| at twice the grid | " + " | ".join(show(ours[f"fine_{a}"]) for a, _ in BANDS)
              + " |", *report_lists(sums),
              "", "## Bias by role (IKM points)", "",
              "| role | raw mean | the engine |", "|---|---|---|"]  # fmt: skip
    for role in ("attacked", "careless_stuffer", "careful_stuffer", "coach", "ticket_picker"):
        key = f"bias_{role}"
        lines.append(f"| {role.replace('_', ' ')} | {show(raw[key], 1)} | {show(ours[key], 1)} |")
    lines += ["", "## The detector", "",
              f"Rating-level AUC {show(detector['auc'])}; of the ratings set aside "
              f"{show(detector['precision'])} were forged; of the forged "
              f"{show(detector['recall'])} were set aside; of the honest "
              f"{show(detector['honest'], 5)} were set aside, of the honest twos "
              f"{show(detector['honest_twos'], 5)}.", "",
              f"Groups of telephones in the last quarter: {show(detector['blocks'], 1)} a city (no "
              f"more than {Policy().blocks_told} are told); of their ratings "
              f"{show(detector['in_blocks'])} were forged. In the same quarters without the forged "
              f"ratings: {show(detector['honest_blocks'], 2)} a city.", ""]  # fmt: skip
    return lines


def report_lists(sums: dict[str, float]) -> list[str]:
    """How sure the shares of the engine's lists are, in Markdown."""
    lines = ["", "## The engine's lists", "", "| | | share | 95 % interval |", "|---|---|---|---|"]
    for name, part, whole in LISTS:
        of = f"{sums[part]:,.0f} of {sums[whole]:,.0f}"
        share = show(sums[part] / sums[whole])
        lines.append(f"| {name} | {of} | {share} | {between(sums[part], sums[whole])} |")
    return lines


def between(part: float, whole: float) -> str:
    """The exact 95 % interval of a share (Clopper & Pearson 1934, Biometrika 26)."""
    lo, hi = stats.binomtest(round(part), round(whole)).proportion_ci()
    return f"{lo:.3f} to {hi:.3f}"


def show(value: float, digits: int = 3) -> str:
    """A figure of a table; a dash where there is none."""
    return "-" if np.isnan(value) else f"{value:.{digits}f}"


def report_shapes(table: dict[str, dict[str, float]], seeds: int) -> list[str]:
    """What the engine is worth elsewhere, in Markdown."""
    lines = [
        "## Other cities", "",
        f"{seeds} draws of each, the engine alone; coverage is that of honest staff, lowest and "
        "highest band with at least 100 people.", "",
        "| city | RMSE | Spearman | coverage | bands | fA | pwA | fG | pwG | error x service |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, row in table.items():
        f = figures(row, seeds)
        bands = [f[f"cover_{least}"] for least, _ in BANDS if row[f"of_{least}"] >= 100]
        cells = [show(f["rmse"], 2), show(f["spearman"]), show(f["cover_honest"]),
                 f"{min(bands):.3f} to {max(bands):.3f}", show(f["fA"]), show(f["pwA"]),
                 show(f["fG"]), show(f["pwG"]), show(f["service"], 2)]  # fmt: skip
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return [*lines, ""]
