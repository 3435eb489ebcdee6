"""Ratings of one polarity that come together, against the habit of the same employee (section 9).

Looked at together are the ratings of one day, of one week and one fortnight within a service, and
those of telephones that come back to this employee alone.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from .data import Flags, Floats, Ints, Ratings
from .policy import Policy


def joint(*codes: Ints) -> Ints:
    """One code for a tuple of codes."""
    if not len(codes[0]):
        return np.zeros(0, dtype=np.int64)
    total = np.zeros(len(codes[0]), dtype=np.int64)
    for part in codes:
        code = part - part.min()
        width = int(code.max()) + 1
        if total.size and int(total.max()) > (2**62) // width:
            total = np.unique(total, return_inverse=True)[1].astype(np.int64)
        total = total * width + code
    return np.unique(total, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True)
class Grouping:
    """One way to look at ratings together. `habit`: whose ratings they are compared with;
    `together`: those looked at as one; `spans`: how many equal parts the habit's ratings would
    fall into. `lasting`: so long that a person may have changed, in which case nothing is said
    where no habit is known; `only`, where given, are the ratings of which anything is said;
    `first` marks one rating of each day of a habit, where days are to be counted."""

    habit: Ints
    together: Ints
    spans: float
    lasting: bool = True
    only: Flags | None = None
    first: Flags | None = None

    def select(self, rows: Flags) -> "Grouping":
        """The same for some rows, which are all ratings of some employees."""

        def some(marks: Flags | None) -> Flags | None:
            return None if marks is None else marks[rows]

        return replace(
            self, habit=self.habit[rows], together=self.together[rows], only=some(self.only),
            first=some(self.first),
        )  # fmt: skip


def groupings(
    ratings: Ratings, day: Ints, returning: Flags, span: float, policy: Policy
) -> list[Grouping]:
    """All ways to look at some ratings. `returning`: from a telephone that rated its employee
    again and nobody else; `span`: days covered by all the data.

    Weeks begin on Monday, fortnights on every second Monday, in two calendars a week apart: most
    of any campaign of ten days lies within one of them. Within one service: a week at an easier
    counter is no campaign.
    """
    who = ratings.coded("employee")[0]
    task = joint(who, ratings.coded("service")[0])
    days = max(2.0, round(span * policy.working_days_a_year / 365.0))
    found = [Grouping(who, joint(who, day), days, lasting=False)]
    first = np.zeros(len(day), dtype=bool)
    first[np.unique(joint(task, day), return_index=True)[1]] = True
    week, long = policy.campaign_days, policy.campaign_long_days
    for length, start in ((week, 0), (long, 0), (long, week)):
        if length > 0:
            together = joint(task, (day + 3 + start) // length)
            found.append(Grouping(task, together, max(2.0, span / length), first=first))
    if policy.circle_share > 0:
        circle = joint(who, returning.astype(np.int64))
        found.append(Grouping(who, circle, 1 / policy.circle_share, only=returning))
    return found


@dataclass(frozen=True)
class Heard:
    """Of each rating, whether it is looked at (`open`: nothing else sets it aside already), and
    whether a habit is made of it (`habitual`)."""

    open: Flags
    habitual: Flags


def bursts(
    looks: list[Grouping], polarity: Flags, heard: Heard, usual_share: float, policy: Policy
) -> Floats:
    """The most telling burst of each rating of one polarity; 0 for all others."""
    found = np.zeros(len(polarity))
    for look in looks:
        here = _burst(look, polarity, heard, usual_share, policy)
        found[polarity] = np.maximum(found[polarity], here)
    return found


def without_days(by_day: Grouping, aside: Flags) -> Flags:
    """Ratings of days of an employee on which nothing was set aside. Were only the ratings set
    aside left out, all of one polarity, what remains would be a habit of the other."""
    touched = np.bincount(by_day.together, weights=aside) > 0
    return np.asarray(~touched[by_day.together])


def _burst(
    look: Grouping, polarity: Flags, heard: Heard, usual_share: float, policy: Policy
) -> Floats:
    """How unlikely share and number of one polarity are together, for this employee.

    min(lc, 20) + .25 min(1, lc / 2) min(lp, 20), lc from the binomial tail of the composition,
    lp from the Poisson tail of the volume: a mass-service day changes volume, not composition,
    so volume counts only as far as the composition is odd. Who has changed, for better or worse,
    is rated otherwise by as many as before: a week or a fortnight counts only as far as it was
    crowded, too. One value for each rating of the polarity. Where no habit is known (a newcomer,
    the first days of a quarter) the share usual among all takes its place, and no volume is out
    of habit.
    """

    def count(key: Ints, marked: Flags) -> Floats:
        return np.asarray(np.bincount(key, weights=marked)[key[polarity]], dtype=np.float64)

    c = np.maximum(count(look.together, polarity & heard.open), 1)
    n = np.maximum(count(look.together, heard.open), c)
    habitual = heard.habitual & heard.open
    alike = count(look.habit, polarity & habitual) - count(look.together, polarity & habitual)
    others = count(look.habit, habitual) - count(look.together, habitual)
    known = np.asarray(others >= policy.burst_history)
    usual = (alike + 0.5) / (look.spans - 1)
    prior = np.where(known, 1.0, 3 * usual_share)
    share = np.minimum(0.995, (alike + prior) / (others + 3))
    volume = np.where(known, -np.log10(np.maximum(special.pdtrc(c - 1, usual), 1e-300)), 0.0)
    tail = special.betainc(c, n - c + 1, share)  # P(Bin(n, share) >= c), c >= 1
    composition = -np.log10(np.maximum(tail, 1e-300))
    cap = policy.burst_term_cap
    odd = np.minimum(1.0, composition / policy.burst_odd)
    found = np.minimum(composition, cap) + policy.burst_volume_share * odd * np.minimum(volume, cap)
    if not look.lasting:
        return np.asarray(found)
    if look.only is not None:
        return np.where(known & look.only[polarity], found, 0.0)
    return np.asarray(np.where(known, found * _crowded(look, polarity, policy), 0.0))


def _crowded(look: Grouping, polarity: Flags, policy: Policy) -> Floats:
    """From 0 to 1, how far so many ratings on so many days are out of habit. Days without any are
    not counted: who is on duty every other week is no more crowded then."""
    everybody = np.ones(len(polarity))
    first = everybody if look.first is None else look.first

    def both(marks: Flags | Floats) -> tuple[Floats, Floats]:
        here, whole = (
            np.asarray(np.bincount(key, weights=marks)[key[polarity]], dtype=np.float64)
            for key in (look.together, look.habit)
        )
        return here, whole - here

    n, others = both(everybody)
    days, other_days = both(first)
    usual = days * (others + 0.5) / np.maximum(other_days, 1)
    odd = -np.log10(np.maximum(special.pdtrc(n - 1, usual), 1e-300))
    return np.asarray(np.minimum(1.0, odd / policy.burst_odd))
