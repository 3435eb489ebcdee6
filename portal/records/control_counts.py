"""What each control of submissions noticed, by counter and day: numbers, never which rating."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal import scoring
from portal.records.appraisal import Setting, Weighed, own_controls, to_ratings
from portal.records.controls import KIOSK_PACE
from portal.records.policies import CONTROLS
from portal.records.reading import Evidence, Flags

COLUMNS = ("counter_id", "day", "control", "monitored", "ratings")
Count = tuple[int, str, str, bool, int]
A_DAY = 86_400
FIRST_DAY = date(1970, 1, 1).toordinal()


def tally(
    evidence: Evidence,
    included: Flags,
    weighed: Weighed,
    setting: Setting,
    everything: scoring.Policy,
) -> list[Count]:
    """Rows of `control_count` without agency and period, for the ratings that take part.

    `everything` is the policy with every control at work: what only monitored controls would
    have noticed is counted beside what the others did. The row `set_aside` counts ratings that
    weigh nothing; `would_set_aside` those that only monitored controls would set aside;
    `kiosk_pace` those that count for the office only, as their kiosk was tapped too fast.
    """
    if evidence.times_gone:
        return []
    rows = np.flatnonzero(included)
    part = evidence.select(included)
    found: list[Count] = []
    counters, counter = np.unique(part.counter, return_inverse=True)
    days, day = np.unique((part.issued + setting.hours.offset) // A_DAY, return_inverse=True)
    named = [date.fromordinal(FIRST_DAY + number).isoformat() for number in days.tolist()]
    place = counter * len(days) + day

    def add(which: Flags, control: str, monitored: bool) -> None:
        places, ratings = np.unique(place[which], return_counts=True)
        at, on = np.divmod(places, len(days))
        found.extend(
            zip(
                counters[at].tolist(),
                map(named.__getitem__, on.tolist()),
                repeat(control),
                repeat(monitored),
                ratings.tolist(),
                strict=False,
            )
        )

    add(part.hurried, KIOSK_PACE, False)
    aside = weighed.weight[rows] <= 0
    add(aside, "set_aside", False)
    for control, which in _by_control(weighed.reasons[rows], set(CONTROLS) - setting.monitored):
        add(which, control, False)
    if setting.monitored:
        alone = scoring.Verdicts(
            weighed.weight[rows], weighed.fraud_score[rows], weighed.reasons[rows]
        )
        if setting.monitored != {"haste"}:  # which works beside the engine: no need to ask again
            alone = scoring.weigh(to_ratings(part, replace(setting, policy=everything)), everything)
        alone = own_controls(alone, part, frozenset())
        for control, which in _by_control(alone.reasons, setting.monitored):
            add(which, control, True)
        add((alone.weight <= 0) & ~aside, "would_set_aside", True)
    return sorted(found)


def _by_control(reasons: NDArray[Any], controls: Iterable[str]) -> Iterator[tuple[str, Flags]]:
    """Which ratings each of some controls noticed; a rating may have several reasons."""
    noted = np.flatnonzero(reasons != "")
    texts: dict[str, int] = {}
    code = np.array(
        [texts.setdefault(text, len(texts)) for text in reasons[noted].tolist()], dtype=np.int64
    )
    for control in sorted(controls):
        named = np.array([control in text.split(";") for text in texts], dtype=bool)
        if named.any():
            which = np.zeros(len(reasons), dtype=bool)
            which[noted] = named[code]
            yield control, which
