"""Integrity weights: which ratings are set aside before the model sees any (section 9).

Only patterns of *submitting* count here: the same device again and again, many within minutes,
a day against the person's habit, a closed counter. What a rating says matters only in so far as
neutral answers are never suspected.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .bursts import Grouping, Heard, Polarity, bursts, groupings, joint, without_days
from .data import Flags, Floats, Ints, Keys, Ratings, Verdicts, encode, present
from .policy import Policy
from .posterior import in_threads

DAY = 86_400
PART = 100_000
"""Ratings weighed at a time."""
FEW_EMPLOYEES = 8
_SHARED = ("kiosk", "assisted")
"""Channels where one device serves many citizens by design."""

CODES = ("repeat", "lone_device", "pace", "burst", "off_hours", "duplicate", "quarantine",
         "incomplete")  # fmt: skip


def weigh(ratings: Ratings, policy: Policy, *, threads: int = 1) -> Verdicts:
    """Weight, fraud score and reasons of every rating; neither the order of the rows nor the
    number of threads matters.

    fraud = [top or bottom] x (1.2 ln(1 + max(rep - 1, 0)) + .5 [lone and rep > 1]
    + .9 ln(1 + pace) + .35 min(burst, 12) + 1.5 off + .3 [top and rep > 1]); a rating is set
    aside above 3 (quarantine) or as a duplicate. Every exclusion names its reasons. The burst is
    that of `bursts`, against a habit to which nothing belongs that is set aside.
    """
    size = len(ratings)
    if not size:
        return Verdicts(np.zeros(0), np.zeros(0), np.zeros(0, dtype=object))
    day = _day(ratings)
    span, shares = float(day.max() - day.min() + 1), _usual_shares(ratings, policy)
    elsewhere = _elsewhere(ratings, _polarity(ratings, policy)[2], shares[2])
    around = _Around(_lone(ratings, _device(ratings)), elsewhere, span, shares)
    if size <= PART:
        return _weigh(ratings, around, policy)
    weight, score = np.zeros(size), np.zeros(size)
    reasons = np.empty(size, dtype=object)

    def some(rows: Ints) -> tuple[Ints, Verdicts]:
        part = dataclasses.replace(around, lone=around.lone[rows], elsewhere=around.elsewhere[rows])
        return rows, _weigh(ratings.select(rows), part, policy)

    for rows, found in in_threads(some, _by_employee(ratings), threads):
        weight[rows], score[rows], reasons[rows] = found.weight, found.fraud_score, found.reasons
    return Verdicts(weight, score, reasons)


@dataclass(frozen=True)
class _Around:
    """What a part must know of all the data: devices that rated one employee only, and the share
    of low ratings that others get in its service, both per rating; the number of days covered;
    the shares of best, worst and low ratings among all employees, the median employee's, so that
    a campaign against one does not change them."""

    lone: Flags
    elsewhere: Floats
    span: float
    shares: tuple[float, ...]


def _usual_shares(ratings: Ratings, policy: Policy) -> tuple[float, ...]:
    """Shares of best, worst and low ratings of an ordinary employee (mean of the middle half);
    1/3 each where there are too few employees to tell."""
    who, keys = ratings.coded("employee")
    if len(keys) < FEW_EMPLOYEES:
        return 1 / 3, 1 / 3, 1 / 3
    n = np.maximum(np.bincount(who, minlength=len(keys)), 1)
    out = []
    for polarity in _polarity(ratings, policy):
        share = np.sort(np.bincount(who, weights=polarity, minlength=len(keys)) / n)
        middle = share[len(share) // 4 : len(share) - len(share) // 4]
        out.append(float(np.clip(middle.mean(), 0.05, 0.95)))
    return tuple(out)


def _elsewhere(ratings: Ratings, low: Flags, usual: float) -> Floats:
    """Of each rating, the share of low ones among those that all others get in its service; few
    are drawn to what is usual, none say nothing (0)."""
    service = ratings.coded("service")[0]
    task = joint(ratings.coded("employee")[0], service)

    def others(marks: Flags | Floats) -> Floats:
        whole, own = (np.bincount(key, weights=marks)[key] for key in (service, task))
        return np.asarray(whole - own)

    n = others(np.ones(len(low)))
    return np.where(n > 0, (others(low) + 3 * usual) / (n + 3), 0.0)


def _by_employee(ratings: Ratings) -> Iterator[Ints]:
    """Rows of whole employees, about PART at a time, so that memory does not grow with them."""
    who = ratings.coded("employee")[0]
    order = np.argsort(who, kind="stable")
    ends = np.cumsum(np.bincount(who))
    first = 0
    while first < len(order):
        place = int(np.searchsorted(ends, first + PART))
        last = int(ends[min(place, len(ends) - 1)])
        yield order[first:last]
        first = last


def _weigh(ratings: Ratings, around: _Around, policy: Policy) -> Verdicts:
    """Verdicts on all ratings of some employees."""
    shared = is_shared(ratings)
    day = _day(ratings)
    top, bottom, _ = _polarity(ratings, policy)
    device = _device(ratings)
    rep = _repeats(ratings, device)
    again = rep > 1
    scorable = _scorable(ratings)
    returning = around.lone & again
    terms = {
        "repeat": policy.repeat_weight * np.log1p(np.maximum(rep - 1, 0))
        + policy.top_repeat_weight * (top & again),
        "lone_device": policy.lone_weight * returning,
        "pace": policy.pace_weight * np.log1p(_pace(ratings, policy)) * ~shared,
        "off_hours": policy.off_hours_weight * (_off_hours(ratings, day, policy) & ~shared),
    }
    extreme = top | bottom
    terms = {code: term * extreme for code, term in terms.items()}
    others = np.sum(list(terms.values()), axis=0)
    duplicate = _duplicates(ratings, device, day, policy)
    looks = groupings(ratings, day, returning, around.span, policy)
    by_device = terms["repeat"] + terms["lone_device"] > policy.quarantine_above
    terms["burst"] = _out_of_habit(ratings, looks, others, ~by_device, policy, around=around)
    score = others + terms["burst"]
    flags = np.zeros(len(ratings), dtype=np.int64)
    for code, term in terms.items():
        flags |= (term >= policy.reason_above).astype(np.int64) << CODES.index(code)
    quarantine = score > policy.quarantine_above
    for bit, hit in ((5, duplicate), (6, quarantine), (7, ~scorable)):
        flags |= hit.astype(np.int64) << bit
    weight = np.where(duplicate | quarantine | ~scorable, 0.0, 1.0)
    return Verdicts(weight, score, _reason_text(flags))


def _out_of_habit(
    ratings: Ratings, looks: list[Grouping], others: Floats, unexplained: Flags, policy: Policy,
    *, around: _Around,
) -> Floats:  # fmt: skip
    """The burst term of every rating, beside the `others`. What is set aside for its telephone
    alone (not `unexplained`) makes no window odd, and days on which something is set aside are no
    habit: who has some is judged again without them, until nothing changes."""
    (top, bottom, low), limit = _polarity(ratings, policy), policy.quarantine_above
    shares = around.shares
    polarities = [Polarity(top, shares[0]), Polarity(bottom, shares[1]),
                  Polarity(low, shares[2], bottom, around.elsewhere)]  # fmt: skip
    term, aside = np.zeros(len(others)), ~unexplained
    rows = np.ones(len(others), dtype=bool)
    who = ratings.coded("employee")[0]
    for _ in range(policy.habit_rounds):
        some = [look.select(rows) for look in looks]
        heard = Heard(unexplained[rows], without_days(some[0], aside[rows]))
        burst = np.max(
            [bursts(some, one.select(rows), heard, policy) for one in polarities], axis=0
        )
        term[rows] = policy.burst_weight * np.minimum(burst, policy.burst_cap)
        before, aside = aside, ~unexplained | (others + term > limit)
        changed = np.flatnonzero(aside != before)
        if not len(changed):
            break
        touched = np.zeros(int(who.max()) + 1, dtype=bool)
        touched[who[changed]] = True
        rows = touched[who]
    return term


def employee_fraud(ratings: Ratings, verdicts: Verdicts, policy: Policy) -> tuple[Keys, Floats]:
    """Keys and the inspector's figure: sum of the scores above 1.5 over sqrt(n_e + 5)."""
    who, employees = ratings.coded("employee")
    loud = np.where(verdicts.fraud_score > policy.report_above, verdicts.fraud_score, 0.0)
    total = np.bincount(who, weights=loud, minlength=len(employees)).astype(np.float64)
    n = np.bincount(who, minlength=len(employees)).astype(np.int64)
    return employees, fraud_figure(total, n)


def fraud_figure(loud: Floats | float, ratings: Ints | int) -> Floats:
    """Sum of the loud scores over sqrt(n_e + 5): large where many ratings are odd, and not only
    because there are many."""
    return np.asarray(loud / np.sqrt(np.asarray(ratings) + 5))


def _reason_text(flags: Ints) -> Keys:
    found, place = np.unique(flags, return_inverse=True)
    text = np.empty(len(found), dtype=object)
    text[:] = [
        ";".join(code for bit, code in enumerate(CODES) if mask >> bit & 1)
        for mask in found.tolist()
    ]
    return np.asarray(text[place])


def is_shared(ratings: Ratings) -> Flags:
    """Ratings from devices that serve many citizens by design: kiosks, assisted entry."""
    codes, keys = ratings.coded("channel")
    return np.array([key in _SHARED for key in keys.tolist()], dtype=bool)[codes]


def _scorable(ratings: Ratings) -> Flags:
    if ratings.has_face:
        return np.asarray(ratings.answers[:, 0] > 0)
    return np.asarray((ratings.answers > 0).all(axis=1))


def _day(ratings: Ratings) -> Ints:
    return np.asarray((ratings.submitted_at + ratings.utc_offset) // DAY)


def _polarity(ratings: Ratings, policy: Policy) -> tuple[Flags, Flags, Flags]:
    """Best, worst, and low ratings: those of the lower half of the scale, the worst among them."""
    given = (ratings.answers > 0).sum(axis=1)
    mean = ratings.answers.sum(axis=1, dtype=np.int64) / np.maximum(given, 1)
    slack = 1e-9  # 11/3 and 4 - .34 must not depend on the last bit
    top = (given > 0) & (mean >= ratings.points - policy.top_margin - slack)
    bottom, low = (
        (given > 0) & (mean <= most + policy.top_margin + slack)
        for most in (1, ratings.points // 2)
    )
    return top, bottom, low


def _device(ratings: Ratings) -> Ints:
    """Device codes; -1 where none is known or many share one."""
    rater = ratings.rater
    dense = rater.dtype.kind in "iu" and int(rater.max(initial=0)) < len(rater)
    codes = rater if dense else ratings.coded("rater")[0]  # small numbers are codes already
    return np.where(present(rater) & ~is_shared(ratings), codes, -1).astype(np.int64)


def _repeats(ratings: Ratings, device: Ints) -> Ints:
    """Ratings with equal employee, period and device; 1 where no device is known."""
    rep = np.ones(len(ratings), dtype=np.int64)
    known = np.flatnonzero(device >= 0)
    if len(known):
        who, period = ratings.coded("employee")[0][known], ratings.coded("period")[0][known]
        key = joint(who, period, device[known])
        rep[known] = np.bincount(key)[key]
    return rep


def _lone(ratings: Ratings, device: Ints) -> Flags:
    """Devices that rated one employee only in all the data at hand."""
    lone = np.zeros(len(ratings), dtype=bool)
    known = np.flatnonzero(device >= 0)
    if len(known):
        who = ratings.coded("employee")[0][known]
        width = int(who.max()) + 1
        pairs = np.sort(device[known] * width + who)
        persons = np.bincount(pairs[np.diff(pairs, prepend=-1) > 0] // width)
        lone[known] = persons[device[known]] == 1
    return lone


def _pace(ratings: Ratings, policy: Policy) -> Ints:
    """Other ratings of the same employee within five minutes before or after."""
    who = ratings.coded("employee")[0]
    when = ratings.submitted_at - ratings.submitted_at.min()
    window = policy.pace_window
    span = int(when.max()) + 2 * window + 1
    line = who * span + when + window
    order = np.argsort(line, kind="stable")
    line = line[order]  # looked up in rising order, which the processor's cache likes
    pace = np.empty(len(line), dtype=np.int64)
    pace[order] = np.searchsorted(line, line + window, side="right") - 1
    pace[order] -= np.searchsorted(line, line - window, side="left")
    return pace


def _off_hours(ratings: Ratings, day: Ints, policy: Policy) -> Flags:
    if ratings.off_hours is not None:
        return ratings.off_hours
    second = ratings.submitted_at + ratings.utc_offset - day * DAY
    weekday = (day + 3) % 7  # day 0 of the epoch was a Thursday
    early = second < policy.opens - policy.hours_slack
    late = second > policy.closes + policy.hours_slack
    return np.asarray(early | late | (weekday >= policy.working_days))


def _time_order(ratings: Ratings) -> Ints:
    """Rank in time; rows of the same second by identifier, then by what they say, so that the
    order of the rows never matters."""
    keys: list[Ints] = [ratings.answers[:, column].astype(np.int64)
                        for column in range(ratings.answers.shape[1])]  # fmt: skip
    keys += [ratings.coded(name)[0] for name in ("ticket", "channel", "service", "counter")]
    if ratings.rating_id is not None:
        keys.append(encode(ratings.rating_id)[0])
    order = np.lexsort((*keys, ratings.submitted_at))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _duplicates(ratings: Ratings, device: Ints, day: Ints, policy: Policy) -> Flags:
    """All but the first of one device on one employee and day, unless each has its own ticket;
    and whatever one device adds beyond its third rating of an employee in a period."""
    out = np.zeros(len(ratings), dtype=bool)
    known = np.flatnonzero(device >= 0)
    pair = joint(ratings.coded("employee")[0][known], device[known])
    known = known[np.bincount(pair)[pair] > 1]  # most come once: there is nothing to put in order
    if not len(known):
        return out
    ratings, device, day = ratings.select(known), device[known], day[known]
    rank = _time_order(ratings)
    who, period = ratings.coded("employee")[0], ratings.coded("period")[0]
    same_day = joint(who, device, day)
    ticketed = present(ratings.ticket if ratings.ticket is not None else ratings.rater)
    ticket = np.where(ticketed, ratings.coded("ticket")[0], -1)
    place = _place(same_day, rank)
    bare_before = _earlier(same_day, rank, ~ticketed)
    same_ticket = _place(joint(same_day, ticket), rank) > 0
    repeated = np.where(ticketed, bare_before | same_ticket, place > 0)
    beyond = _place(joint(who, period, device), rank) >= policy.device_limit
    out[known] = repeated | beyond
    return out


def _place(key: Ints, rank: Ints) -> Ints:
    """Position of each row among those with the same key, in order of rank."""
    order = np.lexsort((rank, key))
    sorted_key = key[order]
    start = np.flatnonzero(np.r_[True, sorted_key[1:] != sorted_key[:-1]])
    length = np.diff(np.r_[start, len(key)])
    place = np.empty(len(key), dtype=np.int64)
    place[order] = np.arange(len(key)) - np.repeat(start, length)
    return place


def _earlier(key: Ints, rank: Ints, mark: Flags) -> Flags:
    """Whether a marked row of the same key comes earlier."""
    first = np.full(int(key.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, key[mark], rank[mark])
    return np.asarray(first[key] < rank)
