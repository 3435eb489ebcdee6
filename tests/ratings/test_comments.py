"""What points to a person is blacked out before it is stored; sums, times and years are not."""

import pytest

from portal.ratings.masking import EDGE, mask, mask_words
from portal.ratings.rude_words import rude_spans
from portal.ratings.wording import Piece, pieces


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("NIK saya 3372014506890001", "NIK saya ▇nik▇"),
        ("3171  0123  4567 8901", "▇nik▇"),
        ("3171/0123/4567/8901", "▇nik▇"),
        ("NIK 3372\n014506\n890001", "NIK ▇nik▇"),
        ("NIP 19860926 201505 1 001", "NIP ▇nip▇"),
        ("HP 0812-3456-7890", "HP ▇phone▇"),
        ("+62 812 3456 7890", "▇phone▇"),
        ("hubungi 0812 3456 7890 ya", "hubungi ▇phone▇ ya"),
        ("telepon (0271) 646655", "telepon ▇phone▇"),
        ("kantor (0271) 646655", "kantor ▇phone▇"),
        ("no rekening 1234567890", "no rekening ▇account▇"),
        ("norek: 12345678", "norek: ▇account▇"),
        ("transfer BCA 1234567", "transfer BCA ▇account▇"),
        ("kosong delapan satu dua tiga empat lima", "▇number▇"),
        ("budi.santoso@mail.example", "▇email▇"),
        ("budi at gmail dot com", "▇email▇"),
        ("cari @budi_ig", "cari ▇handle▇"),
        ("mobil B 1234 XYZ di depan", "mobil ▇plate▇ di depan"),
        ("motor ad1234bc, AB-4321-QT", "motor ▇plate▇, ▇plate▇"),
        ("motor b 1234 xyz", "motor ▇plate▇"),
    ],
)
def test_what_points_to_a_person_is_masked_by_kind(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Antre 3 jam sejak 08.00",
        "Biaya Rp 1.500.000",
        "Loket 3, tahun 2026",
        "Nomor antrean A-117",
        "antrean A 117 B",
        "Loket B 12 AJA",
        "buka 08.00-12.00 dan 13.00-15.00",
        "tanggal 12-11-2026",
        "satu dua tiga kali datang",
        "pasal 15 UU 25/2009",
    ],
)
def test_what_points_to_nobody_stays(text: str) -> None:
    assert mask(text) == text


def test_a_mask_cannot_be_feigned() -> None:
    assert mask("▇phone▇ lalu") == "phone lalu"


def test_words_chosen_by_hand_are_masked_and_neighbours_become_one() -> None:
    text = mask("Pak Budi Santoso, HP 0812-3456-7890, rumah Jalan Mawar")
    assert mask_words(text, [1, 2, 5, 6]) == f"Pak ▇hand▇ HP {EDGE}phone{EDGE}, rumah ▇hand▇"
    with pytest.raises(IndexError):
        mask_words(text, [99])


@pytest.mark.parametrize(
    ("text", "rude"),
    [
        ("Petugasnya GOBLOK banget", ["GOBLOK"]),
        ("dasar 4nj1ng, b@ngs@t", ["4nj1ng", "b@ngs@t"]),
        ("toloooolnya itu", ["toloooolnya"]),
        ("what an asshole, this idiot", ["asshole", "idiot"]),
        ("ndhasmu, dancuk tenan", ["ndhasmu", "dancuk"]),
        ("mbokne   ancuk", ["mbokne   ancuk"]),
        ("belegug pisan, kehed", ["belegug", "kehed"]),
    ],
)
def test_rude_words_are_found_in_four_languages_however_they_are_spelt(
    text: str, rude: list[str]
) -> None:
    assert [text[start:end] for start, end in rude_spans(text)] == rude


@pytest.mark.parametrize(
    "text",
    [
        "Urus asuransi, KTP bodong ditolak",
        "Santai, kontrol mutunya baik",
        "Setia melayani sampai pelacakan selesai",
        "Petugas kurang ajar, seperti maling",
        "Classic service in Scunthorpe",
    ],
)
def test_ordinary_words_and_blame_are_not_rude(text: str) -> None:
    assert rude_spans(text) == []


def test_a_comment_is_shown_with_its_kinds_and_never_with_what_was_covered() -> None:
    text = mask("Goblok, telepon 0812-3456-7890 saja")
    covered = [
        Piece("", "rude"),
        Piece(", telepon "),
        Piece("", "phone"),
        Piece(" saja"),
    ]
    assert pieces(text) == covered
    assert pieces(text, covered=False)[0] == Piece("Goblok, telepon ")
