"""Sealed addresses: only the keys open them, and keys can be changed."""

from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.sealing import LONGEST, CannotUnseal, can_seal, marks, seal, unseal
from tests.conftest import settings_for

OLD, NEW = (urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2))
PRODUCTION = {"environment": "production", "mail_backend": "smtp"}


def with_keys(tmp_path: Path, *keys: str, **changes: str) -> Flask:
    url = f"sqlite:///{tmp_path}/portal.db"
    return create_app(settings_for(url, contact_keys=",".join(keys), **changes))


def test_a_new_key_seals_and_the_old_one_still_opens(tmp_path: Path) -> None:
    with with_keys(tmp_path, OLD).app_context():
        token, (mark,) = seal("warga@surat.example"), marks("7K3M9QXA7K3M")
        assert "warga" not in token
    with with_keys(tmp_path, NEW, OLD).app_context():
        assert unseal(token) == "warga@surat.example"
        assert marks("7K3M9QXA7K3M")[1] == mark
        assert marks("7K3M9QXA7K3M")[0] != mark
        newer = seal("warga@surat.example")
    with with_keys(tmp_path, OLD).app_context(), pytest.raises(CannotUnseal):
        unseal(newer)


def test_the_longest_address_fits_into_its_column(tmp_path: Path) -> None:
    with with_keys(tmp_path, OLD).app_context():
        longest = seal("a" * LONGEST)
        assert len(longest) <= 254
        assert unseal(longest) == "a" * LONGEST


def test_what_was_not_sealed_here_opens_nothing(tmp_path: Path) -> None:
    with with_keys(tmp_path, OLD).app_context():
        sealed = seal("warga@surat.example")
        assert len(sealed) == len(seal("ani@surat.example"))  # nor does its length tell whose it is
        other = "B" if sealed[0] == "A" else "A"
        for wrong in ("", "gAAAAABn", sealed[:-4], other + sealed[1:]):
            with pytest.raises(CannotUnseal):
                unseal(wrong)


def test_production_without_a_key_asks_for_nothing(tmp_path: Path) -> None:
    with with_keys(tmp_path, **PRODUCTION).app_context():
        assert not can_seal()
        assert marks("7K3M9QXA7K3M") == []
    with with_keys(tmp_path, NEW, **PRODUCTION).app_context():
        assert can_seal()


@pytest.mark.parametrize("key", ["short", "x" * 44, f"{OLD}="])
def test_a_key_that_is_none_is_refused_at_the_start(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        with_keys(tmp_path, key)
