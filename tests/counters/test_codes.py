"""Codes on paper: random, readable, forgiving to type, and the addresses made of them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.counters.codes import (
    ALPHABET,
    is_code,
    new_code,
    normalise_code,
    scan_address,
    show_code,
    typed_address,
)

any_code = st.text(ALPHABET, min_size=8, max_size=8)


def test_a_new_code_has_eight_letters_of_the_alphabet_and_none_that_are_confused():
    code = new_code()
    assert is_code(code)
    assert not set("ILOU") & set(ALPHABET)


def test_new_codes_do_not_repeat():
    assert len({new_code() for _ in range(2000)}) == 2000


def test_a_seeded_source_gives_the_same_codes_again():
    first, second = random.Random(7), random.Random(7)
    assert [new_code(source=first) for _ in range(5)] == [new_code(source=second) for _ in range(5)]


@pytest.mark.parametrize(
    "typed",
    [
        "7k3m-9qxa",
        "7K3M 9QXA",
        " 7k3m9qxa\n",
        "7K3M\u20139QXA",
        "7k3m\u00a09qxa",
        "7K3M\u200b-9QXA",
    ],
)
def test_a_code_is_understood_however_it_was_typed(typed):
    assert normalise_code(typed) == "7K3M9QXA"


def test_letters_that_look_like_digits_are_read_as_digits():
    assert normalise_code("oOiI-lL00") == "00111100"


@given(any_code)
def test_a_shown_code_reads_back_as_itself(code):
    assert normalise_code(show_code(code).lower()) == code


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("7K3M9QXA", "7K3M-9QXA"),
        ("7K3M9QXA4T", "7K3M9-QXA4T"),
        ("7K3M9QXA4T2B", "7K3M-9QXA-4T2B"),
    ],
)
def test_codes_are_shown_in_groups(code, shown):
    assert show_code(code) == shown


@pytest.mark.parametrize("text", ["", "7K3M9QX", "7K3M9QXAA", "7K3M9QXU", "7K3M9QX!", "7k3m9qxa"])
def test_other_texts_are_no_code(text):
    assert not is_code(text)


def test_the_scanned_address_is_upper_case_and_the_typed_one_is_short():
    assert scan_address("https://suara.go.id/", "7K3M9QXA") == "HTTPS://SUARA.GO.ID/N/7K3M9QXA"
    assert typed_address("https://Suara.go.id", "7K3M9QXA") == "suara.go.id/n/7K3M-9QXA"
    assert typed_address("http://127.0.0.1:8000", "7K3M9QXA") == "127.0.0.1:8000/n/7K3M-9QXA"


@pytest.mark.parametrize(
    "public_url",
    ["", "suara.go.id", "ftp://suara.go.id", "https://kota.go.id/suara", "https://a:b@kota.go.id"],
)
def test_a_public_url_that_upper_case_would_break_is_refused(public_url):
    with pytest.raises(ValueError, match="public URL"):
        scan_address(public_url, "7K3M9QXA")
