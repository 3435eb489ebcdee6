"""Personal numbers in comments are blacked out, sums and years are not."""

import pytest

from portal.ratings.comments import MASK, mask


@pytest.mark.parametrize(
    "text",
    [
        "NIK saya 3372014506890001",
        "3171  0123  4567 8901",
        "3171/0123/4567/8901",
        "NIK 3372\n014506\n890001",
        "NIP 19860926 201505 1 001",
        "HP 0812-3456-7890",
        "+62 812 3456 7890",
        "no rekening 1234567890",
        "norek: 12345678",
        "telepon (0271) 646655",
        "budi.santoso@mail.example",
        "budi at gmail dot com",
        "cari @budi_ig",
    ],
)
def test_what_points_to_a_person_is_masked(text: str) -> None:
    masked = mask(text)
    assert MASK in masked
    assert not any(part in masked for part in ("4506", "4567", "5678", "budi", "6655", "201505"))


@pytest.mark.parametrize(
    "text",
    ["Antre 3 jam sejak 08.00", "Biaya Rp 1.500.000", "Loket 3, tahun 2026", "Nomor antrean A-117"],
)
def test_what_points_to_nobody_stays(text: str) -> None:
    assert mask(text) == text
