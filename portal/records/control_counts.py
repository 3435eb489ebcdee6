"""What each control of submissions noticed, by counter and day: numbers, never which rating."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from portal import scoring
from portal.records.appraisal import Setting, Weighed, own_controls, to_ratings
from portal.records.policies import CONTROLS
from portal.records.reading import Evidence, Flags
from portal.records.results import Row

A_DAY = 86_400
FIRST_DAY = date(1970, 1, 1).toordinal()


def tally(
    evidence: Evidence,
    included: Flags,
    weighed: Weighed,
    setting: Setting,
    everything: scoring.Policy,
) -> list[Row]:
    """Rows of `control_count` without agency and period, for the ratings that take part.

    `everything` is the policy with every control at work: what only monitored controls would
    have noticed is counted beside what the others did. The row `set_aside` counts ratings that
    weigh nothing; `would_set_aside` those that only monitored controls would set aside.
    """
    if evidence.times_gone:
        return []
    rows = np.flatnonzero(included)
    part = evidence.select(rows)
    found: Counter[tuple[int, int, str, bool]] = Counter()
    days = (part.issued + setting.hours.offset) // A_DAY

    def add(which: Any, control: str, monitored: bool) -> None:
        for row in which:
            found[int(part.counter[row]), int(days[row]), control, monitored] += 1

    aside = weighed.weight[rows] <= 0
    add(np.flatnonzero(aside), "set_aside", False)
    _by_reason(weighed.reasons[rows], setting.monitored, False, add)
    if setting.monitored:
        alone = scoring.Verdicts(
            weighed.weight[rows], weighed.fraud_score[rows], weighed.reasons[rows]
        )
        if setting.monitored != {"haste"}:  # which works beside the engine: no need to ask again
            alone = scoring.weigh(to_ratings(part, replace(setting, policy=everything)), everything)
        alone = own_controls(alone, part, frozenset())
        _by_reason(alone.reasons, setting.monitored, True, add)
        add(np.flatnonzero((alone.weight <= 0) & ~aside), "would_set_aside", True)
    return [
        {
            "counter_id": counter,
            "day": date.fromordinal(FIRST_DAY + day),
            "control": control,
            "monitored": monitored,
            "ratings": ratings,
        }
        for (counter, day, control, monitored), ratings in sorted(found.items())
    ]


def _by_reason(reasons: Any, monitored: frozenset[str], watched: bool, add: Any) -> None:
    """Count each rating under every control that noticed it, of those that are `watched` or not."""
    for row in np.flatnonzero(reasons != ""):
        for code in str(reasons[row]).split(";"):
            if code in CONTROLS and (code in monitored) == watched:
                add([row], code, watched)
