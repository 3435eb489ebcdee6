"""`portal score` as an operator types it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli import main

HEADER = "rating_id,employee,office,service,channel,period,rater,submitted_at,counter,overall"
ROW = "r1,ani,o,ktp,poster,2026-Q4,,2026-10-05T09:00:00+07:00,1,4"


def score(folder: Path, *rows: str, more: tuple[str, ...] = ()) -> Result:
    ratings = folder / "ratings.csv"
    ratings.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    given = ["score", "--ratings", str(ratings), "--out", str(folder / "scores.csv"), *more]
    return CliRunner().invoke(main, given)


def test_scores_are_written_and_nothing_is_said(tmp_path: Path) -> None:
    found = score(tmp_path, ROW)
    assert (found.exit_code, found.output) == (0, "")
    assert (tmp_path / "scores.csv").read_text().startswith("employee,n,")


def test_a_bad_row_is_told_by_file_line_and_column(tmp_path: Path) -> None:
    found = score(tmp_path, ROW, ROW.replace(",4", ",7"))
    assert found.exit_code == 2
    assert "ratings.csv: line 3, column overall: '7' is no whole number" in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["ratings.csv"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--award-standard", "70", "--guidance-standard", "80"), "must be below"),
        (("--grid", "5"), "--grid"),
        (("--grid", "100000"), "--grid"),
        (("--points", "6"), "--points"),
        (("--award-standard", "101"), "--award-standard"),
        (("--fraud-out", "{folder}/scores.csv"), "named twice"),
        (("--params-out", "{folder}/../{name}/ratings.csv"), "named twice"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    tmp_path: Path, more: tuple[str, ...], said: str
) -> None:
    given = tuple(text.format(folder=tmp_path, name=tmp_path.name) for text in more)
    found = score(tmp_path, ROW, more=given)
    assert found.exit_code == 2
    assert said in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["ratings.csv"]
    assert ROW in (tmp_path / "ratings.csv").read_text()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = score(tmp_path, ROW, more=("--fraud-out", str(tmp_path / "no" / "fraud.csv")))
    assert found.exit_code == 1
    assert "fraud.csv" in found.stderr
    assert not (tmp_path / "scores.csv").exists()


def test_the_gaussian_model_of_nothing_is_told(tmp_path: Path) -> None:
    found = score(tmp_path, more=("--model", "gaussian"))
    assert found.exit_code == 1
    assert "Error: " in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["ratings.csv"]


def test_a_period_of_which_nothing_counts_is_told(tmp_path: Path) -> None:
    found = score(tmp_path, ROW, more=("--period", "2031-Q1"))
    assert found.exit_code == 0
    assert "no rating of 2031-Q1 counts" in found.stderr
