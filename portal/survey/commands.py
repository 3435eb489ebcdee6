"""`portal skm`: the satisfaction index from a file, and whether a published figure follows."""

import json
from decimal import Decimal
from pathlib import Path

import click

from portal.survey import files, index

_MOST_PROBLEMS_SHOWN = 20
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


class _Number(click.ParamType[Decimal]):
    """An index as printed, 25 to 100, with a decimal point or comma."""

    name = "number"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """The number with the decimals it was printed with, since they tell how exact it is."""
        try:
            published = files.number(str(value).strip())
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not index.PER_POINT <= published <= 100:
            self.fail(f"{value} is not an index from 25 to 100", param, ctx)
        return published


@click.command("skm")
@click.option("--answers", type=_FILE, help="CSV: one row per respondent, one column per unsur.")
@click.option("--means", type=_FILE, help="CSV: the unsur as header, one row with their means.")
@click.option(
    "--scale",
    type=click.Choice(list(files.SCALES)),
    default="1-4",
    show_default=True,
    help="How the file counts; 0-100 is a mean x 25.",
)
@click.option(
    "--weights",
    type=click.Choice(index.WEIGHTS),
    default=index.EXACT,
    show_default=True,
    help="exact is 1/n; the others repeat how old reports rounded 1/9.",
)
@click.option("--published", type=_Number(), help="An index to check against the file.")
def skm(
    answers: Path | None, means: Path | None, scale: str, weights: str, published: Decimal | None
) -> None:
    """Compute the satisfaction index (IKM, PermenPANRB 14/2017) of a unit, as JSON.

    The nine unsur are called persyaratan, prosedur, waktu, biaya, produk, kompetensi,
    perilaku, sarana, pengaduan; a unit may leave out or add some (4 to 16 in all).
    """
    try:
        results = _read(answers, means, scale)
        report = _report(results, weights, published)
    except files.BadFile as error:
        _refuse(str(answers or means), error.problems)
    except index.WeightsDoNotApply as error:
        raise click.UsageError(str(error)) from None
    if {"U8", "U9"} & {unsur.upper() for unsur in results.means}:
        click.echo(
            "Warning: U8 and U9 change places between the questionnaire and the regulation's list;"
            " name the columns (sarana, pengaduan).",
            err=True,
        )
    click.echo(json.dumps(report, indent=2, ensure_ascii=False))


def _read(answers: Path | None, means: Path | None, scale: str) -> files.Results:
    if answers is not None and means is None:
        return files.read_answers(answers, scale)
    if means is not None and answers is None:
        return files.read_means(means, scale)
    raise click.UsageError("give one file: --answers FILE.csv or --means FILE.csv")


def _report(
    results: files.Results, weights: str, published: Decimal | None
) -> dict[str, float | int | str | bool | None]:
    value = index.ikm(results.means, weights)
    report: dict[str, float | int | str | bool | None] = {
        "ikm": float(index.half_up(value)),
        "grade": index.grade(value),
        "respondents": results.respondents,
    }
    report |= {unsur: float(index.half_up(nrr, 6)) for unsur, nrr in results.means.items()}
    if published is not None:
        report["matches"] = index.reproduces(results.means, published, weights)
        report["explained_by"] = index.explain(results.means, published, weights)
    return report


def _refuse(name: str, problems: list[str]) -> None:
    """Every problem on its own line, then exit status 2."""
    for problem in problems[:_MOST_PROBLEMS_SHOWN]:
        click.echo(f"{name}: {problem}", err=True)
    hidden = len(problems) - _MOST_PROBLEMS_SHOWN
    if hidden > 0:
        click.echo(f"{name}: and {hidden} more", err=True)
    raise click.exceptions.Exit(2)
