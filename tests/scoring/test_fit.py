"""What the fit finds: the truth it was drawn from, and the maximum another program finds."""

import dataclasses
import json
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, special

from portal.scoring import (
    NotConverged,
    NothingToFit,
    Params,
    Policy,
    Ratings,
    count_cells,
    explain_all,
    fit,
    score,
)
from portal.scoring.cells import home_services
from portal.scoring.data import as_keys
from portal.scoring.fit import CONVERGED, _Search
from portal.scoring.graph import connections
from portal.scoring.params import default_thresholds
from portal.scoring.roster import Roster
from portal.scoring.sample import Sample
from tests.scoring.makers import Drawn, all_count, count, draw, faces, make_ratings

POLICY = Policy()
QUICK = Policy(grid_points=61)


@pytest.fixture(scope="module")
def city() -> Drawn:
    return draw(11, employees=1500, services=10, offices=60, each=45, office_sd=0.3)


@pytest.fixture(scope="module")
def fitted(city: Drawn) -> Params:
    return fit(count(city.ratings), None, QUICK)


def test_thresholds_slopes_and_services_are_recovered(city: Drawn, fitted: Params) -> None:
    assert fitted.converged
    assert fitted.slopes["full"] == pytest.approx(city.slope, abs=0.06)
    assert np.abs(np.array(fitted.thresholds["short"]) - city.short).max() < 0.15
    gamma = np.array([fitted.services[f"s{s:02d}"] for s in range(10)])
    services = count(city.ratings).group.service
    assert len(set(services.tolist())) == 10
    difference = gamma - city.services
    assert np.std(difference) < 0.10


def test_the_office_variance_and_the_spread_of_persons_are_recovered(fitted: Params) -> None:
    assert fitted.s2 == pytest.approx(0.09, abs=0.04)
    assert fitted.sd_employees == pytest.approx(np.sqrt(0.64 + 0.09 + 0.3**2 * 0.49), rel=0.08)


def test_services_are_not_blamed_for_the_staff_who_were_put_there() -> None:
    """Weak staff sit at hard services and few move: who is at home where tells what the movers
    cannot. A fit that takes staff and services as independent errs by a quarter more."""
    error: dict[float, list[float]] = {0.5: [], 1e-6: []}
    for seed in (40, 41):
        rng = np.random.default_rng(seed)
        gamma = rng.normal(0, 0.6, 24)
        gamma -= gamma.mean()
        home = np.arange(600) % 24
        theta = 0.6 * gamma[home] + rng.normal(0, 0.6, 600)
        who = np.repeat(np.arange(600), 40)
        moves = (who % 7 == 0) & (rng.random(len(who)) < 0.4)
        service = np.where(moves, (home[who] + 1 + who // 7 % 3) % 24, home[who])
        latent = theta[who] + gamma[service] + rng.logistic(size=len(who))
        answer = 1 + (latent[:, None] > np.array([-3.0, -2.0, -0.6])).sum(axis=1)
        cells = count(make_ratings(who, answer[:, None], service=[f"s{s:02d}" for s in service]))
        for roster_sd, seen in error.items():
            found = fit(cells, None, Policy(grid_points=61, roster_sd=roster_sd)).services
            seen.append(float(np.std([found[f"s{s:02d}"] - gamma[s] for s in range(24)])))
    assert np.mean(error[0.5]) < 0.85 * np.mean(error[1e-6])


def test_a_fit_that_begins_on_a_sample_ends_where_one_without_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells = count(draw(17, employees=2400, services=6, offices=40, each=12).ratings)
    begun = fit(cells, None, QUICK)
    monkeypatch.setattr(Sample, "pays", lambda whole: False)
    alone = fit(cells, None, QUICK)
    assert begun.iterations < alone.iterations
    assert begun.loglik == pytest.approx(alone.loglik, abs=0.03)
    for name, effect in alone.services.items():
        assert begun.services[name] == pytest.approx(effect, abs=2e-3)


def test_so_many_services_that_no_matrix_holds_them_are_fitted_about_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells = count(draw(17, employees=400, services=6, offices=40, each=40).ratings)
    usual = fit(cells, None, QUICK)
    monkeypatch.setattr(sys.modules[_Search.__module__], "DENSE", 0)
    search = _Search(cells, np.zeros(400, np.int64), QUICK, plain=False, overdispersion=False,
                     prior=None, types={}, threads=1)  # fmt: skip
    found = search.run()
    effects = list(found.services.values())
    assert effects == pytest.approx(list(usual.services.values()), abs=0.05)
    assert search.roster.spread == QUICK.service_sd**2


def test_a_parameter_version_survives_storage_bit_by_bit(fitted: Params) -> None:
    again = Params.from_dict(json.loads(json.dumps(fitted.to_dict())))
    assert again == fitted
    assert dataclasses.replace(fitted, s2=fitted.s2 + 1e-12, version="").version != fitted.version


def test_versions_stored_before_all_was_kept_that_is_kept_today_can_still_be_read(
    fitted: Params,
) -> None:
    stored = fitted.to_dict()
    for name in ("service_se", "part_of", "lone_channels"):
        del stored[name]
    again = Params.from_dict(stored)
    assert (again.service_se, again.part_of, again.lone_channels) == ({}, {}, ())
    assert again.version == fitted.version


def test_the_same_ratings_in_another_order_give_the_same_version(city: Drawn) -> None:
    some = city.ratings.select(np.arange(4000))
    order = np.random.default_rng(1).permutation(4000)
    first = fit(count(some), None, QUICK)
    assert fit(count(some.select(order)), None, QUICK).version == first.version


def test_a_fit_does_not_depend_on_the_names_of_anybody_or_anything() -> None:
    """Names decide the order of every sum; services, channels, offices and people renamed so that
    their order turns round, the figures agree but for the last digits. (Of two services with
    equally many ratings the name decides which is home: nobody here has such a tie.)"""
    ratings = draw(12, employees=80, services=4, offices=6, each=20, office_sd=0.2).ratings
    ratings = ratings.select(~np.isin(ratings.employee, [33, 52]))
    turned = dataclasses.replace(
        ratings, names={}, employee=999 - ratings.employee,
        office=as_keys([f"o{99 - int(name)}" for name in column(ratings, "office")]),
        service=as_keys([f"s{9 - int(name[1:])}" for name in column(ratings, "service")]),
        channel=as_keys([{"poster": "display", "display": "poster"}[name]
                         for name in column(ratings, "channel")]),
    )  # fmt: skip
    one, other = (fit(count(given), None, QUICK) for given in (ratings, turned))
    for name in ("mu", "sd_employees", "sd_fit", "s2"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), abs=1e-8), name
    for name, effect in one.services.items():
        renamed = f"s{9 - int(name[1:])}"
        assert other.services[renamed] == pytest.approx(effect, abs=1e-8)
        assert other.service_se[renamed] == pytest.approx(one.service_se[name], abs=1e-8)
    assert other.channels["display"] == pytest.approx(one.channels["poster"], abs=1e-8)
    first, second = score(count(ratings), one, QUICK), score(count(turned), other, QUICK)
    assert np.abs(first.score - second.score[::-1]).max() < 1e-6


def column(ratings: Ratings, name: str) -> list[str]:
    codes, keys = ratings.coded(name)
    return [str(key) for key in keys[codes].tolist()]


def _own_likelihood(
    x: NDArray[np.float64], data: list[tuple[int, int, int]], employees: int,
    theta: NDArray[np.float64],
) -> float:  # fmt: skip
    """-2 penalised log-likelihood, written again in the plainest way: loops, no tables."""
    c1, d1, d2, g0, g1, log_tau = x
    c = [-np.inf, c1, c1 + np.exp(d1), c1 + np.exp(d1) + np.exp(d2), np.inf]
    tau = np.exp(log_tau)
    weight = np.exp(-0.5 * (theta / tau) ** 2)
    weight /= weight.sum()
    total = np.zeros((employees, len(theta)))
    for employee, service, answer in data:
        eta = theta + (g1 if service else g0)
        p = 1 / (1 + np.exp(eta - c[answer])) - 1 / (1 + np.exp(eta - c[answer - 1]))
        total[employee] += np.log(np.maximum(p, 1e-12))
    value = float(np.log((np.exp(total) * weight).sum(axis=1)).sum())
    return -value + 0.5 * float(g0**2 + g1**2) / 100


@pytest.mark.filterwarnings("ignore:overflow")
def test_the_plain_fit_is_the_maximum_that_a_general_optimiser_finds() -> None:
    rng = np.random.default_rng(4)
    employees, size = 30, 360
    theta, who = rng.normal(0, 0.9, employees), rng.integers(0, employees, size)
    service = np.where(rng.random(size) < 0.7, who % 2, 1 - who % 2)
    latent = theta[who] + 0.5 * service + rng.logistic(size=size)
    answer = 1 + (latent[:, None] > np.array([-2.0, -0.5, 1.0])).sum(axis=1)
    ratings = make_ratings(who.tolist(), answer[:, None], service=[f"s{s}" for s in service])
    found = fit(count(ratings), None, POLICY, plain=True)
    grid = found.theta
    assert len(grid) == 161
    data = list(zip(who.tolist(), service.tolist(), answer.tolist(), strict=True))
    start = np.array([-2.0, 0.4, 0.4, 0.0, 0.0, -0.1])
    best = optimize.minimize(
        _own_likelihood, start, args=(data, employees, grid), method="BFGS",
        options={"gtol": 1e-6},
    )  # fmt: skip
    own_tau, step1, step2 = np.exp(best.x[-1]), np.exp(best.x[1]), np.exp(best.x[2])
    assert found.sd_fit == found.sd_employees
    assert found.sd_fit == pytest.approx(own_tau, abs=1e-5)
    c = np.array(found.thresholds["short"])
    assert np.diff(c).tolist() == pytest.approx([step1, step2], abs=1e-5)
    gap = found.services["s1"] - found.services["s0"]
    assert gap == pytest.approx(best.x[4] - best.x[3], abs=1e-5)
    first = c[0] - found.services["s0"]  # free of the centring
    assert first == pytest.approx(best.x[0] - best.x[3], abs=1e-5)


def _own_penalised(
    x: NDArray[np.float64], data: dict[str, NDArray[np.int64]], roster: Roster,
    theta: NDArray[np.float64],
) -> float:  # fmt: skip
    """Minus the penalised log-likelihood of the production fit, written again: two instruments,
    three services, two channels, one period, home means about the roster's line."""
    spacing, log_slope = (x[0:3], x[3:15]), x[15]
    gamma, delta, beta, home, log_tau = x[16:19], x[19:21], x[21], x[22:25], x[25]
    total = np.zeros((int(data["employee"].max()) + 1, len(theta)))
    penalty = (log_slope / 0.5) ** 2 + ((log_tau - np.log(0.9)) / 0.7) ** 2
    penalty += (gamma**2).sum() / roster.spread + (delta**2).sum() / 0.25 + beta**2 / 0.25
    penalty += ((home - roster.slope * gamma) ** 2).sum() / roster.variance
    for number, slope in enumerate((1.0, float(np.exp(log_slope)))):
        part = spacing[number]
        usual = default_thresholds(len(part) + 1)
        penalty += ((part[0] - usual[0]) / 3) ** 2
        penalty += (((part[1:] - np.log(np.diff(usual))) / 1.5) ** 2).sum()
        c = np.concatenate(
            [[-np.inf], part[0] + np.append(0, np.cumsum(np.exp(part[1:]))), [np.inf]]
        )
        mine = np.flatnonzero(data["instrument"] == number)
        known = gamma[data["service"][mine]] + delta[data["channel"][mine]] + beta
        eta = known[:, None] + theta
        upper = special.expit(c[data["bin"][mine] + 1][:, None] - slope * eta)
        lower = special.expit(c[data["bin"][mine]][:, None] - slope * eta)
        np.add.at(total, data["employee"][mine], np.log(np.maximum(upper - lower, 1e-12)))
    weight = np.exp(-0.5 * ((theta[None, :] - home[data["home"]][:, None]) / np.exp(log_tau)) ** 2)
    weight /= weight.sum(axis=1, keepdims=True)
    return float(penalty) / 2 - float(np.log((np.exp(total) * weight).sum(axis=1)).sum())


def test_the_production_fit_is_the_maximum_that_a_general_optimiser_finds() -> None:
    rng = np.random.default_rng(6)
    employees, size = 24, 360
    who = np.arange(size) % employees
    service = np.where(rng.random(size) < 0.6, who % 3, rng.integers(0, 3, size))
    channel = rng.integers(0, 2, size)
    latent = rng.normal(0, 0.8, employees)[who] + 0.4 * service + rng.logistic(size=size)
    answers = 1 + (latent[:, None] > np.array([-1.5, -0.3, 1.0])).sum(axis=1)[:, None]
    answers = np.clip(answers + rng.integers(-1, 2, (size, 4)), 1, 4)
    answers[rng.random(size) < 0.5, 1:] = 0
    cells = count(make_ratings(
        who.tolist(), answers, service=[f"s{s}" for s in service],
        channel=[("display", "poster")[c] for c in channel],
    ))  # fmt: skip
    policy = dataclasses.replace(QUICK, gradient_tolerance=1e-7)
    search = _Search(cells, np.zeros(employees, np.int64), policy, plain=False,
                     overdispersion=False, prior=None, types={}, threads=1)  # fmt: skip
    found = search.run()
    full = answers[:, 1] > 0
    data = {
        "employee": who, "service": service, "channel": channel, "home": home_services(cells),
        "instrument": full.astype(int),
        "bin": np.where(full, answers.sum(axis=1) - 4, answers[:, 0] - 1),
    }  # fmt: skip

    def free(c: tuple[float, ...]) -> NDArray[np.float64]:
        return np.concatenate([c[:1], np.log(np.diff(c))])

    start = np.concatenate([
        free(found.thresholds["short"]), free(found.thresholds["full"]), np.zeros(11),
    ]) + rng.normal(0, 0.1, 26)  # fmt: skip
    best = optimize.minimize(_own_penalised, start, args=(data, search.roster, found.theta),
                             method="BFGS", options={"gtol": 1e-6})  # fmt: skip
    assert search.roster.slope != 0
    assert found.sd_fit == pytest.approx(np.exp(best.x[25]), abs=1e-5)
    assert found.slopes["full"] == pytest.approx(np.exp(best.x[15]), abs=1e-5)
    for name, steps in (("short", best.x[1:3]), ("full", best.x[4:15])):
        assert np.diff(found.thresholds[name]).tolist() == pytest.approx(
            np.exp(steps).tolist(), abs=1e-5
        )
    gamma = np.array([found.services[f"s{s}"] for s in range(3)])
    assert np.diff(gamma).tolist() == pytest.approx(np.diff(best.x[16:19]).tolist(), abs=1e-5)
    gap = found.channels["poster"] - found.channels["display"]
    assert gap == pytest.approx(best.x[20] - best.x[19], abs=1e-5)


def test_little_data_gives_the_shipped_parameters_with_its_own_volumes() -> None:
    cells = count(make_ratings(["ani"] * 5, faces(4, 4, 4, 4, 4)))
    found = fit(cells, None, POLICY)
    assert found.source == "default"
    assert found.weights.by_service() == {"ktp": 1.0}
    national = dataclasses.replace(found, mu=0.2, source="fit", version="")
    assert fit(cells, None, POLICY, prior=national).mu == 0.2


@pytest.mark.parametrize(
    "answers", [[[4, 0, 0, 0]], [[1, 0, 0, 0]], [[4, 4, 4, 4]], [[1, 0, 0, 0], [4, 4, 4, 4]]]
)
def test_even_data_without_variety_are_fitted(answers: list[list[int]]) -> None:
    policy = Policy(fit_min_ratings=1, fit_min_employees=1)
    rows = answers * 60
    ratings = make_ratings([f"e{i % 3}" for i in range(len(rows))], rows)
    found = fit(count(ratings), None, policy)
    scores = score(count(ratings), found, policy)
    assert found.source == "fit"
    assert np.isfinite(scores.score).all()
    assert (scores.lo <= scores.score).all()
    assert (scores.score <= scores.hi).all()


def test_no_counted_rating_at_all_scores_at_the_prior() -> None:

    ratings = make_ratings(["ani", "budi"], faces(4, 1))
    verdicts = all_count(ratings).reviewed(np.zeros(2))
    cells = count_cells(ratings, verdicts, 4)
    scores = score(cells, fit(cells, None, POLICY), POLICY)
    assert scores.n.tolist() == [0, 0]
    assert scores.score[0] == scores.score[1]
    with pytest.raises(NothingToFit):
        fit(cells, None, POLICY, plain=True)


def test_a_fit_that_did_not_arrive_is_an_error(city: Drawn) -> None:
    with pytest.raises(NotConverged) as stopped:
        fit(count(city.ratings), None, Policy(grid_points=61, max_iterations=2))
    assert stopped.value.gradient > CONVERGED


def test_a_search_that_calls_itself_done_too_early_is_found_out_by_its_gradient() -> None:
    """Whatever the optimiser says: one bar, in standard errors."""
    cells = count(draw(3, employees=300).ratings)
    good = fit(cells, None, QUICK)
    assert good.gradient < 1e-4
    with pytest.raises(NotConverged) as stopped:
        fit(cells, None, dataclasses.replace(QUICK, gradient_tolerance=0.5))
    assert CONVERGED < stopped.value.gradient < 10
    assert stopped.value.iterations > 0


def test_a_small_service_borrows_from_its_national_type(fitted: Params) -> None:
    one = make_ratings(["solo"] * 30, faces(*[1, 2] * 15), service=["izin-x"] * 30)
    more = draw(3, employees=60, services=2, each=10).ratings
    together = {
        name: np.concatenate([getattr(more, name).astype(object), getattr(one, name)])
        for name in ("office", "service", "channel", "period")
    }
    ratings = make_ratings(
        [f"e{e}" for e in more.employee] + ["solo"] * 30,
        np.concatenate([more.answers, one.answers]), **together,
    )  # fmt: skip
    alone = fit(count(ratings), None, QUICK)
    national = dataclasses.replace(fitted, services={"izin": 1.5}, version="")
    borrowing = fit(count(ratings), None, QUICK, prior=national, types={"izin-x": "izin"})
    assert "izin-x" in alone.alone
    assert borrowing.services["izin-x"] > alone.services["izin-x"] + 0.5


def test_services_without_common_staff_are_reported_apart() -> None:
    ratings = make_ratings(
        ["a", "a", "b", "c", "c"], faces(4, 3, 4, 4, 4), service=["1", "2", "3", "4", "4"]
    )
    found = connections(count(ratings))
    assert found.components == 3
    assert found.alone == ("3", "4")
    assert found.part_of == {"1": 0, "2": 0, "4": 1, "3": 2}
    assert found.lone_channels == ()


def test_an_island_of_services_and_an_office_with_a_kiosk_only_are_told_and_change_no_score() -> (
    None
):
    """Three services share staff; two others share theirs among themselves alone; one office
    is rated at its kiosk and no other way."""
    rng = np.random.default_rng(5)
    rows = []
    for person in range(24):
        island, kiosk = person >= 18, 12 <= person < 18
        for number in range(15):
            service = f"s{3 + number % 2}" if island else f"s{(person + number) % 3}"
            channel = "kiosk" if kiosk else ("display" if number % 4 == 0 else "poster")
            rows.append((f"e{person:02d}", service, channel))
    employees, services, channels = (list(column) for column in zip(*rows, strict=True))
    answers = rng.integers(1, 5, (len(rows), 1))
    cells = count(make_ratings(employees, answers, service=services, channel=channels))
    found = fit(cells, None, QUICK)
    assert found.components == 2
    assert found.part_of == {"s0": 0, "s1": 0, "s2": 0, "s3": 1, "s4": 1}
    assert found.lone_channels == ("kiosk",)
    assert found.alone == ()
    told = explain_all(cells, found, QUICK).apart
    assert told.services.tolist() == [False] * 18 + [True] * 6
    assert told.channels.tolist() == [False] * 12 + [True] * 6 + [False] * 6
    forgotten = dataclasses.replace(found, part_of={}, lone_channels=(), version="")
    assert not explain_all(cells, forgotten, QUICK).apart.services.any()
    same = score(cells, forgotten, QUICK).score == score(cells, found, QUICK).score
    assert same.all()
    again = Params.from_dict(json.loads(json.dumps(found.to_dict())))
    assert again == found
