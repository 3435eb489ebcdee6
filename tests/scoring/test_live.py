"""One rating at a time equals the nightly pass."""

import dataclasses

import numpy as np
import pytest

from portal.scoring import Policy, fit, score
from portal.scoring.cells import classify
from portal.scoring.live import Live, Standing
from tests.scoring.makers import count, draw

POLICY = Policy(grid_points=81)


def test_rating_by_rating_gives_the_nightly_figures() -> None:
    drawn = draw(21, employees=80, services=4, offices=8, office_sd=0.2)
    cells = count(drawn.ratings)
    params = fit(cells, None, POLICY)
    assert params.service_se
    nightly = score(cells, params, POLICY)
    assert nightly.posterior is not None
    live = Live(params, POLICY, nightly.posterior.mean(axis=0))
    which, place = classify(drawn.ratings)
    names = [item.name for item in cells.instrument]
    standing: dict[int, Standing] = {}
    for row in range(len(drawn.ratings)):
        who = int(drawn.ratings.employee[row])
        group = tuple(str(getattr(drawn.ratings, name)[row])
                      for name in ("service", "channel", "period"))  # fmt: skip
        before = standing.get(who, live.nobody())
        standing[who] = live.add(before, names[which[row]], int(place[row]), group)  # type: ignore[arg-type]
    for at, who in enumerate(cells.employee.tolist()):
        found = live.numbers(standing[who])
        for name in ("n", "raw_mean", "score", "lo", "hi", "reliability", "p_above", "p_below",
                     "percentile"):  # fmt: skip
            assert getattr(found, name) == pytest.approx(
                float(getattr(nightly, name)[at]), abs=1e-9
            )


def test_a_withdrawn_rating_leaves_no_trace() -> None:
    params = fit(count(draw(21, employees=80).ratings), None, POLICY)
    live = Live(params, POLICY)
    group = ("s01", "poster", "2026-Q4")
    one = live.add(live.nobody(), "short", 3, group)
    two = live.add(one, "full", 5, group)
    back = live.withdraw(two, "full", 5, group)
    assert np.allclose(back.likelihood, one.likelihood, atol=1e-12)
    first, second = live.numbers(one), live.numbers(back)
    for field in dataclasses.fields(first):
        value = getattr(first, field.name)
        assert value is None or getattr(second, field.name) == pytest.approx(value, abs=1e-9)
