"""`simulate`: a city whose truth is known (section 11, end)."""

import dataclasses
from dataclasses import dataclass, field

import numpy as np

from .attackers import CAMPAIGNS, Forged, campaign, careful_stuffing, careless_stuffing
from .data import Flags, Floats, Ints, Keys, Ratings
from .visits import ANSWER_RATE, Habits, answer_visits, ikm

FIRST_MONDAY = 1_767_571_200
"""2026-01-05 00:00 UTC."""
DAY = 86_400
WIB = 7 * 3600
REGULARS = 60
"""People who come back to an office."""
CHANNELS = ("poster", "display", "ticket", "kiosk", "assisted")
CHANNEL_SHARE = np.array([0.58, 0.16, 0.10, 0.11, 0.05])
CHANNEL_EFFECT = np.array([0.0, 0.1, 0.05, -0.1, 0.35])
ROLES = (
    "honest", "careless_stuffer", "careful_stuffer", "attacked", "coach", "ticket_picker"
)  # fmt: skip


@dataclass(frozen=True)
class City:
    """Size and character of a simulated city; shares of staff where a share is meant."""

    employees: int = 2000
    services: int = 30
    offices: int = 100
    quarters: int = 4
    ratings_per_quarter: float = 30.0
    volume_sd: float = 0.9
    ability_sd: float = 0.75
    weak_share: float = 0.12
    service_sd: float = 0.6
    office_sd: float = 0.25
    roster: float = 0.3
    """How far weak staff sit at hard services: 0 not at all, 1 strictly."""
    movers: float = 0.25
    drift_sd: float = 0.12
    sudden: float = 0.03
    mass_days: float = 0.02
    careless_stuffers: float = 0.03
    careful_stuffers: float = 0.03
    attacked: float = 0.04
    coaches: float = 0.02
    ticket_pickers: float = 0.02
    campaigns: str = ""
    """Kind of the campaigns against the attacked, one of `attackers.CAMPAIGNS`; empty: mixed."""
    queue_offices: float = 0.5
    """Offices whose tickets come from a queue system, one for each visit; elsewhere staff hand
    tickets out, which prove nothing."""
    regulars: float = 0.06
    """Share of visits by people who come back to the office, each with a severity of their own."""
    bad_days: float = 0.0
    bad_weeks: float = 0.0
    """Share of a person's days, and weeks, on which service is truly worse, by `bad_by`."""
    bad_by: float = 1.2
    habits: Habits = field(default_factory=Habits)


@dataclass(frozen=True)
class Truth:
    """What the engine cannot see. Per employee: ability (year, last quarter), the expected IKM
    over the national mix with an average rater and office (`score`, `score_last`), the role,
    the difficulty of the own services; per rating: whether it describes no visit. `ease`: effect
    of each service, by its key. Bad days and weeks are not in the ability."""

    employee: Keys
    theta: Floats
    theta_last: Floats
    score: Floats
    score_last: Floats
    role: Keys
    difficulty: Floats
    forged: Flags
    ease: dict[str, float]


@dataclass
class _Staff:
    theta: Floats  # (employees, quarters)
    office: Ints
    home: Ints
    second: Ints
    volume: Floats
    role: Ints
    queued: Flags  # per office: its tickets come from a queue system


def simulate(city: City, seed: int) -> tuple[Ratings, Truth]:
    """Ratings of one city and the truth behind them; the same seed gives the same city."""
    rng = np.random.default_rng(seed)
    difficulty = rng.normal(0, city.service_sd, city.services)
    popularity = 1 / np.arange(1, city.services + 1) ** 0.7
    share = rng.permutation(popularity / popularity.sum())
    office_effect = rng.normal(0, city.office_sd, city.offices)
    office_effect -= office_effect.mean()
    staff = _hire(rng, city, difficulty, share)
    if city.campaigns and city.campaigns not in CAMPAIGNS:
        raise ValueError(f"no campaign is of the kind {city.campaigns!r}")
    visits = _Visits(rng, city, staff, difficulty, office_effect)
    honest = visits.honest()
    forged = _forge(rng, city, staff)
    ratings, false = _assemble(rng, city, staff, honest, forged)
    national = np.bincount(ratings.service, minlength=city.services) / max(len(ratings), 1)
    curve = _truth_curve(rng, city, -difficulty, national)
    theta = staff.theta.mean(axis=1)
    own = np.bincount(ratings.employee, -difficulty[ratings.service], city.employees)
    n = np.maximum(np.bincount(ratings.employee, minlength=city.employees), 1)
    names = np.array(ROLES, dtype=object)
    return _named(ratings), Truth(
        employee=np.array([f"e{at:05d}" for at in range(city.employees)], dtype=object),
        theta=theta, theta_last=staff.theta[:, -1], score=np.interp(theta, *curve),
        score_last=np.interp(staff.theta[:, -1], *curve), role=names[staff.role],
        difficulty=-own / n, forged=false,
        ease={f"s{at:02d}": -value for at, value in enumerate(difficulty.tolist())},
    )  # fmt: skip


def _forge(rng: np.random.Generator, city: City, staff: _Staff) -> list[Forged]:
    """What those send who want other figures than they have earned."""

    def those(role: str) -> tuple[Ints, int, Floats]:
        who = np.flatnonzero(staff.role == ROLES.index(role))
        return who, city.quarters, staff.volume[who]

    return [
        careless_stuffing(rng, *those("careless_stuffer")),
        careful_stuffing(rng, *those("careful_stuffer")),
        campaign(rng, *those("attacked"), city.campaigns),
    ]


def _hire(rng: np.random.Generator, city: City, difficulty: Floats, share: Floats) -> _Staff:
    """Abilities with a weak tail, rosters, offices, heavy-tailed volumes, roles."""
    size = city.employees
    weak = rng.random(size) < city.weak_share
    ability = np.where(weak, rng.normal(-1.1, 0.5, size), rng.normal(0.15, city.ability_sd, size))
    home = rng.choice(city.services, size, p=share)
    hard_first = home[np.argsort(-difficulty[home], kind="stable")]
    mixed = city.roster * np.argsort(np.argsort(ability)) / size
    mixed = mixed + (1 - city.roster) * rng.random(size)
    home = hard_first[np.argsort(np.argsort(mixed))]
    moves = rng.random(size) < city.movers
    second = np.where(moves, rng.choice(city.services, size, p=share), home)
    change = rng.normal(0, city.drift_sd, (size, city.quarters))
    change[:, 0] = 0
    theta = ability[:, None] + np.cumsum(change, axis=1)
    fell = rng.random(size) < city.sudden
    theta[fell, -1] -= 0.9
    volume = city.ratings_per_quarter * np.exp(
        rng.normal(0, city.volume_sd, size) - city.volume_sd**2 / 2
    )
    shares = (city.careless_stuffers, city.careful_stuffers, city.attacked, city.coaches,
              city.ticket_pickers)  # fmt: skip
    role = np.searchsorted(np.cumsum(shares), rng.random(size), side="right")
    role = np.where(role == len(shares), 0, role + 1)
    office = rng.integers(0, city.offices, size)
    queued = rng.random(city.offices) < city.queue_offices
    by_hand = np.flatnonzero(~queued)
    picks = role == ROLES.index("ticket_picker")
    if len(by_hand):
        office = np.where(picks, rng.choice(by_hand, size), office)
    return _Staff(theta, office, home, second, volume, role, queued)


@dataclass
class _Rows:
    employee: Ints
    service: Ints
    channel: Ints
    quarter: Ints
    day: Ints
    second: Ints
    device: Ints
    ticket: Ints
    answers: Ints


class _Visits:
    """Honest visits: who serves whom when, and what the visitor says."""

    def __init__(
        self, rng: np.random.Generator, city: City, staff: _Staff, difficulty: Floats,
        office_effect: Floats,
    ) -> None:  # fmt: skip
        self.rng, self.city, self.staff = rng, city, staff
        self.difficulty, self.office_effect = difficulty, office_effect

    def honest(self) -> _Rows:
        """All ratings that visitors gave of their own will."""
        rng, city, staff = self.rng, self.city, self.staff
        usual = float(ANSWER_RATE[1:] @ [0.06, 0.12, 0.27, 0.55])
        number = rng.poisson(np.repeat(staff.volume[:, None], city.quarters, axis=1) / usual)
        who = np.repeat(np.arange(city.employees), number.sum(axis=1))
        quarter = np.concatenate([
            np.repeat(np.arange(city.quarters), line) for line in number
        ]) if len(who) else who  # fmt: skip
        size = len(who)
        away = rng.random(size) < 0.4
        service = np.where(away, staff.second[who], staff.home[who])
        channel = rng.choice(len(CHANNELS), size, p=CHANNEL_SHARE)
        day, second = self._when(who, quarter)
        level = (
            staff.theta[who, quarter] - self.difficulty[service]
            + self.office_effect[staff.office[who]] + CHANNEL_EFFECT[channel]
            - city.bad_by * self._bad(who, 65 * quarter + day)
        )  # fmt: skip
        regular = self._regulars(who)
        severity = rng.normal(0, city.habits.severity_sd, size)
        own = rng.normal(0, city.habits.severity_sd, city.offices * REGULARS)
        severity = np.where(regular >= 0, own[regular], severity)
        given = answer_visits(rng, level, city.habits, severity)
        coaxed, kept_away = self._bent(who, channel, given.answers)
        channel = np.where(coaxed & ~given.rated, CHANNELS.index("ticket"), channel)
        kept = (given.rated | coaxed) & ~kept_away
        rows = _Rows(who, service, channel, quarter, day, second,
                     self._devices(who, channel, regular), self._tickets(who, channel),
                     given.answers)  # fmt: skip
        return _Rows(*(getattr(rows, name)[kept] for name in _Rows.__dataclass_fields__))

    def _bad(self, who: Ints, day: Ints) -> Flags:
        """Whether service was truly worse then: a day, or a week, of this person."""
        city = self.city
        if not city.bad_days and not city.bad_weeks:
            return np.zeros(len(who), dtype=bool)
        shape = (city.employees, 65 * city.quarters)
        bad = self.rng.random(shape) < city.bad_days
        week = self.rng.random((shape[0], shape[1] // 5)) < city.bad_weeks
        return np.asarray(bad[who, day] | week[who, day // 5])

    def _bent(self, who: Ints, channel: Ints, answers: Ints) -> tuple[Flags, Flags]:
        """Ratings that bent staff bring about, and those they keep away from themselves: coaches
        make the unhappy blame the system; ticket pickers, who hand tickets out themselves, give
        one to happy visitors who would not have rated, and none to the others."""
        role, face = self.staff.role[who], answers[:, 0]
        coach, picker = (role == ROLES.index(name) for name in ("coach", "ticket_picker"))
        draw = self.rng.random(len(who))
        ticket = channel == CHANNELS.index("ticket")
        coached = coach & (face <= 2) & (draw < 0.6)
        picker = picker & ~self.staff.queued[self.staff.office[who]]
        return picker & (face == 4) & (draw < 0.12), coached | (picker & ticket & (face <= 3))

    def _tickets(self, who: Ints, channel: Ints) -> Ints:
        """Numbers of queue systems, one for each visit; -1 where staff hand tickets out, or where
        there are none."""
        queued = self.staff.queued[self.staff.office[who]] & (channel == CHANNELS.index("ticket"))
        return np.where(queued, np.arange(len(who)), -1)

    def _when(self, who: Ints, quarter: Ints) -> tuple[Ints, Ints]:
        """Working days and hours; on some days of an office everybody comes."""
        rng = self.rng
        size = len(who)
        day = rng.integers(0, 65, size)
        office = self.staff.office[who]
        mass = rng.integers(0, 65, (self.city.offices, self.city.quarters))
        crowded = rng.random(size) < self.city.mass_days * 5
        day = np.where(crowded, mass[office, quarter], day)
        second = 8 * 3600 + (rng.beta(1.6, 2.2, size) * 7.9 * 3600).astype(np.int64)
        return day, second

    def _regulars(self, who: Ints) -> Ints:
        """Who of those that come back this visitor is; -1 for everybody else."""
        rng, size = self.rng, len(who)
        person = self.staff.office[who] * REGULARS + rng.integers(0, REGULARS, size)
        return np.where(rng.random(size) < self.city.regulars, person, -1)

    def _devices(self, who: Ints, channel: Ints, regular: Ints) -> Ints:
        """Kiosks and clerks share one device; those who come back keep theirs; many phones
        cannot be told (negative)."""
        rng, size = self.rng, len(who)
        device = np.where(regular >= 0, 20_000_000 + regular, 50_000_000 + np.arange(size))
        office = self.staff.office[who]
        device = np.where(rng.random(size) < 0.15, -1, device)
        return np.where(np.isin(channel, (3, 4)), 30_000_000 + office * 5 + channel, device)


def _assemble(
    rng: np.random.Generator, city: City, staff: _Staff, honest: _Rows, forged: list[Forged]
) -> tuple[Ratings, Flags]:
    """All rows as Ratings (integer keys), and which of them are forged."""
    size = len(honest.employee)
    who = np.concatenate([honest.employee, *(part.employee for part in forged)])
    extra = len(who) - size
    false = np.arange(len(who)) >= size
    quarter = np.concatenate([honest.quarter, *(part.quarter for part in forged)])
    day = np.concatenate([honest.day, *(part.day for part in forged)])
    second = np.concatenate([honest.second, *(part.second for part in forged)])
    device = np.concatenate([honest.device, *(40_000_000 + part.device for part in forged)])
    moment = FIRST_MONDAY + (13 * 7 * quarter + 7 * (day // 5) + day % 5) * DAY + second - WIB
    channel = np.concatenate([honest.channel, rng.choice(2, extra, p=[0.85, 0.15])])
    ticket = np.concatenate([honest.ticket, np.full(extra, -1)])
    ratings = Ratings(
        employee=who, office=staff.office[who],
        service=np.concatenate([honest.service, staff.home[who[size:]]]),
        channel=np.array(CHANNELS, dtype=object)[channel],
        period=np.array([f"2026-Q{q + 1}" for q in range(city.quarters)], dtype=object)[quarter],
        rater=device, submitted_at=moment, counter=staff.home[who], utc_offset=WIB, ticket=ticket,
        answers=np.concatenate([honest.answers, *(part.answers for part in forged)]),
    )  # fmt: skip
    order = np.lexsort((np.arange(len(who)), ratings.submitted_at))
    return ratings.select(order), false[order]


def _named(ratings: Ratings) -> Ratings:
    """Text keys, as in a file."""

    def text(prefix: str, width: int, codes: Keys) -> Keys:
        known, place = np.unique(codes, return_inverse=True)
        names = np.array([f"{prefix}{code:0{width}d}" for code in known.tolist()], dtype=object)
        return np.asarray(names[place])

    rater = text("d", 8, np.maximum(ratings.rater, 0))
    rater[ratings.rater < 0] = ""
    return dataclasses.replace(
        ratings, employee=text("e", 5, ratings.employee), office=text("o", 3, ratings.office),
        service=text("s", 2, ratings.service), counter=text("c", 2, ratings.counter), rater=rater,
        rating_id=np.arange(len(ratings)),
    )  # fmt: skip


def _truth_curve(
    rng: np.random.Generator, city: City, ease: Floats, national: Floats
) -> tuple[Floats, Floats]:
    """Ability and the mean IKM of the ratings it earns, by drawing. Each service enters with its
    share of the nation's ratings; within it, visitors with their chance to answer."""
    ability = np.linspace(-5, 4, 37)
    draws = 60_000
    service = rng.choice(city.services, draws, p=national)
    channel = rng.choice(len(CHANNELS), draws, p=CHANNEL_SHARE)
    office = rng.normal(0, city.office_sd, draws)
    around = ease[service] + CHANNEL_EFFECT[channel] + office
    seed = int(rng.integers(0, 2**31))
    level = []
    for theta in ability:
        given = answer_visits(np.random.default_rng(seed), theta + around, city.habits)
        answering = ANSWER_RATE[given.answers[:, 0]]
        total = np.bincount(service, answering, city.services)
        mean = np.bincount(service, answering * ikm(given.answers), city.services)
        level.append(float(national @ (mean / np.maximum(total, 1e-12))))
    return ability, np.maximum.accumulate(np.array(level))
