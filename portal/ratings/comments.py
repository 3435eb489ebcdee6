"""Masks personal numbers in a comment, and notices words that are for the inspector only."""

import re

MASK = "▇▇▇"  # read by people as blacked out; contains no letter or digit
LONGEST = 1000

_EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\bat\b)\s?[\w-]+(?:\s?(?:\.|\bdot\b)\s?[\w-]+)+")
_HANDLE = re.compile(r"(?<!\w)@[\w.]{3,}")
# NIK has 16 digits, NIP and NI PPPK 18, telephone and account numbers 10 and more; people write
# them with whatever stands between. Sums of money and years have fewer digits.
_LONG_NUMBER = re.compile(r"(?<!\d)\d(?:[\s./\-–_,]{0,3}\d){9,}(?!\d)")
_AFTER_WORD = re.compile(
    r"((?:rek(?:ening)?|norek|wa|whatsapp|hp|telp?|nik|nip)\b\W{0,3}(?:no\W{0,3})?)"
    r"\d(?:[\s./\-–_]{0,3}\d){5,}",
    re.IGNORECASE,
)

# Money asked for, harassment, discrimination, in the languages of the citizen's page. Rather too
# much than too little: a harmless comment among these reaches the inspector only, while an
# allegation that is missed would stand on the record of the accused.
_ASKED = (
    r"minta|mintai|pinta|dipenta|m[eé]nta|ditarik|tarik|pungut|suruh|kudu|harus|wajib|paksa|kena|"
    r"jaluk|njaluk|nambah|tambah|ngasih|kasih|beri|setor|asked|demand|request|had to|force"
)
_MONEY = (
    r"uang|duit|duwit|dhuwit|artos|bayar|mbayar|mayar|rp\b|rp\.?\s?\d|\d+\s?(?:ribu|rb|juta|jt|k)\b|"
    r"imbalan|fee\b|tips?\b|amplop|rokok|jatah|money|cash|pay|paid"
)
_FOR_INSPECTOR = re.compile(
    rf"(?:{_ASKED})\w*\W(?:\W*\w+\W+){{0,4}}?\W*(?:{_MONEY})|"
    r"pungli|pungutan|\bsuap|sogok|pelicin|\bamplop|\bcalo\b|orang dalam|"
    r"uang (?:rokok|kopi|lelah|jasa|tips?\b|damai|terima kasih|muka)|"
    r"bayar (?:lebih|di luar|tambahan)|tanpa kuitansi|tanpa kwitansi|pemeras|diperas|memeras|"
    r"gratifikasi|lecehkan|pelecehan|meraba|diraba|colek|cabul|\bmesum|"
    r"\brasis|diskriminasi|dibeda-?bedakan|\bbribe|extort|"
    r"extra (?:money|payment|fee)|harass|groped?\b|racis[mt]|discriminat",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """The comment with numbers and addresses of persons blacked out; nothing else is changed."""
    text = text.strip()[:LONGEST]
    text = _AFTER_WORD.sub(rf"\1{MASK}", text)
    for pattern in (_EMAIL, _HANDLE, _LONG_NUMBER):
        text = pattern.sub(MASK, text)
    return _mask_phones(text) if sum(letter.isdigit() for letter in text) >= 7 else text


def _mask_phones(text: str) -> str:
    """Other telephone numbers; the library is large and is loaded only when a comment has one."""
    from phonenumbers import Leniency, PhoneNumberMatcher  # noqa: PLC0415

    found = list(PhoneNumberMatcher(text, "ID", leniency=Leniency.VALID))
    for match in reversed(found):
        if not text[: match.start].rstrip(" .").lower().endswith("rp"):  # a sum of money
            text = text[: match.start] + MASK + text[match.end :]
    return text


def for_inspector(text: str) -> bool:
    """Whether the words allege a levy, harassment or discrimination."""
    return bool(_FOR_INSPECTOR.search(text))
