"""`simulate`: a city whose truth is known (section 11, end)."""

import dataclasses
from dataclasses import dataclass, field

import numpy as np

from .attackers import Forged, campaign, careful_stuffing, careless_stuffing
from .data import Flags, Floats, Ints, Keys, Ratings
from .visits import ANSWER_RATE, Habits, answer_visits, ikm

FIRST_MONDAY = 1_767_571_200
"""2026-01-05 00:00 UTC."""
DAY = 86_400
WIB = 7 * 3600
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
    habits: Habits = field(default_factory=Habits)


@dataclass(frozen=True)
class Truth:
    """What the engine cannot see. Per employee: ability (year, last quarter), the expected IKM
    over the national mix with an average rater and office (`score`, `score_last`), the role,
    the difficulty of the own services; per rating: whether it describes no visit. `ease`: effect
    of each service, by its key."""

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


def simulate(city: City, seed: int) -> tuple[Ratings, Truth]:
    """Ratings of one city and the truth behind them; the same seed gives the same city."""
    rng = np.random.default_rng(seed)
    difficulty = rng.normal(0, city.service_sd, city.services)
    popularity = 1 / np.arange(1, city.services + 1) ** 0.7
    share = rng.permutation(popularity / popularity.sum())
    office_effect = rng.normal(0, city.office_sd, city.offices)
    office_effect -= office_effect.mean()
    staff = _hire(rng, city, difficulty, share)
    visits = _Visits(rng, city, staff, difficulty, office_effect)
    honest = visits.honest()
    forged = [
        wants(
            rng, np.flatnonzero(staff.role == role), city.quarters, staff.volume[staff.role == role]
        )
        for role, wants in ((1, careless_stuffing), (2, careful_stuffing), (3, campaign))
    ]
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
    return _Staff(theta, rng.integers(0, city.offices, size), home, second, volume, role)


@dataclass
class _Rows:
    employee: Ints
    service: Ints
    channel: Ints
    quarter: Ints
    day: Ints
    second: Ints
    device: Ints
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
        level = (
            staff.theta[who, quarter] - self.difficulty[service]
            + self.office_effect[staff.office[who]] + CHANNEL_EFFECT[channel]
        )  # fmt: skip
        given = answer_visits(rng, level, city.habits)
        kept = given.rated & ~self._bent(who, channel, given.answers)
        day, second = self._when(who, quarter)
        rows = _Rows(who, service, channel, quarter, day, second, self._devices(who, channel),
                     given.answers)  # fmt: skip
        return _Rows(*(getattr(rows, name)[kept] for name in _Rows.__dataclass_fields__))

    def _bent(self, who: Ints, channel: Ints, answers: Ints) -> Flags:
        """Ratings that bent staff keep away from themselves: coaches make the unhappy blame the
        system; ticket pickers hand tickets to the happy only."""
        role = self.staff.role[who]
        unhappy = answers[:, 0] <= 2
        coached = (role == 4) & unhappy & (self.rng.random(len(who)) < 0.6)
        picked = (role == 5) & (answers[:, 0] <= 3) & (self.rng.random(len(who)) < 0.5)
        return np.asarray(coached | picked)

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

    def _devices(self, who: Ints, channel: Ints) -> Ints:
        """Kiosks and clerks share one device; families and regulars share theirs; many phones
        cannot be told (negative)."""
        rng, size = self.rng, len(who)
        device = 10_000_000 + np.arange(size)
        office = self.staff.office[who]
        regular = rng.random(size) < 0.06
        pool = 20_000_000 + office * 400 + rng.integers(0, 60, size)
        device = np.where(regular, pool, device)
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
    ratings = Ratings(
        employee=who, office=staff.office[who],
        service=np.concatenate([honest.service, staff.home[who[size:]]]),
        channel=np.array(CHANNELS, dtype=object)[channel],
        period=np.array([f"2026-Q{q + 1}" for q in range(city.quarters)], dtype=object)[quarter],
        rater=device, submitted_at=moment, counter=staff.home[who], utc_offset=WIB,
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
