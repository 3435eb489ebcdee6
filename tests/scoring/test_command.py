"""`portal score`: the file contract."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from portal.scoring import City, Policy, count_cells, files, fit, score, simulate, weigh
from portal.scoring.command import HEADER, ScoreOptions, score_files
from portal.scoring.files import BadInput, read_ratings
from portal.scoring.simulate_command import simulate_files
from tests.scoring.makers import NINE, draw

COLUMNS = (
    "rating_id,employee,office,service,channel,period,rater,submitted_at,counter,"
    "overall,e_ramah,e_cakap,e_cekatan"
)
ROW = "r1,ani,o,ktp,poster,2026-Q4,,2026-10-05T09:00:00+07:00,1,4,,,"


def city_lines(seed: int = 3) -> list[str]:
    """A drawn city over two quarters, as lines of a rating file."""
    ratings = draw(seed, employees=60, services=3, offices=6, each=25).ratings
    lines = []
    for at in range(len(ratings)):
        quarter = "2026-Q3" if at % 2 else "2026-Q4"
        stamp = np.datetime64(int(ratings.submitted_at[at]), "s")
        answers = ",".join(str(a) if a else "" for a in ratings.answers[at])
        lines.append(
            f"r{at:05d},e{ratings.employee[at]:03d},o{ratings.office[at]},{ratings.service[at]},"
            f"{ratings.channel[at]},{quarter},d{at % 900},{stamp}+00:00,c,{answers}"
        )
    return lines


def write(path: Path, lines: list[str], header: str = COLUMNS) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def run(tmp_path: Path, lines: list[str], **options: object) -> list[dict[str, str]]:
    out = tmp_path / "out.csv"
    score_files(write(tmp_path / "in.csv", lines), out, options=ScoreOptions(**options))  # type: ignore[arg-type]
    return table(out)


def test_every_employee_gets_a_line_with_every_column(tmp_path: Path) -> None:
    rows = run(tmp_path, city_lines())
    assert tuple(rows[0]) == HEADER
    assert [row["employee"] for row in rows] == sorted({row["employee"] for row in rows})
    for row in rows:
        assert 25 <= float(row["lo"]) <= float(row["score"]) <= float(row["hi"]) <= 100
        assert row["advice"] in {"award_candidate", "guidance_candidate", "none", "insufficient"}
        assert {row["award"], row["guidance"]} <= {"0", "1"}


def test_the_same_rows_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    lines = city_lines()
    mixed = [lines[at] for at in np.random.default_rng(1).permutation(len(lines))]
    found = []
    for name, given in (("a", lines), ("b", mixed)):
        targets = [tmp_path / f"{name}.{kind}" for kind in ("csv", "fraud", "json")]
        score_files(
            write(tmp_path / name, given), targets[0], fraud_path=targets[1],
            params_path=targets[2],
        )  # fmt: skip
        found.append([target.read_bytes() for target in targets])
    assert found[0] == found[1]
    assert not list(tmp_path.glob("*.part"))


def test_the_header_may_stand_in_any_order(tmp_path: Path) -> None:
    lines = city_lines()[:50]
    names = COLUMNS.split(",")
    back = [",".join(reversed(line.split(","))) for line in lines]
    first = tmp_path / "a"
    second = tmp_path / "b"
    score_files(write(tmp_path / "1", lines), first)
    score_files(write(tmp_path / "2", back, ",".join(reversed(names))), second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("broken", "column"),
    [
        (ROW.replace(",4,,,", ",5,,,"), "overall"),
        (ROW.replace(",4,,,", ",4,x,,"), "e_ramah"),
        (ROW.replace(",4,,,", ",4.0,,,"), "overall"),
        (ROW.replace("poster", "fax"), "channel"),
        (ROW.replace("ani", ""), "employee"),
        (ROW.replace("2026-Q4", " "), "period"),
        (ROW.replace("+07:00", ""), "submitted_at"),
        (ROW.replace("2026-10-05", "yesterday"), "submitted_at"),
        (ROW.replace("r1", ""), "rating_id"),
        (ROW.replace("r1", "r0"), "rating_id"),
        (ROW + ",", ""),
    ],
)
def test_a_bad_row_is_told_by_line_and_column_and_nothing_is_written(
    tmp_path: Path, broken: str, column: str
) -> None:
    lines = [ROW.replace("r1", "r0"), "", broken]
    out = tmp_path / "out.csv"
    with pytest.raises(BadInput) as found:
        score_files(write(tmp_path / "in.csv", lines), out)
    assert (found.value.line, found.value.column) == (4, column)
    assert f"line {found.value.line}" in str(found.value)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        (COLUMNS.replace("office,", ""), "office"),
        (COLUMNS.replace("counter", "period"), "period"),
        (COLUMNS.split(",overall", maxsplit=1)[0], "overall"),
    ],
)
def test_a_bad_header_is_line_one(tmp_path: Path, header: str, column: str) -> None:
    with pytest.raises(BadInput) as found:
        score_files(write(tmp_path / "in.csv", [], header), tmp_path / "out.csv")
    assert (found.value.line, found.value.column) == (1, column)


def test_an_empty_file_and_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    empty, binary = tmp_path / "a", tmp_path / "b"
    empty.write_text("")
    binary.write_bytes(COLUMNS.encode() + b"\n\xff\xfe\n")
    for path in (empty, binary):
        with pytest.raises(BadInput):
            score_files(path, tmp_path / "out.csv")


def test_the_first_bad_row_is_told_wherever_the_pieces_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines count as an editor counts them: blank ones too, a quoted field over two lines twice."""
    good = [ROW.replace("r1,", f"r{i},") for i in range(10, 40)]
    good[3:3] = ["", ROW.replace("r1,ani", 'r2,"a\nni"')]  # lines 5, 6 and 7 of the file
    late_face = ROW.replace("r1,", "r90,").replace(",4,,,", ",9,,,")
    early_time = ROW.replace("r1,", "r91,").replace("2026-10-05", "never")
    cases = [
        ([*good, early_time, late_face], 35, "submitted_at"),
        ([*good, ROW + ",", late_face], 35, ""),
        ([*good, late_face, ROW + ","], 35, "overall"),
        ([*good, good[20]], 35, "rating_id"),
        ([*good, 'r92,"a'], 35, ""),
        ([*good[:10], early_time, *good[10:], 'r92,"a'], 13, "submitted_at"),
    ]
    for chunk in (1, 7, 1000):
        monkeypatch.setattr(files, "CHUNK", chunk)
        for lines, line, column in cases:
            with pytest.raises(BadInput) as found:
                read_ratings(write(tmp_path / "in.csv", lines), 4)
            assert (found.value.line, found.value.column) == (line, column)


def test_bytes_that_are_no_text_are_told_by_their_line(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", [ROW.replace("r1,", f"r{i},") for i in range(900)])
    path.write_bytes(path.read_bytes().replace(b"r777,ani", b"r777,an\xff"))
    with pytest.raises(BadInput, match="not UTF-8") as found:
        read_ratings(path, 4)
    assert found.value.line == 779


TIMES = {
    "2026-10-05T09:00:00+07:00": (NINE - 7 * 3600, 25_200),
    "2026-10-05T09:00:00.75+07:00": (NINE - 7 * 3600, 25_200),
    "2026-10-05 09:00+07:00": (NINE - 7 * 3600, 25_200),
    "20261005T090000+0700": (NINE - 7 * 3600, 25_200),
    "2026-10-05T09:00:00Z": (NINE, 0),
    "2026-10-05T09:00:00-09:30": (NINE + 34_200, -34_200),
    "1969-12-31T23:59:59+00:00": (-1, 0),
    "2024-02-29T00:00:00+00:00": (1_709_164_800, 0),
}


def test_every_form_of_a_time_is_read_alike(tmp_path: Path) -> None:
    lines = [ROW.replace("r1,", f"r{i},").replace("2026-10-05T09:00:00+07:00", text)
             for i, text in enumerate(TIMES)]  # fmt: skip
    found = read_ratings(write(tmp_path / "in.csv", lines), 4).ratings
    offsets = np.asarray(found.utc_offset)
    assert list(zip(found.submitted_at, offsets, strict=True)) == list(TIMES.values())


@pytest.mark.parametrize(
    "text",
    ["2026-02-29T09:00:00+07:00", "2026-10-05T24:00:00+07:00", "2026-10-05T09:60:00+07:00",
     "2026-00-05T09:00:00+07:00", "2026-10-00T09:00:00+07:00", "2026-10-05T09:00:00+24:00",
     "2026-10-05T09:00:00*07:00", "2026-1\u0665-05T09:00:00+07:00", "0000-10-05T09:00:00+07:00"],
)  # fmt: skip
def test_a_time_that_never_was_is_refused(tmp_path: Path, text: str) -> None:
    line = ROW.replace("2026-10-05T09:00:00+07:00", text)
    with pytest.raises(BadInput) as found:
        read_ratings(write(tmp_path / "in.csv", [line]), 4)
    assert (found.value.line, found.value.column) == (2, "submitted_at")


def test_raters_are_told_apart_by_every_letter(tmp_path: Path) -> None:
    names = ["", "a", "b", "a" * 8, "a" * 9, "a" * 40, "a" * 39 + "b", "b" + "a" * 39, "", "a"]
    lines = [ROW.replace("r1,", f"r{i},").replace(",,2026", f",{name},2026")
             for i, name in enumerate(names)]  # fmt: skip
    found = read_ratings(write(tmp_path / "in.csv", lines), 4).ratings.rater.tolist()
    assert found[0] == found[8] == -1
    assert found[1] == found[9]
    assert len(set(found)) == len(set(names))


def test_a_file_without_rows_gives_a_header(tmp_path: Path) -> None:
    assert run(tmp_path, []) == []


def test_an_employee_of_whom_nothing_counts_stands_at_the_prior(tmp_path: Path) -> None:
    lines = [ROW, ROW.replace("r1,ani", "r2,budi").replace(",4,,,", ",,4,4,4")]
    ani, budi = run(tmp_path, lines)
    assert (ani["n"], budi["n"], budi["n_excluded"]) == ("1", "0", "1")
    assert budi["advice"] == "insufficient"
    assert budi["raw_mean"] == ""
    assert float(budi["lo"]) < float(budi["score"]) < float(budi["hi"])


def test_a_period_counts_alone_and_the_earlier_ones_lend_their_knowledge(tmp_path: Path) -> None:
    lines = city_lines()
    fourth = run(tmp_path, lines, period="2026-Q4", integrity=False)
    alone = run(tmp_path, [line for line in lines if "2026-Q4" in line], integrity=False)
    assert sum(int(row["n"]) for row in fourth) == sum(int(row["n"]) for row in alone)
    widths = [
        np.mean([float(row["hi"]) - float(row["lo"]) for row in rows]) for rows in (fourth, alone)
    ]
    assert widths[0] < widths[1]


def test_an_award_asks_for_more_of_a_lone_quarter_than_of_one_among_others(tmp_path: Path) -> None:
    lines = city_lines()
    first = [line for line in lines if "2026-Q3" in line]

    def least(lines: list[str], period: str | None = None) -> float:
        rows = run(tmp_path, lines, period=period, award_standard=80.0)
        return min(float(row["p_above"]) for row in rows if row["award"] == "1")

    assert least(first) >= 0.95
    assert least(lines, "2026-Q3") >= 0.95
    assert 0.90 <= least(lines) < 0.95
    assert 0.90 <= least(lines, "2026-Q4") < 0.95


def test_later_rows_are_ignored(tmp_path: Path) -> None:
    lines = city_lines()
    early = [line for line in lines if "2026-Q3" in line]
    late_only = ROW.replace("ani", "zahra")
    assert run(tmp_path, [*lines, late_only], period="2026-Q3") == run(
        tmp_path, early, period="2026-Q3"
    )


def test_every_input_row_has_a_verdict(tmp_path: Path) -> None:
    lines = [*city_lines(), ROW, ROW.replace("r1,", "r2,").replace(",,2026", ",same,2026")]
    fraud = tmp_path / "fraud.csv"
    score_files(write(tmp_path / "in.csv", lines), tmp_path / "out", fraud_path=fraud)
    rows = table(fraud)
    assert len(rows) == len(lines)
    assert set(rows[0]) == {"rating_id", "weight", "fraud_score", "reasons"}
    assert {row["weight"] for row in rows} <= {"0", "1"}


def test_without_integrity_every_rating_counts(tmp_path: Path) -> None:
    twice = [ROW.replace("r1,", f"r{i},").replace(",,2026", ",d,2026") for i in range(5)]
    assert run(tmp_path, twice)[0]["n"] == "0"  # one device, five fours at once
    assert run(tmp_path, twice, integrity=False)[0]["n"] == "5"
    assert run(tmp_path, twice, plain=True)[0]["n"] == "5"


def test_the_parameters_can_be_read_and_restored(tmp_path: Path) -> None:
    from portal.scoring import Params

    target = tmp_path / "params.json"
    score_files(write(tmp_path / "in", city_lines()), tmp_path / "out", params_path=target)
    shown = json.loads(target.read_text())
    for name in ("version", "thresholds", "slopes", "services", "channels", "periods", "mu",
                 "sd_employees", "sd_fit", "s2", "loglik", "grid", "weights", "components",
                 "component_of", "alone", "lone_channels", "iterations", "converged"):  # fmt: skip
        assert name in shown
    assert Params.from_dict(shown["exact"]).version == shown["version"]
    plain = ScoreOptions(plain=True)
    score_files(tmp_path / "in", tmp_path / "out", params_path=target, options=plain)
    shown = json.loads(target.read_text())
    assert shown["sd_fit"] == shown["sd_employees"]
    assert shown["s2"] == 0
    assert shown["grid"][2] >= 161


@pytest.mark.parametrize("severity", ["off", "all"])
def test_the_gaussian_model_has_its_own_columns_and_one_line_of_json(
    tmp_path: Path, severity: str
) -> None:
    out = tmp_path / "out.csv"
    options = ScoreOptions(model="gaussian", rater_severity=severity)  # type: ignore[arg-type]
    report = score_files(write(tmp_path / "in.csv", city_lines()), out, options=options)
    rows = table(out)
    assert {"blup", "blup_sd"} <= set(rows[0])
    assert report.note is not None
    note = json.loads(report.note)
    assert {"tau2", "sigma2", "reml", "n", "employees", "fixed"} <= set(note)
    assert ("tau2_rater" in note) == (severity == "all")
    middle = np.mean([float(row["percentile"]) for row in rows])
    assert middle == pytest.approx(50, abs=0.5)


def test_threads_change_no_byte_and_the_stages_are_told_in_order(tmp_path: Path) -> None:
    path, told = write(tmp_path / "in.csv", city_lines()), []
    one, two = tmp_path / "one", tmp_path / "two"
    score_files(path, one, params_path=tmp_path / "1.json")
    score_files(path, two, params_path=tmp_path / "2.json", threads=2,
                progress=lambda stage, share: told.append((stage, share)))  # fmt: skip
    assert one.read_bytes() == two.read_bytes()
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()
    assert told[0][0] == "Reading"
    assert [share for stage, share in told if stage == "Reading"][-1] == 1
    assert [stage for stage, share in told if share is None] == [
        "Weighing", "Fitting", "Scoring", "Writing"
    ]  # fmt: skip


def test_a_place_that_cannot_be_written_is_told_before_anything_is_read(tmp_path: Path) -> None:
    bad = write(tmp_path / "in.csv", [ROW + ","])
    with pytest.raises(FileNotFoundError):
        score_files(bad, tmp_path / "nowhere" / "out.csv")
    with pytest.raises(FileNotFoundError):
        score_files(bad, tmp_path / "out.csv", fraud_path=tmp_path / "nowhere" / "fraud.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_after_trouble_while_writing_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    path, out = write(tmp_path / "in.csv", [ROW]), tmp_path / "out.csv"
    out.write_text("of yesterday")
    monkeypatch.setattr("portal.scoring.command._write_params", full)
    with pytest.raises(OSError, match="no space"):
        score_files(path, out, params_path=tmp_path / "params.json")
    assert out.read_text() == "of yesterday"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_severity_of_returning_raters_is_taken_off_who_was_rated_by_them(tmp_path: Path) -> None:
    """Ani and Budi are equal. The same twelve strict people rate Ani again and again, the same
    twelve mild ones Budi; both circles also rate eight others, from which they are known."""
    rng = np.random.default_rng(2)
    lines = []
    for at in range(960):
        strict = at % 2 == 0
        rater = f"{'strict' if strict else 'mild'}{rng.integers(12)}"
        person = ("ani" if strict else "budi") if at % 3 == 0 else f"e{at // 24 % 8}"
        level = rng.logistic() + (-1.0 if strict else 1.0)
        answer = 1 + sum(level > step for step in (-2.5, -1.0, 0.5))
        stamp = f"2026-{10 + at % 2}-{1 + at % 28:02d}T{9 + at % 6:02d}:{at % 60:02d}:00+07:00"
        lines.append(
            f"r{at:04d},{person},o{at % 4},ktp,poster,2026-Q4,{rater},{stamp},1,{answer},,,"
        )
    gap = {}
    for which in ("off", "eligible", "all"):
        rows = {row["employee"]: row for row in run(
            tmp_path, lines, rater_severity=which, integrity=False)}  # fmt: skip
        assert (rows["ani"]["n"], rows["budi"]["n"]) == ("160", "160")
        gap[which] = float(rows["budi"]["score"]) - float(rows["ani"]["score"])
    assert gap["off"] > 12
    assert abs(gap["eligible"]) < 0.35 * gap["off"]
    assert abs(gap["all"]) < 0.35 * gap["off"]


def test_the_gaussian_model_counts_the_period_asked_for_alone(tmp_path: Path) -> None:
    lines = city_lines()
    rows = run(tmp_path, lines, model="gaussian", period="2026-Q4")
    of_quarter = [line.split(",")[1] for line in lines if ",2026-Q4," in line]
    assert {row["employee"]: int(row["n"]) for row in rows if row["n"] != "0"} == {
        name: of_quarter.count(name) for name in set(of_quarter)
    }
    early = [line for line in lines if ",2026-Q3," in line]
    assert run(tmp_path, lines, model="gaussian", period="2026-Q3") == run(
        tmp_path, early, model="gaussian", period="2026-Q3"
    )
    pooled = {row["employee"]: row["blup"] for row in run(tmp_path, lines, model="gaussian")}
    assert {row["employee"]: row["blup"] for row in rows} == pooled


def test_five_points_without_a_face(tmp_path: Path) -> None:
    header = COLUMNS.replace("overall,e_ramah,e_cakap,e_cekatan", "e_a,e_b,e_c")
    lines = [ROW.replace("r1,", f"r{i},").replace(",4,,,", f",{1 + i % 5},5,4") for i in range(9)]
    out = tmp_path / "out.csv"
    options = ScoreOptions(points=5, mix="own")
    score_files(write(tmp_path / "in.csv", lines, header), out, options=options)
    assert table(out)[0]["n"] == "9"


def test_standards_and_grid_can_be_asked_for() -> None:
    rules = ScoreOptions(award_standard=97, guidance_standard=82, grid=61).policy(Policy())
    assert (rules.award_standard, rules.guidance_standard, rules.grid_points) == (97, 82, 61)
    assert rules.version != Policy().version
    assert ScoreOptions().policy(Policy()) == Policy()


def test_a_file_gives_the_figures_of_the_same_ratings_in_memory(tmp_path: Path) -> None:
    city = City(employees=80, offices=4, services=6, ratings_per_quarter=15)
    simulate_files(tmp_path / "city.csv", city=city, seed=5)
    score_files(tmp_path / "city.csv", tmp_path / "out.csv")
    told = {row["employee"]: row for row in table(tmp_path / "out.csv")}

    ratings, _truth = simulate(city, 5)
    verdicts = weigh(ratings, Policy())
    cells = count_cells(ratings, verdicts, 4)
    found = score(cells, fit(cells), Policy())
    assert set(told) == {str(employee) for employee in found.employee.tolist()}
    for at, employee in enumerate(found.employee.tolist()):
        row = told[str(employee)]
        assert int(row["n"]) == found.n[at]
        assert int(row["n_excluded"]) == found.n_excluded[at]
        for name in ("score", "lo", "hi", "reliability", "p_above", "p_below"):
            assert float(row[name]) == pytest.approx(getattr(found, name)[at], abs=1e-5), name
