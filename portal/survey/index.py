"""The satisfaction index (IKM) of PermenPANRB 14/2017: exact fractions, rounded once at the end.

NRR: mean answer to one unsur, 1 to 4. IKM: sum of NRR x weight, x 25; so 25 to 100.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

Means = Mapping[str, Fraction]

# By key, never by number: the questionnaire and the regulation's list disagree on U8 and U9.
NINE_UNSUR = (
    "persyaratan",
    "prosedur",
    "waktu",
    "biaya",
    "produk",
    "kompetensi",
    "perilaku",
    "sarana",
    "pengaduan",
)
FEWEST_UNSUR, MOST_UNSUR = 4, 16
LOWEST_ANSWER, HIGHEST_ANSWER = 1, 4
PER_POINT = 25  # from the 1-4 to the 25-100 scale

EXACT = "exact"
# How old reports rounded 1/9; they lower the index by up to 1 point and serve only to explain one.
ROUNDED_NINTHS = {"0.111": Fraction(111, 1000), "0.11": Fraction(11, 100)}
WEIGHTS = (EXACT, *ROUNDED_NINTHS)

# Lower bounds of the converted value; C is "Kurang Baik", not "Cukup".
_GRADES = (("A", Decimal("88.31")), ("B", Decimal("76.61")), ("C", Decimal("65.00")))

# Published figures are truncated as often as rounded, and come from means rounded before: 0.01.
_PUBLISHED_SLACK = Fraction(1, 100)


class WeightsDoNotApply(ValueError):
    """0.111 and 0.11 stand for 1/9: they mean nothing for another number of unsur."""

    def __init__(self, weights: str, count: int) -> None:
        super().__init__(f"weights {weights} are for 9 unsur, not for {count}; use exact")


def ikm(means: Means, weights: str = EXACT) -> Fraction:
    """The index on the 25-100 scale, not rounded. Every unsur weighs the same.

    means: NRR by unsur, 1 to 4. weights: "exact" (1/n), or "0.111" or "0.11" (nine unsur only).
    """
    count = len(means)
    if weights == EXACT:
        weight = Fraction(1, count)
    elif count == len(NINE_UNSUR):
        weight = ROUNDED_NINTHS[weights]
    else:
        raise WeightsDoNotApply(weights, count)
    return sum(means.values(), Fraction(0)) * weight * PER_POINT


def half_up(value: Fraction, places: int = 2) -> Decimal:
    """Rounded as taught at school: 76.605 is 76.61. (Python's round would go to the even digit.)"""
    units = (value * 10**places + Fraction(1, 2)).__floor__()
    return Decimal(units).scaleb(-places)


def grade(value: Fraction) -> str:
    """Mutu pelayanan A to D, read from the value rounded to 2 decimals.

    The official bounds leave gaps (64.99 to 65.00); the rounded value never falls into one.
    """
    rounded = half_up(value)
    return next((letter for letter, least in _GRADES if rounded >= least), "D")


def reproduces(means: Means, published: Decimal, weights: str) -> bool:
    """Whether the published index follows from the means: half a unit of its last digit, or 0.01.

    published: as printed; its decimals say how exact it wants to be.
    """
    places = max(0, -int(published.as_tuple().exponent))
    tolerance = max(Fraction(1, 2 * 10**places), _PUBLISHED_SLACK)
    return abs(ikm(means, weights) - Fraction(published)) <= tolerance


def explain(means: Means, published: Decimal, first: str = EXACT) -> str | None:
    """The weights that lead to the published index, or None if it does not follow at all.

    A coarsely printed figure may follow from several: then `first`, exact, 0.111, 0.11 in turn.
    """
    for weights in dict.fromkeys((first, *WEIGHTS)):
        if weights != EXACT and len(means) != len(NINE_UNSUR):
            continue
        if reproduces(means, published, weights):
            return weights
    return None
