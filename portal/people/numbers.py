"""Employee numbers: the NIP of a PNS and the NI PPPK, checked for their built-in parts.

Both have 18 digits and begin with the birth date (YYYYMMDD). A NIP goes on with the year and
month of appointment (YYYYMM), an NI PPPK with the year of the first contract (YYYY) and the
number of contracts (2 digits, often 21): asking a PPPK for a month there refuses them all.
Then follow the sex (1 man, 2 woman) and a serial number of 3 digits.
"""

import re
from datetime import date

LENGTH = 18
OLD_LENGTH = 9  # numbers given before 2008
YOUNGEST = 15  # years of age at appointment
OLDEST = 100  # years since birth
FIRST_PPPK_YEAR = 2018  # the year of PP 49/2018, which made PPPK possible

_SEPARATORS = re.compile(r"[\s.\-\u00ad\u200b-\u200d\u2010-\u2015\ufeff]+")


class BadNumber(ValueError):
    """The text is no number that an employee of this kind can have."""


class NotDigits(BadNumber):
    """There is something other than digits and spaces in it."""


class OldNumber(BadNumber):
    """It is a number of the old kind, with 9 digits."""


class WrongLength(BadNumber):
    """It does not have 18 digits."""


class ImpossibleBirthDate(BadNumber):
    """The first 8 digits are no birth date of a person at work."""


class ImpossibleMonth(BadNumber):
    """Digits 13-14 of a NIP are no month; for an NI PPPK they need not be one."""


class ImpossibleAppointment(BadNumber):
    """The year of appointment or first contract does not fit the birth date or the calendar."""


class NoContract(BadNumber):
    """An NI PPPK counts its contracts from 01."""


class ImpossibleSex(BadNumber):
    """Digit 15 is neither 1 nor 2."""


def normalise(text: str) -> str:
    """The number without the spaces and other separators it is often printed with."""
    return _SEPARATORS.sub("", text)


def check_number(kind: str, text: str, today: date) -> str:
    """The number of a `pns` or `pppk` as stored; raises a `BadNumber` that names the trouble."""
    number = normalise(text)
    _check_shape(number)
    birth = _birth_date(number, today)
    year, two_digits = int(number[8:12]), int(number[12:14])
    if kind == "pns" and not 1 <= two_digits <= 12:
        raise ImpossibleMonth
    earliest = birth.year + YOUNGEST
    if kind == "pppk":
        earliest = max(earliest, FIRST_PPPK_YEAR)
    # Appointments are numbered ahead of their first day, at most into the next year.
    if not earliest <= year <= today.year + 1:
        raise ImpossibleAppointment
    if kind == "pppk" and two_digits == 0:
        raise NoContract
    if number[14] not in "12":
        raise ImpossibleSex
    return number


def _check_shape(number: str) -> None:
    if not (number.isascii() and number.isdigit()):
        raise NotDigits
    if len(number) == OLD_LENGTH:
        raise OldNumber
    if len(number) != LENGTH:
        raise WrongLength


def _birth_date(number: str, today: date) -> date:
    try:
        birth = date(int(number[:4]), int(number[4:6]), int(number[6:8]))
    except ValueError:
        raise ImpossibleBirthDate from None
    if not today.year - OLDEST <= birth.year <= today.year - YOUNGEST:
        raise ImpossibleBirthDate
    return birth
