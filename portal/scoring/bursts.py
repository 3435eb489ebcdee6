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
    `first` marks one rating of each day of a habit, where days are to be counted; `mild`: for
    mild ratings, or for all others; `task`: one code for each service of each employee."""

    habit: Ints
    together: Ints
    spans: float
    task: Ints
    lasting: bool = True
    only: Flags | None = None
    first: Flags | None = None
    mild: bool = False

    def select(self, rows: Flags) -> "Grouping":
        """The same for some rows, which are all ratings of some employees."""

        def some(marks: Flags | None) -> Flags | None:
            return None if marks is None else marks[rows]

        return replace(
            self, habit=self.habit[rows], together=self.together[rows], task=self.task[rows],
            only=some(self.only), first=some(self.first),
        )  # fmt: skip


def groupings(
    ratings: Ratings, day: Ints, returning: Flags, span: float, policy: Policy
) -> list[Grouping]:
    """All ways to look at some ratings. `returning`: from a telephone that rated its employee
    again and nobody else; `span`: days covered by all the data.

    Weeks begin on Monday, fortnights on every second Monday, in two calendars a week apart: most
    of any campaign of ten days lies within one of them. Within one service: a week at an easier
    counter is no campaign. Mild ratings are compared with all others of the employee, of whom few
    get many in each of two services; there a harder counter is allowed for by its service.
    """
    who = ratings.coded("employee")[0]
    task = joint(who, ratings.coded("service")[0])
    days = max(2.0, round(span * policy.working_days_a_year / 365.0))
    by_day = joint(who, day)
    found = [Grouping(who, by_day, days, task, lasting=False, first=_first(by_day), mild=mild)
             for mild in (False, True)]  # fmt: skip
    first = _first(joint(task, day))
    week, long = policy.campaign_days, policy.campaign_long_days
    for length, start in ((week, 0), (long, 0), (long, week)):
        if length > 0:
            together = joint(task, (day + 3 + start) // length)
            spans = max(2.0, span / length)
            found.append(Grouping(task, together, spans, task, first=first))
            found.append(Grouping(who, together, spans, task, first=found[0].first, mild=True))
    if policy.circle_share > 0:
        circle = joint(who, returning.astype(np.int64))
        found.append(Grouping(who, circle, 1 / policy.circle_share, task, only=returning))
    return found


def _first(key: Ints) -> Flags:
    """One row of each key."""
    first = np.zeros(len(key), dtype=bool)
    first[np.unique(key, return_index=True)[1]] = True
    return first


@dataclass(frozen=True)
class Heard:
    """Of each rating, whether it is looked at (`open`: nothing else sets it aside already), and
    whether a habit is made of it (`habitual`)."""

    open: Flags
    habitual: Flags


@dataclass(frozen=True)
class Polarity:
    """Ratings of one direction. `usual`: their share among the ratings of an ordinary employee;
    `worst`, where given: which of them are the worst; the others are mild, and a bad day may
    bring many of both; `elsewhere`: of each rating, their share among what others get in its
    service."""

    marked: Flags
    usual: float
    worst: Flags | None = None
    elsewhere: Floats | None = None

    def select(self, rows: Flags) -> "Polarity":
        """The same for some rows."""
        if self.worst is None or self.elsewhere is None:
            return replace(self, marked=self.marked[rows])
        return Polarity(self.marked[rows], self.usual, self.worst[rows], self.elsewhere[rows])


def bursts(looks: list[Grouping], polarity: Polarity, heard: Heard, policy: Policy) -> Floats:
    """The most telling burst of each rating of one polarity; 0 for all others."""
    marked = polarity.marked
    found = np.zeros(len(marked))
    mild = polarity.worst is not None
    judge = _mild_burst if mild else _burst
    for look in (one for one in looks if one.mild == mild):
        here = judge(look, polarity, heard, policy)
        found[marked] = np.maximum(found[marked], here)
    return found


def without_days(by_day: Grouping, aside: Flags) -> Flags:
    """Ratings of days of an employee on which nothing was set aside. Were only the ratings set
    aside left out, all of one polarity, what remains would be a habit of the other."""
    touched = np.bincount(by_day.together, weights=aside) > 0
    return np.asarray(~touched[by_day.together])


def _burst(look: Grouping, polarity: Polarity, heard: Heard, policy: Policy) -> Floats:
    """How unlikely share and number of one polarity are together, for this employee.

    min(lc, 20) + .25 min(1, lc / 2) min(lp, 20), lc from the binomial tail of the composition,
    lp from the Poisson tail of the volume: a mass-service day changes volume, not composition,
    so volume counts only as far as the composition is odd. Who has changed, for better or worse,
    is rated otherwise by as many as before: a week or a fortnight counts only as far as it was
    crowded, too. One value for each rating of the polarity. Where no habit is known (a newcomer,
    the first days of a quarter) the share usual among all takes its place, and no volume is out
    of habit.
    """
    marked = polarity.marked
    seen = _see(look, marked, heard)
    known = np.asarray(seen.others >= policy.burst_history)
    prior = np.where(known, 1.0, 3 * polarity.usual)
    found = _weighed(seen.oddness(prior), np.where(known, seen.crowd(look.spans), 0.0), policy)
    if not look.lasting:
        return found
    if look.only is not None:
        return np.where(known & look.only[marked], found, 0.0)
    return np.where(known, found * _crowded(look, marked, policy), 0.0)


def _mild_burst(look: Grouping, polarity: Polarity, heard: Heard, policy: Policy) -> Floats:
    """The same for low answers that are not all the worst, which a truly bad time brings, too.

    They are judged as if it had been one (`bad_time` logits below the habit, or below what is to
    be expected in that service where that is worse), a day too only as far as it was crowded, and
    not at all where lc is below `mild_odd`. And ones or twos by themselves must be out of habit
    (`mild_own_odd`): an honest two is not set aside for the ones beside it.
    """
    marked = polarity.marked
    seen = _see(look, marked, heard)
    known = np.asarray(seen.others >= policy.mild_history)
    prior = np.where(known, 1.0, 3 * polarity.usual)
    least = _in_service(look, polarity, heard, policy)
    composition = seen.oddness(prior, least, policy.bad_time)
    suspect = composition >= policy.mild_odd
    own = np.zeros(len(suspect))
    worst = marked & polarity.worst if polarity.worst is not None else marked
    for part in (worst, marked & ~worst):
        alike = _see(look, part, heard)
        own[part[marked]] = alike.oddness(prior[part[marked]])
    suspect &= own >= policy.mild_own_odd
    found = _weighed(composition, np.where(known, seen.crowd(look.spans), 0.0), policy)
    crowded = np.where(known, _crowded(look, marked, policy), float(not look.lasting))
    return np.where(suspect, found * crowded, 0.0)


def _in_service(
    look: Grouping, polarity: Polarity, heard: Heard, policy: Policy
) -> Floats | float:  # fmt: skip
    """Share to be expected in the service of each rating of the polarity: what others get there,
    counted as `burst_history` ratings beside the employee's own at other times (the mean of a
    beta posterior). Whoever works there every day is known; whoever stands in is not."""
    if polarity.elsewhere is None:
        return 0.0
    own = _see(replace(look, habit=look.task), polarity.marked, heard)
    others = max(policy.burst_history, 1)
    alike = np.maximum(own.alike, 0) + others * polarity.elsewhere[polarity.marked]
    return np.asarray(alike / (np.maximum(own.others, 0) + others))


@dataclass(frozen=True)
class _Seen:
    """Of some ratings: how many of their kind, `c`, and of any, `n`, are looked at together; how
    many of their kind, `alike`, and of any, `others`, the habit has at other times."""

    c: Floats
    n: Floats
    alike: Floats
    others: Floats

    def oddness(self, prior: Floats, least: Floats | float = 0.0, worse: float = 0.0) -> Floats:
        """-log10 P(Bin(n, share) >= c), the share that of the habit and at `least` so much, or
        `worse` by some logits."""
        share = np.clip((self.alike + prior) / (self.others + 3), least, 0.995)
        if worse:
            share = special.expit(special.logit(share) + worse)
        tail = special.betainc(self.c, self.n - self.c + 1, share)
        return np.asarray(-np.log10(np.maximum(tail, 1e-300)))

    def crowd(self, spans: float) -> Floats:
        """-log10 P(Pois(usual number) >= c)."""
        usual = (self.alike + 0.5) / (spans - 1)
        return np.asarray(-np.log10(np.maximum(special.pdtrc(self.c - 1, usual), 1e-300)))


def _see(look: Grouping, kind: Flags, heard: Heard) -> _Seen:
    """Counts for the ratings of a kind."""

    def count(key: Ints, rows: Flags) -> Floats:
        return np.asarray(np.bincount(key, weights=rows)[key[kind]], dtype=np.float64)

    habitual = heard.habitual & heard.open
    c = np.maximum(count(look.together, kind & heard.open), 1)
    return _Seen(
        c=c,
        n=np.maximum(count(look.together, heard.open), c),
        alike=count(look.habit, kind & habitual) - count(look.together, kind & habitual),
        others=count(look.habit, habitual) - count(look.together, habitual),
    )


def _weighed(composition: Floats, volume: Floats, policy: Policy) -> Floats:
    """Both logarithms as one figure."""
    cap = policy.burst_term_cap
    odd = np.minimum(1.0, composition / policy.burst_odd)
    crowd = policy.burst_volume_share * odd * np.minimum(volume, cap)
    return np.asarray(np.minimum(composition, cap) + crowd)


def _crowded(look: Grouping, marked: Flags, policy: Policy) -> Floats:
    """From 0 to 1, how far so many ratings on so many days are out of habit. Days without any are
    not counted: who is on duty every other week is no more crowded then."""
    everybody = np.ones(len(marked))
    first = everybody if look.first is None else look.first

    def both(marks: Flags | Floats) -> tuple[Floats, Floats]:
        here, whole = (
            np.asarray(np.bincount(key, weights=marks)[key[marked]], dtype=np.float64)
            for key in (look.together, look.habit)
        )
        return here, whole - here

    n, others = both(everybody)
    days, other_days = both(first)
    usual = days * (others + 0.5) / np.maximum(other_days, 1)
    odd = -np.log10(np.maximum(special.pdtrc(n - 1, usual), 1e-300))
    return np.asarray(np.minimum(1.0, odd / policy.burst_odd))
