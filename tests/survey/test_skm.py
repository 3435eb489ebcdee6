"""`portal skm` on files: what it prints, and what it says of files it cannot read."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portal.survey.commands import skm
from portal.survey.index import NINE_UNSUR

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parent / "skm_cases.json").read_text("utf-8"))
}
QUESTIONNAIRE = dict(zip((f"U{n}" for n in range(1, 10)), NINE_UNSUR, strict=True))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(skm, [str(argument) for argument in arguments])


def report(*arguments: object) -> dict[str, Any]:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def write(tmp_path):
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "survey.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def gaspul(write):
    """29 respondents, rebuilt from the published answer frequencies."""
    columns = {
        QUESTIONNAIRE[unsur]: [answer for answer, people in counts.items() for _ in range(people)]
        for unsur, counts in CASES["gaspul_triwulan_iii_29"]["answer_frequencies"].items()
    }
    rows = zip(*columns.values(), strict=True)
    return write("\n".join([",".join(columns), *(",".join(row) for row in rows)]) + "\n")


@pytest.fixture
def means_file(write):
    def means_file(name: str, ninth: str = "sarana") -> Path:
        values = CASES[name]["unsur"]
        keys = [ninth if QUESTIONNAIRE[u] == "sarana" else QUESTIONNAIRE[u] for u in values]
        return write(",".join(keys) + "\n" + ",".join(map(str, values.values())) + "\n")

    return means_file


def test_answers_give_index_grade_respondents_and_the_mean_of_each_unsur(gaspul):
    result = report("--answers", gaspul)
    published = CASES["gaspul_triwulan_iii_29"]
    assert (result["ikm"], result["grade"], result["respondents"]) == (91.48, "A", 29)
    assert set(result) == {"ikm", "grade", "respondents", *NINE_UNSUR}
    for unsur, mean in published["unsur"].items():
        assert round(result[QUESTIONNAIRE[unsur]], 4) == mean


def test_gaspul_is_explained_by_weights_of_011(gaspul):
    plain = report("--answers", gaspul, "--published", "90.56")
    assert (plain["ikm"], plain["matches"], plain["explained_by"]) == (91.48, False, "0.11")
    as_printed = report("--answers", gaspul, "--published", "90.56", "--weights", "0.11")
    assert (as_printed["ikm"], as_printed["matches"]) == (90.56, True)
    assert as_printed["explained_by"] == "0.11"


def test_an_exact_published_index_matches(gaspul):
    result = report("--answers", gaspul, "--published", "91,48")
    assert (result["matches"], result["explained_by"]) == (True, "exact")


def test_pekalongan_is_explained_by_weights_of_0111(means_file):
    path = means_file("pekalongan_kab_dukcapil_2021")
    result = report("--means", path, "--scale", "0-100", "--published", "90.65")
    assert (result["ikm"], result["grade"], result["respondents"]) == (90.74, "A", None)
    assert (result["matches"], result["explained_by"]) == (False, "0.111")
    assert result["biaya"] == 4
    assert result["waktu"] == 3.004


def test_west_sumatras_published_index_does_not_follow_from_its_own_table(means_file):
    path = means_file("sumbar_dpmptsp_sem1", ninth="pungutan tidak resmi")
    for weights, ikm in (("exact", 82.7), ("0.111", 82.62), ("0.11", 81.88)):
        result = report("--means", path, "--published", "81.71", "--weights", weights)
        assert (result["ikm"], result["grade"]) == (ikm, "B")
        assert (result["matches"], result["explained_by"]) == (False, None)
    assert result["pungutan tidak resmi"] == 3.916
    assert result["pengaduan"] == 3.323


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case["unsur"]])
def test_an_index_known_only_as_a_number_gets_its_published_grade(name, write):
    case = CASES[name]
    mean = case["published_ikm"] / 25
    path = write(",".join(NINE_UNSUR) + "\n" + ",".join([f"{mean:.6f}"] * 9))
    result = report("--means", path, "--published", case["published_ikm"])
    assert (result["ikm"], result["grade"]) == (case["published_ikm"], case["published_grade"])
    assert result["matches"] is True


def test_sarana_and_pengaduan_are_told_apart_by_name_in_any_order(write):
    rest = ",".join(["4"] * 7)
    first = report("--means", write(",".join(NINE_UNSUR) + f"\n{rest},3.1,2.2"))
    swapped = (*NINE_UNSUR[:7], "Pengaduan", "SARANA")
    second = report("--means", write(",".join(swapped) + f"\n{rest},2.2,3.1"))
    assert (first["sarana"], first["pengaduan"]) == (3.1, 2.2)
    assert first == second


def test_numbered_unsur_are_kept_as_written_with_a_warning(write):
    result = run("--means", write("U1,U2,U8,U9\n3,3,3,3"))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["U8"] == 3
    assert "name the columns" in result.stderr


def test_an_empty_cell_is_left_out_of_that_unsur_and_an_empty_row_is_nobody(write):
    result = report("--answers", write("a,b,c,d\n4,3,2,1\n2,,2,1\n,,,\n\n3,1,,1\n"))
    assert result["respondents"] == 3
    assert [result[unsur] for unsur in "abcd"] == [3, 2, 2, 1]
    assert result["ikm"] == 50


def test_a_spreadsheet_with_semicolons_decimal_commas_and_a_byte_order_mark_is_read(write):
    path = write("Persyaratan;prosedur;waktu;biaya\r\n3,5;3,25;2,75;4\r\n", "utf-8-sig")
    result = report("--means", path)
    assert (result["persyaratan"], result["ikm"]) == (3.5, 84.38)


def test_answers_on_the_hundred_scale_are_brought_to_points(write):
    result = report("--answers", write("a,b,c,d\n100,75,50,25\n75,75,50,25"), "--scale", "0-100")
    assert [result[unsur] for unsur in "abcd"] == [3.5, 3, 2, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b,c,d\n4,5,3,2\n", "line 2, column b: 5 is not from 1 to 4"),
        ("a,b,c,d\n4,3,3,2\n4,3,0,2\n", "line 3, column c: 0 is not from 1 to 4"),
        ("a,b,c,d\n4,3,3,puas\n", "line 2, column d: 'puas' is not a number"),
        ("a,b,c,d\n4,3,-3,2\n", "line 2, column c: '-3' is not a number"),
        ("a,b,c,d\n4,3,nan,2\n", "line 2, column c: 'nan' is not a number"),
        ("a,b,c,d\n4,3,3.5,2\n", "line 2, column c: 3.5 is not one of the answers"),
        ("a,b,c,d\n92,90,75,99\n", "--scale 0-100"),
        ("a,b,c,d\n4,3,3\n", "line 2: 3 cells under 4 columns"),
        ("a,b,c,d\n4,,3,2\n3,,3,2\n", "column b: nobody answered"),
        ("a,b,c,d\n,,,\n", "nobody answered"),
        ("a,b,c,d\n", "a header and no rows"),
        ("", "the file is empty"),
        ("a,b,c\n4,4,4\n", "3 columns; a survey has 4 to 16 unsur"),
        (",".join(f"u{n}x" for n in range(17)) + "\n", "17 columns"),
        ("a,b,,d\n4,4,4,4\n", "line 1, column 3: has no name"),
        ("sarana,b,SARANA,d\n4,4,4,4\n", "line 1, column sarana: stands twice"),
        ("a,b,ikm,d\n4,4,4,4\n", "line 1, column ikm: the name is kept"),
    ],
)
def test_bad_answers_are_named_by_line_and_column_and_give_no_figure(write, text, said):
    result = run("--answers", write(text))
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_every_bad_cell_is_named_but_a_flood_is_cut_short(write):
    result = run("--answers", write("a,b,c,d\n" + "5,4,4,4\n" * 30))
    assert "line 2, column a" in result.stderr
    assert "line 21, column a" in result.stderr
    assert "and 10 more" in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b,c,d\n3,3,,3\n", "line 2, column c: is empty"),
        ("a,b,c,d\n3,3,3,3\n3,3,3,3\n", "holds one row under its header, this one 2"),
        ("a,b,c,d\n3,3,4.01,3\n", "line 2, column c: 4.01 is not from 1 to 4"),
    ],
)
def test_bad_means_are_refused(write, text, said):
    result = run("--means", write(text))
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_in_another_encoding_is_refused_with_advice(write):
    result = run("--means", write("a,b,c,pengad\u00fcan\n3,3,3,3\n", "latin-1"))
    assert result.exit_code == 2
    assert "UTF-8" in result.stderr


def test_wrong_use_is_refused(write, tmp_path):
    ten = write(",".join(f"u{n}x" for n in range(10)) + "\n" + ",".join(["3"] * 10))
    for arguments in (
        [],
        ["--means", ten, "--answers", ten],
        ["--means", tmp_path / "missing.csv"],
        ["--means", ten, "--weights", "0.111"],
        ["--means", ten, "--weights", "0.1"],
        ["--means", ten, "--scale", "1-5"],
        ["--means", ten, "--published", "good"],
        ["--means", ten, "--published", "3.2"],
        ["--means", ten, "--published", "101"],
    ):
        result = run(*arguments)
        assert result.exit_code == 2, arguments
        assert result.stdout == ""
        assert "Error" in result.stderr
