"""Blacks out what points to a person in a comment, before it is stored.

A mask says of what kind the covered words were, never what they were: `▇phone▇`. The words
themselves are kept nowhere. Rather too much than too little: a queue number that looks like a
plate costs nothing, a number that stays can cost somebody their peace.
"""

import re
from collections.abc import Iterable

LONGEST = 1000
EDGE = "▇"  # around the kind; taken out of what people write, so that no mask can be feigned
HAND = "hand"  # masked by a moderator
KINDS = ("nik", "nip", "phone", "email", "handle", "plate", "account", "number", HAND)
MASK = re.compile(f"{EDGE}({'|'.join(KINDS)}){EDGE}")

_EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\bat\b)\s?[\w-]+(?:\s?(?:\.|\bdot\b)\s?[\w-]+)+")
_HANDLE = re.compile(r"(?<!\w)@[\w.]{3,}")
# People write numbers with whatever stands between, or, to slip past, in words.
_BETWEEN = r"[\s./\-–_,()]{0,3}"
_DIGIT_WORDS = (
    "nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|"
    "zero|one|two|three|four|five|six|seven|eight|nine|"
    "siji|loro|telu|papat|limo|nem|pitu|wolu|songo|sanga|"
    "hiji|tilu|opat|genep|dalapan|salapan"
)
_LONG_NUMBER = re.compile(rf"(?<!\d)[+(]?\d(?:{_BETWEEN}\d){{9,}}(?!\d)")
_SPELT_NUMBER = re.compile(
    rf"\b(?:{_DIGIT_WORDS})(?:[\s,.\-]{{1,3}}(?:{_DIGIT_WORDS})){{5,}}\b", re.IGNORECASE
)
# A shorter number counts when the word before it says what it is.
_NAMED_NUMBER = re.compile(
    r"\b(?P<word>(?:no(?:mor)?\W{0,3})?(?:rek(?:ening)?|norek|bca|bri|bni|mandiri|wa|whatsapp|"
    rf"hp|telp?|telepon|nik|nip|ktp)\b[^\w(+]{{0,3}}(?:no(?:mor)?[^\w(+]{{0,3}})?)"
    rf"[+(]?\d(?:{_BETWEEN}\d){{5,}}",
    re.IGNORECASE,
)
_ACCOUNT_WORD = re.compile(r"rek|bca|bri|bni|mandiri", re.IGNORECASE)

# Letters of the region in which a vehicle is registered: Perpol 7/2021, of the police.
_REGIONS = (
    "AA|AB|AD|AE|AG|A|BA|BB|BD|BE|BG|BH|BK|BL|BM|BN|BP|B|DA|DB|DC|DD|DE|DG|DH|DK|DL|DM|DN|DP|DR|"
    "DS|DT|DW|D|EA|EB|ED|E|F|G|H|KB|KH|KT|KU|K|L|M|N|PA|PB|PG|PS|PT|P|R|S|T|W|Z"
)
_PLATE = re.compile(rf"\b(?:{_REGIONS})[ .\-]?\d{{1,4}}[ .\-]?[A-Z]{{1,3}}\b")
# In small letters only with as many figures as plates mostly have: "b 3 ya" is none.
_SMALL_PLATE = re.compile(
    rf"\b(?:{_REGIONS.lower()})[ .\-]?\d{{4}}[ .\-]?[a-z]{{2,3}}\b|"
    rf"\b(?:{_REGIONS.lower()})\d{{3,4}}[a-z]{{1,3}}\b"
)
_NOT_A_PLATE = re.compile(
    r"(?:loket|counter|antrean|antrian|nomor|lantai|gedung|kelas|ruang|jalur)\s*$", re.IGNORECASE
)


def mask(text: str) -> str:
    """The comment with what points to persons blacked out; nothing else is changed."""
    text = text.strip()[:LONGEST].replace(EDGE, "")
    for pattern, kind in ((_EMAIL, "email"), (_HANDLE, "handle"), (_SPELT_NUMBER, "number")):
        text = pattern.sub(_covered(kind), text)
    if any(letter.isdigit() for letter in text):
        text = _NAMED_NUMBER.sub(_named, text)
        text = _LONG_NUMBER.sub(_long, text)
        for pattern in (_PLATE, _SMALL_PLATE):
            text = pattern.sub(_plate, text)
    return _mask_phones(text) if sum(letter.isdigit() for letter in text) >= 7 else text


def mask_words(text: str, chosen: Iterable[int]) -> str:
    """The comment with these words (by place, as `words` counts them) blacked out by hand.

    Neighbours become one mask. Raises IndexError for a place that is no word.
    """
    found = words(text)
    spans: list[tuple[int, int]] = []
    for place in sorted(set(chosen)):
        start, end = found[place]
        if spans and not text[spans[-1][1] : start].strip():
            start = spans.pop()[0]
        spans.append((start, end))
    for start, end in reversed(spans):
        text = text[:start] + _covered(HAND) + text[end:]
    return text


def words(text: str) -> list[tuple[int, int]]:
    """Where each word begins and ends that can still be masked."""
    bare = MASK.sub(lambda found: " " * len(found[0]), text)
    return [found.span() for found in re.finditer(r"\S*\w\S*", bare)]


def _covered(kind: str) -> str:
    return f"{EDGE}{kind}{EDGE}"


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _named(found: re.Match[str]) -> str:
    word = found["word"]
    number = _digits(found[0][len(word) :])
    kind = "account" if _ACCOUNT_WORD.search(word) else _kind_of(number)
    return word + _covered("phone" if kind == "number" else kind)


def _long(found: re.Match[str]) -> str:
    return _covered(_kind_of(_digits(found[0])))


def _kind_of(digits: str) -> str:
    """What a bare number is by its length: a NIK has 16 digits, a NIP or NI PPPK 18."""
    if len(digits) == 16:
        return "nik"
    if len(digits) == 18:
        return "nip"
    return "phone" if digits.startswith(("0", "62")) and len(digits) <= 14 else "number"


def _plate(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - 20) : found.start()]
    return found[0] if _NOT_A_PLATE.search(before) else _covered("plate")


def _mask_phones(text: str) -> str:
    """Other telephone numbers; the library is large and is loaded only when a comment has one."""
    from phonenumbers import Leniency, PhoneNumberMatcher  # noqa: PLC0415

    found = list(PhoneNumberMatcher(text, "ID", leniency=Leniency.VALID))
    for match in reversed(found):
        start = match.start - text[: match.start].endswith(("(", "+"))
        if not text[:start].rstrip(" .").lower().endswith("rp"):  # a sum of money
            text = text[:start] + _covered("phone") + text[match.end :]
    return text
