"""What citizens read is plain: short sentences, everyday words, nothing of offices or computers."""

import re

import pytest

from tests.rules.test_translations import CITIZENS, said

# These speak to the employee who is judged.
NOT_CITIZENS = ("portal/records/", "portal/templates/macros/")
LONGEST = 20  # words of a sentence; readers new to reading lose the thread of longer ones
OFFICIALESE = (
    "apabila|dikarenakan|dimohon|diharapkan|tersebut|sebagaimana|dalam rangka|guna|bersangkutan|"
    "adapun|dimaksud|sehubungan|selanjutnya|merupakan|senantiasa|agar supaya|terlampir|melakukan|"
    "integritas|responden|indikator|persepsi|partisipasi|implementasi|optimal|verifikasi|autentikasi"
)
COMPUTERESE = (
    "submit|error|token|server|link|browser|peramban|input|database|basis data|parameter|"
    "notifikasi|cache|cookie|kuki|script|javascript|offline|online|valid|invalid"
)
TEXTS = sorted(
    {
        form
        for key in said(*(place for place in CITIZENS if not place.startswith(NOT_CITIZENS)))
        for form in key
    }
)


def sentences(text: str) -> list[str]:
    plain = re.sub(r"%\(\w+\)\w|\{\w+\}|<[^>]+>", "x", text)
    return re.split(r"(?<=[.!?:;])\s+", plain)


def test_there_are_texts_to_read() -> None:
    assert len(TEXTS) > 150


@pytest.mark.parametrize("words", [OFFICIALESE, COMPUTERESE], ids=["office", "computer"])
def test_no_text_speaks_like_an_office_or_a_computer(words: str) -> None:
    pattern = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    assert [text for text in TEXTS if pattern.search(text)] == []


def test_every_sentence_is_short() -> None:
    long = [
        sentence
        for text in TEXTS
        for sentence in sentences(text)
        if len(re.findall(r"\w+", sentence)) > LONGEST
    ]
    assert long == []
