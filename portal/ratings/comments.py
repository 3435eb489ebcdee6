"""Notices words in a comment that are for the inspector only."""

import re

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


def for_inspector(text: str) -> bool:
    """Whether the words allege a levy, harassment or discrimination."""
    return bool(_FOR_INSPECTOR.search(text))
