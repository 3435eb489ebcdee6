"""The NIP of a PNS and the NI PPPK: what each part may be, and what the trouble is called."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.people import numbers
from portal.people.numbers import check_number

TODAY = date(2026, 11, 23)
NIP = "198609262015051001"
NI_PPPK = "198609262021211001"


def test_a_nip_is_kept_as_its_18_digits() -> None:
    assert check_number("pns", NIP, TODAY) == NIP


@pytest.mark.parametrize(
    "printed", ["19860926 201505 1 001", "19860926-201505-1-001", " 198609262015051001\u00a0"]
)
def test_spaces_and_hyphens_of_print_are_left_out(printed: str) -> None:
    assert check_number("pns", printed, TODAY) == NIP


def test_a_pppk_has_no_month_at_the_13th_digit() -> None:
    assert check_number("pppk", NI_PPPK, TODAY) == NI_PPPK


def test_the_number_of_a_pppk_is_no_nip_of_a_pns() -> None:
    with pytest.raises(numbers.ImpossibleMonth):
        check_number("pns", NI_PPPK, TODAY)


@pytest.mark.parametrize(
    ("kind", "text", "trouble"),
    [
        ("pns", "19860926201505100O", numbers.NotDigits),
        ("pns", "١٩٨٦٠٩٢٦٢٠١٥٠٥١٠٠١", numbers.NotDigits),
        ("pns", "", numbers.NotDigits),
        ("pns", "131234567", numbers.OldNumber),
        ("pns", "19860926201505100", numbers.WrongLength),
        ("pns", "1986092620150510011", numbers.WrongLength),
        ("pns", "198613262015051001", numbers.ImpossibleBirthDate),
        ("pns", "198602302015051001", numbers.ImpossibleBirthDate),
        ("pns", "188609262015051001", numbers.ImpossibleBirthDate),
        ("pns", "202009262025051001", numbers.ImpossibleBirthDate),
        ("pns", "198609262015001001", numbers.ImpossibleMonth),
        ("pns", "198609262015131001", numbers.ImpossibleMonth),
        ("pns", "198609261990051001", numbers.ImpossibleAppointment),
        ("pns", "198609262035051001", numbers.ImpossibleAppointment),
        ("pppk", "198609262015211001", numbers.ImpossibleAppointment),
        ("pppk", "198609262021001001", numbers.NoContract),
        ("pns", "198609262015053001", numbers.ImpossibleSex),
        ("pppk", "198609262021210001", numbers.ImpossibleSex),
    ],
)
def test_each_trouble_has_its_name(kind: str, text: str, trouble: type[numbers.BadNumber]) -> None:
    with pytest.raises(trouble):
        check_number(kind, text, TODAY)


BIRTHS = st.dates(date(1960, 1, 1), date(2003, 12, 31))


@given(
    birth=BIRTHS,
    age=st.integers(19, 23),
    month=st.integers(1, 12),
    sex=st.sampled_from("12"),
    serial=st.integers(1, 999),
)
def test_every_number_built_as_a_nip_is_accepted(
    birth: date, age: int, month: int, sex: str, serial: int
) -> None:
    number = f"{birth:%Y%m%d}{birth.year + age}{month:02}{sex}{serial:03}"
    assert check_number("pns", number, TODAY) == number


@given(
    birth=BIRTHS,
    year=st.integers(2021, 2027),
    contracts=st.integers(1, 99),
    sex=st.sampled_from("12"),
    serial=st.integers(1, 999),
)
def test_every_number_built_as_an_ni_pppk_is_accepted(
    birth: date, year: int, contracts: int, sex: str, serial: int
) -> None:
    number = f"{birth:%Y%m%d}{year}{contracts:02}{sex}{serial:03}"
    assert check_number("pppk", number, TODAY) == number


@given(kind=st.sampled_from(["pns", "pppk"]), text=st.text(max_size=30))
def test_any_text_is_either_18_digits_or_a_named_trouble(kind: str, text: str) -> None:
    try:
        number = check_number(kind, text, TODAY)
    except numbers.BadNumber:
        return
    assert len(number) == 18
    assert number.isascii()
    assert number.isdigit()


@given(kind=st.sampled_from(["pns", "pppk"]), text=st.from_regex(r"[0-9]{18}", fullmatch=True))
def test_any_18_digits_are_a_number_or_a_named_trouble(kind: str, text: str) -> None:
    try:
        assert check_number(kind, text, TODAY) == text
    except numbers.BadNumber:
        assert text
