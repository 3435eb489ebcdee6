"""`portal score` and `portal simulate`: the engine on files, without a database."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import click
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import TaskID

from portal.scoring import BadPolicy, NotConverged, NothingToCompare, NothingToFit
from portal.scoring.command import Progress, ScoreOptions, in_silence, score_files
from portal.scoring.files import BadInput
from portal.scoring.simulate_command import simulate_files

_IN = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
_STANDARD = click.FloatRange(25, 100)


@click.command("score")
@click.option("--ratings", type=_IN, required=True, help="CSV, one line a rating.")
@click.option("--out", type=_OUT, required=True, help="CSV to write, one line an employee.")
@click.option("--fraud-out", type=_OUT, help="CSV to write, one line a rating: weight, reasons.")
@click.option("--params-out", type=_OUT, help="JSON to write: what was fitted.")
@click.option("--points", type=click.Choice(["4", "5"]), default="4", help="Of the answers.")
@click.option(
    "--model",
    type=click.Choice(["ordinal", "gaussian"]),
    default="ordinal",
    show_default=True,
    help="gaussian is the classical mixed model, for comparison.",
)
@click.option(
    "--target-service-mix",
    type=click.Choice(["national", "own"]),
    default="national",
    show_default=True,
    help="At which shares of services everybody is compared.",
)
@click.option("--award-standard", type=_STANDARD, metavar="IKM", help="Instead of the policy's.")
@click.option("--guidance-standard", type=_STANDARD, metavar="IKM", help="Instead of the policy's.")
@click.option("--period", help="Score this period; earlier ones are its past, later ones unseen.")
@click.option(
    "--grid", type=click.IntRange(21, 2001), metavar="G", help="Points of the ability grid."
)
@click.option(
    "--rater-severity",
    type=click.Choice(["off", "eligible", "all"]),
    default="off",
    show_default=True,
    help="Allow for strict and lenient raters.",
)
@click.option("--no-integrity", is_flag=True, help="Every rating weighs 1.")
@click.option("--no-overdispersion", is_flag=True, help="No allowance for unmodelled variation.")
@click.option("--plain", is_flag=True, help="Both, and unpenalised effects: to check the fit.")
def score(
    *,
    ratings: Path,
    out: Path,
    fraud_out: Path | None,
    params_out: Path | None,
    points: str,
    model: Literal["ordinal", "gaussian"],
    target_service_mix: Literal["national", "own"],
    award_standard: float | None,
    guidance_standard: float | None,
    period: str | None,
    grid: int | None,
    rater_severity: Literal["off", "eligible", "all"],
    no_integrity: bool,
    no_overdispersion: bool,
    plain: bool,
) -> None:
    """Score the employees in a file of ratings, without a database.

    Columns: rating_id, employee, office, service, channel, period, rater, submitted_at, counter,
    one e_NAME for each element, optionally overall and network. Bad lines are told with number
    and column, exit status 2, and nothing is written.
    """
    options = ScoreOptions(
        points=int(points),
        model=model,
        mix=target_service_mix,
        award_standard=award_standard,
        guidance_standard=guidance_standard,
        period=period,
        grid=grid,
        rater_severity=rater_severity,
        integrity=not no_integrity,
        overdispersion=not no_overdispersion,
        plain=plain,
    )
    _all_different(ratings, out, fraud_out, params_out)
    try:
        with _stages() as progress:
            report = score_files(
                ratings, out, fraud_path=fraud_out, params_path=params_out, options=options,
                progress=progress, threads=os.cpu_count() or 1,
            )  # fmt: skip
    except BadInput as error:
        click.echo(f"{ratings}: {error}", err=True)
        raise click.exceptions.Exit(2) from None
    except BadPolicy as error:
        raise click.UsageError(str(error)) from None
    except (NothingToFit, NothingToCompare, NotConverged, OSError) as error:
        raise click.ClickException(str(error)) from None
    if report.note is not None:
        click.echo(report.note, err=True)


def _all_different(*files: Path | None) -> None:
    """A result must not overwrite the ratings or another result."""
    given = [file.resolve() for file in files if file is not None]
    for file in given:
        if given.count(file) > 1:
            raise click.UsageError(f"{file} is named twice: each file needs a name of its own")


@contextmanager
def _stages() -> Iterator[Progress]:
    """A bar for each stage of the work on a terminal; silence in a pipe or a log."""
    if not sys.stderr.isatty():
        yield in_silence
        return
    with Bar(console=Console(stderr=True), transient=True) as bar:
        begun: dict[str, TaskID] = {}

        def tell(stage: str, share: float | None) -> None:
            if stage not in begun:
                for earlier in begun.values():
                    bar.update(earlier, completed=1, total=1)
                begun[stage] = bar.add_task(stage, total=None if share is None else 1)
            bar.update(begun[stage], completed=share or 0)

        yield tell


@click.command("simulate")
@click.option("--out", type=_OUT, required=True, help="CSV of ratings to write, for portal score.")
@click.option(
    "--truth", type=_OUT,
    help="CSV to write: what is true of each employee; of ratings and services beside it.",
)  # fmt: skip
@click.option("--employees", type=click.IntRange(2), help="How many people serve.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same bytes.")
def simulate(out: Path, truth: Path | None, employees: int | None, seed: int) -> None:
    """Write the ratings of an invented city whose truth is known, to try the engine on it."""
    try:
        with Console(stderr=True).status("Inventing a city"):
            written = simulate_files(out, truth, employees=employees, seed=seed)
    except OSError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{written} ratings.", err=True)
