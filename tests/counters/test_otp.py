"""The code of a minute: known by its key, fresh for some minutes, never taken for another's."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.counters.codes import ALPHABET, is_code
from portal.counters.otp import OTP_LENGTH, display_keys, fresh_at, minute_of, minute_shown, otp

NOON = datetime(2026, 11, 23, 5, 0, 30, tzinfo=UTC)
KEYS = display_keys(["an old signing key", "the signing key of today"], 1, 17)
moments = st.timedeltas(timedelta(), timedelta(days=5000)).map(lambda later: NOON + later)


@given(moments, st.timedeltas(timedelta(days=-10), timedelta(days=10)))
def test_a_code_tells_its_minute_for_days_before_and_after(shown: datetime, later: timedelta):
    minute = minute_of(shown)
    assert minute_shown(KEYS, otp(KEYS[-1], minute), shown + later) == minute


def test_a_code_has_letters_that_nobody_confuses_and_changes_each_minute() -> None:
    codes = [otp(KEYS[-1], minute_of(NOON) + ahead) for ahead in range(200)]
    assert all(is_code(code, OTP_LENGTH) for code in codes)
    assert len({code[3:] for code in codes}) == 200


def test_codes_made_with_an_older_signing_key_are_still_known() -> None:
    assert minute_shown(KEYS, otp(KEYS[0], minute_of(NOON)), NOON) == minute_of(NOON)


def test_another_screens_code_is_not_known() -> None:
    for other in (display_keys(["the signing key of today"], 1, 18), display_keys(["x"], 1, 17)):
        assert minute_shown(KEYS, otp(other[0], minute_of(NOON)), NOON) is None


@given(st.integers(0, 7), st.sampled_from(ALPHABET))
def test_no_letter_of_a_code_can_be_changed(place: int, letter: str) -> None:
    code = otp(KEYS[-1], minute_of(NOON))
    changed = code[:place] + letter + code[place + 1 :]
    if changed != code:
        assert minute_shown(KEYS, changed, NOON) is None


def test_what_is_no_code_is_not_known() -> None:
    assert minute_shown(KEYS, "", NOON) is None
    assert minute_shown(KEYS, "ÄÖÜ45678", NOON) is None


def test_a_code_is_fresh_for_five_minutes_on_either_side_of_its_own() -> None:
    start = NOON.replace(second=0)
    minute, end = minute_of(NOON), start + timedelta(minutes=1)
    for now in (start - timedelta(minutes=5), NOON, end + timedelta(minutes=5)):
        assert fresh_at(minute, now) == min(now, end)
    for now in (start - timedelta(minutes=5, seconds=1), end + timedelta(minutes=5, seconds=1)):
        assert fresh_at(minute, now) is None
